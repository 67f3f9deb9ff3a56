"""What was learnt about receipts, loaded once a process; ``models/weights/receipt/MODEL_CARD.md`` says from what.

`podatelna train receipts` writes it: a booster each for the lines of the company and of the address, for runs of such
lines, for dates and for amounts, and ``confidence.json``: how sure a choice is, from the booster's word, its lead over
the next best and how surely its words were read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import exp, log
from pathlib import Path

from pydantic import TypeAdapter

import models
from extractors.scoring import Model, load
from models.errors import MissingTool

WEIGHTS = Path(models.__file__).parent / "weights" / "receipt"
BOOSTERS = ("company_line", "address_line", "company", "address", "date", "total")
_EDGE = 1e-3


def log_odds(chance: float) -> float:
    """The logarithm of the odds of ``chance``, which is kept a little away from 0 and 1."""
    chance = min(1 - _EDGE, max(_EDGE, chance))
    return log(chance / (1 - chance))


@dataclass(frozen=True, slots=True)
class Choice:
    """What is known of the best option of a field: its score, that of the next other value, and how it was read.

    ``read`` is the mean confidence of its words, ``doubt`` the sum of what each lacks to 1.
    """

    score: float
    second: float
    read: float
    doubt: float

    def numbers(self) -> tuple[float, ...]:
        """The inputs of `Surety`."""
        return (log_odds(self.score), log_odds(self.score) - log_odds(self.second), self.read, min(4.0, self.doubt))


@dataclass(frozen=True, slots=True)
class Surety:
    """A logistic curve from `Choice.numbers` to the probability that the value is right."""

    bias: float
    weights: tuple[float, ...]

    def chance(self, choice: Choice) -> float:
        """The probability that the chosen value is right, letter by letter."""
        total = self.bias + sum(w * x for w, x in zip(self.weights, choice.numbers(), strict=True))
        return 1 / (1 + exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True)
class ReceiptModels:
    """The boosters by name, and the sureties by field."""

    boosters: Mapping[str, Model]
    sureties: Mapping[str, Surety]


SURETIES = TypeAdapter(dict[str, Surety])


@cache
def receipt_models(folder: Path = WEIGHTS) -> ReceiptModels:
    """The models that ship, read once a process.

    Raises:
        MissingTool: files of the installation are missing.
    """
    boosters = {name: load(name, folder) for name in BOOSTERS}
    try:
        sureties = SURETIES.validate_json((folder / "confidence.json").read_bytes())
    except OSError as error:
        raise MissingTool(
            f"The weights for receipts can't be read from {folder}. Train them with: podatelna train receipts"
        ) from error
    return ReceiptModels(boosters, sureties)
