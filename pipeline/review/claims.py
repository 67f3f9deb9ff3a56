"""Who works on which document. A reviewer holds one by a lease, so two people never work on one.

A lease is renewed while the page is open and somebody sits before it; one that has run out costs nothing as long as
nobody else took the document.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from models.errors import NotFound
from models.messages import say
from models.roles import EVERYTHING, Scope
from models.states import State
from models.tables import DocumentRow, FourEyesRow, LeaseRow
from pipeline.review import effort
from pipeline.review.aside import is_aside
from pipeline.review.decide import PURPOSE
from pipeline.review.four_eyes import first_of
from pipeline.review.order import place_of, waiting_places
from pipeline.review.stored import holder_of
from pipeline.store import Store, clock, drop_lease, record, take_lease


@dataclass(frozen=True, slots=True)
class Standing:
    """How a document stands for whoever asks: do they hold it, who else does, and is it still what they saw.

    ``until`` is when the lease of whoever asks ends, where they hold it.
    """

    held: bool
    held_by: str | None
    state: str
    version: int
    until: dt.datetime | None


def claim_next(store: Store, reviewer: str, after: int = 0, scope: Scope = EVERYTHING) -> int | None:
    """Take the lease on the most urgent document that is free, the oldest of them; None where nothing is.

    ``after`` skips: what stands behind that document comes first, the others after it. What ``reviewer`` has decided
    on first waits for somebody else, what was put aside for its time.
    """
    with store.transaction() as session:
        for document_id in _offered(session, reviewer, after, scope):
            if _take(session, store, document_id, reviewer):
                return document_id
    return None


def peek_next(store: Store, reviewer: str, after: int, scope: Scope = EVERYTHING) -> int | None:
    """What `claim_next` would give, without taking it: another may be quicker."""
    with store.reading() as session:
        return next((one for one in _offered(session, reviewer, after, scope) if one != after), None)


def _offered(session: Session, reviewer: str, after: int, scope: Scope) -> Iterator[int]:
    place = place_of(session, after) if after else None
    conditions = offered_to(reviewer)
    for _, document_id in waiting_places(session, scope, *conditions, behind=place):
        yield document_id
    if place is not None:
        for other, document_id in waiting_places(session, scope, *conditions):
            if (other, document_id) > place:
                return
            yield document_id


def offered_to(reviewer: str) -> tuple[ColumnElement[bool], ...]:
    """Conditions on `DocumentRow`: it may be given to ``reviewer`` as the next one."""
    held = exists().where(
        LeaseRow.document_id == DocumentRow.id, LeaseRow.expires_at >= clock.now(), LeaseRow.owner != reviewer
    )
    decided = exists().where(FourEyesRow.document_id == DocumentRow.id, FourEyesRow.first == reviewer)
    return ~held, ~decided, ~is_aside()


def claim(store: Store, document_id: int, reviewer: str) -> bool:
    """Take the lease on one document, or hold it for longer.

    False where another holds it, or it does not wait for ``reviewer``.

    Raises:
        NotFound: there is no such document.
    """
    with store.transaction() as session:
        state = session.scalar(select(DocumentRow.state).where(DocumentRow.id == document_id))
        if state is None:
            raise NotFound(say("There is no document {number}.", number=document_id))
        return state == State.REVIEW and _take(session, store, document_id, reviewer)


def standing(store: Store, document_id: int, reviewer: str) -> Standing:
    """How a document stands for ``reviewer``.

    Raises:
        NotFound: there is no such document.
    """
    with store.reading() as session:
        row = session.execute(
            select(DocumentRow.state, DocumentRow.version).where(DocumentRow.id == document_id)
        ).one_or_none()
        if row is None:
            raise NotFound(say("There is no document {number}.", number=document_id))
        holder = holder_of(session, document_id)
        until = _until(session, document_id, reviewer) if holder == reviewer else None
    return Standing(holder == reviewer, holder, row.state, row.version, until)


def held_until(store: Store, document_id: int, reviewer: str) -> dt.datetime | None:
    """When the lease of ``reviewer`` ends; None where there is none."""
    with store.reading() as session:
        return _until(session, document_id, reviewer)


def _until(session: Session, document_id: int, reviewer: str) -> dt.datetime | None:
    mine = (LeaseRow.document_id == document_id, LeaseRow.owner == reviewer)
    return session.scalar(select(LeaseRow.expires_at).where(*mine))


def _take(session: Session, store: Store, document_id: int, reviewer: str) -> bool:
    first = first_of(session, document_id)
    if first is not None and first.by == reviewer:
        return False
    seconds = store.settings.review_lease_seconds
    now = clock.now()
    until = _until(session, document_id, reviewer)
    held = until is not None and until >= now
    if not take_lease(session, document_id, reviewer, PURPOSE, seconds):
        return False
    if not held:
        record(session, document_id, reviewer, "review-opened")
    return True


def release(
    store: Store,
    document_id: int,
    reviewer: str,
    cost: effort.Effort | None = None,
    until: dt.datetime | None = None,
) -> None:
    """Put a document back undecided; one that ``reviewer`` does not hold is left alone.

    With ``until`` only the lease that ends then: a page that is left tells so after the next one was opened, and what
    that holds, be it the same document, must stay held.
    """
    with store.transaction() as session:
        if until is not None and _until(session, document_id, reviewer) != until:
            return
        if holder_of(session, document_id) == reviewer:
            effort.keep(session, document_id, reviewer, "skipped", cost)
        drop_lease(session, document_id, reviewer)
