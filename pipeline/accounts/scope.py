"""What an account may see, as conditions of a query. Every list and every document goes through here."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from models.roles import Scope
from models.tables import AccountRow, DocumentRow, DropRow


def scope_of(row: AccountRow) -> Scope:
    """What the account of a row may see."""
    types, stations = row.document_types, row.stations
    return Scope(None if types is None else frozenset(types), None if stations is None else frozenset(stations))


def visible(scope: Scope) -> list[ColumnElement[bool]]:
    """Conditions on `DocumentRow` that leave what is within ``scope``; none where it has no limits."""
    conditions: list[ColumnElement[bool]] = []
    if scope.types is not None:
        conditions.append(DocumentRow.type.in_(sorted(scope.types)))  # NULL is in no list
    if scope.stations is not None:
        dropped = exists().where(DropRow.document_id == DocumentRow.id, DropRow.station.in_(sorted(scope.stations)))
        conditions.append(dropped)
    return conditions


def is_visible(session: Session, document_id: int, scope: Scope) -> bool:
    """Whether there is such a document within ``scope``."""
    query = select(DocumentRow.id).where(DocumentRow.id == document_id, *visible(scope))
    return session.scalar(query) is not None
