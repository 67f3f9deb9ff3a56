"""Alembic's entry: runs the migrations on the connection, or at the URL, that the caller put into ``attributes``."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine

from models.tables import Base, is_described


def _run(connection: Connection) -> None:
    # SQLite can't alter most things in place: Alembic copies the table instead ("batch")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        include_name=lambda name, what, _parents: is_described(name, what),
    )
    with context.begin_transaction():
        context.run_migrations()


_given = context.config.attributes.get("connection")
if _given is not None:
    _run(_given)  # the caller's transaction: all migrations or none
else:
    _engine = create_engine(context.config.attributes["url"])
    with _engine.begin() as _own:
        _run(_own)
    _engine.dispose()
