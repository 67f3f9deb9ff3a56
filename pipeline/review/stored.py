"""From the rows of a document back to the records that the extractors work on."""

from __future__ import annotations

import json
import zlib
from typing import Any

from sqlalchemy import desc, select
from sqlalchemy.orm import Session

from extractors import extract
from models.document_types import DocumentType
from models.records import (
    Box,
    Code,
    Extraction,
    Field,
    Finding,
    LineItem,
    Page,
    Reading,
    Severity,
    Source,
    Witness,
    Word,
)
from models.settings import Settings
from models.states import State
from models.tables import DocumentRow, EventRow, FieldRow, LeaseRow, LineItemRow, PageRow
from pipeline.check import check_values, our_company
from pipeline.review.records import Decided
from pipeline.store import clock


def box_of(numbers: list[float] | None) -> Box | None:
    """A stored box as a record's box."""
    if not numbers or len(numbers) != 4:
        return None
    x0, y0, x1, y1 = map(float, numbers)
    return x0, y0, x1, y1


def finding_of(data: dict[str, Any]) -> Finding:
    """A stored finding as a record."""
    return Finding(data["code"], Severity(data["severity"]), data["message"], tuple(data.get("fields", ())))


def field_of(row: FieldRow) -> Field:
    """A stored field as a record."""
    return Field(
        row.name,
        row.value,
        row.raw,
        row.confidence,
        row.page,
        box_of(row.box),
        Source(row.source),
        tuple(Witness(name) for name in row.witnesses),
    )


def line_of(row: LineItemRow) -> LineItem:
    """A stored line item as a record."""
    return LineItem(**row.cells, page=row.page, box=box_of(row.box), confidence=row.confidence)


def page_of(row: PageRow) -> Page:
    """A stored page as a record, without its blocks."""
    words = tuple(
        Word(text, (x0, y0, x1, y1), sure) for text, x0, y0, x1, y1, sure in json.loads(zlib.decompress(row.words))
    )
    codes = tuple(Code(form, text, (x0, y0, x1, y1)) for form, text, x0, y0, x1, y1 in row.codes or ())
    return Page(row.number, row.width, row.height, Source(row.source), words, row.turned, codes=codes)


def stored_reading(session: Session, document: DocumentRow) -> Reading:
    """The reading of a document as it was saved; the e-invoice in it is not part of it (see `extract_again`)."""
    rows = session.scalars(select(PageRow).where(PageRow.document_id == document.id).order_by(PageRow.number))
    return Reading(document.media_type or "", tuple(map(page_of, rows)))


def stored_extraction(session: Session, document_id: int) -> Extraction:
    """The fields and line items of a document as they stand in the database now."""
    fields = session.scalars(select(FieldRow).where(FieldRow.document_id == document_id).order_by(FieldRow.name))
    lines = session.scalars(
        select(LineItemRow).where(LineItemRow.document_id == document_id).order_by(LineItemRow.position)
    )
    return Extraction(tuple(field_of(row) for row in fields), tuple(line_of(row) for row in lines))


def extract_again(session: Session, document: DocumentRow, kind: DocumentType, settings: Settings) -> Extraction:
    """What the document holds if it is of another type: extracted anew from its stored words.

    What the e-invoice data said stays, where the new type has such a field: the data is not among the words.
    """
    reading = stored_reading(session, document)
    fresh = extract(reading, kind, our_names=settings.our_names, our_ids=settings.our_ids)
    before = stored_extraction(session, document.id)
    data = {field.name: field for field in before.fields if field.source == Source.XML and field.name in kind.fields}
    fields = (*data.values(), *(field for field in fresh.fields if field.name not in data))
    lines = before.line_items if data and kind.line_table and before.line_items else fresh.line_items
    return Extraction(fields, lines if kind.line_table else ())


def shown_findings(
    document: DocumentRow, kind: DocumentType, extraction: Extraction, settings: Settings
) -> tuple[Finding, ...]:
    """What a screen says about a document: the stored findings, or those of ``extraction`` as another type."""
    if kind.name == document.type:
        return tuple(map(finding_of, document.findings))
    values = {field.name: field.value for field in extraction.fields}
    return check_values(kind, values, extraction.line_items, ours=our_company(settings))


def holder_of(session: Session, document_id: int) -> str | None:
    """Who holds the lease on a document now."""
    return session.scalar(
        select(LeaseRow.owner).where(LeaseRow.document_id == document_id, LeaseRow.expires_at >= clock.now())
    )


def decision_of(session: Session, document_id: int) -> Decided | None:
    """Who ended the life of a document and how, or None where nobody has, or it is under review again."""
    kinds = (State.LOADED, State.REJECTED, State.REVIEW)
    event = session.scalar(
        select(EventRow)
        .where(EventRow.document_id == document_id, EventRow.kind.in_(kinds))
        .order_by(desc(EventRow.id))
        .limit(1)
    )
    if event is None or event.kind == State.REVIEW:
        return None
    return Decided(event.kind, event.actor, event.at, str(event.data.get("reason", "")))
