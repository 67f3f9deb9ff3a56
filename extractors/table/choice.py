"""Which lines count as rows: chosen by the sums that are printed below the table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from extractors.page.layout import Layout
from extractors.page.text import fold
from extractors.table.money import AMOUNT_ROLES, row_fits, ties
from extractors.table.rows import Row
from extractors.values.amounts import find_amounts
from extractors.values.currencies import currency_code

_LETTERS = 2
_TAXES = r"\b(?:ust|mwst|umsatzsteuer|mehrwertsteuer|dph|vat|tva|sazba)\b"
_TAX = re.compile(rf"\d ?%.*{_TAXES}|{_TAXES}.*\d ?%")
_MOST_CUT = 4
_REACH = 45  # lines behind the last row in which its sum is looked for


def _printed(layout: Layout, behind: int) -> set[Decimal]:
    """The amounts with cents on the lines after line ``behind``, without signs."""
    return {
        abs(amount.value)
        for line in layout.lines[behind + 1 : behind + 1 + _REACH]
        for amount in find_amounts(line.text)
        if amount.decimals == 2
    }


def summed(rows: Sequence[Row], layout: Layout) -> bool:
    """Whether the amounts of the rows add up to one that is printed below them."""
    amounts = [row.amount for row in rows if row.amount is not None]
    if not rows or not amounts or not any(amounts):
        return False
    printed = _printed(layout, rows[-1].lines[-1].number)
    return any(ties(total, amounts) for total in printed)


def _words(row: Row) -> bool:
    words = [w for w in row.description.split() if sum(c.isalpha() for c in w) >= _LETTERS]
    return any(currency_code(w) is None for w in words)


def _is_tax(row: Row) -> bool:
    """Whether the row states a tax and nothing else."""
    return _bare(row) and bool(_TAX.search(fold(row.description)))


def _bare(row: Row) -> bool:
    return not {"quantity", "unit_price"} & set(row.cells)


def _without_subtotals(rows: Sequence[Row]) -> list[Row]:
    """The rows without those that only say what the ones before add up to, or have neither words nor a quantity."""
    kept: list[Row] = []
    worded = any(_words(row) for row in rows)
    for row in rows:
        before = [r.amount for r in kept if r.amount is not None]
        if _bare(row) and len(before) >= 2 and row.amount and ties(row.amount, before):
            continue
        if (worded and not _words(row) and _bare(row)) or (kept and _is_tax(row)):
            continue
        kept.append(row)
    return kept


def choose(rows: Sequence[Row], others: Sequence[Row], layout: Layout) -> list[Row]:
    """The rows whose amounts make a printed sum: as found, or with discounts and surcharges, or without the last ones.

    Where nothing ties out, the rows as found.

    Args:
        rows: what looks like rows, from the top of the document to its end.
        others: lines with words and an amount alone that may be rows.
        layout: the document's lines.
    """
    kept = _without_subtotals(rows)
    if not kept:
        return kept
    last = max((i for i, row in enumerate(kept) if _words(row)), default=len(kept) - 1)
    if summed(kept[: last + 1], layout):  # a tax table below has rows too, and no words
        kept = kept[: last + 1]
    valued = [row for row in kept if row.amount is not None]
    if summed(valued, layout):
        return valued
    others = [row for row in others if not _is_tax(row)]
    if others:
        last = kept[-1].lines[-1].number
        for more in (others, [o for o in others if o.line.number < last]):
            together = sorted([*kept, *more], key=lambda r: r.line.number)
            if more and summed(together, layout):
                return together
    for cut in range(1, min(_MOST_CUT, len(kept) - 1) + 1):
        if any(row_fits(kept[-cut].cells, role) for role in AMOUNT_ROLES):
            break
        if summed(kept[:-cut], layout):
            return kept[:-cut]
    bare = [row for row in kept if not _bare(row)]
    if len(kept) > len(bare) > 0 and summed(bare, layout):
        return bare
    return kept
