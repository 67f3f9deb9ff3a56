"""The joint decision: which option each field takes, if any. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from extractors.page.layout import overlap
from extractors.scoring import Option
from models.document_types import DocumentType, Kind
from models.records import Box

_BESIDE = frozenset({Kind.CURRENCY, Kind.DATES, Kind.AMOUNTS})
"""Kinds that stand within values of others."""


def twins(kind: DocumentType) -> Mapping[str, frozenset[str]]:
    """For each date field those before it in the type's file that share a label with it: a period's start and end."""
    dates = [(name, set(spec.all_labels)) for name, spec in kind.fields.items() if spec.kind is Kind.DATE]
    return {
        name: frozenset(other for other, known in dates[:index] if known & labels)
        for index, (name, labels) in enumerate(dates)
    }


def decide(options: Sequence[Option], kind: DocumentType, threshold: float) -> dict[str, Option]:
    """The chosen option by field; a field of which none is likely enough is left out.

    The most probable option of all goes first and takes its place on the page; no other field can have that, whatever
    its kind, but a currency stands within an amount. The end of a period is not before its start.
    """
    before = twins(kind)
    after = {name: [other for other, names in before.items() if name in names] for name in before}
    chosen: dict[str, Option] = {}
    taken: list[Option] = []
    for option in sorted(options, key=lambda one: -one.probability):
        if option.probability < threshold:
            break
        name, value = option.field, option.candidate.value
        if name in chosen:
            continue
        inside = kind.fields[name].kind in _BESIDE
        if not inside and any(_same_place(option, other) for other in taken):
            continue
        if any(chosen[other].candidate.value > value for other in before.get(name, ()) if other in chosen):
            continue
        if any(chosen[other].candidate.value < value for other in after.get(name, ()) if other in chosen):
            continue
        chosen[name] = option
        if not inside:
            taken.append(option)
    return chosen


def _same_place(one: Option, other: Option) -> bool:
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
