"""How labels govern candidates: every label that may, not only the nearest."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from extractors.candidates.base import Candidate
from extractors.form.prose import goes_on, is_running
from extractors.page.labels import LabelHit, Labels
from extractors.page.layout import COLUMN, WIDE, overlap
from models.records import Box

RIGHT, BELOW, OVER, COLUMN_OF, AFTER = "right", "below", "over", "column", "after"
_ABOVE = 0.85
_BEHIND = 0.7  # of a label that follows its value in a sentence
_BEHIND_WORDS = 3  # between them
_CAPTION = 0.75
_HEAD = 0.6
_EVEN = 0.4  # of a claim's strength does not depend on where the document has its values
_ALIGNED = 1.2  # line heights
_LOOSE, _LOOSEST = 0.85, 0.7
_CAPTION_REACH = 1.7  # line heights that a caption may stand below its value
_REACH = 5.0  # line heights that a label may stand above
_HEADED = 40.0  # the same over the first of a column, whose rows may be empty there
_FAR = 2.2  # beyond so many it counts less
_WRAPPED_WORDS = 4  # between a label and a value on the next line
_LEFT = 3  # labels of the line that are looked at
_SENTENCE_END = re.compile(r"[.!?]\s+[A-ZÀ-Þ\u0100-\u017f]")
_WORDS = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class Claim:
    """A label that may govern a candidate: ``strength`` 0..1 is likeness times place; ``gap`` in line heights.

    ``place`` is where the candidate stands: `RIGHT` of the label, `BELOW` it, `OVER` it (a caption under the rule of a
    form), in the `COLUMN_OF` a table that the label heads, or before it in a sentence, the label coming `AFTER` it.
    """

    hit: LabelHit
    strength: float
    place: str
    gap: float
    words: int
    columns: int


def stands_alone(hit: LabelHit) -> bool:
    """Whether a label has its column of the line for itself."""
    text = hit.line.text
    return text[hit.start - 1 : hit.start] in ("", COLUMN) and text[hit.end : hit.end + 1] in ("", COLUMN)


def captioned(hit: LabelHit, box: Box) -> float:
    """How well a label under ``box`` stands as its caption, 0..1: edge to edge, centred, or in its part of the line."""
    height = max(4.0, hit.box[3] - hit.box[1])
    middle = (hit.box[0] + hit.box[2]) / 2
    if min(abs(hit.box[0] - box[0]), abs(middle - (box[0] + box[2]) / 2)) < _ALIGNED * height:
        return 1.0
    segments = hit.line.segments
    left = max((one.box[2] for one in segments if one.box[2] < middle), default=None)
    right = min((one.box[0] for one in segments if one.box[0] > middle), default=None)
    inside = (left is None or box[0] > left - height / 2) and (
        right is None or (box[0] < hit.box[2] and (box[0] + box[2]) / 2 < right)
    )
    return 0.0 if not inside else _LOOSE if left is not None or right is not None else _LOOSEST


class Claims:
    """Finds the labels of candidates; one instance a document."""

    def __init__(self, labels: Labels) -> None:
        self.labels = labels
        self._by_page: dict[int, list[LabelHit]] = {}
        for hit in labels.hits:
            self._by_page.setdefault(hit.page, []).append(hit)
        for hits in self._by_page.values():
            hits.sort(key=lambda hit: hit.box[3])
        self._bottoms = {page: [hit.box[3] for hit in hits] for page, hits in self._by_page.items()}
        self._captions = {page: [hit for hit in hits if stands_alone(hit)] for page, hits in self._by_page.items()}
        self._kept: dict[tuple[int, int, int], list[Claim]] = {}
        self._lean: dict[str, float] = {}

    def lean(self, shares: Mapping[str, float]) -> None:
        """From now on claims weigh by the share that their place has of the document's values."""
        most = max(shares[place] for place in (RIGHT, BELOW, OVER))
        self._lean = {place: _EVEN + (1 - _EVEN) * shares[place] / most for place in (RIGHT, BELOW, OVER)}
        self._kept.clear()

    def of(self, candidate: Candidate) -> list[Claim]:
        """The labels that may govern ``candidate``, the strongest first."""
        key = (candidate.line.number, candidate.start, candidate.end)
        if key not in self._kept:
            left = self._left(candidate) or self._before(candidate)
            found = [*left, *self._above(candidate), *self._under(candidate), *self._behind(candidate)]
            if self._lean:
                found = [replace(claim, strength=claim.strength * self._lean.get(claim.place, 1.0)) for claim in found]
            self._kept[key] = sorted(found, key=lambda claim: -claim.strength)
        return self._kept[key]

    def _left(self, candidate: Candidate) -> list[Claim]:
        line = candidate.line
        hits = [hit for hit in self.labels.by_line.get(line.number, ()) if hit.end <= candidate.start]
        height = max(4.0, line.height)
        found = []
        for nth, hit in enumerate(reversed(hits[-_LEFT:])):
            between = line.text[hit.end : candidate.start]
            words, columns = len(_WORDS.findall(between)), between.count(COLUMN)
            numbers = sum(c.isdigit() for c in between) > 0
            strength = hit.likeness * 0.9 ** max(0, columns - 1) * 0.9**words * (0.95 if numbers else 1.0) * 0.6**nth
            if columns:
                strength *= 0.97
            found.append(Claim(hit, strength, RIGHT, (candidate.box[0] - hit.box[2]) / height, words, columns))
        return found

    def _before(self, candidate: Candidate) -> list[Claim]:
        """The last label of the line before, where a paragraph was broken between it and the candidate."""
        line, height = candidate.line, max(4.0, candidate.line.height)
        for hit in self.labels.by_line.get(line.number - 1, ())[-1:]:
            last = hit.line
            between = f"{last.text[hit.end :]} {line.text[: candidate.start]}"
            words = len(_WORDS.findall(between))
            if not goes_on(last, line) or words > _WRAPPED_WORDS or _SENTENCE_END.search(between):
                continue
            numbers = any(c.isdigit() for c in between)
            strength = hit.likeness * 0.9**words * (0.95 if numbers else 1.0)
            return [Claim(hit, strength, RIGHT, (candidate.box[0] - line.box[0]) / height, words, 0)]
        return []

    def _behind(self, candidate: Candidate) -> list[Claim]:
        """The first label behind a candidate in its sentence, as in ``Ann Hill, my manager, …``."""
        line = candidate.line
        if not is_running(line):
            return []
        hit = next((hit for hit in self.labels.by_line.get(line.number, ()) if hit.start >= candidate.end), None)
        if hit is None or hit.text.endswith(":") or line.text[hit.end : hit.end + 1] == ":":
            return []
        between = line.text[candidate.end : hit.start]
        words = len(_WORDS.findall(between))
        if words > _BEHIND_WORDS or _SENTENCE_END.search(f"{between}{hit.text[:1]}") or any(map(str.isdigit, between)):
            return []
        gap = (hit.box[0] - candidate.box[2]) / max(4.0, line.height)
        return [Claim(hit, _BEHIND * hit.likeness * 0.85**words, AFTER, gap, words, 0)]

    def heading(self, candidate: Candidate, mates: Sequence[Candidate]) -> list[Claim]:
        """The labels over the column of ``mates``, candidates in line with this one above it, topmost first."""
        if not mates:
            return []
        near = {id(claim.hit) for claim in self.of(candidate)}
        return [
            Claim(claim.hit, _HEAD * claim.strength, COLUMN_OF, float(len(mates)), 0, 0)
            for claim in self._above(mates[0], _HEADED)
            if id(claim.hit) not in near
        ]

    def _under(self, candidate: Candidate) -> list[Claim]:
        box = candidate.box
        height = max(4.0, candidate.line.height)
        found = []
        for hit in self._captions.get(candidate.page, ()):
            gap = (hit.box[1] - box[3]) / height
            if not -0.4 < gap < _CAPTION_REACH or hit.box[1] < (box[1] + box[3]) / 2:
                continue
            if fit := captioned(hit, box):
                found.append(Claim(hit, fit * _CAPTION * hit.likeness, OVER, max(0.0, gap), 0, 0))
        return found

    def _above(self, candidate: Candidate, reach: float = _REACH) -> list[Claim]:
        box = candidate.box
        height = max(4.0, candidate.line.height)
        hits = self._by_page.get(candidate.page, [])
        bottoms = self._bottoms.get(candidate.page, [])
        first = bisect_left(bottoms, box[1] - reach * height)
        last = bisect_right(bottoms, box[1] + 0.6 * height)
        inline = candidate.line.text[: candidate.start].replace(WIDE, COLUMN).split(COLUMN)[-1]
        beside = any(c.isalnum() for c in inline)
        found = []
        for hit in hits[first:last]:
            if hit.line.number == candidate.line.number:
                continue
            left, right = abs(hit.box[0] - box[0]), abs(hit.box[2] - box[2])
            aligned = min(left, right) < 0.7 * height
            if not aligned and overlap(hit.box, box) < 0.3:
                continue
            gap = max(0.0, (box[1] - hit.box[3]) / height)
            strength = _ABOVE * hit.likeness * (1.0 if gap < 1.2 else 0.92 if gap < _FAR else 0.92 - 0.1 * (gap - _FAR))
            if not aligned:
                strength *= 0.9
            if beside:
                strength *= 0.7
            found.append(Claim(hit, max(0.05, strength), BELOW, gap, 0, 0))
        return found
