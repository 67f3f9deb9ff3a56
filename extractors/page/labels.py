"""Labels on the page: which words name a field, found in spite of lost blanks, accents and misread letters."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from extractors.page.layout import COLUMN, Layout, Line
from extractors.page.text import squeeze
from extractors.page.vocabulary import NUMBER_WORDS, OTHER_LABELS, TITLES
from models.document_types import DocumentType
from models.records import Box

TITLE = "x:title"
_COMPOUND = re.compile(r"(?!ursprung|original|bezug)[a-z]{3,20}(?:rechnung|gutschrift)")  # Mietrechnung
_LONGEST = 8  # words of a label
_FUZZY_FROM = 6  # letters; a shorter label must match exactly
_FUZZY_LIKE = 84.0  # percent of rapidfuzz's ratio
_SPELT = (8, 0.92)  # on a text layer only long labels, and nearly right: people misspell too
_RUNNING = 5  # words of a line's column from which it may be a sentence
_NOTE_WORDS = 4  # of a remark in brackets behind a label: "Total (incl. VAT)", "Rechnung (380)"


@dataclass(frozen=True)
class LabelHit:
    """A label on the page: the fields it names (``x:`` for what is no field of ours), where, and how alike it is."""

    names: frozenset[str]
    text: str
    likeness: float
    line: Line
    start: int
    end: int
    box: Box

    @property
    def page(self) -> int:
        """Page number from 1."""
        return self.line.page

    def is_other(self) -> bool:
        """Whether it names none of the type's fields."""
        return all(name.startswith("x:") for name in self.names)


class LabelIndex:
    """All labels of one document type, and those that are no field's, by their squeezed form."""

    def __init__(self, kind: DocumentType) -> None:
        names: dict[str, set[str]] = defaultdict(set)
        for field, spec in kind.fields.items():
            for label in spec.all_labels:
                names[squeeze(label)].add(field)
        for other, labels in OTHER_LABELS.items():
            for label in labels:
                names[squeeze(label)].add(f"x:{other}")
        if "invoice_number" in kind.fields:
            for title in TITLES:
                names[squeeze(title)].add(TITLE)
        self._titles = "invoice_number" in kind.fields
        names.pop("", None)
        self.names = {label: frozenset(found) for label, found in names.items()}
        for field, spec in kind.fields.items():
            for phrase in spec.all_phrases:
                names[squeeze(phrase)].add(field)
        names.pop("", None)
        self.running = {label: frozenset(found) for label, found in names.items()}
        self._by_length = (_by_length(self.names), _by_length(self.running))
        self._longest = max(map(len, self.running))
        self._alike = lru_cache(maxsize=20000)(self._find_alike)

    def _find_alike(self, key: str, running: bool) -> tuple[str, float] | None:
        by_length = self._by_length[running]
        near = [label for length in range(len(key) - 2, len(key) + 3) for label in by_length.get(length, ())]
        best = process.extractOne(key, near, scorer=fuzz.ratio, score_cutoff=_FUZZY_LIKE) if near else None
        if best is None or (best[0][:2] != key[:2] and best[1] < 90):
            return None
        return best[0], best[1] / 100

    def look_up(self, key: str, *, fuzzy: bool, running: bool = False) -> tuple[frozenset[str], float] | None:
        """The fields that the squeezed words ``key`` name, in a sentence if ``running``, and the likeness 0..1."""
        names = self.running if running else self.names
        exact = names.get(key)
        if exact:
            return exact, 1.0
        least, like = (_FUZZY_FROM, 0.0) if fuzzy else _SPELT
        if len(key) < least or sum(c.isdigit() for c in key) > 1:
            return None
        best = self._alike(key, running)
        return (names[best[0]], best[1]) if best and best[1] >= like else None

    def find(self, line: Line, *, fuzzy: bool = True) -> list[LabelHit]:
        """The labels of a line, left to right; where they overlap, the longer one."""
        keys = [squeeze(token.text) for token in line.tokens]
        runs = self._runs(line) if len(self.running) > len(self.names) else [False] * len(keys)
        found: list[LabelHit] = []
        first = 0
        while first < len(keys):
            hit = self._longest_at(line, keys, first, fuzzy, runs[first])
            if hit is None:
                first += 1
                continue
            found.append(hit[0])
            first = hit[1]
        return found

    @staticmethod
    def _runs(line: Line) -> list[bool]:
        """For every token whether its column of the line has words enough for a sentence."""
        columns: list[int] = []
        for index, start in enumerate(line.starts):
            opens = index == 0 or line.text[start - 1] == COLUMN
            columns.append(columns[-1] + opens if columns else 0)
        return [columns.count(column) >= _RUNNING for column in columns]

    def _longest_at(
        self, line: Line, keys: list[str], first: int, fuzzy: bool, runs: bool
    ) -> tuple[LabelHit, int] | None:
        best: tuple[frozenset[str], float, int] | None = None
        key = ""
        if not keys[first] or keys[first][0].isdigit():
            return None
        for last in range(first, min(len(keys), first + _LONGEST)):
            if last > first and line.text[line.starts[last] - 1] == COLUMN:
                break
            key += keys[last]
            if len(key) > self._longest + 2:
                break
            if not keys[last] or (len(key) <= 2 and not self._stands_free(line, first, last)):
                continue
            worded = any(c.isalpha() for c in keys[last])  # "Splatnost: 7" is a label and a number
            found = self.look_up(key, fuzzy=fuzzy, running=runs) if worded or key in self.names else None
            if found is None and self._titles and last == first and _COMPOUND.fullmatch(key):
                found = frozenset((TITLE,)), 0.95
            if found is None or (best is not None and found[1] < best[1] - 0.1):
                continue
            if found[1] < 1.0:
                if best is not None and found[0] == best[0]:  # the label again and a word that is not of it
                    continue
                # "Zákazník č." is not "Zákazník", and "Total Amount (EUR)" not "Total amount due"
                if last > first and (keys[last] in NUMBER_WORDS or line.tokens[last].text.startswith("(")):
                    continue
            best = (*found, last)
        if best is None:
            return None
        names, likeness, last = best
        last = _with_note(line, last)
        start, end = line.starts[first], line.starts[last] + len(line.tokens[last].text)
        text = line.text[start:end]
        return LabelHit(names, text, likeness, line, start, end, line.box_of(start, end)), last + 1

    @staticmethod
    def _stands_free(line: Line, first: int, last: int) -> bool:
        """Whether a label of two letters starts a segment or has its colon: ``k.s.`` ends a company's name."""
        text = line.tokens[last].text
        return first == 0 or line.text[line.starts[first] - 1] == COLUMN or text.endswith(":")


def _with_note(line: Line, last: int) -> int:
    """The token that closes the brackets opened behind token ``last``, if they hold words; else ``last``."""
    for index in range(last + 1, min(len(line.tokens), last + 1 + _NOTE_WORDS)):
        if line.text[line.starts[index] - 1] == COLUMN or (index == last + 1 and line.tokens[index].text[:1] != "("):
            return last
        if line.tokens[index].text.rstrip(":.").endswith(")"):
            note = " ".join(token.text for token in line.tokens[last + 1 : index + 1])
            return index if re.search(r"[^\W\d_]", note) or re.fullmatch(r"\(\d{3}\):?", note) else last
    return last


def _by_length(labels: Iterable[str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for label in labels:
        if len(label) >= _FUZZY_FROM:
            found[len(label)].append(label)
    return found


_INDEXES: dict[tuple[str, int], LabelIndex] = {}


def label_index(kind: DocumentType) -> LabelIndex:
    """The index of ``kind``'s labels, built once."""
    key = (kind.name, hash(tuple((name, spec.all_labels, spec.all_phrases) for name, spec in kind.fields.items())))
    if key not in _INDEXES:
        _INDEXES[key] = LabelIndex(kind)
    return _INDEXES[key]


@dataclass(frozen=True)
class Labels:
    """All labels of a document, by line."""

    hits: tuple[LabelHit, ...]
    by_line: dict[int, list[LabelHit]]

    def named(self, *names: str) -> Iterable[LabelHit]:
        """The labels that name one of ``names``."""
        return (hit for hit in self.hits if hit.names & set(names))


def find_labels(layout: Layout, kind: DocumentType) -> Labels:
    """Find every label of ``kind`` in the document; misread ones only where an engine read the page."""
    index = label_index(kind)
    by_line = {line.number: index.find(line, fuzzy=layout.ocr) for line in layout.lines}
    return Labels(tuple(hit for hits in by_line.values() for hit in hits), by_line)
