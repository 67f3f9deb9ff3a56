"""The picture of a page after each step of the clean-up, for people who want to see why a page reads as it does.

The steps are those of `pipeline.reading.ocr.recognise`, called with what it would call them with.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.records import Page
from models.settings import Limits, Settings
from pipeline.reading.ocr import bleeding, cleanup, photo
from pipeline.reading.ocr.cleanup.level import moved_background, turned_and_scaled
from pipeline.reading.ocr.stand import Stand, look_at, stand_up
from pipeline.reading.pages import PDF, decoded, draw, no_page
from pipeline.reading.pdf.pages import scan_dpi
from pipeline.tools import pdfium

Pixels = NDArray[np.uint8]

STAGES = {
    "stored": "as the file has it, at the resolution of reading",
    "grey": "in grey",
    "sheet": "the sheet cut out of a photograph and seen from above",
    "front": "without the print of the back, where it shines through",
    "ink": "ink without long lines, small: what turn and skew are found on",
    "upright": "turned by right angles",
    "level": "scaled to letters of a good height and turned level",
    "flat": "the background divided out",
    "straight": "bent lines made straight",
    "read": "ruled lines taken away: what Tesseract reads",
    "words": "the upright page with the words that were read framed, green for sure, red for unsure",
}
_WORDS_DPI = 150
_SURE = 0.85
_GREEN, _RED = (0, 140, 0), (210, 0, 0)


def stage(path: Path, media_type: str, number: int, name: str, settings: Settings) -> Pixels:
    """Page ``number`` (from 1) of a file, grey or RGB, as it is after the step ``name`` of `STAGES`.

    Raises:
        UnreadableDocument: as reading does, and ``damaged`` if there is no such page.
        ValueError: there is no such step.
    """
    if name not in STAGES:
        raise ValueError(f"There is no step {name!r}.")
    if name == "words":
        return _with_words(path, media_type, number, settings)
    pixels = _stored(path, media_type, number, settings.limits)
    if name == "stored":
        return pixels
    sheet = None if media_type in (PDF, "image/tiff") else photo.sheet(pixels)
    grey = cleanup.grey(pixels)
    if name == "grey":
        return grey
    if sheet is not None:
        pixels = sheet.cut(pixels)
        grey = cleanup.grey(pixels)
    if name == "sheet":
        return pixels
    if cleanup.is_blank(grey):
        return grey
    is_photo = media_type not in (PDF, "image/tiff")
    look = look_at(grey, photo=is_photo)
    front = None if is_photo else bleeding.front(grey, look)
    if name == "front":
        return grey if front is None else front.grey
    if front is not None and front.is_needed_by_tesseract:
        grey, look = front.grey, look_at(front.grey, photo=False)
    if name == "ink":
        return np.asarray((1 - look.ink) * 255, np.uint8)
    return _after(stand_up(grey, look), name)


def _after(stand: Stand, name: str) -> Pixels:
    """The steps of `pipeline.reading.ocr.cleanup.level.level`, one after the other."""
    if name == "upright":
        return stand.grey
    factor = cleanup.letter_scale(stand.letters)
    height = (stand.letters or cleanup.USUAL_LETTERS) * factor
    picture, matrix = turned_and_scaled(stand.grey, stand.skew, factor)
    if name == "level":
        return picture
    picture = cleanup.divide(picture, moved_background(stand.grey, matrix, picture.shape))
    if name == "flat":
        return picture
    bend = cleanup.bend_of(picture, height)
    if bend is not None:
        picture = cleanup.straighten(picture, bend)
    return picture if name == "straight" else cleanup.without_lines(picture, height)


def _stored(path: Path, media_type: str, number: int, limits: Limits) -> Pixels:
    if media_type != PDF:
        return decoded(path, media_type, number, limits).pixels
    with pdfium.open_pdf(path, limits) as document:
        if not 1 <= number <= len(document):
            raise no_page(number, len(document))
        with pdfium.open_page(document, number, limits) as page:
            return pdfium.render(page, scan_dpi(pdfium.pictures(page, limits)), limits, grey=False)[0]


def _with_words(path: Path, media_type: str, number: int, settings: Settings) -> Pixels:
    from pipeline.reading import read_pages  # it imports the pages that this module shows

    count, page = 0, None
    for one, _ in read_pages(path, media_type, settings):
        count, page = count + 1, one
        if one.number == number:
            break
    if page is None or page.number != number:
        raise no_page(number, count)
    pixels = draw(path, media_type, number, turned=page.turned, dpi=_WORDS_DPI, limits=settings.limits)
    return framed(pixels, page)


def framed(pixels: Pixels, page: Page) -> Pixels:
    """The picture of a page in colour, with its words framed."""
    canvas = np.ascontiguousarray(np.stack([pixels] * 3, axis=2) if pixels.ndim == 2 else pixels)
    across, down = canvas.shape[1] / page.width, canvas.shape[0] / page.height
    for word in page.words:
        x0, y0, x1, y1 = word.box
        start, end = (round(x0 * across), round(y0 * down)), (round(x1 * across), round(y1 * down))
        cv2.rectangle(canvas, start, end, _GREEN if word.confidence >= _SURE else _RED, 1)
    return canvas


__all__ = ["STAGES", "framed", "stage"]
