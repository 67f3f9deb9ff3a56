"""The words that one engine is not sure of, and the ink that it left, read by the other: only those spots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from extractors.mrz import better_line, is_line_like, is_piece
from models.records import Box, Word
from pipeline.reading.ocr.confidence import Model, Reader, calibrated, seconded
from pipeline.reading.ocr.quality import Quality
from pipeline.reading.ocr.unread import Spot, unread
from pipeline.tools import rapidocr
from pipeline.tools.text import clean

Pixels = NDArray[np.uint8]

SURE = 0.9
"""A word with at least this confidence covers its ink."""
_INSIDE = 0.5
_COST = 0.5


@dataclass(frozen=True, slots=True)
class Doubt:
    """A spot that may be read again: which of the page's words lie in it (by index), and the ink's form."""

    spot: Spot
    words: tuple[int, ...]


def doubts(flat: Pixels, words: Sequence[Word], letters: float) -> list[Doubt]:
    """The spots of a flat, level picture that hold words under `SURE` or ink without words, top to bottom."""
    # RapidOCR knows no fillers: of a machine-readable zone it reads pieces, and writes く and worse for the rest
    read = [word.confidence >= SURE or is_line_like(word.text) for word in words]
    spots = unread(flat, [word.box for word, done in zip(words, read, strict=True) if done], letters)
    found = []
    free = [index for index, done in enumerate(read) if not done]
    for spot in sorted(spots, key=lambda one: (one.box[1], one.box[0])):
        inside = tuple(index for index in free if _lies_in(words[index], spot.box))
        free = [index for index in free if index not in inside]
        found.append(Doubt(spot, inside))
    return found


def _lies_in(word: Word, box: Box) -> bool:
    x0, y0, x1, y1 = word.box
    wide, high = min(x1, box[2]) - max(x0, box[0]), min(y1, box[3]) - max(y0, box[1])
    return wide > 0 and high > 0 and wide * high >= _INSIDE * (x1 - x0) * (y1 - y0)


def read_spot(flat: Pixels, box: Box) -> list[Word]:
    """What RapidOCR's recogniser reads on a level box of a picture, left to right; confidences are its scores."""
    x0, y0, x1, y1 = box
    line = rapidocr.TextLine(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32))
    return [
        Word(text, seen.box, min(1.0, seen.confidence))
        for seen in rapidocr.words_of(flat, line)
        for text in clean(seen.text).split()
    ]


def with_spots(flat: Pixels, words: Sequence[Word], spots: Sequence[Doubt], quality: Quality) -> tuple[Word, ...]:
    """The words of a page after some spots were read again: at each, the reading that promises more right words.

    Confidences, before and after, are probabilities; a word that both engines read alike becomes surer.
    """
    return merged(words, spots, [read_spot(flat, doubt.spot.box) for doubt in spots], quality)


def merged(
    words: Sequence[Word],
    spots: Sequence[Doubt],
    readings: Sequence[Sequence[Word]],
    quality: Quality,
    using: Model | None = None,
) -> tuple[Word, ...]:
    """Choose at each spot between its words and its reading, whose confidences are RapidOCR's scores."""
    inside = {index for doubt in spots for index in doubt.words}
    fresh = iter(calibrated([word for one in readings for word in one], Reader.SPOT, quality, using))
    result = [word for index, word in enumerate(words) if index not in inside]
    for doubt, reading in zip(spots, readings, strict=True):
        old, new = [words[index] for index in doubt.words], [next(fresh) for _ in reading]
        if len(old) > len(new) and _letters(old) == _letters(new):  # RapidOCR loses blanks, Tesseract does not
            result.extend(replace(word, confidence=max(word.confidence, new[0].confidence)) for word in old)
            continue
        judged_old, judged_new = seconded(old, new, Reader.TESSERACT, using), seconded(new, old, Reader.SPOT, using)
        result.extend(judged_new if promise(judged_new) >= promise(judged_old) else judged_old)
    return tuple(result)


def with_zone(flat: Pixels, words: Sequence[Word]) -> tuple[Word, ...]:
    """The words with the lines of a machine-readable zone read once more, each as a whole.

    Tesseract tears them apart and loses signs; RapidOCR, which is given a whole line, hardly does.
    """
    rows = _zone_rows(words)
    result = [word for index, word in enumerate(words) if not any(index in row for row in rows)]
    for row in rows:
        old = sorted((words[index] for index in row), key=lambda word: word.box[0])
        x0, y0, x1, y1 = zip(*(word.box for word in old), strict=True)
        box = (min(x0), min(y0), max(x1), max(y1))
        text = better_line(_letters(old), _letters(read_spot(flat, box)))
        if is_line_like(text):
            result.append(Word(text, box, max(word.confidence for word in old)))
        else:
            result.extend(old)
    return tuple(result)


def _zone_rows(words: Sequence[Word]) -> list[set[int]]:
    """The words of each line that has a piece of a zone in it, by index."""
    rows: list[set[int]] = []
    for index, word in enumerate(words):
        if is_piece(word.text) and not any(index in row for row in rows):
            top, bottom = word.box[1], word.box[3]
            rows.append({at for at, one in enumerate(words) if top < (one.box[1] + one.box[3]) / 2 < bottom})
    return [
        row for row in rows if is_line_like(_letters(sorted((words[at] for at in row), key=lambda one: one.box[0])))
    ]


def _letters(words: Sequence[Word]) -> str:
    return "".join(word.text for word in words)


def promise(words: Sequence[Word]) -> float:
    """What words are worth: a wrong one costs as much as half a right one gains, as in an F1 of words."""
    return sum(word.confidence - _COST * (1 - word.confidence) for word in words)
