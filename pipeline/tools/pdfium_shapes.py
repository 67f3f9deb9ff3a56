"""What PDFium finds drawn on a page besides text and pictures. Runs in the cage, like all of PDFium."""

from __future__ import annotations

import pypdfium2
from pypdfium2 import raw

_DEPTH, _OBJECTS = 4, 5_000  # of forms within forms, and of objects looked at in each


def has_drawing(page: pypdfium2.PdfPage, segments: int) -> bool:
    """Whether the page is drawn on with at least so many lines and curves, those inside of forms among them.

    It stops at that number; a page of text costs some microseconds an object.
    """
    left = segments
    count = min(raw.FPDFPage_CountObjects(page), _OBJECTS)
    waiting = [(raw.FPDFPage_GetObject(page, index), 0) for index in range(count)]
    while waiting:
        item, depth = waiting.pop()
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_PATH:
            left -= max(0, raw.FPDFPath_CountSegments(item))
            if left <= 0:
                return True
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEPTH:
            inside = range(min(raw.FPDFFormObj_CountObjects(item), _OBJECTS))
            waiting += [(raw.FPDFFormObj_GetObject(item, index), depth + 1) for index in inside]
    return False
