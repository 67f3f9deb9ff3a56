"""Where a true value stands among the words that were read: then its miss is extraction's, else it is reading's.

Words are looked at in reading order, some at a time; a value that is scattered over the page is not found. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from extractors.normalise import normalise
from models.document_types import Kind
from models.records import Box, Reading, Word
from pipeline.evaluate.compare import NUMBERS, WORDS, same

Place = tuple[int, Box]
"""A page, from 1, and a box on it in points from the top left of the upright page."""
_PAGES = 20
_MOST_WORDS = 8  # of a number, a date, an identifier
_MORE_WORDS = 4  # than a text has, for words that were torn apart
_DATE_LENGTH = 24


def place_of(reading: Reading, kind: Kind, truth: str) -> Place | None:
    """The first place where the words say ``truth``; None where they don't, on the first 20 pages."""
    most = len(truth.split()) + _MORE_WORDS if kind in WORDS else _MOST_WORDS
    for page in reading.pages[:_PAGES]:
        for start in range(len(page.words)):
            found = _from(page.words[start : start + most], kind, truth)
            if found:
                return page.number, _around(page.words[start : start + found])
    return None


def _from(words: Sequence[Word], kind: Kind, truth: str) -> int:
    """How many of ``words``, from the first, say ``truth``; 0 where none do."""
    text = ""
    for count, word in enumerate(words, 1):
        text = f"{text} {word.text}" if text else word.text
        if _says(text, kind, truth):
            return count
    return 0


def _says(text: str, kind: Kind, truth: str) -> bool:
    if kind in WORDS:
        return abs(len(text) - len(truth)) <= 2 + len(truth) // 5 and same(kind, truth, text)
    if kind in NUMBERS:
        if _digits(text) != _digits(truth):
            return False
    elif kind is Kind.DATE:
        if len(text) > _DATE_LENGTH or not text[0].isalnum() or not any(map(str.isdigit, text)):
            return False
    else:
        return _signs(text) == _signs(truth)
    value = normalise(kind, text)
    return value is not None and same(kind, truth, value)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text)).strip("0")


def _signs(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _around(words: Sequence[Word]) -> Box:
    return (
        min(word.box[0] for word in words),
        min(word.box[1] for word in words),
        max(word.box[2] for word in words),
        max(word.box[3] for word in words),
    )
