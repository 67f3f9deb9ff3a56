"""The migrations make what the tables say, and many processes may run them at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import alembic.autogenerate
import alembic.runtime.migration
import pytest
from sqlalchemy import inspect, text

from models.errors import StoreUnavailable
from models.tables import Base, is_described
from pipeline.store import Store

OPTIONS = {"compare_type": True, "include_name": lambda name, what, _parents: is_described(name, what)}

# the children are forked once everything is imported, and start together when the pipe is closed
OPEN_AT_ONCE = """
import os, sys, traceback
from pathlib import Path
from models.settings import Settings
from pipeline.store import Store
settings = Settings(home=Path(sys.argv[1]), database_url=sys.argv[2])
wait, go = os.pipe()
for _ in range(int(sys.argv[3])):
    if os.fork() == 0:
        os.close(go)
        os.read(wait, 1)
        try:
            Store.open(settings).close()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
os.close(go)
sys.exit(sum(os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(int(sys.argv[3]))))
"""


def test_no_drift_between_tables_and_migrations(store: Store) -> None:
    with store.engine.connect() as connection:
        context = alembic.runtime.migration.MigrationContext.configure(connection, opts=OPTIONS)
        assert alembic.autogenerate.compare_metadata(context, Base.metadata) == []


def test_drift_would_be_seen(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE drops DROP COLUMN refused"))
    with store.engine.connect() as connection:
        context = alembic.runtime.migration.MigrationContext.configure(connection, opts=OPTIONS)
        assert len(alembic.autogenerate.compare_metadata(context, Base.metadata)) == 1


def _open_at_once(home: Path, url: str, count: int) -> None:
    told = subprocess.run(
        [sys.executable, "-c", OPEN_AT_ONCE, str(home), url, str(count)], capture_output=True, text=True, timeout=120
    )
    assert told.returncode == 0, told.stderr


def test_many_processes_migrate_a_new_sqlite_database(tmp_path: Path) -> None:
    _open_at_once(tmp_path, f"sqlite:///{tmp_path / 'new.db'}", 8)


def test_many_processes_migrate_a_new_postgresql_database(tmp_path: Path, empty_postgres: str) -> None:
    _open_at_once(tmp_path, empty_postgres, 8)


def test_a_failing_migration_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite too the migration is one transaction: half a schema would never be mended."""
    from alembic.operations import Operations

    made = 0
    create = Operations.create_table

    def fail_late(self: Operations, *args: object, **more: object) -> object:
        nonlocal made
        made += 1
        if made == 4:
            raise RuntimeError("the power went")
        return create(self, *args, **more)  # type: ignore[arg-type]

    from models.settings import Settings

    monkeypatch.setattr("alembic.op.create_table", lambda *a, **k: fail_late(_proxy(), *a, **k))
    store = Store(Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'half.db'}"))
    with pytest.raises(RuntimeError, match="power"):
        store.migrate()
    assert inspect(store.engine).get_table_names() == []
    monkeypatch.undo()
    store.migrate()
    assert "documents" in inspect(store.engine).get_table_names()
    store.close()


def _proxy() -> object:
    from alembic import op

    return op._proxy  # the operations of the running migration


def test_a_newer_schema_is_refused(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match="newer"):
        store.migrate()
