"""A machine-readable zone that holds makes an identity document, whatever else the words say (ICAO Doc 9303)."""

from __future__ import annotations

from models.records import Classification, Page, Reading, Source, Word
from pipeline.classify import classify

PASSPORT = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]
CARD = ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"]


def page(number: int, lines: list[str]) -> Page:
    words = [
        Word(text, (40 + 9 * at, 30 * row, 40 + 9 * at + 6 * len(text), 30 * row + 10))
        for row, line in enumerate(lines)
        for at, text in enumerate(line.split())
    ]
    return Page(number, 595, 842, Source.TESSERACT, tuple(words))


def test_a_passport():
    reading = Reading("image/jpeg", (page(1, ["Faktura", "Utopia", *PASSPORT]),))
    assert classify(reading) == Classification("identity_document", 1.0)


def test_the_back_of_a_card():
    reading = Reading("application/pdf", (page(1, ["Utopia"]), page(2, CARD)))
    assert classify(reading).type == "identity_document"


def test_a_copy_inside_a_longer_paper_decides_nothing():
    pages = (page(1, ["Credit card application"]), page(2, ["Name"]), page(3, PASSPORT))
    assert classify(Reading("application/pdf", pages)).confidence < 1.0


def test_a_zone_whose_digits_do_not_hold_decides_nothing():
    broken = [PASSPORT[0], PASSPORT[1].replace("740812", "740819")]
    assert classify(Reading("image/jpeg", (page(1, broken),))).confidence < 1.0
