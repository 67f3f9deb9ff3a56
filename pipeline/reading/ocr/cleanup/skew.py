"""The angle at which lines run."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.reading.ocr.cleanup.basics import Pixels

_SKEW_LIMIT = 15.0  # degrees
_SKEW_POINTS = 40_000
_SKEW_STEPS = (1.0, 0.2, 0.05)


def skew(ink: Pixels) -> tuple[float, float]:
    """The angle in degrees, within 15, by which to turn (counter-clockwise) to make lines level, and its sharpness.

    Postl's method (US patent 4,723,297, 1988): the row sums differ most from row to row where lines are level.
    Rows are counted from the coordinates of the ink, which is twenty times faster than turning the picture.
    """
    y, x = np.nonzero(ink)
    stride = 1 + len(x) // _SKEW_POINTS
    down, right = y[::stride].astype(np.float32), x[::stride].astype(np.float32)
    best, sharpness, reach = 0.0, sharpness_at(down, right, 0.0), _SKEW_LIMIT
    for step in _SKEW_STEPS:
        for angle in np.arange(best - reach, best + reach + step / 2, step).tolist():
            value = sharpness_at(down, right, angle)
            if value > sharpness * (1.0 + 1e-6):
                best, sharpness = angle, value
        reach = step
    return float(np.clip(best, -_SKEW_LIMIT, _SKEW_LIMIT)), sharpness


def sharpness_over(y: NDArray[np.float32], x: NDArray[np.float32], angles: Sequence[float]) -> list[float]:
    """`sharpness_at` for several small angles at once, which is much quicker where there are few points."""
    radians = np.radians(np.array(angles, np.float32))[:, None]
    rows = (y * np.cos(radians) - x * np.sin(radians)).astype(np.int32)
    rows -= rows.min()
    high = int(rows.max()) + 2  # a row of paper between the angles
    rows += (np.arange(len(angles), dtype=np.int32) * high)[:, None]
    sums = np.bincount(rows.ravel(), minlength=len(angles) * high).reshape(len(angles), high)
    energies: list[float] = (np.square(np.diff(sums, axis=1)).sum(axis=1) / max(1, len(y))).tolist()
    return energies


def sharpness_at(y: NDArray[np.float32], x: NDArray[np.float32], angle: float) -> float:
    """The energy of the differences between row sums, of ink turned counter-clockwise by ``angle`` degrees."""
    if not len(y):
        return 0.0
    radians = math.radians(angle)
    rows = (y * math.cos(radians) - x * math.sin(radians)).astype(np.int32)
    energy: float = np.square(np.diff(np.bincount(rows - rows.min()))).sum().item()
    return energy / len(y)
