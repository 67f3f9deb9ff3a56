"""Ink without words: where on a page something stands that the engine did not read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.records import Box
from pipeline.reading.ocr import cleanup

Pixels = NDArray[np.uint8]

_LETTER = (0.55, 2.2)  # heights of the page's letters: what is smaller is a speck or a comma, what is taller a drawing
_THIN = 0.12  # widths of it: thinner is the rest of a rule
_WIDE = 20.0  # letters touch on a picture so small
_TOGETHER = 1.1  # heights between the letters of one spot
_SPOT = (0.6, 3.0)  # heights
_SOLID = (0.12, 0.85)  # share of ink in a letter's box
_COVER = 0.15  # of a word's height: so far its box is grown before its ink counts as read
_MARGIN = 0.35


@dataclass(frozen=True, slots=True)
class Spot:
    """A place with letter-like ink that no word covers.

    ``box`` is in pixels of the picture, with air around, ``marks`` the number of its letter-like parts, ``solid``
    their mean share of ink, ``tall`` their median height by that of the page's letters.
    """

    box: Box
    marks: int
    solid: float
    tall: float


def unread(flat: Pixels, boxes: Sequence[Box], letters: float) -> list[Spot]:
    """Spots of a flat, level picture that lie outside the boxes of its words; letters are ``letters`` pixels tall.

    It looks at a picture of 120 dpi or so, which takes 10 ms.
    """
    small, factor = cleanup.look(flat)
    height = letters * factor
    ink = cleanup.without_rules(cleanup.binary(small))
    for x0, y0, x1, y1 in boxes:
        pad = _COVER * (y1 - y0)
        left, top, right, bottom = (round(side * factor) for side in (x0 - pad, y0 - pad, x1 + pad, y1 + pad))
        ink[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = 0
    marks = _marks(ink, height)
    if not marks:
        return []
    canvas = np.zeros_like(ink)
    for left, top, wide, high, _ in marks:
        canvas[top : top + high, left : left + wide] = 1
    reach = max(3, round(2 * _TOGETHER * height) | 1)
    joined = cv2.morphologyEx(
        canvas, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (reach, 1)), borderValue=0
    )
    _, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(joined, np.uint8), connectivity=8)
    members: dict[int, list[tuple[int, int, int, int, float]]] = {}
    for mark in marks:
        members.setdefault(int(labels[mark[1], mark[0]]), []).append(mark)
    spots = []
    for label, inside in members.items():
        left, top, wide, high, _ = (int(value) for value in stats[label])
        if not _SPOT[0] * height <= high <= _SPOT[1] * height:
            continue
        pad = _MARGIN * min(high, 1.5 * height)
        box = ((left - pad) / factor, (top - pad) / factor, (left + wide + pad) / factor, (top + high + pad) / factor)
        inked = float(np.mean([mark[4] for mark in inside]))
        spots.append(Spot(box, len(inside), inked, float(np.median([mark[3] for mark in inside])) / height))
    return spots


def _marks(ink: Pixels, height: float) -> list[tuple[int, int, int, int, float]]:
    """Left, top, width, height and share of ink of the parts that may be letters."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    left, top, wide, high, area = stats[1:].T
    solid = area / np.maximum(1, wide * high)
    kept = (
        (high >= _LETTER[0] * height) & (high <= _LETTER[1] * height)
        & (wide >= _THIN * height) & (wide <= _WIDE * height)
        & (solid >= _SOLID[0]) & ((solid <= _SOLID[1]) | (wide < 0.5 * high))
    )  # fmt: skip
    return [
        (int(a), int(b), int(c), int(d), float(e))
        for a, b, c, d, e in zip(left[kept], top[kept], wide[kept], high[kept], solid[kept], strict=True)
    ]
