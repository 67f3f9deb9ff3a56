"""Line items: the rows of the table under a head, wrapped descriptions included."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from extractors.page.labels import Labels
from extractors.page.layout import Layout, Line, union
from extractors.page.text import clean, fold
from extractors.table.columns import NUMERIC, Head, TableHead, find_heads
from extractors.table.descriptions import Cells, description_range
from extractors.table.quantities import quantity_of
from extractors.values.amounts import find_amounts, plain, plain_number
from models.records import Box, LineItem

_PERCENT = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,2})?) ?%")
_UNIT = re.compile(r"^(?:[^\W\d_]{1,10}\.?(?:\(\w\))?|[mk]?m[²³23]|[^\W\d_]{1,6}/[^\W\d_]{1,6})$")
_SUMMARY = re.compile(
    r"(?:rekapitulace|soupis dph|vat (?:summary|analysis|breakdown)|tax summary|steueraufsch|umsatzsteueraufsch|"
    r"steuerubersicht|mwst\.?-?ubersicht|recapitulatif)"
)
_ENDS = (
    "net_total",
    "tax_total",
    "gross_total",
    "amount_due",
    "x:tax_base",
    "x:prepaid",
    "payment_terms",
    "x:rounding",
)


@dataclass(frozen=True)
class Cell:
    """A number of a row: where it stands and whether a percent sign follows it."""

    start: int
    end: int
    number: Decimal
    decimals: int
    box: Box
    percent: bool = False


@dataclass(frozen=True)
class Row:
    """A row with its numbers by column role, its description and unit; ``counted`` if it should have a quantity."""

    line: Line
    cells: dict[str, Cell]
    description: str
    unit: str | None
    box: Box
    counted: bool = False


@dataclass(frozen=True)
class Items:
    """The rows of all tables, and the numbers of the lines they stand on."""

    found: tuple[Row, ...]
    lines: frozenset[int]

    def rows(self, net_total: str | None, layout: Layout) -> tuple[LineItem, ...]:
        """The line items; their confidence is high where quantity times price and the sum of all amounts agree."""
        total = Decimal(net_total) if net_total else None
        role = self._amount_role(total)
        amounts = [row.cells[role].number for row in self.found if role in row.cells]
        tied = (
            total is not None
            and bool(amounts)
            and abs(abs(sum(amounts, Decimal(0))) - abs(total)) <= Decimal("0.02") * len(amounts)
        )
        return tuple(_item(row, role, layout, tied=tied) for row in self.found)

    def _amount_role(self, total: Decimal | None) -> str:
        """The column of net amounts: the one that sums to the net total, else the one named so."""
        for role in ("net_amount", "gross_amount"):
            amounts = [row.cells[role].number for row in self.found if role in row.cells]
            if (
                total is not None
                and len(amounts) == len(self.found)
                and abs(abs(sum(amounts, Decimal(0))) - abs(total)) <= Decimal("0.05")
            ):
                return role
        return "net_amount"


def _product_fits(row: Row, role: str) -> bool:
    quantity, price, amount = (row.cells.get(name) for name in ("quantity", "unit_price", role))
    if not (quantity and price and amount):
        return False
    return abs(abs(quantity.number * price.number) - abs(amount.number)) <= max(
        Decimal("0.02"), abs(quantity.number) * Decimal("0.006")
    )


def _derived_quantity(row: Row, role: str) -> str | None:
    """The quantity of a row that should have one and shows none; a discount would come between price and amount."""
    price, amount = row.cells.get("unit_price"), row.cells.get(role)
    if not (row.counted and price and amount) or "discount" in row.cells:
        return None
    quantity = quantity_of(price.number, amount.number)
    return None if quantity is None else plain_number(quantity)


def _item(row: Row, role: str, layout: Layout, *, tied: bool) -> LineItem:
    def text(name: str, form: object = plain_number) -> str | None:
        cell = row.cells.get(name)
        if cell is None:
            return None
        return plain(cell.number) if form is plain else plain_number(cell.number)

    fits = _product_fits(row, role)  # over what was read: a derived quantity fits always and vouches for nothing
    return LineItem(
        row.description or None, text("quantity") or _derived_quantity(row, role), row.unit, text("unit_price"),
        text(role, plain), text("tax_rate"), row.line.page, layout.on_page(row.box, row.line.page),
        0.95 if fits and tied else 0.8 if fits or tied else 0.55,
    )  # fmt: skip


def _cells(line: Line) -> list[Cell]:
    cells = [
        Cell(m.start(), m.end(), Decimal(m[1].replace(",", ".")), 0, line.box_of(m.start(1), m.end(1)), True)
        for m in _PERCENT.finditer(line.text)
    ]
    for amount in find_amounts(line.text):
        if not any(c.start <= amount.start < c.end for c in cells):
            cells.append(
                Cell(amount.start, amount.end, amount.value, amount.decimals, line.box_of(amount.start, amount.end))
            )
    return sorted(cells, key=lambda c: c.start)


def _distance(head: Head, box: Box) -> float:
    x0, x1 = head.box[0], head.box[2]
    gap = max(0.0, x0 - box[2], box[0] - x1)
    edges = min(abs(x1 - box[2]), abs(x0 - box[0]), abs((x0 + x1) / 2 - (box[0] + box[2]) / 2))
    return gap + 0.25 * edges


def _assign(cells: Sequence[Cell], head: TableHead) -> dict[str, Cell]:
    """Numbers to columns: each to the nearest head, the better fit first; a percent sign asks for a rate's column."""
    options = []
    for cell in cells:
        for column in head.columns:
            if cell.percent and column.role not in ("tax_rate", "discount"):
                continue
            if column.role in ("unit", "article", "date"):
                continue
            if column.role == "tax_rate" and (
                abs(cell.number) > 30
                or (cell.decimals == 2 and not cell.percent and cell.number % 1 and cell.number > 26)
            ):
                continue
            options.append((_distance(column, cell.box), cell, column))
    found: dict[str, Cell] = {}
    used: set[int] = set()
    for distance, cell, column in sorted(options, key=lambda o: o[0]):
        if cell.start in used or distance > 60:
            continue
        if column.role in found:
            # a second number in a column that is taken: it is something else (a date, a part of the text)
            continue
        used.add(cell.start)
        if column.role in NUMERIC:
            found[column.role] = cell
    return found


def _points(cell: Cell) -> Iterator[Cell]:
    """A number as it was read, and as it is if its decimal point before two decimals was not seen."""
    yield cell
    if cell.decimals == 0 and abs(cell.number) >= 100:
        yield replace(cell, number=cell.number / 100, decimals=2)


def _priced(quantity: Cell, price: Cell | None, amount: Cell, money: Sequence[Cell]) -> tuple[Cell, Cell] | None:
    """The price before ``amount``, and the amount, that go with the quantity.

    The head of the price's column may be misread, and so may be the decimal point of either number.
    """
    for one in (price,) if price else [c for c in money if quantity.start < c.start < amount.start]:
        for each in _points(one):
            for total in _points(amount):
                if each.decimals and abs(abs(quantity.number * each.number) - abs(total.number)) <= Decimal("0.01"):
                    return each, total
    return None


def _repair(found: dict[str, Cell], cells: Sequence[Cell]) -> dict[str, Cell]:
    """Another reading of the numbers if quantity times price is not the amount but some other choice is."""
    money = [c for c in cells if not c.percent]
    role = "net_amount" if "net_amount" in found else "gross_amount"
    amount = found.get(role)
    if amount is None or len(money) < 3:
        return found
    quantity, price = found.get("quantity"), found.get("unit_price")
    if quantity and price and abs(abs(quantity.number * price.number) - abs(amount.number)) <= Decimal("0.05"):
        return found
    if quantity and (priced := _priced(quantity, price, amount, money)):
        return {**found, "unit_price": priced[0], role: priced[1]}
    for total in (amount, *[c for c in reversed(money) if c is not amount and c.decimals == 2]):
        for one in money:
            for other in money:
                if one.start >= other.start or total in (one, other) or other.decimals == 0:
                    continue
                if abs(abs(one.number * other.number) - abs(total.number)) <= Decimal("0.01") and one.number not in (
                    0,
                    1,
                ):
                    return {**found, "quantity": one, "unit_price": other, role: total}
    return found


def _text_between(line: Line, used: Sequence[Cell], low: float, high: float) -> str:
    """The words of a line from x ``low`` to ``high`` points that no used number covers."""
    spans = [(c.start, c.end) for c in used]
    parts = []
    for token, start in zip(line.tokens, line.starts, strict=True):
        middle = (token.box[0] + token.box[2]) / 2
        if low <= middle < high and not any(a < start + len(token.text) and start < b for a, b in spans):
            parts.append(token.text)
    return clean(" ".join(parts))


def _unit(line: Line, cells: dict[str, Cell], head: TableHead) -> tuple[str | None, tuple[int, int] | None]:
    """The unit: what stands under the unit's head, or behind the quantity."""
    column = next((c for c in head.columns if c.role == "unit"), None)
    if column:
        near = [
            (_distance(column, token.box), token.text, start)
            for token, start in zip(line.tokens, line.starts, strict=True)
            if _distance(column, token.box) < 14 and _UNIT.match(token.text)
        ]
        if near:
            _, text, start = min(near)
            return text, (start, start + len(text))
    quantity = cells.get("quantity")
    if quantity is None:
        return None, None
    behind = re.match(r"[\t\u2002 ]{1,3}(\S+)", line.text[quantity.end :])
    if not behind or not _UNIT.match(behind[1]):
        return None, None
    start = quantity.end + behind.start(1)
    x0 = line.box_of(start, start + 1)[0]
    text_column = next(
        (c for c in head.columns if c.role in ("description", "article") and c.box[0] > quantity.box[0]), None
    )
    if text_column and x0 > text_column.box[0] - 4:  # the description follows: what stands there is its first word
        return None, None
    return behind[1], (start, start + len(behind[1]))


def _is_end(line: Line, labels: Labels, cells: dict[str, Cell]) -> bool:
    if _SUMMARY.match(fold(line.text)):
        return True
    starts = {s.start for s in line.segments}
    for hit in labels.by_line.get(line.number, ()):
        if hit.start in starts and hit.names & set(_ENDS):
            text = line.text[hit.end :]
            if re.search(r"\d[.,]\s?\d\d(?!\d)", text) and "quantity" not in cells:
                return True
            if hit.names & {"payment_terms"} and not cells:
                return True
    return False


def _wrapped(line: Line, above: Line, low: float, high: float) -> str:
    """The part of a description that a following line holds; empty where it is something else."""
    if line.page != above.page or line.box[1] - above.box[3] > 0.8 * above.height:
        return ""
    text = _text_between(line, (), low, high)
    if not text or re.search(r"^\W*[^\W\d_][^:]{0,30}:|^\*|^-{3,}", text):
        return ""
    return text


def _lower_half(line: Line, following: Line, head: TableHead) -> dict[str, Cell]:
    """The amount of a row whose cells stand at different heights, from the line that overlaps it."""
    if following.page != line.page or following.middle - line.middle > 1.15 * line.height:
        return {}
    found = _assign(_cells(following), head)
    amounts = {role: cell for role, cell in found.items() if role in ("net_amount", "gross_amount", "tax_amount")}
    return (
        amounts if {"net_amount", "gross_amount"} & set(amounts) and not {"quantity", "unit_price"} & set(found) else {}
    )


def _numbered(layout: Layout, labels: Labels, head: TableHead, stop: int) -> Iterator[Cells]:
    """The lines under ``head`` that hold a price or an amount, up to the totals."""
    for line in layout.lines[head.last + 1 : stop]:
        cells = _cells(line)
        found = _repair(_assign(cells, head), cells)
        if _is_end(line, labels, found):
            return
        if {"unit_price", "net_amount", "gross_amount"} & set(found):
            used = [(c.start, c.end) for c in found.values()]
            unit = _unit(line, found, head)[1]
            yield Cells(line, tuple(used + ([unit] if unit else [])))


def _table(layout: Layout, labels: Labels, head: TableHead, stop: int) -> tuple[list[Row], set[int]]:
    rows: list[Row] = []
    touched: set[int] = set()
    low, high = description_range(head, list(_numbered(layout, labels, head, stop)))
    pending = ""
    last: Line | None = None
    skip = -1
    for number in range(head.last + 1, stop):
        line = layout.lines[number]
        if number == skip:
            continue
        cells = _cells(line)
        found = _repair(_assign(cells, head), cells)
        if len(found) >= 2 and not {"net_amount", "gross_amount"} & set(found) and number + 1 < stop:
            lower = _lower_half(line, layout.lines[number + 1], head)
            if lower:
                found, skip = {**lower, **found}, number + 1
                touched.add(skip)
        if _is_end(line, labels, found):
            break
        amount = found.get("net_amount") or found.get("gross_amount")
        others = [r for r in ("quantity", "unit_price", "tax_rate") if r in found]
        if (
            amount is not None
            and (others or amount.decimals == 2)
            and (len(found) > 1 or not head.has("quantity", "unit_price"))
        ):
            unit, unit_span = _unit(line, found, head)
            used = list(found.values())
            if unit_span:
                used.append(Cell(*unit_span, Decimal(0), 0, line.box))
            text = _text_between(line, used, low, high)
            if not text and "description" not in {c.role for c in head.columns}:
                text = _text_between(line, used, 0, high)
            description = text or pending
            boxes = [c.box for c in found.values()] + [
                line.box_of(s.start, s.end) for s in line.segments if s.box[0] < high
            ]
            counted = unit is not None or head.has("quantity")
            rows.append(Row(line, found, description, unit, union(boxes), counted))
            touched.add(number)
            pending, last = "", line
        elif rows and last is not None and (more := _wrapped(line, last, low, high)):
            rows[-1] = replace(rows[-1], description=f"{rows[-1].description} {more}".strip())
            touched.add(number)
            last = line
        else:
            last = None
            text = _text_between(line, (), low, high)
            if (text and not rows) or (text and not cells):
                pending = text
    return rows, touched


def find_line_items(layout: Layout, labels: Labels) -> Items:
    """The rows of all line item tables of the document."""
    heads = find_heads(layout)
    rows: list[Row] = []
    lines: set[int] = set()
    for index, head in enumerate(heads):
        stop = heads[index + 1].first if index + 1 < len(heads) else len(layout.lines)
        found, touched = _table(layout, labels, head, stop)
        rows += found
        lines |= touched
        if found:
            lines |= set(range(head.first, head.last + 1))
    return Items(tuple(rows), frozenset(lines))
