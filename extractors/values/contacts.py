"""Telephone numbers and e-mail addresses. The shapes are looser than the standards: engines add and lose blanks."""

from __future__ import annotations

import re

_EXTENSION = re.compile(r"(?i)[\s,;]*(?:ext|linka|kl|klapka|durchwahl|dw|poste)\.?\s*\d{1,6}$")
_LEAST, _MOST = 6, 15  # digits; ITU-T E.164 allows 15
_EMAIL = re.compile(r"[a-z0-9](?:[a-z0-9._%+'-]*[a-z0-9_])?@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}")


def parse_phone(text: str) -> str | None:
    """``+`` and the digits of an international number, the digits alone of a national one; None where it is neither.

    ``00`` at the front is the ``+`` of it, a zero in brackets behind the country is left out, and so is an extension.
    """
    body = _EXTENSION.sub("", re.sub(r"(?i)^\s*(?:tel|phone|mobil|telefon|mob)\b[.:\s]*", "", text)).strip()
    body = re.sub(r"^\((\+\d{1,3})\)", r"\1", re.sub(r"(?<=\d)\s*\(0\)", "", body))
    if not re.fullmatch(r"\+?[\d\s()/.\u2010-\u2015-]+", body):
        return None
    digits = re.sub(r"\D", "", body)
    national = not body.startswith("+") and not digits.startswith("00")
    digits = digits if national else digits.removeprefix("00")
    return f"{'' if national else '+'}{digits}" if _LEAST <= len(digits) <= _MOST else None


def parse_email(text: str) -> str | None:
    """An e-mail address in lower case without the blanks that engines add; None where it is none."""
    body = re.sub(r"(?i)^\s*(?:e-?mail|mail)\s*[:.]\s*", "", text)
    body = re.sub(r"\s", "", body).strip(".,;:<>()").removeprefix("mailto:").casefold()
    return body if _EMAIL.fullmatch(body) else None
