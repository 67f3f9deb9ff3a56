"""The order of the queue: the most urgent priority first, then the oldest; a walk along an index, never a sort.

The indexes hold only what waits, so they are as small as the queue; a place in it is ``(priority, id)``, and paging
goes on behind a place (key-set paging). Where an account sees some document types only, the walks along each of them
are merged. Limits by station are looked up document by document: quick where the account sees much of the queue.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from sqlalchemy import ColumnElement, Select, literal_column, select
from sqlalchemy.orm import Session

from models.roles import Scope
from models.tables import DocumentRow
from pipeline.accounts import visible

Place = tuple[int, int]
IN_REVIEW = DocumentRow.state == literal_column("'review'")  # in words, so that partial indexes are seen to fit


def place_of(session: Session, document_id: int) -> Place | None:
    """Where a document stands in the queue, or stood; None where there is none of that id."""
    priority = session.scalar(select(DocumentRow.priority).where(DocumentRow.id == document_id))
    return None if priority is None else (priority, document_id)


def waiting_places(
    session: Session,
    scope: Scope,
    *conditions: ColumnElement[bool],
    behind: Place | None = None,
    step: int = 20,
) -> Iterator[Place]:
    """The places of the documents that wait and fulfil the conditions, in order, fetched ``step`` at a time."""
    kinds = [None] if scope.types is None else sorted(scope.types)
    where = (*conditions, *visible(scope))
    walks = [_walk(session, places_of(kind, *where).limit(step), behind, step) for kind in kinds]
    return heapq.merge(*walks)


def places_of(kind: str | None, *conditions: ColumnElement[bool]) -> Select[tuple[int, int]]:
    """The query for all places in order, of one document type or of all."""
    query = select(DocumentRow.priority, DocumentRow.id).where(IN_REVIEW, *conditions)
    if kind is not None:
        query = query.where(DocumentRow.type == kind)
    return query.order_by(DocumentRow.priority, DocumentRow.id)


def behind_place(query: Select[tuple[int, int]], place: Place) -> tuple[Select[tuple[int, int]], ...]:
    """What comes after a place, as two queries: the rest of its priority, and all behind that.

    One comparison of rows would say the same, but PostgreSQL guesses the number of its rows from the first column
    alone, and then walks the wrong index.
    """
    priority, document_id = place
    same = query.where(DocumentRow.priority == priority, DocumentRow.id > document_id)
    return same, query.where(DocumentRow.priority > priority)


def _walk(session: Session, query: Select[tuple[int, int]], behind: Place | None, step: int) -> Iterator[Place]:
    queries = [query] if behind is None else list(behind_place(query, behind))
    while queries:
        found = session.execute(queries.pop(0)).all()
        for row in found:
            yield row.priority, row.id
        if len(found) == step:
            queries = list(behind_place(query, (found[-1].priority, found[-1].id)))
