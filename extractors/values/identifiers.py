"""Identifiers with a standard: IBAN, BIC, VAT ids, IČO, Czech bank accounts. Check digits by python-stdnum.

The shapes are looser than the standards where pages are: OCR adds blanks, and a number whose check digit
is wrong is still what the page says; `is_valid_*` tells.
"""

from __future__ import annotations

import re

from stdnum import bic as stdnum_bic
from stdnum import iban as stdnum_iban
from stdnum.ch import uid as ch_uid
from stdnum.cz import bankaccount as cz_account
from stdnum.cz import dic as cz_dic
from stdnum.eu import vat as eu_vat
from stdnum.gb import vat as gb_vat

IBAN_LENGTH = {
    "AD": 24,
    "AT": 20,
    "BE": 16,
    "BG": 22,
    "CH": 21,
    "CY": 28,
    "CZ": 24,
    "DE": 22,
    "DK": 18,
    "EE": 20,
    "ES": 24,
    "FI": 18,
    "FR": 27,
    "GB": 22,
    "GR": 27,
    "HR": 21,
    "HU": 28,
    "IE": 22,
    "IS": 26,
    "IT": 27,
    "LI": 21,
    "LT": 20,
    "LU": 20,
    "LV": 21,
    "MC": 27,
    "MT": 31,
    "NL": 18,
    "NO": 15,
    "PL": 28,
    "PT": 25,
    "RO": 24,
    "SE": 24,
    "SI": 19,
    "SK": 24,
    "SM": 27,
    "UA": 29,
}
_DIGITS_ONLY = {"AT", "BE", "CZ", "DE", "DK", "EE", "ES", "FI", "HR", "HU", "LT", "NO", "PL", "PT", "SE", "SI", "SK"}
VAT_SHAPES = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-Z0-9]{2}\d{9}",
    "GB": r"\d{9}(?:\d{3})?",
    "XI": r"\d{9}",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}",
    "LT": r"(?:\d{9}|\d{12})",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{12}",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
    "CHE": r"\d{9}(?:MWST|TVA|IVA)?",
}
_LOOKS = str.maketrans({"O": "0", "Q": "0", "I": "1", "L": "1", "S": "5", "B": "8", "Z": "2"})


def _compact(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def parse_vat_id(text: str) -> str | None:
    """The VAT id of a European country, compact and upper case; None where the shape is of no country."""
    body = _compact(text)
    for prefix, shape in VAT_SHAPES.items():
        if not body.startswith(prefix):
            continue
        number = body[len(prefix) :]
        for one in (number, number.translate(_LOOKS)):
            if re.fullmatch(shape, one):
                return prefix + one
    return None


def is_valid_vat_id(value: str) -> bool:
    """Whether the check digits of a compact VAT id are right."""
    if value.startswith("GB"):
        return bool(gb_vat.is_valid(value[2:]))
    if value.startswith("CHE"):
        return bool(ch_uid.is_valid(value[:12]))
    if value.startswith("CZ") and cz_dic.is_valid(value):
        return True
    return bool(eu_vat.is_valid(value))


def parse_iban(text: str) -> str | None:
    """An IBAN, compact; or the IBAN of a Czech ``[prefix-]number/bank``. None where mod 97 or the length is wrong."""
    account = parse_czech_account(text)
    if account:
        return account
    body = repair_iban(_compact(re.sub(r"(?i)^\s*iban\b[\s:.-]*", "", text)))
    return body if stdnum_iban.is_valid(body, check_country=False) and _right_length(body) else None


def _right_length(body: str) -> bool:
    return len(body) == IBAN_LENGTH.get(body[:2], len(body)) and 15 <= len(body) <= 34


def repair_iban(body: str) -> str:
    """A compact IBAN with letters read as digits where its country has only digits."""
    head, rest = body[:2], body[2:]
    if head in _DIGITS_ONLY:
        return head + rest.translate(_LOOKS)
    return head + rest[:2].translate(_LOOKS) + rest[2:]


def is_valid_iban(value: str) -> bool:
    """Whether a compact IBAN has its country's length and passes mod 97 (ISO 13616)."""
    return _right_length(value) and bool(stdnum_iban.is_valid(value, check_country=False))


def parse_czech_account(text: str) -> str | None:
    """The Czech IBAN of ``[prefix-]number/bank`` (decree 169/2011), or None where its check digits are wrong."""
    match = re.fullmatch(r"\s*(?:(\d{1,6})\s?-\s?)?(\d{2,10})\s?/\s?(\d{4})\s*", text)
    if not match:
        return None
    prefix, number, bank = match[1] or "", match[2], match[3]
    written = f"{prefix}-{number}/{bank}" if prefix else f"{number}/{bank}"
    # the ČNB's list of banks changes and lives in stdnum's data; the check digits do not depend on it
    try:
        cz_account.validate(written)
    except cz_account.InvalidComponent:
        pass
    except cz_account.ValidationError:
        return None
    return czech_iban(prefix, number, bank)


def czech_iban(prefix: str, number: str, bank: str) -> str:
    """``CZ``, check digits (ISO 13616), bank (4), prefix (6), number (10)."""
    body = bank + prefix.zfill(6) + number.zfill(10)
    check = 98 - int(body + "123500") % 97  # C=12, Z=35, then 00
    return f"CZ{check:02d}{body}"


def parse_bic(text: str) -> str | None:
    """A BIC (ISO 9362), compact and upper case."""
    body = _compact(re.sub(r"(?i)^\s*(?:bic|swift)\b[\s:./-]*", "", text))
    return body if re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", body) and stdnum_bic.is_valid(body) else None


def is_ico(value: str) -> bool:
    """Whether eight digits are a Czech IČO: weights 8..2, modulo 11."""
    if not re.fullmatch(r"\d{8}", value):
        return False
    rest = sum(int(d) * w for d, w in zip(value, range(8, 1, -1), strict=False)) % 11
    return int(value[7]) == (11 - rest) % 10


def parse_tax_number(text: str) -> str | None:
    """A company or tax number: an IČO is padded to eight digits, a German Steuernummer keeps its slashes."""
    body = re.sub(r"\s+", " ", text).strip(" .,:;")
    compact = re.sub(r"\s", "", body)
    if re.fullmatch(r"\d{6,8}", compact) and is_ico(compact.zfill(8)):
        return compact.zfill(8)
    if re.fullmatch(r"\d{2,5}\s?/\s?\d{3,4}\s?/\s?\d{3,5}", body):
        return compact
    if (
        re.fullmatch(r"[A-Z]{0,4}[ .-]?[\dA-Z](?:[\dA-Z /.-]{3,20})", body, re.IGNORECASE)
        and sum(c.isdigit() for c in body) >= 5
    ):
        return compact
    return None
