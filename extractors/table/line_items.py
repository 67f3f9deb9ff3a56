"""Line items: the rows of all tables of a document, and how probable each one is by a model that measured it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extractors.page.labels import Labels
from extractors.page.layout import Layout
from extractors.scoring import Trace, load
from extractors.table.bands import body, joined, reassigned, settled
from extractors.table.choice import choose
from extractors.table.columns import AMOUNTS, TableHead, find_heads
from extractors.table.features import measure
from extractors.table.headless import earlier_part, guess_heads
from extractors.table.money import AMOUNT_ROLES, ties
from extractors.table.quantities import quantity_of
from extractors.table.rates import with_rates
from extractors.table.roles import with_roles
from extractors.table.rows import Row, rows_of, without_days
from extractors.values.amounts import plain, plain_number
from models.records import LineItem

MODEL = "rows"
"""The name of the weights."""
DOUBTFUL = 0.5
"""No row is surer than this whose quantity was worked out: what price and amount gave is no witness of itself."""


@dataclass(frozen=True)
class Items:
    """The rows of all tables, and the numbers of the lines they stand on."""

    found: tuple[Row, ...]
    lines: frozenset[int]

    def rows(self, net_total: str | None, layout: Layout, trace: Trace | None = None) -> tuple[LineItem, ...]:
        """The line items, each with the probability that all its cells are right.

        Args:
            net_total: the document's net total, if one was found.
            layout: the document's lines.
            trace: is told the features of every row.

        Raises:
            MissingTool: the model's weights are not there.
        """
        if not self.found:
            return ()
        total = Decimal(net_total) if net_total else None
        role = self._amount_role(total)
        items = [_item(row, role, layout) for row in self.found]
        derived = [item.quantity is not None and "quantity" not in row.cells
                   for item, row in zip(items, self.found, strict=True)]  # fmt: skip
        features = measure(self.found, role, total, layout, derived)
        if trace is not None:
            trace.rows.extend(features)
        chances = load(MODEL).chances(features)
        return tuple(
            replace(item, confidence=min(chance, DOUBTFUL) if worked_out else chance)
            for item, chance, worked_out in zip(items, chances, derived, strict=True)
        )

    def _amount_role(self, total: Decimal | None) -> str:
        """The column of net amounts: the one that sums to the net total, else the one named so."""
        for role in AMOUNT_ROLES:
            amounts = [row.cells[role].number for row in self.found if role in row.cells]
            if total is not None and amounts and len(amounts) == len(self.found) and ties(total, amounts):
                return role
        return "net_amount"


def _derived_quantity(row: Row, role: str) -> str | None:
    """The quantity of a row that should have one and shows none; a discount would come between price and amount."""
    price, amount = row.cells.get("unit_price"), row.cells.get(role)
    if not (row.counted and price and amount) or "discount" in row.cells:
        return None
    quantity = quantity_of(price.number, amount.number)
    return None if quantity is None else plain_number(quantity)


def _item(row: Row, role: str, layout: Layout) -> LineItem:
    def number(name: str) -> str | None:
        cell = row.cells.get(name)
        return None if cell is None else plain_number(cell.number)

    amount = row.cells.get(role)
    rate = number("tax_rate") or (None if row.rate is None else plain_number(row.rate))
    return LineItem(
        row.description or None, number("quantity") or _derived_quantity(row, role), row.unit, number("unit_price"),
        plain(amount.number) if amount else None, rate, row.line.page,
        layout.on_page(row.box, row.line.page),
    )  # fmt: skip


def _table(layout: Layout, labels: Labels, head: TableHead, stop: int) -> tuple[list[Row], list[Row]]:
    bands, left = body(layout, labels, head, stop)
    least = 2 if head.has(*AMOUNTS) else 1
    likely = [band for band in bands if len(band.cells) >= least]
    head = with_roles(head, [band.first for band in likely], [band.numbers for band in likely])
    worded = head.has("description", "article")
    left = min(left, head.columns[0].box[0] - 2) if worded else 0.0  # the first column may have had no head
    bands = [settled(band, head) for band in joined(reassigned(bands, head), head)]
    return rows_of(bands, head, left, ocr=layout.ocr)


def find_line_items(layout: Layout, labels: Labels) -> Items:
    """The rows of all line item tables of the document."""
    heads = find_heads(layout)
    stops = [*(head.first for head in heads[1:]), len(layout.lines)]
    tables = list(zip(heads, stops, strict=True)) if heads else []
    if heads and (before := earlier_part(layout, labels, heads[0])):
        tables.insert(0, before)
    chosen, lines = _rows(layout, labels, tables)
    if not chosen:
        chosen, lines = _rows(layout, labels, guess_heads(layout, labels))
    return Items(tuple(with_rates(chosen, layout)), frozenset(lines))


def _rows(layout: Layout, labels: Labels, tables: Sequence[tuple[TableHead, int]]) -> tuple[list[Row], set[int]]:
    """The rows of ``tables``, each with the line where it stops, and the numbers of the lines they stand on."""
    rows: list[Row] = []
    others: list[Row] = []
    lines: set[int] = set()
    for head, stop in tables:
        found, more = _table(layout, labels, head, stop)
        rows += found
        others += more
        if found:
            lines |= set(range(head.first, head.last + 1))
    chosen = without_days(choose(rows, others, layout))
    return chosen, lines | {line.number for row in chosen for line in row.lines}
