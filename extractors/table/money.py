"""What ties out: products within a row, sums over rows. Money chooses among readings; it never makes up a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product

from extractors.table.cells import Cell

_CENT = Decimal("0.011")
_MOST_READINGS = 4
_ROUNDED = 400  # a rounded price may make the product wrong by at most this part of the amount
AMOUNT_ROLES = ("net_amount", "gross_amount")


def product_fits(quantity: Decimal, price: Decimal, amount: Decimal, decimals: int = 2) -> bool:
    """Whether quantity times price is the amount, by absolute values; the price was rounded to ``decimals``."""
    slack = abs(quantity) * Decimal(5).scaleb(-max(2, decimals) - 1) + Decimal("0.006")
    return abs(abs(quantity * price) - abs(amount)) <= min(slack, max(_CENT, abs(amount) / _ROUNDED))


def row_fits(cells: Mapping[str, Cell], role: str) -> bool:
    """Whether quantity, price and the amount ``role`` of a row tie out, a discount taken off."""
    quantity, price, amount = cells.get("quantity"), cells.get("unit_price"), cells.get(role)
    if not (quantity and price and amount):
        return False
    q, p, a = quantity.number, price.number, amount.number
    if product_fits(q, p, a, price.decimals):
        return True
    discount = cells.get("discount")
    if discount:
        off = abs(discount.number)
        share = (100 - off) / 100
        return product_fits(q, p * share, a, 2) or (off > 0 and abs(abs(q * p) - off - abs(a)) <= _CENT)
    tax = cells.get("tax_rate")
    if role == "gross_amount" and tax:
        return product_fits(q, p * (100 + tax.number) / 100, a, 2)
    return False


def _ways(cell: Cell) -> Iterator[Cell]:
    """The cell as read, then with the other places of its decimal point."""
    yield cell
    for other in cell.others[: _MOST_READINGS - 1]:
        exponent = other.as_tuple().exponent
        yield replace(cell, number=other, decimals=-exponent if isinstance(exponent, int) and exponent < 0 else 0)


def settle(cells: dict[str, Cell], role: str) -> dict[str, Cell]:
    """The cells with the readings that tie out, as few changed as possible; as they are where none do."""
    if role not in cells or "quantity" not in cells or "unit_price" not in cells or row_fits(cells, role):
        return cells
    names = ("quantity", "unit_price", role)
    ways = [list(enumerate(_ways(cells[name]))) for name in names]

    def cost(choice: tuple[tuple[int, Cell], ...]) -> tuple[int, int]:
        """A point is sooner lost than made up: cents that were read weigh more than none."""
        changed = [(i, cells[name]) for name, (i, _) in zip(names, choice, strict=True) if i]
        return sum(3 if cell.decimals == 2 else 1 for _, cell in changed), sum(i for i, _ in changed)

    for choice in sorted(product(*ways), key=cost):
        other = {**cells, **dict(zip(names, (cell for _, cell in choice), strict=True))}
        if other["quantity"].number and other["unit_price"].number and row_fits(other, role):
            return other
    return cells


def other_choice(found: dict[str, Cell], cells: Sequence[Cell], role: str) -> dict[str, Cell]:
    """Another choice of the row's numbers for quantity, price and amount, if only that one ties out."""
    if role not in found or row_fits(found, role):
        return found
    money = [c for c in cells if not c.percent]
    quantity, price, amount = found.get("quantity"), found.get("unit_price"), found[role]
    if quantity is not None:
        between = [price] if price else [c for c in money if quantity.start < c.start < amount.start]
        for one in between:
            other = settle({**found, "unit_price": one}, role)
            if other["unit_price"].decimals and row_fits(other, role):
                return other
    if len(money) < 3 or "discount" in found:
        return found
    for total in (amount, *[c for c in reversed(money) if c is not amount and c.decimals == 2]):
        for first, one in enumerate(money):
            for two in money[first + 1 :]:
                if total is one or total is two or not two.decimals or one.number in (0, 1):
                    continue
                if product_fits(one.number, two.number, total.number, 2):
                    return {**found, "quantity": one, "unit_price": two, role: total}
    return found


def ties(total: Decimal, amounts: Sequence[Decimal]) -> bool:
    """Whether the amounts make the total, by absolute values; a cent may be lost for every row."""
    return abs(abs(sum(amounts, Decimal(0))) - abs(total)) <= Decimal("0.005") * len(amounts) + _CENT
