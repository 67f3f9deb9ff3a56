"""What PDFium finds drawn on a page besides text and pictures. Runs in the cage, like all of PDFium."""

from __future__ import annotations

import ctypes
from collections import Counter

import pypdfium2
from pypdfium2 import raw

_DEPTH, _OBJECTS = 4, 5_000  # of forms within forms, and of objects looked at in each
_MODULE = 8.0  # points: the sides of a matrix code's squares, or of some in a row
_MODULES = 60
_BAR, _TALL = 4.0, 100.0  # points: the thickness of a linear code's bars, and their length
_BARS = 20
_SEGMENTS, _WHOLE = 90, 300.0  # of a code that is drawn as one path, and its sides in points


def may_draw_code(page: pypdfium2.PdfPage) -> bool:
    """Whether something on the page may be a barcode or matrix code that is drawn with lines and rectangles.

    These are many small squares, many thin bars between the same two lines, or one path of very many segments; the
    rules of a table are none of that. A page of text costs some microseconds an object.
    """
    count = min(raw.FPDFPage_CountObjects(page), _OBJECTS)
    waiting = [(raw.FPDFPage_GetObject(page, index), 0) for index in range(count)]
    modules, bars = 0, Counter[tuple[str, int, int]]()
    sides = [ctypes.c_float() for _ in range(4)]
    while waiting:
        item, depth = waiting.pop()
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEPTH:
            inside = range(min(raw.FPDFFormObj_CountObjects(item), _OBJECTS))
            waiting += [(raw.FPDFFormObj_GetObject(item, index), depth + 1) for index in inside]
        if kind != raw.FPDF_PAGEOBJ_PATH or not raw.FPDFPageObj_GetBounds(item, *sides):
            continue
        left, bottom, right, top = (side.value for side in sides)
        wide, high = right - left, top - bottom
        if max(wide, high) <= _WHOLE and raw.FPDFPath_CountSegments(item) >= _SEGMENTS:
            return True
        modules += max(wide, high) <= _MODULE
        if wide <= _BAR and high <= _TALL:
            bars["upright", round(bottom), round(top)] += 1
        elif high <= _BAR and wide <= _TALL:
            bars["level", round(left), round(right)] += 1
        if modules >= _MODULES:
            return True
    return max(bars.values(), default=0) >= _BARS
