"""The measured meaning of a score: how often what has that score is right.

Confidences of fields come out of models that measured them; the rows of tables have scores made by rules.
``weights/calibration/calibration.json`` holds their two monotone curves, for pages with a text layer and for pages read
by OCR. `podatelna train calibration` writes it; ``MODEL_CARD.md`` beside it says on what data.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

WEIGHTS = Path(__file__).parent / "weights" / "calibration"


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


@dataclass(frozen=True, slots=True)
class Calibration:
    """The curves for the rows of tables on a text layer and for those that OCR read."""

    text: Curve
    ocr: Curve

    def chance(self, score: float, *, ocr: bool) -> float:
        """The probability that all cells of a row with ``score`` are right."""
        return (self.ocr if ocr else self.text)(score)


_ADAPTER = TypeAdapter(Calibration)


def dumps(calibration: Calibration) -> bytes:
    """The calibration as readable JSON, the same bytes for the same curves."""
    return _ADAPTER.dump_json(calibration, indent=1) + b"\n"


def loads(data: bytes) -> Calibration:
    """Read what `dumps` wrote.

    Raises:
        pydantic.ValidationError: ``data`` is no calibration, or a curve is not monotone.
    """
    return _ADAPTER.validate_json(data)


@cache
def calibration() -> Calibration:
    """The curves that ship, read once per process.

    Raises:
        OSError: the file is missing from the installation.
        pydantic.ValidationError: the file is not a calibration.
    """
    return loads((WEIGHTS / "calibration.json").read_bytes())
