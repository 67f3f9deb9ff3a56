"""What counts as right: one rule a kind of value, for the evaluation and for all training. Pure.

| kind | two values are the same |
|---|---|
| amount, number, percent | as numbers; the sign counts |
| party, person, address, text | at least 90 % alike (`rapidfuzz.fuzz.ratio`), without case, commas and doubled blanks |
| identifier | without blanks and case, as in the business key |
| all others | their normal forms letter by letter |
| description of a row | as text, or the true one with a few signs (an article number) beside it |
| unit of a row | without case and full stop |
| the other cells of a row | as numbers |
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from rapidfuzz import fuzz

from extractors.normalise import normalise
from models.document_types import Kind
from models.records import LINE_ITEM_COLUMNS, LineItem

NUMBERS = frozenset({Kind.AMOUNT, Kind.NUMBER, Kind.PERCENT})
WORDS = frozenset({Kind.PARTY, Kind.PERSON, Kind.ADDRESS, Kind.TEXT})
ALIKE = 90
"""So much alike, in percent, two texts must be."""
_BESIDE = 10  # signs that may stand beside a description
_TOTALS = ("net_total", "tax_total", "gross_total")


def same(kind: Kind, truth: str, found: str) -> bool:
    """Whether two values of ``kind`` mean the same; see the module for the rules."""
    if kind in NUMBERS:
        return _same_number(truth, found)
    if kind in WORDS:
        one, other = (" ".join(text.casefold().replace(",", " ").split()) for text in (truth, found))
        return fuzz.ratio(one, other) >= ALIKE
    if kind is Kind.IDENTIFIER:
        one, other = ("".join(text.casefold().split()) for text in (truth, found))
        return one == other
    return (normalise(kind, truth) or truth) == (normalise(kind, found) or found)


def _same_number(truth: str, found: str) -> bool:
    try:
        return Decimal(truth) == Decimal(found)
    except InvalidOperation:
        return False


def same_cell(column: str, truth: str, found: str | None) -> bool:
    """Whether a cell of a row says what stands on the page; ``column`` is one of `LINE_ITEM_COLUMNS`."""
    if not found:
        return False
    if column == "description":
        one, other = ("".join(filter(str.isalnum, text.casefold())) for text in (truth, found))
        return same(Kind.TEXT, truth, found) or (bool(one) and one in other and len(other) <= len(one) + _BESIDE)
    if column == "unit":
        one, other = (text.casefold().strip().rstrip(".") for text in (truth, found))
        return one == other
    return _same_number(truth, found)


def same_row(truth: Mapping[str, str], item: LineItem) -> bool:
    """Whether a row has every cell that stands on the page; what it has besides is not held against it."""
    return all(same_cell(name, truth[name], getattr(item, name)) for name in LINE_ITEM_COLUMNS if truth.get(name))


def implied(fields: Mapping[str, str | None]) -> dict[str, str]:
    """The amounts that a page does not print but that follow from those that it does.

    Finding one of them is right, leaving it out is no fault.
    """
    net, tax, gross = (Decimal(value) if (value := fields.get(name)) else None for name in _TOTALS)
    follows: dict[str, str] = {}
    if gross is not None:
        follows["amount_due"] = f"{gross}"  # who has rounded or been paid in advance prints what is due
        if net is not None:
            follows["tax_total"] = f"{gross - net}"
        if tax is not None:
            follows["net_total"] = f"{gross - tax}"
    return {name: value for name, value in follows.items() if name not in fields}
