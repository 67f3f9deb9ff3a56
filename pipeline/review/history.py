"""What happened to a document, in order and in words, and the row that it became."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from models.document_types import UNKNOWN, document_types
from models.messages import listed, say
from models.tables import HEADER_TABLES, DocumentRow, EventRow
from pipeline.store import Store

_WORDS = {
    "received": say("Received"),
    "duplicate": say("Dropped again"),
    "attempt": say("Processing began"),
    "read": say("Read"),
    "understood": say("Type and fields found"),
    "review": say("Sent to a person"),
    "loaded": say("Loaded"),
    "rejected": say("Sent back"),
    "quarantined": say("Put into quarantine"),
    "told": say("The station was told"),
    "withdrawn": say("The message to the station was withdrawn"),
    "superseded": say("Its row was taken over by a later document"),
    "review-opened": say("Opened for review"),
    "review-accepted": say("Accepted"),
    "review-taken-back": say("Decision taken back"),
    "put-aside": say("Put aside"),
    "brought-back": say("Brought back"),
    "commented": say("Commented on"),
    "priority": say("Priority changed"),
    "recalled": say("Recalled: its row was removed"),
    "looked-at": say("Looked at"),
    "original-fetched": say("Original downloaded"),
    "made": say("Made of pages of other documents"),
    "replaced": say("Its pages went into other documents"),
    "pages-taken-back": say("Taken back: its pages are here again"),
    "unlock-failed": say("A wrong password was tried"),
    "access-refused": say("Asked for without the right to see it"),
}
_TOLD: Mapping[str, Callable[[Any], str]] = {
    "pages": lambda value: say("pages: {value}", value=value),
    "fields": lambda value: say("fields: {value}", value=value),
    "type": lambda value: say("as {value}", value=_title(value)),
    "table": lambda value: say("in {value}", value=value),
    "number": lambda value: say("attempt {value}", value=value),
    "code": str,
    "reason": lambda value: f"“{value}”",
    "because": lambda value: f"“{value}”",
    "despite": lambda value: say("in spite of {value}", value=", ".join(value)),
    "by": lambda value: say("by document {value}", value=value),
    "sources": lambda value: say("from document {value}", value=", ".join(map(str, value))),
    "documents": lambda value: say("document {value}", value=", ".join(map(str, value))),
    "dropped": lambda value: say("pages left out: {value}", value=value),
    "corrected": lambda value: say("corrected {value}", value=listed(value)),
}
"""What an entry of the ledger knows, in words."""


def _title(name: str) -> str:
    kind = document_types().get(name)
    return say("{title:lower}", title=kind.title["en"]) if kind else name


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
        kind = (document.type if document else None) or UNKNOWN
        events = session.scalars(select(EventRow).where(EventRow.document_id == document_id).order_by(EventRow.id))
        told = tuple(
            Happened(one.at, one.actor, _WORDS.get(one.kind, one.kind), _more(one.data, kind)) for one in events
        )
        table = HEADER_TABLES[kind]
        columns = (table.c.id, table.c.business_key, table.c.loaded_at)
        row = session.execute(select(*columns).where(table.c.document_id == document_id)).one_or_none()
    return told, None if row is None else Became(table.name, row.id, row.business_key, row.loaded_at)


def _more(data: dict[str, Any], kind: str) -> str:
    """What an entry knows besides; fields are called as in documents of the type ``kind``, or as the entry says."""
    if names := data.get("corrected"):
        named = document_types().get(data.get("type") or kind)
        fields = named.fields if named else {}
        titles = [fields[name].title["en"] if name in fields else name.replace("_", " ") for name in names]
        data = data | {"corrected": titles}
    told = (form(data[name]) for name, form in _TOLD.items() if data.get(name) not in (None, "", [], {}))
    return listed(told)
