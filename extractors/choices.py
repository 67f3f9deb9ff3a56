"""Other values that a field may have, for a person who doubts the one that was found: what is of its kind nearby."""

from __future__ import annotations

from collections.abc import Iterable

from extractors.capture import Captured, candidates_of, capture
from extractors.page.layout import Layout, lay_out
from extractors.values.contacts import parse_email
from extractors.values.dates import parse_date
from extractors.values.identifiers import parse_bic, parse_iban, parse_vat_id
from models.document_types import Kind
from models.records import Box, Page, Reading

_WORDY = frozenset({Kind.TEXT, Kind.PARTY, Kind.ADDRESS, Kind.IDENTIFIER})
_NAMES = frozenset({Kind.PARTY, Kind.ADDRESS})
_LETTERS = 0.5  # of a name's characters at least are letters
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


def fits(kind: Kind, text: str) -> bool:
    """Whether a text may be a value of ``kind`` at all; only kinds without a form of their own are asked.

    A name or an address is no date, account, e-mail or row of digits, and an identifier has a digit in it.
    """
    if kind not in _NAMES and kind is not Kind.IDENTIFIER:
        return True
    if any(parse(text) for parse in (parse_date, parse_iban, parse_email)):
        return False
    signs = [char for char in text if not char.isspace()]
    if kind is Kind.IDENTIFIER:
        return any(char.isdigit() for char in signs)
    if text.rstrip().endswith(":") or parse_bic(text) or parse_vat_id(text):
        return False
    letters = sum(char.isalpha() for char in signs)
    return letters >= _LETTERS * len(signs) if kind is Kind.PARTY else letters > 1


def is_worded(kind: Kind) -> bool:
    """Whether values of a kind are told from others by where they stand alone, for any words may be one."""
    return kind in _WORDY


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
