"""What comes next, told before it is taken: the browser fetches its pictures while a person still works on this one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from fastapi import APIRouter, Request

from models.roles import EVERYTHING, Scope
from pipeline.review import queue
from pipeline.review.access import about_documents_by_program
from pipeline.review.described import ANSWERS, DocumentId
from pipeline.review.screen import store_of, visitor_of
from pipeline.store import Store

router = APIRouter(prefix="/api", tags=["review"], dependencies=about_documents_by_program, responses=ANSWERS)
_PAGES = 2  # of a document that are fetched ahead


@dataclass(frozen=True, slots=True)
class Following:
    """The document that would most probably come next, and the pages that its reader sees first."""

    id: int
    pages: tuple[int, ...]


def following(store: Store, document_id: int, reviewer: str, scope: Scope = EVERYTHING) -> Following | None:
    """What `claim_next` would give after ``document_id``; not taken, so another may be quicker. None: nothing waits."""
    found = queue.peek_next(store, reviewer, document_id, scope)
    if found is None:
        return None
    shown = queue.open_document(store, found)
    wanted = [field.page for field in shown.doubtful if field.page]  # the cursor will stand in the first of them
    wanted += [page.number for page in shown.pages]
    return Following(found, tuple(islice(dict.fromkeys(wanted), _PAGES)))


@router.get("/documents/{document_id}/following")
def foreseen(request: Request, document_id: DocumentId) -> Following | None:
    """What comes after a document most probably, and which of its pages are seen first; null where nothing waits."""
    visitor = visitor_of(request)
    return following(store_of(request), document_id, visitor.name, visitor.scope)
