"""Documents put aside with a note: nobody is given them as the next one until somebody brings them back.

They come back by themselves after ``put_aside_hours``, so that nothing is forgotten. Putting aside is no lock: whoever
sees such a document in a list may open it and decide.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from models.roles import EVERYTHING, Scope
from models.states import State
from models.tables import AsideRow, DocumentRow
from pipeline.accounts import visible
from pipeline.review.records import Aside
from pipeline.store import clock


def is_aside() -> ColumnElement[bool]:
    """A condition on `DocumentRow`: it is put aside now."""
    return exists().where(AsideRow.document_id == DocumentRow.id, AsideRow.until > clock.now())


def aside_of(session: Session, document_id: int) -> Aside | None:
    """The note with which a document was put aside, also once the time has passed; None where there is none."""
    row = session.get(AsideRow, document_id)
    return None if row is None else _record(row)


def _record(row: AsideRow) -> Aside:
    return Aside(row.by, row.note, row.at, row.until, row.until > clock.now())


def put(session: Session, document_id: int, by: str, note: str, hours: float) -> None:
    """Put a document aside, in the caller's transaction; the note before is replaced."""
    now = clock.now()
    row = session.get(AsideRow, document_id)
    if row is None:
        row = AsideRow(document_id=document_id)
        session.add(row)
    row.by, row.note, row.at, row.until = by, note, now, now + dt.timedelta(hours=hours)


def forget(session: Session, document_id: int) -> bool:
    """It is aside no more; whether it was."""
    row = session.get(AsideRow, document_id)
    if row is None:
        return False
    session.delete(row)
    return True


def put_by(
    session: Session, by: str | None, limit: int = 100, after: int = 0, scope: Scope = EVERYTHING
) -> list[tuple[int, str, Aside]]:
    """What ``by`` has put aside (None: everybody), by document id: (id, name, note). Notes that have run out too."""
    query = (
        select(AsideRow, DocumentRow.name)
        .join(DocumentRow, DocumentRow.id == AsideRow.document_id)
        .where(AsideRow.document_id > after, DocumentRow.state == State.REVIEW, *visible(scope))
        .order_by(AsideRow.document_id)
        .limit(limit)
    )
    if by is not None:
        query = query.where(AsideRow.by == by)
    return [(row.document_id, name, _record(row)) for row, name in session.execute(query)]
