"""Currencies: signs and names to ISO 4217 codes."""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

from extractors.page.text import fold

_SIGNS = {
    "€": "EUR",
    "eur": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "kc": "CZK",
    "kč": "CZK",
    "czk": "CZK",
    "£": "GBP",
    "gbp": "GBP",
    "$": "USD",
    "us$": "USD",
    "usd": "USD",
    "zl": "PLN",
    "zł": "PLN",
    "pln": "PLN",
    "chf": "CHF",
    "sfr": "CHF",
    "fr.": "CHF",
    "ft": "HUF",
    "huf": "HUF",
    "rm": "MYR",
    "myr": "MYR",
    "sgd": "SGD",
    "s$": "SGD",
    "dem": "DEM",
    "dm": "DEM",
    "dkk": "DKK",
    "sek": "SEK",
    "nok": "NOK",
    "jpy": "JPY",
    "¥": "JPY",
    "cny": "CNY",
    "₹": "INR",
    "inr": "INR",
    "rs.": "INR",
    "aud": "AUD",
    "cad": "CAD",
    "bgn": "BGN",
    "ron": "RON",
    "skk": "SKK",
    "sk": "SKK",
    "korun": "CZK",
    "koruna": "CZK",
    "ceska koruna": "CZK",
    "ceskych korun": "CZK",
    "pound sterling": "GBP",
    "pounds": "GBP",
    "us dollar": "USD",
    "us-dollar": "USD",
}
CURRENCY = (
    r"€|US\$|S\$|\$|£|¥|₹|K[čc]s?(?![a-z])|CZK|EUR(?:OS?)?|USD|GBP|PLN|zł|CHF|HUF|Ft(?![a-z])|MYR|RM|SGD|DEM|DKK|SEK|NOK|"
    r"INR|Rs\."
)
"""Regular expression of the signs and codes that stand beside an amount."""


@cache
def _codes() -> frozenset[str]:
    return frozenset(Locale("en").currencies)


def currency_code(text: str) -> str | None:
    """The ISO 4217 code of a sign, code or name in cs, en, de or fr; None where it is none."""
    text = re.sub(r"[()\[\]\s]+", " ", text).strip(" :.,")
    known = _SIGNS.get(text.casefold()) or _SIGNS.get(fold(text))
    if known:
        return known
    if re.fullmatch(r"[A-Za-z]{3}", text) and text.upper() in _codes():
        return text.upper()
    name = fold(text)
    for language in ("en", "cs", "de", "fr"):
        for code, title in Locale(language).currencies.items():
            if fold(title) == name:
                return str(code)
    return None
