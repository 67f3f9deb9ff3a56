"""The tables: operational ones by hand, destination ones made from the document types.

Operational tables hold the life of a document (one row, one state, a version for compare-and-swap);
destination tables are what integrators read. Times are UTC without a zone. Migrations are in
``models/migrations``; a test holds them against this module.
"""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from models.document_types import DocumentType, Kind, document_types
from models.messages import read, read_findings, written, written_findings
from models.records import LINE_ITEM_COLUMNS

PRIORITY = 5
"""The priority of a document that nobody has called urgent (1 first, 9 last)."""

_Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up by itself only on INTEGER


class _Sentences(TypeDecorator[list[str]]):
    """Sentences for people as JSON; a `models.messages.Message` comes back as one."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return None if value is None else [written(text) for text in value]

    def process_result_value(self, value: Any, dialect: Dialect) -> list[str] | None:  # noqa: ARG002
        return None if value is None else [read(text) for text in value]


class _Sentence(TypeDecorator[str]):
    """One sentence for people as text: a `models.messages.Message` as JSON, any other as it is."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        kept = None if value is None else written(value)
        return kept if kept is None or isinstance(kept, str) else json.dumps(kept)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        return read(json.loads(value)) if value and value.startswith('{"message": ') else value


class _Findings(TypeDecorator[list[dict[str, Any]]]):
    """Findings as JSON; the ``message`` of each comes back as a `models.messages.Message` where it was one."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: list[dict[str, Any]] | None, dialect: Dialect) -> Any:  # noqa: ARG002
        return None if value is None else written_findings(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> list[dict[str, Any]] | None:  # noqa: ARG002
        return None if value is None else read_findings(value)


class Base(DeclarativeBase):
    """Base of the operational tables; its metadata holds the destination tables too."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def _only(condition: str) -> dict[str, Any]:
    """For an index that holds only some rows."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def is_described(name: str | None, what: str) -> bool:
    """Whether a database object is described here: search tables are each database's own (migrations 0006, 0009)."""
    return not (what == "table" and (name or "").startswith("search_"))


class DocumentRow(Base):
    """One business document: unique by the SHA-256 of its bytes, in exactly one state."""

    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(Text)  # of the first drop
    media_type: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(Integer, default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)  # counted before the work begins
    type: Mapped[str | None] = mapped_column(String(32))
    type_confidence: Mapped[float | None] = mapped_column(Float)
    route: Mapped[str | None] = mapped_column(String(16))
    reasons: Mapped[list[str]] = mapped_column(_Sentences, default=list)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(_Findings, default=list)
    quarantine_code: Mapped[str | None] = mapped_column(String(32))
    quarantine_message: Mapped[str | None] = mapped_column(Text)
    seconds: Mapped[float | None] = mapped_column(Float)  # from claim to decision
    received_at: Mapped[dt.datetime] = mapped_column(DateTime)
    changed_at: Mapped[dt.datetime] = mapped_column(DateTime)
    priority: Mapped[int] = mapped_column(SmallInteger, default=PRIORITY)  # 1 first, 9 last

    __table_args__ = (
        Index("ix_documents_state_id", "state", "id"),
        # the queue in its order, of all types and by type; only what waits is in them (see `pipeline.review.order`)
        Index("ix_documents_queue", "priority", "id", **_only("state = 'review' AND priority > 0")),
        Index("ix_documents_received_at", "received_at", "state", "route"),
        Index("ix_documents_queue_type", "type", "priority", "id", **_only("state = 'review'")),
    )


class DropRow(Base):
    """One file that a station dropped. ``token`` is the claim's name in ``work``, so a claim counts once."""

    __tablename__ = "drops"

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)  # none: never opened
    name: Mapped[str] = mapped_column(Text)
    station: Mapped[str] = mapped_column(Text, default="")
    size: Mapped[int] = mapped_column(BigInteger)
    refused: Mapped[str | None] = mapped_column(String(32))  # reason code of a node that was never opened
    received_at: Mapped[dt.datetime] = mapped_column(DateTime)


class PageRow(Base):
    """One page as it was read.

    ``words`` is ``[[text, x0, y0, x1, y1, confidence], ...]``, zlib-compressed JSON; ``codes`` is
    ``[[format, text, x0, y0, x1, y1], ...]``, plain JSON.
    """

    __tablename__ = "pages"

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    width: Mapped[float] = mapped_column(Float)
    height: Mapped[float] = mapped_column(Float)
    turned: Mapped[int] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(String(16))
    words: Mapped[bytes] = mapped_column(LargeBinary)
    codes: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)


class FieldRow(Base):
    """One field of a document, with its proof. ``corrected_from`` keeps the machine's value after a correction."""

    __tablename__ = "fields"

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(48), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    raw: Mapped[str] = mapped_column(Text, default="")
    confidence: Mapped[float] = mapped_column(Float)
    page: Mapped[int | None] = mapped_column(Integer)
    box: Mapped[list[float] | None] = mapped_column(JSON(none_as_null=True))
    source: Mapped[str] = mapped_column(String(16))
    witnesses: Mapped[list[str]] = mapped_column(JSON, default=list)
    corrected_from: Mapped[str | None] = mapped_column(Text)


class LineItemRow(Base):
    """One line item of a document, as read or corrected; ``cells`` maps column to normal form."""

    __tablename__ = "line_items"

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    cells: Mapped[dict[str, str | None]] = mapped_column(JSON)
    confidence: Mapped[float] = mapped_column(Float)
    page: Mapped[int | None] = mapped_column(Integer)
    box: Mapped[list[float] | None] = mapped_column(JSON(none_as_null=True))


class EventRow(Base):
    """The ledger: who did what to a document, and when. Only ever added to; ``data`` holds no document content."""

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(DateTime)
    actor: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(32))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class LeaseRow(Base):
    """Who holds a document right now, and until when. No row, or one that has expired: it is free."""

    __tablename__ = "leases"

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(16))  # "process" or "review"
    expires_at: Mapped[dt.datetime] = mapped_column(DateTime, index=True)


class FourEyesRow(Base):
    """A document that needs two people, and who decided first; ``first`` is None while nobody has (or took it back).

    The row stays until the document is loaded or sent back, so that no correction talks the second person away.
    """

    __tablename__ = "four_eyes"

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(_Sentence)
    first: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[dt.datetime | None] = mapped_column(DateTime)


class AsideRow(Base):
    """A document that somebody put aside with a note; until then nobody is given it as the next one."""

    __tablename__ = "put_aside"

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    by: Mapped[str] = mapped_column(String(64), index=True)
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(DateTime)
    until: Mapped[dt.datetime] = mapped_column(DateTime)


class CommentRow(Base):
    """What somebody wrote about a document, for the others; only ever added to."""

    __tablename__ = "comments"

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(DateTime)
    text: Mapped[str] = mapped_column(Text)


class EffortRow(Base):
    """What one look at a document cost a person, as a whole (``field`` is empty) and by field; no content.

    ``outcome`` is what it ended with: accepted, rejected, put-aside or skipped. ``line_items`` is a field too.
    """

    __tablename__ = "review_effort"

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(DateTime)
    outcome: Mapped[str] = mapped_column(String(16))
    field: Mapped[str] = mapped_column(String(48), default="")
    seen: Mapped[bool] = mapped_column(Boolean)
    changed: Mapped[bool] = mapped_column(Boolean)
    seconds: Mapped[float] = mapped_column(Float)
    keystrokes: Mapped[int] = mapped_column(Integer)
    clicks: Mapped[int] = mapped_column(Integer, default=0)

    __table_args__ = (Index("ix_review_effort_at", "at", **_only("field = ''")),)


class MadeFromRow(Base):
    """One page of a document that a person made of pages of others: which page of which, and how it was turned.

    ``turned`` is in degrees clockwise. The sources are never changed; they end as `State.REPLACED`.
    """

    __tablename__ = "made_from"

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    source_number: Mapped[int] = mapped_column(Integer)
    turned: Mapped[int] = mapped_column(Integer)


class RecallRow(Base):
    """A row that was taken out of a destination table again: what integrators reverse on their side.

    ``row_id`` is the id that the row had, ``loaded_at`` when it came there; ids of rows that are gone may come again.
    """

    __tablename__ = "recalled_rows"

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    table_name: Mapped[str] = mapped_column(String(64))
    row_id: Mapped[int] = mapped_column(BigInteger)
    business_key: Mapped[str | None] = mapped_column(Text)
    loaded_at: Mapped[dt.datetime] = mapped_column(DateTime)
    recalled_at: Mapped[dt.datetime] = mapped_column(DateTime)
    recalled_by: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)


class AccountRow(Base):
    """One who may sign in; never deleted, so that the ledger's names stay true. ``name`` is lower case.

    ``password`` is an Argon2id hash, None while there is none. ``document_types`` and ``stations`` limit what the
    account sees; None is no limit. ``invitation`` is the SHA-256 of a one-time secret with which the person
    chooses a password.
    """

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(48), unique=True)
    title: Mapped[str] = mapped_column(String(96))
    password: Mapped[str | None] = mapped_column(String(256))
    roles: Mapped[list[str]] = mapped_column(JSON)
    document_types: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    stations: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    disabled: Mapped[bool] = mapped_column(Boolean, default=False)
    invitation: Mapped[str | None] = mapped_column(String(64), unique=True)
    invited_until: Mapped[dt.datetime | None] = mapped_column(DateTime)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime)
    signed_in_at: Mapped[dt.datetime | None] = mapped_column(DateTime)
    language: Mapped[str | None] = mapped_column(String(8))  # of the desk; None is what the browser asks for


class SessionRow(Base):
    """One browser that is signed in. ``id`` is the SHA-256 of its cookie: the table alone opens nothing."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    began_at: Mapped[dt.datetime] = mapped_column(DateTime)
    seen_at: Mapped[dt.datetime] = mapped_column(DateTime)


class TokenRow(Base):
    """An API token: a program that acts for an account in one of its roles. Only its SHA-256 is kept."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str] = mapped_column(String(96))
    role: Mapped[str] = mapped_column(String(16))
    secret: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(DateTime)
    used_at: Mapped[dt.datetime | None] = mapped_column(DateTime)
    revoked: Mapped[bool] = mapped_column(Boolean, default=False)


class TryRow(Base):
    """Wrong tries to sign in, counted by what they have in common; ``bucket`` is a hash, it names nobody."""

    __tablename__ = "sign_in_tries"

    bucket: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    since: Mapped[dt.datetime] = mapped_column(DateTime, index=True)


_COLUMNS: dict[Kind, TypeEngine[Any]] = {
    Kind.DATE: Date(),
    Kind.AMOUNT: Numeric(18, 4),
    Kind.NUMBER: Numeric(18, 4),
    Kind.PERCENT: Numeric(9, 4),
    Kind.CURRENCY: String(3),
}
_LINE_COLUMNS: dict[str, TypeEngine[Any]] = {
    "description": Text(),
    "quantity": Numeric(18, 6),
    "unit": Text(),
    "unit_price": Numeric(18, 6),
    "net_amount": Numeric(18, 4),
    "tax_rate": Numeric(6, 3),
}


def _header_table(kind: DocumentType) -> Table:
    return Table(
        kind.table,
        Base.metadata,
        Column("id", _Id, primary_key=True),
        Column("document_id", ForeignKey("documents.id"), nullable=False, unique=True),
        Column("business_key", Text, nullable=True, unique=True),
        *(Column(name, _COLUMNS.get(spec.kind, Text())) for name, spec in kind.fields.items()),
        Column("loaded_at", DateTime, nullable=False),
    )


def _line_table(kind: DocumentType, name: str) -> Table:
    header = f"{kind.name}_id"
    return Table(
        name,
        Base.metadata,
        Column("id", _Id, primary_key=True),
        Column(header, ForeignKey(f"{kind.table}.id", ondelete="CASCADE"), nullable=False),
        Column("position", Integer, nullable=False),
        *(Column(column, _LINE_COLUMNS[column]) for column in LINE_ITEM_COLUMNS),
        UniqueConstraint(header, "position"),
    )


HEADER_TABLES: dict[str, Table] = {name: _header_table(kind) for name, kind in document_types().items()}
"""Destination header tables by document type."""

LINE_TABLES: dict[str, Table] = {
    name: _line_table(kind, kind.line_table) for name, kind in document_types().items() if kind.line_table
}
"""Destination line item tables by document type, for the types that have them."""


def column_value(column: Column[Any], value: str | None) -> dt.date | Decimal | str | None:
    """Turn a normal form into what ``column`` stores.

    Raises:
        ValueError, decimal.InvalidOperation: ``value`` is not in the normal form of the column's kind.
    """
    if value is None or value == "":
        return None
    if isinstance(column.type, Date):
        return dt.date.fromisoformat(value)
    if isinstance(column.type, Numeric) and not isinstance(column.type, Float):
        return Decimal(value)
    return value
