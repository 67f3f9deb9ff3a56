"""In which language a document is written, so that Tesseract need not read it in all that the settings allow.

A page read in its own language alone costs a fifth less than in three and loses fewer words, for no other language
spoils them. A few of its widest lines are read first, the widest before the others and no more than it takes: their
words and letters with marks speak for languages (a hand-made list, ``languages.yaml``). Where they don't speak clearly,
all allowed languages read the page.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray

from pipeline.reading.ocr.cleanup import shrink
from pipeline.tools import tesseract

Pixels = NDArray[np.uint8]

MOST_LINES = 6
_TRIES = 2  # pages; a document that has not told by then is read in all languages
_ENOUGH = 3.0
_CLEARLY = 2.0  # times the next language
_MARK = 0.5
_SMALL_LETTERS = 7.0  # pixels, at which lines are looked for
_WIDEST_LINE = 60.0  # letter heights; longer ones are cut, they cost and add little
_BAR = 0.7  # of its box is ink: no line of text
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class _Language:
    words: frozenset[str]
    marks: frozenset[str]


def _plain(word: str) -> str:
    """In small letters without marks, which a model of another language loses."""
    parts = unicodedata.normalize("NFD", word.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


@functools.cache
def _known() -> dict[str, _Language]:
    table = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return {
        code: _Language(frozenset(map(_plain, one["words"].split())), frozenset(one["marks"]))
        for code, one in table.items()
    }


def evidence(text: str, allowed: Sequence[str]) -> dict[str, float]:
    """How much a text speaks for each language that we know.

    A word counts 1 (one of a single letter 0.2) for a language and much less if allowed ones have it too; a letter with
    a mark speaks for the only allowed language that has it.
    """
    known = _known()
    found = dict.fromkeys(known, 0.0)
    for word in _WORD.findall(text):
        plain = _plain(word)
        having = [code for code, one in known.items() if plain in one.words]
        for code in having:
            sharing = len({code, *having} & {code, *allowed})
            found[code] += (1.0 if len(plain) > 1 else 0.2) / sharing**2
        for mark in set(word.casefold()):
            marked = [code for code in allowed if code in known and mark in known[code].marks]
            if len(marked) == 1:
                found[marked[0]] += _MARK
    return found


def spoken(found: Mapping[str, float], allowed: Sequence[str]) -> str | None:
    """The allowed language that the evidence clearly speaks for, None if it does not, or for a stranger."""
    best = max((code for code in allowed if code in found), key=lambda code: found[code], default=None)
    if best is None or found[best] < _ENOUGH:
        return None
    rivals = [found[code] * (_CLEARLY if code in allowed else 1.0) for code in found if code != best]
    return best if found[best] >= max(rivals, default=0.0) else None


def widest_lines(flat: Pixels, letters: float, limit: int = MOST_LINES) -> list[Pixels]:
    """Pictures of the widest lines of a flat, level page whose letters are ``letters`` pixels high, widest first."""
    scale = min(1.0, _SMALL_LETTERS / letters)
    small = shrink(flat, scale)
    _, ink = cv2.threshold(small, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    height = letters * scale
    smear = cv2.getStructuringElement(cv2.MORPH_RECT, (max(3, round(height * 1.2)), 1))
    blobs = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, smear)
    _, _, stats, _ = cv2.connectedComponentsWithStats(np.asarray(blobs, np.uint8), connectivity=8)
    found: list[Pixels] = []
    for x, y, w, h, _ in sorted(stats[1:].tolist(), key=lambda one: -one[cv2.CC_STAT_WIDTH]):
        if 0.8 * height <= h <= 3 * height and w >= 6 * h and ink[y : y + h, x : x + w].mean() < _BAR:
            pad = 0.3 * height
            top, bottom = max(0.0, y - pad) / scale, (y + h + pad) / scale
            left, right = max(0.0, x - pad) / scale, (x + w + pad) / scale
            right = min(right, left + _WIDEST_LINE * letters)
            found.append(flat[round(top) : round(bottom), round(left) : round(right)])
            if len(found) == limit:
                break
    return found


def of_lines(lines: Iterable[Pixels], allowed: tuple[str, ...]) -> str | None:
    """The language of pictures of lines, of which no more are read than it takes; None if they don't tell.

    They are read in the first allowed language alone: most words can be told from how it misreads them.
    """
    text = ""
    for line in lines:
        text += f" {tesseract.line(line, allowed[:1]).text}"
        if (code := spoken(evidence(text, allowed), allowed)) is not None:
            return code
    return None


@dataclass(slots=True)
class Languages:
    """The languages of one document: those allowed until one of its pages tells which it is, and then that one."""

    allowed: tuple[str, ...]
    own: str | None = None
    asked: int = field(default=0, repr=False)

    def of(self, flat: Pixels, letters: float) -> tuple[str, ...]:
        """In which languages to read a page of it: flat, level and upright, with letters of so many pixels.

        Raises:
            MissingTool: Tesseract or a language is not installed.
            UnreadableDocument: Tesseract failed.
        """
        if self.own is None and len(self.allowed) > 1 and self.asked < _TRIES:
            self.asked += 1
            self.own = of_lines(widest_lines(flat, letters), self.allowed)
        return self.allowed if self.own is None else (self.own,)
