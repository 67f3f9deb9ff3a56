"""The roles of columns that no head names, or that a head names wrongly: chosen by what stands in them and by money."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import permutations

from extractors.invoice.totals import RATES
from extractors.page.layout import Line, Segment, overlap, union
from extractors.table.cells import Cell, assign, distance
from extractors.table.columns import AMOUNTS, NUMERIC, UNKNOWN, Head, TableHead
from extractors.table.money import AMOUNT_ROLES, row_fits, settle
from models.records import Box

_PERCENTS = frozenset(rate * 100 for rate in RATES) | {Decimal(0), Decimal(16), Decimal(24), Decimal(27)}
_MOST_UNKNOWN = 3
_MOST_ROWS = 16  # are enough to see what a column is
_SHARE = 0.6  # of the rows must speak for a role
_LETTERS = 3  # in a segment make it words rather than a number with its unit or currency
_FAR = 25.0  # points; a number that far from its head may be another column's
_UNIT_LETTERS = 9
_UNDER = 0.5  # of the narrower width: what stands under a head

Numbers = list[list[Cell]]


def free_numbers(cells: Sequence[Cell]) -> list[Cell]:
    """The numbers that stand alone in their segment of the line, or with a unit or currency, not within words."""
    found = []
    for cell in cells:
        segment = next((s for s in cell.line.segments if s.start <= cell.start < s.end), None)
        if segment is None:
            continue
        before, behind = cell.line.text[segment.start : cell.start], cell.line.text[cell.end : segment.end]
        unit = not before.strip() and _is_unit(behind.strip()) and not any(c.isspace() for c in behind.strip())
        if unit or sum(c.isalpha() for c in before + behind) < _LETTERS:
            found.append(cell)
    return found


def clusters(rows: Numbers) -> list[list[Cell]]:
    """The numbers of several rows that stand over one another, from left to right."""
    columns: list[tuple[Box, list[Cell]]] = []
    for row in rows:
        for cell in row:
            over = [c for c in columns if overlap(c[0], cell.box) > 0.4 and cell.line is not c[1][-1].line]
            if over:
                max(over, key=lambda c: overlap(c[0], cell.box))[1].append(cell)
            else:
                columns.append((cell.box, [cell]))
    return sorted((cells for _, cells in columns), key=lambda c: c[0].box[0])


def _unnamed(rows: Numbers, head: TableHead) -> list[Head]:
    """Columns of numbers that stand under none of the heads."""
    loose: Numbers = []
    for row in rows:
        taken = [
            c for c in assign(row, head.columns).values()
            if min(distance(h, c.box) for h in head.columns if h.role in NUMERIC) <= _FAR
        ]  # fmt: skip
        named = [h for h in head.columns if h.role in ("article", "position", "unit")]
        loose.append([c for c in free_numbers(row) if c not in taken and all(distance(h, c.box) > 8 for h in named)])
    least = max(1 if len(rows) < 3 else 2, 0.5 * len(rows))
    return [Head(UNKNOWN, union(c.box for c in cells)) for cells in clusters(loose) if len(cells) >= least]


def worth(rows: Numbers, columns: Sequence[Head]) -> float:
    """How well the numbers tie out under these columns: shares of the rows with fitting products, rates and sums."""
    products = rates = sums = wrong = 0
    for row in rows:
        cells = assign(row, columns)
        role = "net_amount" if "net_amount" in cells else "gross_amount"
        if any(row_fits(settle(cells, one), one) for one in AMOUNT_ROLES):
            products += 1
        elif {"quantity", "unit_price", role} <= set(cells):
            wrong += 1
        rate = cells.get("tax_rate")
        if rate:
            rates += 1 if rate.number in _PERCENTS and rate.decimals < 2 else -1
        net, gross = cells.get("net_amount"), cells.get("gross_amount")
        if net and gross:
            share = gross.number / net.number - 1 if net.number else Decimal(0)
            near = any(abs(share * 100 - percent) < 1 for percent in _PERCENTS)
            fits = near and (rate is None or abs(share * 100 - rate.number) < 1)
            sums += 1 if fits else -1
    return (3 * products - wrong + 0.6 * rates + 0.8 * sums) / max(1, len(rows))


def _units(lines: Sequence[Line], head: TableHead, unnamed: Iterable[Box]) -> Head | None:
    """The column of units: where most rows have one short word under a head that says nothing, or under none."""
    for box in unnamed:
        here = Head("unit", box)
        words = [[n for n, t in enumerate(line.tokens) if distance(here, t.box) < 8] for line in lines]
        units = (
            len(found) == 1 and _is_unit(line.tokens[found[0]].text) and not _runs_on(line, found[0])
            for line, found in zip(lines, words, strict=True)
        )
        if sum(units) >= _SHARE * len(lines):
            return Head("unit", box)
    alone = [s for line in lines if (s := _lone_word(line, head))]
    if alone and len(alone) >= _SHARE * len(lines):
        middle = sorted(alone, key=lambda s: s.box[0])[len(alone) // 2]
        same = [s for s in alone if overlap(s.box, middle.box) > 0.3]
        if len(same) >= _SHARE * len(lines):
            return Head("unit", union(s.box for s in same))
    return None


def _runs_on(line: Line, token: int) -> bool:
    """Whether a word goes on with the next one: then it begins a description, and is no unit."""
    end = line.starts[token] + len(line.tokens[token].text)
    return line.text[end : end + 1] == " " and line.text[end + 1 : end + 2].isalpha()


def _lone_word(line: Line, head: TableHead) -> Segment | None:
    """A short word that stands alone, under no head, right of a description."""
    worded = False
    for segment in line.segments:
        if sum(c.isalpha() for c in segment.text) < 1:
            continue
        free = " " not in segment.text and _is_unit(segment.text)
        if worded and free and not any(overlap(h.box, segment.box) > 0.5 for h in head.columns if h.role != UNKNOWN):
            return segment
        worded = worded or sum(c.isalpha() for c in segment.text) >= _LETTERS
    return None


def _is_unit(text: str) -> bool:
    return text[:1].isalpha() and len(text) <= _UNIT_LETTERS and not any(c.isdigit() for c in text[:2])


def words_column(lines: Sequence[Line], heads: Sequence[Head]) -> Head | None:
    """Where the words of the rows stand: the segments with most letters."""
    found = []
    named = [head.box for head in heads if head.role == "unit"]
    for line in lines:
        words = [s for s in line.segments if sum(c.isalpha() for c in s.text) >= _LETTERS]
        words = [s for s in words if not any(overlap(s.box, box) > _UNDER for box in named)]
        if words:
            found.append(max(words, key=lambda s: sum(c.isalpha() for c in s.text)).box)
    if not found:
        return None
    x0, y0, x1, y1 = union(found)
    right = min((h.box[0] for h in heads if h.box[0] > x0 + 20), default=x1)
    return Head("description", (x0, y0, min(x1, right), y1))


_TWINS = {"net_amount": ("unit_price", "gross_amount"), "tax_rate": ("tax_amount",), "gross_amount": ("net_amount",)}
"""What a second column of a role may be: some call prices and amounts, or a rate and the tax, by one word."""


def _apart(rows: Numbers, columns: list[Head]) -> list[Head]:
    """The columns with two of one role told apart, where that ties out better."""
    best, value = columns, worth(rows, columns)
    for role, others in _TWINS.items():
        twins = [index for index, head in enumerate(columns) if head.role == role]
        if len(twins) != 2:
            continue
        for index in twins:
            for other in others:
                if any(head.role == other for head in columns):
                    continue
                changed = [Head(other, head.box) if at == index else head for at, head in enumerate(best)]
                if (better := worth(rows, changed)) > value + 0.05:
                    best, value = changed, better
    return best


def with_roles(head: TableHead, lines: Sequence[Line], numbers: Numbers) -> TableHead:
    """The table's columns with those that no head names, and with other roles where only those tie out.

    Args:
        head: the columns as their heads name them; `UNKNOWN` where a head says nothing.
        lines: the lines that are rows by their numbers.
        numbers: the numbers of each of them.
    """
    rows = numbers[:_MOST_ROWS]
    known = [h for h in head.columns if h.role != UNKNOWN]
    silent = [h.box for h in head.columns if h.role == UNKNOWN]
    if rows:
        known = _apart(rows, known)
    base = replace(head, columns=tuple(known))
    if not rows:
        return base
    extra: list[Head] = []
    if not base.has("unit") and (unit := _units(lines[:_MOST_ROWS], base, silent)):
        known.append(unit)
        base = replace(base, columns=tuple(known))
    if not base.has("description", "article") and (words := words_column(lines[:_MOST_ROWS], known)):
        known.append(words)
        base = replace(base, columns=tuple(known))
    money = sum(any(c.decimals == 2 for c in free_numbers(row)) for row in rows)
    if base.has(*AMOUNTS) or money >= _SHARE * len(rows):
        extra = _unnamed(rows, base)[:_MOST_UNKNOWN]
    best, value = known, worth(rows, known) + 0.1
    if extra:
        missing = [r for r in ("quantity", "unit_price", "net_amount", "tax_rate", "gross_amount", "discount")
                   if not base.has(r)]  # fmt: skip
        for roles in permutations([*missing, *[UNKNOWN] * len(extra)], len(extra)):
            named = [Head(role, h.box) for role, h in zip(roles, extra, strict=True) if role != UNKNOWN]
            if (other := worth(rows, [*known, *named])) > value + 0.05:
                best, value = [*known, *named], other
    if value < 2 and len(rows) >= 2:
        best = _swapped(rows, best, value)
    return replace(head, columns=tuple(sorted(best, key=lambda h: h.box[0])))


def _swapped(rows: Numbers, columns: list[Head], value: float) -> list[Head]:
    """The same columns with the roles of quantity, prices and amounts in another order, if that ties out far better."""
    places = [
        i
        for i, h in enumerate(columns)
        if h.role in ("quantity", "unit_price", "net_amount", "gross_amount", "tax_amount")
    ]
    best = columns
    for roles in permutations([columns[i].role for i in places]):
        other = list(columns)
        for place, role in zip(places, roles, strict=True):
            other[place] = Head(role, columns[place].box)
        if (better := worth(rows, other)) > value + 1.5:
            best, value = other, better - 1.5
    return best
