"""Invented identifiers that pass their check digits (python-stdnum holds the formulas)."""

from __future__ import annotations

from random import Random

from stdnum import iban, luhn
from stdnum.cz import bankaccount as cz_account
from stdnum.cz import dic
from stdnum.fr import tva
from stdnum.gb import vat as gb_vat
from stdnum.iso7064 import mod_11_10

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
}
_TRIES = 10_000


def digits(rng: Random, count: int) -> str:
    """``count`` digits, the first not zero."""
    return str(rng.randrange(10 ** (count - 1), 10**count))


def company_ids(rng: Random, country: str) -> tuple[str, str]:
    """VAT id and company (CZ, GB, FR) or tax number (DE)."""
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
    for _ in range(_TRIES):
        vat = digits(rng, 9)
        if gb_vat.is_valid(vat):
            return f"GB{vat}", f"{rng.randrange(1, 13):02d}{digits(rng, 6)}"
    raise AssertionError("one VAT number in 97 is valid; ten thousand tries can't all fail")


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
    else:
        number = digits(rng, rng.choice([7, 8, 10]))
        body, local = f"{code}{int(number):010d}", f"{number}, BLZ {code}"
    check = iban.calc_check_digits(f"{country}00{body}")
    return Account(bank, f"{country}{check}{body}", bic, local)


def spaced_iban(value: str) -> str:
    """The IBAN in groups of four, as people print it."""
    return " ".join(value[start : start + 4] for start in range(0, len(value), 4))
