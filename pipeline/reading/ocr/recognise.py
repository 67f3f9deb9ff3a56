"""From the picture of a page to its words: which way is up, which engine reads what, and where the words stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from extractors.mrz import is_line_like
from models.records import Source, Word
from models.settings import Engine
from pipeline.reading.geometry import clip_box, turned_size
from pipeline.reading.ocr import bleeding, cleanup, photo, policy, repair
from pipeline.reading.ocr.confidence import Reader, calibrated, seconded
from pipeline.reading.ocr.languages import Languages
from pipeline.reading.ocr.quality import Quality
from pipeline.reading.ocr.stand import Stand, look_at, stand_up
from pipeline.tools import rapidocr, tesseract
from pipeline.tools.seen import Seen
from pipeline.tools.text import clean

Pixels = NDArray[np.uint8]

MINIMUM_CONFIDENCE = 0.2
"""Words less probable are dropped. Between 0.2 and 0.5 the word F1 is the same; addresses on receipts want the rest,
for a word glued to its neighbour is not right but better than none.
"""
_JUDGED_LINES = 12
_READ_BOTH_WAYS = 4


class Origin(StrEnum):
    """How a picture came to be, as far as the file tells."""

    SCAN = "scan"  # a page of a PDF or TIFF
    PHOTO = "photo"  # a picture file: photographs, receipts, screenshots


@dataclass(frozen=True, slots=True)
class Recognised:
    """The words of a picture in pixels of the picture after a clockwise turn by ``turned`` degrees.

    They stand in the engine's order; `pipeline.reading.layout.arrange` brings them into that of reading.
    """

    source: Source
    turned: int
    words: tuple[Word, ...] = ()


def recognise(
    pixels: Pixels,
    dpi: float,
    origin: Origin,
    languages: Languages,
    engine: Engine = Engine.POLICY,
    *,
    upright: bool = False,
) -> Recognised:
    """Read the picture of a page (grey or RGB, ``dpi`` pixels to the inch); ``languages`` are those of its document.

    A page of which a person says that it stands ``upright`` is not turned.

    Every word's confidence is the probability that it is exactly right. Of a sheet photographed on a table only the
    sheet is read, seen from straight above.

    Raises:
        MissingTool: Tesseract or a language is not installed.
        UnreadableDocument: an engine failed.
    """
    sheet = photo.sheet(pixels) if origin is Origin.PHOTO else None
    if sheet is None:
        return _recognise(pixels, dpi, origin, languages, engine, upright=upright)
    page = _recognise(sheet.cut(pixels), dpi, origin, languages, engine, upright=upright)
    height, width = pixels.shape[:2]
    wide, high = turned_size(width, height, page.turned)
    words = (
        replace(word, box=clip_box(sheet.back(word.box, page.turned, width, height), wide, high)) for word in page.words
    )
    return replace(page, words=tuple(words))


def _recognise(
    pixels: Pixels, dpi: float, origin: Origin, languages: Languages, engine: Engine, *, upright: bool
) -> Recognised:
    grey = cleanup.grey(pixels)
    if cleanup.is_blank(grey):
        return Recognised(Source.BLANK, 0)
    look = look_at(grey, photo=origin is Origin.PHOTO)
    front = bleeding.front(grey, look) if origin is Origin.SCAN else None
    if front is not None:
        pixels = front.grey
        if cleanup.is_blank(pixels):
            return Recognised(Source.BLANK, 0)
        if front.is_needed_by_tesseract or engine is Engine.RAPIDOCR:
            grey, look = front.grey, look_at(front.grey, photo=False)
    if engine is Engine.RAPIDOCR or (engine is Engine.POLICY and policy.strong_at_once(look.quality)):
        return _probable(by_rapidocr(pixels, look.quality, upright=upright))
    stand = stand_up(grey, look, upright=upright)
    first, good = by_tesseract(stand, look.quality, dpi, languages, spots=engine is Engine.POLICY)
    if not good and engine is Engine.POLICY:
        second = by_rapidocr(pixels, look.quality, first, upright=upright)
        if _weight(second.words) > _weight(first.words):
            return _probable(second)
    return _probable(first)


def _probable(page: Recognised) -> Recognised:
    """Without the words that are rather wrong; a line of a machine-readable zone stays, its check digits will tell."""
    words = (word for word in page.words if word.confidence >= MINIMUM_CONFIDENCE or is_line_like(word.text))
    return replace(page, words=tuple(words))


def _weight(words: Sequence[Word]) -> float:
    """How much was read, in sure letters and digits."""
    sure = (word for word in words if word.confidence >= MINIMUM_CONFIDENCE)
    return sum(word.confidence * sum(map(str.isalnum, word.text)) for word in sure)


def by_tesseract(
    stand: Stand, quality: Quality, dpi: float, languages: Languages, *, spots: bool = True
) -> tuple[Recognised, bool]:
    """Have Tesseract read the level picture and RapidOCR the ``spots`` worth it; where the turn is not sure, twice.

    Returns:
        The words, and whether they are good enough to do without the strong engine.
    """
    picture = cleanup.level(stand.grey, stand.skew, stand.letters)
    words = tesseract_words(picture, quality, dpi, languages)
    good = not policy.strong_after(words)
    if good and spots:
        words = repair.with_zone(picture.picture, words)
        found = repair.doubts(picture.picture, words, picture.letters)
        worth = policy.worth_reading(found, words, picture.letters, quality)
        good = not policy.page_is_cheaper(len(worth), len(words))
        if good:
            words = repair.with_spots(picture.picture, words, worth, quality)
    high, wide = stand.grey.shape
    moved = tuple(replace(word, box=clip_box(picture.back(word.box), wide, high)) for word in words)
    page = Recognised(Source.TESSERACT, stand.turned, moved)
    if not good and not stand.sure:
        over = replace(stand, grey=cleanup.turn(stand.grey, 180), turned=(stand.turned + 180) % 360, sure=True)
        other, other_good = by_tesseract(over, quality, dpi, languages, spots=spots)
        if _weight(other.words) > _weight(page.words):
            return other, other_good
    return page, good


def tesseract_words(picture: cleanup.Levelled, quality: Quality, dpi: float, languages: Languages) -> tuple[Word, ...]:
    """Tesseract's words on a level picture, in its pixels, with the probability that each is right."""
    return calibrated(tesseract_scores(picture, dpi, languages), Reader.TESSERACT, quality)


def tesseract_scores(picture: cleanup.Levelled, dpi: float, languages: Languages) -> list[Word]:
    """The same with Tesseract's own scores as confidences."""
    codes = languages.of(picture.picture, picture.letters)
    return _words(tesseract.words(picture.picture, codes, dpi=round(dpi * picture.factor)))


def by_rapidocr(
    pixels: Pixels, quality: Quality, other: Recognised | None = None, *, upright: bool = False
) -> Recognised:
    """What RapidOCR reads, with probabilities; ``other`` is what Tesseract read: where both agree, a word is surer."""
    page = rapidocr_scores(pixels, upright=upright)
    words = calibrated(page.words, Reader.RAPIDOCR, quality)
    if other is not None and other.turned == page.turned and other.words:
        words = seconded(words, other.words, Reader.RAPIDOCR)
    return replace(page, words=words)


def rapidocr_scores(pixels: Pixels, *, upright: bool = False) -> Recognised:
    """Detect lines, see by their shape whether the page lies and by the classifier whether it is upside down.

    Confidences are RapidOCR's own scores.
    """
    height, width = pixels.shape[:2]
    lines = rapidocr.detect(pixels)
    across = sum(line.width for line in lines if line.width >= 1.5 * line.height)
    along = sum(line.height for line in lines if line.height >= 1.5 * line.width)
    turned = 90 if along > across and not upright else 0
    pixels = cleanup.turn(pixels, turned)
    lines = [line.turned(turned, width, height) for line in lines]
    longest = sorted(lines, key=lambda line: -line.width)[:_JUDGED_LINES]
    if not upright and _stand_on_heads([rapidocr.cut(pixels, line) for line in longest]):
        high, wide = pixels.shape[:2]
        pixels, turned = cleanup.turn(pixels, 180), turned + 180
        lines = [line.turned(180, wide, high) for line in lines]
    seen = [word for line in lines for word in rapidocr.words_of(pixels, line)]
    high, wide = pixels.shape[:2]
    words = tuple(replace(word, box=clip_box(word.box, wide, high)) for word in _words(seen))
    return Recognised(Source.RAPIDOCR, turned, words)


def _stand_on_heads(crops: list[Pixels]) -> bool:
    """Whether lines are upside down: the classifier must say so, and some of them must read better when turned."""
    if rapidocr.upside_down(crops) <= 0.5:
        return False
    some = crops[:_READ_BOTH_WAYS]
    return rapidocr.sureness([cleanup.turn(crop, 180) for crop in some]) > rapidocr.sureness(some)


def _words(seen: Sequence[Seen]) -> list[Word]:
    return [Word(text, one.box, min(1.0, max(0.0, one.confidence))) for one in seen for text in clean(one.text).split()]
