"""The pages of a PDF one by one: from the text layer where that is there and says what the page shows, else by OCR."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from models.records import Code, Finding, Page, Severity, Source, Word
from models.settings import Limits, Settings
from pipeline.reading import cleanup, codes, witness
from pipeline.reading.geometry import scaled, turn_box
from pipeline.reading.known import Known, Read
from pipeline.reading.order import in_reading_order
from pipeline.reading.pages import page_of
from pipeline.reading.recognise import Origin, recognise
from pipeline.reading.textlayer import TextLayer, is_sane, is_scan, seen_words, text_layer
from pipeline.tools import pdfium, pdfium_shapes, plumber
from pipeline.tools.text import has_bidi_controls

Pixels = NDArray[np.uint8]

_CHECKED_PAGES = 4  # a document's amounts stand on its first pages; a book need not be compared throughout
_CHECKED_SIDE = 2000.0  # points; larger pages are plans, and drawing them for a look is dear
_PLUMBER_WORDS = 5000
_SCAN_DPI = (150.0, 300.0)
_POINTS = pdfium.POINTS_PER_INCH


def read_pdf(path: Path, settings: Settings, known: Known) -> Iterator[Read]:
    """The pages of a PDF one by one, each from its text layer where that is there and sane, else by OCR."""
    with pdfium.open_pdf(path, settings.limits) as document:
        for number in range(1, len(document) + 1):
            before = known(number)
            if before is not None:
                yield before
                continue
            with pdfium.open_page(document, number, settings.limits) as page:
                yield _pdf_page(path, page, number, settings)


def _pdf_page(path: Path, page: pypdfium2.PdfPage, number: int, settings: Settings) -> Read:
    width, height = pdfium.size(page)
    findings: list[Finding] = []
    glyphs = pdfium.glyphs(page)
    layer = text_layer(glyphs, width, height)
    pictures = pdfium.pictures(page)
    if is_sane(layer) and not is_scan(layer, pictures, width * height):
        words = _trusted(path, page, number, layer=layer, settings=settings, findings=findings)
        if has_bidi_controls("".join(glyph.text for glyph in glyphs)):
            message = f"The text layer of page {number} holds marks that make text look different from what it is."
            findings.append(Finding("bidi-controls", Severity.WARNING, message))
        if words:
            ordered, found = in_reading_order(words), _codes(page, pictures, layer, settings.limits)
            size = (layer.width, layer.height)
            return Page(number, *size, Source.TEXT, ordered, layer.turned, codes=found), findings
    pixels, dpi = pdfium.render(page, _scan_dpi(pictures), settings.limits, grey=False)
    seen = recognise(pixels, dpi, Origin.SCAN, settings.languages)
    return page_of(seen, number, width, height, dpi, found=codes.find(pixels, dpi)), findings


def _codes(
    page: pypdfium2.PdfPage, pictures: list[pdfium.Picture], layer: TextLayer, limits: Limits
) -> tuple[Code, ...]:
    """The codes on a page with a text layer, in points; it is drawn for them only where something may be one."""
    if max(layer.width, layer.height) > _CHECKED_SIDE or not (
        any(codes.may_be_code(picture) for picture in pictures)
        or pdfium_shapes.has_drawing(page, codes.FEWEST_SEGMENTS)
    ):
        return ()
    pixels, dpi = pdfium.render(page, codes.LOOK_DPI, limits)
    scale = _POINTS / dpi
    width, height = pixels.shape[1] * scale, pixels.shape[0] * scale
    return tuple(
        replace(one, box=turn_box(scaled(one.box, scale), layer.turned, width, height))
        for one in codes.find(pixels, dpi)
    )


def _trusted(
    path: Path,
    page: pypdfium2.PdfPage,
    number: int,
    *,
    layer: TextLayer,
    settings: Settings,
    findings: list[Finding],
) -> tuple[Word, ...]:
    """The words of a text layer that can be seen and don't contradict the picture; none if OCR must read the page."""

    @functools.cache
    def draw(dpi: float) -> Pixels:
        return cleanup.turn(pdfium.render(page, dpi, settings.limits)[0], layer.turned)

    look = draw(witness.FIRST_DPI)
    words, lost = seen_words(layer.words, look, look.shape[1] / layer.width * _POINTS)
    if lost + layer.hidden:
        findings.append(_hidden_text(number, lost + layer.hidden))
    if number > _CHECKED_PAGES or max(layer.width, layer.height) > _CHECKED_SIDE:
        return words
    if not witness.contradicted(witness.sample(words), draw):
        return words
    if layer.turned == 0 and len(words) <= _PLUMBER_WORDS:
        second = plumber.words(path, number, layer.width, layer.height)
        others, _ = seen_words(second, look, look.shape[1] / layer.width * _POINTS)
        sample = witness.sample(others)
        if sample and not witness.contradicted(sample, draw):
            return others
    message = f"The text layer of page {number} says something else than the page shows; the picture was read instead."
    findings.append(Finding("text-layer-differs", Severity.WARNING, message))
    return ()


def _scan_dpi(pictures: list[pdfium.Picture]) -> float:
    """The resolution at which to draw a page for OCR: that of its largest picture, between 150 and 300."""
    low, high = _SCAN_DPI
    largest = max(pictures, key=lambda p: (p.box[2] - p.box[0]) * (p.box[3] - p.box[1]), default=None)
    if largest is None or largest.box[2] - largest.box[0] < 1 or largest.box[3] - largest.box[1] < 1:
        return high
    area = (largest.box[2] - largest.box[0]) * (largest.box[3] - largest.box[1])
    own = _POINTS * math.sqrt(largest.width * largest.height / area)  # the same however the picture was turned
    return float(np.clip(own, low, high))


def _hidden_text(number: int, count: int) -> Finding:
    return Finding(
        "hidden-text",
        Severity.WARNING,
        f"Page {number} carries {count} words that can't be seen on it; they were left out.",
    )
