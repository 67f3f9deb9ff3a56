"""The numbers of a table's lines, with the other numbers that the same ink may be, and the column of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from extractors.invoice.totals import RATES
from extractors.page.layout import Line
from extractors.table.columns import NUMERIC, Head
from extractors.values.amounts import find_amounts
from extractors.values.dates import find_dates
from models.records import Box

_PERCENT = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?) ?%")
_WITH_UNIT = re.compile(r"(?<![\w.,/-])(\d{1,6}(?:[.,]\d{1,3})?)(?=(?:[A-Za-zÀ-ž]{1,6}|m[²³])\.?(?![\w.,/-]))")
_NEARLY = re.compile(r"(?=\S*\d)[\dOoQDIl|iSsBZzGbgq]+(?:[.,][\dOoQDIl|iSsBZzGbgq]{2,4})+(?!\S)")
_LIKE = str.maketrans("OoQDIl|iSsBZzGbgq", "00001111558226699")
_LONE = str.maketrans("OIl|iSBZ", "01111582")
_HIGHEST = 30  # percent: no tax on sales is higher
REACH = 60.0
"""Points within which a number belongs to a head."""


@dataclass(frozen=True, eq=False)
class Cell:
    """A number of a row: where it stands, whether a percent sign follows it, and what else it may be.

    ``others`` are readings that differ in where the decimal point is: OCR loses points and takes one for a comma.
    """

    line: Line
    start: int
    end: int
    number: Decimal
    decimals: int
    box: Box
    percent: bool = False
    others: tuple[Decimal, ...] = ()

    @property
    def confidence(self) -> float:
        """How surely the ink was read, 0..1."""
        return self.line.confidence_of(self.start, self.end)


def _readings(text: str, number: Decimal, decimals: int) -> tuple[Decimal, int, tuple[Decimal, ...]]:
    """The likeliest number that ``text`` is, its decimals, and the other ones, by where the decimal point is."""
    body = re.sub(r"[^\d.,]", "", text).strip(".,")
    digits = re.sub(r"\D", "", body)
    parts = re.split(r"[.,]", body)
    if not digits:
        return number, decimals, ()
    sign = -1 if number < 0 else 1
    places = {sum(len(part) for part in parts[index:]) for index in range(1, len(parts))} | {0}
    if len(parts) == 1 and len(digits) >= 3:
        places.add(2)
    if len(parts) > 2 and len(parts[-1]) == 2 and abs(number) == int(digits):
        number, decimals = sign * Decimal(digits).scaleb(-2), 2  # 1,234,56
    found = (sign * Decimal(digits).scaleb(-place) for place in sorted(places, reverse=True))
    return number, decimals, tuple(other for other in dict.fromkeys(found) if other != number)


def cells_of(line: Line) -> list[Cell]:
    """The numbers of a line from left to right."""
    text = _NEARLY.sub(lambda m: m[0].translate(_LIKE), line.text)
    cells = [
        Cell(line, m.start(), m.end(), Decimal(m[1].replace(",", ".")), 0, line.box_of(m.start(1), m.end(1)), True)
        for m in _PERCENT.finditer(text)
    ]
    days = [(start, end) for start, end, _ in find_dates(line.text) if any(c.isalpha() for c in line.text[start:end])]
    for amount in find_amounts(text):
        if any(start <= amount.start < end for start, end in days):
            continue
        if not any(c.start < amount.end and amount.start < c.end for c in cells):
            number, decimals, others = _readings(text[amount.start : amount.end], amount.value, amount.decimals)
            box = line.box_of(amount.start, amount.end)
            cells.append(Cell(line, amount.start, amount.end, number, decimals, box, others=others))
    for match in _WITH_UNIT.finditer(text):
        if not any(c.start < match.end() and match.start() < c.end for c in cells):
            cells.append(_glued(line, match))
    return sorted(cells, key=lambda c: c.start)


def _glued(line: Line, match: re.Match[str]) -> Cell:
    """A quantity with its unit in one word (``4ks``): its box is its share of the word's."""
    first, _ = line.span(match.start(), match.end())
    token = line.tokens[first]
    x0, y0, x1, y1 = token.box
    wide = (x1 - x0) / max(1, len(token.text))
    left = x0 + (match.start() - line.starts[first]) * wide
    number = Decimal(match[1].replace(",", "."))
    box = (left, y0, left + wide * len(match[1]), y1)
    return Cell(line, match.start(), match.end(), number, len(match[1].partition(",")[2]), box)


def distance(head: Head, box: Box) -> float:
    """How far ``box`` is from standing under ``head``, in points: any of its edges or its middle may be aligned."""
    x0, _, x1, _ = head.box
    left, _, right, _ = box
    gap = max(0.0, x0 - right, left - x1)
    if gap > REACH:
        return gap
    return gap + 0.25 * min(abs(x1 - right), abs(x0 - left), abs(x0 + x1 - left - right) / 2)


def _may_stand(cell: Cell, role: str) -> bool:
    if cell.percent:
        return role in ("tax_rate", "discount")
    if role in ("unit", "date"):
        return False
    if role == "tax_rate":
        known = cell.decimals != 2 or not cell.number % 1 or cell.number / 100 in RATES
        return known and 0 <= cell.number <= _HIGHEST
    return True


def assign(cells: Sequence[Cell], columns: Iterable[Head]) -> dict[str, Cell]:
    """Numbers to columns: each to the nearest head, the better fit first; a percent sign asks for a rate's column."""
    options = []
    for index, cell in enumerate(cells):
        left, right = cell.box[0] - REACH, cell.box[2] + REACH
        for column in columns:
            if column.box[0] <= right and column.box[2] >= left and _may_stand(cell, column.role):
                options.append((distance(column, cell.box), index, cell, column))
    found: dict[str, Cell] = {}
    used: set[int] = set()
    for off, _, cell, column in sorted(options, key=lambda o: o[:2]):
        # a second number in a column that is taken is something else (a date, a part of the text)
        if cell.start in used or off > REACH or column.role in found:
            continue
        if column.role == "article":
            if off < 1:
                used.add(cell.start)
            continue
        used.add(cell.start)
        if column.role in NUMERIC:
            found[column.role] = cell
    return found


def lone_digit(line: Line, column: Head) -> Cell | None:
    """A single sign under ``column`` that looks like a digit: engines read ``1`` as ``l``."""
    for token, start in zip(line.tokens, line.starts, strict=True):
        if len(token.text) == 1 and token.text in "OIl|iSBZ" and distance(column, token.box) < 8:
            return Cell(line, start, start + 1, Decimal(token.text.translate(_LONE)), 0, token.box)
    return None
