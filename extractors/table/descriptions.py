"""Which column of a table holds the descriptions, and where its words begin: decided by what stands in the rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.page.layout import COLUMN, WIDE, Line
from extractors.page.rows import Token
from extractors.table.columns import Head, TableHead

_WORD = re.compile(r"[^\W\d_]{3,}")
_CODE = re.compile(r"(?=[^a-z]*\d)[A-Za-z0-9][\w./+-]*|[A-Z]{1,3}[.-]?|[-/#|]")
_NEAR = 0.4  # of a line's height: what starts this close to an edge stands on it
_UNDER_HEAD = 0.6  # of the rows must begin under the head of descriptions, for days to end there
_STRAYS = 0.2  # share of rows that may fit no column (wrapped cells, misread words)


@dataclass(frozen=True)
class Cells:
    """A row of the table: its line and the spans of its text that are numbers of other columns."""

    line: Line
    used: tuple[tuple[int, int], ...]

    def tokens(self, low: float, high: float) -> list[Token]:
        """The tokens from x ``low`` to ``high`` points that no number covers, left to right."""
        return [token for token, _ in self._placed(low, high)]

    def _placed(self, low: float, high: float) -> Iterator[tuple[Token, int]]:
        for token, start in zip(self.line.tokens, self.line.starts, strict=True):
            end = start + len(token.text)
            if low <= token.centre < high and not any(a < end and start < b for a, b in self.used):
                yield token, start

    def split(self, low: float, high: float, edge: float) -> tuple[list[Token], list[Token], bool]:
        """Tokens that end before ``edge``, those behind it, and whether more than a blank parts the two."""
        placed = list(self._placed(low, high))
        near = _NEAR * self.line.height
        left = [token for token, _ in placed if token.box[2] <= edge + near and token.box[0] < edge - near]
        right = [(token, start) for token, start in placed if token not in left]
        gap = bool(left and right) and self.line.text[right[0][1] - 1] in (WIDE, COLUMN)
        return left, [token for token, _ in right], gap


def _band(head: TableHead, index: int) -> tuple[float, float]:
    """From the end of the head before to the start of the next one."""
    columns = head.columns
    before = [column.box[2] for column in columns[:index] if column.role != "date"]  # days are wider than their head
    return (
        before[-1] if before else 0.0,
        columns[index + 1].box[0] - 2 if index + 1 < len(columns) else 1e6,
    )


def _letters(rows: Sequence[Cells], low: float, high: float) -> int:
    """How many letters stand in words there; an article's code has few."""
    return sum(
        len(match[0])
        for row in rows
        for token in row.tokens(low, high)
        if not any(c.isdigit() for c in token.text)
        for match in _WORD.finditer(token.text)
    )


def _column(head: TableHead, rows: Sequence[Cells]) -> int:
    """The column of descriptions: of those whose head may be one, the one with the most letters in words."""
    roles = [column.role for column in head.columns]
    named = [i for i, role in enumerate(roles) if role == "description"]
    codes = [i for i, role in enumerate(roles) if role == "article"]
    letters = {i: _letters(rows, *_band(head, i)) for i in named + codes}
    if rows and not any(letters[i] for i in named) and any(letters.values()):
        named = codes  # the words stand under the head of the codes
    return max(named or codes, key=lambda i: (letters[i], -i), default=0)


def _is_edge(edge: float, head: Head, rows: Sequence[Cells], low: float, high: float) -> bool:
    """Whether the descriptions start at x ``edge`` and what stands left of it in some rows is a column of codes."""
    coded = parted = strays = 0
    for row in rows:
        left, right, gap = row.split(low, high, edge)
        starts = bool(right) and abs(right[0].box[0] - edge) <= _NEAR * row.line.height
        if not starts or not all(_CODE.fullmatch(token.text) for token in left):
            strays += 1
        elif left:
            coded += 1
            parted += gap
    if not coded or strays > _STRAYS * len(rows):
        return False
    under_head = abs(edge - head.box[0]) <= _NEAR * rows[0].line.height
    return under_head or (coded >= 2 and 2 * parted >= coded)


def description_range(head: TableHead, rows: Sequence[Cells]) -> tuple[float, float]:
    """Left and right edge of the descriptions in points.

    The column is chosen by its words among those whose head may be a description's. It reaches from the head
    before it to the one behind it; where the rows show a column of codes in that room (with no head of its own, or
    wider than its head), from the end of that column.
    """
    index = _column(head, rows)
    low, high = _band(head, index)
    column = head.columns[index]
    if index and head.columns[index - 1].role == "date":
        near = [abs(token.box[0] - column.box[0]) <= _NEAR * row.line.height for row in rows
                for token in row.tokens(low, high)]  # fmt: skip
        if rows and sum(near) >= _UNDER_HEAD * len(rows):
            low = column.box[0] - _NEAR * rows[0].line.height  # whatever is left of it belongs to the days
    edges = [column.box[0]]
    for row in rows:
        edges += [token.box[0] for token in row.tokens(low, high)[1:2]]
    for edge in dict.fromkeys(edges):
        if _is_edge(edge, column, rows, low, high):
            return edge - _NEAR * rows[0].line.height, high
    return low, high
