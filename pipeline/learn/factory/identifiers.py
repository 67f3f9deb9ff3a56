"""Invented identifiers that pass their check digits (python-stdnum holds the formulas)."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from stdnum import iban, luhn
from stdnum.cz import bankaccount as cz_account
from stdnum.cz import dic
from stdnum.es import cif
from stdnum.fr import tva
from stdnum.gb import vat as gb_vat
from stdnum.hu import anum
from stdnum.iso7064 import mod_11_10
from stdnum.it import iva
from stdnum.pl import nip, regon
from stdnum.sk import dph

from pipeline.learn.factory.records import Account

#: bank code, name, BIC
_BANKS = {
    "CZ": [
        ("0100", "Komerční banka", "KOMBCZPP"),
        ("0300", "ČSOB", "CEKOCZPP"),
        ("0800", "Česká spořitelna", "GIBACZPX"),
        ("2010", "Fio banka", "FIOBCZPP"),
        ("5500", "Raiffeisenbank", "RZBCCZPP"),
    ],
    "DE": [
        ("10010010", "Postbank Berlin", "PBNKDEFFXXX"),
        ("37040044", "Commerzbank Köln", "COBADEFFXXX"),
        ("50070010", "Deutsche Bank Frankfurt", "DEUTDEFFXXX"),
        ("70020270", "HypoVereinsbank München", "HYVEDEMMXXX"),
    ],
    "GB": [
        ("NWBK", "NatWest", "NWBKGB2L"),
        ("BARC", "Barclays", "BARCGB22"),
        ("LOYD", "Lloyds Bank", "LOYDGB2L"),
    ],
    "FR": [
        ("30004", "BNP Paribas", "BNPAFRPP"),
        ("30003", "Société Générale", "SOGEFRPP"),
        ("18206", "Crédit Agricole", "AGRIFRPP882"),
    ],
    "PL": [("1140", "mBank", "BREXPLPW"), ("1020", "PKO Bank Polski", "BPKOPLPW")],
    "SK": [("1100", "Tatra banka", "TATRSKBX"), ("0200", "VÚB", "SUBASKBX")],
    "IT": [("05428", "UBI Banca", "BLOPIT22"), ("03069", "Intesa Sanpaolo", "BCITITMM")],
    "ES": [("2100", "CaixaBank", "CAIXESBB"), ("0182", "BBVA", "BBVAESMM")],
    "HU": [("117", "OTP Bank", "OTPVHUHB"), ("120", "Raiffeisen Bank", "UBRTHUHB")],
    "US": [("021", "First National Bank", "FNBOUS44")],
}
#: letters and digits of an IBAN behind its check digits, in the countries whose accounts are only drawn
_BODIES = {"PL": 24, "SK": 20, "IT": 23, "ES": 20, "HU": 24, "US": 12}
_TRIES = 10_000


def digits(rng: Random, count: int) -> str:
    """``count`` digits, the first not zero."""
    return str(rng.randrange(10 ** (count - 1), 10**count))


def company_ids(rng: Random, country: str) -> tuple[str, str]:
    """VAT id (none in US) and company or tax number."""
    if country == "CZ":
        body = digits(rng, 7)
        while body[0] == "9":
            body = digits(rng, 7)
        number = body + dic.calc_check_digit_legal(body)
        return f"CZ{number}", number
    if country == "DE":
        body = digits(rng, 8)
        tax = f"{rng.randrange(10, 300):03d}/{rng.randrange(100, 999)}/{rng.randrange(10000, 99999)}"
        return f"DE{body}{mod_11_10.calc_check_digit(body)}", tax
    if country == "FR":
        body = digits(rng, 8)
        siren = body + luhn.calc_check_digit(body)
        key = next(f"{key:02d}" for key in range(100) if tva.is_valid(f"{key:02d}{siren}"))
        return f"FR{key}{siren}", siren
    if country in _STRANGE_IDS:
        return _STRANGE_IDS[country](rng)
    for _ in range(_TRIES):
        vat = digits(rng, 9)
        if gb_vat.is_valid(vat):
            return f"GB{vat}", f"{rng.randrange(1, 13):02d}{digits(rng, 6)}"
    raise AssertionError("one VAT number in 97 is valid; ten thousand tries can't all fail")


def _valid(rng: Random, count: int, valid: Callable[[str], bool], first: str = "") -> str:
    return next(one for _ in range(_TRIES) if valid(one := first + digits(rng, count)))


def _polish(rng: Random) -> tuple[str, str]:
    return f"PL{_valid(rng, 10, nip.is_valid)}", _valid(rng, 9, regon.is_valid)


def _slovak(rng: Random) -> tuple[str, str]:
    body = digits(rng, 7)
    return f"SK{_valid(rng, 9, dph.is_valid, '2')}", body + dic.calc_check_digit_legal(body)


def _italian(rng: Random) -> tuple[str, str]:
    number = _valid(rng, 10, iva.is_valid, "0")
    return f"IT{number}", number


def _spanish(rng: Random) -> tuple[str, str]:
    number = _valid(rng, 8, cif.is_valid, "B")
    return f"ES{number}", number


def _hungarian(rng: Random) -> tuple[str, str]:
    number = _valid(rng, 8, anum.is_valid)
    return f"HU{number}", f"{number}-2-{rng.randrange(10, 44)}"


def _american(rng: Random) -> tuple[str, str]:
    return "", f"{rng.randrange(10, 99)}-{digits(rng, 7)}"


_STRANGE_IDS: dict[str, Callable[[Random], tuple[str, str]]] = {
    "PL": _polish, "SK": _slovak, "IT": _italian, "ES": _spanish, "HU": _hungarian, "US": _american,
}  # fmt: skip


def account(rng: Random, country: str) -> Account:
    """A bank account of ``country`` with a valid IBAN."""
    code, bank, bic = rng.choice(_BANKS[country])
    if country == "CZ":
        for _ in range(_TRIES):
            number = digits(rng, rng.choice([9, 10]))
            if cz_account.is_valid(f"{number}/{code}"):
                body, local = f"{code}{0:06d}{int(number):010d}", f"{number}/{code}"
                break
    elif country == "GB":
        sort, number = digits(rng, 6), digits(rng, 8)
        body, local = f"{code}{sort}{number}", f"{sort[:2]}-{sort[2:4]}-{sort[4:]} {number}"
    elif country == "FR":
        branch, number = f"{rng.randrange(1, 99999):05d}", f"{digits(rng, 11)}"
        key = 97 - (89 * int(code) + 15 * int(branch) + 3 * int(number)) % 97  # the French RIB key
        body, local = f"{code}{branch}{number}{key:02d}", f"{code} {branch} {number} {key:02d}"
    elif country in _BODIES:
        letter = rng.choice("ABCDEFGHX") if country == "IT" else ""
        rest = _BODIES[country] - len(letter) - len(code)
        body = f"{letter}{code}{digits(rng, rest)}"
        local = body
    else:
        number = digits(rng, rng.choice([7, 8, 10]))
        body, local = f"{code}{int(number):010d}", f"{number}, BLZ {code}"
    check = iban.calc_check_digits(f"{country}00{body}")
    return Account(bank, f"{country}{check}{body}", bic, local)


def spaced_iban(value: str) -> str:
    """The IBAN in groups of four, as people print it."""
    return " ".join(value[start : start + 4] for start in range(0, len(value), 4))
