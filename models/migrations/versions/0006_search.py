"""What documents are found by: an FTS5 table on SQLite, a tsvector on PostgreSQL (see `pipeline.search`)."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. Documents that are there already are found after the next ``podatelna housekeeping``."""
    if op.get_bind().dialect.name == "sqlite":
        # terms come ready made, a blank between them; there are no phrases, so where they stand is not kept
        op.execute(
            "CREATE VIRTUAL TABLE search_texts USING fts5("
            "words, detail='none', columnsize=0, tokenize=\"unicode61 remove_diacritics 0 tokenchars '=.-'\")"
        )
        return
    op.execute("CREATE TABLE search_texts (document_id BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)")
    op.execute("CREATE INDEX ix_search_texts_words ON search_texts USING gin (words)")


def downgrade() -> None:
    """Go back."""
    op.execute("DROP TABLE search_texts")
