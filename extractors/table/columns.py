"""Heads of line item tables: which words name which column, and where the columns stand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from extractors.page.layout import COLUMN, WIDE, Layout, Line, overlap, union
from extractors.table.words import likely_role_of, role_of
from models.records import Box

NUMERIC = ("position", "quantity", "unit_price", "net_amount", "tax_rate", "tax_amount", "gross_amount", "discount")
AMOUNTS = ("net_amount", "gross_amount", "unit_price")
UNKNOWN = "?"
"""The role of a column whose head says nothing."""
_WORDY = frozenset(("description", "article", "position"))
_TWO_LINES = 2.2  # heights from one line of a head to the next
_CENTS = re.compile(r"\d[.,]\d\d(?!\d)")
_NUMBER = re.compile(r"\d[.,]\d\d(?!\d)|\d{3,}")
_NEAR = 10.0  # points between two heads of one column
_BESIDE = 60.0  # points: a head may be that far from the next one that is sure
_MOST_PIECES = 14  # of a head with misread names; a sentence has more words


@dataclass(frozen=True)
class Head:
    """One column: its role and the box of its head."""

    role: str
    box: Box


@dataclass(frozen=True)
class TableHead:
    """The head of a table: the first and last line it takes, and its columns from left to right."""

    first: int
    last: int
    page: int
    columns: tuple[Head, ...]

    def has(self, *roles: str) -> bool:
        """Whether any of ``roles`` has a column."""
        return any(c.role in roles for c in self.columns)


@dataclass(frozen=True)
class _Piece:
    text: str
    box: Box
    role: str | None


def _pieces(line: Line) -> list[_Piece]:
    """The line's words as known column heads and, between them, unknown runs."""
    found: list[_Piece] = []
    tokens, index = line.tokens, 0
    while index < len(tokens):
        match = None
        for last in range(min(len(tokens), index + 5), index, -1):
            start, end = line.starts[index], line.starts[last - 1] + len(tokens[last - 1].text)
            text = line.text[start:end]
            if COLUMN in text or (WIDE in text and last - index > 1):
                continue
            role = role_of(text)
            if role:
                match = (_Piece(text, union(t.box for t in tokens[index:last]), role), last)
                break
        if match:
            found.append(match[0])
            index = match[1]
        else:
            token = tokens[index]
            before = found[-1] if found else None
            glued = index > 0 and line.text[line.starts[index] - 1] != COLUMN
            if before and before.role is None and glued:
                found[-1] = _Piece(f"{before.text} {token.text}", union((before.box, token.box)), None)
            else:
                found.append(_Piece(token.text, token.box, None))
            index += 1
    return found


def _cluster(rows: list[list[_Piece]]) -> Iterable[list[_Piece]]:
    """Pieces of several lines that stand over one another."""
    columns: list[list[_Piece]] = []
    for row in rows:
        for piece in row:
            home = next(
                (
                    c
                    for c in columns
                    if any(overlap(p.box, piece.box) > 0.3 for p in c) and not any(p in row for p in c)
                ),
                None,
            )
            if home is None:
                columns.append([piece])
            else:
                home.append(piece)
    return columns


def _head(column: list[_Piece]) -> Head | None:
    box = union(p.box for p in column)
    for size in range(len(column), 1, -1):
        for first in range(len(column) - size + 1):
            role = role_of("".join(p.text for p in column[first : first + size]))
            if role:
                return Head(role, box)
    roles = [p.role for p in column if p.role]
    return Head(roles[0], union(p.box for p in column if p.role)) if roles else None


def _columns(zone: list[Line], span: tuple[float, float]) -> list[Head]:
    """The columns that the lines of a head name; a misread name counts for a column that no other piece names."""
    known, unknown = [], []
    for column in _cluster([_within(_pieces(line), span) for line in zone]):
        head = _head(column)
        if head:
            known.append(head)
        else:
            unknown.append(column)
    for column in unknown:
        if not any(char.isalnum() for piece in column for char in piece.text):
            continue  # a speck or a rule that an engine read
        role = next((r for r in (likely_role_of(p.text) for p in column) if r), None)
        taken = role is None or any(head.role == role for head in known)
        known.append(Head(UNKNOWN if taken or role is None else role, union(p.box for p in column)))
    return _one_description(sorted(known, key=lambda h: h.box[0]))


def _one_description(columns: list[Head]) -> list[Head]:
    """The columns, heads side by side that both name descriptions made one: "Product /" and, below it, "Service"."""
    found: list[Head] = []
    for head in columns:
        last = found[-1] if found else None
        if last and last.role == head.role == "description" and head.box[0] - last.box[2] < _NEAR:
            found[-1] = Head(head.role, union((last.box, head.box)))
        else:
            found.append(head)
    return found


def _within(pieces: list[_Piece], span: tuple[float, float]) -> list[_Piece]:
    return [p for p in pieces if p.box[2] > span[0] and p.box[0] < span[1]]


def _span_of_head(line: Line) -> tuple[float, float] | None:
    """From where to where a line names columns of a table: two for sure, or one and more that are misread."""
    pieces = _pieces(line)
    own = [p for p in pieces if p.role]
    if not own or len(pieces) > _MOST_PIECES:
        return None
    likely = [p for p in pieces if p.role or likely_role_of(p.text)]
    roles = {p.role for p in own} - {"date"}
    if len(roles) < 2:
        guessed = {likely_role_of(p.text) for p in likely}
        if len(guessed) < 3 and not ({"description", "quantity"} <= guessed and len(likely) >= len(pieces) - 1):
            return None
    elif not roles & {"description", "quantity", "unit_price", "net_amount"}:
        return None
    named = likely if len(roles) < 2 else own
    span = (min(p.box[0] for p in named) - _BESIDE, max(p.box[2] for p in named) + _BESIDE)
    return None if any(_CENTS.search(p.text) for p in _within(pieces, span)) else span


def _grown(span: tuple[float, float], zone: list[Line]) -> tuple[float, float]:
    """``span`` with the names beside it that other lines of the head hold."""
    named = sorted((p.box[0], p.box[2]) for line in zone for p in _pieces(line) if p.role)
    for x0, x1 in reversed(named):
        if x0 < span[0] and x1 > span[0] - _BESIDE:
            span = (x0 - _BESIDE / 2, span[1])
    for x0, x1 in named:
        if x1 > span[1] and x0 < span[1] + _BESIDE:
            span = (span[0], x1 + _BESIDE / 2)
    return span


def _words_above(layout: Layout, head: TableHead) -> list[Head]:
    """The columns of words that the line above names, where rows have two lines: words, and numbers below them."""
    above = layout.lines[head.first - 1] if head.first else None
    first = layout.lines[head.first]
    if above is None or above.page != head.page or first.middle - above.middle > _TWO_LINES * first.height:
        return []
    pieces = _pieces(above)
    named = sum(piece.role in _WORDY for piece in pieces)
    if not named or any(piece.role and piece.role not in _WORDY for piece in pieces) or len(pieces) > named + 1:
        return []
    return [Head(piece.role, piece.box) for piece in pieces if piece.role]


def find_heads(layout: Layout) -> list[TableHead]:
    """Every head of a line item table: lines that name at least a description (or quantity) and an amount.

    Where no head on the pages names an amount, as on delivery notes, one that names a description and a quantity.
    """
    priced: list[TableHead] = []
    unpriced: list[TableHead] = []
    last = -1
    for line in layout.lines:
        span = None if line.number <= last else _span_of_head(line)
        if span is None:
            continue
        near = [
            other for other in layout.lines[max(0, line.number - 3) : line.number + 5]
            if other.page == line.page and -2.7 * line.height < other.middle - line.middle < 4.2 * line.height
        ]  # fmt: skip
        zone = _connected(near, line, span)
        span = _grown(span, zone)
        zone = _connected(near, line, span)
        columns = _columns(zone, span)
        roles = {h.role for h in columns} - {UNKNOWN, "date"}
        head = TableHead(zone[0].number, zone[-1].number, line.page, tuple(columns))
        if not roles & _WORDY and (words := _words_above(layout, head)):
            columns = sorted([*words, *columns], key=lambda h: h.box[0])
            roles |= {h.role for h in words}
            head = TableHead(head.first - 1, head.last, head.page, tuple(columns))
        if len(roles) >= 3 and roles & set(AMOUNTS) and roles & {"description", "article", "quantity"}:
            priced.append(head)
            last = head.last
        elif "quantity" in roles and (roles & _WORDY) and len(roles) >= 2 and not roles & set(AMOUNTS):
            unpriced.append(head)
            last = head.last
    if unpriced and not any(head.has("description", "article") for head in priced):
        return unpriced  # boxes of a count and a weight look like a head of numbers
    return priced or unpriced


def _connected(zone: list[Line], line: Line, span: tuple[float, float]) -> list[Line]:
    """The lines of ``zone`` that follow one another closely up and down from ``line`` and hold mostly column words."""
    kept = [line]
    for side in (-1, 1):
        current = line
        for other in sorted((z for z in zone if (z.number - line.number) * side > 0), key=lambda z: z.number * side):
            pieces = _within(_pieces(other), span)
            if not pieces:
                continue
            if any(_NUMBER.search(t.text) for t in other.tokens if span[0] < t.centre < span[1]):
                break
            fits = sum(1 for p in pieces if p.role) * 2 >= len(pieces) or all(len(p.text.split()) <= 2 for p in pieces)
            if abs(other.middle - current.middle) > 1.7 * line.height or not fits:
                break
            kept.append(other)
            current = other
    return sorted(kept, key=lambda z: z.number)
