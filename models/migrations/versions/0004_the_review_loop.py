"""Priorities, documents put aside, comments, what reviewing cost, and rows that were recalled."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _only(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _document(table: str) -> tuple[sa.Column[Any], sa.ForeignKeyConstraint]:
    name = op.f(f"fk_{table}_document_id_documents")
    return (
        sa.Column("document_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=name),
    )


def upgrade() -> None:
    """Go forward. Everything that waits already is of the middle priority."""
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("priority", sa.SmallInteger(), nullable=False, server_default=sa.text("5")))
    op.create_index("ix_documents_queue", "documents", ["priority", "id"], **_only("state = 'review' AND priority > 0"))
    op.create_index("ix_documents_queue_type", "documents", ["type", "priority", "id"], **_only("state = 'review'"))
    op.create_table(
        "put_aside",
        *_document("put_aside"),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_put_aside")),
    )
    op.create_index(op.f("ix_put_aside_by"), "put_aside", ["by"])
    op.create_table(
        "comments",
        sa.Column("id", _ID, nullable=False),
        *_document("comments"),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    op.create_index(op.f("ix_comments_document_id"), "comments", ["document_id"])
    op.create_table(
        "review_effort",
        sa.Column("id", _ID, nullable=False),
        *_document("review_effort"),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("field", sa.String(length=48), nullable=False),
        sa.Column("seen", sa.Boolean(), nullable=False),
        sa.Column("changed", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("keystrokes", sa.Integer(), nullable=False),
        sa.Column("clicks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_effort")),
    )
    op.create_index(op.f("ix_review_effort_document_id"), "review_effort", ["document_id"])
    op.create_table(
        "recalled_rows",
        sa.Column("id", _ID, nullable=False),
        *_document("recalled_rows"),
        sa.Column("table_name", sa.String(length=64), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=True),
        sa.Column("loaded_at", sa.DateTime(), nullable=False),
        sa.Column("recalled_at", sa.DateTime(), nullable=False),
        sa.Column("recalled_by", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recalled_rows")),
    )
    op.create_index(op.f("ix_recalled_rows_document_id"), "recalled_rows", ["document_id"])


def downgrade() -> None:
    """Go back."""
    for table in ("recalled_rows", "review_effort", "comments", "put_aside"):
        op.drop_table(table)
    op.drop_index("ix_documents_queue_type", "documents")
    op.drop_index("ix_documents_queue", "documents")
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.drop_column("priority")
