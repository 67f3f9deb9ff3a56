"""The scorer at work: its files, its numbers, and what it keeps for a person."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from extractors.candidates.base import make
from extractors.form.fields import prepare
from extractors.scoring import FEATURES, KINDS, Model, Option, Trace, kind_code, load
from extractors.scoring.model import rows_of
from extractors.scoring.trace import SHOWN
from models.document_types import Kind
from models.errors import MissingTool
from tests.extractors.form.made_up import library_card
from tests.extractors.readings import reading


@pytest.fixture(scope="module")
def model() -> Model:
    return load("form")


def test_without_weights_the_command_that_makes_them_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingTool, match="podatelna train scorer"):
        load("form", tmp_path)


def test_the_shipped_model_knows_described_features_only(model: Model) -> None:
    assert set(model.names) <= set(FEATURES)
    assert 0 < model.threshold < 1
    assert not {name for name in model.names if "seller" in name or "invoice" in name}


def test_what_is_missing_is_not_zero(model: Model) -> None:
    row = model.rows([{"label": 0.0}])[0]
    assert row[model.names.index("label")] == 0
    assert np.isnan(row[model.names.index("likeness")])
    assert rows_of([], ("a", "b")).shape == (0, 2)


def test_probabilities_are_the_same_one_by_one_and_all_at_once(model: Model) -> None:
    rng = np.random.default_rng(1)
    some = [{name: float(rng.random()) for name in model.names} for _ in range(20)]
    together = model.chances(some)
    assert together == pytest.approx([model.chances([one])[0] for one in some])
    assert all(0 <= chance <= 1 for chance in together)
    assert model.chances([]) == []


def test_a_model_that_was_written_says_the_same(model: Model, tmp_path: Path) -> None:
    model.save("twin", tmp_path)
    twin = load("twin", tmp_path)
    some = [{"label": 0.9, "lead": 0.9, "rank": 0.0, "kind": kind_code(Kind.DATE)}]
    assert twin.chances(some) == model.chances(some)
    assert twin.threshold == model.threshold


def test_contributions_add_up_to_the_score(model: Model) -> None:
    features = {"label": 0.9, "lead": 0.9, "rank": 0.0, "kind": kind_code(Kind.DATE)}
    log_odds = sum(model.contributions(features).values())
    assert 1 / (1 + np.exp(-log_odds)) == pytest.approx(model.scores(model.rows([features]))[0], abs=1e-6)


def test_every_kind_has_a_code() -> None:
    assert [kind_code(kind) for kind in KINDS] == list(range(len(Kind)))


def test_a_trace_keeps_the_best_and_the_chosen_first() -> None:
    layout, _ = prepare(reading([(50, 100, "a b c d e f g h i j")]), library_card())
    line = layout.lines[0]
    options = [
        Option(make(Kind.TEXT, str(n), line, 2 * n, 2 * n + 1, "test"), "branch", {"label": 1.0}, n / 10)
        for n in range(10)
    ]
    trace = Trace()
    trace.note("branch", options, options[2])
    trace.note("fee", options, None)
    assert [one.value for one in trace.fields["branch"]] == ["2", "9", "8", "7", "6", "5"][:SHOWN]
    assert [one.chosen for one in trace.fields["branch"]] == [True, *[False] * (SHOWN - 1)]
    assert not any(one.chosen for one in trace.fields["fee"])
