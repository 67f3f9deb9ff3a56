"""From a document to what it was made of, and to what was made of it: both ways, as far as one may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import desc, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.roles import EVERYTHING, Scope
from models.states import State
from models.tables import CommentRow, DocumentRow, EventRow, MadeFromRow
from pipeline.accounts import visible
from pipeline.rearrange.plan import ranges
from pipeline.store import Store


@dataclass(frozen=True, slots=True)
class Link:
    """A document at the other end: ``pages`` are those of the source, ``1-2, 5``; ``comments`` is how many it has."""

    id: int
    name: str
    state: str
    pages: str
    comments: int = 0

    @property
    def several(self) -> bool:
        """Whether it is more than one page."""
        return not self.pages.isdecimal()


@dataclass(frozen=True, slots=True)
class Links:
    """``made_from`` and ``became``; ``put_back`` leads from a document that was taken back to what it was made of.

    ``by`` is who made the new ones of it, or made it of others: who may take that back.
    """

    made_from: tuple[Link, ...] = ()
    became: tuple[Link, ...] = ()
    put_back: tuple[Link, ...] = ()
    by: str | None = None

    def __bool__(self) -> bool:
        return bool(self.made_from or self.became or self.put_back)


def links(store: Store, document_id: int, scope: Scope = EVERYTHING) -> Links:
    """The links of a document, without what is not within ``scope``."""
    with store.reading() as session:
        source, made = MadeFromRow.source_id, MadeFromRow.document_id
        origins = _links(session, source, made == document_id, scope)
        offspring = _links(session, made, source == document_id, scope)
        state = session.scalar(select(DocumentRow.state).where(DocumentRow.id == document_id))
        if not origins and not offspring and state != State.REPLACED:
            return Links()
        event = _last(session, document_id, State.REPLACED.value if state == State.REPLACED else "made")
        back: tuple[Link, ...] = ()
        if event is not None and state == State.REPLACED and "sources" in event.data:
            back = _named(session, event.data["sources"], scope)
        return Links(origins, offspring, back, event.actor if event is not None else None)


def offspring(session: Session, document_id: int) -> list[int]:
    """The ids of what was made of a document, in the order of its pages in it."""
    query = select(MadeFromRow.document_id).where(MadeFromRow.source_id == document_id)
    rows = session.execute(query.order_by(MadeFromRow.document_id, MadeFromRow.number))
    return list(dict.fromkeys(one.document_id for one in rows))


def _last(session: Session, document_id: int, kind: str) -> EventRow | None:
    query = select(EventRow).where(EventRow.document_id == document_id, EventRow.kind == kind)
    return session.scalar(query.order_by(desc(EventRow.id)).limit(1))


def _links(session: Session, other: InstrumentedAttribute[int], where: object, scope: Scope) -> tuple[Link, ...]:
    query = select(other.label("other"), MadeFromRow.source_number).where(where)  # type: ignore[arg-type]
    numbers: dict[int, list[int]] = {}
    for row in session.execute(query.order_by(MadeFromRow.document_id, MadeFromRow.number)):
        numbers.setdefault(row.other, []).append(row.source_number)
    if not numbers:  # as of most documents
        return ()
    return tuple(
        Link(one.id, one.name, one.state, ranges(numbers[one.id]), one.comments)
        for one in _named(session, numbers, scope)
    )


def _named(session: Session, ids: Iterable[int], scope: Scope) -> tuple[Link, ...]:
    order = list(ids)
    query = select(DocumentRow.id, DocumentRow.name, DocumentRow.state).where(DocumentRow.id.in_(order))
    rows = {row.id: row for row in session.execute(query.where(*visible(scope)))}
    said = session.scalars(select(CommentRow.document_id).where(CommentRow.document_id.in_(rows))).all()
    return tuple(
        Link(one, rows[one].name, rows[one].state, "", sum(number == one for number in said))
        for one in order
        if one in rows
    )
