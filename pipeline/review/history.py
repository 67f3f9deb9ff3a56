"""What happened to a document, in order and in words, and the row that it became."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from models.document_types import UNKNOWN
from models.tables import HEADER_TABLES, DocumentRow, EventRow
from pipeline.store import Store

_WORDS = {
    "received": "Received",
    "duplicate": "Dropped again",
    "attempt": "Processing began",
    "read": "Read",
    "understood": "Type and fields found",
    "review": "Sent to a person",
    "loaded": "Loaded",
    "rejected": "Sent back",
    "quarantined": "Put into quarantine",
    "told": "The station was told",
    "withdrawn": "The message to the station was withdrawn",
    "superseded": "Its row was taken over by a later document",
    "review-opened": "Opened for review",
    "review-accepted": "Accepted",
    "review-taken-back": "Decision taken back",
    "put-aside": "Put aside",
    "brought-back": "Brought back",
    "commented": "Commented on",
    "priority": "Priority changed",
    "recalled": "Recalled: its row was removed",
    "looked-at": "Looked at",
    "original-fetched": "Original downloaded",
    "access-refused": "Asked for without the right to see it",
}
_TOLD = {
    "pages": "{} pages",
    "fields": "{} fields",
    "type": "as {}",
    "table": "in {}",
    "number": "attempt {}",
    "code": "{}",
    "reason": "“{}”",
    "because": "“{}”",
    "despite": "in spite of {}",
    "by": "by document {}",
    "corrected": "corrected {}",
}


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of the ledger: when, who, and what in words."""

    at: dt.datetime
    by: str
    what: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Became:
    """The destination row of a document: its table, id and business key, and when it was written."""

    table: str
    id: int
    business_key: str | None
    loaded_at: dt.datetime


def history(store: Store, document_id: int) -> tuple[tuple[Happened, ...], Became | None]:
    """All that the ledger says about a document, the oldest first, and its row where it has one."""
    with store.reading() as session:
        document = session.get(DocumentRow, document_id)
        events = session.scalars(select(EventRow).where(EventRow.document_id == document_id).order_by(EventRow.id))
        told = tuple(Happened(one.at, one.actor, _WORDS.get(one.kind, one.kind), _more(one.data)) for one in events)
        table = HEADER_TABLES[(document.type if document else None) or UNKNOWN]
        columns = (table.c.id, table.c.business_key, table.c.loaded_at)
        row = session.execute(select(*columns).where(table.c.document_id == document_id)).one_or_none()
    return told, None if row is None else Became(table.name, row.id, row.business_key, row.loaded_at)


def _more(data: dict[str, Any]) -> str:
    parts = []
    for name, form in _TOLD.items():
        value = data.get(name)
        if value not in (None, "", [], {}):
            words = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            parts.append(form.format(words.replace("_", " ")))
    return ", ".join(parts)
