"""Other values that a field may have, for a person who doubts the one that was found: what is of its kind nearby."""

from __future__ import annotations

from collections.abc import Iterable

from extractors.capture import Captured, candidates_of, capture
from extractors.page.layout import Layout, lay_out
from models.document_types import Kind
from models.records import Box, Page, Reading

_WORDY = frozenset({Kind.TEXT, Kind.PARTY, Kind.ADDRESS, Kind.IDENTIFIER})
_REACH = 2.5  # of the value's height: lines so near above and below it may be meant


def others(page: Page, box: Box | None, kind: Kind) -> Iterable[Captured]:
    """Values of ``kind`` on a page, those nearest to ``box`` first; of words, the lines above and below it.

    Boxes are in points of the upright page.
    """
    layout = lay_out(Reading("", (page,)))
    if kind in _WORDY:
        yield from _lines_beside(page, layout, box, kind) if box else ()
        return
    found = [
        Captured(one.value, one.raw, layout.on_page(one.box, one.page), one.confidence, kind)
        for one in candidates_of(layout, kind)
    ]
    found.sort(key=lambda one: _apart(one.box, box) if box else one.box[1])
    yield from found


def _lines_beside(page: Page, layout: Layout, box: Box, kind: Kind) -> Iterable[Captured]:
    height = box[3] - box[1]
    for segment in layout.segments(page.number):
        place = layout.on_page(segment.box, page.number)
        over = min(place[2], box[2]) - max(place[0], box[0])
        middle = (place[1] + place[3]) / 2
        if over > 0 and not box[1] <= middle <= box[3] and _apart(place, box) <= _REACH * height:
            x, y = (place[0] + place[2]) / 2, middle
            found = capture(page, (x, y, x, y), kind)
            if found is not None:
                yield found


def _apart(one: Box, other: Box) -> float:
    down = max(one[1] - other[3], other[1] - one[3], 0.0)
    across = max(one[0] - other[2], other[0] - one[2], 0.0)
    return down + across / 4  # what stands on the same line is nearer
