"""Where a value of the XML stands on the pages, however it is printed there."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from rapidfuzz import fuzz

from extractors.page.text import fold
from extractors.values.amounts import find_amounts, to_decimal
from extractors.values.currencies import currency_code
from extractors.values.dates import find_dates
from extractors.values.identifiers import is_valid_iban
from models.document_types import Kind
from models.records import Box, Page, Reading, Word

_SHORT = 6
"""A needle of fewer signs must stand within one word, or ``4`` beside ``2`` would be 42."""
_LONG = 12
"""A needle of so many signs may be glued to its neighbours, as some text layers glue words."""
_WIDE = 0.6
"""A gap of more than so many line heights parts two columns; a blank is a quarter to a third of one."""
_LIKE = 80.0
"""A name is shown by words that are so like it, in percent of rapidfuzz's partial ratio, or by half of its words."""
_TELLING = 4
"""So many signs has a word of a name that tells something: most legal forms have fewer."""
_OWN = 11
"""The last signs of an IBAN hold the account; what stands before is the bank's."""
_ENOUGH = 7
"""So many of its signs in a row, at least, are no accident."""
_GLUED = re.compile(r"[^\d.,'-]{1,2}(\d[\d.,]*)")


class Place(NamedTuple):
    """Where a value stands: page number, box in PDF points from the top left, and the text as printed."""

    page: int
    box: Box
    raw: str


@dataclass(frozen=True)
class _Indexed:
    page: Page
    text: str  # the words with one blank or two between them
    starts: tuple[int, ...]  # where in text each word begins
    squeezed: str  # only letters and digits, folded
    owners: tuple[int, ...]  # the word that each sign of squeezed belongs to
    edges: frozenset[int]  # places in squeezed where a run of letters and digits begins or ends

    def place(self, first: int, last: int) -> Place:
        words = self.page.words[first : last + 1]
        boxes = [word.box for word in words]
        box = (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
        return Place(self.page.number, box, " ".join(word.text for word in words))

    def place_of_span(self, start: int, end: int) -> Place:
        return self.place(bisect_right(self.starts, start) - 1, bisect_right(self.starts, max(start, end - 1)) - 1)


def _gap(before: Word, after: Word) -> str:
    """One blank within a phrase, two between columns and lines: ``10  300`` is two numbers, ``10 300`` is one."""
    height = max(1.0, after.box[3] - after.box[1])
    same_line = abs(after.box[3] - before.box[3]) < height / 2
    return " " if same_line and -height < after.box[0] - before.box[2] < height * _WIDE else "  "


def _index(page: Page) -> _Indexed:
    starts: list[int] = []
    squeezed: list[str] = []
    owners: list[int] = []
    edges = {0}
    before: Word | None = None
    parts: list[str] = []
    length = 0
    for number, word in enumerate(page.words):
        if before is not None:
            parts.append(_gap(before, word))
            length += len(parts[-1])
        before = word
        starts.append(length)
        parts.append(word.text)
        length += len(word.text)
        for run in re.findall(r"[^\W_]+", fold(word.text)):
            edges.add(len(owners))
            squeezed.append(run)
            owners.extend([number] * len(run))
            edges.add(len(owners))
    return _Indexed(page, "".join(parts), tuple(starts), "".join(squeezed), tuple(owners), frozenset(edges))


class PageIndex:
    """The words of a reading, made searchable. Pure; costs one pass over the words."""

    def __init__(self, reading: Reading) -> None:
        self._pages = [_index(page) for page in reading.pages]
        self._amounts: list[tuple[Decimal, Place]] | None = None
        self._dates: list[tuple[str, Place]] | None = None

    @property
    def signs(self) -> int:
        """How many letters and digits the pages have."""
        return sum(len(page.squeezed) for page in self._pages)

    @property
    def amounts(self) -> list[tuple[Decimal, Place]]:
        """All amounts on the pages without their signs, as absolute values."""
        if self._amounts is None:
            self._amounts = list(self._find_amounts())
        return self._amounts

    def _find_amounts(self) -> Iterator[tuple[Decimal, Place]]:
        for page in self._pages:
            for found in find_amounts(page.text):
                yield abs(found.value), page.place_of_span(found.start, found.end)
            for number, word in enumerate(page.page.words):
                # a currency sign that the text layer calls a letter ("Ä59,50"); a number so begun has no head elsewhere
                glued = _GLUED.fullmatch(word.text)
                value = to_decimal(glued[1]) if glued else None
                if value is not None:
                    yield abs(value), page.place(number, number)

    @property
    def dates(self) -> list[tuple[str, Place]]:
        """All dates on the pages (ISO 8601); a slashed one counts as read day first and as read month first."""
        if self._dates is None:
            self._dates = [
                (date.isoformat(), page.place_of_span(start, end))
                for page in self._pages
                for month_first in (False, True)
                for start, end, date in find_dates(page.text, month_first=month_first)
            ]
        return self._dates

    @property
    def ibans(self) -> set[str]:
        """All IBANs on the pages whose check digits are right."""
        joined = (re.sub(r"[\s.]", "", page.text).upper() for page in self._pages)
        # an IBAN may run into the next word: every length from its longest down is tried
        runs = (run for text in joined for run in re.findall(r"(?=([A-Z]{2}\d{2}[A-Z0-9]{11,30}))", text))
        return {run[:size] for run in runs for size in range(15, len(run) + 1) if is_valid_iban(run[:size])}

    def find(self, kind: Kind, value: str) -> Place | None:
        """The first place where ``value`` (normal form of ``kind``) stands on the pages, or None."""
        if kind is Kind.AMOUNT:
            try:
                wanted = abs(Decimal(value))
            except InvalidOperation:
                return None
            return next((place for found, place in self.amounts if found == wanted), None)
        if kind is Kind.DATE:
            return next((place for found, place in self.dates if found == value), None)
        if kind is Kind.CURRENCY:
            return self._find_currency(value)
        place = self.find_text(value)
        if place is None and kind is Kind.ADDRESS:  # street and city often stand in two columns of a letterhead
            place = self.find_text(value.partition(",")[0])
        return place

    def shows_iban(self) -> bool:
        """Whether an IBAN stands on the pages; one that is printed with wrong check digits is known by its label."""
        return bool(self.ibans) or self.find_text("IBAN") is not None

    def has_account(self, iban: str) -> bool:
        """Whether ``iban`` stands on the pages; where none does, as its country writes accounts without it."""
        if iban in self.ibans or self.find(Kind.IBAN, iban) is not None:
            return True
        own = iban[4:][-_OWN:].lstrip("0").casefold()
        size = max(_ENOUGH, len(own) - 2)  # check digits may be left out, prefixes stand apart
        if self.shows_iban():
            return False
        if len(own) < _ENOUGH:
            return self.find_text(own) is not None
        parts = {own[-8:], *(own[start : start + size] for start in range(len(own) - size + 1))}
        return any(part in page.squeezed for page in self._pages for part in parts)

    def shows_name(self, name: str) -> bool:
        """Whether the pages name a company or person called so: all of it, half of its telling words, or nearly."""
        if self.find_text(name) is not None:
            return True
        words = re.findall(r"[^\W_]+", fold(name))
        telling = [word for word in words if len(word) >= _TELLING]
        shown = sum(self.find_text(word) is not None for word in telling)
        if telling and 2 * shown >= len(telling):
            return True
        return any(fuzz.partial_ratio("".join(words), page.squeezed) >= _LIKE for page in self._pages)

    def _find_currency(self, code: str) -> Place | None:
        for page in self._pages:
            for number, word in enumerate(page.page.words):
                sign = re.sub(r"[\d.,:()\-–−]", "", word.text)
                if 0 < len(sign) <= 4 and (sign.upper() == code or currency_code(sign) == code):
                    return page.place(number, number)
        return None

    def find_text(self, value: str) -> Place | None:
        """The first place where the letters and digits of ``value`` stand, whatever parts them."""
        needle = "".join(re.findall(r"[^\W_]+", fold(value)))
        if not needle:
            return None
        for page in self._pages:
            start = page.squeezed.find(needle)
            while start >= 0:
                end = start + len(needle)
                first, last = page.owners[start], page.owners[end - 1]
                whole = len(needle) >= _LONG or (start in page.edges and end in page.edges)
                if whole and (len(needle) >= _SHORT or first == last):
                    return page.place(first, last)
                start = page.squeezed.find(needle, start + 1)
        return None
