"""What was read and understood of a document, as rows."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable

from sqlalchemy import delete
from sqlalchemy.orm import Session

from models.records import LINE_ITEM_COLUMNS, Field, LineItem, Page
from models.tables import FieldRow, LineItemRow, PageRow


def write_pages(session: Session, document_id: int, pages: Iterable[Page]) -> None:
    """Write the pages of a document with their words, in place of those of an earlier reading."""
    session.execute(delete(PageRow).where(PageRow.document_id == document_id))
    session.add_all(_page_row(document_id, page) for page in pages)


def _page_row(document_id: int, page: Page) -> PageRow:
    words = [[word.text, *word.box, word.confidence] for word in page.words]
    return PageRow(
        document_id=document_id,
        number=page.number,
        width=page.width,
        height=page.height,
        turned=page.turned,
        source=page.source.value,
        words=zlib.compress(json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode()),
        codes=[[code.format, code.text, *code.box] for code in page.codes],
    )


def write_fields(session: Session, document_id: int, fields: Iterable[Field]) -> None:
    """Write the fields of a document, in place of those of an earlier reading."""
    session.execute(delete(FieldRow).where(FieldRow.document_id == document_id))
    session.add_all(
        FieldRow(
            document_id=document_id,
            name=one.name,
            value=one.value,
            raw=one.raw,
            confidence=one.confidence,
            page=one.page,
            box=list(one.box) if one.box else None,
            source=one.source.value,
            witnesses=[witness.value for witness in one.witnesses],
        )
        for one in fields
    )


def write_line_items(session: Session, document_id: int, items: Iterable[LineItem]) -> None:
    """Write the line items of a document, in place of those it had."""
    session.execute(delete(LineItemRow).where(LineItemRow.document_id == document_id))
    session.add_all(
        LineItemRow(
            document_id=document_id,
            position=position,
            cells={column: getattr(item, column) for column in LINE_ITEM_COLUMNS},
            confidence=item.confidence,
            page=item.page,
            box=list(item.box) if item.box else None,
        )
        for position, item in enumerate(items)
    )
