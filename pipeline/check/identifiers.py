"""Check digits and forms of identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from babel import Locale

from extractors.values.identifiers import (
    VAT_SHAPES,
    is_ico,
    is_valid_iban,
    is_valid_vat_id,
    parse_bic,
    parse_czech_account,
)
from models.document_types import Kind
from models.messages import say
from models.records import Finding
from pipeline.check.facts import Facts, error, warning

_ACCOUNT = re.compile(r"(?<![\d/-])(?:\d{1,6}-)?\d{2,10}/\d{4}(?![\d/])")


@cache
def _currencies() -> frozenset[str]:
    return frozenset(Locale("en").currencies)


def _accounts(facts: Facts) -> Iterator[Finding]:
    iban = facts.text("iban")
    if not iban.startswith("CZ") or facts.reading is None:
        return
    written = {account for raw in _ACCOUNT.findall(facts.reading.text) if (account := parse_czech_account(raw))}
    if len(written) == 1 and iban not in written:
        yield warning(
            "account-differs", say("The IBAN and the account number on the page are two different accounts."), "iban"
        )


def _vat_id(facts: Facts, name: str) -> Iterator[Finding]:
    value = facts.text(name)
    prefix = next((one for one in VAT_SHAPES if value.startswith(one)), None)
    if not value or is_valid_vat_id(value):
        return
    if prefix is None:
        if value[:2].isalpha():
            return  # a country whose rule we don't have
        message = say("{title} {value} does not begin with a country.", title=facts.title(name), value=value)
    else:
        message = say(
            "{title} {value} is not valid: its length or check digit is wrong.", title=facts.title(name), value=value
        )
    yield warning("vat-id-invalid", message, name)


def _company_number(facts: Facts) -> Iterator[Finding]:
    number, vat_id = facts.text("seller_tax_number"), facts.text("seller_vat_id")
    if not re.fullmatch(r"CZ\d{8,10}", vat_id) or not re.fullmatch(r"\d{8}", number):
        return
    name, title = "seller_tax_number", facts.title("seller_tax_number")
    if not is_ico(number):
        yield warning(
            "company-number-invalid", say("{title} {number} has a wrong check digit.", title=title, number=number), name
        )
    elif len(vat_id) == 10 and vat_id[2:] != number:  # a Czech company's VAT id is its number behind CZ
        yield warning(
            "company-number-differs",
            say(
                "{title} {number} and VAT id {vat_id} belong to two companies.",
                title=title,
                number=number,
                vat_id=vat_id,
            ),
            name,
            "seller_vat_id",
        )


def check_digits(facts: Facts) -> Iterator[Finding]:
    """Check digits of IBAN, VAT ids and Czech company number; form of BIC, currency and variable symbol."""
    iban, bic = facts.text("iban"), facts.text("bic")
    iban_ok = bool(iban) and is_valid_iban(iban)
    if iban and not iban_ok:
        yield error(
            "iban-invalid", say("IBAN {iban} is not valid: its length or check digits are wrong.", iban=iban), "iban"
        )
    if iban_ok:
        yield from _accounts(facts)
    if bic and not parse_bic(bic):
        yield warning("bic-invalid", say("BIC {bic} is not valid.", bic=bic), "bic")
    elif bic and iban_ok and bic[4:6] != iban[:2]:
        yield warning(
            "bic-iban-differ",
            say("BIC {bic} and IBAN {iban} belong to two countries.", bic=bic, iban=iban),
            "bic",
            "iban",
        )
    for name, spec in facts.kind.fields.items():
        if spec.kind is Kind.VAT_ID:
            yield from _vat_id(facts, name)
    yield from _company_number(facts)
    currency, symbol = facts.text("currency"), facts.text("variable_symbol")
    if currency and currency not in _currencies():
        yield warning("currency-unknown", say("{currency} is no currency of ISO 4217.", currency=currency), "currency")
    if symbol and not re.fullmatch(r"[0-9]{1,10}", symbol):
        yield warning(
            "variable-symbol-invalid",
            say("Variable symbol {symbol} has not 1 to 10 digits.", symbol=symbol),
            "variable_symbol",
        )
