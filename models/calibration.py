"""The measured meaning of a score: how often what has that score is right."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Curve:
    """A monotone, piecewise linear map from score to probability, level right of its last point.

    Left of its first point nothing was measured: it falls in a straight line to 0 at score 0, so that a value that
    is worse than all that were seen is not believed as much as they. ``scores`` ascend strictly, ``chances`` never
    fall, both are 0..1 and equally many.
    """

    scores: tuple[float, ...]
    chances: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.scores or len(self.scores) != len(self.chances):
            raise ValueError("a curve needs as many chances as scores, and at least one")
        if any(a >= b for a, b in zip(self.scores, self.scores[1:], strict=False)):
            raise ValueError("the scores of a curve ascend")
        if any(a > b for a, b in zip(self.chances, self.chances[1:], strict=False)):
            raise ValueError("the chances of a curve never fall")
        if min(*self.scores, *self.chances) < 0 or max(*self.scores, *self.chances) > 1:
            raise ValueError("scores and chances are 0..1")

    def __call__(self, score: float) -> float:
        """The probability for ``score``."""
        right = bisect_right(self.scores, score)
        if right == 0:
            return self.chances[0] * max(0.0, score) / self.scores[0]
        if right == len(self.scores):
            return self.chances[-1]
        x0, x1 = self.scores[right - 1], self.scores[right]
        y0, y1 = self.chances[right - 1], self.chances[right]
        return y0 + (y1 - y0) * (score - x0) / (x1 - x0)
