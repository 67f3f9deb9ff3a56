"""Leases: who holds a document, and until when. A lost holder costs its lease, never the document."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.tables import LeaseRow
from pipeline.store import clock


def take_lease(session: Session, document_id: int, owner: str, purpose: str, seconds: float) -> bool:
    """Take the lease on a document, or take it over where it has expired or is ours; False where another holds it."""
    now = clock.now()
    until = now + dt.timedelta(seconds=seconds)
    changed = session.execute(
        update(LeaseRow)
        .where(LeaseRow.document_id == document_id)
        .where((LeaseRow.expires_at < now) | (LeaseRow.owner == owner))
        .values(owner=owner, purpose=purpose, expires_at=until)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount == 1:  # type: ignore[attr-defined]
        return True
    try:
        with session.begin_nested():
            session.add(LeaseRow(document_id=document_id, owner=owner, purpose=purpose, expires_at=until))
            session.flush()
    except IntegrityError:  # someone else holds it
        return False
    return True


def renew_lease(session: Session, document_id: int, owner: str, seconds: float) -> bool:
    """Hold a lease for longer; False where it was lost to another."""
    changed = session.execute(
        update(LeaseRow)
        .where(LeaseRow.document_id == document_id, LeaseRow.owner == owner)
        .values(expires_at=clock.now() + dt.timedelta(seconds=seconds))
        .execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount == 1)  # type: ignore[attr-defined]


def drop_leases(session: Session, owner: str) -> None:
    """Give back all that one holds."""
    session.execute(delete(LeaseRow).where(LeaseRow.owner == owner).execution_options(synchronize_session=False))


def drop_lease(session: Session, document_id: int, owner: str) -> None:
    """Give a lease back; one that is not ours is left alone."""
    session.execute(
        delete(LeaseRow)
        .where(LeaseRow.document_id == document_id, LeaseRow.owner == owner)
        .execution_options(synchronize_session=False)
    )
