"""The measured meaning of a score: how often values with that score were right.

``weights/calibration/calibration.json`` holds one monotone curve for each field (or, where a field has too few
examples, for its kind), apart for pages with a text layer and for pages read by OCR. `podatelna train
calibration` writes it; ``MODEL_CARD.md`` beside it says on what data.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

LINE_ITEMS = "line_items"
"""The name under which the rows of the table have their curve, beside the names of fields."""
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
    """The curves by field name and by kind, for values of a text layer and of OCR."""

    text: Mapping[str, Curve]
    ocr: Mapping[str, Curve]

    def chance(self, score: float, name: str, kind: str, *, ocr: bool) -> float:
        """The probability that a value of field ``name`` and ``kind`` with ``score`` is right.

        Without a curve for the field or its kind the score itself is returned.
        """
        curves = self.ocr if ocr else self.text
        curve = curves.get(name) or curves.get(f"kind:{kind}")
        return score if curve is None else curve(score)


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
