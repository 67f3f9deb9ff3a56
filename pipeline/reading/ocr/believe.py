"""Which reading of a word to believe, where a line was read three times, and how sure it is then.

A multinomial logit (McFadden 1974): at each place of the line every text that a reader saw there competes with "none
of them", by who saw it and how surely, and by how words, numbers and postal codes look. Its probabilities become those
of the words. What it weighs is in `NAMES`; ``models/weights/receipt/words.json`` holds the weights, which
`podatelna train receipts` writes.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

import models
from extractors.page.text import fold
from extractors.receipt.spelling import suggested
from extractors.receipt.words import words_of
from models.records import Page, Source, Word
from pipeline.reading.ocr import confidence
from pipeline.reading.ocr.again import Look, Row, key

Floats = NDArray[np.float64]

FILE = Path(models.__file__).parent / "weights" / "receipt" / "words.json"
NAMES = (
    "first", "first_sure", "strong", "strong_sure", "cheap", "cheap_sure", "tight", "tight_sure", "spelt", "spelt_sure",
    "first_cheap", "alone", "general", "usual", "least_usual", "mixed", "newly_mixed", "postcode", "five_digits",
    "empty", "empty_letters", "empty_digits", "longer", "shorter", "digits_lost", "repeated", "odd_case",
    "ampersand", "gap_empty", "both", "strong_second", "first_cheap_sure",
)  # fmt: skip
"""What speaks for a text: who read it (see `Row`; ``spelt``: a general word that was read otherwise), how it looks."""
NONE_NAMES = (
    "none", "none_letters", "none_digits", "none_texts", "none_general", "none_seconded", "none_spelt", "none_cheap",
)  # fmt: skip
"""What speaks for none of the texts."""
_EDGE = 0.002
_CLEARLY = 3  # a word is a blot only if that is so many times likelier
_UNKNOWN = 0.5
_CHEAP, _SPELT = 2, 4
_REPEATED = 4  # letters; shorter words occur again by chance
_PART = re.compile(r"[^\W_]+")
_ODD_CASE = re.compile(r"[a-z][A-Z]")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place on a line: a word, or the gap before the ``word`` at that place (``gap``), and what readers saw there.

    ``texts`` are by what they are compared by (`mark`), ``features`` theirs by `NAMES`;
    ``none`` those of "none of them" by `NONE_NAMES`.
    """

    word: int
    gap: bool
    texts: Mapping[str, str]
    features: Floats
    none: Floats


@dataclass(frozen=True, slots=True)
class Beliefs:
    """The weights of `NAMES` and of `NONE_NAMES`."""

    texts: tuple[float, ...]
    none: tuple[float, ...]

    def chances(self, slot: Slot) -> list[float]:
        """The probability of each of the slot's texts, in order; what they lack to 1 is that of none of them."""
        worth = [*(slot.features @ np.array(self.texts)), float(slot.none @ np.array(self.none))]
        most = max(worth)
        powers = [math.exp(one - most) for one in worth]
        return [power / sum(powers) for power in powers[:-1]]


def loads(data: bytes) -> Beliefs:
    """Read what `dumps` wrote."""
    value = json.loads(data)
    return Beliefs(tuple(value[n] for n in NAMES), tuple(value[n] for n in NONE_NAMES))


def dumps(beliefs: Beliefs) -> bytes:
    """The weights by their names as JSON."""
    pairs = zip((*NAMES, *NONE_NAMES), (*beliefs.texts, *beliefs.none), strict=True)
    return json.dumps(dict(pairs), indent=1).encode() + b"\n"


@cache
def beliefs() -> Beliefs:
    """The weights that ship, read once a process."""
    return loads(FILE.read_bytes())


def mark(text: str) -> str:
    """By what texts of a place are compared: `key`, or ``&``, which is often misread as a digit."""
    return key(text) or ("&" if "&" in text else "")


def _small(text: str) -> str:
    """The text in small print, sign by sign: not longer, as ``"ß".casefold()`` is."""
    return "".join(small if len(small := sign.lower()) == 1 else sign for sign in text)


def parted(words: Sequence[str], other: str) -> list[list[int]]:
    """Which signs of ``other`` stand at each place of a line of ``words``: before the first, the first, and so on.

    The places are ``2 n + 1`` gaps and words by turns. Signs that stand for none of a word's are its own where no
    blank parts them from it, else they are in the gap.
    """
    line = " ".join(words)
    owner: list[int | None] = []
    for number, word in enumerate(words):
        owner += [2 * number + 1] * len(word) + [None]
    place: list[int | None] = [None] * len(other)
    for one in Levenshtein.opcodes(_small(line), _small(other)):
        if one.tag in ("equal", "replace"):
            for at in range(one.dest_end - one.dest_start):
                if not other[one.dest_start + at].isspace():
                    place[one.dest_start + at] = owner[one.src_start + at]
    found: list[list[int]] = [[] for _ in range(2 * len(words) + 1)]
    last = 0
    for match in re.finditer(r"\S+", other):
        signs = range(match.start(), match.end())
        own = [place[at] for at in signs]
        if not any(slot is not None for slot in own):
            found[min(last + 1, 2 * len(words)) if last % 2 else last] += signs
            continue
        touched = sorted({slot for slot in own if slot is not None})
        same = [slot for slot in touched if key(words[slot // 2]) == key(match[0])]
        own = [same[-1]] * len(own) if same else own  # of "K KUALA" the alignment takes the first K for "KUALA"
        current = next(slot for slot in own if slot is not None)
        for at, slot in zip(signs, own, strict=True):
            current = current if slot is None else slot
            found[current].append(at)
        last = current
    return found


def slots_of(page: Page, row: Row) -> list[Slot]:
    """The places of a line where someone read something."""
    words = [page.words[at] for at in row.words]
    texts = [word.text for word in words]
    everywhere = defaultdict(list)
    for at, other in enumerate(page.words):
        everywhere[mark(other.text)].append((at, other.confidence))
    looks = [(reader, look, parted(texts, look.text)) for reader, look in enumerate(row.looks, start=1) if look]
    found = []
    for place in range(2 * len(words) + 1):
        word = words[place // 2] if place % 2 else None
        seen = [Seen(0, word.text, word.confidence) if word else Seen(0, "", _UNKNOWN)]
        seen += [_seen(reader, look, parts[place]) for reader, look, parts in looks]
        said = _grouped(seen)
        read = len(said)
        if word is None and read == 1:
            continue
        if word is not None:
            for text in _spelt(texts, place // 2, seen):
                said.setdefault(mark(text), [Seen(_SPELT, text, word.confidence)])
        own, seconded = mark(seen[0].text), any(one.reader == 1 for one in seen)
        alone = read == 1 and seconded
        me = row.words[place // 2] if word else None
        surest = {
            one: max((c for at, c in everywhere[one] if at != me), default=0.0) for one in said if len(one) >= _REPEATED
        }
        features = [
            _features(one, who, own, page.source, surest.get(one, 0.0), alone=alone, gap=word is None)
            for one, who in said.items()
        ]
        none = (
            1.0, math.log1p(len(own)), _digits(own) > 0, read - 1.0, _general(own), seconded, len(said) > read,
            page.source is Source.TESSERACT,
        )  # fmt: skip
        shown = {one: max(who, key=lambda by: (by.reader == 0, by.score)).text for one, who in said.items()}
        found.append(Slot(place // 2, not place % 2, shown, np.array(features, float), np.array(none, float)))
    return found


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reader saw at a place; 0 is the page's first reading, 1 to 3 are those of `Row.looks`, 4 the spelling."""

    reader: int
    text: str
    score: float


def _spelt(texts: Sequence[str], at: int, seen: Sequence[Seen]) -> list[str]:
    """General words that a word on a line, or another reading of it, may be a misreading of."""
    read = {one.text for one in seen if one.text}
    return sorted({found for text in read for found in suggested([*texts[:at], text, *texts[at + 1 :]], at)})


def _seen(reader: int, look: Look, signs: Sequence[int]) -> Seen:
    if not signs:
        return Seen(reader, "", _UNKNOWN)
    text = "".join(look.text[at] for at in signs)
    return Seen(reader, text, sum(look.scores[at] for at in signs) / len(signs))


def _grouped(seen: Iterable[Seen]) -> dict[str, list[Seen]]:
    found: dict[str, list[Seen]] = {}
    for one in seen:
        found.setdefault(mark(one.text), []).append(one)
    return found


def _general(text: str) -> bool:
    return text in words_of("address") or text in words_of("company")


def _mixed(text: str) -> bool:
    """Whether a part of a text between signs has digits and letters."""
    return any(0 < _digits(part) < len(part) for part in _PART.findall(fold(text)))


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _features(text: str, who: Sequence[Seen], own: str, source: Source, repeated: float, *,
              alone: bool, gap: bool) -> tuple[float, ...]:  # fmt: skip
    scores = {one.reader: _odds(one.score) for one in who if one.reader or not gap}
    shown = who[0].text
    letters = "".join(filter(str.isalpha, shown))
    usual, least = confidence.model().letters.pairs(letters) if text.isalpha() else (4.0, 4.0)
    mixed = _mixed(shown)
    cheap = {0, _CHEAP} if source is Source.TESSERACT else {_CHEAP}
    both = bool(cheap & scores.keys()) and bool({0, 1, 3} - cheap & scores.keys())
    empty, lost = not text, max(0, len(own) - len(text))
    by = [float(n) for reader in range(5) for n in (reader in scores, scores.get(reader, 0.0))]
    return (
        *by, 0 in scores and source is Source.TESSERACT, alone, _general(text), usual / 10, least / 10, mixed,
        mixed and not _mixed(own), len(text) == 5 and text.isdigit(), len(text) == 5 and _digits(text) >= 3, empty,
        empty * min(4, len(own)), empty and _digits(own) > 0, max(0, len(text) - len(own)), 0 if empty else lost,
        max(0, _digits(own) - _digits(text)), repeated,
        bool(_ODD_CASE.search(shown)), text == "&", gap and empty,
        both, 1 in scores and source is Source.TESSERACT, scores.get(0, 0.0) * (source is Source.TESSERACT),
    )  # fmt: skip


def _odds(chance: float) -> float:
    chance = min(1 - _EDGE, max(_EDGE, chance))
    return math.log(chance / (1 - chance))


def believed(page: Page, rows: Iterable[Row], using: Beliefs | None = None) -> Page:
    """The page with the words of some lines as the readings together make them likeliest, and as sure as that is."""
    using = using or beliefs()
    changed: dict[int, Word | None] = {}
    new: dict[int, list[Word]] = {}
    for row in rows:
        for slot in slots_of(page, row):
            text, chance = _choice(slot, using.chances(slot))
            if not slot.gap:
                at = row.words[slot.word]
                changed[at] = replace(page.words[at], text=text, confidence=chance) if text else None
            elif text:
                before = row.words[max(0, slot.word - 1)]
                new.setdefault(before, []).append(Word(text, _gap(page, row, slot.word), chance))
    words: list[Word] = []
    for at, word in enumerate(page.words):
        kept = changed.get(at, word)
        words += [] if kept is None else [kept]
        words += new.get(at, [])
    return page if tuple(words) == page.words else replace(page, words=tuple(words))


def _choice(slot: Slot, chances: Sequence[float]) -> tuple[str, float]:
    """The likeliest text and its probability.

    Nothing but the readers' silence speaks for a blot, so a word with digits is never taken for one.
    """
    (first, text), *_ = slot.texts.items()
    best, chance = text, chances[0]
    for (other, shown), worth in zip(slot.texts.items(), chances, strict=True):
        lost = not other and any(map(str.isdigit, first))
        least = chance if other or not first else max(chance, _CLEARLY * chances[0])
        if worth > least and not lost:
            best, chance = shown, worth
    return best.strip(), round(chance, 4)


def _gap(page: Page, row: Row, number: int) -> tuple[float, float, float, float]:
    """The box between a row's words ``number - 1`` and ``number``; at its ends one of a letter."""
    before = page.words[row.words[number - 1]].box if number else None
    after = page.words[row.words[number]].box if number < len(row.words) else None
    near = before or after
    assert near is not None
    high = near[3] - near[1]
    left = before[2] if before else near[0] - high
    right = after[0] if after else near[2] + high
    return (min(left, right - 1.0), near[1], max(right, left + 1.0), near[3])
