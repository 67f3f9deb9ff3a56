"""The same actions for programs, as JSON under ``/api``; described in ``/api/openapi.json``.

A program sends ``Authorization: Bearer KEY`` with the key of ``desk.key`` and its name as ``X-Reviewer``. A browser's
session works too; it sends its form token as ``X-CSRF-Token`` with everything that changes something.
"""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from models.errors import Conflict
from pipeline.review import queue
from pipeline.review.records import ReviewDocument, WaitingDocument
from pipeline.review.screen import store_of, visitor_of


def _sent_on_purpose(request: Request) -> None:
    visitor = visitor_of(request)
    if visitor.csrf and not hmac.compare_digest(
        request.headers.get("x-csrf-token", "").encode(), visitor.csrf.encode()
    ):
        raise Conflict("Send the form token of the session as X-CSRF-Token.")


router = APIRouter(prefix="/api", tags=["review"])
changing = [Depends(_sent_on_purpose)]


class Claimed(BaseModel):
    """Whether the caller holds the document now."""

    held: bool


class Outcome(BaseModel):
    """What became of the document."""

    id: int
    state: str


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


@router.get("/documents")
def waiting(
    request: Request, limit: Annotated[int, Query(ge=1, le=500)] = 100, after: Annotated[int, Query(ge=0)] = 0
) -> list[WaitingDocument]:
    """The documents that wait for review, the oldest first; page on with the last id as ``after``."""
    return queue.waiting(store_of(request), limit, after)


@router.get("/documents/{document_id}")
def document(request: Request, document_id: int) -> ReviewDocument:
    """One document with its fields, the doubtful first; does not claim it."""
    return queue.open_document(store_of(request), document_id)


@router.post("/documents/{document_id}/claim", dependencies=changing)
def claim(request: Request, document_id: int) -> Claimed:
    """Hold a document, so that nobody else decides on it; again, to hold it longer."""
    return Claimed(held=queue.claim(store_of(request), document_id, visitor_of(request).name))


@router.post("/documents/{document_id}/accept", dependencies=changing)
def accept(request: Request, document_id: int, sent: Acceptance) -> Outcome:
    """Load a document. 409: someone else decided or holds it; 422: see ``problems`` or ``findings``."""
    queue.decide_accept(
        store_of(request),
        document_id,
        sent.version,
        visitor_of(request).name,
        sent.values,
        sent.line_items,
        type_name=sent.type,
        load_anyway=sent.load_anyway,
    )
    return Outcome(id=document_id, state="loaded")


@router.post("/documents/{document_id}/reject", dependencies=changing)
def reject(request: Request, document_id: int, sent: Rejection) -> Outcome:
    """Send a document back with a reason."""
    queue.decide_reject(store_of(request), document_id, sent.version, visitor_of(request).name, sent.reason)
    return Outcome(id=document_id, state="rejected")
