"""Which column holds the descriptions, and where they begin."""

from __future__ import annotations

import pytest

from extractors import extract
from models.document_types import document_types
from tests.extractors.readings import reading

INVOICE = document_types()["invoice"]
Page = list[tuple[float, float, str]]


def table(heads: Page, *rows: tuple[str, str], code_at: float = 50, text_at: float = 110) -> Page:
    """A table of codes and texts with a quantity of 2 and a price of 10.00 in every row."""
    page = [*heads, (380, 100, "Qty"), (430, 100, "Unit price"), (500, 100, "Amount")]
    for index, (code, text) in enumerate(rows):
        y = 116.0 + 16 * index
        page += [(code_at, y, code)] if code else []
        page += [(text_at, y, text), (385, y, "2"), (440, y, "10.00"), (505, y, "20.00")]
    return page


def descriptions(page: Page) -> list[str | None]:
    return [item.description for item in extract(reading(page), INVOICE).line_items]


ROWS = (("X-815", "Oak shelf"), ("10647", "Brass hinge, pair"), ("TB27", "Glue"))
TEXTS = ["Oak shelf", "Brass hinge, pair", "Glue"]


@pytest.mark.parametrize("heads", [("Product", "Item"), ("Item", "Description"), ("Item code", "Product")])
def test_the_column_with_words_is_the_description(heads: tuple[str, str]) -> None:
    assert descriptions(table([(50, 100, heads[0]), (110, 100, heads[1])], *ROWS)) == TEXTS


def test_words_left_of_the_codes() -> None:
    heads: Page = [(50, 100, "Product"), (250, 100, "Item")]
    swapped = [(text, code) for code, text in ROWS]
    assert descriptions(table(heads, *swapped, text_at=250)) == TEXTS


def test_codes_wider_than_their_head_are_not_glued_in_front() -> None:
    rows = (("109838921", "Oak shelf"), ("104366300", "Glue"), ("553", "27 inch frame"))
    page = table([(50, 100, "SKU"), (100, 100, "Details")], *rows, text_at=100)
    assert descriptions(page) == ["Oak shelf", "Glue", "27 inch frame"]


def test_codes_without_a_head_are_not_glued_in_front() -> None:
    assert descriptions(table([(110, 100, "Details")], *ROWS)) == TEXTS
    centred = table([(200, 100, "Details")], *ROWS)
    assert descriptions(centred) == TEXTS


def test_a_number_that_belongs_to_the_text_stays() -> None:
    rows = (("", "27 inch frame"), ("", "A4 paper"), ("", "2024 calendar"), ("", "Glue"))
    assert descriptions(table([(110, 100, "Details")], *rows)) == [text for _, text in rows]
    years = (("", "2024 calendar"), ("", "2025 calendar"))  # aligned, but with a blank and no column between
    assert descriptions(table([(110, 100, "Details")], *years)) == ["2024 calendar", "2025 calendar"]
