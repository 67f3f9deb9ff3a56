"""Values the local way: how the desk shows what is stored in normal form, and how it reads what people type.

Shown are numbers and dates alone: Czech ``1 234,50`` and ``23. 11. 2026``; English keeps the normal form
(``1234.50``, ``2026-11-23``), which nobody can take for another one. Typed may be either form and more
(`extractors.normalise`), but what two languages read differently is read as the language of the desk says, and
refused where that says nothing either:

=============  =====================  ===========================================
typed          Czech                  English
=============  =====================  ===========================================
``1,234``      1.234                  1234
``1.234``      refused                1.234
``3/4/2026``   3 April                refused (a month comes first in America)
=============  =====================  ===========================================
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from extractors.normalise import normalise
from models.document_types import Kind
from models.messages import say
from models.records import LINE_ITEM_COLUMNS
from pipeline.review import languages
from pipeline.review.records import ReviewLine

NUMBER_COLUMNS = frozenset({"quantity", "unit_price", "net_amount", "tax_rate"})
"""The columns of the line item table that hold numbers."""
_NUMBERS = frozenset({Kind.AMOUNT, Kind.NUMBER, Kind.PERCENT})
_ONE_OF_MANY = {Kind.DATES: Kind.DATE, Kind.AMOUNTS: Kind.AMOUNT}
_NORMAL_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)(?P<currency>(?: [A-Z]{3})?)")
_THOUSANDS = re.compile(r"(?P<front>[^\d.,]*[1-9]\d{0,2})(?P<sign>[.,])(?P<behind>\d{3})(?P<rest>[^\d.,]*)")
_SLASHED = re.compile(r"\s*(\d{1,2})\s*[/-]\s*(\d{1,2})\s*[/-]\s*(\d{4}|\d{2})\s*")


class Ambiguous(Exception):
    """What was typed means two things; the message asks for another way to write it."""


def shown(kind: Kind | str, text: str) -> str:
    """A value in normal form as people read it; what is in no normal form stays as it is."""
    if languages.spoken() == languages.SOURCE or not text:
        return text
    kind = Kind(kind)
    if kind in _ONE_OF_MANY:
        return "; ".join(shown(_ONE_OF_MANY[kind], one) for one in text.split("; "))
    if kind in _NUMBERS and (match := _NORMAL_NUMBER.fullmatch(text)):
        return languages.number(Decimal(match[1])) + match["currency"].replace(" ", "\u00a0")
    if kind is Kind.DATE:
        try:
            return languages.day(dt.date.fromisoformat(text))
        except ValueError:
            return text
    return text


def shown_lines(lines: Iterable[ReviewLine]) -> tuple[ReviewLine, ...]:
    """Rows of the line item table as people read them."""
    return tuple(
        replace(line, cells={one: shown_cell(one, line.cells[one]) for one in LINE_ITEM_COLUMNS}) for line in lines
    )


def shown_cell(column: str, text: str) -> str:
    """A cell of the line item table as people read it."""
    return shown(Kind.NUMBER, text) if column in NUMBER_COLUMNS else text


def understood(kind: Kind, text: str) -> str | None:
    """The normal form of what a person typed; None where it is no value of that kind.

    Raises:
        Ambiguous: it means two things.
    """
    if kind is Kind.DATE and (match := _SLASHED.fullmatch(text)):
        day, month = int(match[1]), int(match[2])
        if languages.spoken() == languages.SOURCE and day != month and max(day, month) <= 12:
            raise Ambiguous(say("Which of the two is the month? Write the date like 2026-04-03 or 3 April 2026."))
    if kind in _NUMBERS and (match := _THOUSANDS.fullmatch(text)):
        return _with_three_behind(kind, match)
    return normalise(kind, text)


def _with_three_behind(kind: Kind, match: re.Match[str]) -> str | None:
    """``1,234`` and ``1.234``: thousands, or three decimals."""
    czech, comma = languages.spoken() == "cs", match["sign"] == ","
    if czech and not comma:
        raise Ambiguous(say("Is this a thousand, or are these three decimals? Write 1 234 or 1,234."))
    if not czech and comma:
        return normalise(kind, match[0])
    made = normalise(kind, f"{match['front']},{match['behind']}0{match['rest']}")  # a fourth decimal: no thousands
    return made[:-1] if made and kind is Kind.AMOUNT else made
