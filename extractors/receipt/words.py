"""Words of places and of trades: what addresses and shop names are made of, in several languages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from extractors.page.text import fold

_FILE = Path(__file__).parent / "words.yaml"


@cache
def words_of(role: str) -> Mapping[str, str]:
    """The general words of a role (``"company"``, ``"address"``): folded, and as they are written, in small letters.

    A word that is written with and without accents (``café``) counts as written without.
    """
    return {fold(word): word for word in sorted(spellings(role), key=lambda word: (word.isascii(), word))}


@cache
def spellings(role: str) -> frozenset[str]:
    """The general words of a role as they are written, in small letters."""
    data: dict[str, str] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return frozenset(data["trades" if role == "company" else "places"].split())


def is_place(word: str) -> bool:
    """Whether a folded word is one of addresses."""
    return word in words_of("address")


def is_trade(word: str) -> bool:
    """Whether a folded word is one of shops and companies."""
    return word in words_of("company")
