"""What kind of page is it: text, a scan, both, or blank? Judged page by page, before anything dear is done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from models.records import Box
from pipeline.reading.pdf.textlayer import BEHIND_SCANS, TextLayer
from pipeline.tools.pdfium import Picture

Pixels = NDArray[np.uint8]

_SCAN_COVER = 0.5  # of the page's area: one picture so large is a scan if there is little text
_SCAN_WORDS = 25
_LETTER = (5, 60)  # pixels high at the look's 120 dpi: 3 to 36 points
_WIDEST_LETTER = 3.0  # of its height
_ROW = 4  # letters of like height side by side are text
_LIKE = 0.6  # the smaller of two heights in one row, of the larger
_APART = 2.0  # heights
_DARK = 160
_CELL = 12  # pixels: 2.5 mm
_HALFTONE = (50, 225)  # of 255: the dark share of cells within a code; lines have less, filled bars more
_FAINT = 10.0  # standard deviation of a region that shows nothing
_PAD = 6  # pixels around the letters that were found
_SMALL = 0.1  # of the page
_MOST_REGIONS = 12
_MOST_LETTERS = 4000  # in one region; more is a photograph or a pattern


def is_scan(layer: TextLayer, pictures: Iterable[Picture], page_area: float) -> bool:
    """Whether the page is a picture: a large image with little text, or with text that some scanner hid behind it."""
    cover = max(((p.box[2] - p.box[0]) * (p.box[3] - p.box[1]) for p in pictures), default=0.0) / page_area
    unseen = sum(len(layer.hidden.get(kind, ())) for kind in BEHIND_SCANS)
    return cover >= _SCAN_COVER and (len(layer.words) < _SCAN_WORDS or unseen > len(layer.words))


def text_regions(bare: Pixels, places: Iterable[Box], width: float, height: float) -> tuple[Box, ...]:
    """Where, in ``places`` (pictures and notes, points), the page without its text layer still shows text.

    ``bare`` is that page of ``width`` x ``height`` points in grey. Costs nothing where there are no places, and a
    millisecond for a logo.
    """
    high, wide = bare.shape
    found: list[Box] = []
    for x0, y0, x1, y1 in places:
        left, right = (int(np.clip(x * wide / width, 0, wide)) for x in (x0, x1))
        top, bottom = (int(np.clip(y * high / height, 0, high)) for y in (y0, y1))
        region = bare[top:bottom, left:right]
        if min(region.shape) < _LETTER[0] or float(region.std()) < _FAINT:
            continue
        rows = _text_rows(region)
        if rows is not None:
            if region.size <= _SMALL * bare.size:  # a logo is read whole: letters of another height belong to its name
                rows = (0, 0, right - left, bottom - top)
            x, y = width / wide, height / high
            first = (max(0, left + rows[0] - _PAD) * x, max(0, top + rows[1] - _PAD) * y)
            found.append((*first, min(wide, left + rows[2] + _PAD) * x, min(high, top + rows[3] + _PAD) * y))
    return tuple(_merged(found)[:_MOST_REGIONS])


def has_dark_patch(bare: Pixels) -> bool:
    """Whether the page without its text shows a place as dark as bars or modules are: not paper, not lines, not a bar.

    Half a millisecond; it saves most text pages the search for codes.
    """
    _, dark = cv2.threshold(bare, _DARK, 255, cv2.THRESH_BINARY_INV)
    cells = cv2.resize(dark, None, fx=1 / _CELL, fy=1 / _CELL, interpolation=cv2.INTER_AREA)
    between = (cells > _HALFTONE[0]) & (cells < _HALFTONE[1])
    return bool((between[:-1, :-1] & between[1:, :-1] & between[:-1, 1:] & between[1:, 1:]).any())


def _text_rows(region: Pixels) -> tuple[int, int, int, int] | None:
    """The box around all rows of letters, dark on light or light on dark; None where there are none."""
    _, dark = cv2.threshold(region, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    boxes = []
    for ink in (dark, 1 - dark):
        count, _, stats, _ = cv2.connectedComponentsWithStats(np.asarray(ink, np.uint8), connectivity=8)
        if count > _MOST_LETTERS:
            continue
        sizes = stats[1:]
        wide, high = sizes[:, cv2.CC_STAT_WIDTH], sizes[:, cv2.CC_STAT_HEIGHT]
        letters = sizes[(high >= _LETTER[0]) & (high <= _LETTER[1]) & (wide <= _WIDEST_LETTER * high)]
        boxes += _rows(letters[np.argsort(letters[:, cv2.CC_STAT_LEFT])].tolist())
    if not boxes:
        return None
    x0, y0, x1, y1 = np.array(boxes).T
    return int(x0.min()), int(y0.min()), int(x1.max()), int(y1.max())


def _rows(letters: Sequence[Sequence[int]]) -> list[tuple[int, int, int, int]]:
    """Boxes of rows: letters (from left to right) of like height on one line, each near the last one."""
    rows: list[list[Sequence[int]]] = []
    for letter in letters:
        x, y, _, height, _ = letter
        for row in rows:
            last_x, last_y, last_width, last_height, _ = row[-1]
            small, large = sorted((height, last_height))
            level = abs((y + height) - (last_y + last_height)) <= 0.4 * large
            if level and small >= _LIKE * large and -small <= x - last_x - last_width <= _APART * large:
                row.append(letter)
                break
        else:
            rows.append([letter])
    return [
        (row[0][0], min(one[1] for one in row), row[-1][0] + row[-1][2], max(one[1] + one[3] for one in row))
        for row in rows
        if len(row) >= _ROW
    ]


def _merged(boxes: list[Box]) -> list[Box]:
    """Boxes that touch become one, so that nothing is read twice."""
    rest, done = list(boxes), []
    while rest:
        box = rest.pop()
        group = [box, *(other for other in rest if _touch(box, other))]
        if len(group) == 1:
            done.append(box)
            continue
        rest = [other for other in rest if other not in group]
        x0, y0, x1, y1 = zip(*group, strict=True)
        rest.append((min(x0), min(y0), max(x1), max(y1)))
    return sorted(done, key=lambda box: (box[1], box[0]))


def _touch(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]
