"""Which digit is this? Glyphs of a drawn page compared with the digits of the standard fonts.

A thousandth of the price of an engine, and good for one question only: does the page show the digit that the text
layer names? A "no" is a suspicion that an engine must confirm, so what counts is that a *lie* is hardly ever taken
for true; a digit of an odd typeface that is suspected for nothing costs one reading.

The measure is the normalised correlation of 16 x 16 pictures (Lewis, *Fast Template Matching*, 1995).
"""

from __future__ import annotations

import functools
import math
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
_FONTS = tuple(
    family + style
    for family, slanted in (("Helvetica", "Oblique"), ("Times", "Italic"), ("Courier", "Oblique"))
    for style in ("-Roman" if family == "Times" else "", "-Bold", f"-{slanted}", f"-Bold{slanted}")
)
_SIZES = (7, 8, 10, 12)  # points
_DPI = 120.0
_SMALLEST = 5  # pixels: what is less high has lost its shape
_ALIKE = 0.7
_SLACK = 0.05  # so much more may another digit look like it
_FAINTEST, _INK = 32.0, 0.35  # of 255 and of the darkest: where a glyph's ink begins


def warm() -> None:
    """Draw the digits to compare with, so that forked processes have them."""
    _templates()


def unlike(ink: Pixels, boxes: Sequence[Box], digits: Sequence[str]) -> list[bool]:
    """Which of ``boxes`` (pixels of ``ink``: white on black, upright) show something else than their digit.

    What is too small to tell counts as unlike.
    """
    shapes = [_shape(ink, box) for box in boxes]
    some = [shape for shape in shapes if shape is not None]
    if not some:
        return [True] * len(shapes)
    alike = (np.stack(some) @ _templates()).reshape(len(some), len(DIGITS), -1).max(axis=2)
    rows = iter(alike)
    answers = []
    for shape, digit in zip(shapes, digits, strict=True):
        row = next(rows) if shape is not None else None
        claimed = row[DIGITS.index(digit)] if row is not None else 0.0
        answers.append(row is None or claimed < _ALIKE or claimed < row.max() - _SLACK)
    return answers


def _shape(ink: Pixels, box: Box) -> Shape | None:
    """The ink in ``box`` as a vector of length 256, of mean 0 and length 1, however large it was."""
    x0, y0, x1, y1 = box
    crop = ink[max(0, math.floor(y0)) : math.ceil(y1), max(0, round(x0)) : round(x1)]
    if min(crop.shape) < 3:
        return None
    marks = crop >= max(_FAINTEST, _INK * float(crop.max()))
    rows, columns = np.flatnonzero(marks.any(axis=1)), np.flatnonzero(marks.any(axis=0))
    if not len(rows) or rows[-1] - rows[0] + 1 < _SMALLEST:
        return None
    crop = np.ascontiguousarray(crop[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    high, wide = crop.shape
    width = min(_SIDE, max(1, round(wide * _SIDE / high)))
    square = np.zeros((_SIDE, _SIDE), np.float32)
    start = (_SIDE - width) // 2
    way = cv2.INTER_LINEAR if high < _SIDE else cv2.INTER_AREA
    square[:, start : start + width] = cv2.resize(crop, (width, _SIDE), interpolation=way)
    flat: Shape = square.ravel() - square.mean()
    length = float(np.linalg.norm(flat))
    return flat / length if length else None


@functools.cache
def _templates() -> NDArray[np.float32]:
    """The digits of the standard fonts as columns, those of one digit together; drawn once in a process."""
    rows: dict[str, list[Shape]] = {name: [] for name in DIGITS}
    document = pypdfium2.PdfDocument(_sheet())
    try:
        page = document[0]
        seen = pdfium_text.glyphs(page)
        ink = 255 - pdfium.render(page, _DPI, Limits())[0]
        boxes = (seen.boxes * _DPI / pdfium.POINTS_PER_INCH).tolist()
        for text, (x0, y0, x1, y1), owner in zip(seen.text, boxes, seen.owner.tolist(), strict=True):
            shape = _shape(ink, (x0, y0, x1, y1)) if owner >= 0 else None
            if shape is not None:
                rows[text].append(shape)
        page.close()
    finally:
        document.close()
    fewest = min(map(len, rows.values()))
    return np.stack([row for name in DIGITS for row in rows[name][:fewest]], axis=1)


def _sheet() -> bytes:
    """A PDF of one page with the digits in all fonts and sizes."""
    fonts = " ".join(f"/F{n}<</Type/Font/Subtype/Type1/BaseFont/{name}>>" for n, name in enumerate(_FONTS))
    lines = [f"/F{n} {size} Tf ({DIGITS}) Tj T*" for n in range(len(_FONTS)) for size in _SIZES]
    content = f"BT 20 TL 20.3 {20 * len(lines)} Td {' '.join(lines)} ET"
    box = f"/MediaBox[0 0 200 {20 * len(lines) + 20}]/Resources<</Font<<{fonts}>>>>"
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
