"""The pages of a file, each as a picture or as words: PDF, TIFF and picture files behind one face."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.errors import UnreadableDocument
from models.messages import say
from models.records import Code, Page, PageKind, Source
from models.settings import Limits, Settings
from pipeline.reading import codes
from pipeline.reading.geometry import scaled, turn_box, turned_size
from pipeline.reading.known import Known, Read
from pipeline.reading.layout import arrange
from pipeline.reading.ocr import cleanup
from pipeline.reading.ocr.languages import Languages
from pipeline.reading.ocr.recognise import Origin, Recognised, recognise
from pipeline.tools import images, pdfium

Pixels = NDArray[np.uint8]

PDF, XML = "application/pdf", "application/xml"
_POINTS = pdfium.POINTS_PER_INCH
_LONGEST_PAGE = 14.0  # inches; a picture without a resolution is not taken to be larger
_A4_LONG = 11.69
_SHEETS = ((8.27, 11.69), (5.83, 8.27), (8.5, 11.0), (8.5, 14.0))  # inches: A4, A5, Letter, Legal
_SHEET_SLACK = 0.2
_ALIKE = 0.1
_SHORTEST_PAGE, _LONGEST_STATED = 2.0, 24.0  # inches: a ticket, a long till roll
_PRINTED = (2.5, 16.0)  # points: the middle height of letters in print of 5 to 30 points
_LETTER_POINTS = 6.0  # the same in print of 10 to 12 points


def read_images(path: Path, media_type: str, settings: Settings, languages: Languages, known: Known) -> Iterator[Read]:
    """The frames of a TIFF, or the one picture of another image file."""
    with images.open_image(path, media_type, settings.limits) as image:
        for number in range(1, images.frame_count(image, settings.limits) + 1):
            before = known(number)
            if before is not None:
                yield before
                continue
            picture = images.decode(image, number, settings.limits)
            dpi = dpi_of(picture)
            height, width = picture.pixels.shape[:2]
            scanned = media_type == "image/tiff" or (picture.stated and is_sheet(width / dpi, height / dpi))
            found = codes.find(picture.pixels, dpi)
            bare = codes.without(picture.pixels, found)
            seen = recognise(bare, dpi, Origin.SCAN if scanned else Origin.PHOTO, languages, settings.engine)
            yield page_of(seen, number, width * _POINTS / dpi, height * _POINTS / dpi, dpi, found=found), []


def draw(path: Path, media_type: str, number: int, *, turned: int, dpi: int, limits: Limits) -> Pixels:
    """Page ``number`` as a picture at ``dpi``, turned upright."""
    if media_type == PDF:
        with pdfium.open_pdf(path, limits) as document:
            if not 1 <= number <= len(document):
                raise no_page(number, len(document))
            with pdfium.open_page(document, number, limits) as page:
                pixels, _ = pdfium.render(page, dpi, limits, grey=False)
    else:
        picture = decoded(path, media_type, number, limits)
        factor = min(1.0, dpi / dpi_of(picture))
        height, width = picture.pixels.shape[:2]
        pixels = cleanup.resize(picture.pixels, max(1, round(width * factor)), max(1, round(height * factor)))
    return cleanup.turn(pixels, turned)


def no_page(number: int, count: int) -> UnreadableDocument:
    """What is said where page ``number`` was asked for and there are only ``count``."""
    if not count:
        return UnreadableDocument("no-page", say("There is no page {number}: the file has none.", number=number))
    if count == 1:
        return UnreadableDocument("no-page", say("There is no page {number}: the file has one page.", number=number))
    message = say("There is no page {number}: the file has pages 1 to {count}.", number=number, count=count)
    return UnreadableDocument("no-page", message)


def decoded(path: Path, media_type: str, number: int, limits: Limits) -> images.Picture:
    """Picture ``number`` (from 1) of an image file.

    Raises:
        UnreadableDocument: as reading does, and ``no-page`` if there is no such picture.
    """
    with images.open_image(path, media_type, limits) as image:
        count = images.frame_count(image, limits)
        if not 1 <= number <= count:
            raise no_page(number, count)
        return images.decode(image, number, limits)


def is_sheet(width: float, height: float, slack: float = _SHEET_SLACK) -> bool:
    """Whether so many inches are a sheet of office paper, upright or lying."""
    short, long = sorted((width, height))
    return any(abs(short - a) < slack and abs(long - b) < slack for a, b in _SHEETS)


def dpi_of(picture: images.Picture) -> float:
    """Pixels to the inch: what the file states if that makes a sheet or letters of a size that is printed.

    Else the file is silent or lies (telephones and programs state 72, 96 or 1 for all): a picture with the sides of A4
    is an A4 page, and any other has letters of the usual size, or is no longer than an A4 page.
    """
    height, width = picture.pixels.shape[:2]
    longest: int = max(height, width)
    if picture.stated and is_sheet(width / picture.dpi, height / picture.dpi):
        return picture.dpi
    letters = _letters(picture.pixels)
    as_sheet = longest / _A4_LONG
    alike = is_sheet(width / as_sheet, height / as_sheet, _ALIKE) and (letters is None or _is_print(letters, as_sheet))
    if alike and not picture.stated:
        return as_sheet
    likely = _SHORTEST_PAGE <= longest / picture.dpi <= (_LONGEST_STATED if picture.stated else _LONGEST_PAGE)
    if likely and (letters is None or _is_print(letters, picture.dpi)):
        return picture.dpi
    if alike or letters is None:
        return as_sheet
    return max(letters * _POINTS / _LETTER_POINTS, longest / _LONGEST_STATED)


def _letters(pixels: Pixels) -> float | None:
    small, factor = cleanup.look(cleanup.grey(pixels))
    letters = cleanup.letter_height(cleanup.without_rules(cleanup.binary(cleanup.flatten(small))))
    return letters and letters / factor


def _is_print(letters: float, dpi: float) -> bool:
    return _PRINTED[0] <= letters * _POINTS / dpi <= _PRINTED[1]


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
