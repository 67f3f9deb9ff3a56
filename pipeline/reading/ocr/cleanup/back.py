"""The print of a sheet's back that shines through thin paper: finding pale marks, and taking them away.

Paper scatters and weakens what shines through it, so it is never as dark as the ink of the front. What is as pale and
not close to ink goes; whether it goes at all is not decided here, for pale print may belong to the front.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.reading.ocr.cleanup.basics import PAPER, Pixels
from pipeline.reading.ocr.cleanup.ink import below, without_rules

_DARK, _PALE = 110, 215  # grey levels of a flat picture: ink is darker than the first, paper lighter than the second
_LEAST_SHARE, _LEAST_PART = 0.05, 0.3
_LEAST_MARKS = 0.004
_APART = 9  # pixels at 120 dpi: what is closer to ink may be its edge
_REACH = 0.35  # heights of letters: so far from its dark part a mark is followed
_AIR = 0.17  # and so wide a rim of it keeps its greys
_NOT_ALONE = 4  # dark pixels of nine: fewer are noise
_SURELY_INK = 12  # grey levels darker than the back


def pale_marks(flat: Pixels) -> Pixels | None:
    """Marks (1, else 0) that are paler than ink and not beside it, of a flat picture of 120 dpi or so.

    None where they are too few to matter, which most often a glance of 2 ms shows.
    """
    shape = cv2.getStructuringElement(cv2.MORPH_RECT, (_APART, _APART))
    darkest = np.asarray(cv2.erode(flat, shape), np.uint8)
    levels = cv2.calcHist([darkest], [0], None, [256], [0, 256]).ravel() / darkest.size
    dark, pale = float(levels[:_DARK].sum()), float(levels[_DARK:_PALE].sum())
    if pale < _LEAST_SHARE or pale < _LEAST_PART * (dark + pale):
        return None
    marks = below(np.asarray(cv2.blur(flat, (3, 3)), np.uint8), _PALE)
    apart = np.asarray(cv2.bitwise_and(marks, 1 - below(darkest, _DARK)), np.uint8)
    marks = without_rules(apart)
    return marks if float(marks.mean()) >= _LEAST_MARKS else None


def without_back(flat: Pixels, level: float, letters: float) -> Pixels:
    """The flat picture with all white but marks that are in part darker than the back's ``level``, and their rim.

    ``letters`` is the height of its letters in pixels.
    """
    dark = below(flat, level - _SURELY_INK)
    near = cv2.boxFilter(dark, -1, (3, 3), normalize=False)
    kept = cv2.bitwise_and(dark, 1 - below(np.asarray(near, np.uint8), _NOT_ALONE))
    marks = below(flat, max(level, _PALE - _SURELY_INK))
    step = cv2.getStructuringElement(cv2.MORPH_RECT, (3, 3))
    for _ in range(max(1, round(_REACH * letters))):
        kept = cv2.bitwise_and(cv2.dilate(kept, step), marks)
    side = max(3, round(_AIR * letters) | 1)
    ink = cv2.dilate(kept, cv2.getStructuringElement(cv2.MORPH_RECT, (side, side)))
    return np.asarray(cv2.max(flat, (1 - np.asarray(ink, np.uint8)) * np.uint8(PAPER)), np.uint8)
