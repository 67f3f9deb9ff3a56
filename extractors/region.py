"""The rows of a table that a person draws a box around: read as a table, and where it looks like none, line by line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from extractors.normalise import normalise
from extractors.page.labels import find_labels
from extractors.page.layout import Layout, Line, lay_out, union
from extractors.table.columns import find_heads
from extractors.table.line_items import find_line_items
from models.document_types import DocumentType, Kind
from models.records import LINE_ITEM_COLUMNS, Box, LineItem, Page, Reading, Word

_BY_PLACE = (  # what the numbers of a line are, by how many it has
    ("net_amount",),
    ("quantity", "net_amount"),
    ("quantity", "unit_price", "net_amount"),
)


def rows_within(page: Page, box: Box, kind: DocumentType, net_total: str | None = None) -> tuple[LineItem, ...]:
    """The rows whose words lie within ``box``, from the top; boxes are in points of the upright page.

    The head of the table counts where it stands on the page above the box. ``net_total`` says which of several columns
    of amounts is the one of net amounts.
    """
    inside = [word for word in page.words if _holds(box, word.box)]
    if not inside:
        return ()
    tries = [inside]
    if not find_heads(_layout(page, inside)) and (head := _head_above(page, box)):
        tries.insert(0, [*head, *inside])
    for words in tries:
        layout = _layout(page, words)
        rows = find_line_items(layout, find_labels(layout, kind)).rows(net_total, layout)
        rows = tuple(row for row in rows if row.box is None or _holds(box, row.box))
        if rows:
            return rows
    return tuple(_line_by_line(_layout(page, inside)))


def _layout(page: Page, words: Iterable[Word]) -> Layout:
    return lay_out(Reading("", (replace(page, words=tuple(words), blocks=(), codes=()),)))


def _holds(box: Box, inner: Box) -> bool:
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _head_above(page: Page, box: Box) -> list[Word]:
    """The words of the last head of a table above the box."""
    layout = _layout(page, page.words)
    tops = ((head, layout.on_page(layout.lines[head.last].box, page.number)[1]) for head in find_heads(layout))
    above = [head for head, top in tops if top < box[1]]
    if not above:
        return []
    lines = layout.lines[above[-1].first : above[-1].last + 1]
    zone = union(layout.on_page(line.box, page.number) for line in lines)
    return [word for word in page.words if _holds(zone, word.box) and word.box[3] <= box[1] + (box[3] - box[1])]


def _line_by_line(layout: Layout) -> Iterable[LineItem]:
    """Each line that holds a number as a row, its numbers by their order; the others go on with the words above."""
    rows: list[LineItem] = []
    for line in layout.lines:
        words, numbers, rate = _parts(line)
        if not numbers and rows:
            rows[-1] = replace(rows[-1], description=" ".join(filter(None, (rows[-1].description, *words))))
            continue
        names = _BY_PLACE[min(len(numbers), len(_BY_PLACE)) - 1] if numbers else ()
        cells = dict.fromkeys(LINE_ITEM_COLUMNS) | dict(zip(names, numbers[-3:], strict=True))
        cells |= {"description": " ".join(words) or None, "tax_rate": rate}
        sure = 0.5 * min((token.confidence for token in line.tokens), default=1.0)  # what stands where is a guess
        rows.append(LineItem(**cells, page=line.page, box=layout.on_page(line.box, line.page), confidence=sure))
    return rows


def _parts(line: Line) -> tuple[list[str], list[str], str | None]:
    """The words of a line, its numbers in normal form, and a tax rate."""
    words: list[str] = []
    numbers: list[str] = []
    rate = None
    for segment in line.segments:
        text = segment.text.strip()
        number = normalise(Kind.AMOUNT, text.removesuffix("%").strip())
        if number is None or any(char.isalpha() for char in text):
            words.append(text)
        elif text.endswith("%"):
            rate = number
        else:
            numbers.append(number)
    return words, numbers, rate
