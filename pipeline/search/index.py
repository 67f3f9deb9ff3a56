"""Keeping the terms of documents in step with them, in the transaction in which a document changes."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from itertools import islice

from sqlalchemy import ColumnElement, column, func, literal_column, select, table
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from models.document_types import UNKNOWN, Kind, document_types
from models.tables import DocumentRow, FieldRow, LineItemRow, PageRow
from pipeline.search import terms
from pipeline.store import Store

_AT_ONCE = 200  # documents a transaction: others write in between
TABLE = table("search_texts", column("rowid"), column("document_id"), column("words"), column("search_texts"))
"""On SQLite an FTS5 table that is asked by its own name and whose ``rowid`` is the document's id; on PostgreSQL
``document_id`` and a ``tsvector``."""


def index_name(session: Session, document_id: int, name: str) -> None:
    """Let a document that was not read yet be found by its name."""
    _write(session, document_id, terms.words(name))


def index_document(session: Session, document_id: int) -> None:
    """Let a document be found by its name, the words on its pages, its fields and rows as they stand in the session."""
    session.flush()
    document = session.get_one(DocumentRow, document_id)
    kind = document_types().get(document.type or UNKNOWN, document_types()[UNKNOWN])
    pages = session.scalars(select(PageRow.words).where(PageRow.document_id == document_id).order_by(PageRow.number))
    fields = session.execute(select(FieldRow.name, FieldRow.value).where(FieldRow.document_id == document_id)).all()
    named = [(name, kind.fields[name].kind if name in kind.fields else Kind.TEXT, value) for name, value in fields]
    found = [*terms.words(document.name), *terms.of_fields(named)]
    for cells in session.scalars(select(LineItemRow.cells).where(LineItemRow.document_id == document_id)):
        found += terms.of_cells(cells)
    for packed in pages:
        for text, *_ in json.loads(zlib.decompress(packed)):
            found += terms.words(text)
    _write(session, document_id, found)


def index_missing(store: Store) -> int:
    """Index all documents that search does not know; returns how many."""
    done = 0
    while True:
        with store.transaction() as session:
            number = TABLE.c.rowid if session.get_bind().dialect.name == "sqlite" else TABLE.c.document_id
            unknown = select(DocumentRow.id).where(DocumentRow.id.not_in(select(number))).limit(_AT_ONCE)
            ids = session.scalars(unknown).all()
            for document_id in ids:
                index_document(session, document_id)
        if not ids:
            return done
        done += len(ids)


def _write(session: Session, document_id: int, found: Iterable[str]) -> None:
    kept = list(islice(dict.fromkeys(found), terms.MOST))
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            "INSERT OR REPLACE INTO search_texts (rowid, words) VALUES (?, ?)", (document_id, " ".join(kept))
        )
        return
    # as they are: PostgreSQL's own parser, which would split them its way, is not asked
    lexemes = postgresql.array(kept, type_=postgresql.TEXT) if kept else None
    vector: ColumnElement[str] = literal_column("''::tsvector") if lexemes is None else func.array_to_tsvector(lexemes)
    statement = postgresql.insert(TABLE).values(document_id=document_id, words=vector)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["document_id"], set_={"words": statement.excluded.words})
    )
