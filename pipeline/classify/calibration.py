"""From the scores of types to the probability that the best one is right."""

from __future__ import annotations

import math
from typing import NamedTuple

_LEAST = 1e-6


def _logit(share: float) -> float:
    share = min(max(share, _LEAST), 1 - _LEAST)
    return math.log(share / (1 - share))


class Calibration(NamedTuple):
    """Weights of a logistic regression on the log-odds of the best type and of the next one (Platt scaling).

    Scores are independent of one another: where none is high no type fits, where two are high more than one does.
    """

    constant: float
    best: float
    second: float

    @staticmethod
    def evidence(scores: dict[str, float]) -> tuple[float, float]:
        """The log-odds of the highest and of the second highest score."""
        first, second = sorted(scores.values(), reverse=True)[:2]
        return _logit(first), _logit(second)

    def confidence(self, scores: dict[str, float]) -> float:
        """The probability, 0..1, that the type with the highest score is right."""
        first, second = self.evidence(scores)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.constant + self.best * first + self.second * second))))
