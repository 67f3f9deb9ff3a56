"""Titles and labels: the words by which a type's YAML file knows its documents, found at the beginning of segments.

``keywords`` are titles. They are found in spite of lost blanks and misread letters, and as the end of a German
compound (``Mietrechnung``). ``labels`` of fields are found as they are. Both hold for all languages of the files, so
a title or a language that is new needs a line there and no training.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import fuzz, process

from extractors.page.text import squeeze
from models.document_types import document_types

_WORDS = 5  # of a title or a label
_SHORTEST = 4  # letters of a title
_FUZZY_FROM = 6  # letters; a shorter title must match exactly
_ALIKE = 82.0  # percent of rapidfuzz's ratio
_NEARLY = 90.0  # where the first letters differ: a stylesheet is no timesheet
_COMPOUND_FROM, _COMPOUND_TO = 7, 20  # letters of the title at a compound's end
_LOOKS = str.maketrans("015iuefhqa8", "olslnctbgob")  # signs that OCR takes for each other become one
_NUMBER = re.compile(
    r"^\W*(?:n[ro]|n°|c|č|no|nr|číslo|number|nummer|numéro|numer|vom|from|dated|du|ze|zo|z|dne|dňa|dnia)?\W*$|\d",
    re.IGNORECASE,
)
"""What may follow a title that stands alone: its number, its date and the words before them."""


@dataclass(frozen=True, slots=True)
class Title:
    """A title: of which types, how tall (points), how many words, and whether only a number and a date follow."""

    types: frozenset[str]
    height: float
    words: int
    alone: bool


def _skeleton(text: str) -> str:
    return squeeze(text).translate(_LOOKS)


@cache
def _titles() -> dict[str, frozenset[str]]:
    """The types of every title, by its skeleton. What extends a type by name alone is not told by its title."""
    kinds = document_types()
    names: dict[str, set[str]] = defaultdict(set)
    for kind in kinds.values():
        for word in (one for words in kind.keywords.values() for one in words):
            if kind.name != "invoice_issued":
                names[_skeleton(word)].add(kind.name)
    return {word: frozenset(types) for word, types in names.items() if len(word) >= _SHORTEST}


@cache
def _by_length() -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for word in _titles():
        if len(word) >= _FUZZY_FROM:
            found[len(word)].append(word)
    return found


@cache
def _labels() -> dict[str, frozenset[str]]:
    """The fields that every label names, by its squeezed form."""
    names: dict[str, set[str]] = defaultdict(set)
    for kind in document_types().values():
        for field, spec in kind.fields.items():
            for label in spec.all_labels:
                names[squeeze(label)].add(field)
    names.pop("", None)
    return {label: frozenset(fields) for label, fields in names.items()}


@lru_cache(maxsize=20000)
def _types_of(key: str) -> frozenset[str]:
    """The types that the skeleton ``key`` names; empty where it is no title."""
    if (found := _titles().get(key)) or len(key) < _FUZZY_FROM:
        return found or frozenset()
    near = [word for length in range(len(key) - 2, len(key) + 3) for word in _by_length().get(length, ())]
    best = process.extractOne(key, near, scorer=fuzz.ratio, score_cutoff=_ALIKE) if near else None
    if best is None or (best[0][:2] != key[:2] and best[1] < _NEARLY):
        return frozenset()
    return _titles()[best[0]]


@lru_cache(maxsize=20000)
def _types_of_compound(key: str) -> frozenset[str]:
    for length in range(min(len(key) - 3, _COMPOUND_TO), _COMPOUND_FROM - 1, -1):
        if found := _titles().get(key[-length:]):
            return found
    return frozenset()


def title_of(words: Sequence[str], height: float) -> Title | None:
    """The longest title that the words begin with."""
    keys = [_skeleton(word) for word in words[:_WORDS]]
    for count in range(len(keys), 0, -1):
        if types := _types_of("".join(keys[:count])):
            break
    else:
        count, types = 1, _types_of_compound(keys[0]) if keys else frozenset()
    if not types:
        return None
    return Title(types, height, count, all(_NUMBER.search(word) for word in words[count:]))


def fields_of(words: Sequence[str]) -> frozenset[str]:
    """The fields that the longest label names with which the words begin."""
    keys = [squeeze(word) for word in words[:_WORDS]]
    labels = _labels()
    for count in range(len(keys), 0, -1):
        if found := labels.get("".join(keys[:count])):
            return found
    return frozenset()
