"""Click to capture: what a reviewer points at on a page, as a value of the field that the cursor stands in."""

from __future__ import annotations

from extractors.capture import Captured, capture
from extractors.region import rows_within
from models.document_types import DocumentType, Kind
from models.errors import NotFound
from models.messages import say
from models.records import LINE_ITEM_COLUMNS, LineItem, Page, Word
from models.tables import DocumentRow, PageRow
from pipeline.caged import read_region_caged
from pipeline.review.local import NUMBER_COLUMNS
from pipeline.review.places import Place
from pipeline.review.stored import page_of, stored_extraction
from pipeline.review.weigh import is_number, kind_named
from pipeline.store import Store

_LEAST = 2.0  # points: a smaller box holds nothing to read


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


def rows_at(store: Store, document_id: int, place: Place, type_name: str | None = None) -> tuple[LineItem, ...]:
    """The rows of the table that stands in a box, for the line items; read on the spot where no word was read.

    Raises:
        NotFound: there is no such document, page or type, or the type has no line items.
        UnreadableDocument: the page can't be drawn.
        MissingTool: an engine is not installed.
    """
    document, page = _page(store, document_id, place.page)
    kind = kind_named(type_name or document.type)
    if not kind.line_table:
        raise NotFound(say("Documents of this type have no line items."))
    with store.reading() as session:
        fields = stored_extraction(session, document_id).fields
    net = next((field.value for field in fields if field.name == "net_total" and is_number(field.value)), None)
    rows = rows_within(page, place.box, kind, net)
    x0, y0, x1, y1 = place.box
    if rows or min(x1 - x0, y1 - y0) < _LEAST or document.media_type is None:
        return rows
    path = store.vault.path(document.sha256)
    read = read_region_caged(path, document.media_type, page, place.box, store.settings)
    return rows_within(read, place.box, kind, net)


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
