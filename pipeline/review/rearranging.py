"""The pages of a document as small pictures, to turn, split, join, move or leave out; and the password of a locked one.

Pages for people and the same actions under ``/api``; what they do is in `pipeline.rearrange`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select
from starlette.datastructures import FormData

from models.errors import Conflict, InvalidValue, TooManyTries, UnreadableDocument
from models.messages import say
from models.roles import Right
from models.states import State
from models.tables import DocumentRow, LeaseRow
from pipeline.accounts import visible
from pipeline.rearrange import Links, Taken, links, offspring, put_back, rearrange, unlock, waits_for_password
from pipeline.rearrange.compose import PDF
from pipeline.rearrange.plan import MOST_PAGES, MOST_SOURCES
from pipeline.rearrange.unlock import PASSWORD_LENGTH
from pipeline.review import local, queue
from pipeline.review.access import about_documents, about_documents_by_program, form_of, text_of
from pipeline.review.described import ANSWERS, TOO_MANY, DocumentId, PageNumber, example
from pipeline.review.images import Renditions
from pipeline.review.reader import Reader
from pipeline.review.records import ReviewDocument
from pipeline.review.screen import page, store_of, visitor_of
from pipeline.search import Wanted, find
from pipeline.store import Store, clock, record
from pipeline.tools import images

router = APIRouter(dependencies=about_documents)
api = APIRouter(prefix="/api", tags=["pages"], dependencies=about_documents_by_program, responses=ANSWERS)
SMALL = 240
"""Pixels: how wide a small picture of a page is."""
_FOUND = 20


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PageTaken(_Sent):
    """A page of a document, turned clockwise by ``turn`` degrees from how the desk shows it."""

    source: int
    number: int = Field(ge=1)
    turn: int = 0


class Wish(_Sent):
    """What to make: ``versions`` names the sources, as they were seen; each of ``outputs`` becomes a new document.

    A page that is in no output is left out; one may be in several. No source may be without a page in the outputs.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra=example(
            versions={"17": 3},
            outputs=[
                [{"source": 17, "number": 1}, {"source": 17, "number": 2, "turn": 90}],
                [{"source": 17, "number": 3}],
            ],
        ),
    )
    versions: dict[int, int] = Field(min_length=1, max_length=MOST_SOURCES)
    outputs: list[Annotated[list[PageTaken], Field(max_length=MOST_PAGES)]] = Field(max_length=MOST_PAGES)


class MadeDocuments(BaseModel):
    """The new documents, in the order of the outputs. They are received, and are read at once."""

    documents: list[int]


class PutBack(BaseModel):
    """The documents that wait again as they did before."""

    documents: list[int]


class Password(_Sent):
    """The password of a locked PDF; it is tried, and kept nowhere."""

    version: int
    password: str = Field(min_length=1, max_length=PASSWORD_LENGTH)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: its number and its upright size in points."""

    number: int
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Sheets:
    """The pages of a document that could be put elsewhere; none where it is made of data."""

    id: int
    name: str
    version: int
    state: str
    pages: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document whose pages could be added."""

    id: int
    name: str
    party: str = ""
    date: str = ""
    amount: str = ""


def has_sheets(document: ReviewDocument) -> bool:
    """Whether a document has pages of its own that could be put elsewhere."""
    return bool(document.pages) and document.media_type in (PDF, *images.FORMATS)


def asks_password(store: Store, document_id: int) -> bool:
    """Whether a document is one that a password would open."""
    with store.reading() as session:
        row = session.get(DocumentRow, document_id)
        return row is not None and waits_for_password(row.state, row.quarantine_code, row.media_type)


def _sheets(request: Request, document_id: int) -> Sheets:
    document = queue.open_document(store_of(request), document_id)
    found = tuple(Sheet(one.number, one.width, one.height) for one in document.pages) if has_sheets(document) else ()
    return Sheets(document.id, document.name, document.version, document.state, found)


def _made(request: Request, document_id: int, wish: Wish) -> tuple[int, ...]:
    visitor = visitor_of(request)
    if document_id not in wish.versions:
        message = say("No page of document {id} is used; leave it out altogether.", id=document_id)
        raise InvalidValue(message, {"outputs": message})
    outputs = [tuple(Taken(one.source, one.number, one.turn) for one in output) for output in wish.outputs]
    new = rearrange(store_of(request), visitor.name, wish.versions, outputs, visitor.scope)
    _read(request, new)
    return new


def _unlocked(request: Request, document_id: int, version: int, password: str) -> int:
    visitor = visitor_of(request)
    new = unlock(store_of(request), document_id, version, visitor.name, password, scope=visitor.scope)
    _read(request, [new])
    return new


def _read(request: Request, ids: Any) -> None:
    reader: Reader = request.app.state.reader
    reader.read(ids)


# ---- for people


@router.get("/documents/{document_id}/pages")
def sheets(request: Request, document_id: int) -> Response:
    """The pages of a document, to put them elsewhere; claims it where it waits and is free."""
    visitor = visitor_of(request)
    mine = visitor.may(Right.DECIDE) and queue.claim(store_of(request), document_id, visitor.name)
    if not mine:
        _noted(request, document_id)
    return _sheets_page(request, document_id, mine=mine)


def _noted(request: Request, document_id: int) -> None:
    """Whoever looks at a document is in the ledger; whoever claims it is there as such."""
    with store_of(request).transaction() as session:
        record(session, document_id, visitor_of(request).name, "looked-at")


def _sheets_page(
    request: Request, document_id: int, *, mine: bool, status: int = 200, message: str = "", wish: Wish | None = None
) -> HTMLResponse:
    """The page; ``wish`` is what was wanted before, and is shown again."""
    store = store_of(request)
    ids = [document_id, *(one for one in (wish.versions if wish else ()) if one != document_id)]
    shown = []
    with store.reading() as session:
        seen = session.scalars(
            select(DocumentRow.id).where(DocumentRow.id.in_(ids), *visible(visitor_of(request).scope))
        )
        allowed = set(seen)
    for one in ids:
        if one in allowed:
            shown.append(_sheets(request, one))
    first = shown[0]
    standing = queue.standing(store, document_id, visitor_of(request).name)
    return page(
        request,
        "pages.html",
        status=status,
        document=first,
        mine=mine and bool(first.pages),
        held_by=standing.held_by,
        until=standing.until,
        sources=[_plain(one) for one in shown],
        wish=wish.model_dump(mode="json") if wish else None,
        message=message,
        lease=store.settings.review_lease_seconds,
    )


def _plain(one: Sheets) -> dict[str, Any]:
    pages = [[sheet.number, round(sheet.width), round(sheet.height)] for sheet in one.pages]
    return {"id": one.id, "name": one.name, "version": one.version, "pages": pages}


@router.get("/documents/{document_id}/pages/{number}/small.png")
def small(request: Request, document_id: int, number: PageNumber) -> Response:
    """One page as a small picture."""
    renditions: Renditions = request.app.state.renditions
    return FileResponse(renditions.png(document_id, number, SMALL), media_type="image/png")


@router.post("/documents/{document_id}/pages")
def apply(request: Request, document_id: int, form: Annotated[FormData, Depends(form_of)]) -> Response:
    """Make the new documents, then wait for them; on an objection the same page with what was wanted."""
    wish: Wish | None = None
    try:
        wish = _understood(text_of(form, "wish"))
        _made(request, document_id, wish)
    except Conflict as error:
        if _is_done_by(request, document_id):
            return RedirectResponse(f"/documents/{document_id}/became", 303)  # one's own second click
        return _objected(request, document_id, wish, str(error), 409)
    except (InvalidValue, UnreadableDocument) as error:
        return _objected(request, document_id, wish, str(error), 422)
    return RedirectResponse(f"/documents/{document_id}/became", 303)


def _objected(request: Request, document_id: int, wish: Wish | None, message: str, status: int) -> HTMLResponse:
    mine = queue.claim(store_of(request), document_id, visitor_of(request).name)
    return _sheets_page(request, document_id, mine=mine, status=status, message=message, wish=wish)


def _understood(text: str) -> Wish:
    try:
        return Wish.model_validate(json.loads(text))
    except (ValueError, ValidationError, RecursionError):
        message = say("What was sent is not understood. Load the page again and repeat.")
        raise InvalidValue(message, {"outputs": message}) from None


def _is_done_by(request: Request, document_id: int) -> bool:
    visitor = visitor_of(request)
    found = links(store_of(request), document_id, visitor.scope)
    return bool(found.became) and found.by == visitor.name


@router.get("/documents/{document_id}/became")
def became(request: Request, document_id: int) -> Response:
    """On to what was made of a document, as soon as it is read; until then a page that waits."""
    visitor = visitor_of(request)
    found = links(store_of(request), document_id, visitor.scope)
    if visitor.may(Right.DECIDE):
        ready = next((one.id for one in found.became if one.state != State.RECEIVED), None)
        if ready is not None:
            return RedirectResponse(f"/documents/{ready}", 303)
        _read(request, _unread(request, document_id))
    document = queue.open_document(store_of(request), document_id)
    return page(request, "became.html", document=document, made=found)


def _unread(request: Request, document_id: int) -> list[int]:
    """All that was made of a document and is not read, also what the visitor may not see."""
    with store_of(request).reading() as session:
        ids = offspring(session, document_id)
        rows = select(DocumentRow.id).where(DocumentRow.id.in_(ids), DocumentRow.state == State.RECEIVED)
        return list(session.scalars(rows.order_by(DocumentRow.id)))


@router.post("/documents/{document_id}/put-back")
def taken_back(request: Request, document_id: int, form: Annotated[FormData, Depends(form_of)]) -> Response:
    """Take back what was made; on to the document whose pages they were."""
    del form  # its token was looked at
    sources = put_back(store_of(request), document_id, visitor_of(request).name)
    return RedirectResponse(f"/documents/{document_id if document_id in sources else sources[0]}", 303)


@router.post("/documents/{document_id}/unlock")
def unlocked(request: Request, document_id: int, form: Annotated[FormData, Depends(form_of)]) -> Response:
    """Try a password; on to the unlocked copy, or the same page with what is wrong."""
    version = text_of(form, "version")
    number = int(version) if version.isdecimal() and len(version) < 10 else -1
    try:
        _unlocked(request, document_id, number, text_of(form, "password"))
    except (Conflict, InvalidValue, TooManyTries, UnreadableDocument) as error:
        if isinstance(error, Conflict) and _is_done_by(request, document_id):
            return RedirectResponse(f"/documents/{document_id}/became", 303)
        status = 409 if isinstance(error, Conflict) else 429 if isinstance(error, TooManyTries) else 422
        document = queue.open_document(store_of(request), document_id)
        return page(request, "unlock.html", status=status, document=document, problem=str(error))
    return RedirectResponse(f"/documents/{document_id}/became", 303)


# ---- for programs


@api.get("/documents/{document_id}/sheets")
def sheets_of(request: Request, document_id: DocumentId) -> Sheets:
    """The pages of a document that could be put elsewhere; does not claim it."""
    _noted(request, document_id)
    return _sheets(request, document_id)


@api.get("/documents/{document_id}/candidates")
def candidates(
    request: Request,
    document_id: DocumentId,
    q: Annotated[str, Query(max_length=200, description="An id, or words.")] = "",
) -> list[Candidate]:
    """Documents whose pages could be added to these: they wait for review and nobody else has them open.

    ``q`` is an id, or words of a name or of what stands on them; without it the newest.
    """
    store, visitor = store_of(request), visitor_of(request)
    found = find(store, Wanted(q, State.REVIEW.value), 4 * _FOUND, None, visitor.scope)
    number = q.strip().removeprefix("#")
    with store.reading() as session:
        held = set(
            session.scalars(
                select(LeaseRow.document_id).where(
                    LeaseRow.document_id.in_([one.id for one in found]),
                    LeaseRow.owner != visitor.name,
                    LeaseRow.expires_at >= clock.now(),
                )
            )
        )
        fitting = (
            select(DocumentRow.id, DocumentRow.name)
            .where(DocumentRow.state == State.REVIEW, DocumentRow.media_type.in_((PDF, *images.FORMATS)))
            .where(DocumentRow.id != document_id, *visible(visitor.scope))
        )
        wanted = int(number) if number.isdecimal() and len(number) < 19 else 0
        by_id = session.execute(fitting.where(DocumentRow.id == wanted)).all()
        fit = {row.id for row in session.execute(fitting.where(DocumentRow.id.in_([one.id for one in found])))}
    named = [Candidate(row.id, row.name) for row in by_id]
    more = [
        Candidate(one.id, one.name, one.party, local.shown("date", one.date), local.shown("amount", one.amount))
        for one in found
        if one.id in fit - held and one.id != wanted
    ]
    return [*named, *more][:_FOUND]


@api.post("/documents/{document_id}/rearrange")
def make(request: Request, document_id: DocumentId, sent: Wish) -> MadeDocuments:
    """Put pages of documents that the caller holds, or nobody else does, into new ones; the sources are replaced.

    409: somebody else holds or decided on a source, or what would be made is there already; 422: it makes no sense.
    """
    return MadeDocuments(documents=list(_made(request, document_id, sent)))


@api.get("/documents/{document_id}/made")
def made(request: Request, document_id: DocumentId) -> Links:
    """What a document was made of and what was made of it, as far as the caller may see, each with its state."""
    return links(store_of(request), document_id, visitor_of(request).scope)


@api.post("/documents/{document_id}/put-back")
def undo(request: Request, document_id: DocumentId) -> PutBack:
    """Take back what the caller made of pages, while nothing of it is loaded; by a source or by a new document."""
    return PutBack(documents=list(put_back(store_of(request), document_id, visitor_of(request).name)))


@api.post("/documents/{document_id}/unlock", responses=TOO_MANY)
def open_locked(request: Request, document_id: DocumentId, sent: Password) -> MadeDocuments:
    """Open a PDF that lies in quarantine for its password: an unlocked copy becomes a new document.

    422: it is the wrong one; 429: too many wrong ones.
    """
    return MadeDocuments(documents=[_unlocked(request, document_id, sent.version, sent.password)])
