"""The record of a choice that can be made: a candidate as the value of a field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from extractors.candidates.base import Candidate


@dataclass(frozen=True, slots=True)
class Option:
    """``candidate`` as the value of ``field``: what was measured of it and how probable that makes it.

    ``features`` are numbers by names of `extractors.scoring.FEATURES`; one that is not there is unknown (NaN), which is
    not the same as 0. ``probability`` is 0..1, and 0 before it was scored.
    """

    candidate: Candidate
    field: str
    features: Mapping[str, float]
    probability: float = 0.0
