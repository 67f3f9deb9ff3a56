"""The desk's "Why?": what speaks for the value of a field, asked for only when somebody wants to know.

It asks for the same rights as the document itself (`pipeline.review.access`). Programs have it under ``/api``.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from models.document_types import document_types
from models.errors import NotFound
from models.messages import say
from models.tables import DocumentRow
from pipeline.explain import Explanation, explain
from pipeline.review.access import about_documents
from pipeline.review.screen import page, store_of, visitor_of
from pipeline.review.stored import extract_again, shown_findings, stored_extraction, stored_reading
from pipeline.review.weigh import kind_named
from pipeline.store import Store

router = APIRouter(dependencies=about_documents)
TypeName = Annotated[str | None, Query(alias="type", description="As if the document were of this type.")]
"""The parameter of both routes."""
_REASONS = 5
_OPTIONS = 4


def why(store: Store, document_id: int, name: str, type_name: str | None = None) -> Explanation:
    """Explain a field of a stored document, from its stored words; with ``type_name``, as if it were of that type.

    The words are those that were read, so what was tried is what the machine tried, unless its code has changed since.

    Raises:
        NotFound: there is no such document, type or field.
    """
    settings = store.settings
    with store.reading() as session:
        row = session.get(DocumentRow, document_id)
        if row is None:
            raise NotFound(say("There is no document {number}.", number=document_id))
        kind = kind_named(type_name or row.type)
        same = kind.name == row.type
        extraction = stored_extraction(session, row.id) if same else extract_again(session, row, kind, settings)
        findings = shown_findings(row, kind, extraction, settings)
        reading = stored_reading(session, row)
    return explain(reading, kind, extraction, findings, name=name, settings=settings)


def asked(request: Request, document_id: int, name: str, type_name: str | None) -> Explanation:
    """`why` for the visitor of ``request``, who must be allowed to see documents of that type."""
    if type_name is not None and not visitor_of(request).scope.has_type(type_name):
        raise NotFound(say("There is no such document type."))
    return why(store_of(request), document_id, name, type_name)


@router.get("/documents/{document_id}/why/{field}")
def piece(request: Request, document_id: int, field: str, type_name: TypeName = None) -> Response:
    """The explanation as a piece of HTML that the desk puts under the field."""
    found = asked(request, document_id, field, type_name)
    kind = document_types()[found.type].fields[found.name].kind
    return page(request, "_why.html", found=found, kind=kind, options=found.options[:_OPTIONS], reasons=_REASONS)
