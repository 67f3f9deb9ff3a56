"""Tax rates of rows that print none, from the tax summary below: only where one way of sharing them out ties out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from extractors.invoice.totals import RATES
from extractors.page.layout import Layout, Line
from extractors.table.cells import cells_of
from extractors.table.money import ties
from extractors.table.rows import Row

_REACH = 40  # lines behind the last row in which the summary is looked for
_MOST_ROWS = 12  # shared out among several rates; more would take long and prove little
_CENT = Decimal("0.02")


def _bases(lines: Sequence[Line]) -> dict[Decimal, Decimal]:
    """The base of each rate (in percent) that a line states together with its tax."""
    found: dict[Decimal, Decimal] = {}
    for line in lines:
        cells = cells_of(line)
        amounts = [c.number for c in cells if c.decimals == 2 and not c.percent]
        for rate in (c.number for c in cells if c.percent and (not c.number or c.number / 100 in RATES)):
            base = next((b for b, tax in pairwise(amounts) if b and abs(abs(b) * rate / 100 - abs(tax)) <= _CENT), None)
            if base is not None:
                found.setdefault(rate, abs(base))
    return found


def _shares(amounts: Sequence[Decimal], bases: dict[Decimal, Decimal]) -> Iterator[tuple[Decimal, ...]]:
    """Every way to give each amount a rate so that the amounts of a rate make its base."""
    if not amounts:
        if all(abs(left) <= _CENT for left in bases.values()):
            yield ()
        return
    for rate, left in bases.items():
        if abs(amounts[0]) <= left + _CENT:
            for rest in _shares(amounts[1:], {**bases, rate: left - abs(amounts[0])}):
                yield (rate, *rest)


def with_rates(rows: Sequence[Row], layout: Layout) -> list[Row]:
    """The rows with the rates of the summary, where no row prints one and the sums leave no choice."""
    amounts = [row.amount for row in rows if row.amount is not None]
    if not rows or len(amounts) < len(rows) or any("tax_rate" in row.cells for row in rows):
        return list(rows)
    last = rows[-1].lines[-1].number
    bases = _bases(layout.lines[last + 1 : last + 1 + _REACH])
    if not bases or not ties(sum(bases.values(), Decimal(0)), amounts):
        return list(rows)
    if len(bases) == 1:
        return [replace(row, rate=next(iter(bases))) for row in rows]
    same_sign = all(a >= 0 for a in amounts) or all(a <= 0 for a in amounts)
    if len(rows) > _MOST_ROWS or not same_sign:
        return list(rows)
    ways = _shares(amounts, bases)
    only, another = next(ways, None), next(ways, None)
    if only is None or another is not None:
        return list(rows)
    return [replace(row, rate=rate) for row, rate in zip(rows, only, strict=True)]
