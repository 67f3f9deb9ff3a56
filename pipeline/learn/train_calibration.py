"""Measures how often a value with a given score is right, and keeps it as curves (see `models.calibration`).

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
from models.calibration import LINE_ITEMS, Calibration, Curve, dumps
from models.document_types import Kind, document_types
from models.records import Source
from pipeline.evaluate.compare import implied, same, same_row
from pipeline.evaluate.metrics import calibration_error
from pipeline.learn import CALIBRATION_SEED
from pipeline.learn.calibration_card import Figures, Share, write_card
from pipeline.learn.factory import LAYOUTS
from pipeline.learn.factory.receipts import RECEIPT_LAYOUTS
from pipeline.learn.read_documents import Counts, ReadDocument, documents

CAP = 0.99
"""No curve promises more."""
PRIOR = 12.0
"""So many examples the score itself counts for in every bin ..."""
PRIORS: dict[str, float] = {Kind.PARTY: 20.0, Kind.ADDRESS: 20.0}
"""... and more where generated documents are least like the world's: in the ways to set names and addresses ..."""
MOST = 90.0
"""... against so many generated ones at most: more of the same factory say nothing new about the world."""
BIN = 15
"""Scores are pooled with their neighbours until so many examples stand together."""
LEAST = 60
"""With fewer examples a field has no curve of its own and takes that of its kind."""
SURE = 0.85
"""The share of values with at least this confidence, and the error among them, are on the model card."""
HELD_OUT = frozenset({"ledger", "sidebar", "stacked", "strip", "coded", "two-lines"})
"""Layouts that are kept back when the figures are made."""


@dataclass(frozen=True, slots=True)
class Example:
    """One value that was found: its score, and whether it is what stands on the page."""

    name: str
    kind: str
    ocr: bool
    score: float
    right: bool
    layout: str


def examples(one: ReadDocument) -> list[Example]:
    """All values that are found on a document, judged by its truth; a value that stands nowhere on it is wrong."""
    kind = document_types()[one.made.type]
    extraction = extract_scored(one.reading, kind)
    layout, truth = one.made.layout, {**one.made.fields, **implied(one.made.fields)}
    judged = [
        Example(
            field.name,
            kind.fields[field.name].kind,
            is_ocr(field.source, field.page, one.reading),
            field.confidence,
            field.name in truth and same(kind.fields[field.name].kind, truth[field.name], field.value),
            layout,
        )
        for field in extraction.fields
    ]
    rows = list(one.made.line_items)
    for item in extraction.line_items:
        # a batch or article number from the line below is no mistake that a person would have to mend
        twin = next((row for row in rows if same_row(row, item, partial=True)), None)
        if twin is not None:
            rows.remove(twin)
        ocr = is_ocr(Source.DERIVED, item.page, one.reading)
        judged.append(Example(LINE_ITEMS, LINE_ITEMS, ocr, item.confidence, twin is not None, layout))
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

    Each bin with n examples of which a share p is right gets ``(p min(n, MOST) + prior score) / (min(n, MOST) +
    prior)``, at most `CAP`, before bins are pooled: the score, which was set without looking at generated documents, is
    believed as much as ``prior`` examples (`PRIOR`, `PRIORS`), so that a low score that few clean documents have is
    not taken for a high one. ``some`` are of one field or kind, and not none.
    """
    prior = PRIORS.get(some[0].kind, PRIOR)
    modest = []
    for one in _bins(some):
        seen = min(one.weight, MOST)
        modest.append(replace(one, chance=min(CAP, (one.chance * seen + one.score * prior) / (seen + prior))))
    points = {score: round(one.chance, 4) for one in _pool(modest) for score in (one.low, one.high)}
    return Curve(tuple(points), tuple(points.values()))


def fit(some: Sequence[Example]) -> Calibration:
    """The curves of all fields with at least `LEAST` examples, and of all kinds with at least two bins' worth."""
    sources: list[dict[str, Curve]] = []
    for ocr in (False, True):
        mine = [one for one in some if one.ocr is ocr]
        names = Counter(one.name for one in mine)
        kinds = Counter(one.kind for one in mine)
        curves = {
            name: fit_curve([one for one in mine if one.name == name])
            for name, count in sorted(names.items())
            if count >= LEAST
        }
        for kind, count in sorted(kinds.items()):
            if count >= 2 * BIN:
                curves[f"kind:{kind}"] = fit_curve([one for one in mine if one.kind == kind])
        sources.append(curves)
    return Calibration(*sources)


def share(judged: Sequence[tuple[float, bool]]) -> Share:
    """What pairs of confidence and rightness come to."""
    sure = [right for chance, right in judged if chance >= SURE]
    chances, rights = np.array([one[0] for one in judged], float), np.array([one[1] for one in judged], bool)
    return Share(
        values=len(judged),
        right=sum(right for _, right in judged) / max(1, len(judged)),
        error=calibration_error(chances, rights),
        sure=len(sure) / max(1, len(judged)),
        sure_wrong=1 - sum(sure) / max(1, len(sure)),
    )


def judge(some: Sequence[Example], curves: Calibration) -> Figures:
    """Figures before and after ``curves``, for text layer and OCR, and by field."""

    def chance(one: Example) -> float:
        return curves.chance(one.score, one.name, one.kind, ocr=one.ocr)

    parts = {"text layer": [e for e in some if not e.ocr], "OCR": [e for e in some if e.ocr]}
    names = sorted({one.name for one in some})
    return Figures(
        before={name: share([(e.score, e.right) for e in part]) for name, part in parts.items()},
        after={name: share([(chance(e), e.right) for e in part]) for name, part in parts.items()},
        by_field={
            (name, part_name): share([(chance(e), e.right) for e in part if e.name == name])
            for name in names
            for part_name, part in parts.items()
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
    kept_back = sorted(HELD_OUT & {*LAYOUTS, *RECEIPT_LAYOUTS})
    stored = Counter(name for name, _ in made)
    prior = f"{PRIOR:.0f} (names and addresses: {PRIORS[Kind.PARTY]:.0f})"
    write_card(folder, figures, seed=seed, stored=stored, values=len(everything), kept_back=kept_back, cap=CAP,
               prior=prior, most=MOST, least=LEAST, sure=SURE)  # fmt: skip
    return figures
