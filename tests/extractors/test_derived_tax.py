"""The tax total of a document with a line for each rate: printed or only to be computed."""

from __future__ import annotations

from extractors import extract
from models.document_types import document_types
from models.records import Field, Source
from tests.extractors.readings import reading

INVOICE = document_types()["invoice"]
RATES = [
    (340, 300, "Summe netto:"),
    (480, 300, "955,44 €"),
    (340, 314, "MwSt. 19 %:"),
    (480, 314, "177,16 €"),
    (340, 328, "MwSt. 7 %:"),
    (490, 328, "1,61 €"),
    (340, 360, "Rechnungsbetrag:"),
    (480, 360, "1.134,21 €"),
]


def tax(*more: tuple[float, float, str], source: Source = Source.TEXT) -> Field:
    fields = extract(reading([*RATES, *more], source=source), INVOICE).fields
    return next(field for field in fields if field.name == "tax_total")


def test_a_computed_tax_total_shows_no_place_and_no_text() -> None:
    found = tax()
    assert (found.value, found.source) == ("178.77", Source.DERIVED)
    assert (found.page, found.box, found.raw) == (None, None, "")


def test_a_printed_tax_total_is_taken_where_it_stands() -> None:
    for source in (Source.TEXT, Source.TESSERACT):
        found = tax((340, 344, "Umsatzsteuer:"), (480, 344, "178,77 €"), source=source)
        assert (found.value, found.source, found.page) == ("178.77", source, 1)
        assert found.raw.startswith("178,77")
        assert found.box is not None
        assert abs(found.box[1] - 344) < 3
