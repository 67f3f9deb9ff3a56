"""From the picture of a page to its words: which way is up, which engine reads it, and where the words stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.records import Source, Word
from pipeline.reading import cleanup
from pipeline.reading.geometry import Matrix, clip_box, move_box, scaling
from pipeline.reading.languages import Languages
from pipeline.tools import rapidocr, tesseract
from pipeline.tools.seen import Seen
from pipeline.tools.text import clean

Pixels = NDArray[np.uint8]

MINIMUM_CONFIDENCE = 0.5
_DESKEW_FROM = 0.25  # degrees; less is below what a line of a page shows
_LYING = 1.15  # columns must be so much sharper than rows before a page is taken to lie on its side
_JUDGED_LINES = 12
_READ_BOTH_WAYS = 4
_USUAL_LETTERS = 22.0  # pixels
_UNSURE = (0.3, 0.7)  # shares of upside-down lines that leave both possible


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


@dataclass(frozen=True, slots=True)
class _Stand:
    """A grey picture on its feet: turned by right angles only, with the skew that is left and its letters' height."""

    grey: Pixels
    turned: int
    skew: float
    letters: float | None
    sure: bool


def recognise(pixels: Pixels, dpi: float, origin: Origin, languages: Languages) -> Recognised:
    """Read the picture of a page (grey or RGB, ``dpi`` pixels to the inch); ``languages`` are those of its document.

    Raises:
        MissingTool: Tesseract or a language is not installed.
        UnreadableDocument: an engine failed.
    """
    grey = cleanup.grey(pixels)
    if cleanup.is_blank(grey):
        return Recognised(Source.BLANK, 0)
    if prefers_strong_engine(grey, dpi, origin):
        return _by_rapidocr(pixels)
    first = _by_tesseract(_stand_up(grey), dpi, languages)
    if is_doubtful(first.words):
        second = _by_rapidocr(pixels)
        if _weight(second.words) > _weight(first.words):
            return second
    return replace(first, words=_confident(first.words))


def _stand_up(grey: Pixels) -> _Stand:
    """Find the turn: the sharper of rows and columns says whether the page lies, a classifier of lines which way.

    All of it on a picture of 120 dpi or so, and the skew on one of half that: a tenth of the time of OCR.
    """
    small, factor = cleanup.look(grey)
    flat = cleanup.flatten(small)
    ink = cleanup.without_rules(cleanup.binary(flat))
    tiny = cleanup.halve(ink)
    (angle, level), (side_angle, lying) = cleanup.skew(tiny), cleanup.skew(cleanup.turn(tiny, 90))
    turned = 0
    if lying > _LYING * level:
        flat, ink, angle, turned = cleanup.turn(flat, 90), cleanup.turn(ink, 90), side_angle, 90
    crops = cleanup.line_crops(_levelled(flat, angle), _levelled(ink, angle))
    share = rapidocr.upside_down(crops)
    if share > 0.5:
        turned += 180
    letters = cleanup.letter_height(ink)
    sure = not _UNSURE[0] <= share <= _UNSURE[1]
    return _Stand(cleanup.turn(grey, turned), turned, angle, letters and letters / factor, sure)


def _levelled(picture: Pixels, angle: float) -> Pixels:
    if abs(angle) < 1.0:  # the classifier does not mind
        return picture
    matrix, wide, high = cleanup.rotation(picture.shape[1], picture.shape[0], angle)
    paper = 255 if picture.max() > 1 else 0
    return cleanup.warp(picture, matrix, wide, high, paper)


def prefers_strong_engine(grey: Pixels, dpi: float, origin: Origin) -> bool:
    """Whether a picture goes to RapidOCR at once.

    Photographs and receipts do: on hard receipts Tesseract finds 66 % of the amounts, RapidOCR 97 %. On clean
    scans both read alike and Tesseract costs a quarter, so it goes first there and `is_doubtful` judges it.
    """
    height, width = grey.shape
    narrow = width / dpi < 4.5 and height > 1.5 * width  # till rolls are 58 or 80 mm wide, some 112
    return origin is Origin.PHOTO or narrow


def is_doubtful(words: Sequence[Word]) -> bool:
    """Whether Tesseract's reading is so unsure that RapidOCR should read the page anew."""
    if len(words) < 5:
        return True
    letters = sum(len(word.text) for word in words)
    mean = sum(word.confidence * len(word.text) for word in words) / letters
    return mean < 0.80


def _confident(words: Sequence[Word]) -> tuple[Word, ...]:
    return tuple(word for word in words if word.confidence >= MINIMUM_CONFIDENCE)


def _weight(words: Sequence[Word]) -> float:
    """How much was read, in sure letters and digits."""
    return sum(word.confidence * sum(map(str.isalnum, word.text)) for word in _confident(words))


def _by_tesseract(stand: _Stand, dpi: float, languages: Languages) -> Recognised:
    """Flatten, level and scale the picture, and have Tesseract read it; where the turn is not sure, twice."""
    flat = cleanup.flatten(stand.grey)
    factor = cleanup.letter_scale(stand.letters)
    height, width = flat.shape
    matrix = scaling(factor)
    wide, high = round(width * factor), round(height * factor)
    if abs(stand.skew) >= _DESKEW_FROM:
        rotation, wide, high = cleanup.rotation(wide, high, stand.skew)
        matrix = rotation @ matrix
        flat = cleanup.warp(flat, matrix, wide, high)
    elif factor != 1.0:
        flat = cleanup.resize(flat, wide, high)
    codes = languages.of(flat, (stand.letters or _USUAL_LETTERS) * factor)
    seen = tesseract.words(flat, codes, dpi=round(dpi * factor))
    words = _place(seen, np.linalg.inv(matrix), width, height)
    if not stand.sure and is_doubtful(words):
        over = replace(stand, grey=cleanup.turn(stand.grey, 180), turned=(stand.turned + 180) % 360, sure=True)
        other = _by_tesseract(over, dpi, languages)
        if _weight(other.words) > _weight(words):
            return other
    return Recognised(Source.TESSERACT, stand.turned, words)


def _by_rapidocr(pixels: Pixels) -> Recognised:
    """Detect lines, see by their shape whether the page lies and by the classifier whether it is upside down."""
    height, width = pixels.shape[:2]
    lines = rapidocr.detect(pixels)
    across = sum(line.width for line in lines if line.width >= 1.5 * line.height)
    along = sum(line.height for line in lines if line.height >= 1.5 * line.width)
    turned = 90 if along > across else 0
    pixels = cleanup.turn(pixels, turned)
    lines = [line.turned(turned, width, height) for line in lines]
    longest = sorted(lines, key=lambda line: -line.width)[:_JUDGED_LINES]
    if _stand_on_heads([rapidocr.cut(pixels, line) for line in longest]):
        high, wide = pixels.shape[:2]
        pixels, turned = cleanup.turn(pixels, 180), turned + 180
        lines = [line.turned(180, wide, high) for line in lines]
    seen = [word for line in lines for word in rapidocr.words_of(pixels, line)]
    high, wide = pixels.shape[:2]
    return Recognised(Source.RAPIDOCR, turned, _place(seen, np.eye(3), wide, high))


def _stand_on_heads(crops: list[Pixels]) -> bool:
    """Whether lines are upside down: the classifier must say so, and some of them must read better when turned."""
    if rapidocr.upside_down(crops) <= 0.5:
        return False
    some = crops[:_READ_BOTH_WAYS]
    return rapidocr.sureness([cleanup.turn(crop, 180) for crop in some]) > rapidocr.sureness(some)


def _place(seen: Sequence[Seen], back: Matrix, width: int, height: int) -> tuple[Word, ...]:
    """What an engine saw on the cleaned picture, as words on the picture before clean-up, where ``back`` leads."""
    words: list[Word] = []
    for one in seen:
        box = clip_box(move_box(one.box, back), width, height)
        words.extend(Word(text, box, min(1.0, max(0.0, one.confidence))) for text in clean(one.text).split())
    return tuple(words)
