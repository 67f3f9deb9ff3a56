"""Misread general words are put right, names and words that were read surely are not. All names are invented."""

from __future__ import annotations

import pytest

from extractors.page.layout import Line, lay_out
from extractors.receipt.spelling import legal_form, repaired
from models.records import Page, Reading, Source
from tests.extractors.readings import words


def line(text: str, confidence: float) -> Line:
    page = Page(1, 400, 100, Source.RAPIDOCR, tuple(words(20, 20, text, confidence=confidence)))
    return lay_out(Reading("image/jpeg", (page,))).lines[0]


@pytest.mark.parametrize(
    ("role", "read", "right"),
    [
        ("address", "7, JAIAN MELUR 3,", "7, JALAN MELUR 3,"),
        ("address", "TANAN MAWAR, 4O15O SHAH ALAN", "TAMAN MAWAR, 40150 SHAH ALAM"),
        ("address", "Ground Fleor, Wisma Biru", "Ground Floor, Wisma Biru"),
        ("address", "50480 KUSLE LUMPUR", "50480 KUALA LUMPUR"),
        ("address", "BIK C, TNN KENARI", "BLK C, TMN KENARI"),
        ("company", "ZEBRAWOOD HARDWAKE", "ZEBRAWOOD HARDWARE"),
        ("company", "ZEBRAWOOD HARIWAKE", "ZEBRAWOOD HARDWARE"),
        ("company", "Lekarna U Kosa", "Lékárna U Kosa"),
        ("company", "ZEBRAWOOD NART", "ZEBRAWOOD MART"),
    ],
)
def test_doubtful_general_words(role: str, read: str, right: str) -> None:
    assert repaired(line(read, 0.6), role) == right


@pytest.mark.parametrize(
    ("role", "read"),
    [
        ("address", "TAMAN ZORBALA"),  # a name, nothing like it is known
        ("address", "TAMAN DAYA"),  # Raya and Jaya are known, but D looks like neither
        ("company", "LIM HING STATIONERY"),  # "king" is a word of places only
        ("company", "Café Modrá"),
        ("address", "25-1, JLN SUNGEI"),  # an old spelling
    ],
)
def test_what_is_no_misread_general_word_stays(role: str, read: str) -> None:
    assert repaired(line(read, 0.6), role) == read


def test_sure_words_stay() -> None:
    assert repaired(line("7, JAIAN MELUR", 0.99), "address") == "7, JAIAN MELUR"


@pytest.mark.parametrize("end", ["SDN BHI", "SUN BHD", "SDN I BHD", "SDN. BND", "SIN BHD"])
def test_a_misread_sdn_bhd(end: str) -> None:
    assert legal_form(f"ZEBRAWOOD {end}") == "ZEBRAWOOD SDN BHD"


@pytest.mark.parametrize("name", ["ZEBRAWOOD SDN. BHD.", "ZEBRAWOOD TRADING", "SUN BAKERY", "Kavárna U Sovy s.r.o."])
def test_other_ends_stay(name: str) -> None:
    assert legal_form(name) == name
    assert legal_form("ZEBRA 5/B") == legal_form("ZEBRA S/0") == "ZEBRA S/B"
