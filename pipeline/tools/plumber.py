"""pdfplumber (pdfminer.six): a second opinion on a text layer.

It decodes fonts without PDFium's guesses: where a font has no usable map, PDFium reads ``€59,50`` as ``Ä59,50``
and pdfminer reads it right; elsewhere it is the other way round. It costs ten times as much as PDFium (42 ms a page
against 3), so it is asked only where PDFium's words don't agree with the picture of the page.

Threat: a page of a million glyphs keeps it busy for minutes; the caller gives it only pages that PDFium found to
be of sane size. ``x_tolerance_ratio=0.15`` agrees best with other programs (word F1 0.97; its default 0.92).
"""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pdfplumber
from pdfminer.pdfexceptions import PDFException
from pdfplumber.utils.exceptions import PdfminerException

from models.records import Word
from pipeline.tools.text import clean

_FAILURES = (
    PDFException, PdfminerException, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError,
    RecursionError, OverflowError, NotImplementedError,
)  # fmt: skip  # all seen on malformed files


def version() -> str:
    """Version of pdfplumber."""
    return importlib.metadata.version("pdfplumber")


def words(path: Path, number: int, width: float, height: float) -> list[Word]:
    """The words of page ``number`` (from 1) in points of a page of ``width`` x ``height``; none where it fails.

    A page whose box it places elsewhere than PDFium does gives none either: two programs that see different pages
    can't vouch for each other.
    """
    try:
        with pdfplumber.open(path, pages=[number]) as pdf:
            page = pdf.pages[0]
            try:
                if abs(float(page.width) - width) > 1 or abs(float(page.height) - height) > 1:
                    return []
                left, top = float(page.bbox[0]), float(page.bbox[1])
                return [
                    Word(part, (item["x0"] - left, item["top"] - top, item["x1"] - left, item["bottom"] - top))
                    for item in page.extract_words(x_tolerance_ratio=0.15)
                    for part in clean(item["text"]).split()
                ]
            finally:
                page.close()  # its caches outlive the document otherwise
    except _FAILURES:
        return []
