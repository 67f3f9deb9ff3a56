"""Rules on the picture of a page: the level and upright lines of tables."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Line = tuple[float, float, float, float]

_ACROSS, _DOWN = 0.45, 0.22  # inches: shorter strokes are letters
_THICK = 0.06  # inches: what is thicker is a bar or a picture
_BRIDGE = 0.04  # inches: a gap in a rule that noise has cut
_MOST = 1500


def find(grey: Pixels, dpi: float) -> tuple[list[Line], list[Line]]:
    """Level and upright lines of a page (grey, level within half a degree), in pixels, ``(x0, y0, x1, y1)``.

    A stroke counts as a line if it is long and thin. About 10 ms for an A4 page at 150 dpi.
    """
    blurred = cv2.medianBlur(grey, 3)
    faint = cv2.adaptiveThreshold(blurred, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 12)
    thin = cv2.adaptiveThreshold(grey, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 20)
    ink = np.asarray(cv2.bitwise_or(faint, thin), np.uint8)
    return _strokes(ink, dpi, upright=False), _strokes(ink, dpi, upright=True)


def _strokes(ink: NDArray[np.uint8], dpi: float, *, upright: bool) -> list[Line]:
    long = max(9, round((_DOWN if upright else _ACROSS) * dpi))
    bridge = max(3, round(_BRIDGE * dpi))
    picture = np.ascontiguousarray(ink.T) if upright else ink
    thick = cv2.dilate(picture, np.ones((3, 1), np.uint8))  # a rule that is not quite level climbs from row to row
    joined = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, bridge), np.uint8))
    opened = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((1, long), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(np.asarray(opened, np.uint8), connectivity=8)
    lines: list[Line] = []
    for x, y, w, h, _ in stats[1:].tolist():
        if h <= _THICK * dpi + 2 + 0.01 * w:
            lines.append((y, x, y + h, x + w) if upright else (x, y, x + w, y + h))
    return lines[:_MOST]
