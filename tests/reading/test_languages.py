"""Which language a document is in: from words, from pictures, and once a document."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.learn.factory import invoices, spoil
from pipeline.reading.ocr import languages
from pipeline.reading.ocr.languages import Languages, evidence, of_lines, spoken, widest_lines
from pipeline.tools import tesseract

ALL = ("ces", "deu", "eng")


def picture(language, name="spoken"):
    """A generated page at 200 dpi and the height of its small letters in pixels."""
    return spoil.render(invoices.make_invoice(name, "invoice", language).pdf, 200)[0], 20.0


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Faktura c. 2026-12, datum splatnosti 1. 2. 2026, uhradte na ucet", "ces"),  # marks lost
        ("Bitte überweisen Sie den Betrag bis zum 1.2.2026 auf unser Konto", "deu"),
        ("Dieses Gerát ist gepráft gemáš DIN, Káufer: Bácker und Jáger", "deu"),  # as Czech reads it
        ("Please pay the amount within 14 days to our account", "eng"),
        ("Le montant sera prélevé sur votre compte à l'échéance", None),  # a stranger
        ("ACME 12 345,00 DE26 5007 0010 0002 1970 52", None),
        ("Rechnung / Invoice, Datum / Date, Betrag / Amount", None),  # in both
        ("", None),
    ],
)
def test_words_speak_for_a_language_or_for_none(text, own):
    assert spoken(evidence(text, ALL), ALL) == own


def test_czech_and_slovak_are_told_apart_where_both_are_allowed():
    both = ("ces", "slk", "eng")
    czech = "Částka k úhradě, číslo účtu, předmět zdanitelného plnění, dodavatel a odběratel, měsíc vystavení"
    slovak = "Čiastka na úhradu, číslo účtu, dátum dodania, dodávateľ a odberateľ, množstvo, mesiac vystavenia"
    assert spoken(evidence(czech, both), both) == "ces"
    assert spoken(evidence(slovak, both), both) == "slk"


@pytest.mark.parametrize(("language", "own"), [("cs", "ces"), ("de", "deu"), ("en", "eng"), ("fr", None)])
def test_a_picture_speaks(language, own):
    page, letters = picture(language)
    assert Languages(ALL).of(page, letters) == (ALL if own is None else (own,))


def test_no_more_lines_are_read_than_it_takes():
    read = []

    def lines():
        for line in widest_lines(*picture("cs")):
            read.append(line)
            yield line

    assert of_lines(lines(), ALL) == "ces"
    assert 1 <= len(read) < languages.MOST_LINES


def test_the_widest_lines_are_text_and_no_rules():
    page = np.full((600, 800), 255, np.uint8)
    page[50:53, 20:780] = 0  # a rule
    page[200:230, 20:780] = 0  # a bar
    for x in range(100, 500, 20):
        page[400:420, x : x + 10] = 0  # letters
    (line,) = widest_lines(page, 20.0)
    assert line.shape[1] == pytest.approx(390, abs=30)
    assert 20 <= line.shape[0] <= 45


def test_later_pages_are_read_in_the_language_of_the_first(monkeypatch):
    document = Languages(ALL)
    assert document.of(*picture("de")) == ("deu",)
    monkeypatch.setattr(tesseract, "line", lambda *_: pytest.fail("asked again"))
    assert document.of(*picture("de", "second")) == ("deu",)


def test_a_document_that_does_not_tell_is_not_asked_for_ever(monkeypatch):
    asked = []
    monkeypatch.setattr(languages, "of_lines", lambda *_: asked.append(1))
    document = Languages(ALL)
    for _ in range(5):
        assert document.of(np.full((100, 100), 255, np.uint8), 20.0) == ALL
    assert len(asked) == 2


def test_a_single_language_is_no_question(monkeypatch):
    monkeypatch.setattr(tesseract, "line", lambda *_: pytest.fail("asked"))
    assert Languages(("fra",)).of(*picture("de")) == ("fra",)
