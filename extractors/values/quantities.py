"""Numbers that are no money: hours, pieces, kilograms, percentages."""

from __future__ import annotations

import re
from decimal import Decimal

from extractors.page.text import digits_only
from extractors.values.amounts import plain_number, to_decimal

_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)")
_UNIT = r"(?:\s?[^\W\d_]{1,10}\.?[²³]?)"


def parse_number(text: str) -> str | None:
    """The number that ``text`` is, with or without a unit behind it (``168,5 h``); hours and minutes become hours.

    Minutes are rounded to a ten-thousandth of an hour, as its column keeps it: ``7:20`` is ``7.3333``.
    """
    body = re.sub(rf"(?<=[\d.,]){_UNIT}$", "", re.sub(r"\s+", " ", text).strip())
    if clock := _CLOCK.fullmatch(body):
        return plain_number((Decimal(clock[1]) + Decimal(clock[2]) / 60).quantize(Decimal("0.0001")))
    if re.search(r"\d \d", body) and not re.fullmatch(r"[-–−]?\s?\d{1,3}(?: \d{3})+(?:[.,]\d+)?", body):
        return None
    value = to_decimal(digits_only(body))
    return None if value is None else plain_number(value)


def parse_percent(text: str) -> str | None:
    """The percentage that ``text`` is, with or without its sign; ``12,5 %`` is ``12.5``."""
    return parse_number(re.sub(r"(?i)\s?(?:%|procent|percent|prozent)\s*$", "", text))
