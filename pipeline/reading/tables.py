"""Tables: ruled ones from the lines of a page or of its picture, others from the white gaps between their columns.

On demand only, for pdfplumber takes some 50 ms a page. Rows are those that a reader sees: a cell's second line belongs
to the row above it, and a ruled row that holds several lines of figures is several rows.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from models.records import Box, Cell, Page, Reading, Source, Table, Word
from models.settings import Settings
from pipeline.reading import rules
from pipeline.reading.layout import Measure, Row, Span, left_free, measure_of, rows_of, slant_of
from pipeline.reading.ocr import cleanup
from pipeline.reading.pages import PDF, draw
from pipeline.tools import plumber_tables

_DPI = 150
_SAME_EDGE = 3.0  # points: edges of cells so near are the same
_CELL_GAP = 0.5  # of a line's height: a wider gap between words may part two columns
_GUTTER = 0.6  # of the letters' height
_FULL = 0.67  # of the columns: a row with so many cells may move the gutters, and must leave so many of them
_NEAR = 3.2  # of the usual distance of lines: rows of a table are not farther apart
_CONTINUES = 1.6  # of the usual distance of lines: a line so near belongs to the cell above


def find_tables(
    path: Path, media_type: str, reading: Reading, settings: Settings, pages: Collection[int] | None = None
) -> tuple[Table, ...]:
    """The tables of a file that was read as ``reading``, of all pages or those whose numbers are in ``pages``.

    Boxes are PDF points from the top left of the upright page.

    Raises:
        UnreadableDocument: a page can't be drawn.
    """
    found: list[Table] = []
    for page in reading.pages:
        if page.words and (pages is None or page.number in pages):
            found += _tables_of(path, media_type, page, settings)
    return tuple(found)


def _tables_of(path: Path, media_type: str, page: Page, settings: Settings) -> list[Table]:
    level = _Level(slant_of(page.words) if page.source is not Source.TEXT else 0.0)
    words = [level.word(word) for word in page.words]
    if media_type == PDF and page.source is Source.TEXT and page.turned == 0:
        grids = plumber_tables.cells_on_page(path, page.number, page.width, page.height)
    else:
        grids = _drawn_grids(path, media_type, page, settings, level)
    tables, taken = [], set[int]()
    for cells in grids:
        inside = [i for i, word in enumerate(words) if i not in taken and _holds(_around(cells), word.box)]
        rows = _ruled_rows(cells, [words[i] for i in inside])
        if len(rows) >= 2 and max(len(row) for row in rows) >= 2 and len(inside) >= 4:
            tables.append(Table(page.number, _around(cells), ruled=True, rows=rows))
            taken.update(inside)
    rest = [word for i, word in enumerate(words) if i not in taken]
    tables += unruled(rest, page.number)
    tables.sort(key=lambda table: (table.box[1], table.box[0]))
    return [level.back(table) for table in tables]


@dataclass(frozen=True, slots=True)
class _Level:
    """Turns boxes of a page whose lines fall by the tangent ``slope`` so that they are level, and back."""

    slope: float

    def word(self, word: Word) -> Word:
        """The word on the levelled page."""
        if not self.slope:
            return word
        x0, y0, x1, y1 = word.box
        high = max((y1 - y0 - abs(self.slope) * (x1 - x0)) / 2, 0.2 * (y1 - y0))
        x, y = self._turn((x0 + x1) / 2, (y0 + y1) / 2, -self.slope)
        wide = (x1 - x0) / 2
        return Word(word.text, (x - wide, y - high, x + wide, y + high), word.confidence)

    def box(self, box: Box) -> Box:
        """The box on the page as it is."""
        if not self.slope:
            return box
        corners = [self._turn(x, y, self.slope) for x in (box[0], box[2]) for y in (box[1], box[3])]
        xs, ys = zip(*corners, strict=True)
        return (min(xs), min(ys), max(xs), max(ys))

    def back(self, table: Table) -> Table:
        """The table on the page as it is."""
        if not self.slope:
            return table
        rows = tuple(tuple(Cell(c.text, self.box(c.box), c.column, c.columns, c.rows) for c in r) for r in table.rows)
        return Table(table.page, self.box(table.box), table.ruled, rows)

    @staticmethod
    def _turn(x: float, y: float, slope: float) -> tuple[float, float]:
        angle = math.atan(slope)
        return x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)


def _drawn_grids(path: Path, media_type: str, page: Page, settings: Settings, level: _Level) -> list[list[Box]]:
    pixels = draw(path, media_type, page.number, turned=page.turned, dpi=_DPI, limits=settings.limits)
    grey = cleanup.grey(pixels)
    if level.slope:
        angle = math.degrees(math.atan(level.slope))
        spin = cv2.getRotationMatrix2D((0, 0), angle, 1.0)
        size = (grey.shape[1], grey.shape[0])
        grey = np.asarray(cv2.warpAffine(grey, spin, size, flags=cv2.INTER_LINEAR, borderValue=255), np.uint8)
    scale = page.width / pixels.shape[1]
    across, down = rules.find(grey, 72 / scale)
    scaled = [[tuple(side * scale for side in line) for line in lines] for lines in (across, down)]
    return plumber_tables.cells_between(*scaled)


def _ruled_rows(cells: Sequence[Box], words: Sequence[Word]) -> tuple[tuple[Cell, ...], ...]:
    """Cells in rows, with what is written in them; rows without a word are left out."""
    xs = _edges(side for cell in cells for side in (cell[0], cell[2]))
    ys = _edges(side for cell in cells for side in (cell[1], cell[3]))
    rows: list[list[tuple[Cell, list[Word]]]] = [[] for _ in ys]
    for box in sorted(cells, key=lambda cell: (cell[1], cell[0])):
        inside = [word for word in words if _holds(box, word.box)]
        column, row = _index(xs, box[0]), _index(ys, box[1])
        spans = max(1, _index(xs, box[2]) - column), max(1, _index(ys, box[3]) - row)
        rows[row].append((Cell(_text(inside), box, column, *spans), inside))
    found: list[tuple[Cell, ...]] = []
    for one in rows:
        if any(inside for _, inside in one):
            found += _split(one)
    return tuple(found)


def _split(row: Sequence[tuple[Cell, list[Word]]]) -> list[tuple[Cell, ...]]:
    """A ruled row as the rows that stand in it: where rules part columns only, words part the rows."""
    whole = [tuple(cell for cell, _ in row)]
    if len(row) < 2:
        return whole
    words = [word for _, inside in row for word in inside]
    lines = rows_of(words)
    columns = [(cell.box[0] + cell.box[2]) / 2 for cell, _ in row]
    parts: list[dict[int, list[Word]]] = []
    for line in lines:
        cells: dict[int, list[Word]] = {}
        for segment in line.segments:
            for index in segment.members:
                middle = (words[index].box[0] + words[index].box[2]) / 2
                place = min(range(len(row)), key=lambda at: _distance(row[at][0].box, middle))
                cells.setdefault(place, []).append(words[index])
        if parts and 2 * len(cells) < len(columns):  # the second line of a cell
            for place, more in cells.items():
                parts[-1].setdefault(place, []).extend(more)
        else:
            parts.append(cells)
    if len(parts) < 2:
        return whole
    rows = []
    for part in parts:
        top = min(word.box[1] for inside in part.values() for word in inside)
        bottom = max(word.box[3] for inside in part.values() for word in inside)
        rows.append(
            tuple(
                Cell(_text(part.get(at, [])), (cell.box[0], top, cell.box[2], bottom), cell.column, cell.columns)
                for at, (cell, _) in enumerate(row)
            )
        )
    return rows


def unruled(words: Sequence[Word], page: int) -> list[Table]:
    """Tables that only the white between their columns shows: grown from the rows with most gaps, up and down."""
    rows = rows_of(words, _cell_gap(words))
    if len(rows) < 2:
        return []
    measure = measure_of(rows)
    free_rows = set(range(len(rows)))
    tables = []
    seeds = sorted(range(len(rows)), key=lambda at: -len(_gaps(rows[at], measure)))
    for seed in seeds:
        gaps = _gaps(rows[seed], measure)
        if seed not in free_rows or not gaps:
            continue
        first, end, gutters = _grow(rows, seed, gaps, measure, free_rows)
        cells = _unruled_cells(rows[first:end], gutters, words, measure)
        if cells is None:
            continue
        free_rows -= set(range(first, end))
        tables.append(Table(page, _around([cell.box for row in cells for cell in row]), ruled=False, rows=cells))
    return tables


def _cell_gap(words: Sequence[Word]) -> float:
    """From which gap on, of a line's height, words may stand in two columns: a typewriter's blanks are wide."""
    gaps = []
    for row in rows_of(words, math.inf):
        boxes = [words[index].box for segment in row.segments for index in segment.members]
        high = max(row.y1 - row.y0, 1e-6)
        gaps += [gap for a, b in pairwise(boxes) if 0 < (gap := (b[0] - a[2]) / high) < 1.0]
    return max(_CELL_GAP, 1.6 * median(gaps)) if gaps else _CELL_GAP


def _gaps(row: Row, measure: Measure) -> list[Span]:
    least = _GUTTER * measure.height
    return [(a.x1, b.x0) for a, b in pairwise(row.segments) if b.x0 - a.x1 >= least]


def _grow(
    rows: Sequence[Row], seed: int, gaps: list[Span], measure: Measure, free_rows: Collection[int]
) -> tuple[int, int, list[Span]]:
    """The rows around ``seed`` that leave its gutters free: the first, the one after the last, and the gutters."""
    least = _GUTTER * measure.height
    reach = [seed, seed]
    for step in (1, -1):
        at = seed
        while 0 <= at + step < len(rows) and at + step in free_rows:
            row = rows[at + step]
            if abs(row.middle - rows[at].middle) > _NEAR * measure.pitch:
                break
            left = left_free(gaps, row, least)
            kept = sum(any(a <= one[0] and one[1] <= b for one in left) for a, b in gaps)
            lost, split = kept < len(gaps), len(left) > kept
            few = len(row.segments) < _FULL * (len(gaps) + 1)
            if kept < max(1.0, _FULL * len(gaps)) or (lost and split) or ((lost or split) and few):
                break  # cells that are not in the columns: totals, or text below or above
            gaps = left
            at += step
        reach[step == 1] = at
    return reach[0], reach[1] + 1, gaps


def _unruled_cells(
    rows: Sequence[Row], gutters: Sequence[Span], words: Sequence[Word], measure: Measure
) -> tuple[tuple[Cell, ...], ...] | None:
    """The cells of the rows between gutters; None if they make no table."""
    bounds = sorted((start + end) / 2 for start, end in gutters)
    found: list[dict[int, list[Word]]] = []
    last = -math.inf
    for row in rows:
        cells: dict[int, list[Word]] = {}
        for segment in row.segments:
            column = sum((segment.x0 + segment.x1) / 2 > bound for bound in bounds)
            cells.setdefault(column, []).extend(words[index] for index in segment.members)
        near = row.middle - last <= _CONTINUES * measure.pitch
        if len(cells) == 1 and not (found and near):
            if found and sum(len(one) > 1 for one in found) >= 2:
                break  # text below the table
            found.clear()  # text above it
            last = row.middle
            continue
        if len(cells) == 1 and not _numeric(_text(next(iter(cells.values())))):
            for column, more in cells.items():
                found[-1].setdefault(column, []).extend(more)
        else:
            found.append(cells)
        last = row.middle
    full = [cells for cells in found if len(cells) > 1]
    columns = len(bounds) + 1
    numeric = [
        column
        for column in range(columns)
        if (inside := [cells[column] for cells in full if column in cells])
        and 2 * sum(_numeric(_text(one)) for one in inside) >= len(inside)
    ]
    if len(full) < (2 if columns > 2 else 3) or not numeric or (columns == 2 and numeric == [0]):
        return None
    if columns > 2 and median(len(cells) for cells in full) < 3:
        return None
    return tuple(
        tuple(
            Cell(_text(inside), _around([word.box for word in inside]), column)
            for column, inside in sorted(cells.items())
        )
        for cells in found
    )


def _numeric(text: str) -> bool:
    return 2 * sum(map(str.isdigit, text)) >= len(text.replace(" ", "")) > 0


def _text(words: Sequence[Word]) -> str:
    """The words of a cell, line by line."""
    if not words:
        return ""
    rows = rows_of(words, math.inf)
    return " ".join(words[index].text for row in rows for segment in row.segments for index in segment.members)


def _edges(sides: Iterable[float]) -> list[float]:
    """The distinct places of edges, those within `_SAME_EDGE` taken as one."""
    found: list[float] = []
    for side in sorted(sides):
        if not found or side - found[-1] > _SAME_EDGE:
            found.append(side)
    return found


def _index(edges: Sequence[float], side: float) -> int:
    return min(range(len(edges)), key=lambda at: abs(edges[at] - side))


def _distance(box: Box, x: float) -> float:
    return max(box[0] - x, x - box[2], 0.0)


def _holds(box: Box, inner: Box) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _around(boxes: Iterable[Box]) -> Box:
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return (min(x0), min(y0), max(x1), max(y1))
