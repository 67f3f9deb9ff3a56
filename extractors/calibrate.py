"""From score to probability: what the score of a table's row is worth. Pure."""

from __future__ import annotations

from dataclasses import replace

from extractors.table.confidence import DERIVED
from models.calibration import Calibration
from models.records import Extraction, LineItem, Reading

DOUBTFUL = 0.5
"""No curve makes a row surer than this whose score is at most `DERIVED`."""


def is_ocr(item: LineItem, reading: Reading) -> bool:
    """Whether OCR read the page of a row; where its page is not known, any page."""
    return any(page.source.is_ocr for page in reading.pages if item.page is None or page.number == item.page)


def _chance(item: LineItem, reading: Reading, curves: Calibration) -> float:
    chance = curves.chance(item.confidence, ocr=is_ocr(item, reading))
    return min(chance, DOUBTFUL) if item.confidence <= DERIVED else chance


def calibrated(extraction: Extraction, reading: Reading, curves: Calibration) -> Extraction:
    """The same rows, each with the measured probability in place of its score; fields stay as they are."""
    return replace(
        extraction,
        line_items=tuple(replace(item, confidence=_chance(item, reading, curves)) for item in extraction.line_items),
    )
