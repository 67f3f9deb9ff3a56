"""Barcodes and matrix codes on a page, looked for in a few milliseconds where there are none.

QR codes are sought on the whole page at 150 dpi (2 ms), all else only where it is as busy as bars and modules are.
Text is not: there is paper between its lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from models.records import Box, Code
from pipeline.reading.geometry import clip_box
from pipeline.tools import zxing
from pipeline.tools.pdfium import Picture

Pixels = NDArray[np.uint8]

LOOK_DPI = 300.0
"""At this resolution a page with a text layer is drawn to look for codes."""

_PICTURE_SIDE = 18.0  # points; a code of 6 mm is smaller than any that is printed for a scanner
_PICTURE_PIXELS = 10
_DPI = 150.0  # the picture is judged at between this and twice this resolution
_FINE_DPI = 220.0  # below it bars of 0.25 mm are narrower than two pixels: they are enlarged for a second look
_CELL = 8 / 150  # inches: 1.4 mm
_REACH = 3  # cells: so large a square must be busy throughout; between lines of text there is paper
_BUSY = 0.16  # of the page's contrast: the mean step from pixel to pixel of codes is 0.16 to 0.5
_JOIN = 5  # cells between two busy places of one code: wide bars and large modules part it
_PAD = 3  # cells of paper around a code
_MOST_PLACES = 16
_MOST_AREA = 0.15  # of the page: what is busier is a photograph; a Swiss QR bill's code takes 0.04
_MOST_CODES = 50
_MOST_AREA = 0.4  # of the page: what is busier is a photograph
_SAME = 0.5


def may_be_code(picture: Picture) -> bool:
    """Whether an image on a page with a text layer is large enough to be a code."""
    x0, y0, x1, y1 = picture.box
    return min(x1 - x0, y1 - y0) >= _PICTURE_SIDE and max(picture.width, picture.height) >= _PICTURE_PIXELS


def find(pixels: Pixels, dpi: float) -> tuple[Code, ...]:
    """The codes on a page's picture (grey or RGB, ``dpi`` pixels to the inch), boxes in pixels, from the top.

    Damaged codes are not reported. A page without codes costs about 5 ms at A4 and 300 dpi.
    """
    grey = pixels if pixels.ndim == 2 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    factor = max(1, int(dpi / _DPI))
    small = _shrunk(grey, factor)
    found = [_code(one, factor, 0, 0) for one in zxing.qr_codes(small)]
    for x0, y0, x1, y1 in _busy_places(small, dpi / factor):
        part = np.ascontiguousarray(grey[y0 * factor : y1 * factor, x0 * factor : x1 * factor])
        seen = zxing.codes(part)
        if dpi < _FINE_DPI:
            twice = cv2.resize(part, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
            seen += [replace(one, box=_halved(one.box)) for one in zxing.codes(np.asarray(twice, np.uint8))]
        found += [_code(one, 1, x0 * factor, y0 * factor) for one in seen]
    height, width = grey.shape
    return _distinct(found, width, height)


def without(pixels: Pixels, found: Sequence[Code]) -> Pixels:
    """The picture with paper where the codes (boxes in its pixels) are: bars would mislead who looks for text."""
    if not found:
        return pixels
    bare = pixels.copy()
    for code in found:
        x0, y0, x1, y1 = code.box
        place = np.s_[max(0, int(y0) - 2) : int(y1) + 3, max(0, int(x0) - 2) : int(x1) + 3]
        bare[place] = np.percentile(bare[place], 95, axis=(0, 1)).astype(np.uint8)
    return bare


def _shrunk(picture: Pixels, factor: int) -> Pixels:
    """The picture smaller by a whole factor, for which averaging is ten times cheaper than for any other."""
    high, wide = picture.shape[0] // factor, picture.shape[1] // factor
    if factor == 1 or not (high and wide):
        return picture
    part = picture[: high * factor, : wide * factor]
    return np.asarray(cv2.resize(part, (wide, high), interpolation=cv2.INTER_AREA), np.uint8)


def _halved(box: Box) -> Box:
    return (box[0] / 2, box[1] / 2, box[2] / 2, box[3] / 2)


def _code(one: zxing.Found, factor: int, x: int, y: int) -> Code:
    x0, y0, x1, y1 = (side * factor for side in one.box)
    return Code(one.format, one.text, (x + x0, y + y0, x + x1, y + y1))


def _busy_places(grey: Pixels, dpi: float) -> list[tuple[int, int, int, int]]:
    """Boxes of places where, cell after cell, brightness changes from pixel to pixel across or down; busiest first."""
    cell = max(1, round(_CELL * dpi))
    high, wide = grey.shape[0] // cell, grey.shape[1] // cell
    if min(high, wide) < _REACH:
        return []
    sheet = grey[: high * cell, : wide * cell]
    dark, light = np.percentile(sheet[::8, ::8], (0.5, 90)).tolist()
    if light - dark < 32:
        return []
    across, down = np.zeros_like(sheet), np.zeros_like(sheet)
    cv2.absdiff(sheet[:, 1:], sheet[:, :-1], across[:, :-1])
    cv2.absdiff(sheet[1:], sheet[:-1], down[:-1])
    steps = np.maximum(_shrunk(across, cell), _shrunk(down, cell))
    least = _BUSY * (light - dark) * _DPI / dpi  # the finer the picture, the fewer of its pixels are edges
    busy = np.asarray(cv2.erode(steps, np.ones((_REACH, _REACH), np.uint8)) >= least, np.uint8)
    if not busy.any():
        return []
    _, _, stats, _ = cv2.connectedComponentsWithStats(
        np.asarray(cv2.dilate(busy, np.ones((_REACH + _JOIN, _REACH + _JOIN), np.uint8)), np.uint8), connectivity=8
    )
    places, left = [], _MOST_AREA * wide * high
    for x, y, w, h, _ in sorted(stats[1:].tolist(), key=lambda one: -one[cv2.CC_STAT_AREA])[:_MOST_PLACES]:
        if w * h > left:
            continue
        left -= w * h
        x0, y0, x1, y1 = max(0, x - _PAD), max(0, y - _PAD), min(wide, x + w + _PAD), min(high, y + h + _PAD)
        places.append((x0 * cell, y0 * cell, x1 * cell, y1 * cell))
    return places


def _distinct(found: list[Code], width: int, height: int) -> tuple[Code, ...]:
    """Each code once, though both searches may have seen it, its box on the page."""
    kept: list[Code] = []
    for code in sorted(found, key=lambda one: (one.box[1], one.box[0])):
        box = clip_box(code.box, width, height)
        if not any(one.text == code.text and one.format == code.format and _overlap(one.box, box) for one in kept):
            kept.append(Code(code.format, code.text, box))
    return tuple(kept[:_MOST_CODES])


def _overlap(one: Box, other: Box) -> bool:
    """Whether boxes share half of the smaller side both ways; a linear code may be as thin as one scanned row."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across >= _SAME * min(one[2] - one[0], other[2] - other[0]) and down >= _SAME * min(
        one[3] - one[1], other[3] - other[1]
    )
