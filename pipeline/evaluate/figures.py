"""The figures of many judged documents. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from models.document_types import document_types
from models.records import LINE_ITEM_COLUMNS
from pipeline.evaluate import metrics
from pipeline.evaluate.judge import Judged, Verdict
from pipeline.evaluate.metrics import Acceptable, Bin, Score, sums

_REASONS = 10
_NUMBER = re.compile(r"(?:\b[A-Z]{2})?[-−]?\d[\w.,/-]*(?<![.,])")
RISKS = (0.005, 0.01, 0.02)
"""The shares of wrong values for which it is said how much may be accepted without looking."""


@dataclass(frozen=True, slots=True)
class TypeFigures:
    """How well types were told. ``decided`` were sure enough to go on without a person, the others abstained.

    ``mistakes`` are ``(true type, found type, how many)`` of the decided ones, the most frequent first.
    """

    documents: int
    right: int
    decided: int
    decided_right: int
    mistakes: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Line items: cells (all, and by column), whole rows, and tables without a fault."""

    documents: int
    tables_right: int
    cells: Score
    whole: Score
    by_column: Mapping[str, Score]


@dataclass(frozen=True, slots=True)
class Sureness:
    """What the confidences of found values are worth; see `metrics` for each measure.

    ``auroc`` is None where all values are right, or all are wrong.
    """

    values: int
    right: int
    mean: float
    error: float
    auroc: float | None
    aurc: float
    bins: tuple[Bin, ...]
    monotone: tuple[tuple[float, float], ...]
    curve: tuple[tuple[float, float], ...]
    acceptable: tuple[Acceptable, ...]


@dataclass(frozen=True, slots=True)
class Straight:
    """Documents that go straight through: of all; those with anything wrong in what would be loaded; and missing."""

    documents: int
    through: int
    wrong: tuple[str, ...]
    incomplete: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """All of it. Documents are named by their files, ``seconds`` is the median of one.

    ``interval`` is that of the F1 of ``fields``, see `metrics.interval`. ``missed`` are the values that were wanted and
    not found; ``missed_in_words`` those of them that stand among the words which were read: extraction's share.
    ``reasons`` say why documents go to a person, the most frequent first, with "…" for every number in them.
    """

    documents: int
    to_refuse: int
    refused_right: int
    unreadable: tuple[tuple[str, str], ...]
    fields: Score
    interval: tuple[float, float] | None
    missed: int
    missed_in_words: int
    by_type: Mapping[str, Score]
    by_language: Mapping[str, Mapping[str, Score]]
    by_field: Mapping[str, Mapping[str, Score]]
    headers_right: int
    documents_right: int
    rows: Rows | None
    types: TypeFigures
    straight: Straight
    reasons: tuple[tuple[str, int], ...]
    sureness: Sureness | None
    row_sureness: Sureness | None
    worst: tuple[str, ...]
    seconds: float


def figures(judged: Sequence[Judged], worst: int = 10) -> Figures:
    """Sum up; ``worst`` is how many of the worst documents are named, those without a fault never."""
    read = [one for one in judged if one.truth.refusal is None]
    refusals = [one for one in judged if one.truth.refusal is not None]
    by_field: dict[str, dict[str, list[Score]]] = defaultdict(lambda: defaultdict(list))
    for one in read:
        for field in one.fields:
            by_field[one.truth.type][field.name].append(field.score)
    scores = {
        name: {field: sums(by_field[name][field]) for field in _order(name, by_field[name])}
        for name in sorted(by_field)
    }
    bad = sorted((one for one in judged if not one.right), key=lambda one: -one.badness)
    points = [
        (field.found.confidence, field.verdict is Verdict.RIGHT) for one in read for field in one.fields if field.found
    ]
    return Figures(
        documents=len(read),
        to_refuse=len(refusals),
        refused_right=sum(one.right for one in refusals),
        unreadable=tuple((one.truth.file, one.refused[0]) for one in read if one.refused),
        fields=sums(one.score for one in read),
        interval=metrics.interval([one.score for one in read]),
        missed=sum(one.score.missing for one in read),
        missed_in_words=sum(field.stands is not None for one in read for field in one.fields),
        by_language=_by_language(read),
        by_type={name: sums(mine.values()) for name, mine in scores.items()},
        by_field=scores,
        headers_right=sum(one.header_right for one in read),
        documents_right=sum(one.right for one in read),
        rows=_rows(read),
        types=_types(read),
        straight=_straight(read),
        reasons=_reasons(read),
        sureness=_sureness(points, sum(one.score.wanted for one in read)),
        row_sureness=_row_sureness(read),
        worst=tuple(one.truth.file for one in bad[:worst]),
        seconds=median(one.seconds for one in read) if read else 0.0,
    )


def _by_language(read: Sequence[Judged]) -> dict[str, dict[str, Score]]:
    """By type and language, of documents whose language the truth tells."""
    found: dict[str, dict[str, list[Score]]] = defaultdict(lambda: defaultdict(list))
    for one in read:
        if one.truth.language:
            found[one.truth.type][one.truth.language].append(one.score)
    return {
        name: {language: sums(scores) for language, scores in sorted(mine.items())}
        for name, mine in sorted(found.items())
    }


def _order(type_name: str, names: Iterable[str]) -> list[str]:
    """Names of fields in the order of the type's file."""
    known = list(document_types()[type_name].fields)
    return sorted(names, key=lambda name: (known.index(name) if name in known else len(known), name))


def _rows(read: Sequence[Judged]) -> Rows | None:
    tables = [one for one in read if one.rows is not None]
    rows = [row for one in tables for row in one.rows or ()]
    if not rows:
        return None
    cells: dict[str, list[Score]] = {column: [] for column in LINE_ITEM_COLUMNS}
    for row in rows:
        for column, score in row.cells():
            cells[column].append(score)
    columns = {column: sums(scores) for column, scores in cells.items() if scores}
    whole = sums(
        Score(row.right, row.found is not None and not row.right, row.truth is not None and not row.right)
        for row in rows
    )
    return Rows(len(tables), sum(one.rows_right for one in tables), sums(columns.values()), whole, columns)


def _types(read: Sequence[Judged]) -> TypeFigures:
    there = [one for one in read if one.refused is None]
    decided = [one for one in there if one.decided]
    mistakes = Counter((one.truth.type, one.type.type) for one in decided if one.type.type != one.truth.type)
    return TypeFigures(
        len(there),
        sum(one.type.type == one.truth.type for one in there),
        len(decided),
        sum(one.type.type == one.truth.type for one in decided),
        tuple((true, found, count) for (true, found), count in mistakes.most_common()),
    )


def _straight(read: Sequence[Judged]) -> Straight:
    through = [one for one in read if one.straight]
    wrong = [one for one in through if _loads_wrong(one)]
    lacks = [one for one in through if not one.right and one not in wrong]
    return Straight(
        len(read), len(through), tuple(one.truth.file for one in wrong), tuple(one.truth.file for one in lacks)
    )


def _reasons(read: Sequence[Judged]) -> tuple[tuple[str, int], ...]:
    found = Counter(reason for one in read for reason in {_NUMBER.sub("…", text) for text in one.decision.reasons})
    return tuple(sorted(found.items(), key=lambda one: (-one[1], one[0]))[:_REASONS])


def _loads_wrong(one: Judged) -> bool:
    """Whether anything that would be loaded is wrong; what is only missing is not."""
    fields = any(field.verdict in (Verdict.WRONG, Verdict.INVENTED) for field in one.fields)
    rows = any(row.found is not None and not row.right for row in one.rows or ())
    return fields or rows or one.type.type != one.truth.type


def _row_sureness(read: Sequence[Judged]) -> Sureness | None:
    rows = [row for one in read for row in one.rows or ()]
    points = [(row.found.confidence, row.right) for row in rows if row.found]
    return _sureness(points, sum(row.truth is not None for row in rows))


def _sureness(points: Sequence[tuple[float, bool]], wanted: int) -> Sureness | None:
    if not points:
        return None
    chances, right = np.array([one[0] for one in points], float), np.array([one[1] for one in points], bool)
    return Sureness(
        len(right),
        int(right.sum()),
        float(chances.mean()),
        metrics.calibration_error(chances, right),
        metrics.auroc(chances, right) if 0 < right.sum() < len(right) else None,
        metrics.aurc(chances, right),
        metrics.reliability(chances, right),
        metrics.monotone(chances, right),
        metrics.risk_coverage(chances, right),
        tuple(metrics.acceptable(chances, right, wanted, risk) for risk in RISKS),
    )
