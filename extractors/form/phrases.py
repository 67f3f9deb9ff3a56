"""Labels in other words than the type's file has: ``Číslo a název zakázky`` where it says ``číslo zakázky``.

What stands before a colon, or alone in its column without digits, may be a label. It is likened to the labels of every
field word by word; a word counts by its letters and the more, the fewer fields have it. A phrase that is like none is
the label of something else, which keeps its value from our fields.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from rapidfuzz import fuzz

from extractors.page.labels import TITLE, LabelHit, Labels
from extractors.page.layout import WIDE, Layout, Segment
from extractors.page.text import fold
from models.document_types import DocumentType, Kind

OTHER = "x:phrase"
"""The name of a phrase that is like none of our labels."""
SOFT = "x:soft"
"""Stands among the names of every label in other words: it may be a value, and stops none before it."""
_BARE = frozenset({"x:number", TITLE})
_BARE_LIKENESS = 0.7
_LEAST = 0.5
_LEAST_COLON = 0.36  # with its colon a phrase is some label for sure
_MOST = 0.93  # likeness of a label in other words
_NEAR = 0.06  # fields so close to the best are meant too
_WORDS = 7
_LETTERS = 70
_STEM = 4
_ALIKE = 80.0
_FUZZY_FROM = 5
_FILLING = frozenset({
    "a", "an", "and", "of", "the", "for", "in", "on", "to", "der", "die", "das", "des", "dem", "den", "und", "von",
    "zum", "zur", "fur", "am", "im", "mit", "de", "du", "la", "le", "les", "et", "pour", "do", "na", "o", "v", "z",
    "za", "ze", "ve", "pro", "s", "k", "i", "oraz", "w",
})  # fmt: skip
_FILLING_WEIGHT = 0.15


@dataclass(frozen=True)
class Wording:
    """The words of one label with their weights, and the fields it names."""

    names: frozenset[str]
    weights: tuple[tuple[str, float], ...]
    total: float


def words_of(text: str) -> list[tuple[str, ...]]:
    """The folded words of a phrase; each with its other forms (``Žadatel/ka``, ``Antragsteller(in)``)."""
    found = []
    for token in re.sub(r"\([^)]{4,}\)", " ", text).split():
        parts = [part for part in re.split(r"[^a-z0-9#]+", fold(token)) if part]
        if len(parts) > 1 and "/" in token:
            found.append(tuple(parts))
        else:
            found += [(part,) for part in parts]
    return found


class Wordings:
    """The labels of one document type, ready to be likened to phrases."""

    def __init__(self, kind: DocumentType) -> None:
        names: dict[tuple[str, ...], set[str]] = defaultdict(set)
        fields: dict[str, set[str]] = defaultdict(set)
        for field, spec in kind.fields.items():
            for label in spec.all_labels:
                words = tuple(dict.fromkeys(forms[0] for forms in words_of(label)))
                if words:
                    names[words].add(field)
                for word in words:
                    fields[word[: _STEM + 2]].add(field)
        self._rarity = {stem: 1 / math.sqrt(len(found)) for stem, found in fields.items()}
        self.labels: list[Wording] = []
        self._by_stem: dict[str, list[tuple[int, str, float]]] = defaultdict(list)
        for words, found in names.items():
            weights = tuple((word, self.weight(word)) for word in words)
            for word, weight in weights:
                self._by_stem[word[:_STEM]].append((len(self.labels), word, weight))
            self.labels.append(Wording(frozenset(found), weights, sum(weight for _, weight in weights)))

    def weight(self, word: str) -> float:
        """How much a word says."""
        if word in _FILLING:
            return _FILLING_WEIGHT
        return math.sqrt(min(len(word), 9)) * self._rarity.get(word[: _STEM + 2], 1.0)

    def like(self, text: str) -> tuple[frozenset[str], float]:
        """The fields that ``text`` may name, and how like their labels it is, 0..1."""
        phrase = words_of(text)
        if not phrase or len(phrase) > _WORDS:
            return frozenset(), 0.0
        common: dict[int, float] = defaultdict(float)
        whole = 0.0
        for forms in phrase:
            whole += min(self.weight(word) for word in forms)
            best: dict[int, float] = {}
            for word in forms:
                for index, other, weight in self._by_stem.get(word[:_STEM], ()):
                    share = _alike(word, other)
                    if share:
                        best[index] = max(best.get(index, 0.0), share * weight)
            for index, weight in best.items():
                common[index] += weight
        by_field: dict[str, float] = {}
        for index, weight in common.items():
            label = self.labels[index]
            score = min(1.0, 2 * weight / (label.total + max(whole, weight)))  # both of two languages may meet one word
            for name in label.names:
                by_field[name] = max(by_field.get(name, 0.0), score)
        best_score = max(by_field.values(), default=0.0)
        if best_score < (_LEAST_COLON if text.endswith(":") else _LEAST):
            return frozenset(), best_score
        return frozenset(name for name, score in by_field.items() if score > best_score - _NEAR), best_score


@cache
def _alike(one: str, other: str) -> float:
    """How far two words are one, in other endings: 1, 0.9, or 0 where they are not."""
    if one == other:
        return 1.0
    short, long = sorted((one, other), key=len)
    if len(short) < _FUZZY_FROM:
        return 0.0
    if long.startswith(short[: max(_FUZZY_FROM, len(short) - 2)]) and len(long) - len(short) <= 4:
        return 0.9
    return 0.9 if fuzz.ratio(one, other) >= _ALIKE else 0.0


_WORDINGS: dict[tuple[str, int], Wordings] = {}


def wordings(kind: DocumentType) -> Wordings:
    """The wordings of ``kind``, made once a process."""
    key = (kind.name, hash(tuple((name, spec.all_labels) for name, spec in kind.fields.items())))
    if key not in _WORDINGS:
        _WORDINGS[key] = Wordings(kind)
    return _WORDINGS[key]


def is_firm(hit: LabelHit) -> bool:
    """Whether a label is one for sure: in the words of the type's file, or with its colon."""
    return SOFT not in hit.names or hit.text.endswith(":")


def _phrases(segment: Segment) -> Iterator[tuple[int, int]]:
    """Where in a segment's line a label in other words may stand."""
    start = segment.start
    for piece in segment.line.text[segment.start : segment.end].split(WIDE):
        head, colon, _ = piece.partition(":")
        if colon and head.strip():
            yield start, start + len(head) + 1
        elif not any(c.isdigit() for c in piece):
            filled = re.search(r"\s*[_.…]{3,}", piece)
            yield start, start + (filled.start() if filled else len(piece))
        start += len(piece) + 1


def with_phrases(labels: Labels, layout: Layout, kind: DocumentType) -> Labels:
    """``labels`` and the phrases of the document that may be labels.

    A label that is only a part of such a phrase gives way to it where the phrase is the likelier.
    """
    known, number = wordings(kind), number_field(kind)
    by_line: dict[int, list[LabelHit]] = {}
    for line in layout.lines:
        hits = list(labels.by_line.get(line.number, ()))
        for segment in line.segments:
            for start, end in _phrases(segment):
                text = line.text[start:end].strip()
                if len(text) > _LETTERS or not re.search(r"[^\W\d_]{2}", text):
                    continue
                inner = [hit for hit in hits if start <= hit.start and hit.end <= end]
                covered = max((_share(hit.text, text) * hit.likeness for hit in inner), default=0.0)
                if covered > 0.9:
                    continue
                names, like = known.like(text)
                stop = start + len(line.text[start:end].rstrip())
                if names and like > covered:
                    hits = [hit for hit in hits if hit not in inner]
                    made = LabelHit(names | {SOFT}, text, like * _MOST, line, start, stop, line.box_of(start, stop))
                    hits.append(made)
                elif not inner and text.endswith(":"):
                    hits.append(LabelHit(frozenset((OTHER,)), text, 0.7, line, start, stop, line.box_of(start, stop)))
        by_line[line.number] = sorted((_as_number(hit, number) for hit in hits), key=lambda hit: hit.start)
    return Labels(tuple(hit for hits in by_line.values() for hit in hits), by_line)


def number_field(kind: DocumentType) -> str | None:
    """The field of the document's own number: the first required identifier of its business key."""
    names = [name for part in kind.business_key for name in ((part,) if isinstance(part, str) else part)]
    own = (name for name in names if kind.fields[name].kind is Kind.IDENTIFIER and kind.fields[name].required)
    return next(own, None)


def _as_number(hit: LabelHit, number: str | None) -> LabelHit:
    """A bare ``Number:``, or the document's title, as a weak label of its number."""
    if number is None or number in hit.names or not hit.names & _BARE:
        return hit
    return replace(hit, names=hit.names | {number, SOFT}, likeness=_BARE_LIKENESS * hit.likeness)


def _share(part: str, whole: str) -> float:
    """The share of the letters of ``whole`` that ``part`` has."""
    return sum(c.isalnum() for c in part) / max(1, sum(c.isalnum() for c in whole))
