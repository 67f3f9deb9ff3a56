"""Training: calibration does what it says, noise spoils what it should, and the same seed gives the same weights."""

from __future__ import annotations

import pytest

from pipeline.classify import classifier
from pipeline.classify.features import tokens
from pipeline.learn.factory import make_invoice, make_receipt
from pipeline.learn.factory.trade import seeded
from pipeline.learn.noise import Noise, misread, on_larger_paper, with_foreign_text
from pipeline.learn.train_classifier import (
    HELD_OUT,
    TRAINED,
    Case,
    cases,
    common_features,
    fit_temperature,
    scaled,
    train,
)


def test_nothing_that_is_judged_on_was_trained_on():
    assert not set(HELD_OUT.layouts) & set(TRAINED.layouts)
    assert not set(HELD_OUT.receipts) & set(TRAINED.receipts)
    assert not set(HELD_OUT.others) & set(TRAINED.others)
    assert TRAINED.layouts and TRAINED.receipts and TRAINED.others


def test_cases_depend_on_seed_and_part():
    first, again, other = ([case.words for case in cases(1, 5, part, TRAINED)] for part in ("train", "train", "judge"))
    assert first == again
    assert first != other


def test_temperature_cools_the_overconfident_and_warms_the_timid():
    loud, quiet = {"a": 0.99, "b": 0.01}, {"a": 0.6, "b": 0.4}
    half_right = ["a", "b"] * 20
    assert fit_temperature([loud] * 40, half_right) > 2
    assert fit_temperature([quiet] * 40, ["a"] * 39 + ["b"]) < 1


def test_scaling_keeps_the_order_and_the_sum():
    warm = scaled({"a": 0.7, "b": 0.2, "c": 0.1}, 2.0)
    assert abs(sum(warm.values()) - 1) < 1e-9
    assert 0.7 > warm["a"] > warm["b"] > warm["c"] > 0.1


def test_no_noise_changes_nothing():
    reading = make_invoice(1, "invoice", "cs").reading
    words = [word.text for word in misread(reading, seeded(1), Noise()).pages[0].words]
    assert words == [word.text for word in reading.pages[0].words]


def test_noise_spoils_what_it_should():
    reading = make_invoice(1, "invoice", "cs", "framed").reading
    plain = misread(reading, seeded(1), Noise(diacritics=1.0)).text
    assert plain.isascii() or not any(sign in plain for sign in "ěščřžýáíéúůďťň")
    assert len(misread(reading, seeded(1), Noise(lost_words=0.5)).text) < len(reading.text) * 0.75
    glued = misread(reading, seeded(1), Noise(glued=0.5))
    assert len(glued.pages[0].words) < len(reading.pages[0].words) * 0.8
    assert glued.text.replace(" ", "") == reading.text.replace(" ", "")


def test_foreign_text_is_added_and_nothing_taken():
    reading = make_receipt(1, "gb").reading
    fuller = [with_foreign_text(reading, seeded(n), "en") for n in range(10)]
    assert any(len(one.text) > len(reading.text) for one in fuller)
    for one in fuller:
        rest = iter(word.text for word in one.pages[0].words)
        assert all(word.text in rest for word in reading.pages[0].words)


def test_larger_paper_keeps_the_words():
    reading = make_receipt(1, "my").reading
    larger = on_larger_paper(reading, seeded(1))
    assert larger.text == reading.text
    assert larger.pages[0].width > reading.pages[0].width


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    return folder, train(folder / "one", seed=3, documents=160)


def test_a_tiny_training_learns_and_ships_everything(tiny):
    folder, figures = tiny
    assert figures.documents == 40
    assert figures.accuracy > 0.45  # guessing the most frequent type gives about 0.3
    assert "podatelna train classifier" in (folder / "one" / "MODEL_CARD.md").read_text(encoding="utf-8")
    chances = classifier.probabilities(tokens(make_receipt(1, "my").reading), folder / "one")
    assert max(chances, key=lambda name: chances[name]) == "receipt"


def test_what_stands_in_one_document_is_no_feature():
    learn = [Case("invoice", ["rechnung", f"sender{number}"], "invoice de") for number in range(10)]
    assert common_features(learn) == {"rechnung"}


@pytest.mark.slow
def test_same_seed_same_weights(tiny, tmp_path):
    folder, _ = tiny
    train(tmp_path / "two", seed=3, documents=160)
    for name in ("spacy/textcat/model", "features.txt", "calibration.json", "MODEL_CARD.md"):
        assert (tmp_path / "two" / name).read_bytes() == (folder / "one" / name).read_bytes(), name
