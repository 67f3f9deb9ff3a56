"""The pages of a file, each as a picture or as words: PDF, TIFF and picture files behind one face."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.errors import UnreadableDocument
from models.records import Code, Page, PageKind, Source
from models.settings import Limits, Settings
from pipeline.reading import cleanup, codes
from pipeline.reading.geometry import scaled, turn_box, turned_size
from pipeline.reading.known import Known, Read
from pipeline.reading.languages import Languages
from pipeline.reading.layout import arrange
from pipeline.reading.recognise import Origin, Recognised, recognise
from pipeline.tools import images, pdfium

Pixels = NDArray[np.uint8]

PDF, XML = "application/pdf", "application/xml"
_POINTS = pdfium.POINTS_PER_INCH
_LONGEST_PAGE = 14.0  # inches; a picture without a resolution is not taken to be larger
_A4_LONG = 11.69
_SHEETS = ((8.27, 11.69), (5.83, 8.27), (8.5, 11.0), (8.5, 14.0))  # inches: A4, A5, Letter, Legal
_SHEET_SLACK = 0.2


def read_images(path: Path, media_type: str, settings: Settings, languages: Languages, known: Known) -> Iterator[Read]:
    """The frames of a TIFF, or the one picture of another image file."""
    with images.open_image(path, media_type, settings.limits) as image:
        for number in range(1, images.frame_count(image, settings.limits) + 1):
            before = known(number)
            if before is not None:
                yield before
                continue
            picture = images.decode(image, number, settings.limits)
            dpi = _dpi_of(picture)
            height, width = picture.pixels.shape[:2]
            scanned = media_type == "image/tiff" or _is_sheet(picture)
            seen = recognise(picture.pixels, dpi, Origin.SCAN if scanned else Origin.PHOTO, languages, settings.engine)
            found = codes.find(picture.pixels, dpi)
            yield page_of(seen, number, width * _POINTS / dpi, height * _POINTS / dpi, dpi, found=found), []


def draw(path: Path, media_type: str, number: int, *, turned: int, dpi: int, limits: Limits) -> Pixels:
    """Page ``number`` as a picture at ``dpi``, turned upright."""
    if media_type == PDF:
        with pdfium.open_pdf(path, limits) as document:
            if not 1 <= number <= len(document):
                raise UnreadableDocument("damaged", f"The file has no page {number}.")
            with pdfium.open_page(document, number, limits) as page:
                pixels, _ = pdfium.render(page, dpi, limits, grey=False)
    else:
        with images.open_image(path, media_type, limits) as image:
            if not 1 <= number <= images.frame_count(image, limits):
                raise UnreadableDocument("damaged", f"The file has no page {number}.")
            picture = images.decode(image, number, limits)
        factor = min(1.0, dpi / _dpi_of(picture))
        height, width = picture.pixels.shape[:2]
        pixels = cleanup.resize(picture.pixels, max(1, round(width * factor)), max(1, round(height * factor)))
    return cleanup.turn(pixels, turned)


def _is_sheet(picture: images.Picture) -> bool:
    """Whether a picture file states a resolution by which it is a sheet of office paper: a scanner made it."""
    if not picture.stated:
        return False
    short, long = sorted(side / picture.dpi for side in picture.pixels.shape[:2])
    return any(abs(short - a) < _SHEET_SLACK and abs(long - b) < _SHEET_SLACK for a, b in _SHEETS)


def _dpi_of(picture: images.Picture) -> float:
    """Pixels to the inch; a photograph without a note of it is taken to show a page of A4's length at most."""
    longest: int = max(picture.pixels.shape[:2])
    if not picture.stated and longest / picture.dpi > _LONGEST_PAGE:
        return longest / _A4_LONG
    return picture.dpi


def page_of(
    seen: Recognised, number: int, width: float, height: float, dpi: float, *, found: Sequence[Code] = ()
) -> Page:
    """What was recognised on a picture at ``dpi``, as a page of ``width`` x ``height`` points (before its turn).

    ``found`` are the codes on the picture as it was handed in, in pixels.
    """
    wide, high = turned_size(width, height, seen.turned)
    scale = _POINTS / dpi
    words, blocks = arrange(replace(word, box=scaled(word.box, scale)) for word in seen.words)
    on_page = tuple(replace(code, box=turn_box(scaled(code.box, scale), seen.turned, width, height)) for code in found)
    kind = PageKind.BLANK if seen.source is Source.BLANK else PageKind.SCAN
    return Page(number, wide, high, seen.source, words, seen.turned, blocks, on_page, kind)


__all__ = ["PDF", "XML", "draw", "page_of", "read_images"]
