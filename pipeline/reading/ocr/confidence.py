"""How probable it is that a word was read exactly right: one number from all that is known about the word.

A logistic regression over piecewise linear functions of some thirty features (`NAMES`), one for each `Reader`; where
the other engine has read the place too, a second one (`BOTH`) corrects it by what that read.
``models/weights/reading/confidence.json`` holds them; `podatelna train reading` writes it, ``MODEL_CARD.md`` beside
it has the figures.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import models
from models.records import Box, Word
from pipeline.reading.ocr import quality as qualities
from pipeline.reading.ocr.quality import Quality

Floats = NDArray[np.float64]

WEIGHTS = Path(models.__file__).parent / "weights" / "reading"
_AMOUNT = re.compile(r"[-+(]?[€$£]?(?:\d{1,3}(?:[.,' ]\d{3})+|\d+)[.,]\d{2}[)%€$£-]?")
_DATE = re.compile(
    r"(?:[0-3]?\d[./-][01]?\d[./-](?:\d{4}|\d{2})|\d{4}-[01]\d-[0-3]\d)[.,;]?|[0-2]?\d:[0-5]\d(?::[0-5]\d)?"
)
_CODE = re.compile(r"(?=.*\d)[A-Z]{1,4}[-/]?[\d/-]{3,}[A-Z0-9]*|\d+(?:[-/]\d+)+|[A-Z]{2}\d{2}[A-Z0-9]{4,}")
_NUMBER = re.compile(r"\d+[.,;:%]?|\d+[.,]\d+%?")
_PLAIN = re.compile(r"[(\"'„]?(?:[^\W\d_]?[^\W\d_A-Z]+|[^\W\d_a-z]+)(?:[-/&'’.][^\W\d_]+)*[.,:;!?)\"'“]*")
_LETTERS = re.compile(r"[^\W\d_]+")
_ODD_CASE = re.compile(r"[a-zà-ž][A-ZÀ-Ž]")
_DIGIT_AND_LETTER = re.compile(r"(?<=\d)[^\W\d_]|[^\W\d_](?=\d)")
_ROW_OVERLAP = 0.5

NAMES = (
    "score", "before", "after", "row_score", "page_score", "page_low", "length", "digits", "signs", "amount", "date",
    "code", "number", "plain", "odd_case", "mixed", "single", "no_alnum", "known", "pairs_mean", "pairs_min",
    "height", "pitch", "row_words", "gap", "repeated", *qualities.NAMES,
)  # fmt: skip
BOTH = ("own", "same", "same_letters", "inside", "other_same", "other_differs", "other_length", "nothing")
"""What counts where the other engine has read the place too; the first, fifth and sixth are log odds."""


class Reader(StrEnum):
    """Who read a word: an engine a page, or RapidOCR's recogniser a spot that Tesseract was not sure of."""

    TESSERACT = "tesseract"
    RAPIDOCR = "rapidocr"
    SPOT = "spot"


def _level(score: float, reader: Reader) -> float:
    """An engine's score as a number that spreads the sure words out: RapidOCR's crowd at 1."""
    return _logit(score) if reader is Reader.TESSERACT else -float(np.log10(1.0001 - min(1.0, score)))


def _logit(chance: float) -> float:
    kept = min(0.985, max(0.01, chance))
    return float(np.log(kept / (1 - kept)))


@dataclass(frozen=True, eq=False)
class Letters:
    """What is known of how words are spelt: frequent words, and how frequent (log2) each run of three letters is."""

    words: frozenset[str]
    triples: Mapping[str, int]

    def known(self, text: str) -> float:
        """The share of a word's letters that stand in frequent words."""
        parts = _LETTERS.findall(text)
        total = sum(map(len, parts))
        return sum(len(part) for part in parts if part.casefold() in self.words) / total if total else 0.0

    def pairs(self, text: str) -> tuple[float, float]:
        """The mean and least level of its runs of three letters; those of a word without letters are middling."""
        found = [
            self.triples.get(part[index : index + 3], 0)
            for part in (f"^{one.casefold()}$" for one in _LETTERS.findall(text))
            for index in range(len(part) - 2)
        ]
        return (sum(found) / len(found), min(found)) if found else (4.0, 4.0)


@dataclass(frozen=True)
class Curve:
    """A logistic regression: ``bends`` are the knots of each feature, ``weights`` stand in the order of `spread`.

    The first and last knot are the ends of what was seen in training: beyond them a feature says no more.
    """

    bends: tuple[tuple[float, ...], ...]
    weights: tuple[float, ...]
    bias: float

    def chances(self, features: Floats) -> Floats:
        """Probabilities for rows of features."""
        total = spread(features, self.bends) @ np.array(self.weights) + self.bias
        return np.asarray(1 / (1 + np.exp(-np.clip(total, -30, 30))), np.float64)


def spread(features: Floats, bends: Sequence[Sequence[float]]) -> Floats:
    """Each feature, cut off at its outer knots, and what it has over each inner one: piecewise linear in sum."""
    columns = []
    for index, (low, *inner, high) in enumerate(bends):
        kept = np.clip(features[:, index], low, high)
        columns += [kept, *(np.maximum(0.0, kept - knot) for knot in inner)]
    return np.stack(columns, axis=1)


@dataclass(frozen=True)
class Model:
    """All that ``confidence.json`` holds."""

    letters: Letters
    curves: Mapping[str, Curve]


def dumps(model: Model) -> bytes:
    """The model as JSON; the same bytes for the same model."""
    value = {
        "curves": {
            name: {"bends": curve.bends, "weights": curve.weights, "bias": curve.bias}
            for name, curve in sorted(model.curves.items())
        },
        "words": sorted(model.letters.words),
        "triples": dict(sorted(model.letters.triples.items())),
    }
    return json.dumps(value, ensure_ascii=False, indent=0, separators=(",", ":")).encode() + b"\n"


def loads(data: bytes) -> Model:
    """Read what `dumps` wrote."""
    value: dict[str, Any] = json.loads(data)
    curves = {
        name: Curve(tuple(map(tuple, one["bends"])), tuple(one["weights"]), one["bias"])
        for name, one in value["curves"].items()
    }
    return Model(Letters(frozenset(value["words"]), value["triples"]), curves)


@cache
def model() -> Model:
    """The model that ships, read once per process."""
    return loads((WEIGHTS / "confidence.json").read_bytes())


def calibrated(words: Sequence[Word], reader: Reader, quality: Quality, using: Model | None = None) -> tuple[Word, ...]:
    """The words of one page, in any order, with the probability to be right in place of the engine's score."""
    if not words:
        return ()
    using = using or model()
    chances = using.curves[reader.value].chances(features(words, reader, quality, using.letters))
    return _with(words, chances)


def seconded(
    words: Sequence[Word], others: Sequence[Word], reader: Reader, using: Model | None = None
) -> tuple[Word, ...]:
    """The words, now that another engine has read ``others`` at their places; both with probabilities."""
    if not words:
        return ()
    using = using or model()
    return _with(words, using.curves[f"{reader.value}+"].chances(compare(words, others)))


def _with(words: Sequence[Word], chances: Floats) -> tuple[Word, ...]:
    return tuple(
        replace(word, confidence=round(chance, 4)) for word, chance in zip(words, chances.tolist(), strict=True)
    )


def features(words: Sequence[Word], reader: Reader, quality: Quality, letters: Letters) -> Floats:
    """One row of `NAMES` for each word; their confidences are the engine's scores."""
    scores = [_level(word.confidence, reader) for word in words]
    heights = [max(1.0, word.box[3] - word.box[1]) for word in words]
    pitches = [max(1.0, word.box[2] - word.box[0]) / len(word.text) for word in words]
    usual, pitch = float(np.median(heights)), float(np.median(pitches))
    weight = [len(word.text) for word in words]
    page = float(np.average(scores, weights=weight))
    low = float(np.average([score < page - 1.5 for score in scores], weights=weight))
    often = Counter(word.text for word in words)
    table = np.zeros((len(words), len(NAMES)))
    page_numbers = quality.numbers()
    for row in rows_of(words):
        mean = sum(scores[index] * weight[index] for index in row) / sum(weight[index] for index in row)
        for place, index in enumerate(row):
            word = words[index]
            before, after = (row[place - 1] if place else None), (row[place + 1] if place + 1 < len(row) else None)
            gaps = [word.box[0] - words[before].box[2]] if before is not None else []
            gaps += [words[after].box[0] - word.box[2]] if after is not None else []
            table[index] = (
                scores[index],
                scores[before] if before is not None else mean,
                scores[after] if after is not None else mean,
                mean,
                page,
                low,
                *_shape(word.text, letters),
                np.log(heights[index] / usual),
                np.log(pitches[index] / pitch),
                np.log(len(row)),
                np.log1p(min(20.0, max(0.0, min(gaps, default=20.0 * usual) / usual))),
                often[word.text] > 1,
                *page_numbers,
            )
    return table


def _shape(text: str, letters: Letters) -> tuple[float, ...]:
    length = len(text)
    digits = sum(map(str.isdigit, text))
    alnum = sum(map(str.isalnum, text))
    amount, date = bool(_AMOUNT.fullmatch(text)), bool(_DATE.fullmatch(text))
    return (
        np.log(length), digits / length, (length - alnum) / length, amount, date,
        bool(_CODE.fullmatch(text)) and not date, bool(_NUMBER.fullmatch(text)) and not amount,
        bool(_PLAIN.fullmatch(text)), bool(_ODD_CASE.search(text)), bool(_DIGIT_AND_LETTER.search(text)),
        length == 1, alnum == 0, letters.known(text), *letters.pairs(text),
    )  # fmt: skip


def rows_of(words: Sequence[Word]) -> list[list[int]]:
    """The indices of words that stand side by side, from left to right."""
    order = sorted(range(len(words)), key=lambda index: words[index].box[1] + words[index].box[3])
    rows: list[list[int]] = []
    for index in order:
        for row in reversed(rows[-3:]):
            if _overlap(words[row[-1]].box, words[index].box) >= _ROW_OVERLAP:
                row.append(index)
                break
        else:
            rows.append([index])
    return [sorted(row, key=lambda index: words[index].box[0]) for row in rows]


def _overlap(one: Box, other: Box) -> float:
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared / max(1e-6, min(one[3] - one[1], other[3] - other[1]))


def compare(words: Sequence[Word], others: Sequence[Word]) -> Floats:
    """One row of `BOTH` for each word, by what the other engine read at its place; confidences are probabilities."""
    table = np.zeros((len(words), len(BOTH)))
    for index, word in enumerate(words):
        own = _logit(word.confidence)
        near = sorted((one for one in others if _meets(word.box, one.box)), key=lambda one: one.box[0])
        if not near:
            table[index] = (own, 0, 0, 0, 0, 0, 0, 1)
            continue
        best = max(near, key=lambda one: (one.text == word.text, _shared(word.box, one.box)))
        theirs, joined = _alnum(best.text), _alnum("".join(one.text for one in near))
        mine, other = _alnum(word.text), _logit(best.confidence)
        same = best.text == word.text
        table[index] = (
            own, same, mine in (theirs, joined), mine != theirs and bool(mine) and mine in joined, other * same,
            other * (not same), np.log((1 + len(best.text)) / (1 + len(word.text))), 0,
        )  # fmt: skip
    return table


def _alnum(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _meets(one: Box, other: Box) -> bool:
    return _overlap(one, other) >= _ROW_OVERLAP and _shared(one, other) > 0.3 * min(
        one[2] - one[0], other[2] - other[0]
    )


def _shared(one: Box, other: Box) -> float:
    return min(one[2], other[2]) - max(one[0], other[0])
