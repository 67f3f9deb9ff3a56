"""A document's bytes: the file as it was dropped, and its pages as pictures; for people and for programs."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response

from models.errors import NotFound
from models.messages import say
from models.tables import DocumentRow
from pipeline.review.access import about_documents, about_documents_by_program
from pipeline.review.described import ANSWERS, BYTES, PNG, DocumentId, PageNumber
from pipeline.review.images import Renditions, attachment
from pipeline.review.screen import store_of, visitor_of
from pipeline.store import record

router = APIRouter(dependencies=about_documents)
api = APIRouter(prefix="/api", tags=["files"], dependencies=about_documents_by_program, responses=ANSWERS)


@router.get("/documents/{document_id}/pages/{number}.png")
@api.get("/documents/{document_id}/pages/{number}/image", response_class=Response, responses=PNG)
def page_image(request: Request, document_id: DocumentId, number: PageNumber) -> Response:
    """One page as a picture, upright; boxes times ``picture width / page width`` fit it."""
    renditions: Renditions = request.app.state.renditions
    return FileResponse(renditions.png(document_id, number), media_type="image/png")


@router.get("/documents/{document_id}/original")
@api.get("/documents/{document_id}/original", response_class=Response, responses=BYTES)
def original(request: Request, document_id: DocumentId) -> Response:
    """The bytes as they were dropped, only ever as a download."""
    store, name = store_of(request), visitor_of(request).name
    with store.transaction() as session:
        row = session.get(DocumentRow, document_id)
        path = store.vault.path(row.sha256) if row else None
        if row is None or path is None or not path.exists():
            raise NotFound(say("There is no such document."))
        record(session, document_id, name, "original-fetched")
    headers = {"Content-Disposition": attachment(row.name)}
    return FileResponse(path, media_type="application/octet-stream", headers=headers)
