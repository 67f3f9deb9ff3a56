"""Writing machine-readable zones: ICAO Doc 9303, 8th edition, parts 3 to 5; all check digits hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from extractors.mrz import check_digit
from pipeline.learn.factory.trade import ascii_letters

_WRITTEN_OUT = str.maketrans({"Ä": "AE", "Ö": "OE", "Ü": "UE", "ß": "SS", "Æ": "AE", "Ø": "OE", "Å": "AA"})


@dataclass(frozen=True, slots=True)
class Holder:
    """What a zone says; ``code`` is that of the document (``P``, ``ID``, ``IR``), ``optional`` a personal number."""

    code: str
    issuer: str
    number: str
    surname: str
    given: str
    nationality: str
    birth: date
    sex: str
    expiry: date
    optional: str = ""


def _filled(text: str, size: int) -> str:
    return text[:size].ljust(size, "<")


def zone_name(text: str) -> str:
    """A name in the zone's letters (part 3, section 6): no accents, German letters written out, ``<`` for blanks."""
    upper = ascii_letters(text.upper().translate(_WRITTEN_OUT)).replace("'", "")
    return re.sub(r"[^A-Z]+", "<", upper).strip("<")


def _day(day: date) -> str:
    text = day.strftime("%y%m%d")
    return text + check_digit(text)


def td1(holder: Holder) -> tuple[str, str, str]:
    """The three lines of an identity card (part 5, 4.2.2)."""
    number = _filled(holder.number, 9)
    first = _filled(holder.code, 2) + _filled(holder.issuer, 3) + number + check_digit(number)
    first += _filled(holder.optional, 15)
    second = _day(holder.birth) + holder.sex + _day(holder.expiry) + _filled(holder.nationality, 3) + "<" * 11
    second += check_digit(first[5:30] + second[0:7] + second[8:15] + second[18:29])
    return first, second, _filled(f"{zone_name(holder.surname)}<<{zone_name(holder.given)}", 30)


def td3(holder: Holder) -> tuple[str, str]:
    """The two lines of a passport (part 4, 4.2.2)."""
    names = _filled(f"{zone_name(holder.surname)}<<{zone_name(holder.given)}", 39)
    first = _filled(holder.code, 2) + _filled(holder.issuer, 3) + names
    number, personal = _filled(holder.number, 9), _filled(holder.optional, 14)
    second = number + check_digit(number) + _filled(holder.nationality, 3) + _day(holder.birth) + holder.sex
    second += _day(holder.expiry) + personal + (check_digit(personal) if holder.optional else "<")
    return first, second + check_digit(second[0:10] + second[13:20] + second[21:43])
