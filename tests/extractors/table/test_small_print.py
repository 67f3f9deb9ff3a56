"""What is printed smaller below a row is a remark; a wrapped description has the row's own letters."""

from __future__ import annotations

import pytest

from extractors import extract
from models.document_types import document_types
from models.records import Page, Reading, Source
from tests.extractors.readings import words

TABLE = [(50, 100, "Popis"), (260, 100, "Množství"), (360, 100, "Cena za MJ"), (480, 100, "Celkem"),
         (50, 116, "Židle dřevěná"), (270, 116, "3"), (375, 116, "40,00"), (480, 116, "120,00"),
         (360, 160, "Základ daně"), (480, 160, "120,00")]  # fmt: skip


def described(height: float, source: Source) -> str | None:
    found = [word for x, y, text in TABLE for word in words(x, y, text)]
    below = words(50, 128, "záruka 24 měsíců", height=height, letter=height / 2)
    page = Page(1, 595, 842, source, tuple(found + below))
    return extract(Reading("application/pdf", (page,)), document_types()["invoice"]).line_items[0].description


@pytest.mark.parametrize(("height", "joined"), [(10.0, True), (9.6, True), (9.0, False), (8.0, False)])
def test_small_print_below_a_row_is_no_part_of_its_description(height: float, joined: bool) -> None:
    assert described(height, Source.TEXT) == ("Židle dřevěná záruka 24 měsíců" if joined else "Židle dřevěná")


def test_heights_that_ocr_measured_decide_nothing() -> None:
    assert described(9.0, Source.TESSERACT) == "Židle dřevěná záruka 24 měsíců"
