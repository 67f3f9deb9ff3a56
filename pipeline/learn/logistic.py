"""Logistic regression over piecewise linear features, by Newton's method with a ridge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.reading.ocr.confidence import Curve, Floats, spread

_STEPS = 30
_ENOUGH = 1e-4
_FEW = 3
_OUTER = 0.005


def bends(features: Floats, shares: tuple[float, ...] = (0.1, 0.3, 0.6, 0.85)) -> tuple[tuple[float, ...], ...]:
    """Knots for each feature: its ends (without the outermost values) and, if it has many values, these shares."""
    found: list[tuple[float, ...]] = []
    for column in features.T:
        if len(np.unique(column)) <= _FEW:
            found.append((float(column.min()), float(column.max())))
            continue
        low, *knots, high = (round(float(one), 4) for one in np.quantile(column, (_OUTER, *shares, 1 - _OUTER)))
        found.append((low, *sorted({knot for knot in knots if low < knot < high}), max(low, high)))
    return tuple(found)


def fit(features: Floats, right: NDArray[np.bool_], *, ridge: float) -> Curve:
    """The curve of greatest likelihood, less ``ridge`` / 2 times the sum of squares of the standardised weights."""
    knots = bends(features)
    wide = spread(features, knots)
    mean, scale = wide.mean(axis=0), wide.std(axis=0)
    scale[scale < 1e-9] = np.inf  # a constant column gets no weight
    table = np.hstack([(wide - mean) / scale, np.ones((len(wide), 1))])
    penalty = np.full(table.shape[1], ridge)
    penalty[-1] = 1e-6
    found = np.zeros(table.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(table @ found, -30, 30)))
        slope = table.T @ (right - chance) - penalty * found
        bend = (table * (chance * (1 - chance) + 1e-9)[:, None]).T @ table + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        found += step
        if float(np.abs(step).max()) < _ENOUGH:
            break
    real = found[:-1] / scale
    return Curve(knots, tuple(np.round(real, 5).tolist()), round(float(found[-1] - real @ mean), 5))
