"""The order of the queue: the most urgent priority first, then the oldest; a walk along an index, never a sort.

The indexes hold only what waits, so they are as small as the queue; a place in it is ``(priority, id)``, and paging
goes on behind a place (key-set paging). Where an account sees some document types only, the walks along each of them
are merged. Limits by station are looked up document by document: quick where the account sees much of the queue.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from sqlalchemy import ColumnElement, Select, literal, literal_column, select, tuple_
from sqlalchemy.orm import Session

from models.roles import Scope
from models.tables import DocumentRow
from pipeline.accounts import visible

Place = tuple[int, int]
IN_REVIEW = DocumentRow.state == literal_column("'review'")  # in words, so that partial indexes are seen to fit
EVERY = DocumentRow.priority > literal_column("0")
EVERY_TYPE = None
"""What stands for the name of a document type: all of them."""


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
    where = (*conditions, *visible(scope))
    queries = [places_of(kind, *where).limit(step) for kind in _kinds(scope)]
    return heapq.merge(*(_walk(session, query, behind, step) for query in queries))


def _kinds(scope: Scope) -> list[str | None]:
    """What is walked along: EVERY_TYPE, or each type alone."""
    return [EVERY_TYPE] if scope.types is None else [*sorted(scope.types)]


def places_of(kind: str | None, *conditions: ColumnElement[bool]) -> Select[tuple[int, int]]:
    """The query for all places in order, of one document type or of all.

    PostgreSQL guesses from the first column alone how many rows are behind a place, and may think any index good
    enough; so the index of all types holds only priorities above 0 (that is all of them), and only a query that says
    so can walk it. SQLite thinks an equation the best it can get, looks for the state and sorts a million: it is told.
    """
    query = select(DocumentRow.priority, DocumentRow.id).where(IN_REVIEW, *conditions)
    query = query.order_by(DocumentRow.priority, DocumentRow.id)
    if kind is EVERY_TYPE:
        return query.where(EVERY).with_hint(DocumentRow, "INDEXED BY ix_documents_queue", "sqlite")
    return query.where(DocumentRow.type == kind)


def behind_place(query: Select[tuple[int, int]], place: Place) -> Select[tuple[int, int]]:
    """The same query, for what comes after a place."""
    return query.where(tuple_(DocumentRow.priority, DocumentRow.id) > tuple_(literal(place[0]), literal(place[1])))


def _walk(session: Session, query: Select[tuple[int, int]], behind: Place | None, step: int) -> Iterator[Place]:
    while True:
        found = session.execute(query if behind is None else behind_place(query, behind)).all()
        for row in found:
            yield row.priority, row.id
        if len(found) < step:
            return
        behind = (found[-1].priority, found[-1].id)
