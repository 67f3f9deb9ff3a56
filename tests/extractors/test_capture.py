"""Pointing at a page: the whole value of a kind, whichever of its words was hit."""

from __future__ import annotations

import pytest

from extractors.capture import capture
from models.document_types import Kind
from models.records import Page, Source, Word

ROWS = (
    (100, ("Datum", 50), ("splatnosti", 90), ("17.", 160), ("11.", 180), ("2026", 200)),
    (120, ("Celkem", 50), ("1", 160), ("234,50", 168), ("Kč", 205)),
    (140, ("IBAN", 50), ("CZ65", 160), ("0800", 190), ("0000", 220), ("1920", 250), ("0014", 280), ("5399", 310)),
    (160, ("Dlouhá", 50), ("12", 90)),
    (175, ("370", 50), ("01", 72), ("Město", 90)),
)


@pytest.fixture
def page():
    words = tuple(
        Word(text, (float(x), y - 8.0, x + 5.0 * len(text), y + 2.0), 0.9) for y, *row in ROWS for text, x in row
    )
    return Page(1, 595.0, 842.0, Source.TEXT, words)


def at(x, y):
    return (x, y, x, y)


@pytest.mark.parametrize("x", [162, 183, 205])
def test_any_word_of_a_date_means_the_date(page, x):
    found = capture(page, at(x, 97), Kind.DATE)
    assert (found.value, found.raw) == ("2026-11-17", "17. 11. 2026")
    assert found.box == (160, 92, 220, 102)


def test_an_amount_keeps_its_thousands_and_loses_its_currency(page):
    assert capture(page, at(180, 117), Kind.AMOUNT).value == "1234.50"
    assert capture(page, at(162, 117), Kind.AMOUNT).value == "1234.50"


def test_all_groups_of_an_account(page):
    found = capture(page, at(255, 137), Kind.IBAN)
    assert found.value == "CZ6508000000192000145399"
    assert found.box[0] == 160
    assert found.box[2] == 330


def test_a_point_takes_the_words_up_to_the_next_gap(page):
    assert capture(page, at(60, 157), Kind.PARTY).raw == "Dlouhá 12"
    assert capture(page, at(60, 97), Kind.TEXT).raw == "Datum splatnosti"


def test_a_box_takes_its_lines(page):
    assert capture(page, (40, 150, 130, 180), Kind.ADDRESS).value == "Dlouhá 12, 370 01 Město"
    assert capture(page, (40, 150, 130, 180), Kind.TEXT).value == "Dlouhá 12 370 01 Město"


def test_a_box_with_more_than_the_value_gives_the_value(page):
    assert capture(page, (40, 90, 300, 104), Kind.DATE).value == "2026-11-17"


def test_what_is_no_such_value_is_given_as_it_stands(page):
    found = capture(page, at(60, 117), Kind.DATE)
    assert found.value is None
    assert found.raw == "Celkem"


def test_nothing_stands_there(page):
    assert capture(page, at(400, 400), Kind.TEXT) is None
    assert capture(page, (400, 400, 450, 420), Kind.TEXT) is None
    assert capture(Page(1, 595.0, 842.0, Source.BLANK), at(1, 1), Kind.TEXT) is None
