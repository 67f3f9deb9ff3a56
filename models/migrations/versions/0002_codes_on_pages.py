"""Pages keep the barcodes and matrix codes that were found on them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. Pages that were read before have none: they are found when the document is read anew."""
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("codes", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.drop_column("codes")
