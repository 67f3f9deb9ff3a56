"""What a payment or invoice code says, in normal forms, and the strict checks that all standards share.

A reader takes what has one meaning and says what is wrong with it: a value that fails its check is left out and
named in a finding; only what can't be read at all is `BrokenCode`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from babel import Locale

from extractors.einvoice import values
from extractors.values.identifiers import is_valid_iban, parse_bic
from models.messages import say
from models.records import Finding, Severity

LONGEST_TEXT = 8000
"""Signs; the largest QR code (version 40, level L, digits only) holds 7,089."""
DAMAGED, INVALID, FORM = "code-damaged", "code-invalid", "code-form"
"""Codes of findings: its own check sum is wrong; a value is wrong; it departs from the standard without harm."""


class BrokenCode(ValueError):
    """It is a payment code by its first signs and can't be read; the message says why, without its content."""


@dataclass(frozen=True, slots=True)
class TaxRow:
    """Tax base and tax at one rate: a percentage, or the name of a class of rates where a code has only that."""

    rate: str
    base: str = ""
    tax: str = ""


@dataclass(frozen=True, slots=True)
class PaymentCode:
    """One code. What it does not say is ``""``; names of invoice fields mean what they mean there.

    ``standard`` is ``spd``, ``scd``, ``sid``, ``spd+sid``, ``pay``, ``epc`` or ``swiss``. ``amount_due`` is the amount
    to pay; ``reference`` a creditor's reference for the payment, ``message`` free text for the payee;
    ``document_type`` is ``invoice``, ``credit_note``, or ``other`` for what is no tax document.
    """

    standard: str
    version: str = ""
    iban: str = ""
    other_ibans: tuple[str, ...] = ()
    bic: str = ""
    amount_due: str = ""
    currency: str = ""
    due_date: str = ""
    variable_symbol: str = ""
    constant_symbol: str = ""
    specific_symbol: str = ""
    reference: str = ""
    message: str = ""
    seller_name: str = ""
    seller_address: str = ""
    buyer_name: str = ""
    invoice_number: str = ""
    document_type: str = ""
    issue_date: str = ""
    delivery_date: str = ""
    seller_vat_id: str = ""
    seller_tax_number: str = ""
    buyer_vat_id: str = ""
    buyer_tax_number: str = ""
    order_number: str = ""
    payment_terms: str = ""
    net_total: str = ""
    tax_total: str = ""
    gross_total: str = ""
    taxes: tuple[TaxRow, ...] = ()
    problems: tuple[Finding, ...] = ()

    @property
    def trusted(self) -> bool:
        """Whether its own check sum, if it has one, is right."""
        return not any(one.code == DAMAGED for one in self.problems)

    def values(self) -> Iterator[tuple[str, str]]:
        """Name and value of everything that it says in one line of text, in a fixed order."""
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, str) and value and one.name not in ("standard", "version"):
                yield one.name, value


_CURRENCIES: set[str] = set()


def _known_currency(code: str) -> bool:
    if not _CURRENCIES:
        _CURRENCIES.update(Locale("en").currencies)
    return code in _CURRENCIES


@dataclass
class Draft:
    """Collects the values of one code; each ``put_…`` takes the raw text, checks it and keeps its normal form."""

    standard: str
    title: str
    found: dict[str, Any] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)

    def say(self, code: str, message: str, *names: str) -> None:
        """Note a problem; ``message`` begins after the name of the standard."""
        severity = Severity.INFO if code == FORM else Severity.WARNING
        self.problems.append(
            Finding(code, severity, say("{standard}: {message}", standard=self.title, message=message), names)
        )

    def put(self, name: str, raw: str, longest: int = 0) -> None:
        """Plain text; ``longest`` is what the standard allows, 0 for no limit."""
        value = " ".join("".join(c for c in raw if c.isprintable() or c.isspace()).split())
        if longest and len(value) > longest:
            self.say(FORM, say("a text is longer than {longest} signs.", longest=longest), name)
        if value:
            self.found[name] = value

    def put_iban(self, name: str, raw: str) -> bool:
        """An IBAN whose length and check digits are right; with blanks or small letters it is still one."""
        value = values.compact(raw)
        if not value:
            return False
        if not is_valid_iban(value):
            self.say(INVALID, say("its account has wrong check digits or a wrong length."), name)
            return False
        self.found[name] = value
        return True

    def put_bic(self, raw: str) -> None:
        """A BIC of 8 or 11 signs."""
        value = parse_bic(raw) if raw.strip() else None
        if value:
            self.found["bic"] = value
        elif raw.strip():
            self.say(INVALID, say("its BIC is none."), "bic")

    def put_amount(self, name: str, raw: str, *, most: str = "9999999999.99", negative: bool = False) -> None:
        """An amount with a decimal point and at most two decimals; a comma is taken for the point."""
        text = raw.strip()
        if not text:
            return
        if re.fullmatch(r"-?\d+,\d{1,2}", text, re.ASCII):
            self.say(FORM, say("an amount is written with a comma."), name)
            text = text.replace(",", ".")
        value = values.amount(text) if re.fullmatch(r"-?\d*\.?\d*", text, re.ASCII) else ""
        if not value or len(value.partition(".")[2]) > 2 or (value.startswith("-") and not negative):
            self.say(INVALID, say("an amount is no amount of money."), name)
        elif abs(Decimal(value)) > Decimal(most):
            self.say(INVALID, say("an amount is larger than its standard allows."), name)
        else:
            self.found[name] = value

    def put_currency(self, raw: str) -> None:
        """A currency of ISO 4217."""
        code = raw.strip().upper()
        if code and _known_currency(code):
            self.found["currency"] = code
        elif code:
            self.say(INVALID, say("its currency is none of ISO 4217."), "currency")

    def put_date(self, name: str, raw: str) -> None:
        """A date ``YYYYMMDD``; with dashes it is still one."""
        text = raw.strip()
        value = values.date(text) if re.fullmatch(r"\d{4}(-?)\d\d\1\d\d", text, re.ASCII) else ""
        if value:
            self.found[name] = value
        elif text:
            self.say(INVALID, say("a date is no day of the calendar."), name)

    def put_digits(self, name: str, raw: str, longest: int = 10) -> None:
        """A symbol of at most ``longest`` digits."""
        text = raw.strip()
        if text and re.fullmatch(rf"\d{{1,{longest}}}", text, re.ASCII):
            self.found[name] = text
        elif text:
            self.say(INVALID, say("a symbol is not 1 to {longest} digits.", longest=longest), name)

    def done(self) -> PaymentCode:
        """The record; an amount of zero says that the payer fills it in."""
        if self.found.get("amount_due") == "0.00":
            del self.found["amount_due"]
        return PaymentCode(self.standard, **self.found, problems=tuple(dict.fromkeys(self.problems)))


def short_date(raw: str) -> str:
    """ISO 8601 of ``YYMMDD`` in this century, or ``""``."""
    if not re.fullmatch(r"\d{6}", raw, re.ASCII):
        return ""
    try:
        return dt.date(2000 + int(raw[:2]), int(raw[2:4]), int(raw[4:])).isoformat()
    except ValueError:
        return ""
