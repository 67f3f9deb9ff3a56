"""Normal forms as both databases store them, so that neither rounds, cuts or refuses what the other takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal, DecimalException
from typing import Any

from sqlalchemy import Column, Numeric, String, Table, Text

from models.messages import say
from models.tables import column_value


class _Misfit(ValueError):
    """A value that its column can't keep; the message holds no document content."""


def row_values(
    table: Table, names: tuple[str, ...], values: Mapping[str, str | None]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The columns ``names`` of ``table`` cast from normal forms; what can't be cast is told in the second mapping.

    A name without a value becomes NULL. Numbers are rounded half-even to the column's scale.
    """
    row: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name in names:
        column = table.c[name]
        try:
            row[name] = _fit(column, column_value(column, values.get(name)))
        except (ValueError, DecimalException) as error:
            problems[name] = str(error) if isinstance(error, _Misfit) else say("It is not in normal form.")
    return row, problems


def _fit(column: Column[Any], value: dt.date | Decimal | str | None) -> dt.date | Decimal | str | None:
    """The value as it is kept, or `_Misfit`."""
    if isinstance(value, Decimal) and isinstance(column.type, Numeric):
        if not value.is_finite():
            raise _Misfit(say("It is not a number."))
        precision, scale = column.type.precision or 18, column.type.scale or 0
        if value.adjusted() >= precision - scale:
            raise _Misfit(say("The number is too large."))
        return value.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_EVEN) if _decimals(value) > scale else value
    if isinstance(value, str):
        if "\0" in value:
            raise _Misfit(say("The text has a NUL character in it."))
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise _Misfit(say("The text has half a character in it.")) from error
        length = column.type.length if isinstance(column.type, String) and not isinstance(column.type, Text) else None
        if length is not None and len(value) > length:
            raise _Misfit(say("It is longer than {length} characters.", length=length))
    return value


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
