"""Trains the form scorer: one booster that says how probable a candidate is the value of a field, for any type.

Gradient boosted trees (Ke and others 2017) on the readable features of `extractors.scoring.FEATURES`. The score of a
chosen value becomes a probability by a second booster that sees the other fields' values too, and by isotonic
regression (Zadrozny and Elkan 2002), all on documents of layouts that the boosters that scored them had not seen.
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
from extractors.form.fields import MODEL, confident
from extractors.form.sure import DOWN, FLOOR, NAMES, UP, doubts
from extractors.form.sure import MODEL as SURE_MODEL
from extractors.scoring import FEATURES, Model
from extractors.scoring.model import Facts, Floats, rows_of
from extractors.scoring.option import Option
from models.calibration import Curve
from pipeline.evaluate import metrics
from pipeline.evaluate.compare import implied, same
from pipeline.learn import SCORER_DOCUMENTS, SCORER_SEED
from pipeline.learn.factory.forms import LETTERS
from pipeline.learn.scorer_card import Figures, Sure, write_card
from pipeline.learn.scorer_papers import (
    BY_ZONE,
    CLEAN,
    HELD_OUT,
    MISREAD,
    TYPES,
    Sheet,
    also_plain,
    measured,
    of_folder,
    papers,
)

ROUNDS = 200
FOLDS = 4
SURE_ROUNDS = 90
THRESHOLDS = tuple(step / 100 for step in range(20, 71, 5))
_CAP = 0.995
_PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.085,
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
_LABEL = list(FEATURES).index("label")
_UP = ("label", "likeness", "lead", "label_share", "group", "valid", "sums", "column_sum", "read_least", "read_mean")
_DOWN = ("rival_kind", "labels_inside", "label_like", "taken")


_SURE_PARAMETERS = {
    **_PARAMETERS, "learning_rate": 0.06, "num_leaves": 8, "min_data_in_leaf": 12, "lambda_l2": 8.0,
    "feature_fraction": 0.7,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trained:
    """The scorer of candidates, and what says how sure the chosen ones are (`extractors.form.sure`)."""

    scorer: Model
    sure: Model


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
    return decide(_options(sheet, chances), sheet.kind, threshold)


def _options(sheet: Sheet, chances: Floats) -> list[Option]:
    """The sheet's options with these probabilities, and of their features the label's strength."""
    labels = sheet.rows[:, _LABEL].tolist()
    return [
        Option(one.candidate, one.field, {"label": label}, chance)
        for one, label, chance in zip(sheet.options, labels, chances.tolist(), strict=True)
    ]


def doubted(sheet: Sheet, scores: Floats) -> tuple[list[Option], dict[str, Option]]:
    """The options with their scores, and those that are chosen, with all their features, however unlikely."""
    options = _options(sheet, scores)
    places = {(one.field, id(one.candidate)): index for index, one in enumerate(sheet.options)}
    chosen = {}
    for name, one in decide(options, sheet.kind, FLOOR).items():
        row = sheet.rows[places[name, id(one.candidate)]]
        known = {key: value for key, value in zip(FEATURES, row.tolist(), strict=True) if value == value}  # noqa: PLR0124 - NaN is missing
        chosen[name] = Option(one.candidate, name, known, one.probability)
    return options, chosen


def answers(trained: Trained, sheet: Sheet) -> dict[str, Option]:
    """What the form's fields are, as in real work."""
    options, chosen = doubted(sheet, scores(trained.scorer, sheet))
    return confident(options, chosen, sheet.kind, trained.sure)


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
    """The sheets to learn from and those to be judged by, `FOLDS` times; a layout is on one side, for all types."""
    groups = sorted({sheet.group for sheet in sheets})
    np.random.default_rng(0).shuffle(groups)
    place = {group: index % FOLDS for index, group in enumerate(groups)}
    return [
        (
            [one for one in sheets if place[one.group] != fold],
            [one for one in sheets if place[one.group] == fold],
        )
        for fold in range(FOLDS)
    ]


@dataclass(frozen=True, slots=True)
class Unseen:
    """The values chosen on a sheet by a scorer that had not seen its layout; a row of ``rows`` and ``values`` each."""

    sheet: Sheet
    chosen: dict[str, Option]
    rows: Floats
    right: Floats


def _unseen(sheet: Sheet, score: Floats) -> Unseen:
    options, chosen = doubted(sheet, score)
    found = doubts(options, chosen, sheet.kind)
    verdicts = {value.name: float(value.right) for value in judged(sheet, chosen)[0]}
    some = {name: one for name, one in chosen.items() if name in verdicts}
    rows = rows_of(({**chosen[name].features, **found[name]} for name in some), NAMES)
    return Unseen(sheet, some, rows, np.array([verdicts[name] for name in some]))


def fit_sure(unseen: Sequence[Unseen], seed: int) -> Any:
    """A booster that says how sure chosen values are, trained on values of layouts that their scorer had not seen."""
    rows, right = np.concatenate([one.rows for one in unseen]), np.concatenate([one.right for one in unseen])
    weights = np.concatenate([np.full(len(one.right), one.sheet.counts) for one in unseen])
    ways = [1 if name in UP else -1 if name in DOWN else 0 for name in NAMES]
    data = lightgbm.Dataset(
        rows, right, weight=weights, feature_name=list(NAMES), categorical_feature=["kind"], free_raw_data=True
    )
    parameters = {**_SURE_PARAMETERS, "seed": seed, "monotone_constraints": ways}
    return lightgbm.train(parameters, data, num_boost_round=SURE_ROUNDS)


def sureness(unseen: Sequence[Unseen], seed: int) -> Model:
    """The second model, its curve and threshold from boosters that had not seen the layouts either."""
    by_sheet = {id(one.sheet): one for one in unseen}
    found: list[tuple[Unseen, Floats]] = []
    for some, rest in folds([one.sheet for one in unseen]):
        if rest and some:
            model = _model(fit_sure([by_sheet[id(sheet)] for sheet in some], seed), _flat(), 0.0)
            found += [(by_sheet[id(sheet)], model.scores(by_sheet[id(sheet)].rows)) for sheet in rest]
    curve = curve_of(
        Value(name, float(score), right > 0, one.sheet.state)
        for one, scores in found
        for name, score, right in zip(one.chosen, scores, one.right, strict=True)
    )
    best = max(THRESHOLDS, key=lambda threshold: _f1(found, curve, threshold))
    return _model(fit_sure(unseen, seed), curve, best)


def _f1(found: Sequence[tuple[Unseen, Floats]], curve: Curve, threshold: float) -> float:
    x, y = np.array((0.0, *curve.scores)), np.array((curve(0.0), *curve.chances))
    total = metrics.Score()
    for one, scores in found:
        chances = np.interp(scores, x, y)
        kept = {
            name: option
            for (name, option), chance in zip(one.chosen.items(), chances, strict=True)
            if chance >= threshold
        }
        total += judged(one.sheet, kept)[1]
    return total.f1 or 0.0


def unseen_values(sheets: Sequence[Sheet], seed: int, say: Callable[[str], None] = lambda _: None) -> list[Unseen]:
    """What scorers choose on layouts that they were not trained on."""
    found = []
    for fold, (some, rest) in enumerate(folds(sheets)):
        model = _model(fit(some, seed), _flat(), 0.0)
        found += [_unseen(sheet, scores(model, sheet)) for sheet in rest]
        say(f"fold {fold + 1} of {FOLDS}")
    return found


def learn(
    sheets: Sequence[Sheet], seed: int, say: Callable[[str], None] = lambda _: None
) -> tuple[Trained, list[Unseen]]:
    """Both models from ``sheets``, and the values of layouts unseen that the second was made from."""
    unseen = unseen_values(sheets, seed, say)
    curve = curve_of(
        Value(name, option.probability, right > 0, one.sheet.state)
        for one in unseen
        for (name, option), right in zip(one.chosen.items(), one.right, strict=True)
    )
    return Trained(_model(fit(sheets, seed), curve, FLOOR), sureness(unseen, seed)), unseen


def judge(
    trained: Trained, sheets: Iterable[Sheet], *, labelled: bool = False
) -> tuple[dict[tuple[str, str], metrics.Score], list[Value]]:
    """How good the models are on documents they have not seen, by type and state, and every value they found."""
    scores: dict[tuple[str, str], metrics.Score] = defaultdict(metrics.Score)
    values: list[Value] = []
    for sheet in sheets:
        some, score = judged(sheet, answers(trained, sheet), labelled=labelled)
        scores[sheet.type, sheet.state] += score
        values += some
    return dict(scores), values


def _by_layout(
    trained: Trained, sheets: Sequence[Sheet]
) -> tuple[dict[tuple[str, str], metrics.Score], dict[tuple[str, str], metrics.Score], list[Value]]:
    """The scores by type and state, those of layouts by layout and state, and every value."""
    by_type: dict[tuple[str, str], metrics.Score] = defaultdict(metrics.Score)
    by_layout: dict[tuple[str, str], metrics.Score] = defaultdict(metrics.Score)
    values: list[Value] = []
    for layout in sorted({sheet.group for sheet in sheets}):
        found, some = judge(trained, [sheet for sheet in sheets if sheet.group == layout])
        values += some
        for (name, state), score in found.items():
            by_type[name, state] += score
            by_layout[layout, state] += score
    return dict(by_type), dict(by_layout), values


def scores(model: Model, sheet: Sheet) -> Floats:
    """The scores of a sheet's options, lessened by their rivals as in real work."""
    return np.array(against_rivals(sheet.options, model.scores(sheet.rows).tolist()))


def train(
    folder: Path,
    seed: int = SCORER_SEED,
    documents: int = SCORER_DOCUMENTS,
    truth: Sequence[Path] = (),
    say: Callable[[str], None] = lambda _: None,
) -> Figures:
    """Train the form scorer, and write its weights and their card to ``folder``.

    Args:
        folder: where ``form.txt``, ``form_sure.txt``, their ``.json`` and ``MODEL_CARD.md`` go.
        seed: decides the documents, their misreadings and the training.
        documents: how many generated documents of every type.
        truth: folders of real documents with their truth (`pipeline.evaluate.truth`), to learn from too. No figure of
            the card is measured on them.
        say: told what is being done.

    Raises:
        MissingTool: a font is not installed, or an engine that a folder of scans needs.
        InvalidTruth: a folder's truth can't be used.
    """
    sheets = list(also_plain(papers(seed, documents)))
    say(f"{len(sheets)} documents measured")
    known = [sheet for sheet in sheets if sheet.group not in HELD_OUT]
    unknown = [sheet for sheet in sheets if sheet.group in HELD_OUT and not sheet.declared]
    model, unseen = learn(known, seed, say)
    by_type, by_layout, values = _by_layout(model, unknown)
    left_out = {}
    for name in TYPES:
        others = [sheet for sheet in known if sheet.type != name]
        sure = sureness([one for one in unseen if one.sheet.type != name], seed)
        twin = Trained(Model(fit(others, seed), model.scorer.facts), sure)
        own = [one for one in sheets if one.type == name and one.group not in LETTERS and not one.declared]
        every, with_labels = judge(twin, own)[0], judge(twin, own, labelled=True)[0]
        left_out[name] = {
            state: (every.get((name, state), metrics.Score()), with_labels.get((name, state), metrics.Score()))
            for state in (CLEAN, MISREAD)
        }
        say(f"without {name}")
    real = [sheet for one in truth for sheet in measured(of_folder(one))]
    shipped, _ = learn([*sheets, *real], seed, say)
    figures = Figures(
        documents=sum(not sheet.declared for sheet in sheets), real=len(real),
        options=sum(len(sheet.options) for sheet in sheets), by_type=by_type, by_layout=by_layout, left_out=left_out,
        sure={state: _sure(values, state) for state in (CLEAN, MISREAD)},
        importance=shipped.scorer.importance(), doubts=shipped.sure.importance(), threshold=shipped.sure.threshold,
    )  # fmt: skip
    shipped.scorer.save(MODEL, folder)
    shipped.sure.save(SURE_MODEL, folder)
    write_card(folder, figures, seed=seed, documents=documents, held_out=sorted(HELD_OUT))
    return figures


def _sure(values: Sequence[Value], state: str) -> Sure:
    some = [value for value in values if value.state == state]
    numbers = np.array([value.chance for value in some])
    right = np.array([value.right for value in some], np.bool_)
    return Sure.of(numbers, right)
