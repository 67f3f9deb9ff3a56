"""Measuring: what counts as right, the isotonic fit and its modesty, the figures, and the command's files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from models.calibration import calibration, loads
from models.records import Source
from pipeline.learn import read_documents
from pipeline.learn.factory import make_invoice
from pipeline.learn.read_documents import Counts, ReadDocument
from pipeline.learn.train_calibration import (
    CAP,
    MOST,
    PRIOR,
    Example,
    examples,
    fit,
    fit_curve,
    share,
    train,
)


def found(score: float, right: int, wrong: int, *, ocr: bool = False) -> list[Example]:
    return [Example(ocr, score, number < right, "framed") for number in range(right + wrong)]


def test_the_fit_learns_what_happened_and_stays_modest() -> None:
    curve = fit_curve(found(0.5, 50, 50) + found(0.8, 1000, 0))
    assert curve(0.5) == pytest.approx(0.5, abs=0.01)
    assert curve(0.8) == pytest.approx((MOST + PRIOR * 0.8) / (MOST + PRIOR), abs=1e-3)
    assert fit_curve(found(1.0, 10_000, 0))(1.0) == CAP
    few, many = fit_curve(found(0.4, 16, 0)), fit_curve(found(0.4, 80, 0))
    assert few(0.4) < many(0.4) < 1


def test_a_score_that_promised_too_much_is_cut_down_and_order_is_kept() -> None:
    curve = fit_curve(found(0.6, 90, 10) + found(0.7, 30, 70) + found(0.95, 95, 5))
    assert curve(0.6) <= curve(0.7) <= curve(0.95)
    assert curve(0.7) == pytest.approx(0.6, abs=0.05)  # the violators 0.6 and 0.7 are pooled


def test_text_and_ocr_have_a_curve_each() -> None:
    curves = fit(found(0.8, 90, 0) + found(0.8, 60, 30, ocr=True))
    assert curves.ocr(0.8) < 0.75 < 0.9 < curves.text(0.8)


def test_what_pairs_of_promise_and_outcome_come_to() -> None:
    assert share([(0.95, False)] * 10).error == pytest.approx(0.95)
    figures = share([(0.9, True)] * 3 + [(0.9, False)] + [(0.2, True)])
    assert (figures.rows, figures.sure, figures.sure_wrong) == (5, 0.8, 0.25)


def test_rows_are_judged_by_the_truth_of_their_document() -> None:
    made = make_invoice(3, "invoice", "cs", "framed", 3)
    right = examples(ReadDocument(made, made.reading, "digital"))
    assert [one.right for one in right] == [True] * 3
    other = make_invoice(4, "invoice", "cs", "framed", 3)
    wrong = examples(ReadDocument(other, made.reading, "digital"))
    assert [one.right for one in wrong] == [False] * 3
    assert [one.score for one in wrong] == [one.score for one in right]


def test_documents_are_the_same_for_a_seed_and_stored_in_both_ways() -> None:
    first, again = (list(read_documents.documents(5, Counts(2, 1))) for _ in range(2))
    assert [one.reading for one in first] == [one.reading for one in again]
    assert [one.stored for one in first] == ["digital", "digital", "scan"]
    assert [one.reading.pages[0].source.is_ocr for one in first] == [False, False, True]


def test_training_writes_curves_that_load_and_a_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [make_invoice(seed, "invoice", "cs", layout, 4) for seed in range(12) for layout in ("framed", "strip")]
    some = [ReadDocument(one, one.reading, "digital") for one in made]
    pages = (replace(page, source=Source.TESSERACT) for page in made[0].reading.pages)
    read = [ReadDocument(one, replace(one.reading, pages=tuple(pages)), "scan") for one in made[:1]]
    some += [replace(read[0], made=replace(made[0], layout=layout)) for layout in ("framed", "strip")]
    monkeypatch.setattr("pipeline.learn.train_calibration.documents", lambda _seed, _counts: iter(some))
    figures = train(tmp_path, seed=5)
    curves = loads((tmp_path / "calibration.json").read_bytes())
    assert figures.after["text layer"].error < figures.before["text layer"].error
    assert figures.after["text layer"].rows >= 48 > figures.after["OCR"].rows == 4
    card = (tmp_path / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "--seed 5" in card
    assert "24 digital, 2 scan" in card
    assert curves != calibration()
