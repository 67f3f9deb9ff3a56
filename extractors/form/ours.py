"""Our own company on a document of any type: whose party it is where no heading says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from extractors.form.parties import groups
from extractors.page.text import fold, squeeze
from extractors.scoring import Option
from models.document_types import DocumentType, Kind

_ALIKE = 88.0  # percent of rapidfuzz's ratio, as for invoices
_OURS = 8.0  # times the odds of our name, or our number, on our own side; as much less on another
_LABELLED = 0.5  # a label of such strength says more, or a heading so near
_BLOCK = 10.0  # line heights that a party's block goes on under its heading: the foot of a page is anybody's
_SHARED = 2.0  # fields that a label names which says nothing of whose number it is
_SIDE = "buyer"  # we are the buyer of what comes in where the type does not say otherwise
_IDS = frozenset({Kind.VAT_ID, Kind.TAX_NUMBER})


def favoured(
    options: Sequence[Option], kind: DocumentType, our_names: Iterable[str], our_ids: Iterable[str]
) -> list[Option]:
    """The options, ours likelier on our side and less likely on another; as they are where a label or heading speaks.

    Our side is the type's ``our_side``, the buyer where a type has one, or else its only company.
    """
    names = [fold(name) for name in our_names if name.strip()]
    numbers = {squeeze(number) for number in our_ids if number.strip()}
    side = _side(kind)
    if side is None or not (names or numbers):
        return list(options)
    sides = groups(kind)
    found = []
    for one in options:
        spec = kind.fields[one.field]
        named = spec.kind is Kind.PARTY and any(fuzz.ratio(fold(one.candidate.value), own) >= _ALIKE for own in names)
        near = one.features.get("group_gap", 0.0) < _BLOCK
        own_label = one.features.get("label", 0.0) >= _LABELLED and one.features.get("label_shared", 1.0) < _SHARED
        headed = (one.features.get("group", 0.0) != 0 and near) or own_label
        if headed:
            found.append(one)
        elif named or (spec.kind in _IDS and squeeze(one.candidate.value) in numbers):
            own = sides.get(one.field, one.field) == side
            found.append(replace(one, probability=_odds(one.probability, _OURS if own else 1 / _OURS)))
        else:
            found.append(one)
    return found


def _side(kind: DocumentType) -> str | None:
    """The front part of the names of our own fields, or the name of the only company's field."""
    sides = groups(kind)
    side = kind.our_side or _SIDE
    if side in sides.values():
        return side
    parties = [name for name, spec in kind.fields.items() if spec.kind is Kind.PARTY]
    return sides.get(parties[0], parties[0]) if len(parties) == 1 else None


def _odds(chance: float, times: float) -> float:
    return times * chance / (1 - chance + times * chance) if 0 < chance < 1 else chance
