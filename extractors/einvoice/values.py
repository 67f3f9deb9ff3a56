"""The normal forms of what an e-invoice writes, and the record that both syntaxes fill."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from models.records import Field, Finding, LineItem, Severity, Source, Witness

XML_CONFIDENCE = 0.97
"""Of a value that only the XML tells; not 1, because XML and page of real files do differ now and then."""

#: Credit notes of UNTDID 1001 as EN 16931 allows them for BT-3 (code lists of the CEF, "1001").
CREDIT_NOTE_CODES = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"})

_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:$|[T+Z ]|\d{4,6}$)")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_NUMBER_LENGTH = 40
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{8,30}")


def date(raw: str) -> str:
    """ISO 8601 of ``20240131`` (UNTDID 2379 format 102), ``2024-01-31`` or either with a time; ``""`` if it is none."""
    match = _DATE.match(raw)
    if not match:
        return ""
    try:
        return dt.date(*map(int, match.groups())).isoformat()
    except ValueError:
        return ""


def number(raw: str, places: int = 0) -> str:
    """Plain decimal of an ``xs:decimal`` with at least ``places`` decimals; ``""`` if it is none."""
    raw = raw.replace(" ", "")
    if len(raw) > _NUMBER_LENGTH or not _NUMBER.fullmatch(raw):
        return ""
    value = Decimal(raw)
    whole, _, decimals = f"{value:f}".partition(".")
    decimals = decimals.rstrip("0").ljust(places, "0")
    plain = f"{whole}.{decimals}" if decimals else whole
    return plain.removeprefix("-") if value == 0 else plain


def amount(raw: str) -> str:
    """An amount of money: two decimals or more."""
    return number(raw, 2)


def money(raw: str) -> Decimal:
    """An amount as a number to compute with; zero where it is none."""
    return Decimal(number(raw) or "0")


def unit_price(raw: str, per: str) -> str:
    """The price of one unit where ``raw`` is that of ``per`` units; rounded to six decimals if it must be."""
    price, base = number(raw), Decimal(number(per) or "1")
    if not price or base <= 0 or base == 1:
        return amount(raw)
    try:
        return amount(str((Decimal(price) / base).quantize(Decimal("0.000001"))))
    except InvalidOperation:  # nothing of this world costs so much
        return ""


def compact(raw: str) -> str:
    """An identifier whose blanks, dots and dashes mean nothing (VAT id, IBAN, BIC), in capitals."""
    return re.sub(r"[\s.\-/]", "", raw).upper()


def iban(raw: str) -> str:
    """The IBAN, or ``""`` where the account is a domestic one. Its check digits are a check's affair."""
    value = compact(raw)
    return value if _IBAN.fullmatch(value) else ""


SYMBOL_COUNTRIES = frozenset({"CZ", "SK"})
"""Where payments carry a variable symbol; e-invoices put it into the remittance information (BT-83)."""


def symbol(raw: str) -> str:
    """The variable symbol (1 to 10 digits), or ``""`` where the remittance information is something else."""
    value = re.sub(r"^VS\s*:?\s*", "", raw.strip(), flags=re.IGNORECASE)
    return value if re.fullmatch(r"[0-9]{1,10}", value) else ""


def address(lines: Iterable[str], postcode: str, city: str) -> str:
    """``street, postcode city``; what is missing leaves no gap."""
    return ", ".join(part for part in (*lines, f"{postcode} {city}".strip()) if part)


@dataclass
class Builder:
    """Collects the values of one e-invoice; only what has a value becomes a field."""

    fields: dict[str, Field] = field(default_factory=dict)
    line_items: list[LineItem] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)

    def doubt(self, code: str, message: str, *names: str) -> None:
        """Note that the e-invoice contradicts itself or its syntax, so that a person looks at it."""
        self.problems.append(Finding(code, Severity.WARNING, message, names))

    def add(self, name: str, raw: str, value: str | None = None) -> None:
        """Field ``name``; ``value`` is its normal form where that differs from ``raw``."""
        value = raw if value is None else value
        if value:
            self.fields[name] = Field(name, value, raw, XML_CONFIDENCE, source=Source.XML, witnesses=(Witness.XML,))

    def add_line(
        self,
        *,
        description: str,
        quantity: str,
        unit: str,
        price: str,
        net: str,
        rate: str,
        per: str = "",
    ) -> None:
        """One line item from raw texts; ``price`` is that of ``per`` units (BT-149), of one where that is empty.

        A line with neither quantity, price nor amount is a remark and is left out.
        """
        if not any(map(number, (quantity, price, net))):
            return
        self.line_items.append(
            LineItem(
                description or None,
                number(quantity) or None,
                unit or None,
                unit_price(price, per) or None,
                amount(net) or None,
                number(rate) or None,
                confidence=XML_CONFIDENCE,
            )
        )

    def value(self, name: str) -> str:
        """The normal form of field ``name``, or ``""``."""
        return self.fields[name].value if name in self.fields else ""

    def document_type(self, code: str) -> str:
        """``credit_note`` by type code, or where an invoice gives money back (code 380 or 384 with a negative total).

        The second is allowed by EN 16931 and usual in France (Factur-X 1.0, "avoir" as a negative invoice).
        """
        negative = self.value("gross_total").startswith("-")
        return "credit_note" if negative or code in CREDIT_NOTE_CODES else "invoice"
