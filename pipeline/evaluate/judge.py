"""One document held against its truth: every field, every row, the type, the way it went. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

import numpy as np

from models.document_types import UNKNOWN, document_types
from models.records import (
    LINE_ITEM_COLUMNS,
    Classification,
    Decision,
    Field,
    Finding,
    LineItem,
    Reading,
    Route,
    Source,
    Understanding,
)
from models.settings import Settings
from pipeline.evaluate.compare import implied, same, same_cell
from pipeline.evaluate.metrics import Score, sums
from pipeline.evaluate.stands import Place, place_of
from pipeline.evaluate.truth import Truth


class Verdict(StrEnum):
    """What a field comes to."""

    RIGHT = "right"
    WRONG = "wrong"  # another value than the true one
    MISSING = "missing"  # nothing was found
    INVENTED = "invented"  # a value for a field that is not on the document


_SCORES = {
    Verdict.RIGHT: Score(right=1),
    Verdict.WRONG: Score(wrong=1, missing=1),
    Verdict.MISSING: Score(missing=1),
    Verdict.INVENTED: Score(wrong=1),
}


_NO_TYPE = Classification(UNKNOWN, 0.0)
_REFUSED = Decision(Route.QUARANTINE)


@dataclass(frozen=True, slots=True)
class JudgedField:
    """One field: what stands there (None: nothing), what was found (None: nothing), and what that comes to.

    ``stands`` is where the words that were read say a true value that was not found; None where they don't.
    """

    name: str
    truth: str | None
    found: Field | None
    verdict: Verdict
    stands: Place | None = None

    @property
    def score(self) -> Score:
        """As a figure."""
        return _SCORES[self.verdict]


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """A true row with the found one that is most like it; one of the two may be None. ``wrong`` names its bad cells."""

    truth: Mapping[str, str] | None
    found: LineItem | None
    wrong: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Whether all that stands on the page was found."""
        return self.truth is not None and self.found is not None and not self.wrong

    def cells(self) -> Iterator[tuple[str, Score]]:
        """The figure of each cell that is judged: in a row that is there, only the cells that the truth names."""
        for column in LINE_ITEM_COLUMNS:
            truth = self.truth.get(column) if self.truth is not None else None
            found = getattr(self.found, column) if self.found is not None else None
            if truth:
                bad = column in self.wrong
                yield column, Score(not bad, bad and bool(found), bad)
            elif self.truth is None and found:
                yield column, Score(wrong=1)


@dataclass(frozen=True, slots=True)
class PageSize:
    """A page to draw: width and height in points, and the turn in degrees that makes it upright."""

    number: int
    width: float
    height: float
    turned: int


@dataclass(frozen=True, slots=True)
class Judged:
    """One document: what the pipeline made of it, judged.

    ``refused`` is the code and message with which it could not be read. ``rows`` is None where rows are not judged.
    ``decided`` is whether the type was sure enough for the document to go on without a person.
    """

    truth: Truth
    media_type: str
    fields: tuple[JudgedField, ...]
    rows: tuple[JudgedRow, ...] | None
    pages: tuple[PageSize, ...] = ()
    type: Classification = _NO_TYPE
    decided: bool = False
    decision: Decision = _REFUSED
    findings: tuple[Finding, ...] = ()
    refused: tuple[str, str] | None = None
    seconds: float = 0.0

    @property
    def score(self) -> Score:
        """All fields together."""
        return sums(field.score for field in self.fields)

    @property
    def header_right(self) -> bool:
        """Whether every field is right."""
        return all(field.verdict is Verdict.RIGHT for field in self.fields) and self.refused is None

    @property
    def rows_right(self) -> bool:
        """Whether every row is right, and none too many; True where rows are not judged."""
        return all(row.right for row in self.rows or ())

    @property
    def right(self) -> bool:
        """Whether everything is right: type, fields and rows; a file to be refused was, for that reason."""
        if self.truth.refusal is not None:
            return self.refused is not None and self.refused[0] == self.truth.refusal
        return self.type.type == self.truth.type and self.header_right and self.rows_right

    @property
    def straight(self) -> bool:
        """Whether it would have been loaded without a person."""
        return self.decision.route is Route.AUTO

    @property
    def badness(self) -> float:
        """What orders the worst documents: what is wrong and looked sure weighs most, and most of all what was loaded.

        Wrong values count by their confidence, missing ones half, rows as a share of the table, a wrong type one; all
        of it double where the document would have been loaded.
        """
        if self.right:
            return 0.0
        if self.truth.refusal is not None or self.refused is not None:
            return 1.0 + len(self.fields) / 2
        bad = sum(field.found.confidence for field in self.fields if field.found and field.verdict is not Verdict.RIGHT)
        bad += sum(field.verdict in (Verdict.MISSING, Verdict.WRONG) for field in self.fields) / 2
        if self.rows:
            bad += 2 * sum(not row.right for row in self.rows) / len(self.rows)
        bad += self.type.type != self.truth.type
        return bad * (2 if self.straight else 1)


def judge(truth: Truth, media_type: str, made: Understanding, settings: Settings) -> Judged:
    """Hold what the pipeline made of a document against its truth."""
    type_sure = made.classification.confidence >= settings.type_threshold
    return Judged(
        truth,
        media_type,
        tuple(_placed(field, truth, made.reading) for field in _fields(truth, made.extraction.fields)),
        _rows(truth, made.extraction.line_items),
        tuple(PageSize(page.number, page.width, page.height, page.turned) for page in made.reading.pages),
        made.classification,
        type_sure and (made.classification.type != UNKNOWN or truth.type == UNKNOWN),
        made.decision,
        made.findings,
        seconds=made.seconds,
    )


def judge_refused(truth: Truth, media_type: str, code: str, message: str) -> Judged:
    """The same for a file that could not be read: all that stands on it is missing."""
    return Judged(truth, media_type, _fields(truth, ()), _rows(truth, ()), refused=(code, message))


def _fields(truth: Truth, found: Sequence[Field]) -> tuple[JudgedField, ...]:
    if truth.refusal is not None:
        return ()
    there = {field.name: field for field in found}
    follows = implied(truth.fields) if not truth.partial else {}
    whole = not truth.partial and truth.type != UNKNOWN  # what "other" lists besides is no claim
    kinds = {name: spec.kind for name, spec in truth.kind.fields.items()}
    listed = document_types()[UNKNOWN].fields
    judged = []
    for name in dict.fromkeys((*kinds, *(name for name in there if name not in listed))):
        value, field = truth.fields.get(name), there.get(name)
        if value is not None:
            alike = field is not None and same(kinds[name], value, field.value)
            verdict = Verdict.RIGHT if alike else Verdict.MISSING if field is None else Verdict.WRONG
            judged.append(JudgedField(name, value, field, verdict))
        elif field is not None and (name in truth.fields or (whole and field.source is not Source.XML)):
            alike = name in follows and same(kinds[name], follows[name], field.value)
            judged.append(JudgedField(name, follows.get(name), field, Verdict.RIGHT if alike else Verdict.INVENTED))
    return tuple(judged)


def _placed(field: JudgedField, truth: Truth, reading: Reading) -> JudgedField:
    """With the place of the true value, where that was not found."""
    if field.truth is None or field.verdict not in (Verdict.WRONG, Verdict.MISSING):
        return field
    return replace(field, stands=place_of(reading, truth.kind.fields[field.name].kind, field.truth))


def _rows(truth: Truth, found: Sequence[LineItem]) -> tuple[JudgedRow, ...] | None:
    """True and found rows in pairs, so that as many cells as can be are right (the assignment problem)."""
    if truth.line_items is None or (truth.partial and not truth.line_items):
        return None
    from scipy.optimize import linear_sum_assignment

    wanted, alike_cell = truth.line_items, partial(same_cell, partial=truth.partial)
    # nearness decides between rows that are equally alike
    alike = np.array([
        [sum(alike_cell(name, value, getattr(item, name)) for name, value in row.items()) - 1e-6 * abs(i - j)
         for j, item in enumerate(found)]
        for i, row in enumerate(wanted)
    ]).reshape(len(wanted), len(found))  # fmt: skip
    pairs = {int(i): int(j) for i, j in zip(*linear_sum_assignment(-alike), strict=True) if alike[i, j] > 0.5}
    rows = []
    for i, row in enumerate(wanted):
        item = found[pairs[i]] if i in pairs else None
        bad = tuple(name for name, value in row.items() if not alike_cell(name, value, getattr(item, name, None)))
        rows.append(JudgedRow(row, item, bad))
    taken = set(pairs.values())
    return (*rows, *(JudgedRow(None, item, ()) for j, item in enumerate(found) if j not in taken))
