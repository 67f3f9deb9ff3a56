"""The same actions for programs, as JSON under ``/api``; described in ``/api/openapi.json``.

A program sends ``Authorization: Bearer TOKEN`` with a token of `podatelna tokens add`; it acts for the token's account
in the token's role. A browser's session works too; it sends its form token as ``X-CSRF-Token`` with everything that
changes something.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

from models.errors import NotFound
from models.states import State
from pipeline.review import queue
from pipeline.review.access import about_documents_by_program
from pipeline.review.guard import COOKIE
from pipeline.review.records import ReviewDocument, WaitingDocument
from pipeline.review.screen import store_of, visitor_of
from pipeline.store import record

_told: dict[int | str, dict[str, Any]] = {
    401: {"description": "No token and no session, or one that has run out."},
    403: {"description": "The account may see the document, but not do this."},
    404: {"description": "There is no such document for this account."},
}
_token = HTTPBearer(auto_error=False, scheme_name="token", description="A token of `podatelna tokens add`.")
_session = APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="session", description="A browser that signed in.")
# the guard has let the caller in already; these two say so in the description
router = APIRouter(
    prefix="/api",
    tags=["review"],
    dependencies=[Security(_token), Security(_session), *about_documents_by_program],
    responses=_told,
)


class Claimed(BaseModel):
    """Whether the caller holds the document now."""

    held: bool


class Outcome(BaseModel):
    """What became of the document. ``second_person``: the decision is kept, but somebody else must confirm it."""

    id: int
    state: str
    second_person: bool = False


class Acceptance(BaseModel):
    """What a reviewer saw and typed. Fields that are not named stay; ``line_items`` replaces all rows.

    A row's ``origin`` is the position it had before; corrected, it keeps its place on the page.
    """

    model_config = ConfigDict(extra="forbid")

    version: int
    values: dict[str, str] = {}
    line_items: list[dict[str, str | int | None]] | None = None
    type: str | None = None
    load_anyway: bool = False


class Rejection(BaseModel):
    """Why a document goes back."""

    model_config = ConfigDict(extra="forbid")

    version: int
    reason: str = Field(min_length=1)


class TakenBack(BaseModel):
    """Which version of the document was seen."""

    model_config = ConfigDict(extra="forbid")

    version: int


@router.get("/documents")
def waiting(
    request: Request, limit: Annotated[int, Query(ge=1, le=500)] = 100, after: Annotated[int, Query(ge=0)] = 0
) -> list[WaitingDocument]:
    """The documents that wait for review, the oldest first; page on with the last id as ``after``."""
    return queue.waiting(store_of(request), limit, after, visitor_of(request).scope)


@router.get("/documents/{document_id}")
def document(request: Request, document_id: int) -> ReviewDocument:
    """One document with its fields, the doubtful first; does not claim it."""
    with store_of(request).transaction() as session:
        record(session, document_id, visitor_of(request).name, "looked-at")
    return queue.open_document(store_of(request), document_id)


@router.post("/documents/{document_id}/claim")
def claim(request: Request, document_id: int) -> Claimed:
    """Hold a document, so that nobody else decides on it; again, to hold it longer."""
    return Claimed(held=queue.claim(store_of(request), document_id, visitor_of(request).name))


@router.post("/documents/{document_id}/accept")
def accept(request: Request, document_id: int, sent: Acceptance) -> Outcome:
    """Load a document. 409: someone else decided or holds it; 422: see ``problems`` or ``findings``.

    Where two people are needed, the first one's decision leaves it in review, and nobody but a second account may
    load it, by accepting the same values.
    """
    if sent.type is not None and not visitor_of(request).scope.has_type(sent.type):
        raise NotFound("There is no such document type.")
    state = queue.decide_accept(
        store_of(request),
        document_id,
        sent.version,
        visitor_of(request).name,
        sent.values,
        sent.line_items,
        type_name=sent.type,
        load_anyway=sent.load_anyway,
    )
    return Outcome(id=document_id, state=state.value, second_person=state == State.REVIEW)


@router.post("/documents/{document_id}/take-back")
def take_back(request: Request, document_id: int, sent: TakenBack) -> Outcome:
    """Take one's own first decision back while a second person is waited for."""
    queue.take_back(store_of(request), document_id, sent.version, visitor_of(request).name)
    return Outcome(id=document_id, state=State.REVIEW.value)


@router.post("/documents/{document_id}/reject")
def reject(request: Request, document_id: int, sent: Rejection) -> Outcome:
    """Send a document back with a reason."""
    queue.decide_reject(store_of(request), document_id, sent.version, visitor_of(request).name, sent.reason)
    return Outcome(id=document_id, state="rejected")
