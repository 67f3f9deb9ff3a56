"""What the model of rows sees of a row of a table: numbers that a person can check on the page, and no words.

Lengths are counted in heights of the row's first line. A feature that does not apply is missing (NaN), never 0.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from statistics import median
from types import MappingProxyType

from extractors.invoice.totals import RATES
from extractors.page.layout import Layout, Line
from extractors.table.cells import distance
from extractors.table.choice import summed
from extractors.table.columns import AMOUNTS, UNKNOWN
from extractors.table.money import row_fits, ties
from extractors.table.rows import Row

FEATURES: Mapping[str, str] = MappingProxyType({
    # money
    "product": "1 if quantity times price is the amount, 0 if not; missing where one of them is",
    "products": "share of the document's rows that have all three where they tie out",
    "tied": "1 if the rows add up to the document's net total, 0 if not; missing where none was found",
    "summed": "1 if the rows add up to an amount that is printed below them",
    "moved": "numbers whose decimal point was set where they tie out, not where it was read",
    "derived": "1 if the quantity was worked out and stands nowhere",
    "one": "1 if the quantity is 1: then price and amount say the same",
    "rate": "1 if a usual tax rate is printed, 0 if an odd one; missing where none is",
    # columns
    "headless": "1 if the columns have no heads",
    "columns": "columns that heads name",
    "nameless": "heads that say nothing",
    "lacking": "columns that most rows fill and this one does not",
    "extra": "columns that it fills and most rows do not",
    "cells": "numbers in columns",
    "loose": "numbers on its lines that are in no column",
    "off": "greatest distance of a number from its head",
    "stray": "greatest distance of a number from where the other rows have it",
    "priced": "1 if the table has prices or amounts",
    "cents": "1 if its amount is written with as many decimals as those of most rows",
    "unit": "1 if it has a unit, 0 if not",
    "units": "share of the rows with a unit",
    "unit_alike": "share of the rows with the same unit",
    # the description
    "letters": "letters of the description, at most so many as make a word",
    "starts_small": "1 if it starts with a small letter",
    "starts_odd": "1 if it starts with a sign that is neither letter nor digit",
    "open": "1 if it ends with a hyphen, a comma or an open bracket",
    "odd": "share of its signs that words do not have",
    "mixed": "words of it in which letters and digits are mixed",
    "indent": "distance between its left edge and that of most rows",
    # lines joined to it, and lines left out
    "lines": "lines that its numbers and words stand on",
    "joined": "lines of words joined to it from above or below",
    "joined_more": "how many more those are than in most rows",
    "joined_gap": "greatest white space over a joined line",
    "joined_size": "least height of a joined line over the row's own",
    "joined_wide": "least width of a letter in a joined line over the row's own",
    "joined_indent": "greatest distance between the left edges of a joined line and the row's words",
    "left_gap": "white space over the first line of words below it that was left out",
    "left_indent": "distance between the left edge of that line and the row's words",
    # place
    "last": "1 if it is the last row",
    "before": "distance to the row before, over the median of such distances",
    "after": "distance to the row behind, over the median of such distances",
    # reading
    "ocr": "1 if the page was read from a picture",
    "read_numbers": "least chance of a number",
    "read_least": "least chance of a word",
    "read_wrong": "words that are probably misread: the sum of their chances to be",
})  # fmt: skip
"""The features by name."""
UP = ("product", "products", "tied", "summed", "letters", "joined_size", "read_numbers", "read_least")
"""Features that never make a row less probable as they grow."""
DOWN = (
    "lacking", "moved", "derived", "nameless", "loose", "off", "stray", "joined_gap", "joined_indent", "read_wrong",
)  # fmt: skip
"""Features that never make a row more probable as they grow."""

_PERCENTS = frozenset(rate * 100 for rate in RATES) | {Decimal(0), Decimal(16), Decimal(24), Decimal(27)}
_WORDLESS = re.compile(r"[^\w\s.,;:/()&+%'\"×–-]|_")
_MIXED = re.compile(r"[^\W\d_]\d|\d[^\W\d_]")
_TRIPLE = ("quantity", "unit_price")
_NAN = float("nan")
_WORD = 8  # letters


def expected(rows: Sequence[Row]) -> frozenset[str]:
    """The columns that most rows fill."""
    counts = Counter(role for row in rows for role in row.cells if role != "position")
    return frozenset(role for role, count in counts.items() if 2 * count >= len(rows))


@dataclass(frozen=True)
class _Document:
    """What all rows of a document have in common."""

    shared: Mapping[str, float]
    usual: frozenset[str]
    rows: int
    units: Counter[str]
    edges: Mapping[str, tuple[float, float]]
    left: float
    joined: float
    pitch: float
    decimals: int


def _document(rows: Sequence[Row], role: str, total: Decimal | None, layout: Layout) -> _Document:
    usual = expected(rows)
    whole = [row for row in rows if {*_TRIPLE, role} <= set(row.cells)]
    amounts = [row.cells[role].number for row in rows if role in row.cells]
    boxes: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        for name, cell in row.cells.items():
            boxes.setdefault(name, []).append((cell.box[0], cell.box[2]))
    pitches = [b.line.box[1] - a.line.box[1] for a, b in pairwise(rows) if a.line.page == b.line.page]
    places = Counter(row.cells[role].decimals for row in rows if role in row.cells)
    shared = {
        "products": sum(row_fits(row.cells, role) for row in whole) / len(whole) if whole else _NAN,
        "tied": _NAN if total is None or not amounts else float(ties(total, amounts)),
        "summed": float(summed(rows, layout)),
        "priced": float(bool(usual & set(AMOUNTS))),
        "units": sum(row.unit is not None for row in rows) / len(rows),
        "ocr": float(layout.ocr),
    }
    return _Document(
        shared,
        usual,
        len(rows),
        Counter(row.unit for row in rows if row.unit is not None),
        {name: (median(x for x, _ in some), median(x for _, x in some)) for name, some in boxes.items()},
        median(row.box[0] for row in rows),
        median(len(row.joined) for row in rows),
        max(1.0, median(pitches)) if pitches else _NAN,
        places.most_common(1)[0][0] if places else 0,
    )


def measure(
    rows: Sequence[Row], role: str, total: Decimal | None, layout: Layout, derived: Sequence[bool]
) -> list[dict[str, float]]:
    """The features of every row.

    Args:
        rows: all rows of the document.
        role: the column of the rows' amounts.
        total: the document's net total, if one was found.
        layout: the document's lines.
        derived: of every row, whether its quantity was worked out.
    """
    if not rows:
        return []
    document = _document(rows, role, total, layout)
    found = []
    for place, (row, worked_out) in enumerate(zip(rows, derived, strict=True)):
        before = rows[place - 1] if place else None
        after = rows[place + 1] if place + 1 < len(rows) else None
        found.append({
            **document.shared, **_money(row, role), **_columns(row, role, document),
            **_description(row, document), **_joined(row, document), **_left(row), **_read(row),
            "derived": float(worked_out),
            "last": float(after is None),
            "before": _pitch(before, row, document),
            "after": _pitch(row, after, document),
        })  # fmt: skip
    return found


def _money(row: Row, role: str) -> dict[str, float]:
    rate = row.cells.get("tax_rate")
    quantity = row.cells.get("quantity")
    return {
        "product": float(row_fits(row.cells, role)) if {*_TRIPLE, role} <= set(row.cells) else _NAN,
        "moved": float(sum(cell.number in cell.others for cell in row.cells.values())),
        "one": _NAN if quantity is None else float(abs(quantity.number) == 1),
        "rate": _NAN if rate is None else float(rate.number in _PERCENTS),
    }


def _columns(row: Row, role: str, document: _Document) -> dict[str, float]:
    height = max(1.0, row.line.height)
    heads = {column.role: column for column in row.head.columns} if row.head else {}
    filled = set(row.cells) - {"position"}
    amount = row.cells.get(role)
    strays = []
    for name, cell in row.cells.items():
        left, right = document.edges[name]
        strays.append(min(abs(cell.box[0] - left), abs(cell.box[2] - right)) / height)
    return {
        "headless": float(row.head is not None and row.head.last < row.head.first),
        "columns": float(sum(name != UNKNOWN for name in heads)),
        "nameless": float(sum(column.role == UNKNOWN for column in row.head.columns)) if row.head else _NAN,
        "lacking": float(len(document.usual - filled)),
        "extra": float(len(filled - document.usual)),
        "cells": float(len(filled)),
        "loose": float(row.loose),
        "off": max((distance(heads[n], c.box) / height for n, c in row.cells.items() if n in heads), default=_NAN),
        "stray": max(strays, default=_NAN),
        "cents": _NAN if amount is None else float(amount.decimals == document.decimals),
        "unit": float(row.unit is not None),
        "unit_alike": _NAN if row.unit is None else document.units[row.unit] / document.rows,
    }


def _letters(text: str) -> int:
    return sum(sign.isalpha() for sign in text)


def _description(row: Row, document: _Document) -> dict[str, float]:
    text = row.description
    return {
        "letters": float(min(_WORD, _letters(text))),
        "starts_small": float(text[:1].islower()),
        "starts_odd": float(bool(text) and not text[0].isalnum()),
        "open": float(text.endswith(("-", ",", "(", "–")) or text.count("(") > text.count(")")),
        "odd": len(_WORDLESS.findall(text)) / max(1, len(text)),
        "mixed": float(sum(bool(_MIXED.search(word)) for word in text.split())),
        "indent": abs(row.box[0] - document.left) / max(1.0, row.line.height),
    }


def _joined(row: Row, document: _Document) -> dict[str, float]:
    own, height = row.line, max(1.0, row.line.height)
    found = {
        "lines": float(len(row.lines)),
        "joined": float(len(row.joined)),
        "joined_more": len(row.joined) - document.joined,
    }
    if row.joined:
        sequence = sorted([*row.lines, *row.joined], key=lambda line: line.number)
        found |= {
            "joined_gap": max(_gap(a, b) for a, b in pairwise(sequence) if a in row.joined or b in row.joined),
            "joined_size": min(line.height for line in row.joined) / height,
            "joined_wide": min(_wide(line) for line in row.joined) / _wide(own),
            "joined_indent": max(_indent(own, line) for line in row.joined),
        }
    return found


def _left(row: Row) -> dict[str, float]:
    if row.left is None:
        return {}
    last = max([*row.lines, *row.joined], key=lambda line: line.number)
    return {
        "left_gap": _gap(last, row.left),
        "left_indent": _indent(row.line, row.left),
    }


def _gap(upper: Line, lower: Line) -> float:
    """White space between two lines; missing where a page ends between them."""
    return _NAN if upper.page != lower.page else (lower.box[1] - upper.box[3]) / max(1.0, upper.height)


def _wide(line: Line) -> float:
    """How wide the letters of a line's words are, in points."""
    return sum(t.box[2] - t.box[0] for t in line.tokens) / max(1, sum(len(t.text) for t in line.tokens)) or 1.0


def _indent(own: Line, line: Line) -> float:
    """The distance from the left edge of a line to the nearest one of a column in the row's own line."""
    return min(abs(line.box[0] - token.box[0]) for token in own.tokens) / max(1.0, own.height)


def _pitch(upper: Row | None, lower: Row | None, document: _Document) -> float:
    if upper is None or lower is None or upper.line.page != lower.line.page:
        return _NAN
    return (lower.line.box[1] - upper.line.box[1]) / document.pitch


def _read(row: Row) -> dict[str, float]:
    tokens = [token for line in (*row.lines, *row.joined) for token in line.tokens]
    return {
        "read_numbers": min((cell.confidence for cell in row.cells.values()), default=_NAN),
        "read_least": min(token.confidence for token in tokens),
        "read_wrong": sum(1 - token.confidence for token in tokens),
    }
