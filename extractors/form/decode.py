"""The joint decision: which option each field takes, if any. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from extractors.page.layout import overlap
from extractors.scoring import Option
from models.document_types import DocumentType, Kind
from models.records import Box

_TRIED = 5  # dates that are tried for each end of a period
_HALF = 0.1  # so probable each end must be
BESIDE = frozenset({Kind.CURRENCY, Kind.DATES, Kind.AMOUNTS})
"""Kinds that stand within values of others."""


def twins(kind: DocumentType) -> Mapping[str, frozenset[str]]:
    """For each date field those before it in the type's file that share a label with it: a period's start and end."""
    dates = [(name, set(spec.all_labels)) for name, spec in kind.fields.items() if spec.kind is Kind.DATE]
    return {
        name: frozenset(other for other, known in dates[:index] if known & labels)
        for index, (name, labels) in enumerate(dates)
    }


def against_rivals(options: Sequence[Option], scores: Sequence[float]) -> list[float]:
    """The scores, each less the more another value of the same field has: ``score * (1 - rival's score)``."""
    best: dict[str, dict[str, float]] = {}
    for option, score in zip(options, scores, strict=True):
        values = best.setdefault(option.field, {})
        values[option.candidate.value] = max(values.get(option.candidate.value, 0.0), score)
    found = []
    for option, score in zip(options, scores, strict=True):
        rival = max(
            (other for value, other in best[option.field].items() if value != option.candidate.value), default=0
        )
        found.append(score * (1 - rival))
    return found


def decide(options: Sequence[Option], kind: DocumentType, threshold: float) -> dict[str, Option]:
    """The chosen option by field; a field of which none is likely enough is left out.

    The most probable option of all goes first and takes its place on the page; no other field can have that, whatever
    its kind, but a currency stands within an amount. The two ends of a period are chosen together: the second is not
    before the first.
    """
    before = twins(kind)
    after = {name: [other for other, names in before.items() if name in names] for name in before}
    chosen: dict[str, Option] = {}
    taken: list[Option] = []
    for name, others in before.items():
        for other in others:
            pair = _period(options, other, name, threshold)
            if pair and other not in chosen and name not in chosen:
                chosen[other], chosen[name] = pair
                taken += pair
    for option in sorted(options, key=lambda one: -one.probability):
        if option.probability < threshold:
            break
        name, value = option.field, option.candidate.value
        if name in chosen:
            continue
        inside = kind.fields[name].kind in BESIDE
        if not inside and any(same_place(option, other) for other in taken):
            continue
        if any(chosen[other].candidate.value > value for other in before.get(name, ()) if other in chosen):
            continue
        if any(chosen[other].candidate.value < value for other in after.get(name, ()) if other in chosen):
            continue
        chosen[name] = option
        if not inside:
            taken.append(option)
    return chosen


def _period(options: Sequence[Option], start: str, end: str, threshold: float) -> tuple[Option, Option] | None:
    """The likeliest start and end of a period that stand apart and in order, where both are likely enough together."""
    best: tuple[float, tuple[Option, Option]] | None = None
    first, second = (
        sorted((one for one in options if one.field == name), key=lambda one: -one.probability)[:_TRIED]
        for name in (start, end)
    )
    for one, other in product(first, second):
        both = one.probability + other.probability
        ordered = one.candidate.value <= other.candidate.value and not same_place(one, other)
        if ordered and (best is None or both > best[0]):
            best = (both, (one, other))
    return best[1] if best and best[0] >= 2 * threshold and min(o.probability for o in best[1]) > _HALF else None


def same_place(one: Option, other: Option) -> bool:
    """Whether two options stand on the same words."""
    a, b = one.candidate, other.candidate
    if a.page != b.page:
        return False
    if a.line.number == b.line.number:
        return a.start < b.end and b.start < a.end
    return _covers(a.box, b.box)


def _covers(one: Box, other: Box) -> bool:
    """Whether two boxes share more than the edges of neighbouring lines."""
    common = min(one[3], other[3]) - max(one[1], other[1])
    return common > 0.5 * min(one[3] - one[1], other[3] - other[1]) and overlap(one, other) > 0.2
