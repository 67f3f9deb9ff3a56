"""The seat of the learned scorer: how probable it is that a candidate is a field's value.

Today's `RuleScorer` weighs a few readable features by hand. A learned scorer takes its seat by giving
`Scorer.score` for the same features; nothing else changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from typing import Protocol

from extractors.candidates.base import Candidate

FEATURES: Mapping[str, str] = {
    "label": "weight of the field's label that governs the candidate: likeness times place, 0..1",
    "other_label": "1 if a label of something else governs it",
    "sum": "1 if the totals tie out with it",
    "check_digit": "1 if its check digit is right, -1 if it is wrong, 0 where the kind has none",
    "repeated": "1 if the same value stands on the document more than once",
    "place": "fit of its place on the page to the field, 0..1",
    "order": "1 if it agrees with the other dates (due not before issue, ...), -1 if not, 0 unknown",
    "block": "how clearly a party block of that role holds it, 0..1",
    "heading": "1 if that block stands under a heading of that role",
    "rival": "1 if another value has nearly as good a claim",
    "guess": "1 if only the absence of a better value speaks for it",
}
"""The named features, all numbers; one that is missing is 0."""


@dataclass(frozen=True)
class Context:
    """What is known beside the candidate itself: the features that the joint decision measured."""

    features: Mapping[str, float]
    ocr: bool = False


class Scorer(Protocol):
    """Gives a calibrated probability; it MUST be pure, and SHOULD be below 0.9 where only a label speaks."""

    def score(self, candidate: Candidate, field: str, context: Context) -> float:
        """Probability 0..1 that ``candidate`` is the value of ``field``."""
        ...


_WEIGHTS = {
    "label": 4.9,
    "other_label": -2.5,
    "sum": 3.0,
    "check_digit": 1.6,
    "repeated": 0.5,
    "place": 0.8,
    "order": 0.5,
    "block": 3.6,
    "heading": 0.6,
    "rival": -1.2,
    "guess": 1.6,
}
_BIAS = -2.9


class RuleScorer:
    """Weights by hand, through a logistic curve, times the confidence of reading."""

    def score(self, candidate: Candidate, field: str, context: Context) -> float:  # noqa: ARG002
        """See `Scorer.score`."""
        total = _BIAS + sum(_WEIGHTS[name] * value for name, value in context.features.items())
        probability = 1 / (1 + exp(-total))
        # engines are modest about good words: only a poor reading lowers the probability
        return round(probability * min(1.0, candidate.confidence + 0.12), 4)
