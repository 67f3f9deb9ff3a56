"""From score to probability: the one place where a confidence gets its meaning. Pure."""

from __future__ import annotations

from dataclasses import replace

from models.calibration import LINE_ITEMS, Calibration
from models.document_types import DocumentType
from models.records import Extraction, Reading, Source


def is_ocr(source: Source, page: int | None, reading: Reading) -> bool:
    """Whether OCR read the value: by its source, or, where it was derived or is a row, by its page's."""
    if source is Source.TEXT or source.is_ocr:
        return source.is_ocr
    return any(one.source.is_ocr for one in reading.pages if page is None or one.number == page)


def calibrated(
    extraction: Extraction, reading: Reading, kind: DocumentType, curves: Calibration, *, rows_only: bool = False
) -> Extraction:
    """The same values, each with the measured probability in place of its score.

    ``rows_only`` leaves the fields as they are, because a model has given them probabilities.
    """
    fields = extraction.fields if rows_only else tuple(
        replace(
            field,
            confidence=curves.chance(
                field.confidence, field.name, kind.fields[field.name].kind,
                ocr=is_ocr(field.source, field.page, reading),
            ),
        )
        for field in extraction.fields
    )  # fmt: skip
    items = tuple(
        replace(
            item,
            confidence=curves.chance(
                item.confidence, LINE_ITEMS, LINE_ITEMS, ocr=is_ocr(Source.DERIVED, item.page, reading)
            ),
        )
        for item in extraction.line_items
    )
    return Extraction(fields, items)
