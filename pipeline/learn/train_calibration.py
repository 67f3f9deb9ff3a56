"""Measures how often a table's row with a given score is right, and keeps it as curves (see `models.calibration`).

Isotonic regression by pooling adjacent violators (Ayer, Brunk, Ewing, Reid, Silverman 1955; Zadrozny and Elkan
2002), made modest, since generated documents are easier than the world's: see `fit_curve`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np

from extractors import extract_scored
from extractors.calibrate import is_ocr
from models.calibration import Calibration, Curve, dumps
from models.document_types import document_types
from pipeline.evaluate.compare import same_row
from pipeline.evaluate.metrics import calibration_error
from pipeline.learn import CALIBRATION_SEED
from pipeline.learn.calibration_card import Figures, Share, write_card
from pipeline.learn.factory import LAYOUTS
from pipeline.learn.read_documents import Counts, ReadDocument, documents

CAP = 0.99
"""No curve promises more."""
PRIOR = 12.0
"""So many examples the score itself counts for in every bin ..."""
MOST = 90.0
"""... against so many generated ones at most: more of the same factory say nothing new about the world."""
BIN = 15
"""Scores are pooled with their neighbours until so many examples stand together."""
SURE = 0.85
"""The share of rows with at least this confidence, and the error among them, are on the model card."""
HELD_OUT = frozenset({"ledger", "sidebar", "stacked", "strip"})
"""Layouts that are kept back when the figures are made."""


@dataclass(frozen=True, slots=True)
class Example:
    """One row that was found: its score, and whether all its cells are what stands on the page."""

    ocr: bool
    score: float
    right: bool
    layout: str


def examples(one: ReadDocument) -> list[Example]:
    """All rows that are found on a document, judged by its truth; a row that stands nowhere on it is wrong."""
    extraction = extract_scored(one.reading, document_types()[one.made.type])
    judged, rows = [], list(one.made.line_items)
    for item in extraction.line_items:
        # a batch or article number from the line below is no mistake that a person would have to mend
        twin = next((row for row in rows if same_row(row, item, partial=True)), None)
        if twin is not None:
            rows.remove(twin)
        judged.append(Example(is_ocr(item, one.reading), item.confidence, twin is not None, one.made.layout))
    return judged


@dataclass(frozen=True, slots=True)
class _Bin:
    """Examples whose scores lie between ``low`` and ``high``: their number, mean score and share of right ones."""

    weight: float
    low: float
    high: float
    score: float
    chance: float

    def with_next(self, other: _Bin) -> _Bin:
        """This and the next bin as one."""
        weight = self.weight + other.weight
        score = (self.score * self.weight + other.score * other.weight) / weight
        chance = (self.chance * self.weight + other.chance * other.weight) / weight
        return _Bin(weight, self.low, other.high, score, chance)


def _pool(bins: Iterable[_Bin]) -> list[_Bin]:
    """Pool neighbours, weighted, until no chance falls (the pool-adjacent-violators algorithm)."""
    pooled: list[_Bin] = []
    for one in bins:
        pooled.append(one)
        while len(pooled) > 1 and pooled[-2].chance > pooled[-1].chance:
            last = pooled.pop()
            pooled.append(pooled.pop().with_next(last))
    return pooled


def _bins(some: Sequence[Example]) -> list[_Bin]:
    """The examples in order of their scores, equal scores together, at least `BIN` in each bin."""
    merged: list[_Bin] = []
    for score, group in groupby(sorted(some, key=lambda e: e.score), key=lambda e: round(e.score, 4)):
        rights = [e.right for e in group]
        one = _Bin(len(rights), score, score, score, sum(rights) / len(rights))
        if merged and merged[-1].weight < BIN:
            merged[-1] = merged[-1].with_next(one)
        else:
            merged.append(one)
    if len(merged) > 1 and merged[-1].weight < BIN:
        last = merged.pop()
        merged[-1] = merged[-1].with_next(last)
    return [replace(one, low=one.score, high=one.score) for one in merged]


def fit_curve(some: Sequence[Example]) -> Curve:
    """The isotonic curve of some examples, made modest; level where bins were pooled, else straight.

    Each bin with n examples of which a share p is right gets ``(p min(n, MOST) + PRIOR score) / (min(n, MOST) +
    PRIOR)``, at most `CAP`, before bins are pooled: the score, which was set without looking at generated documents, is
    believed as much as `PRIOR` examples, so that a low score that few clean documents have is not taken for a high one.

    Raises:
        ValueError: there are no examples.
    """
    modest = []
    for one in _bins(some):
        seen = min(one.weight, MOST)
        modest.append(replace(one, chance=min(CAP, (one.chance * seen + one.score * PRIOR) / (seen + PRIOR))))
    points = {score: round(one.chance, 4) for one in _pool(modest) for score in (one.low, one.high)}
    return Curve(tuple(points), tuple(points.values()))


def fit(some: Sequence[Example]) -> Calibration:
    """The curves of the rows on text layers and of those that OCR read; there are some of each."""
    return Calibration(fit_curve([one for one in some if not one.ocr]), fit_curve([one for one in some if one.ocr]))


def share(judged: Sequence[tuple[float, bool]]) -> Share:
    """What pairs of confidence and rightness come to."""
    sure = [right for chance, right in judged if chance >= SURE]
    chances, rights = np.array([one[0] for one in judged], float), np.array([one[1] for one in judged], bool)
    return Share(
        rows=len(judged),
        right=sum(right for _, right in judged) / max(1, len(judged)),
        error=calibration_error(chances, rights),
        sure=len(sure) / max(1, len(judged)),
        sure_wrong=1 - sum(sure) / max(1, len(sure)),
    )


def judge(some: Sequence[Example], curves: Calibration) -> Figures:
    """Figures before and after ``curves``, for text layer and OCR."""
    parts = {"text layer": [e for e in some if not e.ocr], "OCR": [e for e in some if e.ocr]}
    return Figures(
        before={name: share([(e.score, e.right) for e in part]) for name, part in parts.items()},
        after={
            name: share([(curves.chance(e.score, ocr=e.ocr), e.right) for e in part]) for name, part in parts.items()
        },
    )


def train(folder: Path, seed: int = CALIBRATION_SEED, counts: Counts = Counts()) -> Figures:  # noqa: B008
    """Measure, and write ``calibration.json`` and ``MODEL_CARD.md`` to ``folder``.

    The figures are those of a twin: curves fitted on some layouts and judged on the others (`HELD_OUT`). The
    curves that ship are then fitted on all. The same seed gives the same bytes with the same versions of the
    libraries, fonts and engines.

    Raises:
        MissingTool: a font, Tesseract or one of its languages is not installed.
    """
    made = [(one.stored, examples(one)) for one in documents(seed, counts)]
    everything = [example for _, found in made for example in found]
    figures = judge(
        [one for one in everything if one.layout in HELD_OUT],
        fit([one for one in everything if one.layout not in HELD_OUT]),
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "calibration.json").write_bytes(dumps(fit(everything)))
    stored = Counter(name for name, _ in made)
    write_card(folder, figures, seed=seed, stored=stored, rows=len(everything), kept_back=sorted(HELD_OUT & {*LAYOUTS}),
               cap=CAP, prior=PRIOR, most=MOST, sure=SURE)  # fmt: skip
    return figures
