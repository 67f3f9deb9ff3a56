"""Trains the form scorer: one booster that says how probable a candidate is the value of a field, for any type.

Gradient boosted trees (Ke and others 2017) on the readable features of `extractors.scoring.FEATURES`. The score of a
chosen value becomes a probability by isotonic regression (Zadrozny and Elkan 2002) on documents of layouts that the
booster that scored them had not seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from extractors.form.decode import against_rivals, decide
from extractors.form.fields import MODEL
from extractors.scoring import FEATURES, Model
from extractors.scoring.model import Facts, Floats
from extractors.scoring.option import Option
from models.calibration import Curve
from pipeline.evaluate import metrics
from pipeline.evaluate.compare import implied, same
from pipeline.learn import SCORER_DOCUMENTS, SCORER_SEED
from pipeline.learn.scorer_card import Figures, Sure, write_card
from pipeline.learn.scorer_papers import BY_ZONE, CLEAN, HELD_OUT, MISREAD, TYPES, Sheet, measured, of_folder, papers

ROUNDS = 260
FOLDS = 4
THRESHOLDS = tuple(step / 100 for step in range(20, 71, 5))
_LEAST = 0.02  # of a score that is looked at when the curve is made
_CAP = 0.995
_PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.07,
    "num_leaves": 31,
    "min_data_in_leaf": 25,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 4.0,
    "path_smooth": 2.0,
    "max_cat_to_onehot": 32,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
_UP = ("label", "likeness", "lead", "label_share", "group", "valid", "sums", "column_sum", "read_least", "read_mean")
_DOWN = ("rival_kind", "labels_inside", "taken")


def fit(sheets: Sequence[Sheet], seed: int, rounds: int = ROUNDS) -> Any:
    """A booster trained on the options of ``sheets``; a real document counts as much as five generated ones."""
    rows = np.concatenate([sheet.rows for sheet in sheets])
    right = np.concatenate([sheet.right for sheet in sheets])
    weights = np.concatenate([sheet.weights * sheet.counts for sheet in sheets])
    names = list(FEATURES)
    ways = [1 if name in _UP else -1 if name in _DOWN else 0 for name in names]
    keep = weights > 0
    data = lightgbm.Dataset(
        rows[keep], right[keep], weight=weights[keep], feature_name=names, categorical_feature=["kind"],
        free_raw_data=True,
    )  # fmt: skip
    return lightgbm.train({**_PARAMETERS, "seed": seed, "monotone_constraints": ways}, data, num_boost_round=rounds)


@dataclass(frozen=True, slots=True)
class Value:
    """A value that was chosen: its probability (or score), and whether it is right; it may stand as an implied one."""

    name: str
    chance: float
    right: bool
    state: str


def decided(sheet: Sheet, chances: Floats, threshold: float) -> dict[str, Option]:
    """What the joint decision takes for each field."""
    options = [
        Option(one.candidate, one.field, {}, float(chance)) for one, chance in zip(sheet.options, chances, strict=True)
    ]
    return decide(options, sheet.kind, threshold)


def judged(sheet: Sheet, chosen: dict[str, Option], *, labelled: bool = False) -> tuple[list[Value], metrics.Score]:
    """The chosen values held against the truth, and the count; of fields with labels alone if ``labelled``."""
    follows = implied(sheet.fields)
    values, missing, wrong = [], 0, 0
    right = 0
    for name, spec in sheet.kind.fields.items():
        if (labelled and not spec.labels) or name in BY_ZONE.get(sheet.type, ()):
            continue
        truth = sheet.fields.get(name)
        one = chosen.get(name)
        if one is None:
            missing += truth is not None
            continue
        expected = truth if truth is not None else follows.get(name)
        good = expected is not None and same(spec.kind, expected, one.candidate.value)
        values.append(Value(name, one.probability, good, sheet.state))
        if truth is not None:
            right += good
            wrong += not good
            missing += not good
        elif not good:
            wrong += 1
    return values, metrics.Score(right, wrong, missing)


def curve_of(values: Iterable[Value]) -> Curve:
    """The share of right values by score, never falling; a value has no more than `_CAP`."""
    some = sorted(values, key=lambda value: value.chance)
    scores = np.array([value.chance for value in some])
    points = metrics.monotone(scores, np.array([value.right for value in some]))
    kept: dict[float, float] = {}
    for score, chance in points:
        kept[round(float(score), 5)] = round(min(_CAP, float(chance)), 4)
    ordered = sorted(kept.items())
    chances = np.maximum.accumulate([chance for _, chance in ordered])
    return Curve(tuple(score for score, _ in ordered), tuple(float(chance) for chance in chances))


def _model(booster: Any, curve: Curve, threshold: float) -> Model:
    return Model(booster, Facts(curve, threshold))


def _flat() -> Curve:
    return Curve((0.0, 1.0), (0.0, 1.0))


def folds(sheets: Sequence[Sheet]) -> list[tuple[list[Sheet], list[Sheet]]]:
    """The sheets to learn from and those to be judged by, `FOLDS` times; a group is always on one side."""
    groups = sorted({(sheet.type, sheet.group) for sheet in sheets})
    np.random.default_rng(0).shuffle(groups)
    place = {tuple(group): index % FOLDS for index, group in enumerate(groups)}
    return [
        (
            [one for one in sheets if place[one.type, one.group] != fold],
            [one for one in sheets if place[one.type, one.group] == fold],
        )
        for fold in range(FOLDS)
    ]


def learn(sheets: Sequence[Sheet], seed: int, say: Callable[[str], None] = lambda _: None) -> Model:
    """A calibrated model from ``sheets``: curve and threshold from boosters that had not seen the layouts."""
    found: list[tuple[Sheet, Floats]] = []
    for fold, (some, rest) in enumerate(folds(sheets)):
        model = _model(fit(some, seed), _flat(), 0.0)
        found += [(sheet, scores(model, sheet)) for sheet in rest]
        say(f"fold {fold + 1} of {FOLDS}")
    values = [value for sheet, score in found for value in judged(sheet, decided(sheet, score, _LEAST))[0]]
    curve = curve_of(values)
    best = max(THRESHOLDS, key=lambda threshold: _f1(found, curve, threshold))
    return _model(fit(sheets, seed), curve, best)


def _f1(found: Sequence[tuple[Sheet, Floats]], curve: Curve, threshold: float) -> float:
    x, y = np.array((0.0, *curve.scores)), np.array((curve(0.0), *curve.chances))
    scores = (judged(sheet, decided(sheet, np.interp(s, x, y), threshold))[1] for sheet, s in found)
    return metrics.sums(scores).f1 or 0.0


def judge(
    model: Model, sheets: Iterable[Sheet], *, labelled: bool = False
) -> tuple[dict[tuple[str, str], metrics.Score], list[Value]]:
    """How good a model is on documents it has not seen, by type and state, and every value it found."""
    scores: dict[tuple[str, str], metrics.Score] = defaultdict(metrics.Score)
    values: list[Value] = []
    for sheet in sheets:
        chosen = decided(sheet, chances(model, sheet), model.threshold)
        some, score = judged(sheet, chosen, labelled=labelled)
        scores[sheet.type, sheet.state] += score
        values += some
    return dict(scores), values


def scores(model: Model, sheet: Sheet) -> Floats:
    """The scores of a sheet's options, lessened by their rivals as in real work."""
    return np.array(against_rivals(sheet.options, model.scores(sheet.rows).tolist()))


def chances(model: Model, sheet: Sheet) -> Floats:
    """The probabilities of a sheet's options."""
    return model.calibrated(scores(model, sheet))


def train(
    folder: Path,
    seed: int = SCORER_SEED,
    documents: int = SCORER_DOCUMENTS,
    truth: Sequence[Path] = (),
    say: Callable[[str], None] = lambda _: None,
) -> Figures:
    """Train the form scorer, and write its weights and their card to ``folder``.

    Args:
        folder: where ``form.txt``, ``form.json`` and ``MODEL_CARD.md`` go.
        seed: decides the documents, their misreadings and the training.
        documents: how many generated documents of every type.
        truth: folders of real documents with their truth (`pipeline.evaluate.truth`), to learn from too. No figure of
            the card is measured on them.
        say: told what is being done.

    Raises:
        MissingTool: a font is not installed, or an engine that a folder of scans needs.
        InvalidTruth: a folder's truth can't be used.
    """
    sheets = list(measured(papers(seed, documents)))
    say(f"{len(sheets)} documents measured")
    known = [sheet for sheet in sheets if sheet.group not in HELD_OUT]
    unknown = [sheet for sheet in sheets if sheet.group in HELD_OUT]
    model = learn(known, seed, say)
    by_type, values = judge(model, unknown)
    left_out = {}
    for name in TYPES:
        others = [sheet for sheet in known if sheet.type != name]
        twin = Model(fit(others, seed), model.facts)
        own = [sheet for sheet in sheets if sheet.type == name]
        every, with_labels = judge(twin, own)[0], judge(twin, own, labelled=True)[0]
        left_out[name] = {
            state: (every.get((name, state), metrics.Score()), with_labels.get((name, state), metrics.Score()))
            for state in (CLEAN, MISREAD)
        }
        say(f"without {name}")
    real = [sheet for one in truth for sheet in measured(of_folder(one))]
    shipped = learn([*sheets, *real], seed, say)
    figures = Figures(
        documents=len(sheets), real=len(real), options=sum(len(sheet.options) for sheet in sheets), by_type=by_type,
        left_out=left_out, sure={state: _sure(values, state) for state in (CLEAN, MISREAD)},
        importance=shipped.importance(), threshold=shipped.threshold,
    )  # fmt: skip
    shipped.save(MODEL, folder)
    write_card(folder, figures, seed=seed, documents=documents, held_out=sorted(HELD_OUT))
    return figures


def _sure(values: Sequence[Value], state: str) -> Sure:
    some = [value for value in values if value.state == state]
    numbers = np.array([value.chance for value in some])
    right = np.array([value.right for value in some], np.bool_)
    return Sure.of(numbers, right)
