"""What the numbers of persons say: the Czech and Slovak birth number, and the Polish PESEL."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from stdnum.cz import rc
from stdnum.exceptions import ValidationError
from stdnum.pl import pesel

_SHAPE = re.compile(r"\d{6} ?/? ?\d{3,4}")
_PESEL = re.compile(r"\d{11}")
_WOMEN = 50
"""What the month of a woman's number is higher by (act 133/2000 Sb., § 13)."""


@dataclass(frozen=True, slots=True)
class BirthNumber:
    """A birth number whose date and check digit are right. ``sex`` is ``M`` or ``F``."""

    digits: str
    birth_date: dt.date
    sex: str


def is_birth_number_shaped(text: str) -> bool:
    """Whether ``text`` has the shape of a birth number: six digits, perhaps a slash, three or four; or eleven."""
    return bool(_SHAPE.fullmatch(text.strip()) or _PESEL.fullmatch(text.strip()))


def parse_birth_number(text: str) -> BirthNumber | None:
    """Read a birth number; None where its shape, its date or its check digit (since 1954) is wrong."""
    if not is_birth_number_shaped(text):
        return None
    try:
        if _PESEL.fullmatch(text.strip()):
            digits = pesel.validate(text)
            return BirthNumber(digits, pesel.get_birth_date(digits), pesel.get_gender(digits))
        digits = rc.validate(text)
    except ValidationError:
        return None
    return BirthNumber(digits, rc.get_birth_date(digits), "F" if int(digits[2:4]) > _WOMEN else "M")
