"""Ruled lines, boxes around fields and streaks of the scanner's glass, taken away before an engine reads.

Tesseract takes broken frames for blocks of text and loses the words inside: without them 94.3 instead of 93.5 % of the
words of the invoice scans are found, 88 instead of 77 % on the worst.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.reading.ocr.cleanup.basics import PAPER, Pixels, shrink
from pipeline.reading.ocr.cleanup.ink import below

# all lengths in heights of the page's letters
_THICK = 0.3  # a line is no thicker
_DASH = 1.0  # its unbroken parts are at least so long: longer than the bars of letters
_GAP = 1.2  # between its parts
_LENGTH = 5.0  # parts and gaps together
_REACH = 5.0  # from a line's end: dashes in its continuation belong to it
_SLACK = 2  # pixels that a line may climb from part to part
_LETTERS = 13.0  # pixels: lines are looked for on a picture with letters so tall
_SKIP = 4
_FAINT = 215  # lines are often paler than letters
_DARK = 170
_CROSSED = 7  # pixels: strokes of letters on both sides of a line are so far apart


def _box(wide: float, high: float, *, lying: bool) -> Pixels:
    size = (max(1, round(wide)), max(1, round(high)))
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_RECT, size if lying else size[::-1]), np.uint8)


def lines(ink: Pixels, letters: float, *, lying: bool) -> Pixels:
    """The pixels (1, else 0) of lying or standing lines in ink with letters ``letters`` pixels tall.

    Thin ink in runs longer than any letter's bar; the runs are linked over gaps, and what is long by then is a line.
    """
    letter_strokes = cv2.morphologyEx(ink, cv2.MORPH_OPEN, _box(1, max(3, round(_THICK * letters)) + 1, lying=lying))
    thin = cv2.dilate(cv2.subtract(ink, letter_strokes), _box(1, 2, lying=lying))
    parts = cv2.morphologyEx(thin, cv2.MORPH_OPEN, _box(_DASH * letters, 1, lying=lying))
    if not cv2.countNonZero(parts):
        return np.asarray(parts, np.uint8)
    # runs are longer than a letter: every fourth pixel along the line shows where they are
    few = np.ascontiguousarray(parts[:, ::_SKIP] if lying else parts[::_SKIP])
    step = letters / _SKIP
    linked = cv2.dilate(few, _box(_GAP * step, 1 + _SLACK, lying=lying))
    long = cv2.morphologyEx(linked, cv2.MORPH_OPEN, _box((_LENGTH + _GAP) * step, 1, lying=lying))
    sure = cv2.bitwise_and(few, long)
    near = cv2.dilate(sure, _box(2 * _REACH * step, 1 + _SLACK, lying=lying))
    height, width = ink.shape
    where = cv2.resize(cv2.bitwise_or(long, near), (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.bitwise_and(parts, where), np.uint8)


def without_lines(picture: Pixels, letters: float) -> Pixels:
    """A flat, level picture without its ruled lines; the strokes of letters that cross them stay.

    ``letters`` is the height of its letters in pixels. A picture without lines comes back as it is.
    """
    factor = min(1.0, _LETTERS / letters)
    shrunk = shrink(picture, factor)
    pale = below(shrunk, _FAINT)
    ink = below(shrunk, _DARK)
    gone: Pixels | None = None
    for lying in (True, False):
        found = lines(pale, letters * factor, lying=lying)
        if not cv2.countNonZero(found):
            continue
        mask = cv2.dilate(found, _box(3, 3, lying=lying))
        strokes = cv2.morphologyEx(cv2.subtract(ink, mask), cv2.MORPH_CLOSE, _box(1, _CROSSED, lying=lying))
        erased = np.asarray(cv2.subtract(mask, strokes), np.uint8)
        gone = erased if gone is None else np.maximum(gone, erased)
    if gone is None:
        return picture
    height, width = picture.shape
    full = cv2.resize(gone * np.uint8(PAPER), (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.max(picture, full), np.uint8)
