"""The pages of a PDF one by one: from the text layer where that is there and says what the page shows, else by OCR."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from models.messages import say
from models.records import Box, Code, Finding, Page, PageKind, Severity, Source, Word
from models.settings import Limits, Settings
from pipeline.reading import codes
from pipeline.reading.geometry import clip_box, scaled, turn_box
from pipeline.reading.known import Known, Read
from pipeline.reading.layout import arrange
from pipeline.reading.ocr import cleanup
from pipeline.reading.ocr.confidence import Reader, calibrated
from pipeline.reading.ocr.languages import Languages
from pipeline.reading.ocr.quality import judge
from pipeline.reading.ocr.recognise import MINIMUM_CONFIDENCE, Origin, recognise
from pipeline.reading.pages import page_of
from pipeline.reading.pdf import witness
from pipeline.reading.pdf.textlayer import BEHIND_SCANS, Look, TextLayer, hidden_findings, is_sane, look_at, text_layer
from pipeline.reading.pdf.triage import has_dark_patch, is_scan, text_regions
from pipeline.tools import pdfium, pdfium_shapes, pdfium_text, plumber, rapidocr
from pipeline.tools.text import clean, has_bidi_controls

Pixels = NDArray[np.uint8]
Spoken = dict[bytes, tuple[Word, ...]]
"""What regions of earlier pages said, by the hash of their pixels: a logo on every page is read once."""

_ODD_PAGES = 4  # amounts are compared on every page, odd words not throughout a book
_CHECKED_SIDE = 2000.0  # points; larger pages are plans, and drawing them for a look is dear
_LOOK_DPI = 120.0
_REGION_DPI = 200.0
_DOUBLE = 0.5  # of a word's area under a word of the text layer: the picture says the same again
_PLUMBER_WORDS = 5000
_SCAN_DPI = (150.0, 300.0)
_POINTS = pdfium.POINTS_PER_INCH


def read_pdf(path: Path, settings: Settings, languages: Languages, known: Known) -> Iterator[Read]:
    """The pages of a PDF one by one, each from its text layer where that is there and sane, else by OCR."""
    spoken: Spoken = {}
    with pdfium.open_pdf(path, settings.limits) as document:
        upright = pdfium.upright_by_hand(document)
        for number in range(1, len(document) + 1):
            before = known(number)
            if before is not None:
                yield before
                continue
            with pdfium.open_page(document, number, settings.limits) as page:
                yield _pdf_page(path, page, number, settings, spoken, languages, upright=number in upright)


def _pdf_page(  # noqa: PLR0917 - what the pages of a document share
    path: Path,
    page: pypdfium2.PdfPage,
    number: int,
    settings: Settings,
    spoken: Spoken,
    languages: Languages,
    *,
    upright: bool,
) -> Read:
    width, height = pdfium.size(page)
    glyphs = pdfium_text.glyphs(page)
    pictures = pdfium.pictures(page, settings.limits)
    look = None
    if any(item.mode not in pdfium_text.INVISIBLE for item in glyphs.objects):
        whole, bare, _ = pdfium_text.draw_twice(page, _LOOK_DPI, settings.limits, glyphs.objects)
        look = look_at(whole, bare)
    layer = text_layer(glyphs, width, height, look, upright=upright)
    scan = is_scan(layer, pictures, width * height)
    if not scan and max(width, height) <= _CHECKED_SIDE:
        layer = witness.without_buried(layer, _drawing(page, layer.turned, settings.limits))
    findings = hidden_findings(layer, number, scan=scan)
    if look is not None and is_sane(layer) and not scan:
        words = _trusted(path, page, number, layer=layer, look=look, settings=settings, findings=findings)
        if has_bidi_controls("".join(glyphs.text)):
            message = say(
                "The text layer of page {number} holds marks that make text look different from what it is.",
                number=number,
            )
            findings.append(Finding("bidi-controls", Severity.WARNING, message))
        if words:
            places = [*(picture.box for picture in pictures), *pdfium.notes(page)]
            regions = text_regions(look.bare, places, width, height) if places else ()
            more = _words_of(page, glyphs, regions, layer, settings=settings, spoken=spoken) if regions else ()
            ordered, blocks = arrange([*words, *_without_doubles(more, words)])
            return Page(
                number,
                layer.width,
                layer.height,
                Source.TEXT,
                ordered,
                layer.turned,
                blocks,
                codes=_codes(page, pictures, layer, look, settings.limits),
                kind=PageKind.MIXED if more else PageKind.TEXT,
            ), findings
    pixels, dpi = pdfium.render(page, scan_dpi(pictures), settings.limits, grey=False)
    found = codes.find(pixels, dpi)
    bare = codes.without(pixels, found)
    seen = recognise(bare, dpi, Origin.SCAN, languages, settings.engine, upright=upright)
    read = page_of(seen, number, width, height, dpi, found=found)
    behind = [word for kind in BEHIND_SCANS for word in layer.hidden.get(kind, ())] if scan else []
    if behind and (finding := witness.layer_behind(behind, read)) is not None:
        findings.append(finding)
    return read, findings


def _codes(
    page: pypdfium2.PdfPage, pictures: list[pdfium.Picture], layer: TextLayer, look: Look, limits: Limits
) -> tuple[Code, ...]:
    """The codes on a page with a text layer, in points; it is drawn for them only where something may be one."""
    if (
        max(layer.width, layer.height) > _CHECKED_SIDE
        or not has_dark_patch(look.bare)
        or not (any(codes.may_be_code(picture) for picture in pictures) or pdfium_shapes.may_draw_code(page))
    ):
        return ()
    pixels, dpi = pdfium.render(page, codes.LOOK_DPI, limits)
    scale = _POINTS / dpi
    width, height = pixels.shape[1] * scale, pixels.shape[0] * scale
    return tuple(
        replace(one, box=turn_box(scaled(one.box, scale), layer.turned, width, height))
        for one in codes.find(pixels, dpi)
    )


def _drawing(page: pypdfium2.PdfPage, turned: int, limits: Limits) -> witness.Draw:
    return lambda dpi: cleanup.turn(pdfium.render(page, dpi, limits)[0], turned)


def _trusted(
    path: Path,
    page: pypdfium2.PdfPage,
    number: int,
    *,
    layer: TextLayer,
    look: Look,
    settings: Settings,
    findings: list[Finding],
) -> tuple[Word, ...]:
    """The words of a text layer that don't contradict the picture; none if OCR must read the page."""
    if max(layer.width, layer.height) > _CHECKED_SIDE:
        return layer.words
    suspects = witness.suspects(layer, cleanup.turn(look.ink, layer.turned), odd=number <= _ODD_PAGES)
    draw = _drawing(page, layer.turned, settings.limits)
    if not witness.contradicted(suspects, draw):
        return layer.words
    if layer.turned == 0 and len(layer.words) <= _PLUMBER_WORDS:
        second = _other_words(path, number, layer, look)
        if second and not witness.contradicted(witness.sample(second), draw):
            return second
    message = say(
        "The text layer of page {number} says something else than the page shows; the picture was read instead.",
        number=number,
    )
    findings.append(Finding("text-layer-differs", Severity.WARNING, message))
    return ()


def _other_words(path: Path, number: int, layer: TextLayer, look: Look) -> tuple[Word, ...]:
    """The same page's visible words as pdfminer decodes them."""
    glyphs = plumber.glyphs(path, number, layer.width, layer.height)
    return text_layer(glyphs, layer.width, layer.height, look, upright=True).words if glyphs is not None else ()


def _words_of(
    page: pypdfium2.PdfPage,
    glyphs: pdfium_text.Glyphs,
    regions: tuple[Box, ...],
    layer: TextLayer,
    *,
    settings: Settings,
    spoken: Spoken,
) -> tuple[Word, ...]:
    """The words that pictures and notes show (``regions`` of the page as it lies), on the turned page."""
    width, height = pdfium.size(page)
    pixels, dpi = pdfium_text.draw_bare(page, _REGION_DPI, settings.limits, glyphs.objects)
    scale = dpi / _POINTS
    found: list[Word] = []
    for region in regions:
        x0, y0, x1, y1 = (round(side * scale) for side in turn_box(region, layer.turned, width, height))
        crop = np.ascontiguousarray(cleanup.turn(pixels, layer.turned)[y0:y1, x0:x1])
        key = hashlib.blake2b(crop.tobytes(), digest_size=16).digest() + crop.shape[0].to_bytes(4)
        if key not in spoken:
            seen = [
                Word(text, one.box, one.confidence)
                for one in rapidocr.words(crop, settings.languages, dpi=round(dpi))
                for text in clean(one.text).split()
            ]
            sure = calibrated(seen, Reader.RAPIDOCR, judge(cleanup.grey(crop), photo=False))
            spoken[key] = tuple(word for word in sure if word.confidence >= MINIMUM_CONFIDENCE)
        for word in spoken[key]:
            a, b, c, d = word.box
            box = scaled((a + x0, b + y0, c + x0, d + y0), 1 / scale)
            found.append(replace(word, box=clip_box(box, layer.width, layer.height)))
    return tuple(found)


def _without_doubles(more: Iterable[Word], words: Sequence[Word]) -> list[Word]:
    """The words of pictures that no word of the text layer stands upon."""
    return [word for word in more if not any(_covers(other.box, word.box) for other in words)]


def _covers(one: Box, other: Box) -> bool:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    area = (other[2] - other[0]) * (other[3] - other[1])
    return wide > 0 and high > 0 and wide * high >= _DOUBLE * area


def scan_dpi(pictures: list[pdfium.Picture]) -> float:
    """The resolution at which to draw a page for OCR: that of its largest picture, between 150 and 300."""
    low, high = _SCAN_DPI
    largest = max(pictures, key=lambda p: (p.box[2] - p.box[0]) * (p.box[3] - p.box[1]), default=None)
    if largest is None or largest.box[2] - largest.box[0] < 1 or largest.box[3] - largest.box[1] < 1:
        return high
    area = (largest.box[2] - largest.box[0]) * (largest.box[3] - largest.box[1])
    own = _POINTS * math.sqrt(largest.width * largest.height / area)  # the same however the picture was turned
    return float(np.clip(own, low, high))
