"""What a person points at on a page, as a value of a field's kind: one word of it is enough, or a box around it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from extractors.candidates.amounts import amount_candidates, currency_candidates
from extractors.candidates.base import Candidate
from extractors.candidates.dates import date_candidates
from extractors.candidates.standard import standard_candidates
from extractors.normalise import normalise
from extractors.page.layout import Layout, Line, lay_out, union
from models.document_types import Kind
from models.records import Box, Page, Reading

_WHOLE = frozenset({Kind.TEXT, Kind.PARTY, Kind.ADDRESS})
"""Kinds whose values are runs of words: a point means all of its segment."""
_NEAR = 4.0  # points: so far beside a word still means it


@dataclass(frozen=True, slots=True)
class Captured:
    """What was pointed at: ``raw`` as it stands there, ``value`` its normal form or None where it has none.

    ``box`` is that of the words which were taken; ``confidence`` the least of theirs; ``kind`` what it was taken for.
    """

    value: str | None
    raw: str
    box: Box
    confidence: float
    kind: Kind


def capture(page: Page, box: Box, kind: Kind) -> Captured | None:
    """The value of ``kind`` at a point (a box without extent) or within a box of ``page``; None where no word is.

    A point takes the whole value that its word belongs to: all groups of an account number, all words of a date, a name
    up to the next gap. A box takes the words whose middle lies in it, line by line; if what it holds is a value with
    words around it, the value.
    """
    layout = lay_out(Reading("", (page,)))
    found = _touched(layout, page.number, box)
    if not found:
        return None
    whole = _is_point(box)
    candidate = _candidate(layout, kind, found, whole=whole)
    if candidate is not None:
        place = layout.on_page(candidate.box, candidate.page)
        return Captured(candidate.value, candidate.raw, place, candidate.confidence, kind)
    if whole and kind in _WHOLE:
        line, first, _ = found[0]
        segment = next(one for one in line.segments if one.start <= line.starts[first] < one.end)
        begin, end = line.span(segment.start, segment.end)
        found = [(line, begin, end)]
    joint = ", " if kind is Kind.ADDRESS else " "
    raw = joint.join(" ".join(token.text for token in line.tokens[first:end]) for line, first, end in found)
    tokens = [token for line, first, end in found for token in line.tokens[first:end]]
    place = layout.on_page(union(token.box for token in tokens), page.number)
    return Captured(normalise(kind, raw), raw, place, min(token.confidence for token in tokens), kind)


def _is_point(box: Box) -> bool:
    return box[2] - box[0] < 1 and box[3] - box[1] < 1


def _touched(layout: Layout, page: int, box: Box) -> list[tuple[Line, int, int]]:
    """By line, the first token that is meant and the one past the last."""
    x0, y0, x1, y1 = box
    found = []
    if _is_point(box):
        near = [
            (_distance(layout.on_page(token.box, page), x0, y0), number, line)
            for line in layout.lines
            for number, token in enumerate(line.tokens)
        ]
        best = min(near, key=lambda one: one[0], default=None)
        return [(best[2], best[1], best[1] + 1)] if best is not None and best[0] <= _NEAR else []
    for line in layout.lines:
        inside = []
        for number, token in enumerate(line.tokens):
            left, top, right, bottom = layout.on_page(token.box, page)
            if x0 <= (left + right) / 2 <= x1 and y0 <= (top + bottom) / 2 <= y1:
                inside.append(number)
        if inside:
            found.append((line, inside[0], inside[-1] + 1))
    return found


def _distance(box: Box, x: float, y: float) -> float:
    return max(box[0] - x, x - box[2], box[1] - y, y - box[3], 0.0)


def _candidate(layout: Layout, kind: Kind, found: list[tuple[Line, int, int]], *, whole: bool) -> Candidate | None:
    """The value of ``kind`` that the tokens belong to (``whole``), or that lies among them."""
    line, first, end = found[0]
    start, stop = line.starts[first], line.starts[end - 1] + len(line.tokens[end - 1].text)

    def meant(one: Candidate) -> bool:
        if one.line.number != line.number:
            return False
        return one.start < stop and start < one.end if whole else start <= one.start and one.end <= stop

    options = [one for one in candidates_of(layout, kind) if meant(one)]
    return max(options, key=lambda one: one.end - one.start, default=None)


def candidates_of(layout: Layout, kind: Kind) -> Iterable[Candidate]:
    """All values of a kind that has a form of its own; none of words."""
    if kind is Kind.DATE:
        return date_candidates(layout)
    if kind is Kind.AMOUNT:
        return amount_candidates(layout)
    if kind is Kind.CURRENCY:
        return currency_candidates(layout)
    if kind in (Kind.VAT_ID, Kind.TAX_NUMBER, Kind.IBAN, Kind.BIC):
        return [one for one in standard_candidates(layout) if one.kind is kind]
    return ()
