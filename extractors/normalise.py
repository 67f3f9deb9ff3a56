"""The normal form of what a person or a page wrote, by kind. Used for typed corrections and by the candidates."""

from __future__ import annotations

import re
from collections.abc import Callable

from extractors.page.text import clean
from extractors.values.amounts import find_amounts, parse_amount, plain
from extractors.values.contacts import parse_email, parse_phone
from extractors.values.currencies import currency_code
from extractors.values.dates import find_dates, parse_date
from extractors.values.identifiers import parse_bic, parse_iban, parse_tax_number, parse_vat_id
from extractors.values.quantities import parse_number, parse_percent
from models.document_types import Kind


def _date(text: str) -> str | None:
    date = parse_date(text)
    return date.isoformat() if date else None


def _amount(text: str) -> str | None:
    value = parse_amount(text)
    return None if value is None else plain(value)


def _digits(text: str) -> str | None:
    body = re.sub(r"\s", "", text)
    return body if re.fullmatch(r"\d{1,20}", body) else None


def _identifier(text: str) -> str | None:
    body = clean(text)
    return body if body and any(c.isalnum() for c in body) else None


def _words(text: str) -> str | None:
    return clean(text) or None


_GLUED_FORM = re.compile(r"(?<=\bCo\.)(?=KG|OHG)|(?<=[^\W_])(?=& ?Co\b)|(?<=&)(?=Co\b)")


def _party(text: str) -> str | None:
    """A name with the blanks that engines lose in German legal forms: ``GmbH&Co.KG`` is ``GmbH & Co. KG``."""
    return _words(_GLUED_FORM.sub(" ", text))


def _dates(text: str) -> str | None:
    found = [date.isoformat() for part in text.split(";") for _, _, date in find_dates(part)]
    return "; ".join(dict.fromkeys(found)) or None


def _amounts(text: str) -> str | None:
    found = [plain(one.value) for part in text.split(";") for one in find_amounts(part)]
    return "; ".join(dict.fromkeys(found)) or None


_BY_KIND: dict[Kind, Callable[[str], str | None]] = {
    Kind.TEXT: lambda text: text.strip() or None,
    Kind.IDENTIFIER: _identifier,
    Kind.DIGITS: _digits,
    Kind.DATE: _date,
    Kind.AMOUNT: _amount,
    Kind.NUMBER: parse_number,
    Kind.PERCENT: parse_percent,
    Kind.CURRENCY: currency_code,
    Kind.VAT_ID: parse_vat_id,
    Kind.TAX_NUMBER: parse_tax_number,
    Kind.IBAN: parse_iban,
    Kind.BIC: parse_bic,
    Kind.PARTY: _party,
    Kind.PERSON: _words,
    Kind.PHONE: parse_phone,
    Kind.EMAIL: parse_email,
    Kind.ADDRESS: _words,
    Kind.DATES: _dates,
    Kind.AMOUNTS: _amounts,
}


def normalise(kind: Kind, text: str) -> str | None:
    """The normal form of ``text`` as a value of ``kind``, or None where it is not of that kind.

    Dates become ISO 8601, amounts get a decimal point and at least two decimals, currencies ISO 4217
    codes; VAT ids, IBANs and BICs lose their blanks. An IBAN must pass mod 97 and a Czech account number
    (``19-2000145399/0800``) becomes its IBAN. Numbers and percentages lose their unit and last zeros
    (``168.5``, ``21``), telephone numbers become ``+`` and digits, or digits alone where no country is written.
    """
    return _BY_KIND[kind](text.replace("\u00a0", " ")) if text and text.strip() else None
