"""Which digit is this? Glyphs of a drawn page compared with the digits of the standard fonts.

A thousandth of the price of an engine, and good for one question only: does the page show the digit that the text
layer names? A "no" is a suspicion that an engine must confirm, so what counts is that a *lie* is hardly ever taken
for true; a digit of an odd typeface that is suspected for nothing costs one reading.

The measure is the normalised correlation of 16 x 16 pictures (Lewis, *Fast Template Matching*, 1995).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray

from models.records import Box
from models.settings import Limits
from pipeline.tools import pdfium, pdfium_text

Pixels = NDArray[np.uint8]
Shape = NDArray[np.float32]

DIGITS = "0123456789"
_SIDE = 16
_FONTS = (
    "Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Times-Roman", "Times-Bold", "Times-Italic", "Courier",
    "Courier-Bold",
)  # fmt: skip
_SIZES = (5.3, 6.2, 7, 8, 10, 12)  # points; small digits touch their neighbours
_ROWS = (DIGITS, "8800664422 1133557799 0987654321")
_DPI = 120.0
_AT_ONCE = 400  # glyphs; OpenCV can't map pictures of more than 32,767 rows
_SMALLEST = 5  # pixels: what is less high has lost its shape
_ALIKE = 0.6
_SLACK = 0.03  # so much more may another digit look like it
_SAME = 0.97  # templates more alike than this are one
_LARGEST = 60  # pixels of a glyph's box that are looked at
_FAINTEST, _INK = 32.0, 0.35  # of 255 and of the darkest: where a glyph's ink begins


def warm() -> None:
    """Draw the digits to compare with, so that forked processes have them."""
    _templates()


def unlike(ink: Pixels, boxes: Sequence[Box], digits: Sequence[str]) -> list[bool]:
    """Which of ``boxes`` (pixels of ``ink``: white on black, upright) show something else than their digit.

    What is too small to tell counts as unlike.
    """
    if not boxes:
        return []
    shapes, told = _shapes(ink, np.array(boxes, np.float64))
    alike = (shapes @ _templates()).reshape(len(boxes), len(DIGITS), -1).max(axis=2)
    claimed = alike[np.arange(len(boxes)), [DIGITS.index(digit) for digit in digits]]
    unsure: list[bool] = (~told | (claimed < _ALIKE) | (claimed < alike.max(axis=1) - _SLACK)).tolist()
    return unsure


def _shapes(ink: Pixels, boxes: NDArray[np.float64]) -> tuple[Shape, NDArray[np.bool_]]:
    """The ink in each of n boxes as a row of 256, of mean 0 and length 1, however large it was; and whether it is any.

    All glyphs are cut out and scaled at once: one by one they cost ten times as much.
    """
    if len(boxes) > _AT_ONCE:
        parts = [_shapes(ink, boxes[start : start + _AT_ONCE]) for start in range(0, len(boxes), _AT_ONCE)]
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])
    high, wide = ink.shape
    x0, y0 = np.clip(np.round(boxes[:, 0]), 0, wide).astype(int), np.clip(np.floor(boxes[:, 1]), 0, high).astype(int)
    x1, y1 = np.clip(np.round(boxes[:, 2]), 0, wide).astype(int), np.clip(np.ceil(boxes[:, 3]), 0, high).astype(int)
    rows, columns = (min(_LARGEST, max(1, int((end - start).max()))) for start, end in ((y0, y1), (x0, x1)))
    down, right = np.arange(rows)[None, :], np.arange(columns)[None, :]
    inside = ((y0[:, None] + down) < y1[:, None])[:, :, None] & ((x0[:, None] + right) < x1[:, None])[:, None, :]
    y, x = np.minimum(y0[:, None] + down, high - 1), np.minimum(x0[:, None] + right, wide - 1)
    crops = np.where(inside, ink[y[:, :, None], x[:, None, :]], 0)
    darkest = crops.reshape(len(boxes), -1).max(axis=1)
    marks = crops >= np.maximum(_FAINTEST, _INK * darkest)[:, None, None]
    top, bottom = _extent(marks.any(axis=2))
    left, end = _extent(marks.any(axis=1))
    tall, broad = bottom - top, end - left
    told = tall >= _SMALLEST
    # how the 16 x 16 places of each shape lie in its crop: as tall as the ink, and centred without distortion
    step = np.maximum(tall, 1) / _SIDE
    places = np.arange(_SIDE) + 0.5
    map_y = top[:, None] + places[None, :] * step[:, None] - 0.5
    map_x = ((left + end) / 2)[:, None] + (places[None, :] - _SIDE / 2) * step[:, None] - 0.5
    beyond = (map_x < left[:, None] - 0.5) | (map_x > (left + np.maximum(broad, 1))[:, None] - 0.5)
    map_y = np.clip(map_y, top[:, None], np.maximum(bottom - 1, top)[:, None]) + (np.arange(len(boxes)) * rows)[:, None]
    grid_y = np.repeat(map_y[:, :, None], _SIDE, axis=2).reshape(-1, _SIDE).astype(np.float32)
    grid_x = np.repeat(np.clip(map_x, 0, columns - 1)[:, None, :], _SIDE, axis=1).reshape(-1, _SIDE).astype(np.float32)
    strip = crops.reshape(-1, columns).astype(np.uint8)
    squares = cv2.remap(strip, grid_x, grid_y, cv2.INTER_LINEAR).reshape(len(boxes), _SIDE, _SIDE).astype(np.float32)
    squares[np.repeat(beyond[:, None, :], _SIDE, axis=1)] = 0.0
    flat = squares.reshape(len(boxes), -1)
    flat -= flat.mean(axis=1, keepdims=True)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    return flat / np.maximum(length, 1e-6), told


def _extent(marks: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First and end of what is marked in each row; equal where nothing is."""
    some = marks.any(axis=1)
    end = marks.shape[1] - marks[:, ::-1].argmax(axis=1)
    first = marks.argmax(axis=1)
    return first, np.where(some, end, first)


@functools.cache
def _templates() -> NDArray[np.float32]:
    """The digits of the standard fonts as columns, those of one digit together; drawn once in a process."""
    document = pypdfium2.PdfDocument(_sheet())
    try:
        page = document[0]
        seen = pdfium_text.glyphs(page)
        ink = 255 - pdfium.render(page, _DPI, Limits())[0]
        page.close()
    finally:
        document.close()
    names = np.array([DIGITS.index(char) if char in DIGITS and char else -1 for char in seen.text])
    shapes, told = _shapes(ink, seen.boxes * _DPI / pdfium.POINTS_PER_INCH)
    rows = [_distinct(shapes[(names == number) & told]) for number in range(len(DIGITS))]
    most = max(map(len, rows))
    return np.concatenate([np.resize(row, (most, row.shape[1])) for row in rows]).T


def _distinct(shapes: Shape) -> Shape:
    """The shapes of one digit without those that are nearly the same as an earlier one."""
    alike = shapes @ shapes.T > _SAME
    kept: list[int] = []
    for index in range(len(shapes)):
        if not alike[index, kept].any():
            kept.append(index)
    return shapes[kept]


def _sheet() -> bytes:
    """A PDF of one page with the digits in all fonts and sizes."""
    fonts = " ".join(f"/F{n}<</Type/Font/Subtype/Type1/BaseFont/{name}>>" for n, name in enumerate(_FONTS))
    text = " ".join(_ROWS)
    lines = [f"/F{n} {size} Tf ({text}) Tj T*" for n in range(len(_FONTS)) for size in _SIZES]
    content = f"BT 20 TL 20.3 {20 * len(lines)} Td {' '.join(lines)} ET"
    box = f"/MediaBox[0 0 400 {20 * len(lines) + 20}]/Resources<</Font<<{fonts}>>>>"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R{box}/Contents 4 0 R>>",
        f"<</Length {len(content)}>>\nstream\n{content}\nendstream",
    ]
    body = "%PDF-1.4\n"
    places = []
    for number, item in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{item}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 5\n0000000000 65535 f \n{table}{end}".encode("ascii")
