"""A trained scorer at work: a LightGBM booster from ``models/weights/scorer``, loaded once a process.

LightGBM (Ke and others 2017) predicts on one thread: workers share the machine by processes. A model's folder-mates::

    NAME.txt    the booster as text, with the names of its features
    NAME.json   the curve from its score to a probability, and the threshold below which a field is left empty

Importing LightGBM takes about 0.25 s and 30 MB, so it is done when a model is first asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

import models
from extractors.scoring.option import Option
from models.calibration import Curve
from models.errors import MissingTool

WEIGHTS = Path(models.__file__).parent / "weights" / "scorer"
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands beside a booster: ``curve`` maps its score to a probability, ``threshold`` is one of those."""

    curve: Curve
    threshold: float


_FACTS = TypeAdapter(Facts)


def rows_of(features: Iterable[Mapping[str, float]], names: Sequence[str]) -> Floats:
    """One row of numbers for each mapping, in the order of ``names``; what a mapping lacks is NaN."""
    nan = float("nan")
    rows = np.array([[one.get(name, nan) for name in names] for one in features], np.float64)
    return rows.reshape(-1, len(names))


class Model:
    """Scores options; pure, and safe to use from several threads."""

    def __init__(self, booster: Any, facts: Facts) -> None:
        """``booster`` is a ``lightgbm.Booster`` with the objective ``binary``."""
        self._booster = booster
        self.names: tuple[str, ...] = tuple(booster.feature_name())
        self.facts = facts
        self.threshold = facts.threshold
        self._scores = np.array((0.0, *facts.curve.scores))
        self._chances = np.array((facts.curve(0.0), *facts.curve.chances))

    def rows(self, features: Iterable[Mapping[str, float]]) -> Floats:
        """One row of numbers for each mapping, in the order of ``names``; what a mapping lacks is NaN."""
        return rows_of(features, self.names)

    def scores(self, rows: Floats) -> Floats:
        """What the booster says of each row, 0..1."""
        if not len(rows):
            return np.zeros(0)
        return np.asarray(self._booster.predict(rows, num_threads=1), np.float64)

    def chances(self, features: Sequence[Mapping[str, float]]) -> list[float]:
        """The probability of each mapping of features that its candidate is right."""
        found: list[float] = self.probabilities(self.rows(features)).tolist()
        return found

    def probabilities(self, rows: Floats) -> Floats:
        """The probability of each row, as `rows` makes them."""
        return self.calibrated(self.scores(rows))

    def calibrated(self, scores: Floats) -> Floats:
        """The probabilities for scores, by the curve that was measured."""
        return np.asarray(np.interp(scores, self._scores, self._chances))

    def score(self, options: Sequence[Option]) -> list[Option]:
        """The same options with their probabilities; call it once a document, not once a field."""
        chances = self.chances([option.features for option in options])
        return [replace(option, probability=chance) for option, chance in zip(options, chances, strict=True)]

    def contributions(self, features: Mapping[str, float]) -> dict[str, float]:
        """How much each feature speaks for the candidate, in log-odds (Lundberg and others 2020); ``""`` is the base.

        Takes a millisecond or so: for explanations only.
        """
        found = np.asarray(self._booster.predict(self.rows([features]), num_threads=1, pred_contrib=True))[0]
        return dict(zip((*self.names, ""), found.tolist(), strict=True))

    def importance(self) -> dict[str, float]:
        """The share of each feature in what the booster's splits gain, the greatest first."""
        gains = np.asarray(self._booster.feature_importance("gain"), np.float64)
        shares = dict(zip(self.names, (gains / max(1e-9, gains.sum())).tolist(), strict=True))
        return dict(sorted(shares.items(), key=lambda item: -item[1]))

    def save(self, name: str, folder: Path) -> None:
        """Write the model so that `load` finds it."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.txt").write_text(self._booster.model_to_string(), encoding="utf-8")
        (folder / f"{name}.json").write_bytes(_FACTS.dump_json(self.facts, indent=1) + b"\n")


@cache
def load(name: str, folder: Path = WEIGHTS) -> Model:
    """The model ``name``, read once a process.

    Raises:
        MissingTool: its files are not there.
    """
    try:
        text = (folder / f"{name}.txt").read_text(encoding="utf-8")
        facts = _FACTS.validate_json((folder / f"{name}.json").read_bytes())
    except OSError as error:
        raise MissingTool(
            f"The scorer's weights {name!r} can't be read from {folder}. Train them with: podatelna train scorer"
        ) from error
    import lightgbm

    return Model(lightgbm.Booster(model_str=text), facts)


def warm() -> None:
    """Load every model now, so that children forked later have them."""
    for path in sorted(WEIGHTS.glob("*.txt")):
        load(path.stem)
