"""The review queue: lists of documents, and all that a screen shows of one.

Who holds a document is in `pipeline.review.claims`, decisions are in `pipeline.review.decide`. Lists show what is
within the caller's `Scope`; that a single document is, the desk has asked before (`pipeline.review.access`).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from sqlalchemy import ColumnElement, and_, desc, func, select
from sqlalchemy.orm import Session

from models.document_types import UNKNOWN, DocumentType, document_types
from models.errors import QUARANTINE_CODES, NotFound
from models.messages import Message, say
from models.records import LINE_ITEM_COLUMNS, Extraction, Field, Finding, LineItem, Severity
from models.roles import EVERYTHING, Scope
from models.settings import Settings
from models.states import State
from models.tables import AsideRow, CommentRow, DocumentRow, FieldRow, FourEyesRow, LeaseRow, PageRow
from pipeline.accounts import visible
from pipeline.intake import advice
from pipeline.review import languages
from pipeline.review.aside import aside_of, put_by
from pipeline.review.claims import claim, claim_next, held_until, peek_next, release, standing
from pipeline.review.decide import decide_accept, decide_reject
from pipeline.review.four_eyes import first_of
from pipeline.review.notes import bring_back, comment, prioritise, put_aside
from pipeline.review.order import place_of, waiting_places
from pipeline.review.records import (
    Aside,
    Comment,
    Decided,
    Refused,
    ReviewDocument,
    ReviewField,
    ReviewLine,
    ReviewPage,
    WaitingDocument,
)
from pipeline.review.stored import decision_of, extract_again, holder_of, shown_findings, stored_extraction
from pipeline.review.undo import recall, take_back
from pipeline.review.weigh import check_typed
from pipeline.route import doubtful
from pipeline.search import NOTHING, Facts, facts
from pipeline.store import Store, clock

__all__ = [
    "bring_back",
    "check_typed",
    "claim",
    "claim_next",
    "comment",
    "counts",
    "decide_accept",
    "decide_reject",
    "decision",
    "documents",
    "facts_of",
    "held_until",
    "open_document",
    "peek_next",
    "prioritise",
    "put_aside",
    "put_aside_by",
    "recall",
    "release",
    "standing",
    "take_back",
    "waiting",
]

COUNTED = 10_000
"""Counts beyond are told as "more than": on a million documents a list must not wait for an exact number."""


def counts(store: Store, scope: Scope = EVERYTHING) -> dict[str, int]:
    """How many documents are in each state, every one named; counted no further than `COUNTED` and one more."""
    totals = []
    for state in State:
        some = select(DocumentRow.id).where(DocumentRow.state == state, *visible(scope)).limit(COUNTED + 1)
        totals.append(select(func.count()).select_from(some.subquery()).scalar_subquery().label(state.value))
    with store.reading() as session:
        return dict(session.execute(select(*totals)).one()._mapping)


def waiting(store: Store, limit: int = 100, after: int = 0, scope: Scope = EVERYTHING) -> list[WaitingDocument]:
    """The documents that wait for a person, in the order of the queue, those behind the document ``after``."""
    with store.reading() as session:
        place = place_of(session, after) if after else None
        places = list(islice(waiting_places(session, scope, behind=place, step=limit), limit))
        rows = _listed(session, DocumentRow.id.in_([document_id for _, document_id in places]), limit)
    return sorted(rows, key=lambda row: (row.priority, row.id))


def documents(
    store: Store, state: State, limit: int = 100, before: int | None = None, scope: Scope = EVERYTHING
) -> list[WaitingDocument]:
    """The documents in one state, the newest first, those before the id ``before``."""
    where = and_(DocumentRow.state == state, *visible(scope))
    if before is not None:
        where = and_(where, DocumentRow.id < before)
    with store.reading() as session:
        return _listed(session, where, limit)


def put_aside_by(
    store: Store, by: str | None, limit: int = 100, after: int = 0, scope: Scope = EVERYTHING
) -> list[tuple[int, str, Aside]]:
    """What ``by`` has put aside (None: everybody): id, name and note, by id, those behind the id ``after``."""
    with store.reading() as session:
        return put_by(session, by, limit, after, scope)


def facts_of(store: Store, ids: list[int]) -> dict[int, Facts]:
    """What tells these documents from others; the caller has asked whether they may be seen."""
    with store.reading() as session:
        known = facts(session, ids)
    return {document_id: known.get(document_id, NOTHING) for document_id in ids}


def _listed(session: Session, where: ColumnElement[bool], limit: int) -> list[WaitingDocument]:
    now = clock.now()
    query = (
        select(DocumentRow, LeaseRow.owner, FourEyesRow.first, AsideRow.by)
        .outerjoin(LeaseRow, and_(LeaseRow.document_id == DocumentRow.id, LeaseRow.expires_at >= now))
        .outerjoin(FourEyesRow, FourEyesRow.document_id == DocumentRow.id)
        .outerjoin(AsideRow, and_(AsideRow.document_id == DocumentRow.id, AsideRow.until > now))
        .where(where)
        .order_by(desc(DocumentRow.id))
        .limit(limit)
    )
    rows = session.execute(query).all()
    known = facts(session, [row.id for row, *_ in rows])
    told = [(*row, known.get(row[0].id, NOTHING)) for row in rows]
    return [
        WaitingDocument(
            row.id,
            row.name,
            row.state,
            row.type,
            _kind(row.type).title["en"] if row.type else say("Not known yet"),
            _why(row),
            row.received_at,
            row.changed_at,
            holder,
            first,
            row.priority,
            aside,
            one.party,
            one.number,
            one.amount,
        )
        for row, holder, first, aside, one in told
    ]


def _why(row: DocumentRow) -> tuple[str, ...]:
    if row.state == State.QUARANTINED:
        return (Message(row.quarantine_message or row.quarantine_code or "", {}),)
    if row.state == State.REJECTED:  # the reviewer's own words, not what the machine had noticed
        return (row.quarantine_message or "",)
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
            raise NotFound(say("There is no document {number}.", number=document_id))
        if type_name is not None and type_name not in document_types():
            raise NotFound(say("There is no such document type."))
        kind = _kind(type_name or row.type)
        corrected: dict[str, str | None] = {}
        if type_name is None or type_name == row.type:
            extraction = stored_extraction(session, row.id)
            corrections = select(FieldRow.name, FieldRow.corrected_from).where(FieldRow.document_id == row.id)
            corrected = {row[0]: row[1] for row in session.execute(corrections)}
        else:
            extraction = extract_again(session, row, kind, store.settings)
        findings = shown_findings(row, kind, extraction, store.settings)
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
            priority=row.priority,
            aside=aside_of(session, row.id),
            comments=_comments(session, row.id),
        )


def _comments(session: Session, document_id: int) -> tuple[Comment, ...]:
    rows = session.scalars(select(CommentRow).where(CommentRow.document_id == document_id).order_by(CommentRow.id))
    return tuple(Comment(row.id, row.by, row.at, row.text) for row in rows)


def _refused(row: DocumentRow) -> Refused | None:
    if row.state not in (State.QUARANTINED, State.REJECTED):
        return None
    code = row.quarantine_code or ("rejected" if row.state == State.REJECTED else "damaged")
    what = QUARANTINE_CODES.get(code) or say("it is over the limit of {limit}", limit=code.partition(":")[2] or code)
    return Refused(
        what,
        Message(row.quarantine_message or "", {}),
        advice(code, row.quarantine_message or "")[languages.spoken() == "cs"],
    )


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
        says = [one.code for one in findings if doubt == one.message]
        missing = (
            doubt is not None and spec.required and not (field and field.value) and not set(says) - {"missing-field"}
        )
        shown = ReviewField(
            name, spec.title["en"], spec.kind, spec.required, doubt=doubt, doubt_found=bool(says), missing=missing
        )
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
        return say("Needed, but not found on the page.")
    return say("Only {percent} % sure.", percent=round(field.confidence * 100))


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
