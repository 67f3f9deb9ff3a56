"""Training: calibration does what it says, noise spoils what it should, and the same seed gives the same weights."""

from __future__ import annotations

import pytest

from pipeline.classify import classifier
from pipeline.classify.features import tokens
from pipeline.learn.classifier_papers import NEW_LAYOUTS, NEW_PAPERS, TRAINED, TWIN, TYPES, Case, cases, top_of
from pipeline.learn.factory import make_invoice, make_receipt
from pipeline.learn.factory.trade import seeded
from pipeline.learn.noise import Noise, misread, on_larger_paper, with_foreign_text
from pipeline.learn.train_classifier import common_features, fit_calibration, train


def test_nothing_that_is_judged_on_was_trained_on():
    for part in ("layouts", "receipts", "forms"):
        assert not set(getattr(NEW_LAYOUTS, part)) & set(getattr(TRAINED, part))
        assert getattr(NEW_LAYOUTS, part) and getattr(TRAINED, part)
    assert not set(NEW_PAPERS.others) & set(TWIN.others)
    assert not set(NEW_PAPERS.look_alikes) & set(TWIN.look_alikes)


def test_every_type_is_drawn():
    assert {case.type for case in cases(1, 150, "all", TRAINED)} == set(TYPES)


def test_cases_depend_on_seed_and_part():
    first, again, other = ([case.words for case in cases(1, 5, part, TRAINED)] for part in ("train", "train", "judge"))
    assert first == again
    assert first != other


def test_calibration_learns_how_often_scores_are_right():
    loud, quiet = {"a": 0.99, "b": 0.01}, {"a": 0.6, "b": 0.1}
    half_right = fit_calibration([loud] * 200 + [quiet] * 200, ["a", "b"] * 100 + ["a"] * 190 + ["b"] * 10)
    assert abs(half_right.confidence(loud) - 0.5) < 0.05
    assert abs(half_right.confidence(quiet) - 0.95) < 0.05


def test_calibration_of_what_is_always_right_stays_finite():
    found = fit_calibration([{"a": 0.9, "b": 0.1}] * 50, ["a"] * 50)
    assert 0.9 < found.confidence({"a": 0.9, "b": 0.1}) < 1


def test_the_top_of_a_page_keeps_its_title():
    made = make_invoice(1, "invoice", "cs", "framed")
    some = top_of(made.reading, seeded(1)).pages[0].words
    assert 0 < len(some) < len(made.reading.pages[0].words)
    assert made.title.split()[0] in [word.text for word in some]


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
    assert figures.accuracy > 0.45  # guessing the most frequent type gives about 0.2
    assert "podatelna train classifier" in (folder / "one" / "MODEL_CARD.md").read_text(encoding="utf-8")
    fits = classifier.scores(tokens(make_receipt(1, "my").reading), folder / "one")
    assert max(fits, key=lambda name: fits[name]) == "receipt"


def test_what_stands_in_one_document_is_no_feature():
    learn = [Case("invoice", ["rechnung", f"sender{number}"], "invoice de") for number in range(10)]
    assert common_features(learn) == {"rechnung"}


@pytest.mark.slow
def test_same_seed_same_weights(tiny, tmp_path):
    folder, _ = tiny
    train(tmp_path / "two", seed=3, documents=160)
    for name in ("spacy/textcat_multilabel/model", "features.txt", "calibration.json", "MODEL_CARD.md"):
        assert (tmp_path / "two" / name).read_bytes() == (folder / "one" / name).read_bytes(), name
