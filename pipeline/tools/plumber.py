"""pdfplumber (pdfminer.six): a second opinion on a text layer.

It decodes fonts without PDFium's guesses: where a font has no usable map, PDFium reads ``€59,50`` as ``Ä59,50``
and pdfminer reads it right; elsewhere it is the other way round. It costs ten times as much as PDFium (42 ms a page
against 3), so it is asked only where PDFium's words don't agree with the picture of the page.

Threat: a page of a million glyphs keeps it busy for minutes; the caller gives it only pages that PDFium found to
be of sane size. Its own word finder is not used: a gap of 0.15 of the size parts words there, and turned text comes out
backwards.
"""

from __future__ import annotations

import importlib.metadata
import math
from pathlib import Path
from typing import Any

import numpy as np
import pdfplumber
from pdfminer.pdfexceptions import PDFException
from pdfplumber.utils.exceptions import PdfminerException

from pipeline.tools.pdfium_text import Glyphs, TextObject

FAILURES = (
    PDFException, PdfminerException, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError,
    RecursionError, OverflowError, NotImplementedError,
)  # fmt: skip  # all seen on malformed files


def version() -> str:
    """Version of pdfplumber."""
    return importlib.metadata.version("pdfplumber")


def glyphs(path: Path, number: int, width: float, height: float) -> Glyphs | None:
    """The characters of page ``number`` (from 1) in points of a page of ``width`` x ``height``; None where it fails.

    They are columns like PDFium's, so that one builder makes words of both. pdfminer says nothing of render
    modes; what can't be seen is for the look at the drawn page. A page whose box it places elsewhere than PDFium
    does gives none: two programs that see different pages can't vouch for each other.
    """
    try:
        with pdfplumber.open(path, pages=[number]) as pdf:
            page = pdf.pages[0]
            try:
                if abs(float(page.width) - width) > 1 or abs(float(page.height) - height) > 1:
                    return None
                return _glyphs(page.chars, float(page.bbox[0]), float(page.bbox[1]))
            finally:
                page.close()  # its caches outlive the document otherwise
    except FAILURES:
        return None


def _glyphs(chars: list[dict[str, Any]], left: float, top: float) -> Glyphs:
    objects: dict[int, int] = {}
    text, boxes, owner = [], [], []
    for char in chars:
        a, b, *_ = char["matrix"]
        angle = round(math.degrees(math.atan2(-b, a))) % 360  # of the page as it lies, where y goes down
        text.append(char["text"])
        boxes.append((char["x0"] - left, char["top"] - top, char["x1"] - left, char["bottom"] - top))
        owner.append(-1 if char["text"].isspace() else objects.setdefault(angle, len(objects)))
    return Glyphs(
        text,
        np.array(boxes, np.float64).reshape(-1, 4),
        np.array(owner, np.int32),
        np.zeros(len(text), np.bool_),
        tuple(TextObject(None, angle, 0) for angle in objects),
        guesses=False,
    )
