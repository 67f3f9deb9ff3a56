"""Structured references of payments and their check digits."""

from __future__ import annotations

import re

from stdnum import iso11649

_CARRY = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)
"""The table of "modulo 10, recursive" (Swiss Implementation Guidelines QR-bill 2.2, annex B)."""


def creditor_reference(text: str) -> str:
    """The compact creditor reference of ISO 11649 (``RF18…``), or ``""`` where its check digits are wrong."""
    value = re.sub(r"\s", "", text).upper()
    return value if re.fullmatch(r"RF\d\d[A-Z0-9]{1,21}", value, re.ASCII) and iso11649.is_valid(value) else ""


def is_qr_reference(text: str) -> bool:
    """Whether ``text`` is a Swiss QR reference: 27 digits, the last one their check digit, not all zero."""
    if not re.fullmatch(r"\d{27}", text, re.ASCII) or not text.strip("0"):
        return False
    carry = 0
    for digit in text[:-1]:
        carry = _CARRY[(carry + int(digit)) % 10]
    return (10 - carry) % 10 == int(text[-1])
