"""What else a doubtful field may be, so that a wrong value is mended with a key or two instead of typed.

In this order: what the machine had tried and put aside, what the strong engine reads in the same place, and what is of
the field's kind nearby. Asked for while a person already looks at the document; nothing is saved.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fastapi import APIRouter, Request

from extractors import extract
from extractors.capture import capture
from extractors.choices import fits, is_worded, others
from extractors.scoring import Trace
from models.document_types import DocumentType, Kind
from models.errors import NotFound, PodatelnaError
from models.messages import say
from models.records import Box, Page, Source
from models.tables import DocumentRow
from pipeline.caged import read_region_caged
from pipeline.review import queue
from pipeline.review.access import about_documents_by_program
from pipeline.review.described import ANSWERS, DocumentId
from pipeline.review.local import shown
from pipeline.review.records import ReviewField
from pipeline.review.screen import store_of, visitor_of
from pipeline.review.stored import stored_reading
from pipeline.review.weigh import kind_named
from pipeline.review.why import TypeName
from pipeline.store import Store

router = APIRouter(prefix="/api", tags=["review"], dependencies=about_documents_by_program, responses=ANSWERS)
MOST = 5
_LEAST = 0.01  # a probability that is worth showing
_READ_AGAIN = 3  # fields of a document: each takes the strong engine some tenths of a second
_READABLE = frozenset({Kind.TEXT, Kind.PARTY, Kind.ADDRESS, Kind.IDENTIFIER})


@dataclass(frozen=True, slots=True)
class Choice:
    """A value in normal form and as the desk writes it, and where it stands: page from 1, box in points."""

    value: str
    shown: str
    page: int
    box: Box


def choices(store: Store, document_id: int, type_name: str | None = None) -> dict[str, tuple[Choice, ...]]:
    """Up to `MOST` other values for each doubtful field, the likeliest first.

    Raises:
        NotFound: there is no such document or type.
    """
    document = queue.open_document(store, document_id, type_name)
    with store.reading() as session:
        row = session.get(DocumentRow, document_id)
        if row is None:
            raise NotFound(say("There is no document {number}.", number=document_id))
        reading = stored_reading(session, row)
    kind, settings, trace = kind_named(document.type), store.settings, Trace()
    extract(reading, kind, our_names=settings.our_names, our_ids=settings.our_ids, trace=trace)
    pages = {page.number: page for page in reading.pages}
    again = _ReadAgain(store, row, pages)
    taken = [(field.page, field.box) for field in document.sure if field.value and field.page and field.box]
    found: dict[str, tuple[Choice, ...]] = {}
    for field in document.doubtful:
        some = [*_tried(trace, field), *again.of(field), *_nearby(pages, field)]
        distinct: dict[str, Choice] = {}
        for value, page, box in some:
            if not value or value == field.value or not fits(field.kind, value):
                continue
            if is_worded(field.kind) and any(page == other and _lies_on(box, place) for other, place in taken):
                continue  # the words of another field, of which nobody is in doubt
            distinct.setdefault(value, Choice(value, shown(_kind(kind, field), value), page, box))
        found[field.name] = tuple(distinct.values())[:MOST]
    return found


_Found = tuple[str, int, Box]


def _lies_on(one: Box, other: Box) -> bool:
    """Whether the middle of either box lies in the other."""
    pairs = ((one, other), (other, one))
    return any(b[0] <= (a[0] + a[2]) / 2 <= b[2] and b[1] <= (a[1] + a[3]) / 2 <= b[3] for a, b in pairs)


def _kind(kind: DocumentType, field: ReviewField) -> Kind:
    return kind.fields[field.name].kind


def _tried(trace: Trace, field: ReviewField) -> Iterator[_Found]:
    options = sorted(trace.fields.get(field.name, ()), key=lambda one: -one.probability)
    for one in options:
        if one.probability >= _LEAST and one.page and one.box:
            yield one.value, one.page, one.box


class _ReadAgain:
    """Reads fields that the cheap engine has read once more; as many as `_READ_AGAIN`."""

    def __init__(self, store: Store, document: DocumentRow, pages: dict[int, Page]) -> None:
        self._store, self._document, self._pages, self._left = store, document, pages, _READ_AGAIN

    def of(self, field: ReviewField) -> Iterable[_Found]:
        """What is read there, if anything is."""
        page = self._pages.get(field.page or 0)
        wanted = field.kind in _READABLE and field.source == Source.TESSERACT
        if not wanted or page is None or field.box is None or not self._left or not self._document.media_type:
            return
        self._left -= 1
        path = self._store.vault.path(self._document.sha256)
        with contextlib.suppress(PodatelnaError):  # then there is one choice less
            read = read_region_caged(path, self._document.media_type, page, field.box, self._store.settings)
            if (seen := capture(read, field.box, field.kind)) is not None:
                yield seen.value or "", page.number, seen.box


def _nearby(pages: dict[int, Page], field: ReviewField) -> Iterator[_Found]:
    page = pages.get(field.page or min(pages, default=0))
    if page is not None:
        for one in others(page, field.box, field.kind):
            yield one.value or "", page.number, one.box


@router.get("/documents/{document_id}/choices")
def offered(request: Request, document_id: DocumentId, type_name: TypeName = None) -> dict[str, tuple[Choice, ...]]:
    """Other values for the fields that are in doubt, by field, the likeliest first."""
    if type_name is not None and not visitor_of(request).scope.has_type(type_name):
        raise NotFound(say("There is no such document type."))
    return choices(store_of(request), document_id, type_name)
