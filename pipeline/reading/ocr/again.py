"""Lines of names and addresses, looked at again by both engines: `pipeline.reading.ocr.believe` weighs what they say.

RapidOCR reads a line's picture otherwise when it is cut otherwise, and Tesseract otherwise than RapidOCR. Where all
read alike a word is nearly always right; where they differ, one of them often is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from extractors.page.rows import Token, group, loosen, slant, straighten
from models.records import Box, Page, Source, Word
from pipeline.tools import rapidocr, tesseract

Pixels = NDArray[np.uint8]

DPI = 300
"""At which pages are drawn for it, pictures of less as they are."""
_AIR = (0.25, 0.18)  # of the line's height: around the crop, sideways and above and below
_TIGHT = (0.1, 0.0)
_ALIKE = 60  # percent: what is less like what was read first is another line, or none


@dataclass(frozen=True, slots=True)
class Look:
    """What an engine read on a line's picture, and its own score for each sign of the text, 0..1."""

    text: str
    scores: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a page: its words (places in `Page.words`, left to right), and what each look read there.

    ``looks`` are RapidOCR's, Tesseract's, and one more of RapidOCR, cut tighter, where its first differs from what
    stands on the page; None where there is none, or it is of something else.
    """

    words: tuple[int, ...]
    looks: tuple[Look | None, Look | None, Look | None]


def key(text: str) -> str:
    """Letters and digits in small print: what readings are compared by."""
    return "".join(filter(str.isalnum, text)).casefold()


def rows_in(page: Page, boxes: Sequence[Box]) -> list[tuple[int, ...]]:
    """The lines of a page of which words have their middle in one of ``boxes``; those words alone, left to right."""
    tokens = [Token(word.text, word.box) for word in page.words]
    slope = slant(tokens)
    level = [straighten(loosen(one) if page.source is Source.TESSERACT else one, slope) for one in tokens]
    inside = {
        id(one): at
        for at, one in enumerate(level)
        if any(_lies_in(page.words[at].box, box) for box in boxes) and page.words[at].text.strip()
    }
    rows = group([level[at] for at in inside.values()])
    rows.sort(key=lambda row: median(one.middle for one in row))
    return [tuple(inside[id(one)] for one in sorted(row, key=lambda one: one.box[0])) for row in rows]


def _lies_in(one: Box, box: Box) -> bool:
    return box[0] <= (one[0] + one[2]) / 2 <= box[2] and box[1] <= (one[1] + one[3]) / 2 <= box[3]


def look_again(picture: Pixels, page: Page, rows: Sequence[tuple[int, ...]], codes: tuple[str, ...]) -> list[Row]:
    """Read lines of a page once more; 30 ms a line with RapidOCR and 10 with Tesseract.

    Args:
        picture: the upright page, drawn.
        page: what was read of it.
        rows: the lines, see `rows_in`.
        codes: the languages for Tesseract.

    Raises:
        MissingTool: an engine is not installed.
        UnreadableDocument: Tesseract failed.
    """
    slope = slant([Token(word.text, word.box) for word in page.words])
    return [_look(picture, page, row, slope, codes) for row in rows]


def _look(picture: Pixels, page: Page, row: tuple[int, ...], slope: float, codes: tuple[str, ...]) -> Row:
    words = [page.words[at] for at in row]
    first = key("".join(word.text for word in words))
    corners = _corners(words, page.source, slope)
    scale = picture.shape[1] / page.width
    crop = _cut(picture, corners, _AIR, scale)
    strong, cheap = _strong(crop), _cheap(crop, codes)
    again = _strong(_cut(picture, corners, _TIGHT, scale)) if key(strong.text) != first else None
    looks = (one if one and fuzz.ratio(key(one.text), first) >= _ALIKE else None for one in (strong, cheap, again))
    return Row(row, tuple(looks))  # type: ignore[arg-type]


def _strong(crop: Pixels) -> Look:
    text, _, scores = rapidocr.read_line(crop)
    rest, found = iter(scores), list[float]()
    for sign in text:  # a blank has no score of its own
        found.append(found[-1] if sign.isspace() and found else next(rest, 0.0))
    return Look(text, tuple(found))


def _cheap(crop: Pixels, codes: tuple[str, ...]) -> Look:
    words = tesseract.line_words(crop, codes)
    scores = [word.confidence for word in words for _ in f"{word.text} "]
    return Look(" ".join(word.text for word in words), tuple(scores[:-1]))


def _corners(words: Sequence[Word], source: Source, slope: float) -> list[tuple[float, float]]:
    """The corners of a line of words, clockwise from the top left, in points."""
    level = [straighten(Token(word.text, word.box), slope) for word in words]
    x0, y0, x1, y1 = zip(*((loosen(one) if source is Source.TESSERACT else one).box for one in level), strict=True)
    left, top, right, bottom = min(x0), min(y0), max(x1), max(y1)
    return [(x, y + slope * x) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))]


def _cut(picture: Pixels, corners: Sequence[tuple[float, float]], air: tuple[float, float], scale: float) -> Pixels:
    """The picture of a line, level, with some air in shares of its height."""
    high = corners[3][1] - corners[0][1]
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    wider = [(x + a * air[0] * high, y + b * air[1] * high) for (x, y), (a, b) in zip(corners, signs, strict=True)]
    sides = np.array([picture.shape[1], picture.shape[0]], np.float32)
    return rapidocr.cut(picture, rapidocr.TextLine(np.clip(np.array(wider, np.float32) * scale, 0, sides)))
