"""The database: SQLite (WAL) embedded, PostgreSQL by URL. One way to begin a transaction."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
import alembic.runtime.migration
import alembic.script
from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

import models
from models.errors import StoreUnavailable
from models.settings import Settings
from models.tables import Base
from pipeline.store.vault import Vault

_BUSY_SECONDS = 30.0


def _on_connect(connection: Any, _record: Any) -> None:
    # pysqlite must not begin transactions by itself: it would begin them deferred, and two writers that both
    # started as readers can then only fail
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_connect_to_server(connection: Any, _record: Any) -> None:
    # a file leaves the inbox when its commit is on disk, so a server that is set up to answer earlier must not
    connection.autocommit = True
    connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    connection.autocommit = False


class _Compiler(SQLiteCompiler):
    """SQLAlchemy says no hints to SQLite, which knows one: the index to use."""

    def get_from_hint_text(self, table: Any, text: str) -> str:  # type: ignore[override]  # noqa: ARG002
        return text


def make_engine(url: str) -> Engine:
    """An engine for ``url`` whose commits are on disk; SQLite in WAL mode, with foreign keys and immediate writes."""
    if not url.startswith("sqlite"):
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)  # errors reach logs
        event.listen(engine, "connect", _on_connect_to_server)
        return engine
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False}
    )
    event.listen(engine, "connect", _on_connect)
    engine.dialect.statement_compiler = _Compiler

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def alembic_config(url: str) -> alembic.config.Config:
    """Alembic's configuration for ``url``, with our migrations."""
    config = alembic.config.Config()
    config.set_main_option("script_location", str(Path(models.__file__).parent / "migrations"))
    config.attributes["url"] = url
    return config


def lock(connection: Connection | Session, name: str) -> None:
    """Hold the lock ``name`` until the transaction ends. On SQLite a writing transaction is alone anyway."""
    dialect = connection.get_bind().dialect if isinstance(connection, Session) else connection.dialect
    if dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def insert_into(session: Session, table: type[Base] | Table) -> Any:
    """An INSERT that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update`` of the database in use."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


def _is_outage(error: DBAPIError) -> bool:
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)


class Store:
    """The database and the vault of one home.

    A transaction writes or fails as a whole; `StoreUnavailable` is raised where the database can't be
    reached. Threads may share a store; processes make their own.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.vault = Vault(settings.vault)
        self.engine = make_engine(settings.url)
        self._reader = self.engine.execution_options(sqlite_begin="DEFERRED")
        # SQLite has one writer at a time, and lets the others sleep and try again: threads that wait here come in turn
        self._turn = threading.RLock() if self.engine.dialect.name == "sqlite" else nullcontext()

    @classmethod
    def open(cls, settings: Settings) -> Store:
        """Make the folders of the home, bring the schema up to date and open the store.

        Raises:
            StoreUnavailable: the folders can't be made, the database can't be reached, or a newer version wrote it.
        """
        folders = (settings.inbox, settings.work, settings.vault, settings.quarantine, settings.renditions)
        for folder in (settings.home, *folders):  # the home first: it keeps other accounts out of all that is inside
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o750)
            except OSError as error:
                raise StoreUnavailable(
                    f"{folder} can't be made: {error.strerror}. Check the disk and the rights, or set PODATELNA_HOME."
                ) from error
        store = cls(settings)
        try:
            store.migrate()
        except OperationalError as error:
            raise StoreUnavailable(
                f"The database {make_url(settings.url).render_as_string(hide_password=True)} can't be reached. "
                "Check PODATELNA_DATABASE_URL and that the server runs; `podatelna doctor` tells more."
            ) from error
        return store

    def migrate(self) -> None:
        """Bring the schema to the newest migration. Safe to call from many processes."""
        config = alembic_config(self.settings.url)
        script = alembic.script.ScriptDirectory.from_config(config)
        with self._reader.connect() as connection:
            current = alembic.runtime.migration.MigrationContext.configure(connection).get_current_revision()
        if current == script.get_current_head():
            return
        if current is not None and current not in {one.revision for one in script.walk_revisions()}:
            raise StoreUnavailable(
                f"The database was written by a newer Podatelna (schema {current}). Install that one or a later one."
            )
        # SQLite's transaction is immediate, PostgreSQL's takes a lock of its own; whoever comes second finds the
        # work done, because Alembic looks at the revision again inside
        with self.engine.begin() as connection:
            lock(connection, "migrate")
            config.attributes["connection"] = connection
            alembic.command.upgrade(config, "head")

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One writing transaction: commits at the end, rolls back on any exception."""
        try:
            with self._turn, Session(self.engine, expire_on_commit=False) as session, session.begin():
                yield session
        except DBAPIError as error:
            if not _is_outage(error):
                raise
            raise StoreUnavailable(
                "The database did not answer (locked, stopped or out of space). Work that was not yet committed "
                "is as before; see that it runs and has space, then try again."
            ) from error

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One reading transaction that never waits for a writer."""
        try:
            with Session(self._reader, expire_on_commit=False) as session:
                yield session
        except DBAPIError as error:
            if not _is_outage(error):
                raise
            raise StoreUnavailable("The database did not answer. Check that it runs; try again.") from error

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
