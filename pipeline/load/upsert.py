"""The upsert on the business key, in one transaction with the state change.

Two documents with the same business key (a re-scan, a corrected copy) are one row: the later one takes it over,
and the ledger of the earlier one says so (``superseded``). Whoever asks `business_key_holder` in the transaction
in which it then loads gets an answer that stays true until the end, because the key is locked.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from models.document_types import UNKNOWN, DocumentType, document_types
from models.errors import InvalidValue
from models.messages import say
from models.records import LINE_ITEM_COLUMNS
from models.states import State
from models.tables import HEADER_TABLES, LINE_TABLES, DocumentRow, FieldRow, LineItemRow
from pipeline.load.values import row_values
from pipeline.store import clock, insert_into, lock, move, record


def business_key_holder(session: Session, document: DocumentRow) -> int | None:
    """The id of another document that holds this one's business key now; None where it is free or there is no key.

    Looks at the fields as they are in the session. Locks the key until the transaction ends.
    """
    kind = _kind(document)
    return _holder(session, kind, kind.key(_values(session, document)), document)


def holder_of_key(session: Session, document_id: int, kind: DocumentType, values: dict[str, str]) -> int | None:
    """The id of another document that is loaded with the business key of these values; locks and promises nothing."""
    key = kind.key(values)
    if key is None:
        return None
    table = HEADER_TABLES[kind.name]
    where = (table.c.business_key == key, table.c.document_id != document_id)
    holder: int | None = session.scalar(select(table.c.document_id).where(*where))
    return holder


def load(session: Session, document: DocumentRow, actor: str) -> str:
    """Write the destination rows of a document and move it to LOADED; the caller's transaction commits all or nothing.

    Returns:
        The name of the destination table.

    Raises:
        InvalidValue: a value does not fit its column; nothing was written. ``problems`` names each.
        IllegalMove: the document is in no state from which it may be loaded.
        Conflict: someone changed it since it was read.
    """
    session.flush()
    kind = _kind(document)
    values = _values(session, document)
    header, problems = row_values(HEADER_TABLES[kind.name], tuple(kind.fields), values)
    lines, wrong = _lines(session, kind, document)
    problems |= wrong
    if problems:
        names = ", ".join(problems)
        raise InvalidValue(
            say(
                "Some values do not fit the table {table}: {names}. Correct them.",
                table=kind.table,
                names=names,
            ),
            problems,
        )
    key = kind.key(values)
    before = _holder(session, kind, key, document)
    header_id = _upsert(session, kind, document, key, header)
    if kind.name in LINE_TABLES:
        table = LINE_TABLES[kind.name]
        owner = table.c[f"{kind.name}_id"]
        session.execute(delete(table).where(owner == header_id))
        if lines:
            session.execute(insert(table), [{owner.name: header_id, **line} for line in lines])
    if before is not None:
        record(session, before, actor, "superseded", by=document.id, table=kind.table)
    move(session, document, State.LOADED, actor, table=kind.table)
    return kind.table


def _kind(document: DocumentRow) -> DocumentType:
    return document_types()[document.type or UNKNOWN]


def _values(session: Session, document: DocumentRow) -> dict[str, str]:
    found = session.execute(select(FieldRow.name, FieldRow.value).where(FieldRow.document_id == document.id))
    return {name: value for name, value in found if value}


def _lines(session: Session, kind: DocumentType, document: DocumentRow) -> tuple[list[dict[str, Any]], dict[str, str]]:
    if kind.name not in LINE_TABLES:
        return [], {}
    table = LINE_TABLES[kind.name]
    found = session.execute(
        select(LineItemRow.cells).where(LineItemRow.document_id == document.id).order_by(LineItemRow.position)
    )
    lines: list[dict[str, Any]] = []
    problems: dict[str, str] = {}
    for position, (cells,) in enumerate(found):
        row, wrong = row_values(table, LINE_ITEM_COLUMNS, cells)
        lines.append({"position": position, **row})
        problems |= {f"line_items.{position}.{name}": message for name, message in wrong.items()}
    return lines, problems


def _holder(session: Session, kind: DocumentType, key: str | None, document: DocumentRow) -> int | None:
    if key is None:
        return None
    lock(session, f"{kind.table}|{key}")
    table = HEADER_TABLES[kind.name]
    holder: int | None = session.scalar(select(table.c.document_id).where(table.c.business_key == key))
    return None if holder == document.id else holder


def _upsert(
    session: Session, kind: DocumentType, document: DocumentRow, key: str | None, header: dict[str, Any]
) -> int:
    """Write the header row and return its id."""
    table = HEADER_TABLES[kind.name]
    row = {**header, "document_id": document.id, "business_key": key, "loaded_at": clock.now()}
    # a row that this document has under another key would break the rule of one row a document
    stale = delete(table).where(table.c.document_id == document.id)
    if key is not None:
        session.execute(stale.where(table.c.business_key.is_distinct_from(key)))
    target = table.c.document_id if key is None else table.c.business_key
    statement = insert_into(session, table).values(row)
    header_id: int = session.execute(
        statement.on_conflict_do_update(
            index_elements=[target], set_={name: statement.excluded[name] for name in row}
        ).returning(table.c.id)
    ).scalar_one()
    return header_id
