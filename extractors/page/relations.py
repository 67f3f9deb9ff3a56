"""How a value and a label stand to each other on the page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractors.candidates.base import Candidate
from extractors.page.labels import TITLE, LabelHit, Labels
from extractors.page.layout import COLUMN, Line, Segment, overlap

POSITION_WEIGHT = {"inline": 1.0, "left": 0.97, "row": 0.9, "wrap": 0.9, "above": 0.85, "far": 0.7}
"""How much a label counts by its place.

Right before, across a gap, beyond other values, at the end of the line before, above, beyond words.
"""


@dataclass(frozen=True)
class Relation:
    """A label that governs a value: its place (a key of `POSITION_WEIGHT`) and the weight of it, 0..1."""

    hit: LabelHit
    position: str
    weight: float


def _left(candidate: Candidate, labels: Labels) -> list[Relation]:
    line = candidate.line
    found = []
    for hit in reversed([h for h in labels.by_line.get(line.number, ()) if h.end <= candidate.start]):
        between = line.text[hit.end : candidate.start]
        words = re.findall(r"[^\W\d_]{2,}", between)
        columns = between.count(COLUMN)
        if not re.search(r"\w", between):
            position = "left" if columns else "inline"
        elif not words:
            position = "row"
        else:
            position = "far"
        weight = POSITION_WEIGHT[position] * hit.likeness
        if position == "far":
            weight *= 0.9 ** max(0, len(words) - 2)
        found.append(Relation(hit, position, weight))
    return found


def _wrapped(candidate: Candidate, labels: Labels) -> list[Relation]:
    """The label that ends the line before, where the candidate begins one: a paragraph broken between the two."""
    line = candidate.line
    if candidate.start > line.segments[0].start:
        return []
    found = []
    for hit in labels.by_line.get(line.number - 1, ())[-1:]:
        low = line.box[1] - hit.box[3]
        ends = hit.start > 0 and COLUMN not in hit.line.text and not hit.line.text[hit.end :].strip(" :.\u2002")
        if ends and hit.page == line.page and low < line.height:
            found.append(Relation(hit, "wrap", POSITION_WEIGHT["wrap"] * hit.likeness))
    return found


def slanting(hit: LabelHit, layout_line: Line | None) -> Segment | None:
    """The value that stands at the right edge of a narrow column, on the line under its label at the left edge.

    The label is the last on its line and alone in its column; ``layout_line`` is the line that follows it.
    """
    own = hit.line.segments[-1]
    if layout_line is None or layout_line.page != hit.page or own.start != hit.start or own.end > hit.end + 2:
        return None
    last = layout_line.segments[-1]
    height = max(6.0, hit.box[3] - hit.box[1])
    near = -0.5 * height < last.box[1] - hit.box[3] < 1.2 * height
    return last if near and last.box[0] > hit.box[0] and last.box[0] - hit.box[2] < 14 * height else None


def _above(candidate: Candidate, by_page: dict[int, list[LabelHit]]) -> list[Relation]:
    x0, y0, x1, y1 = candidate.box
    height = max(1.0, y1 - y0)
    found = []
    for hit in by_page.get(candidate.page, ()):
        gap = y0 - hit.box[3]
        if hit.line.number == candidate.line.number or not -0.5 * height < gap < 2.2 * height or hit.box[1] > y0:
            continue
        aligned = abs(hit.box[0] - x0) < 0.6 * height or abs(hit.box[2] - x1) < 0.6 * height
        if aligned or overlap(hit.box, candidate.box) > 0.4:
            weight = POSITION_WEIGHT["above"] * hit.likeness * (1.0 if gap < 1.2 * height else 0.9)
            found.append(Relation(hit, "above", weight))
    return sorted(found, key=lambda r: -r.hit.box[3])


class Governors:
    """Finds the labels that govern candidates; one instance a document."""

    def __init__(self, labels: Labels) -> None:
        self.labels = labels
        self._by_page: dict[int, list[LabelHit]] = {}
        for hit in labels.hits:
            if TITLE not in hit.names:
                self._by_page.setdefault(hit.page, []).append(hit)

    def of(self, candidate: Candidate) -> list[Relation]:
        """The labels that govern ``candidate``, the strongest claim first.

        The nearest label to the left governs; one beyond it counts only through it if both are of the same
        field. A label above counts where nothing stands directly to the left.
        """
        left = [r for r in _left(candidate, self.labels) if TITLE not in r.hit.names]
        nearest = left[:1]
        above = _above(candidate, self._by_page)
        if nearest and nearest[0].position in ("inline", "left"):
            # a row label such as "21 %" or "Celkem" leaves room for a column header; a plain label does not
            weak = [Relation(r.hit, r.position, r.weight * 0.5) for r in above[:1]]
            return nearest + weak
        slant = self._slanting(candidate) if not above else []
        return sorted(nearest + _wrapped(candidate, self.labels) + above[:2] + slant, key=lambda r: -r.weight)

    def _slanting(self, candidate: Candidate) -> list[Relation]:
        hits = self.labels.by_line.get(candidate.line.number - 1, ())[-1:]
        found = [(hit, slanting(hit, candidate.line)) for hit in hits if TITLE not in hit.names]
        return [
            Relation(hit, "above", 0.9 * POSITION_WEIGHT["above"] * hit.likeness)
            for hit, segment in found
            if segment is not None and segment.start <= candidate.start < segment.end
        ]

    def best(self, candidate: Candidate, *names: str) -> Relation | None:
        """The strongest label of one of ``names`` that governs ``candidate``."""
        wanted = set(names)
        found = [r for r in self.of(candidate) if r.hit.names & wanted]
        return max(found, key=lambda r: r.weight, default=None)
