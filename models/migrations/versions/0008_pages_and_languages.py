"""Documents made of pages of others, and the language that somebody wants the desk in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "made_from",
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("source_id", _ID, nullable=False),
        sa.Column("source_number", sa.Integer, nullable=False),
        sa.Column("turned", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], "fk_made_from_document_id_documents"),
        sa.ForeignKeyConstraint(["source_id"], ["documents.id"], "fk_made_from_source_id_documents"),
        sa.PrimaryKeyConstraint("document_id", "number", name="pk_made_from"),
    )
    op.create_index("ix_made_from_source_id", "made_from", ["source_id"])
    op.add_column("accounts", sa.Column("language", sa.String(8), nullable=True))


def downgrade() -> None:
    """Go back."""
    op.drop_column("accounts", "language")
    op.drop_index("ix_made_from_source_id", "made_from")
    op.drop_table("made_from")
