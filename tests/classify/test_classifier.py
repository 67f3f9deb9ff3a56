"""The shipped weights at work."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from models.errors import MissingTool
from models.records import EInvoice, Page, Reading, Source, Word
from pipeline.classify import classifier, classify, warm
from pipeline.classify.features import tokens
from pipeline.learn.classifier_papers import TYPES
from pipeline.learn.factory import FORM_LAYOUTS, HELD_OUT, LANGUAGES, make_form, make_invoice, make_other, make_receipt
from pipeline.learn.factory.trade import seeded
from pipeline.learn.noise import Noise, misread


@pytest.fixture(autouse=True, scope="module")
def warmed():
    warm()


def right(made_documents) -> float:
    answers = [classify(made.reading).type == made.type for made in made_documents]
    return sum(answers) / len(answers)


@pytest.mark.parametrize("language", LANGUAGES)
def test_invoices_in_layouts_that_were_never_trained_on(language):
    assert right([make_invoice(f"t{n}", "invoice", language, ("memo", "bill")[n % 2]) for n in range(20)]) >= 0.95


@pytest.mark.parametrize("language", LANGUAGES)
def test_credit_notes_are_no_invoices(language):
    assert right([make_invoice(f"t{n}", "credit_note", language) for n in range(30)]) >= 0.85


@pytest.mark.parametrize("country", ["cz", "de", "gb", "my"])
def test_receipts(country):
    assert right([make_receipt(f"t{n}", country) for n in range(30)]) >= 0.96


@pytest.mark.parametrize("kind", sorted(FORM_LAYOUTS))
def test_forms_in_layouts_that_were_never_trained_on(kind):
    layouts = [layout for layout in FORM_LAYOUTS[kind] if layout in HELD_OUT]
    assert layouts
    made = [make_form(f"t{n}", kind, LANGUAGES[n % 4], layouts[n % len(layouts)]) for n in range(16)]
    assert right(made) >= 0.9


@pytest.mark.parametrize("kind", ["order", "delivery_note"])
def test_orders_and_delivery_notes(kind):
    assert right([make_invoice(f"t{n}", kind, LANGUAGES[n % 4], ("memo", "bill")[n % 2]) for n in range(16)]) >= 0.9


def test_a_language_that_was_never_trained_on_is_read_by_titles_and_labels():
    lines = {
        "invoice": ["Faktúra č. 2024001", "Dodávateľ", "Odberateľ", "Dátum splatnosti", "Spolu s DPH 120,00 EUR"],
        "timesheet": ["Karta czasu pracy", "Pracownik", "Okres", "Razem godzin 168", "Nadgodziny 4"],
        "bank_statement": ["Wyciąg bankowy", "Nr konta", "Saldo początkowe 100,00", "Saldo końcowe 250,00"],
    }
    for kind, texts in lines.items():
        words = tuple(
            Word(part, (40 + 70 * at, 60 + 40 * row, 100 + 70 * at, 82 + 40 * row - 10 * (row > 0)))
            for row, text in enumerate(texts)
            for at, part in enumerate(text.split())
        )
        fits = classifier.scores(tokens(Reading("application/pdf", (Page(1, 595, 842, Source.TEXT, words),))))
        assert max(fits, key=lambda name: fits[name]) == kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_and_contracts_are_other(language):
    assert right([make_other(f"t{n}", ("letter", "contract")[n % 2], language) for n in range(20)]) >= 0.95


def test_a_bad_reading_is_still_told_apart():
    bad = Noise(letters=0.06, diacritics=1.0, glued=0.05, split=0.03, lost_words=0.05, lost_lines=0.1, jitter=0.1)
    answers = []
    for number in range(40):
        made = (
            make_receipt(f"b{number}", "my")
            if number % 2
            else make_invoice(f"b{number}", "invoice", LANGUAGES[number // 2 % 4])
        )
        answers.append(classify(misread(made.reading, seeded(number), bad)).type == made.type)
    assert sum(answers) >= 35


def test_a_page_without_words_is_unknown():
    for reading in (Reading("image/png"), Reading("image/png", (Page(1, 595, 842, Source.BLANK),))):
        answer = classify(reading)
        assert (answer.type, answer.confidence) == ("other", 0.0)


def test_what_it_never_saw_is_no_sure_invoice():
    words = tuple(Word(text, (9, 9 * n, 50, 9 * n + 8)) for n, text in enumerate(["zxqv", "wwrt", "plkj"] * 9))
    answer = classify(Reading("image/png", (Page(1, 595, 842, Source.TESSERACT, words),)))
    assert answer.type == "other" or answer.confidence < 0.8


def test_below_the_threshold_the_answer_is_unknown_with_that_confidence(monkeypatch):
    made = make_invoice(1, "invoice", "cs")
    monkeypatch.setattr(classifier, "scores", lambda words: {"invoice": 0.21, "credit_note": 0.2, "other": 0.09})
    answer = classify(made.reading)
    assert answer.type == "other"
    assert 0 < answer.confidence < classifier._load(classifier.WEIGHTS).abstain_below


def test_two_types_that_fit_make_less_sure_than_one():
    calibration = classifier._load(classifier.WEIGHTS).calibration
    alone, rivals = {"invoice": 0.9, "other": 0.01}, {"invoice": 0.9, "other": 0.6}
    assert calibration.confidence(alone) > calibration.confidence(rivals)
    assert calibration.confidence({"invoice": 0.1, "other": 0.01}) < calibration.confidence(alone)


def test_the_xml_decides_where_there_is_one():
    einvoice = EInvoice("factur-x.xml", "cii", "credit_note")
    assert classify(Reading("application/xml", einvoice=einvoice)).type == "credit_note"
    assert classify(Reading("application/xml", einvoice=einvoice)).confidence == 1.0


def test_every_type_has_a_score():
    fits = classifier.scores(tokens(make_receipt(1, "gb").reading))
    assert set(fits) == set(TYPES)
    assert all(0 <= fit <= 1 for fit in fits.values())


def test_missing_weights_say_how_to_make_them(tmp_path: Path):
    with pytest.raises(MissingTool, match="podatelna train classifier"):
        classifier.scores(["=words0"], tmp_path)


def test_weights_are_small_and_come_with_a_card():
    files = [path for path in classifier.WEIGHTS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 3_000_000
    card = (classifier.WEIGHTS / "MODEL_CARD.md").read_text(encoding="utf-8")
    facts = json.loads((classifier.WEIGHTS / "calibration.json").read_text(encoding="utf-8"))
    assert f"confidence under {facts['abstain_below']}" in card


def test_importing_the_room_does_not_import_spacy():
    code = "import sys, pipeline.classify; raise SystemExit('spacy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
