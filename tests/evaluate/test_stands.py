"""Where the words say a value."""

from __future__ import annotations

import pytest

from models.document_types import Kind
from models.records import Page, Reading, Source, Word
from pipeline.evaluate.stands import place_of


def reading(*lines: str) -> Reading:
    """A page for each line; every word is 10 points wide."""
    pages = []
    for number, line in enumerate(lines, 1):
        words = [Word(text, (10.0 * at, 5.0, 10.0 * at + 9, 15.0)) for at, text in enumerate(line.split())]
        pages.append(Page(number, 595, 842, Source.TEXT, tuple(words)))
    return Reading("application/pdf", tuple(pages))


@pytest.mark.parametrize(
    ("kind", "truth", "line"),
    [
        (Kind.AMOUNT, "1234.50", "Total 1 234,50 Kč"),
        (Kind.AMOUNT, "1234.5", "Total 1.234,50 EUR"),
        (Kind.DATE, "2026-01-31", "issued 31. 1. 2026"),
        (Kind.DATE, "2026-01-31", "am 31. Januar 2026"),
        (Kind.IBAN, "CZ6508000000192000145399", "IBAN CZ65 0800 0000 1920 0014 5399"),
        (Kind.IDENTIFIER, "RE-2026/7", "no. re-2026 /7"),
        (Kind.PARTY, "Gastro Bílek s.r.o.", "by GASTRO BÍLEK, s. r. o."),
    ],
)
def test_values_are_found_as_they_are_written(kind: Kind, truth: str, line: str) -> None:
    found = place_of(reading("Nothing here 99", line), kind, truth)
    assert found is not None
    page, box = found
    assert page == 2
    assert box[0] == 10.0
    assert box[2] <= 10.0 * len(line.split())


@pytest.mark.parametrize(
    ("kind", "truth", "line"),
    [
        (Kind.AMOUNT, "1234.50", "Total 1 234,51 Kč"),
        (Kind.AMOUNT, "12.00", "Total 1200"),
        (Kind.DATE, "2026-01-31", "31. 1. 2025"),
        (Kind.IDENTIFIER, "7", "77 17"),
        (Kind.PARTY, "Gastro Bílek s.r.o.", "Gastro"),
        (Kind.TEXT, "14 Tage netto", ""),
    ],
)
def test_what_the_words_do_not_say_is_not_found(kind: Kind, truth: str, line: str) -> None:
    assert place_of(reading(line), kind, truth) is None
