"""The shipped weights at work."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from models.errors import MissingTool
from models.records import EInvoice, Page, Reading, Source, Word
from pipeline.classify import classifier, classify, warm
from pipeline.classify.features import tokens
from pipeline.learn.factory import LANGUAGES, make_invoice, make_other, make_receipt
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
    assert right([make_invoice(f"t{n}", "invoice", language, ("sidebar", "strip")[n % 2]) for n in range(30)]) >= 0.9


@pytest.mark.parametrize("language", LANGUAGES)
def test_credit_notes_are_no_invoices(language):
    assert right([make_invoice(f"t{n}", "credit_note", language) for n in range(30)]) >= 0.85


@pytest.mark.parametrize("country", ["cz", "de", "gb", "my"])
def test_receipts(country):
    assert right([make_receipt(f"t{n}", country) for n in range(30)]) >= 0.96


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
    monkeypatch.setattr(
        classifier, "probabilities", lambda words: {"invoice": 0.41, "credit_note": 0.3, "receipt": 0.2, "other": 0.09}
    )
    answer = classify(made.reading)
    assert (answer.type, answer.confidence) == ("other", 0.41)


def test_the_xml_decides_where_there_is_one():
    einvoice = EInvoice("factur-x.xml", "cii", "credit_note")
    assert classify(Reading("application/xml", einvoice=einvoice)).type == "credit_note"
    assert classify(Reading("application/xml", einvoice=einvoice)).confidence == 1.0


def test_probabilities_sum_to_one():
    chances = classifier.probabilities(tokens(make_receipt(1, "gb").reading))
    assert set(chances) == {"invoice", "credit_note", "receipt", "other"}
    assert abs(sum(chances.values()) - 1) < 1e-6


def test_missing_weights_say_how_to_make_them(tmp_path: Path):
    with pytest.raises(MissingTool, match="podatelna train classifier"):
        classifier.probabilities(["=words0"], tmp_path)


def test_weights_are_small_and_come_with_a_card():
    files = [path for path in classifier.WEIGHTS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 3_000_000
    card = (classifier.WEIGHTS / "MODEL_CARD.md").read_text(encoding="utf-8")
    facts = json.loads((classifier.WEIGHTS / "calibration.json").read_text(encoding="utf-8"))
    assert str(facts["temperature"]) in card


def test_a_page_takes_less_than_30_ms():
    reading = make_invoice(1, "invoice", "de", "stacked", 40).reading
    classify(reading)
    start = time.process_time()
    for _ in range(20):
        classify(reading)
    assert (time.process_time() - start) / 20 < 0.030


def test_importing_the_room_does_not_import_spacy():
    code = "import sys, pipeline.classify; raise SystemExit('spacy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
