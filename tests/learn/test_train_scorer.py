"""Training of the form scorer: what counts as right, what is kept apart, and the files that come out."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from random import Random

import numpy as np
import pytest

from extractors.scoring import FEATURES, Model, Option, load
from extractors.scoring.model import Facts
from models.calibration import Curve
from models.document_types import Kind, document_types
from pipeline.learn import train_scorer
from pipeline.learn.factory.forms import make_form
from pipeline.learn.scorer_papers import (
    CLEAN,
    HELD_OUT,
    MISREAD,
    REAL,
    TYPES,
    Sheet,
    also_plain,
    as_scan,
    draw,
    measured,
    of_folder,
    papers,
    versions,
)
from pipeline.learn.train_scorer import Value, answers, curve_of, decided, fit, folds, judged


@pytest.fixture(scope="module")
def sheets() -> list[Sheet]:
    return list(measured(papers(3, 6, ("timesheet", "card_application"))))


def sure(sheet: Sheet) -> dict[str, Option]:
    """The decision of one who knows what is right."""
    return decided(sheet, sheet.right, 0.5)


def test_who_knows_what_is_right_is_judged_right(sheets: list[Sheet]) -> None:
    clean = [sheet for sheet in sheets if sheet.state == CLEAN]
    scores = [judged(sheet, sure(sheet))[1] for sheet in clean]
    assert sum(score.wrong for score in scores) == 0
    assert sum(score.right for score in scores) > 0.8 * sum(score.wanted for score in scores)
    assert judged(clean[0], {})[1].missing == len(clean[0].fields)


def test_a_value_for_a_field_that_is_not_there_is_wrong(sheets: list[Sheet]) -> None:
    sheet = next(one for one in sheets if one.state == CLEAN and "employee_name" in one.fields)
    chosen = sure(sheet)
    less = {name: value for name, value in sheet.fields.items() if name != "employee_name"}
    robbed = Sheet(
        sheet.id, sheet.type, sheet.language, sheet.group, sheet.state, less, sheet.options, sheet.rows, sheet.right,
        sheet.weights,
    )  # fmt: skip
    values, score = judged(robbed, chosen)
    assert score.wrong == 1
    assert [value.right for value in values if value.name == "employee_name"] == [False]


def test_rows_are_those_of_the_features_and_right_ones_are_few(sheets: list[Sheet]) -> None:
    for sheet in sheets:
        assert sheet.rows.shape == (len(sheet.options), len(FEATURES))
        assert 0 < sheet.right.mean() < 0.5


def test_a_right_value_in_another_place_teaches_nothing() -> None:
    made = make_form("elsewhere", "timesheet", "en")
    paper = next(versions(made, 1, both=True))
    (sheet,) = measured([paper])
    for option, right, weight in zip(sheet.options, sheet.right, sheet.weights, strict=True):
        if not right:
            assert weight == 1
        elif weight == 0:
            assert option.field in made.boxes
    assert {o.field for o, r, w in zip(sheet.options, sheet.right, sheet.weights, strict=True) if r and w} >= {
        "employee_name", "total_hours",
    }  # fmt: skip


def test_a_plain_type_is_learnt_from_and_says_no_more_than_its_labels() -> None:
    some = [next(versions(make_form(f"plain-{number}", "timesheet", "en"), 1, both=True)) for number in range(12)]
    made = list(also_plain(some))
    again = [one for one in made if one.declared]
    assert 0 < len(again) < len(made) - len(again) == 12
    assert again[0].kind.fields["personal_number"].kind is Kind.TEXT
    assert again[0].kind.issued_by is None
    values = {o.field: o.candidate.value for o, right in zip(again[0].options, again[0].right, strict=True) if right}
    assert values["approver_name"] == again[0].fields["approver_name"]


def test_letters_are_drawn_besides() -> None:
    groups = [paper.group for paper in papers(3, 4, ("timesheet", "invoice"))]
    assert groups.count("petition") == 1


def test_a_layout_is_on_one_side_of_a_fold(sheets: list[Sheet]) -> None:
    parts = folds(sheets)
    for some, rest in parts:
        assert not {one.group for one in some} & {one.group for one in rest}, "whatever the type"
    assert sum(len(rest) for _, rest in parts) == len(sheets)


def test_the_curve_is_the_share_of_right_values() -> None:
    values = [Value("a", 0.9, n < 80, CLEAN) for n in range(100)] + [Value("a", 0.3, n < 20, CLEAN) for n in range(100)]
    curve = curve_of(values)
    assert curve(0.9) == pytest.approx(0.8)
    assert curve(0.3) == pytest.approx(0.2)
    assert curve_of([Value("a", 0.9, True, CLEAN)] * 50)(0.9) < 1


def test_misreading_harms_few_words_and_is_doubted_where_it_does() -> None:
    made = make_form("misread", "bank_statement", "de")
    before = [word for page in made.reading.pages for word in page.words]
    after = [word for page in as_scan(made.reading, Random(4)).pages for word in page.words]
    known = {word.text for word in before}
    wrong = [word.confidence for word in after if word.text not in known]
    right = [word.confidence for word in after if word.text in known]
    assert 0 < len(wrong) < 0.2 * len(after)
    assert np.mean(wrong) < np.mean(right) - 0.2


def test_every_type_is_drawn_the_same_twice() -> None:
    for name in TYPES:
        first, second = draw(9, 1, name), draw(9, 1, name)
        assert first.type == name
        assert (first.reading, first.fields) == (second.reading, second.fields)
        assert set(first.fields) <= set(document_types()[name].fields)


def test_real_documents_with_their_truth_weigh_more(sheets: list[Sheet]) -> None:
    samples = Path(__file__).parents[2] / "data" / "samples" / "documents"
    (sheet,) = measured(islice(of_folder(samples), 1))
    assert sheet.state == REAL
    assert sheet.counts > sheets[0].counts
    assert {one.field for one, right in zip(sheet.options, sheet.right, strict=True) if right} >= {"iban", "bank_name"}


def test_the_same_seed_gives_the_same_booster(sheets: list[Sheet]) -> None:
    one, other = (fit(sheets, 7, rounds=5).model_to_string() for _ in range(2))
    assert one == other


def test_a_booster_learns_to_tell_right_from_wrong(sheets: list[Sheet]) -> None:
    model = Model(fit(sheets, 7, rounds=30), Facts(Curve((0.0, 1.0), (0.0, 1.0)), 0.5))
    rows = np.concatenate([sheet.rows for sheet in sheets])
    right = np.concatenate([sheet.right for sheet in sheets]) > 0
    scores = model.probabilities(rows)
    assert scores[right].mean() > scores[~right].mean() + 0.3


def test_how_sure_a_value_is_is_learnt_from_layouts_that_the_scorer_had_not_seen(
    sheets: list[Sheet], monkeypatch: pytest.MonkeyPatch
) -> None:
    groups: list[tuple[set[str], set[str]]] = []
    before = train_scorer.folds

    def noted(some: list[Sheet]) -> list[tuple[list[Sheet], list[Sheet]]]:
        found = before(some)
        groups.extend(({one.group for one in learnt}, {one.group for one in rest}) for learnt, rest in found)
        return found

    monkeypatch.setattr(train_scorer, "folds", noted)
    monkeypatch.setattr(train_scorer, "fit", lambda some, seed: fit(some, seed, rounds=20))
    trained, unseen = train_scorer.learn(sheets, 7)
    assert groups and not any(learnt & rest for learnt, rest in groups)
    assert len(unseen) == len(sheets)
    assert all(set(one.right) <= {0.0, 1.0} and len(one.rows) == len(one.chosen) for one in unseen)
    for sheet in sheets[:4]:
        found = answers(trained, sheet)
        assert all(trained.sure.threshold <= one.probability <= 0.995 for one in found.values())
        assert {id(one.candidate) for one in found.values()} <= {id(one.candidate) for one in sheet.options}


@pytest.mark.slow
def test_the_command_writes_a_model_and_its_card(tmp_path: Path) -> None:
    figures = train_scorer.train(tmp_path, seed=2, documents=20)
    assert set(figures.left_out) == set(TYPES)
    assert set(figures.sure) == {CLEAN, MISREAD}
    assert load("form_sure", tmp_path).threshold == figures.threshold
    assert {layout for layout, _ in figures.by_layout} <= HELD_OUT
    card = (tmp_path / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "podatelna train scorer --seed 2 --documents 20" in card
