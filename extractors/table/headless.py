"""Tables whose head is not printed or was not read: columns from the numbers alone, their roles by money."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

from extractors.page.labels import Labels
from extractors.page.layout import Layout, Line, union
from extractors.table.bands import ends_table, is_carried
from extractors.table.cells import Cell, assign, cells_of, distance
from extractors.table.columns import AMOUNTS, Head, TableHead
from extractors.table.money import AMOUNT_ROLES, row_fits, settle, ties
from extractors.table.roles import clusters, free_numbers, words_column, worth

_LETTERS = 3
_MOST_BETWEEN = 4  # lines of text between two rows
_SHARE = 0.6  # of the rows must tie out
_MOST_ROWS = 25
_MOST_COLUMNS = 9
_NEAR = 12.0  # points from its head, for a number that stands under none
_TRIPLE = ("quantity", "unit_price", "net_amount")


@dataclass(frozen=True)
class _Run:
    """Lines with amounts that follow one another, and the line that ends them."""

    rows: tuple[tuple[Line, list[Cell]], ...]
    end: Line | None


def _worded(line: Line) -> bool:
    return sum(c.isalpha() for c in line.text) >= _LETTERS


def _runs(layout: Layout, labels: Labels) -> Iterator[_Run]:
    rows: list[tuple[Line, list[Cell]]] = []
    between = 0
    for line in layout.lines:
        numbers = free_numbers(cells_of(line))
        money = [c for c in numbers if c.decimals == 2 and not c.percent]
        ends = bool(money) and ends_table(line, labels)
        if ends or between > _MOST_BETWEEN or (rows and line.page > rows[-1][0].page + 1):
            if rows:
                yield _Run(tuple(rows), line if ends else None)
            rows, between = [], 0
        if money and not ends and _worded(line) and not is_carried(line):
            rows.append((line, numbers))
            between = 0
        elif rows:
            between += 1
    if rows:
        yield _Run(tuple(rows), None)


def _named(columns: list[list[Cell]], rows: list[list[Cell]]) -> list[Head] | None:
    """The columns that are quantity, price and amount in most rows, and what else ties out; None where none do."""
    places = {id(cell): index for index, column in enumerate(columns) for cell in column}
    table = [{places[id(c)]: c for c in row if id(c) in places} for row in rows]
    best: tuple[int, tuple[int, ...]] = (0, ())
    for triple in permutations(range(len(columns)), 3):
        if triple[2] < triple[1]:
            continue  # the amount stands behind the price
        fits = 0
        for row in table:
            if all(index in row for index in triple):
                cells = settle({role: row[index] for role, index in zip(_TRIPLE, triple, strict=True)}, "net_amount")
                fits += row_fits(cells, "net_amount") and bool(cells["net_amount"].number)
        if fits > best[0]:
            best = (fits, triple)
    if not best[1] or best[0] < max(1, _SHARE * len(rows)):
        return None
    boxes = [union(c.box for c in column) for column in columns]
    heads = [Head(role, boxes[index]) for role, index in zip(_TRIPLE, best[1], strict=True)]
    value = worth(rows, heads)
    for index in range(len(columns)):
        if index in best[1]:
            continue
        for role in ("tax_rate", "gross_amount"):
            if all(h.role != role for h in heads) and worth(rows, [*heads, Head(role, boxes[index])]) > value + 0.3:
                heads.append(Head(role, boxes[index]))
                value = worth(rows, heads)
                break
    return heads


def _table(run: _Run) -> list[Head] | None:
    """The columns of a table: most rows have several numbers and tie out."""
    rows = [(line, numbers) for line, numbers in run.rows if len(numbers) >= 2][:_MOST_ROWS]
    if not rows:
        return None
    least = max(1.0, 0.4 * len(rows))
    columns = [column for column in clusters([numbers for _, numbers in rows]) if len(column) >= least]
    return _named(columns[:_MOST_COLUMNS], [numbers for _, numbers in rows])


def _list(run: _Run) -> list[Head] | None:
    """The one column of a list of items with amounts that add up to the total right below."""
    if run.end is None or any(len([c for c in numbers if c.decimals == 2]) != 1 for _, numbers in run.rows):
        return None
    cells = [next(c for c in numbers if c.decimals == 2) for _, numbers in run.rows]
    totals = [c.number for c in cells_of(run.end) if c.decimals == 2]
    column = clusters([[cell] for cell in cells])
    if len(column) != 1 or not any(total and ties(total, [c.number for c in cells]) for total in totals[-1:]):
        return None
    return [Head("net_amount", union(c.box for c in cells))]


def guess_heads(layout: Layout, labels: Labels) -> list[tuple[TableHead, int]]:
    """The columns of tables that have no head on the pages, each with the line where the table stops."""
    found = []
    for run in _runs(layout, labels):
        heads = _table(run) or _list(run)
        words = words_column([line for line, _ in run.rows], heads) if heads else None
        if heads is None or words is None:
            continue
        first = run.rows[0][0]
        columns = tuple(sorted([words, *heads], key=lambda h: h.box[0]))
        stop = run.end.number if run.end else run.rows[-1][0].number + _MOST_BETWEEN
        found.append((TableHead(first.number, first.number - 1, first.page, columns), min(stop, len(layout.lines))))
    return found


def earlier_part(layout: Layout, labels: Labels, head: TableHead) -> tuple[TableHead, int] | None:
    """The table of ``head`` on the pages before it, where its head was not read: from the first row that fits.

    Returns the same columns as a head that takes no line of its own, and the line where that part stops.
    """
    for line in layout.lines[: head.first]:
        if line.page == head.page:
            break
        found = assign(cells_of(line), head.columns)
        near = [
            role for role, cell in found.items()
            if any(h.role == role and distance(h, cell.box) <= _NEAR for h in head.columns)
        ]  # fmt: skip
        fits = any(row_fits(settle(found, role), role) for role in AMOUNT_ROLES)
        if (
            len(near) >= 3
            and (fits or "quantity" in near)
            and set(near) & set(AMOUNTS)
            and not ends_table(line, labels)
        ):
            return TableHead(line.number, line.number - 1, line.page, head.columns), head.first
    return None
