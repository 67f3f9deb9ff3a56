"""Words of a scan: specks go, parts of one word meet, words that stick together part, dates are whole again."""

from __future__ import annotations

import pytest

from extractors.form.mended import mended
from models.records import Page, Reading, Source, Word
from tests.extractors.readings import words


def _read(*found: Word, source: Source = Source.TESSERACT) -> list[str]:
    page = Page(1, 595, 842, source, tuple(found))
    return [word.text for word in mended(Reading("application/pdf", (page,))).pages[0].words]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("GB82 | WEST 1234 ' 5698 7654 32", "GB82 WEST 1234 5698 7654 32"),
        ("Paid 1 206,50Balance today", "Paid 1 206,50 Balance today"),
        ("CZ12345678Dlouhá 4", "CZ12345678 Dlouhá 4"),
        ("Ann HillZ40417", "Ann Hill Z40417"),
        ("31October 2024", "31 October 2024"),
        ("1.4.202530.4.2025", "1.4.2025 30.4.2025"),
        ("l0. Oktober 202S", "10. Oktober 2025"),
        ("12. 07, 2025", "12. 07. 2025"),
        ("09.06,2025", "09.06.2025"),
        ("28.052024", "28.05.2024"),
        ("37.235.50", "37.235,50"),
    ],
)
def test_what_an_engine_did_is_undone(line: str, expected: str) -> None:
    assert " ".join(_read(*words(50, 100, line))) == expected


@pytest.mark.parametrize(
    "line",
    [
        "1. 1. 2025 - 31. 1. 2025",
        "PO-763126 ORD178195 B12",
        "4ks 20mm 12000Kč 100EUR",
        "LC-20418 and 1.234.567",
        "10 12 2024",
        "a = b",
    ],
)
def test_what_may_stand_there_stays(line: str) -> None:
    expected = line.replace(" =", "")  # no form has such a sign for a value
    assert " ".join(_read(*words(50, 100, line))) == expected


def test_parts_that_touch_are_one_word_and_a_speck_over_a_word_is_none() -> None:
    box = (50.0, 100.0, 90.0, 110.0)
    assert _read(Word("adva", box, 0.6), Word("nce", box, 0.5)) == ["advance"]
    assert _read(Word("800,00", box, 0.9), Word("i", box, 0.4)) == ["800,00"]
    assert _read(Word("Name:", box, 0.9), Word("Hill", (90.0, 100.0, 110.0, 110.0), 0.9)) == ["Name:", "Hill"]


def test_a_text_layer_says_what_it_says() -> None:
    line = words(50, 100, "CZ12345678Dlouhá | 12. 07, 2025")
    assert _read(*line, source=Source.TEXT) == [word.text for word in line]


def test_a_word_that_nobody_writes_costs_nothing() -> None:
    assert _read(Word("1.1.2000" * 6000, (50.0, 100.0, 90.0, 110.0), 0.9)) == ["1.1.2000" * 6000]
