"""Learning how sure words are: labels by place, and curves that find what is there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.records import Word
from pipeline.evaluate.metrics import calibration_error
from pipeline.learn import logistic, read_pages, train_reading
from pipeline.learn.align import right_words
from pipeline.learn.fit_reading import folds
from pipeline.reading.geometry import move_box
from pipeline.reading.ocr import confidence, policy

_TEXTS = (*(f"word{number}" for number in range(30)), "12", "12")
TRUTH = [
    Word(text, (20.0 + 60 * (place % 8), 20.0 + 30 * (place // 8), 60.0 + 60 * (place % 8), 32.0 + 30 * (place // 8)))
    for place, text in enumerate(_TEXTS)
]


def _skewed(words: list[Word]) -> list[Word]:
    angle = np.radians(2.0)
    matrix = np.array([
        [3 * np.cos(angle), -3 * np.sin(angle), 40.0], [3 * np.sin(angle), 3 * np.cos(angle), 10.0], [0.0, 0.0, 1.0],
    ])  # fmt: skip
    return [Word(word.text, move_box(word.box, matrix)) for word in words]


def test_words_are_judged_where_they_stand_on_a_skewed_scan() -> None:
    seen = _skewed(TRUTH)
    assert all(right_words(seen, TRUTH))
    swapped = [Word(seen[1].text, seen[20].box), *seen[1:]]
    assert right_words(swapped, TRUTH)[0] is False
    assert all(right_words(swapped, TRUTH)[1:])


def test_a_true_word_vouches_for_one_reading_only() -> None:
    seen = _skewed(TRUTH)
    doubled = [*seen, seen[5]]
    assert sum(right_words(doubled, TRUTH)) == len(TRUTH)


def test_case_is_forgiven_on_demand() -> None:
    seen = [Word(word.text.upper(), word.box) for word in TRUTH]
    assert sum(right_words(seen, TRUTH)) == 2
    assert all(right_words(seen, TRUTH, fold=True))


def test_a_curve_finds_the_chances_that_made_its_data() -> None:
    chance = np.random.default_rng(1)
    score = chance.uniform(0, 1, (6000, 1))
    real = np.where(score[:, 0] < 0.5, 0.1, 0.9)
    right = chance.random(6000) < real
    curve = logistic.fit(score, right, ridge=0.1)
    low, high = curve.chances(np.array([[0.2], [0.9]])).tolist()
    assert low == pytest.approx(0.1, abs=0.05)
    assert high == pytest.approx(0.9, abs=0.05)
    assert calibration_error(curve.chances(score), right) < 0.05


@pytest.mark.slow
def test_training_writes_weights_that_read_and_a_card(tmp_path: Path) -> None:
    figures = train_reading.train(tmp_path, seed=5, count=30)
    assert figures.held_out["tesseract"].words > 1000
    assert (
        confidence.loads((tmp_path / "confidence.json").read_bytes()).curves.keys() == confidence.model().curves.keys()
    )
    assert policy.loads((tmp_path / "policy.json").read_bytes()).rate == train_reading.CHOSEN.rate
    assert "ECE" in (tmp_path / "MODEL_CARD.md").read_text()


def test_generated_sheets_are_seeded_and_of_all_looks() -> None:
    first, again = next(read_pages.generated(7, 1)), next(read_pages.generated(7, 1))
    assert np.array_equal(first.pixels, again.pixels)
    assert [word.text for word in first.truth] == [word.text for word in again.truth] != []


def test_the_pages_of_a_document_are_never_parted() -> None:
    class Page:
        def __init__(self, group: str) -> None:
            self.group = group

    pages = [Page(f"document {number // 2}") for number in range(20)]
    for learn, rest in folds(pages):  # type: ignore[arg-type]
        assert not {page.group for page in learn} & {page.group for page in rest}
        assert rest
