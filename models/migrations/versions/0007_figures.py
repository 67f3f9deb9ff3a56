"""Indexes for the supervisor's figures: what arrived by day and what became of it, what reviewing cost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_WHOLE = sa.text("field = ''")


def upgrade() -> None:
    """Go forward."""
    op.create_index("ix_documents_received_at", "documents", ["received_at", "state", "route"])
    op.create_index("ix_review_effort_at", "review_effort", ["at"], sqlite_where=_WHOLE, postgresql_where=_WHOLE)


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_review_effort_at", "review_effort")
    op.drop_index("ix_documents_received_at", "documents")
