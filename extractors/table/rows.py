"""Which lines under a head make one row: by the numbers they hold and by how closely they follow one another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from statistics import median

from extractors.invoice.totals import RATES
from extractors.page.labels import Labels
from extractors.page.layout import Layout, Line, overlap, union
from extractors.page.text import clean, fold
from extractors.table.cells import REACH, Cell, assign, cells_of, distance, lone_digit
from extractors.table.columns import AMOUNTS, TableHead
from extractors.table.descriptions import Cells, description_range
from extractors.table.money import AMOUNT_ROLES, other_choice, row_fits, settle
from models.records import Box

_UNIT = re.compile(r"^(?:[A-Za-zÀ-ž]{1,10}\.?(?:\(\w\))?|[mk]?m[²³23]|[A-Za-zÀ-ž]{1,6}/[A-Za-zÀ-ž]{1,6})$")
_GLUED_UNIT = re.compile(r"(?:[A-Za-zÀ-ž]{1,6}|m[²³])\.?(?![\w.,/-])")
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
_SAME_LINE = 0.5  # of a line's height: lines this close hold words of one line that reading tore apart
_FAR_BELOW = 7.0  # heights: further below, a line is no row unless it ties out
_SAME_ROW = 1.3  # of a line's height: cells of one row may stand this much lower than the first
_ENOUGH = 16  # rows show where descriptions start
_UNDER = 25.0  # points: a number that far from a head belongs to a line of its own


@dataclass(frozen=True)
class Row:
    """A row with its numbers by column role, its description and unit; ``counted`` if it should have a quantity.

    ``rate`` is its tax rate in percent where the row prints none but the tax summary leaves no other.
    """

    lines: tuple[Line, ...]
    cells: dict[str, Cell]
    description: str
    unit: str | None
    box: Box
    counted: bool = False
    rate: Decimal | None = None

    @property
    def line(self) -> Line:
        """The line that the row starts with."""
        return self.lines[0]

    @property
    def amount(self) -> Decimal | None:
        """The net amount, or the gross one where no other is printed."""
        cell = self.cells.get("net_amount") or self.cells.get("gross_amount")
        return cell.number if cell else None


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
        if hit.start in starts and hit.names & _ENDS and hit.box[2] > left:
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


def _aligned(band: Band, head: TableHead) -> bool:
    return all(
        any(column.role == role and distance(column, cell.box) <= _UNDER for column in head.columns)
        for role, cell in band.cells.items()
    )


def _joins(above: Band, band: Band, head: TableHead) -> bool:
    """Whether two lines are one row: their numbers complete one another and they stand at about one height."""
    last, line = above.lines[-1], band.first
    if line.page != last.page:
        return False
    height = max(last.height, line.height)
    if min(abs(level(line) - level(one)) for one in above.lines) < _SAME_LINE * height:
        return not set(above.cells) & set(band.cells)
    if not above.cells or not band.cells or set(above.cells) & set(band.cells):
        return False
    if level(line) - level(above.first) > _SAME_ROW * height or not _aligned(band, head):
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
            distance(c, found["quantity"].box) <= _UNDER for c in head.columns if c.role == "quantity"
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


def _spans(band: Band, line: Line) -> list[tuple[int, int]]:
    return [(c.start, c.end) for c in band.cells.values() if c.line is line]


def text_between(line: Line, used: Sequence[tuple[int, int]], low: float, high: float) -> str:
    """The words of a line from x ``low`` to ``high`` points that no used number covers."""
    parts = []
    for token, start in zip(line.tokens, line.starts, strict=True):
        end = start + len(token.text)
        if low <= token.centre < high and not any(a < end and start < b for a, b in used):
            parts.append(token.text)
    return clean(" ".join(parts))


def _unit(band: Band, head: TableHead) -> tuple[str | None, Line | None, tuple[int, int]]:
    """The unit, its line and place: what stands under the unit's head, or behind the quantity."""
    column = next((c for c in head.columns if c.role == "unit"), None)
    if column:
        near = [
            (distance(column, token.box), number, token.text, start)
            for number, line in enumerate(band.lines)
            for token, start in zip(line.tokens, line.starts, strict=True)
            if distance(column, token.box) < 14 and _UNIT.match(token.text)
        ]
        if near:
            _, number, text, start = min(near)
            return text, band.lines[number], (start, start + len(text))
    quantity = band.cells.get("quantity")
    if quantity is None:
        return None, None, (0, 0)
    rest = quantity.line.text[quantity.end :]
    if glued := _GLUED_UNIT.match(rest):
        return glued[0], quantity.line, (quantity.end, quantity.end + len(glued[0]))
    behind = re.match(r"[\t\u2002 ]{1,3}(\S+)", rest)
    if not behind or not _UNIT.match(behind[1]):
        return None, None, (0, 0)
    start = quantity.end + behind.start(1)
    x0 = quantity.line.box_of(start, start + 1)[0]
    text_column = next(
        (c for c in head.columns if c.role in ("description", "article") and c.box[0] > quantity.box[0]), None
    )
    if text_column and x0 > text_column.box[0] - 6:  # the description follows: what stands there is its first word
        return None, None, (0, 0)
    return behind[1], quantity.line, (start, start + len(behind[1]))


@dataclass
class _Draft:
    """A row while its description is being put together: parts from above, of its own lines and from below."""

    band: Band
    unit: str | None
    own: str
    above: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)

    def finished(self, head: TableHead, high: float) -> Row:
        cells = self.band.cells
        boxes = [c.box for c in cells.values()] + [
            one.box_of(s.start, s.end) for one in self.band.lines for s in one.segments if s.box[0] < high
        ]
        text = " ".join(part for part in (*self.above, self.own, *self.below) if part)
        counted = self.unit is not None or head.has("quantity")
        return Row(tuple(self.band.lines), cells, clean(text), self.unit, union(boxes), counted)


def _own_text(band: Band, unit: tuple[str | None, Line | None, tuple[int, int]], low: float, high: float) -> str:
    """The words of the row's own lines in the column of descriptions, torn lines put together again."""
    rows: list[tuple[float, list[tuple[float, str]]]] = []
    for line in band.lines:
        used = _spans(band, line) + ([unit[2]] if unit[1] is line else [])
        words = []
        for token, start in zip(line.tokens, line.starts, strict=True):
            end = start + len(token.text)
            if low <= token.centre < high and not any(a < end and start < b for a, b in used):
                words.append((token.box[0], token.text))
        home = next((row for at, row in rows if abs(at - level(line)) < _SAME_LINE * line.height), None)
        if home is None:
            rows.append((level(line), words))
        else:
            home += words
    return clean(" ".join(text for _, row in rows for _, text in sorted(row, key=lambda w: w[0])))


_LABELLED = re.compile(r"^\W*[^\W\d_][^:]{0,30}:|^\*|^-{3,}")
_BULLET = re.compile(r"^[-–•·*] ?\w")


def _gap(upper: Line, lower: Line) -> float:
    """White space between two lines, in heights of the upper one; much where a page ends between them."""
    return 99.0 if upper.page != lower.page else (lower.box[1] - upper.box[3]) / max(1.0, upper.height)


def _share_out(texts: list[tuple[Line, str]], above: _Draft | None, below: _Draft | None) -> None:
    """Give lines of text between two rows to the one above or below.

    To the one above as long as they follow closely; to the one below if it has no words of its own and they stand
    right on top of it.
    """
    rest = list(texts)
    if above is not None:
        last = above.band.lines[-1]
        leading: float | None = None
        while rest:
            line, text = rest[0]
            gap = _gap(last, line)
            if sum(bool(_BULLET.match(one)) for _, one in rest) > 1 and _BULLET.match(text):
                break  # a list of details
            labelled = bool(_LABELLED.match(text))
            if gap > 0.8 or (labelled and (leading is None or gap > leading + 0.25 or not _runs_on(above))):
                break
            if below is not None and not below.own and len(rest) == 1 and _gap(line, below.band.first) < gap - 0.2:
                break
            above.below.append(text)
            leading = gap if leading is None else min(leading, gap)
            last = line
            rest.pop(0)
        if rest and rest[0][0].page == last.page + 1 and last is above.band.lines[-1] and not above.below:
            _overleaf(rest, above)
    if below is not None and not below.own and rest:
        taken: list[str] = []
        lower = below.band.first
        for line, text in reversed(rest):
            if _gap(line, lower) > (0.8 if taken else 1.5):
                break
            taken.insert(0, text)
            lower = line
        below.above += taken


def _runs_on(draft: _Draft) -> bool:
    """Whether the text so far breaks off: at a hyphen, or within ``label: value`` pairs that are all there is."""
    text = draft.below[-1] if draft.below else draft.own
    return text.endswith(("-", ",")) or bool(_LABELLED.match(draft.own + " "))


def _overleaf(rest: list[tuple[Line, str]], above: _Draft) -> None:
    """The rest of a description that a page's end cut: lines at the top of the next page, at the same left edge."""
    if not above.own.endswith("-"):
        return
    last: Line | None = None
    while rest and (last is None or _gap(last, rest[0][0]) <= 0.8):
        last, text = rest.pop(0)
        above.below.append(text)


def rows_of(bands: Sequence[Band], head: TableHead, left: float = 0.0) -> tuple[list[Row], list[Row]]:
    """The rows, with their descriptions, and what may be rows: lines with words and an amount alone (a discount).

    ``left`` is the left edge of the table in points.
    """
    low, high = description_range(head, list(_with_numbers(bands, head))[:_ENOUGH])
    low = max(low, left)
    named = any(c.role == "description" for c in head.columns)
    drafts: list[_Draft] = []
    texts: list[tuple[Line, str]] = []
    others: list[_Draft] = []
    for band in bands:
        if not is_row(band, head) or (drafts and _astray(band, [draft.band for draft in drafts], head)):
            amount = band.cells.get("net_amount") or band.cells.get("gross_amount")
            text = text_between(band.first, _spans(band, band.first) if amount else (), low, high)
            if text and drafts and amount and amount.decimals == 2 and _aligned(band, head):
                others.append(_Draft(band, None, text))
            elif text:
                texts.append((band.first, text))
            continue
        unit = _unit(band, head)
        own = _own_text(band, unit, low, high)
        if not own and not named:
            own = _own_text(band, unit, left, high)
        draft = _Draft(band, unit[0], own)
        _share_out(texts, drafts[-1] if drafts else None, draft)
        drafts.append(draft)
        texts = []
    if drafts:
        _share_out(texts, drafts[-1], None)
    return [draft.finished(head, high) for draft in drafts], [draft.finished(head, high) for draft in others]


def _astray(band: Band, rows: Sequence[Band], head: TableHead) -> bool:
    """Whether numbers stand far below the last row or beside the columns and tie out with nothing: a page's foot."""
    if any(row_fits(band.cells, role) for role in AMOUNT_ROLES):
        return False
    last = rows[-1]
    if len(band.cells) >= 3 and _aligned(band, head):
        return False
    if last.first.page == band.first.page:
        pitch = max(
            (b.first.box[1] - a.first.box[1] for a, b in pairwise(rows) if a.first.page == b.first.page), default=0
        )
        if band.first.box[1] - last.lines[-1].box[3] > max(_FAR_BELOW * last.first.height, 3 * pitch):
            return True
    amount = [column for column in head.columns if column.role in AMOUNT_ROLES]
    cells = [band.cells[column.role] for column in amount if column.role in band.cells]
    return bool(cells) and not any(distance(column, cell.box) <= _UNDER for column in amount for cell in cells)


def _with_numbers(bands: Sequence[Band], head: TableHead) -> Iterator[Cells]:
    for band in bands:
        if is_row(band, head):
            unit = _unit(band, head)
            used = _spans(band, band.first) + ([unit[2]] if unit[1] is band.first else [])
            yield Cells(band.first, tuple(used))
