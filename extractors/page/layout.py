"""Words to lines and segments: what stands on one line, and what a wide gap parts.

All boxes are in PDF points from the top left of the upright page; where a scan is slanted they are those of the
straightened lines, and `Layout.on_page` leads back. A line's text joins its words with a
blank, an EN SPACE where the gap is wider than between words, and a tab where it parts two columns, so
that a pattern says by its blanks how far it may reach.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from statistics import median

from extractors.page.rows import Token, group, loosen, mend, shift, slant, straighten, tighten
from models.records import Box, Page, Reading, Source, Word

WIDE, COLUMN = "\u2002", "\t"
_GLUED = re.compile(r"^(.*[^\W\d_][.)]*\s?[:#])(?=[^\s/:])(.+)$")


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around ``boxes``."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return (min(x0), min(y0), max(x1), max(y1))


@dataclass(frozen=True)
class Line:
    """The tokens of one line, left to right; ``page`` counts from 1, ``number`` from 0 through the document."""

    page: int
    number: int
    tokens: tuple[Token, ...]
    text: str
    starts: tuple[int, ...]
    box: Box

    @cached_property
    def height(self) -> float:
        """Median height of the tokens in points."""
        return median(token.height for token in self.tokens)

    @property
    def middle(self) -> float:
        """Height of the line's middle on the page."""
        return (self.box[1] + self.box[3]) / 2

    def span(self, start: int, end: int) -> tuple[int, int]:
        """First token and the one past the last that ``text[start:end]`` touches."""
        first = max(0, bisect_right(self.starts, start) - 1)
        last = bisect_right(self.starts, max(start, end - 1))
        return first, last

    def box_of(self, start: int, end: int) -> Box:
        """The box around ``text[start:end]``, whole tokens."""
        first, last = self.span(start, end)
        return union(token.box for token in self.tokens[first:last])

    def confidence_of(self, start: int, end: int) -> float:
        """The least confidence with which a token of ``text[start:end]`` was read."""
        first, last = self.span(start, end)
        return min((token.confidence for token in self.tokens[first:last]), default=1.0)

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """The parts of the line between column gaps."""
        found, start = [], 0
        for part in self.text.split(COLUMN):
            if part:
                first, last = self.span(start, start + len(part))
                text = part.replace(WIDE, " ")
                found.append(
                    Segment(self, start, start + len(part), text, union(t.box for t in self.tokens[first:last]))
                )
            start += len(part) + 1
        return tuple(found)


@dataclass(frozen=True)
class Segment:
    """A run of words of one line that no column gap parts: ``text`` is ``line.text[start:end]`` with plain blanks."""

    line: Line
    start: int
    end: int
    text: str
    box: Box

    @property
    def page(self) -> int:
        """Page number from 1."""
        return self.line.page

    @property
    def height(self) -> float:
        """Height in points."""
        return self.box[3] - self.box[1]


@dataclass(frozen=True)
class Layout:
    """The lines of all pages in reading order, and the pages' sizes in points."""

    lines: tuple[Line, ...]
    sizes: dict[int, tuple[float, float]]
    ocr: bool = False
    slopes: dict[int, float] = field(default_factory=dict)
    tight: frozenset[int] = frozenset()
    _segments: dict[int, tuple[Segment, ...]] = field(default_factory=dict, compare=False, repr=False)

    def on_page(self, box: Box, page: int) -> Box:
        """``box`` of the straightened lines as it stands on the page."""
        if page in self.tight:
            box = tighten(box)
        return shift(box, self.slopes.get(page, 0.0))

    def segments(self, page: int) -> tuple[Segment, ...]:
        """All segments of a page, from the top."""
        if page not in self._segments:
            self._segments[page] = tuple(s for line in self.lines if line.page == page for s in line.segments)
        return self._segments[page]

    def below(self, box: Box, page: int, reach: float) -> list[Segment]:
        """Segments under ``box`` that share some of its width, within ``reach`` points, nearest first."""
        found = [
            s
            for s in self.segments(page)
            if s.box[3] - box[3] > 0
            and s.box[1] - box[3] < reach
            and s.box[1] > (box[1] + box[3]) / 2
            and overlap(s.box, box) > 0
        ]
        return sorted(found, key=lambda s: s.box[1])


def overlap(one: Box, other: Box) -> float:
    """The share of the narrower box's width that two boxes have in common."""
    common = min(one[2], other[2]) - max(one[0], other[0])
    return max(0.0, common) / max(1.0, min(one[2] - one[0], other[2] - other[0]))


def _tokens(word: Word) -> list[Token]:
    """Split ``Date:05/03/2018`` at the colon; the parts share the word's box by their letters."""
    match = _GLUED.match(word.text) if (":" in word.text or "#" in word.text) else None
    if not match or "//" in word.text or "@" in word.text:
        return [Token(word.text, word.box, word.confidence)]
    x0, y0, x1, y1 = word.box
    cut = x0 + (x1 - x0) * len(match[1]) / len(word.text)
    rest = _tokens(Word(match[2], (cut, y0, x1, y1), word.confidence))
    return [Token(match[1], (x0, y0, cut, y1), word.confidence), *rest]


def _page_tokens(page: Page) -> list[Token]:
    """The tokens of a page in the order of its words."""
    return [t for word in page.words if word.text.strip() for t in _tokens(word) if t.box[3] > t.box[1]]


def _line(page: int, number: int, row: list[Token], word_gap: float) -> Line:
    row.sort(key=lambda t: t.box[0])
    text, starts = "", []
    for index, token in enumerate(row):
        if index:
            before = row[index - 1]
            gap, height = token.box[0] - before.box[2], max(1.0, (token.height + before.height) / 2)
            column = max(1.15 * height, 3.2 * word_gap * height)
            letter = (token.box[2] - token.box[0] + before.box[2] - before.box[0]) / (
                len(token.text) + len(before.text)
            )
            text += (
                " "
                if gap < max(0.5 * height, 1.25 * letter, 1.6 * word_gap * height)
                else WIDE
                if gap < column
                else COLUMN
            )
        starts.append(len(text))
        text += token.text
    return Line(page, number, tuple(row), text, tuple(starts), union(t.box for t in row))


def lay_out(reading: Reading) -> Layout:
    """Lines of all pages of ``reading``, in reading order."""
    lines: list[Line] = []
    slopes: dict[int, float] = {}
    tight: set[int] = set()
    for page in reading.pages:
        tokens = _page_tokens(page)
        if page.source.is_ocr:
            tokens = mend(tokens)
        if page.source is Source.TESSERACT:  # RapidOCR's boxes have the height of a line already
            tokens = [loosen(token) for token in tokens]
            tight.add(page.number)
        slope = 0.0
        if page.source.is_ocr:
            slopes[page.number] = slope = slant(tokens)
        rows = group([straighten(token, slope) for token in tokens] if slope else tokens)
        gaps = [
            (b.box[0] - a.box[2]) / max(1.0, b.height)
            for row in rows
            for a, b in _pairs(sorted(row, key=lambda t: t.box[0]))
            if 0 < b.box[0] - a.box[2] < b.height
        ]
        word_gap = min(0.5, median(gaps)) if gaps else 0.3
        for row in sorted(rows, key=lambda r: median((t.box[1] + t.box[3]) / 2 for t in r)):
            lines.append(_line(page.number, len(lines), row, word_gap))
    ocr = any(page.source.is_ocr for page in reading.pages)
    return Layout(
        tuple(lines), {page.number: (page.width, page.height) for page in reading.pages}, ocr, slopes, frozenset(tight)
    )


def _pairs(row: list[Token]) -> Iterable[tuple[Token, Token]]:
    return pairwise(row)
