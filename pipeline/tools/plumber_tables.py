"""pdfplumber's table finder: from the rules of a page, or from lines found elsewhere, to cells.

Its chain of steps (edges to intersections to cells to tables, after Nurminen's thesis, Tampere 2013) is used as it is.
Threat: as in `pipeline.tools.plumber`; a page of very many rules keeps it busy, so they are counted first.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pdfplumber
from pdfplumber import table as finder

from models.records import Box
from pipeline.tools.plumber import FAILURES

Line = tuple[float, float, float, float]
_SNAP = 3.0  # points: rules so near to each other are one
_MOST_EDGES = 4000


def cells_on_page(path: Path, number: int, width: float, height: float) -> list[list[Box]]:
    """The cells of each ruled table of page ``number`` (from 1), in points of a page of ``width`` x ``height``.

    None where pdfplumber fails on the page, or places its box elsewhere than PDFium does.
    """
    try:
        with pdfplumber.open(path, pages=[number]) as pdf:
            page = pdf.pages[0]
            try:
                if abs(float(page.width) - width) > 1 or abs(float(page.height) - height) > 1:
                    return []
                if len(page.lines) + 4 * len(page.rects) + len(page.curves) > _MOST_EDGES:
                    return []
                left, top = float(page.bbox[0]), float(page.bbox[1])
                return [
                    [(x0 - left, y0 - top, x1 - left, y1 - top) for x0, y0, x1, y1 in found.cells]
                    for found in page.find_tables()
                ]
            finally:
                page.close()
    except FAILURES:
        return []


def cells_between(across: Iterable[Line], down: Iterable[Line]) -> list[list[Box]]:
    """The cells of each table that level lines and upright lines make, ``(x0, y0, x1, y1)`` in points."""
    edges = [_edge("h", (x0, (y0 + y1) / 2, x1, (y0 + y1) / 2)) for x0, y0, x1, y1 in across]
    edges += [_edge("v", ((x0 + x1) / 2, y0, (x0 + x1) / 2, y1)) for x0, y0, x1, y1 in down]
    if len(edges) > _MOST_EDGES:
        return []
    merged = finder.merge_edges(edges, _SNAP, _SNAP, _SNAP, _SNAP)
    cells = finder.intersections_to_cells(finder.edges_to_intersections(merged, _SNAP, _SNAP))
    return [[tuple(map(float, cell)) for cell in one] for one in finder.cells_to_tables(cells)]  # type: ignore[misc]


def _edge(orientation: str, line: Line) -> dict[str, Any]:
    x0, y0, x1, y1 = line
    return {
        "object_type": "line", "orientation": orientation, "x0": x0, "x1": x1, "top": y0, "bottom": y1,
        "width": x1 - x0, "height": y1 - y0, "doctop": y0,
    }  # fmt: skip
