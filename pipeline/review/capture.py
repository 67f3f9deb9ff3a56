"""Click to capture: what a reviewer points at on a page, as a value of the field that the cursor stands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from types import MappingProxyType

from extractors.capture import Captured, capture
from models.document_types import DocumentType, Kind
from models.errors import NotFound
from models.messages import say
from models.records import LINE_ITEM_COLUMNS, Box, Page, Word
from models.tables import DocumentRow, PageRow
from pipeline.caged import read_region_caged
from pipeline.review.local import NUMBER_COLUMNS
from pipeline.review.stored import page_of
from pipeline.review.weigh import kind_named
from pipeline.store import Store

_LEAST = 2.0  # points: a smaller box holds nothing to read


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value was taken from: a page, counted from 1, and a box in points of the upright page."""

    page: int
    box: Box

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """``"PAGE X0 Y0 X1 Y1"`` as the desk's form sends it; None for anything else."""
        number, *rest = text.split() or [""]
        try:
            x0, y0, x1, y1 = map(float, rest)
        except ValueError:
            return None
        well = number.isdecimal() and len(number) < 7 and all(map(isfinite, (x0, y0, x1, y1))) and x0 <= x1 and y0 <= y1
        return cls(int(number), (x0, y0, x1, y1)) if well else None


NOWHERE: Mapping[str, Place] = MappingProxyType({})
"""No value was taken from a page."""


def words_on(store: Store, document_id: int, number: int) -> tuple[Word, ...]:
    """The words that were read on a page.

    Raises:
        NotFound: there is no such document or page.
    """
    return _page(store, document_id, number)[1].words


def captured(
    store: Store, document_id: int, place: Place, target: str, type_name: str | None = None
) -> Captured | None:
    """What stands at a place, for ``target``: the name of a field, or ``line_items.COLUMN``.

    A box in which no word was read is read on the spot. None: nothing stands there.

    Raises:
        NotFound: there is no such document, page, type or field.
        UnreadableDocument: the page can't be drawn.
        MissingTool: an engine is not installed.
    """
    document, page = _page(store, document_id, place.page)
    kind = _kind_of(kind_named(type_name or document.type), target)
    found = capture(page, place.box, kind)
    x0, y0, x1, y1 = place.box
    if found is not None or min(x1 - x0, y1 - y0) < _LEAST or document.media_type is None:
        return found
    path = store.vault.path(document.sha256)
    return capture(read_region_caged(path, document.media_type, page, place.box, store.settings), place.box, kind)


def _page(store: Store, document_id: int, number: int) -> tuple[DocumentRow, Page]:
    with store.reading() as session:
        document = session.get(DocumentRow, document_id)
        row = session.get(PageRow, (document_id, number))
        if document is None or row is None:
            raise NotFound(say("There is no such page."))
        return document, page_of(row)


def _kind_of(kind: DocumentType, target: str) -> Kind:
    if target in kind.fields:
        return kind.fields[target].kind
    head, _, column = target.partition(".")
    if head == "line_items" and column in LINE_ITEM_COLUMNS and kind.line_table:
        return Kind.AMOUNT if column in NUMBER_COLUMNS else Kind.TEXT
    raise NotFound(say("A document of type {type} has no field {name}.", type=kind.name, name=repr(target)))
