"""Clean text once, at the border: what comes out of here any database takes and no screen is fooled by."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_DROPPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff\ufff9-\ufffb]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_HYPHENS = str.maketrans({"\x02": "-", "\ufffe": "-", "\u2010": "-", "\u2011": "-"})  # the first two are PDFium's
_LIGATURES = re.compile("[\ufb00-\ufb06]")


def clean(text: str) -> str:
    """``text`` in NFC without NUL, controls, lone surrogates, invisible characters and bidirectional controls.

    Ligatures become their letters, soft line-end hyphens a hyphen. Blanks of every kind stay as they are.
    """
    if text.isascii() and text.isprintable():
        return text
    text = text.translate(_HYPHENS)
    text = _SURROGATES.sub("\ufffd", text)
    text = _BIDI.sub("", _DROPPED.sub("", text))
    text = _LIGATURES.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
    return unicodedata.normalize("NFC", text)


def has_bidi_controls(text: str) -> bool:
    """Whether ``text`` holds controls that make it look different from what it is (Unicode TR 36, section 2.5)."""
    return _OVERRIDES.search(text) is not None


def unreadable_share(text: str) -> float:
    """The share, 0..1, of characters that are no text: replacement, private use, unassigned, controls."""
    counts = Counter(text)
    marks = sum(count for char, count in counts.items() if not char.isspace())
    bad = sum(count for char, count in counts.items() if not char.isspace() and _is_unreadable(char))
    return bad / marks if marks else 0.0


def _is_unreadable(char: str) -> bool:
    return char == "\ufffd" or unicodedata.category(char) in ("Co", "Cn", "Cs", "Cc")
