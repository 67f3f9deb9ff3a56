"""The lines under a head with their numbers, and which of them stand at one height and make one row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from extractors.invoice.totals import RATES
from extractors.page.labels import Labels
from extractors.page.layout import Layout, Line, overlap
from extractors.page.text import fold
from extractors.table.cells import REACH, Cell, assign, cells_of, distance, lone_digit
from extractors.table.columns import AMOUNTS, TableHead
from extractors.table.money import AMOUNT_ROLES, other_choice, row_fits, settle

_SUMMARY = re.compile(
    r"(?:rekapitulace|soupis dph|vat (?:summary|analysis|breakdown)|tax summary|steueraufsch|umsatzsteueraufsch|"
    r"steuerubersicht|mwst\.?-?ubersicht|recapitulatif)"
)
_CARRIED = re.compile(
    r"(?:zu )?ubertrag|zwischensumme (?:seite|ubertrag)|(?:sub-?total )?(?:carried|brought) (?:forward|over|down)|"
    r"prenes|prevod|z predchozi strany|a? ?report(?:er)?\b|total reporte"
)
_ENDS = frozenset((
    "net_total", "tax_total", "gross_total", "amount_due", "x:tax_base", "x:prepaid", "payment_terms", "x:rounding",
))  # fmt: skip
_STATED = re.compile(r"(?:[A-Z]{2} |\d{1,2}(?:[.,]\d{1,3})? ?% ?)?")
"""What may stand before "VAT": whose it is, or its rate."""
_AMOUNT = re.compile(
    r"[\s:]*(?:\(?(?:@ ?)?\d{1,2}(?:[.,]\d{1,3})? ?%\)?[\s:]*)?[-–(]?(?:[€$£]|[A-Z]{3})? ?[-–]?"
    r"\d[\d .,'’\u00a0\u202f]*[.,]\d\d(?!\d)"
)
"""Right behind a label: an amount, with its tax rate before it or not."""
SAME_LINE = 0.5
"""Of a line's height: lines this close hold words of one line that reading tore apart."""
UNDER = 25.0
"""Points: a number that far from a head belongs to a line of its own."""
_SAME_ROW = 1.3  # of a line's height: cells of one row may stand this much lower than the first


def level(line: Line) -> float:
    """Height of the line's middle on the page in points, whatever tall sign stands in its margin."""
    return median(token.middle for token in line.tokens)


@dataclass
class Band:
    """Lines that make one row, and its numbers by role."""

    lines: list[Line]
    cells: dict[str, Cell]
    numbers: list[Cell] = field(default_factory=list)

    @property
    def first(self) -> Line:
        """The line that the row starts with."""
        return self.lines[0]


def _is_end(line: Line, labels: Labels, cells: dict[str, Cell], left: float) -> bool:
    if _SUMMARY.match(fold(line.text)):
        return True
    starts = {s.start for s in line.segments}
    for hit in labels.by_line.get(line.number, ()):
        if not hit.names & _ENDS or hit.box[2] <= left:
            continue
        if _STATED.fullmatch(line.text[: hit.start]) and _AMOUNT.match(line.text, hit.end):
            return True  # a box of totals at the left, whatever stands right of it
        if hit.start in starts:
            text = line.text[hit.end :]
            if re.search(r"\d[.,]\s?\d\d(?!\d)", text) and "quantity" not in cells:
                return True
            if hit.names & {"payment_terms"} and not cells:
                return True
    return False


def ends_table(line: Line, labels: Labels) -> bool:
    """Whether the line is one of totals or payment terms, wherever the table stands."""
    return _is_end(line, labels, {}, 0.0)


def is_carried(line: Line) -> bool:
    """Whether the line carries a sum over from one page to the next."""
    return any(_CARRIED.match(fold(segment.text)) for segment in line.segments)


def left_edge(numbered: Sequence[tuple[Line, list[Cell]]], head: TableHead) -> float:
    """Where the table starts, in points: what stands left of its first column in most rows is another column's text.

    0 where the rows do not stand under the first head: descriptions often start left of a head in their middle.
    """
    first = head.columns[0].box
    rows = [line for line, cells in numbered[:40] if len(cells) > 1 and len(assign(cells, head.columns)) >= 2]
    under = [min((s.box[0] for s in line.segments if overlap(s.box, first) > 0), default=None) for line in rows]
    starts = [x for x in under if x is not None]
    return min(*starts, first[0]) - 2 if starts and len(starts) >= 0.6 * len(rows) else 0.0


def body(layout: Layout, labels: Labels, head: TableHead, stop: int) -> tuple[list[Band], float]:
    """The lines under ``head`` up to the totals, each with its numbers by role, and the left edge of the table.

    Lines that carry sums over to the next page are left out.
    """
    numbered = [(line, cells_of(line)) for line in layout.lines[head.last + 1 : stop]]
    left = left_edge(numbered, head)
    bands = []
    quantity = next((c for c in head.columns if c.role == "quantity"), None)
    for line, cells in numbered:
        numbers = [cell for cell in cells if cell.box[2] > left]
        found = assign(numbers, head.columns)
        if _is_end(line, labels, found, left):
            break
        if is_carried(line):
            continue
        if quantity and "quantity" not in found and len(found) >= 2 and (lone := lone_digit(line, quantity)):
            found["quantity"] = lone
            numbers.append(lone)
        bands.append(Band([line], found, numbers))
    return bands, left


def aligned(band: Band, head: TableHead) -> bool:
    """Whether every number of the band stands under its head."""
    return all(
        any(column.role == role and distance(column, cell.box) <= UNDER for column in head.columns)
        for role, cell in band.cells.items()
    )


def _joins(above: Band, band: Band, head: TableHead) -> bool:
    """Whether two lines are one row: their numbers complete one another and they stand at about one height."""
    last, line = above.lines[-1], band.first
    if line.page != last.page:
        return False
    height = max(last.height, line.height)
    if min(abs(level(line) - level(one)) for one in above.lines) < SAME_LINE * height:
        return not set(above.cells) & set(band.cells)
    if not above.cells or not band.cells or set(above.cells) & set(band.cells):
        return False
    if level(line) - level(above.first) > _SAME_ROW * height or not aligned(band, head):
        return False
    lower = set(AMOUNT_ROLES) & set(band.cells) and not set(AMOUNT_ROLES) & set(above.cells)
    upper = "quantity" in band.cells and set(AMOUNTS) & set(above.cells) and "quantity" not in above.cells
    return bool((lower and len(above.cells) >= 2) or upper)


def joined(bands: Sequence[Band], head: TableHead) -> list[Band]:
    """The bands with lines joined that are one row."""
    found: list[Band] = []
    for band in bands:
        if found and _joins(found[-1], band, head):
            above = found[-1]
            found[-1] = Band([*above.lines, *band.lines], {**above.cells, **band.cells}, above.numbers + band.numbers)
        else:
            found.append(band)
    return found


def reassigned(bands: Sequence[Band], head: TableHead) -> list[Band]:
    """The bands with their numbers given to the columns of ``head``; a lone sign taken for a digit stays one."""
    found = []
    for band in bands:
        cells = assign(band.numbers, head.columns)
        found.append(Band(band.lines, cells, band.numbers))
    return found


def is_row(band: Band, head: TableHead) -> bool:
    """Whether the numbers make a row: an amount with others, or, where no prices are printed, a quantity."""
    found = band.cells
    if not head.has(*AMOUNTS):
        return "quantity" in found and any(
            distance(c, found["quantity"].box) <= UNDER for c in head.columns if c.role == "quantity"
        )
    amount = found.get("net_amount") or found.get("gross_amount")
    if amount is None:
        whole = head.has(*AMOUNT_ROLES)
        return "unit_price" in found and "quantity" in found and (not whole or found["unit_price"].decimals == 2)
    others = any(role in found for role in ("quantity", "unit_price", "tax_rate"))
    return (others or amount.decimals == 2) and (len(found) > 1 or not head.has("quantity", "unit_price"))


def _is_rate(cells: dict[str, Cell], role: str, head: TableHead) -> bool:
    """Whether what stands for the quantity is a tax rate: it does not tie out, and the rate's column is near."""
    if "tax_rate" in cells or not {"quantity", "unit_price", role} <= set(cells) or row_fits(cells, role):
        return False
    quantity = cells["quantity"]
    near = any(c.role == "tax_rate" and distance(c, quantity.box) <= REACH for c in head.columns)
    return near and quantity.number / 100 in RATES


def settled(band: Band, head: TableHead) -> Band:
    """The band with the numbers that tie out, where there is a choice."""
    role = "net_amount" if "net_amount" in band.cells else "gross_amount"
    cells = other_choice(settle(band.cells, role), band.numbers, role)
    if _is_rate(cells, role, head):  # its percent sign was lost
        rate = cells["quantity"]
        cells = {name: cell for name, cell in cells.items() if name != "quantity"} | {"tax_rate": rate}
    return Band(band.lines, cells, band.numbers)
