"""What engines do to the words of a scan, undone: specks, words in two, words in one, misread days and years. Pure.

Only what its shape gives away is touched: no word is replaced by one that is likelier.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from extractors.page.text import digits_only, fold
from extractors.values.dates import MONTHS
from models.records import Page, Reading, Word

_SPECK = re.compile(r"[|¦_~=^`´'‘’»«\\]{1,2}|--|—-|-—")
_LEVEL = 0.5  # heights by which the parts of one word may stand apart
_TOUCHING = 0.04  # heights between them
_PART = 2  # letters of each
_LONGEST = 100  # letters of a word that may be parted: patterns take the square of a stranger's longer one
_ENDS = ":;#=([{"
_TWICE = re.compile(r"(\D*\d{1,3}(?:([.,])\d{3})+)\2(\d\d\D*)")
_LETTERS = r"[^\W\d_]"
_STUCK = (  # words that an engine read as one
    re.compile(rf"(?P<one>\S*\d[\d.,/-]{{2,}}\d)(?P<two>[A-ZÀ-Þ\u0100-\u017f]?{_LETTERS}{{4,}}[.,;:]?)"),
    re.compile(rf"(?P<one>{_LETTERS}{{2,}}[a-zß-ÿ])(?P<two>[A-Z]{{0,2}}\d{{3,}}\S*)"),
    re.compile(r"(?P<one>(?:\d{1,2}\.){2}(?:19|20)\d\d)(?P<two>\d{1,2}\.\S*)"),
    re.compile(rf"(?P<one>\d{{1,2}}\.?)(?P<two>(?P<month>{_LETTERS}{{3,9}})\.?)"),
)
_DAY = re.compile(r"\(?\d{1,2}[.,]?")
_YEAR = re.compile(r"(?:19|20)\d\d[.,;)]{0,2}")
_DATE = re.compile(
    r"(?=\S{1,4}[.,]|\S+ \S+[.,] )(\(?\d{1,2})[.,]?(?:(?<=[.,])| ) ?(\d{1,2})[.,]? ?((?:19|20)\d\d[.,;)]{0,2})"
)
_DIGITS = re.compile(r"[\dOoQlIi|SB]{1,2}[.,]?|[12][\dOoQlIi|SB]{3}[.,;)]{0,2}")


def mended(reading: Reading) -> Reading:
    """``reading`` with the words of its scanned pages as they probably stand there."""
    pages = tuple(_page(page) if page.source.is_ocr else page for page in reading.pages)
    return (
        replace(reading, pages=pages) if any(a is not b for a, b in zip(pages, reading.pages, strict=True)) else reading
    )


def _page(page: Page) -> Page:
    words = _whole([word for word in page.words if not _SPECK.fullmatch(word.text)])
    words = [part for word in words for part in _parted(_with_decimals(word))]
    words = _dated(words)
    return page if tuple(words) == page.words else replace(page, words=tuple(words), blocks=())


def _whole(words: Sequence[Word]) -> list[Word]:
    """The words, those that touch each other on one line as one."""
    found: list[Word] = []
    for word in words:
        last = found[-1] if found else None
        if last is not None and len(word.text) == 1 and _within(word, last):  # a speck over a word
            continue
        if last is not None and _touch(last, word):
            box = (min(last.box[0], word.box[0]), min(last.box[1], word.box[1]),
                   max(last.box[2], word.box[2]), max(last.box[3], word.box[3]))  # fmt: skip
            found[-1] = Word(last.text + word.text, box, min(last.confidence, word.confidence))
        else:
            found.append(word)
    return found


def _within(one: Word, other: Word) -> bool:
    return other.box[0] <= one.box[0] and one.box[2] <= other.box[2] and _level(one, other)


def _touch(one: Word, other: Word) -> bool:
    height = min(one.box[3] - one.box[1], other.box[3] - other.box[1])
    if height <= 0 or one.text[-1:] in _ENDS or one.text == other.text or not (_worded(one) and _worded(other)):
        return False
    if min(len(one.text), len(other.text)) < _PART:
        return False
    apart = abs(one.box[1] + one.box[3] - other.box[1] - other.box[3]) / 2
    gap = other.box[0] - one.box[2]
    return apart < _LEVEL * height and gap < _TOUCHING * height and other.box[0] >= one.box[0]


def _worded(word: Word) -> bool:
    return any(c.isalnum() for c in word.text)


def _with_decimals(word: Word) -> Word:
    """An amount whose decimals stand behind the same sign as its thousands, with another before them."""
    match = _TWICE.fullmatch(word.text)
    return replace(word, text=f"{match[1]}{',' if match[2] == '.' else '.'}{match[3]}") if match else word


def _parted(word: Word) -> list[Word]:
    """A word, or the two that were read as one; they share its box by their letters."""
    for pattern in _STUCK if len(word.text) <= _LONGEST else ():
        match = pattern.fullmatch(word.text)
        if match is None or ("month" in pattern.groupindex and fold(match["month"]) not in MONTHS):
            continue
        x0, y0, x1, y1 = word.box
        cut = x0 + (x1 - x0) * len(match["one"]) / len(word.text)
        gap = min(0.15 * (y1 - y0), 0.2 * (cut - x0))
        rest = Word(match["two"], (cut, y0, x1, y1), word.confidence)
        return [Word(match["one"], (x0, y0, cut - gap, y1), word.confidence), *_parted(rest)]
    return [word]


def _dated(words: list[Word]) -> list[Word]:
    """The words with days, months and years in figures, and with full stops between them."""
    found = list(words)
    for index, word in enumerate(found):
        if match := _DATE.fullmatch(word.text):
            found[index] = replace(word, text=f"{match[1]}.{match[2]}.{match[3]}")
        elif fold(word.text.strip(".,")) in MONTHS and any(c.isalpha() for c in word.text):
            for near, pattern in ((index - 1, _DAY), (index + 1, _YEAR)):
                if 0 <= near < len(found):
                    found[near] = _figures(found[near], pattern)
    for index in range(len(found) - 2):
        day, month, year = (_figures(one, pattern) for one, pattern in zip(
            found[index : index + 3], (_DAY, _DAY, _YEAR), strict=True))  # fmt: skip
        text = f"{day.text} {month.text} {year.text}"
        if (match := _DATE.fullmatch(text)) and _level(day, year):
            parts = (f"{match[1]}.", f"{match[2]}.", match[3])
            found[index : index + 3] = [
                replace(one, text=part) for one, part in zip((day, month, year), parts, strict=True)
            ]
    return found


def _figures(word: Word, shape: re.Pattern[str]) -> Word:
    """The word in figures, where it is one of that shape then."""
    if shape.fullmatch(word.text) or not _DIGITS.fullmatch(word.text) or not any(c.isdigit() for c in word.text):
        return word
    text = "".join(digits_only(f"00{sign}")[-1] if sign.isalpha() or sign == "|" else sign for sign in word.text)
    return replace(word, text=text) if shape.fullmatch(text) else word


def _level(one: Word, other: Word) -> bool:
    height = max(one.box[3] - one.box[1], other.box[3] - other.box[1], 1.0)
    return abs(one.box[1] + one.box[3] - other.box[1] - other.box[3]) / 2 < _LEVEL * height
