"""Documents that need two people: who decided first is kept here until another confirms.

Accepted risk: one person with two accounts is two people; giving out accounts is the supervisor's office.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.document_types import UNKNOWN, DocumentType, document_types
from models.settings import Settings
from models.tables import DocumentRow, FieldRow, FourEyesRow
from pipeline.review.records import FirstDecision
from pipeline.route import two_people
from pipeline.store import clock

Valued = tuple[DocumentType, Mapping[str, str]]


def values_read(session: Session, document: DocumentRow) -> Valued:
    """The document as the machine read it: corrections that people made are left out."""
    rows = session.execute(
        select(FieldRow.name, FieldRow.value, FieldRow.corrected_from).where(FieldRow.document_id == document.id)
    )
    values = {row.name: row.value if row.corrected_from is None else row.corrected_from for row in rows}
    return document_types()[document.type or UNKNOWN], values


def wanted(session: Session, document: DocumentRow, machine: Valued, decided: Valued, settings: Settings) -> str | None:
    """Why two people must confirm the document, or None.

    It is so if it was once, if it is as the machine read it, or if it is as it was decided now: typing a smaller amount
    or another type is no way around.
    """
    kept = session.get(FourEyesRow, document.id)
    if kept is not None:
        return kept.reason
    return two_people(*decided, settings) or two_people(*machine, settings)


def first_of(session: Session, document_id: int) -> FirstDecision | None:
    """Who decided first and when, if a second person is waited for."""
    row = session.get(FourEyesRow, document_id)
    if row is None or row.first is None or row.at is None:
        return None
    return FirstDecision(row.first, row.at, row.reason)


def is_second(session: Session, document_id: int, reviewer: str, *, changed: bool) -> bool:
    """Whether this decision confirms, unchanged, what another account decided."""
    first = first_of(session, document_id)
    return first is not None and first.by != reviewer and not changed


def keep_first(session: Session, document: DocumentRow, reviewer: str, reason: str) -> None:
    """This decision is the first one; an older screen of the document decides nothing any more."""
    row = session.get(FourEyesRow, document.id)
    if row is None:
        row = FourEyesRow(document_id=document.id, reason=reason)
        session.add(row)
    row.first, row.at = reviewer, clock.now()
    document.version += 1
    document.changed_at = clock.now()


def take_back(session: Session, document: DocumentRow) -> None:
    """Nobody has decided; two people are still needed."""
    row = session.get_one(FourEyesRow, document.id)
    row.first, row.at = None, None
    document.version += 1
    document.changed_at = clock.now()


def forget(session: Session, document_id: int) -> None:
    """The document is loaded or sent back; if it comes again, it is judged anew."""
    row = session.get(FourEyesRow, document_id)
    if row is not None:
        session.delete(row)
