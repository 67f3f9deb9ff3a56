"""Tables of which a head was lost: the words of the rows stay where they are."""

from __future__ import annotations

from extractors import extract
from models.document_types import document_types
from models.records import Source
from tests.extractors.readings import reading

INVOICE = document_types()["invoice"]
Lines = list[tuple[float, float, str]]


def described(page: Lines, source: Source = Source.TEXT) -> list[tuple[str | None, str | None]]:
    items = extract(reading(page, source=source), INVOICE).line_items
    return [(item.description, item.unit) for item in items]


def test_the_first_column_may_have_no_head_that_is_known() -> None:
    """The heads of days and descriptions were glued to one word that names nothing."""
    page = [(46, 100, "DatumLeistung"), (346, 100, "Stunden"), (428, 100, "E-Preis"), (517, 100, "Betrag")]
    for y, what, amount in ((116.0, "Wartung der Heizung", "40,00"), (132.0, "Reinigung der Halle", "80,00")):
        page += [(46, y, "2024-10-24"), (118, y, what), (355, y, "1"), (431, y, amount), (517, y, amount)]
    assert [text for text, _ in described(page)] == ["Wartung der Heizung", "Reinigung der Halle"]


def test_two_lines_of_one_head_are_one_column() -> None:
    page = [(42, 100, "Date"), (106, 100, "Product /"), (318, 100, "Qty"), (458, 100, "Price"), (530, 100, "Amount"),
            (155, 110, "Service")]  # fmt: skip
    for y, what in ((126.0, "Copier paper A4"), (142.0, "Reference book on trade")):
        page += [(42, y, "2025-03-05"), (106, y, what), (325, y, "2"), (458, y, "5.00"), (535, y, "10.00")]
    assert [text for text, _ in described(page, Source.TESSERACT)] == ["Copier paper A4", "Reference book on trade"]


def test_units_are_no_descriptions() -> None:
    page = [(210, 100, "Quantity"), (299, 100, "UOM"), (362, 100, "Unit Price"), (541, 100, "Net")]
    for y, what in ((116.0, "Copier paper, four reams"), (142.0, "Reference book on trade")):
        page += [
            (104, y, what),
            (237, y + 12, "2"),
            (303, y + 12, "ream"),
            (383, y + 12, "5.00"),
            (535, y + 12, "10.00"),
        ]
    assert described(page) == [("Copier paper, four reams", "ream"), ("Reference book on trade", "ream")]


def test_a_head_without_rows_is_no_fault() -> None:
    page = [(42, 100, "Date"), (106, 100, "Description"), (318, 100, "Qty"), (458, 100, "Price"), (530, 100, "Amount")]
    assert described(page) == []
