"""A quantity that was not read, from price and amount: engines lose a digit that stands alone."""

from __future__ import annotations

from decimal import Decimal

from extractors.invoice.totals import RATES

_MOST_DECIMALS = 3
_CENT = Decimal("0.01")
_CENTS_A_STEP = 10
"""A step of the quantity must be worth this many cents: below, nearly every amount would give some number."""


def quantity_of(price: Decimal, amount: Decimal) -> Decimal | None:
    """The quantity with ``quantity * price = amount``, a whole number if one fits, else with up to 3 decimals.

    The product may be off by half a cent, or by half a cent for each piece (the price was rounded). None where no
    such number stands out, or where it is a tax rate, or 1 and a tax rate: that is the tax, or the price with tax.
    """
    if not price or not amount:
        return None
    for decimals in range(_MOST_DECIMALS + 1):
        step = Decimal(1).scaleb(-decimals)
        worth = abs(price) * step
        if worth < _CENTS_A_STEP * _CENT:
            return None
        quantity = (amount / price).quantize(step)
        slack = min(_CENT / 2 * max(Decimal(1), abs(quantity)), worth / _CENTS_A_STEP)
        if quantity and abs(quantity * price - amount) <= slack:
            return None if {quantity, quantity - 1} & set(RATES) else quantity
    return None
