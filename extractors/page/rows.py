"""Tokens to rows: which words stand on one line of a page, slanted or curved scans included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from models.records import Box


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or the part of a word before or after a colon (``IČO:12345678``)."""

    text: str
    box: Box
    confidence: float = 1.0

    @property
    def height(self) -> float:
        """Height in points."""
        return self.box[3] - self.box[1]

    @property
    def middle(self) -> float:
        """Height of the middle on the page in points."""
        return (self.box[1] + self.box[3]) / 2

    @property
    def centre(self) -> float:
        """The middle from left to right in points."""
        return (self.box[0] + self.box[2]) / 2


def slant(tokens: Sequence[Token]) -> float:
    """How far lines fall per point to the right (the tangent of the skew), from words that follow one another.

    Engines give words in reading order, so most pairs of neighbours stand on one line; the median of their
    slopes is good to about a thousandth on a page of a hundred words. 0 where there are too few.
    """
    slopes = []
    for before, after in pairwise(tokens):
        run, rise = after.centre - before.centre, after.middle - before.middle
        if run > 1.2 * before.height and abs(rise) < 0.2 * run and abs(rise) < 1.5 * before.height:
            slopes.append(rise / run)
    if len(slopes) < 12:
        return 0.0
    first = median(slopes)
    rows = group([straighten(token, first) for token in tokens])
    # the ends of long rows tell more than neighbours: refine by least squares over all rows
    over, under = 0.0, 0.0
    for row in rows:
        if len(row) < 4:
            continue
        x = sum(t.centre for t in row) / len(row)
        y = sum(t.middle for t in row) / len(row)
        over += sum((t.centre - x) * (t.middle - y) for t in row)
        under += sum((t.centre - x) ** 2 for t in row)
    found = first + (over / under if under else 0.0)
    return found if 0.001 < abs(found) < 0.15 else 0.0


def straighten(token: Token, slope: float) -> Token:
    """``token`` moved up or down as if the page's lines were level."""
    return Token(token.text, shift(token.box, -slope), token.confidence)


_PAD = 0.2


def loosen(token: Token) -> Token:
    """``token`` with the height of a line: engines draw boxes tightly around the ink, text layers do not."""
    x0, y0, x1, y1 = token.box
    pad = _PAD * (y1 - y0)
    return Token(token.text, (x0, y0 - pad, x1, y1 + pad), token.confidence)


def tighten(box: Box) -> Box:
    """The inverse of `loosen` for a box of one line; of a taller one, the pad of a line of 14 points is taken off."""
    x0, y0, x1, y1 = box
    pad = _PAD / (1 + 2 * _PAD) * min(y1 - y0, 14.0)
    return (x0, y0 + pad, x1, y1 - pad)


def shift(box: Box, slope: float) -> Box:
    """``box`` moved down by ``slope`` times the place of its middle from the left."""
    down = slope * (box[0] + box[2]) / 2
    return (box[0], box[1] + down, box[2], box[3] + down)


_RULE = 0.14  # a rule read as a letter is so many times as wide as high at most


def mend(tokens: Sequence[Token]) -> list[Token]:
    """``tokens`` of an engine in its order, without what it makes of rules and twice, and without overlaps.

    Tesseract reads rules of a table as ``|``, some words twice, and stretches a word's box over the next one.
    """
    found: list[Token] = []
    for token in tokens:
        x0, y0, x1, y1 = token.box
        if not token.text.strip("_~`^¬¯") or (token.text in "|¦" and x1 - x0 < max(1.2, _RULE * (y1 - y0))):
            continue
        before = found[-1] if found else None
        if before is not None and min(before.box[3], y1) - max(before.box[1], y0) > 0.6 * min(before.height, y1 - y0):
            common = min(before.box[2], x1) - max(before.box[0], x0)
            if before.text == token.text and common > 0.7 * min(before.box[2] - before.box[0], x1 - x0):
                if token.confidence > before.confidence:
                    found[-1] = token
                continue
            if before.box[0] < x0 < before.box[2] < x1 and x0 - before.box[0] > 0.4 * (before.box[2] - before.box[0]):
                found[-1] = Token(before.text, (before.box[0], before.box[1], x0, before.box[3]), before.confidence)
        found.append(token)
    return found


def group(tokens: Sequence[Token]) -> list[list[Token]]:
    """Rows of tokens, unordered within: a token joins the row whose nearest token stands at its height."""
    rows: list[list[Token]] = []
    for token in sorted(tokens, key=lambda t: t.middle):
        best: tuple[float, list[Token]] | None = None
        for row in rows[-9:]:
            near = min(row, key=lambda t: max(t.box[0] - token.box[2], token.box[0] - t.box[2]))
            gap = max(near.box[0] - token.box[2], token.box[0] - near.box[2])
            small, large = sorted((near.height, token.height))
            off = abs(near.middle - token.middle)
            common = min(near.box[3], token.box[3]) - max(near.box[1], token.box[1])
            fits = off < 0.4 * small or (off < 0.4 * large and common > 0.6 * small)
            if fits and gap > -0.3 * small and (best is None or off < best[0]):
                best = (off, row)
        if best:
            best[1].append(token)
        else:
            rows.append([token])
    return rows
