"""The machine-readable zone of passports, identity cards and visas: ICAO Doc 9303, 8th edition, parts 3 to 7.

Sizes: TD1 (3 lines of 30), TD2 (2 of 36), TD3 (2 of 44), MRV-A (2 of 44) and MRV-B (2 of 36). A check digit is the sum
of the signs' values (``<`` 0, digits, ``A`` 10 to ``Z`` 35) times 7, 3, 1, 7, … modulo 10 (part 3, 4.9).

A sign that looks like another is put right only where that makes a check digit hold. A letter in a date can only be a
misread digit. In a number, which may have both, one sign is exchanged if there is one way only, and a person is told:
of ten wrong readings one passes by chance, and the composite digit weighs the number as its own does and proves no
more. (``B`` for ``8``, ``S`` for ``5`` and ``Z`` for ``2`` shift the sum alike, so there are often two ways.) No check
digit sees ``G`` for ``6``, ``L`` for ``1`` or ``K`` for ``<``, whose values are equal modulo 10. None covers names,
sex, issuer and nationality: they are left as they were read, but that a digit in a name, which can only be a misread
letter (part 3, 4.6), becomes the letter that it looks like; a person is told.

Centuries, without a clock: a document expires from 1970 to 2069; its holder was born in the last year with those two
digits before it expires. So one who is over a hundred is taken for a child.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from babel.core import get_global

from models.messages import say
from models.records import Finding, Severity

_DIGIT_OF = str.maketrans("OQDUILZSBGATJ", "0000112586471")
"""Letters as the digits that they look like, for places where only a digit may stand."""
_LETTER_OF = str.maketrans("012568", "OIZSGB")
_LOOKS = ("O0", "I1", "Z2", "S5", "B8")
"""Letters and digits that are taken for each other and that a check digit tells apart."""
_FILLERS = str.maketrans(
    {"«": "<<", "‹": "<", "≤": "<", "〈": "<", "＜": "<", "く": "<", "Λ": "<", "∧": "<", "(": "<", "[": "<", "{": "<"}
)
_SPECKS = re.compile(r"[\s.,:;'’`´_-]")  # blanks, and what dust makes: no sign of a zone
_SIZES = {30: 3, 36: 2, 44: 2}
_STRETCH = 4
"""Signs by which a line may be too short or too long because fillers were miscounted."""
_LAST_CENTURY = 70
_NEARLY = 0.85
_LINE_LIKE = 24  # signs; no word of print is so long and has fillers


@dataclass(frozen=True, slots=True)
class Check:
    """One check digit: what it covers, and whether it holds."""

    name: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Mrz:
    """What a zone says, in normal forms; unknown parts are ``""``.

    ``kind`` is ``TD1``, ``TD2``, ``TD3``, ``MRV-A`` or ``MRV-B``; countries keep ICAO's codes (``D``, ``UTO``); ``sex``
    is ``M``, ``F`` or ``X``; ``optional`` holds what the issuer put into the optional places, a personal number in TD3.
    ``lines`` are as repaired, ``repaired`` tells how many signs that were. ``start`` is the first of the zone's lines
    among those that `find_mrz` was given.
    """

    kind: str
    lines: tuple[str, ...]
    document_code: str = ""
    issuer: str = ""
    number: str = ""
    nationality: str = ""
    birth_date: str = ""
    sex: str = ""
    expiry_date: str = ""
    surname: str = ""
    given_names: str = ""
    optional: str = ""
    checks: tuple[Check, ...] = ()
    repaired: int = 0
    problems: tuple[Finding, ...] = ()
    start: int = 0

    @property
    def places(self) -> dict[str, tuple[int, int, int]]:
        """Where each part stands: the line, the first of its signs and the one past the last, by attribute."""
        layout = _LAYOUTS[self.kind]
        return {
            "document_code": (0, 0, 2),
            "issuer": (0, 2, 5),
            "number": layout.number,
            "nationality": layout.nationality,
            "birth_date": layout.birth,
            "sex": (layout.sex[0], layout.sex[1], layout.sex[1] + 1),
            "expiry_date": layout.expiry,
            "surname": layout.names,
            "given_names": layout.names,
            "optional": layout.optional[-1] if self.kind == "TD1" and not self._first_optional else layout.optional[0],
        }

    @property
    def _first_optional(self) -> bool:
        line, first, end = _TD1.optional[0]
        return bool(self.lines[line][first:end].strip("<"))

    @property
    def valid(self) -> bool:
        """Whether all check digits hold."""
        return all(check.holds for check in self.checks)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things stand: ``(line, first, end)``; a check digit stands at ``end`` of what it covers."""

    name: str
    names: tuple[int, int, int]
    number: tuple[int, int, int]
    nationality: tuple[int, int, int]
    birth: tuple[int, int, int]
    sex: tuple[int, int]
    expiry: tuple[int, int, int]
    optional: tuple[tuple[int, int, int], ...]
    personal: tuple[int, int, int] | None = None  # an optional part with a check digit of its own
    composite: tuple[tuple[int, int, int], ...] = ()
    composite_at: tuple[int, int] = (0, 0)


_TD1 = _Layout(
    "TD1", (2, 0, 30), (0, 5, 14), (1, 15, 18), (1, 0, 6), (1, 7), (1, 8, 14), ((0, 15, 30), (1, 18, 29)),
    composite=((0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 29)), composite_at=(1, 29),
)  # fmt: skip
_TD2 = _Layout(
    "TD2", (0, 5, 36), (1, 0, 9), (1, 10, 13), (1, 13, 19), (1, 20), (1, 21, 27), ((1, 28, 35),),
    composite=((1, 0, 10), (1, 13, 20), (1, 21, 35)), composite_at=(1, 35),
)  # fmt: skip
_TD3 = _Layout(
    "TD3", (0, 5, 44), (1, 0, 9), (1, 10, 13), (1, 13, 19), (1, 20), (1, 21, 27), ((1, 28, 42),),
    personal=(1, 28, 42), composite=((1, 0, 10), (1, 13, 20), (1, 21, 43)), composite_at=(1, 43),
)  # fmt: skip
_MRV_A = _Layout(
    "MRV-A", (0, 5, 44), (1, 0, 9), (1, 10, 13), (1, 13, 19), (1, 20), (1, 21, 27), ((1, 28, 44),)
)  # fmt: skip
_MRV_B = _Layout(
    "MRV-B", (0, 5, 36), (1, 0, 9), (1, 10, 13), (1, 13, 19), (1, 20), (1, 21, 27), ((1, 28, 36),)
)  # fmt: skip

_LAYOUTS = {layout.name: layout for layout in (_TD1, _TD2, _TD3, _MRV_A, _MRV_B)}


def check_digit(text: str) -> str:
    """The check digit of ``text`` (``0-9A-Z<``)."""
    values = (0 if sign == "<" else int(sign, 36) for sign in text)
    return str(sum(value * weight for value, weight in zip(values, itertools.cycle((7, 3, 1)), strict=False)) % 10)


def find_mrz(lines: Sequence[str]) -> Mrz | None:
    """The zone among the lines of a page, from the top; that with the most check digits that hold. None if none is.

    Lines that hold none of the zone's signs, blanks within a line and foreign quotation marks for ``<`` do no harm.
    """
    bare = [_bare(line) for line in lines]
    found = []
    for size, count in _SIZES.items():
        for start in range(len(bare) - count + 1):
            fitted = [_fitted(line, size) for line in bare[start : start + count]]
            zone = read_mrz([line for line in fitted if line]) if all(fitted) else None
            if zone is not None and any(check.holds for check in zone.checks):
                found.append(replace(zone, start=start))
    return max(found, key=lambda zone: (sum(check.holds for check in zone.checks), -zone.repaired), default=None)


def read_mrz(lines: Sequence[str]) -> Mrz | None:
    """Read the 2 or 3 lines of a zone; None where they have not the size and signs of one. Raises nothing."""
    lines = [_bare(line) for line in lines]
    layout = _layout_of(lines)
    return None if layout is None else _Reader(layout, list(lines)).read()


def is_line_like(text: str) -> bool:
    """Whether ``text`` looks like a line of a zone, or most of one: long, with fillers, nearly all of its signs."""
    return len(_bare(text)) >= _LINE_LIKE and _bare(text).count("<") >= 2 and _has_its_signs(text)


def is_piece(text: str) -> bool:
    """Whether ``text`` may be a piece of a zone's line: it has a run of fillers."""
    return "<<" in _bare(text) and _has_its_signs(text)


def _has_its_signs(text: str) -> bool:
    line = _bare(text)
    return len(re.findall(r"[A-Z0-9<]", line, re.ASCII)) >= _NEARLY * len(line)


def better_line(one: str, other: str) -> str:
    """Which of two readings of the same line to take: that with the size of one; of two such, ``other``.

    But where they differ in look-alikes alone and ``one`` has no digit, it is a line of names, and ``one`` it is.
    """
    first, second = _bare(one), _bare(other)
    if len(second) not in _SIZES or not re.fullmatch(r"[A-Z0-9<]+", second, re.ASCII):
        return first if is_line_like(first) else second
    names = len(first) == len(second) and not re.search(r"\d", first)
    return first if names and first.translate(_DIGIT_OF) == second.translate(_DIGIT_OF) else second


def _bare(line: str) -> str:
    return _SPECKS.sub("", line.translate(_FILLERS)).upper()


def _fitted(line: str, size: int) -> str | None:
    """``line`` with fillers added to or taken from its longest run of them until it has ``size`` signs."""
    if "<" not in line or abs(len(line) - size) > _STRETCH or not re.fullmatch(r"[A-Z0-9<]+", line, re.ASCII):
        return None
    missing = size - len(line)
    if missing:
        run = max(re.finditer(r"<+", line), key=lambda match: (match.end() - match.start(), match.start()))
        length = run.end() - run.start() + missing
        if length < 1:
            return None
        line = line[: run.start()] + "<" * length + line[run.end() :]
    return line


def _layout_of(lines: Sequence[str]) -> _Layout | None:
    if not lines or not all(re.fullmatch(r"[A-Z0-9<]+", line, re.ASCII) for line in lines):
        return None
    size = len(lines[0])
    if {len(line) for line in lines} != {size} or _SIZES.get(size) != len(lines):
        return None
    code = lines[0][0]
    if size == 30:
        return _TD1 if code in "AIC" else None
    if code == "V":
        return _MRV_A if size == 44 else _MRV_B
    if size == 44:
        return _TD3 if code == "P" else None
    return _TD2 if code in "AICP" else None


@dataclass
class _Reader:
    """Reads one zone; ``lines`` are put right on the way."""

    layout: _Layout
    lines: list[str]
    checks: list[Check] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)
    repaired: int = 0

    def read(self) -> Mrz:
        """The record."""
        layout = self.layout
        self._dates_and_digits()
        number, optional = self._number()
        if layout.personal:
            self._personal(layout.personal)
            optional = self._optional()
        self._composite()
        birth, expiry = self._dates()
        surname, given = self._names()
        head = self.lines[0]
        return Mrz(
            layout.name,
            tuple(self.lines),
            document_code=head[:2].strip("<"),
            issuer=self._country("issuer", head[2:5]),
            number=number,
            nationality=self._country("nationality", self._at(layout.nationality)),
            birth_date=birth,
            sex=self._sex(),
            expiry_date=expiry,
            surname=surname,
            given_names=given,
            optional=optional,
            checks=tuple(self.checks),
            repaired=self.repaired,
            problems=tuple(self.problems),
        )

    def _at(self, place: tuple[int, int, int]) -> str:
        line, first, end = place
        return self.lines[line][first:end]

    def _put(self, place: tuple[int, int, int], text: str) -> None:
        line, first, end = place
        old = self.lines[line]
        self.repaired += sum(a != b for a, b in zip(old[first:end], text, strict=True))
        self.lines[line] = old[:first] + text + old[end:]

    def _say(self, message: str, name: str) -> None:
        self.problems.append(
            Finding("mrz", Severity.WARNING, say("The machine-readable zone: {message}.", message=message), (name,))
        )

    def _settle(self, name: str, title: str, holds: bool) -> None:
        self.checks.append(Check(name, holds))
        if not holds:
            self._say(say("the check digit of the {title} is wrong", title=title), name)

    def _dates_and_digits(self) -> None:
        """Dates and their check digits are digits; letters in them are read as digits if the check holds then."""
        for name, title, place in (
            ("birth_date", say("date of birth"), self.layout.birth),
            ("expiry_date", say("date of expiry"), self.layout.expiry),
        ):
            text, end = self._at(place), place[2]
            check = (place[0], end, end + 1)
            digits, digit = text.translate(_DIGIT_OF), self._at(check).translate(_DIGIT_OF)
            holds = check_digit(digits) == digit
            if holds:
                self._put(place, digits)
                self._put(check, digit)
            self._settle(name, title, holds)

    def _number(self) -> tuple[str, str]:
        """The document number and the optional data behind it; a long number runs on there (part 5, 4.2.2.1)."""
        place = self.layout.number
        line, _, end = place
        check = (line, end, end + 1)
        follows = self.layout.optional[0]
        if self.layout.name in ("TD1", "TD2") and self._at(check) == "<":
            rest, _, other = self._at(follows).partition("<")
            whole = self._at(place) + rest[:-1]
            if rest[:-1]:
                self._settle("number", say("document number"), check_digit(whole) == rest[-1])
                others = [other, *(self._at(one) for one in self.layout.optional[1:])]
                return whole.strip("<"), _words(others)
        self._alike(place, check, "number", say("document number"))
        return self._at(place).strip("<"), self._optional()

    def _optional(self) -> str:
        return _words([self._at(one) for one in self.layout.optional])

    def _personal(self, place: tuple[int, int, int]) -> None:
        check = (place[0], place[2], place[2] + 1)
        if not self._at(place).strip("<") and self._at(check) == "<":
            return  # empty, and then without its digit (part 4, 4.2.2.2)
        self._alike(place, check, "optional", say("optional data"))

    def _alike(self, place: tuple[int, int, int], check: tuple[int, int, int], name: str, title: str) -> None:
        text, given = self._at(place), self._at(check)
        digit = given.translate(_DIGIT_OF)
        if check_digit(text) == digit:
            self._put(check, digit)
            self._settle(name, title, True)
            return
        found = {other for other in _variants(text) if check_digit(other) == digit}
        if len(found) == 1:
            self._put(place, found.pop())
            self._put(check, digit)
            self._say(say("one sign of the {title} was put right by its check digit", title=title), name)
            self.checks.append(Check(name, True))
        else:
            self._settle(name, title, False)

    def _composite(self) -> None:
        if not self.layout.composite:
            return
        line, at = self.layout.composite_at
        digit = self.lines[line][at].translate(_DIGIT_OF)
        holds = check_digit("".join(self._at(place) for place in self.layout.composite)) == digit
        if holds:
            self._put((line, at, at + 1), digit)
        self._settle("composite", "whole zone", holds)

    def _dates(self) -> tuple[str, str]:
        expiry = _date(self._at(self.layout.expiry), None)
        birth = _date(self._at(self.layout.birth), expiry)
        for name, place, found in (
            ("expiry_date", self.layout.expiry, expiry),
            ("birth_date", self.layout.birth, birth),
        ):
            if found is None and "<" not in self._at(place):  # fillers stand for what is not known
                self._say(say("a date is no day of the calendar"), name)
        return (birth.isoformat() if birth else "", expiry.isoformat() if expiry else "")

    def _sex(self) -> str:
        line, at = self.layout.sex
        sign = self.lines[line][at]
        if sign not in "MFX<":
            self._say(say("the sex is neither M nor F nor left open"), "sex")
            return ""
        return "X" if sign == "<" else sign

    def _country(self, name: str, text: str) -> str:
        code = text.rstrip("<")
        if code.translate(_LETTER_OF) in _states():  # P0L can only be POL
            return code.translate(_LETTER_OF)
        if not re.fullmatch(r"[A-Z]{1,3}", code, re.ASCII):
            self._say(say("a country has signs that are no letters"), name)
        return code

    def _names(self) -> tuple[str, str]:
        """Surname ``<<`` given names, then fillers only (part 3, 4.6)."""
        parts = [part for part in re.split(r"<{2,}", self._at(self.layout.names).strip("<")) if part]
        if len(parts) > 2:
            self._say(say("something stands behind the names"), "given_names")
        names = [part.replace("<", " ") for part in (*parts, "", "")[:2]]
        if not names[0]:
            self._say(say("it has no name"), "surname")
        for name, text in zip(("surname", "given_names"), names, strict=True):
            if re.search(r"\d", text):
                self._say(say("a name has a digit in it"), name)
        return names[0].translate(_LETTER_OF), names[1].translate(_LETTER_OF)


@cache
def _states() -> frozenset[str]:
    """The codes of three letters that states have (ISO 3166-1), and Germany's of one."""
    return frozenset(code for code in get_global("territory_aliases") if re.fullmatch("[A-Z]{3}", code)) | {"D"}


def _words(parts: Sequence[str]) -> str:
    return " ".join(filter(None, (part.strip("<").replace("<", " ") for part in parts)))


def _variants(text: str) -> Iterator[str]:
    """``text`` with one sign exchanged for another that looks like it."""
    for place, sign in enumerate(text):
        for pair in _LOOKS:
            if sign in pair:
                yield text[:place] + pair[1 - pair.index(sign)] + text[place + 1 :]


def _date(text: str, expiry: dt.date | None) -> dt.date | None:
    """``YYMMDD``; that of expiry where ``expiry`` is None, else the last one before it."""
    if not re.fullmatch(r"\d{6}", text, re.ASCII):
        return None
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    centuries = (2000, 1900) if expiry is not None or year < _LAST_CENTURY else (1900,)
    for century in centuries:
        try:
            found = dt.date(century + year, month, day)
        except ValueError:
            continue
        if expiry is None or found < expiry:
            return found
    return None
