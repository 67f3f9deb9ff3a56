"""Amounts, percentages and quantities as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from extractors.page.text import digits_only
from extractors.values.currencies import CURRENCY, currency_code

_BLANKS = " \u00a0\u202f\u2009"
_NUMBER = rf"\d{{1,3}}(?:[{_BLANKS}]\d{{3}}(?!\d))+|\d{{1,3}}(?:[.,'’]\d{{3}}(?!\d))+|\d+"
_AMOUNT = re.compile(
    rf"(?<![A-Za-z0-9_.,/-])(?<!\d:)(?P<open>\()?(?P<before>{CURRENCY})?\.?[{_BLANKS}]?(?P<sign>[-–−+])?[{_BLANKS}]?(?P<early>{CURRENCY})?[{_BLANKS}]?"
    rf"(?P<whole>{_NUMBER})(?:[{_BLANKS}]?(?P<point>[.,])[{_BLANKS}]?(?P<cents>\d{{1,4}}(?!\d)|[-–—]+))?"
    rf"(?P<after_sign>[-–−](?![\w]))?(?P<close>\))?[{_BLANKS}]?(?P<after>{CURRENCY})?(?![\w%])(?!:\d|/\d|[.,]\d| ?%)",
    re.IGNORECASE,
)


class Amount(NamedTuple):
    """An amount within a line: its place, its value, its currency if one is glued to it, and its decimals."""

    start: int
    end: int
    value: Decimal
    currency: str | None
    decimals: int


def to_decimal(text: str) -> Decimal | None:
    """The number that ``text`` is, thousands and decimal separators being told apart by their place.

    The last separator is the decimal one if the other occurs too, or if it does not stand before exactly three
    digits; one that repeats parts thousands. ``"1.234"`` is therefore 1234 and ``"1.23"`` is 1.23.
    """
    body = re.sub(rf"[{_BLANKS}'’\s]", "", text.replace("−", "-").replace("–", "-"))
    negative = body.startswith("-") or (body.endswith("-") and body[-2:-1] not in ",.") or body.startswith("(")
    body = re.sub(r"[,.][-—]+$", "", body).strip("-+()—")
    if not re.fullmatch(r"\d[\d.,]*", body):
        return None
    points = [c for c in body if c in ".,"]
    if len(set(points)) == 2:
        decimal = points[-1]
        if points.count(decimal) > 1:
            return None
        body = body.replace("," if decimal == "." else ".", "").replace(decimal, ".")
    elif len(points) > 1 or (len(points) == 1 and re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", body)):
        body = body.replace(".", "").replace(",", "")
    else:
        body = body.replace(",", ".")
    try:
        value = Decimal(body.rstrip("."))
    except InvalidOperation:
        return None
    return -value if negative else value


def find_amounts(text: str) -> Iterator[Amount]:
    """Yield the numbers of a line that may be amounts, left to right, with the currency beside them."""
    plain = re.sub(r"[^\s]+", lambda m: digits_only(m[0]), text)
    for match in _AMOUNT.finditer(plain):
        whole, cents = match["whole"], match["cents"] or ""
        body = whole + (("." if match["point"] == "." else ",") + cents if cents and cents.isdigit() else "")
        value = to_decimal(body)
        if value is None or len(re.sub(r"\D", "", body)) > 13:
            continue
        digits = re.search(r"[.,](\d+)$", body)
        grouped = digits and len(digits[1]) == 3 and value == value.to_integral_value() and value >= 1000
        decimals = 0 if not digits or grouped else len(digits[1])
        if match["sign"] in ("-", "–", "−") or match["after_sign"] or (match["open"] and match["close"]):
            value = -value
        sign = match["before"] or match["early"] or match["after"]
        start = (
            match.start("before")
            if match["before"]
            else match.start("early")
            if match["early"]
            else match.start("whole")
        )
        end = match.end("after") if match["after"] else match.end("cents") if match["cents"] else match.end("whole")
        yield Amount(start, end, value, currency_code(sign) if sign else None, decimals)


def parse_amount(text: str) -> Decimal | None:
    """The amount that ``text`` is, with or without a currency; None where it holds anything else."""
    text = " ".join(text.replace("\u00a0", " ").split())
    body = re.sub(rf"^(?:{CURRENCY})\.?\s*|\s*(?:{CURRENCY})\.?$", "", text, flags=re.IGNORECASE)
    body = re.sub(rf"^([-–−])\s*(?:{CURRENCY})\s*", r"\1", body, flags=re.IGNORECASE)
    if re.search(r"\d \d", body) and not re.fullmatch(
        r"[-–−+]?\s?\d{1,3}(?: \d{3})+(?:[.,] ?(?:\d+|-+))?\s?[-–−]?", body
    ):
        return None
    return to_decimal(digits_only(body))


def plain(value: Decimal) -> str:
    """The normal form of an amount: a decimal point, at least two decimals, no separators of thousands."""
    whole, _, cents = format(value, "f").partition(".")  # rounding to cents fails from 27 digits on
    return f"{whole}.{cents:0<2}"


def plain_number(value: Decimal) -> str:
    """The normal form of a quantity or percentage: no trailing zeros (``"21"``, ``"0.5"``)."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
