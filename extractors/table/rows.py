"""Rows with their descriptions: lines of words between two rows go to the one above or below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise

from extractors.page.layout import Line, union
from extractors.page.text import clean
from extractors.table.bands import SAME_LINE, UNDER, Band, aligned, is_row, level
from extractors.table.cells import Cell, distance
from extractors.table.columns import AMOUNTS, TableHead
from extractors.table.descriptions import Cells, description_range
from extractors.table.money import AMOUNT_ROLES, row_fits
from extractors.values.dates import find_dates
from models.records import Box

_UNIT = re.compile(r"^(?:[A-Za-zÀ-ž]{1,10}\.?(?:\(\w\))?|[mk]?m[²³23]|[A-Za-zÀ-ž]{1,6}/[A-Za-zÀ-ž]{1,6})$")
_GLUED_UNIT = re.compile(r"(?:[A-Za-zÀ-ž]{1,6}|m[²³])\.?(?![\w.,/-])")
_FAR_BELOW = 7.0  # heights: further below, a line is no row unless it ties out
_WORDS = re.compile(r"[^\W\d_]{3,}")
_UNDER_UNIT = 14.0  # points between a unit and its head
_SHORT_UNIT = 5  # letters of a unit that no other row has
_LEADING = 0.8  # of the rows must have their words above, for all to have them there
_ENOUGH = 16  # rows show where descriptions start
_SMALL = 0.93  # of a row's height: what is printed smaller is a remark below it


@dataclass(frozen=True)
class Row:
    """A row with its numbers by column role, its description and unit; ``counted`` if it should have a quantity.

    ``rate`` is its tax rate in percent where the row prints none but the tax summary leaves no other. How it came
    about: ``head`` is that of its table, ``joined`` are the lines above and below whose words are in the description,
    ``left`` is the first line of words below that was left out, ``loose`` counts the numbers on its lines that no
    column took.
    """

    lines: tuple[Line, ...]
    cells: dict[str, Cell]
    description: str
    unit: str | None
    box: Box
    counted: bool = False
    rate: Decimal | None = None
    head: TableHead | None = None
    joined: tuple[Line, ...] = ()
    left: Line | None = None
    loose: int = 0

    @property
    def line(self) -> Line:
        """The line that the row starts with."""
        return self.lines[0]

    @property
    def amount(self) -> Decimal | None:
        """The net amount, or the gross one where no other is printed."""
        cell = self.cells.get("net_amount") or self.cells.get("gross_amount")
        return cell.number if cell else None


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
    behind = re.match(r"\)?[\t\u2002 ]{1,3}(\S+)", rest)
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
    joined: list[Line] = field(default_factory=list)
    left: Line | None = None

    def finished(self, head: TableHead, high: float) -> Row:
        cells = self.band.cells
        boxes = [c.box for c in cells.values()] + [
            one.box_of(s.start, s.end) for one in self.band.lines for s in one.segments if s.box[0] < high
        ]
        text = " ".join(part for part in (*self.above, self.own, *self.below) if part)
        counted = self.unit is not None or head.has("quantity")
        loose = len({cell.start for cell in self.band.numbers} - {cell.start for cell in cells.values()})
        return Row(tuple(self.band.lines), cells, clean(text), self.unit, union(boxes), counted,
                   head=head, joined=tuple(self.joined), left=self.left, loose=loose)  # fmt: skip


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
        home = next((row for at, row in rows if abs(at - level(line)) < SAME_LINE * line.height), None)
        if home is None:
            rows.append((level(line), words))
        else:
            home += words
    return clean(" ".join(text for _, row in rows for _, text in sorted(row, key=lambda w: w[0])))


_LABELLED = re.compile(r"^\W*[^\W\d_][^:]{0,30}:|^\*|^-{3,}|^[^\W\d_][\w./ ]{1,24}[ .]\d{4,}$")
_BULLET = re.compile(r"^[-–•·*] ?\w")


def _gap(upper: Line, lower: Line) -> float:
    """White space between two lines, in heights of the upper one; much where a page ends between them."""
    return 99.0 if upper.page != lower.page else (lower.box[1] - upper.box[3]) / max(1.0, upper.height)


def _share_out(texts: list[tuple[Line, str]], above: _Draft | None, below: _Draft | None, small: float) -> None:
    """Give lines of text between two rows to the one above or below.

    To the one above as long as they follow closely in letters no smaller than ``small`` times its own; to the one below
    if it has no words of its own and they stand right on top of it.
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
            if above.own and line.height < small * above.band.first.height:
                break
            labelled = bool(_LABELLED.match(text))
            if gap > 0.8 or (labelled and (leading is None or gap > leading + 0.25 or not _runs_on(above))):
                break
            if below is not None and not below.own and len(rest) == 1 and _gap(line, below.band.first) < gap - 0.2:
                break
            above.below.append(text)
            above.joined.append(line)
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
            below.joined.append(line)
            lower = line
        below.above += taken
        rest = rest[: len(rest) - len(taken)]
    if above is not None and rest:
        above.left = rest[0][0]


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
        above.joined.append(last)


def without_days(rows: list[Row]) -> list[Row]:
    """The rows without the days that most descriptions begin with: a column of its own, of when something was done."""
    cut = []
    for row in rows:
        start, end, _ = next(find_dates(row.description), (1, 0, None))
        cut.append(row.description[end:].lstrip(" .,:-–") if start == 0 else "")
    if 2 * sum(map(bool, cut)) <= len(rows):
        return rows
    return [replace(row, description=text) if text else row for row, text in zip(rows, cut, strict=True)]


def _samples(bands: Sequence[Band], head: TableHead) -> list[Cells]:
    """Lines that show where descriptions stand: those of the rows, or where they have numbers only, the others."""
    rows = list(_with_numbers(bands, head))
    if any(_WORDS.search(token.text) for row in rows for token in row.tokens(0.0, float("inf"))):
        return rows
    return [Cells(band.first, ()) for band in bands if not is_row(band, head)] or rows


def _counts_lost(bands: Sequence[Band], head: TableHead, low: float, high: float) -> set[int]:
    """Lines of a table without prices whose count was not read: words, and a unit that rows have, under its head."""
    unit = next((column for column in head.columns if column.role == "unit"), None)
    if unit is None or head.has(*AMOUNTS):
        return set()
    known = {text for band in bands if is_row(band, head) and (text := _unit(band, head)[0])}
    found = set()
    for band in bands:
        under = [t.text for t in band.first.tokens if distance(unit, t.box) < _UNDER_UNIT and _UNIT.match(t.text)]
        if not is_row(band, head) and len(under) == 1 and text_between(band.first, (), low, high) and known:
            alike = under[0] in known or len(under[0]) <= _SHORT_UNIT
            if alike and len(band.first.segments) > 1:
                found.add(id(band))
    return found


def _leads(drafts: Sequence[_Draft], gaps: Sequence[list[tuple[Line, str]]]) -> bool:
    """Whether the words of every row stand on a line of their own above its numbers."""
    alone = sum(not draft.own and bool(texts) for draft, texts in zip(drafts, gaps, strict=True))
    return bool(gaps[0]) and not drafts[0].own and alone >= _LEADING * len(drafts)


def _end_of(line: Line, low: float, high: float) -> float:
    """How far the words of a line without numbers reach: it may run on under the heads of other columns."""
    for segment in line.segments:
        if low <= segment.box[0] < high < segment.box[2]:
            return segment.box[2]
    return high


def rows_of(
    bands: Sequence[Band], head: TableHead, left: float = 0.0, *, ocr: bool = False
) -> tuple[list[Row], list[Row]]:
    """The rows, with their descriptions, and what may be rows: lines with words and an amount alone (a discount).

    ``left`` is the left edge of the table in points, ``ocr`` whether the lines were read from a picture.
    """
    low, high = description_range(head, _samples(bands, head)[:_ENOUGH])
    low = max(low, left)
    named = any(c.role == "description" for c in head.columns)
    drafts: list[_Draft] = []
    texts: list[tuple[Line, str]] = []
    gaps: list[list[tuple[Line, str]]] = []
    others: list[_Draft] = []
    counted = _counts_lost(bands, head, low, high)
    for band in bands:
        lost = id(band) in counted
        if (not lost and not is_row(band, head)) or (drafts and _astray(band, [draft.band for draft in drafts], head)):
            amount = band.cells.get("net_amount") or band.cells.get("gross_amount")
            end = high if amount else _end_of(band.first, low, high)
            text = text_between(band.first, _spans(band, band.first) if amount else (), low, end)
            if text and drafts and amount and amount.decimals == 2 and aligned(band, head):
                others.append(_Draft(band, None, text))
            elif text:
                texts.append((band.first, text))
            continue
        unit = _unit(band, head)
        own = _own_text(band, unit, low, high)
        if lost and unit[0] is None:
            continue
        if drafts and not own and unit[0] is None and not head.has(*AMOUNTS) and drafts[-1].own:
            continue  # a number under the counts, and no word of what is counted: the foot of the page
        if not own and not named:
            own = _own_text(band, unit, left, high)
        draft = _Draft(band, unit[0], own)
        gaps.append(texts)
        drafts.append(draft)
        texts = []
    if drafts:
        leads, small = _leads(drafts, gaps), 0.0 if ocr else _SMALL  # OCR's heights are those of the ink
        for draft, above, before in zip(drafts, [None, *drafts], gaps, strict=False):
            _share_out(before, None if leads else above, draft, small)
        _share_out(texts, drafts[-1], None, small)
    return [draft.finished(head, high) for draft in drafts], [draft.finished(head, high) for draft in others]


def _astray(band: Band, rows: Sequence[Band], head: TableHead) -> bool:
    """Whether numbers stand far below the last row or beside the columns and tie out with nothing: a page's foot."""
    if any(row_fits(band.cells, role) for role in AMOUNT_ROLES):
        return False
    last = rows[-1]
    if len(band.cells) >= 3 and aligned(band, head):
        return False
    if last.first.page == band.first.page:
        pitch = max(
            (b.first.box[1] - a.first.box[1] for a, b in pairwise(rows) if a.first.page == b.first.page), default=0
        )
        if band.first.box[1] - last.lines[-1].box[3] > max(_FAR_BELOW * last.first.height, 3 * pitch):
            return True
    amount = [column for column in head.columns if column.role in AMOUNT_ROLES]
    cells = [band.cells[column.role] for column in amount if column.role in band.cells]
    return bool(cells) and not any(distance(column, cell.box) <= UNDER for column in amount for cell in cells)


def _with_numbers(bands: Sequence[Band], head: TableHead) -> Iterator[Cells]:
    for band in bands:
        if is_row(band, head):
            unit = _unit(band, head)
            used = _spans(band, band.first) + ([unit[2]] if unit[1] is band.first else [])
            yield Cells(band.first, tuple(used))
