"""What an engine saw on an image, before it becomes a word of a page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seen:
    """One word on an image: ``box`` is ``(x0, y0, x1, y1)`` in pixels from the top left, ``confidence`` 0..1."""

    text: str
    box: tuple[float, float, float, float]
    confidence: float


@dataclass(frozen=True, slots=True)
class LineText:
    """What an engine read on the picture of one line; ``confidence`` 0..1, that of its letters on average."""

    text: str
    confidence: float
