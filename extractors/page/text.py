"""Folding of text for comparison: case, accents, punctuation and the look-alikes of OCR."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SPECIAL = str.maketrans({"ß": "ss", "ł": "l", "Ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "’": "'", "–": "-"})
_DIGIT_LIKE = str.maketrans(
    {"O": "0", "o": "0", "Q": "0", "D": "0", "I": "1", "l": "1", "|": "1", "i": "1", "S": "5", "s": "5", "B": "8"}
    | {"Z": "2", "z": "2", "G": "6", "b": "6"}
)


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """``text`` without case and accents: ``"Číslo Faktury"`` -> ``"cislo faktury"``."""
    if text.isascii():
        return text.casefold()
    plain = unicodedata.normalize("NFKD", text.translate(_SPECIAL))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


@lru_cache(maxsize=65536)
def squeeze(text: str) -> str:
    """Only the letters, digits, ``#`` and ``%`` of the folded text, so that lost or false blanks don't matter."""
    return re.sub(r"[^a-z0-9#%]", "", fold(text))


@lru_cache(maxsize=65536)
def digits_only(token: str) -> str:
    """``token`` with letters that look like digits read as digits, if it is mostly digits; its length stays.

    OCR reads ``O5.O3.2O18``; a word such as ``SOLO`` has no digit and is left alone.
    """
    digits = sum(c.isdigit() for c in token)
    letters = sum(c.isalpha() for c in token)
    if not letters or digits < letters or digits < 2:
        return token
    if digits == letters and not re.fullmatch(r"[\dOoQDIl|iSsBZzGb.,'’-]+", token):
        return token
    return token.translate(_DIGIT_LIKE)


def clean(text: str) -> str:
    """``text`` with single blanks and without the punctuation that hangs on a value's ends."""
    return re.sub(r"\s+", " ", text).strip(" \t,;:|·•*_")
