"""A place on a page that a reviewer pointed at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from types import MappingProxyType

from models.records import Box


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value was taken from: a page, counted from 1, and a box in points of the upright page."""

    page: int
    box: Box

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """``"PAGE X0 Y0 X1 Y1"`` as the desk's form sends it; None for anything else."""
        number, *rest = text.split() or [""]
        try:
            x0, y0, x1, y1 = map(float, rest)
        except ValueError:
            return None
        well = number.isdecimal() and len(number) < 7 and all(map(isfinite, (x0, y0, x1, y1))) and x0 <= x1 and y0 <= y1
        return cls(int(number), (x0, y0, x1, y1)) if well else None


NOWHERE: Mapping[str, Place] = MappingProxyType({})
"""No value was taken from a page."""
