"""Probabilities that are measured on layouts and senders which the booster that gave the scores had not seen.

Scores become probabilities by isotonic regression (Zadrozny and Elkan 2002).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from extractors.scoring import Model
from extractors.scoring.model import Facts, Floats
from models.calibration import Curve
from pipeline.evaluate import metrics

FOLDS = 5
_CAP = 0.999
_ORDER = 0.02
_LEAST = 40  # values between two corners of the curve
_MODEST = 0.5  # wrong values added to each stretch of it


@dataclass(frozen=True, slots=True)
class Sheet:
    """A measured document: one row for each option of each field, the expert's choice of a field first.

    ``names`` and ``places`` are the field and the option's place within it; ``weights`` is 0 where nobody can say what
    is right.
    """

    group: str
    state: str
    names: tuple[str, ...]
    places: tuple[int, ...]
    rows: Floats
    right: Floats
    weights: Floats


def folds(sheets: Sequence[Sheet]) -> list[tuple[list[Sheet], list[Sheet]]]:
    """The sheets to learn from and those to be judged by, `FOLDS` times; a layout or sender is always on one side."""
    groups = sorted({sheet.group for sheet in sheets})
    np.random.default_rng(0).shuffle(groups)
    place = {group: index % FOLDS for index, group in enumerate(groups)}
    return [
        ([s for s in sheets if place[s.group] != fold], [s for s in sheets if place[s.group] == fold])
        for fold in range(FOLDS)
    ]


def held_out(
    sheets: Sequence[Sheet], fit: Callable[[Sequence[Sheet]], Any], say: Callable[[str], None] = lambda _: None
) -> list[tuple[Sheet, Floats]]:
    """Every sheet with the scores of a booster that had not seen its layout or sender; ``fit`` trains one."""
    found: list[tuple[Sheet, Floats]] = []
    for fold, (some, rest) in enumerate(folds(sheets)):
        model = Model(fit(some), Facts(Curve((0.0, 1.0), (0.0, 1.0)), 0.0))
        found += [(sheet, model.scores(sheet.rows)) for sheet in rest]
        say(f"fold {fold + 1} of {FOLDS}")
    return found


def curve_of(found: Iterable[tuple[Sheet, Floats]]) -> Curve:
    """The share of right values by score among the experts' choices, never falling, and never quite certain."""
    some = sorted(
        (float(score), bool(right), float(weight))
        for sheet, scores in found
        for place, score, right, weight in zip(sheet.places, scores, sheet.right, sheet.weights, strict=True)
        if place == 0 and weight > 0
    )
    stretches = [some[at : at + _LEAST] for at in range(0, len(some), _LEAST)]
    points: dict[float, float] = {}
    for stretch in stretches:
        total = sum(weight for _, _, weight in stretch)
        chance = sum(weight for _, right, weight in stretch if right) / (total + _MODEST)
        points[round(sum(score for score, _, _ in stretch) / len(stretch), 5)] = chance
    ordered = sorted((score, chance) for score, chance in points.items() if 0 < score < 1)
    scores = np.array([0.0, *[score for score, _ in ordered], 1.0])
    pooled = _monotone(np.array([chance for _, chance in ordered]))
    chances = np.array([0.0, *pooled, pooled[-1]])
    # a little of the score itself keeps in order what was pooled
    chances = np.minimum(_CAP, (1 - _ORDER) * chances + _ORDER * scores)
    return Curve(tuple(scores.tolist()), tuple(round(float(one), 6) for one in chances))


def _monotone(chances: Floats) -> Floats:
    """Pool adjacent violators (Ayer and others 1955), all of one weight."""
    pooled: list[list[float]] = []
    for one in chances.tolist():
        pooled.append([one, 1])
        while len(pooled) > 1 and pooled[-2][0] > pooled[-1][0]:
            value, weight = pooled.pop()
            before, count = pooled.pop()
            pooled.append([(value * weight + before * count) / (weight + count), weight + count])
    return np.array([value for value, weight in pooled for _ in range(int(weight))])


def chosen(found: Iterable[tuple[Sheet, Floats]], states: Sequence[str] | None = None) -> tuple[Floats, metrics.Rights]:
    """Scores and rightness of the experts' choices that can be judged."""
    some = [
        (float(score), bool(right))
        for sheet, scores in found
        if states is None or sheet.state in states
        for place, score, right, weight in zip(sheet.places, scores, sheet.right, sheet.weights, strict=True)
        if place == 0 and weight > 0
    ]
    return np.array([score for score, _ in some]), np.array([right for _, right in some], np.bool_)


def crossed(found: Sequence[tuple[Sheet, Floats]]) -> list[tuple[Sheet, Floats]]:
    """Probabilities by curves that were made without the layout or sender too."""
    groups = sorted({sheet.group for sheet, _ in found})
    made: list[tuple[Sheet, Floats]] = []
    for fold in range(FOLDS):
        own = set(groups[fold::FOLDS])
        curve = curve_of([one for one in found if one[0].group not in own])
        made += [(s, np.array([curve(float(x)) for x in scores])) for s, scores in found if s.group in own]
    return made
