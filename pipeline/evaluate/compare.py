"""What counts as right: one rule a kind of value, for the evaluation and for all training. Pure.

| kind | two values are the same |
|---|---|
| amount, number, percent | as numbers; the sign counts |
| party, person, address, text | at least 90 % alike (`rapidfuzz.fuzz.ratio`), without case, commas and doubled blanks |
| identifier | without blanks and case, as in the business key |
| all others | their normal forms letter by letter |
| description of a row | as text, or the true one with a few signs (an article number) beside it; where only a part of
the truth is known, with a few words |
| unit of a row | without case and full stop; a code of UN/ECE recommendation 20 is what it is printed as (`UNITS`) |
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
_UNITS = (
    "c62 h87 ea pce nmp ks kus kusy stk st stück pc pcs piece pieces each unit units szt pièce pièces u",
    "hur h hod hodina hodin std stunde stunden hour hours hrs heure heures godz",
    "day d den dny dní tag tage days jour jours nacht nächte",
    "mon měs měsíc měsíce měsíců monat monate month months mois",
    "ann rok roky let jahr jahre year years an ans",
    "kgm kg", "grm g", "tne t", "mtr m", "kmt km", "mtk m2 m² qm", "mtq m3 m³", "kwh",
    "ltr l liter litr litry litrů litre litres",
    "pr pár párů páry paar pair pairs paire paires",
    "xpk pk bal balení pack packung paket pkt paquet",
    "xct ct krt karton kartony box boxes",
    "xsa pytel sack sáček bag",
    "ls paušál psch pausch pauschal pauschale forfait flat",
    "set sada sady sets",
)  # fmt: skip
UNITS = {word: line.split()[0] for line in _UNITS for word in line.split()}
"""Units as they are printed and as codes: all of a line are the same. What is not here is compared as written."""
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


def same_cell(column: str, truth: str, found: str | None, *, partial: bool = False) -> bool:
    """Whether a cell of a row says what stands on the page; ``column`` is one of `LINE_ITEM_COLUMNS`.

    With ``partial`` the truth is known in part: the page may say more in a description.
    """
    if not found:
        return False
    if column == "description":
        one, other = ("".join(filter(str.isalnum, text.casefold())) for text in (truth, found))
        most = 4 * len(one) + 4 * _BESIDE if partial else len(one) + _BESIDE
        return same(Kind.TEXT, truth, found) or (bool(one) and one in other and len(other) <= most)
    if column == "unit":
        one, other = (text.casefold().strip().rstrip(".").removesuffix("(s)") for text in (truth, found))
        return UNITS.get(one, one) == UNITS.get(other, other)
    return _same_number(truth, found)


def same_row(truth: Mapping[str, str], item: LineItem, *, partial: bool = False) -> bool:
    """Whether a row has every cell that stands on the page; what it has besides is not held against it.

    ``partial`` is that of `same_cell`.
    """
    return all(
        same_cell(name, truth[name], getattr(item, name), partial=partial)
        for name in LINE_ITEM_COLUMNS
        if truth.get(name)
    )


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
