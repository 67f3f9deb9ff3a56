"""The review queue: who works on which document, and what they see of it.

A reviewer holds a document by a lease, so two people never work on one; a lease that has expired costs
nothing as long as nobody else took the document. Decisions are in `pipeline.review.decide`. Lists show what is
within the caller's `Scope`; that a single document is, the desk has asked before (`pipeline.review.access`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, and_, desc, func, or_, select
from sqlalchemy.orm import Session

from models.document_types import UNKNOWN, DocumentType, document_types
from models.errors import QUARANTINE_CODES, NotFound
from models.records import LINE_ITEM_COLUMNS, Extraction, Field, Finding, LineItem, Severity
from models.roles import EVERYTHING, Scope
from models.settings import Settings
from models.states import State
from models.tables import DocumentRow, FieldRow, FourEyesRow, LeaseRow, PageRow
from pipeline.accounts import visible
from pipeline.intake import advice
from pipeline.review.decide import PURPOSE, decide_accept, decide_reject, take_back
from pipeline.review.four_eyes import first_of
from pipeline.review.records import (
    Decided,
    Refused,
    ReviewDocument,
    ReviewField,
    ReviewLine,
    ReviewPage,
    WaitingDocument,
)
from pipeline.review.stored import decision_of, extract_again, holder_of, shown_findings, stored_extraction
from pipeline.route import doubtful
from pipeline.store import Store, clock, drop_lease, record, take_lease

__all__ = [
    "claim",
    "claim_next",
    "counts",
    "decide_accept",
    "decide_reject",
    "decision",
    "documents",
    "open_document",
    "release",
    "take_back",
    "waiting",
]

_CANDIDATES = 20  # looked at in one go; more are only needed where so many reviewers start at one instant


def claim_next(store: Store, reviewer: str, after: int = 0, scope: Scope = EVERYTHING) -> int | None:
    """Take the lease on the document that has waited longest and is free; None where nothing is.

    ``after`` skips: documents behind that id come first, the others after them. What ``reviewer`` has decided on
    first waits for somebody else.
    """
    with store.transaction() as session:
        free = or_(LeaseRow.document_id.is_(None), LeaseRow.expires_at < clock.now(), LeaseRow.owner == reviewer)
        mine = select(FourEyesRow.document_id).where(FourEyesRow.first == reviewer)
        for part in (DocumentRow.id > after, DocumentRow.id <= after):
            tried = 0
            while True:
                rows = session.scalars(
                    select(DocumentRow.id)
                    .outerjoin(LeaseRow, LeaseRow.document_id == DocumentRow.id)
                    .where(DocumentRow.state == State.REVIEW, free, part, DocumentRow.id > tried)
                    .where(DocumentRow.id.not_in(mine), *visible(scope))
                    .order_by(DocumentRow.id)
                    .limit(_CANDIDATES)
                ).all()
                if not rows:
                    break
                for document_id in rows:
                    if _take(session, store, document_id, reviewer):
                        return document_id
                tried = rows[-1]
    return None


def claim(store: Store, document_id: int, reviewer: str) -> bool:
    """Take the lease on one document; False where another holds it or it does not wait for ``reviewer``.

    Raises:
        NotFound: there is no such document.
    """
    with store.transaction() as session:
        state = session.scalar(select(DocumentRow.state).where(DocumentRow.id == document_id))
        if state is None:
            raise NotFound(f"There is no document {document_id}.")
        return state == State.REVIEW and _take(session, store, document_id, reviewer)


def _take(session: Session, store: Store, document_id: int, reviewer: str) -> bool:
    first = first_of(session, document_id)
    if first is not None and first.by == reviewer:
        return False
    held = holder_of(session, document_id)
    if not take_lease(session, document_id, reviewer, PURPOSE, store.settings.review_lease_seconds):
        return False
    if held != reviewer:
        record(session, document_id, reviewer, "review-opened")
    return True


def release(store: Store, document_id: int, reviewer: str) -> None:
    """Put a document back; one that ``reviewer`` does not hold is left alone."""
    with store.transaction() as session:
        drop_lease(session, document_id, reviewer)


def counts(store: Store, scope: Scope = EVERYTHING) -> dict[str, int]:
    """How many documents are in each state (every state is named)."""
    query = select(DocumentRow.state, func.count()).where(*visible(scope)).group_by(DocumentRow.state)
    with store.reading() as session:
        rows = session.execute(query).all()
    found = {row[0]: row[1] for row in rows}
    return {state.value: found.get(state.value, 0) for state in State}


def waiting(store: Store, limit: int = 100, after: int = 0, scope: Scope = EVERYTHING) -> list[WaitingDocument]:
    """The documents that wait for a person, the oldest first, those behind the id ``after``."""
    where = and_(DocumentRow.state == State.REVIEW, DocumentRow.id > after, *visible(scope))
    return _listed(store, where, DocumentRow.id, limit)


def documents(
    store: Store, state: State, limit: int = 100, before: int | None = None, scope: Scope = EVERYTHING
) -> list[WaitingDocument]:
    """The documents in one state, the newest first, those before the id ``before``."""
    where = and_(DocumentRow.state == state, *visible(scope))
    if before is not None:
        where = and_(where, DocumentRow.id < before)
    return _listed(store, where, desc(DocumentRow.id), limit)


def _listed(store: Store, where: ColumnElement[bool], order: Any, limit: int) -> list[WaitingDocument]:
    query = (
        select(DocumentRow, LeaseRow.owner, FourEyesRow.first)
        .outerjoin(LeaseRow, and_(LeaseRow.document_id == DocumentRow.id, LeaseRow.expires_at >= clock.now()))
        .outerjoin(FourEyesRow, FourEyesRow.document_id == DocumentRow.id)
        .where(where)
        .order_by(order)
        .limit(limit)
    )
    with store.reading() as session:
        return [
            WaitingDocument(
                row.id,
                row.name,
                row.state,
                row.type,
                _kind(row.type).title["en"] if row.type else "Not known yet",
                _why(row),
                row.received_at,
                row.changed_at,
                holder,
                first,
            )
            for row, holder, first in session.execute(query)
        ]


def _why(row: DocumentRow) -> tuple[str, ...]:
    if row.state == State.QUARANTINED:
        return (row.quarantine_message or row.quarantine_code or "",)
    return tuple(row.reasons)


def _kind(name: str | None) -> DocumentType:
    return document_types().get(name or UNKNOWN, document_types()[UNKNOWN])


def decision(store: Store, document_id: int) -> Decided | None:
    """Who ended the review of a document, or None where nobody has."""
    with store.reading() as session:
        return decision_of(session, document_id)


def open_document(store: Store, document_id: int, type_name: str | None = None) -> ReviewDocument:
    """All that a screen shows of one document. With ``type_name``, as if it were of that type; nothing is saved.

    Raises:
        NotFound: there is no such document, or no such type.
    """
    with store.reading() as session:
        row = session.get(DocumentRow, document_id)
        if row is None:
            raise NotFound(f"There is no document {document_id}.")
        if type_name is not None and type_name not in document_types():
            raise NotFound("There is no such document type.")
        kind = _kind(type_name or row.type)
        corrected: dict[str, str | None] = {}
        if type_name is None or type_name == row.type:
            extraction = stored_extraction(session, row.id)
            corrections = select(FieldRow.name, FieldRow.corrected_from).where(FieldRow.document_id == row.id)
            corrected = {row[0]: row[1] for row in session.execute(corrections)}
        else:
            extraction = extract_again(session, row, kind, store.settings)
        findings = shown_findings(row, kind, extraction)
        pages = session.execute(
            select(PageRow.number, PageRow.width, PageRow.height, PageRow.turned, PageRow.source)
            .where(PageRow.document_id == row.id)
            .order_by(PageRow.number)
        ).all()
        return ReviewDocument(
            id=row.id,
            name=row.name,
            sha256=row.sha256,
            media_type=row.media_type,
            size=row.size,
            state=row.state,
            version=row.version,
            type=kind.name,
            type_title=kind.title["en"],
            stored_type=row.type,
            type_confidence=row.type_confidence,
            reasons=tuple(row.reasons),
            received_at=row.received_at,
            pages=tuple(ReviewPage(*page) for page in pages),
            fields=_fields(kind, extraction, findings, corrected, store.settings),
            has_lines=kind.line_table is not None,
            line_items=_lines(kind, extraction.line_items, store.settings),
            findings=findings,
            held_by=holder_of(session, row.id),
            decided=decision_of(session, row.id),
            first=first_of(session, row.id),
            refused=_refused(row),
        )


def _refused(row: DocumentRow) -> Refused | None:
    if row.state not in (State.QUARANTINED, State.REJECTED):
        return None
    code = row.quarantine_code or ("rejected" if row.state == State.REJECTED else "damaged")
    what = QUARANTINE_CODES.get(code) or f"it is over the limit of {code.partition(':')[2] or code}"
    return Refused(what, row.quarantine_message or "", advice(code)[0])


def _fields(
    kind: DocumentType,
    extraction: Extraction,
    findings: tuple[Finding, ...],
    corrected: dict[str, str | None],
    settings: Settings,
) -> tuple[ReviewField, ...]:
    found = {field.name: field for field in extraction.fields}
    held = [field for field in extraction.fields if field.value]
    doubts = set(doubtful(kind, held, findings, settings))
    fields = []
    for name, spec in kind.fields.items():
        field = found.get(name)
        doubt = _doubt(name, field, findings) if name in doubts else None
        shown = ReviewField(name, spec.title["en"], spec.kind, spec.required, doubt=doubt)
        if field is not None:
            shown = replace(
                shown,
                value=field.value,
                raw=field.raw,
                confidence=field.confidence,
                page=field.page,
                box=field.box,
                source=field.source.value,
                witnesses=tuple(witness.value for witness in field.witnesses),
                corrected_from=corrected.get(name),
                firm=field.confidence >= settings.field_threshold,
            )
        fields.append(shown)
    return tuple(sorted(fields, key=lambda one: one.doubt is None))  # the sort is stable: else the type's order


def _doubt(name: str, field: Field | None, findings: tuple[Finding, ...]) -> str:
    for finding in findings:
        if name in finding.fields and finding.severity != Severity.INFO:
            return finding.message
    if field is None or not field.value:
        return "Needed, but not found on the page."
    return f"Only {round(field.confidence * 100)} % sure."


def _lines(kind: DocumentType, items: tuple[LineItem, ...], settings: Settings) -> tuple[ReviewLine, ...]:
    judged = [Field(f"line {number}", "", confidence=item.confidence) for number, item in enumerate(items)]
    doubts = set(doubtful(kind, judged, (), settings))
    return tuple(
        ReviewLine(
            number,
            {column: getattr(item, column) or "" for column in LINE_ITEM_COLUMNS},
            number,
            item.page,
            item.box,
            f"line {number}" in doubts,
        )
        for number, item in enumerate(items)
    )
