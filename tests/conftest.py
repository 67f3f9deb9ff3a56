"""Fixtures for all tests: a store on SQLite and on PostgreSQL, and the truth sets where the machine has them."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from models.settings import Settings
from pipeline.store import Store
from tests.postgres import TEMPLATE, Cluster, NoPostgres

hypothesis.settings.register_profile("unhurried", deadline=None)  # the machine may be busy
hypothesis.settings.load_profile("unhurried")
DIALECTS = ("sqlite", "postgresql")
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A private cluster with a migrated template; the test is skipped where there can be none."""
    try:
        cluster = Cluster.start()
    except NoPostgres as error:
        pytest.skip(f"no PostgreSQL: {error}")
    try:
        cluster.execute(f"CREATE DATABASE {TEMPLATE}")
        _migrate(cluster.url(TEMPLATE), cluster.folder / "unused")
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite database to copy."""
    folder = tmp_path_factory.mktemp("template")
    _migrate(f"sqlite:///{folder / 'podatelna.db'}", folder)
    return folder / "podatelna.db"


def _migrate(url: str, home: Path) -> None:
    store = Store(Settings(home=home, database_url=url))
    store.migrate()
    store.close()


@pytest.fixture
def empty_postgres(postgres: Cluster) -> Iterator[str]:
    """The URL of a new PostgreSQL database without any table."""
    name = f"empty_{os.getpid()}_{next(_numbers)}"
    postgres.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield postgres.url(name)
    postgres.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    """The test runs once for each database."""
    return str(request.param)


@pytest.fixture
def database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a new, migrated database."""
    if dialect == "sqlite":
        target = tmp_path / "podatelna.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), target)
        yield f"sqlite:///{target}"
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    name = f"test_{os.getpid()}_{next(_numbers)}"
    cluster.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield cluster.url(name)
    cluster.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def make_store(database_url: str, tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """Opens stores on the test's database and home; keyword arguments are settings. No waiting unless asked for."""
    opened: list[Store] = []

    def make(**settings: object) -> Store:
        values = {"home": tmp_path / "home", "database_url": database_url, "settle_seconds": 0, "patience_seconds": 0}
        store = Store.open(Settings(**{**values, **settings}))  # type: ignore[arg-type]
        opened.append(store)
        return store

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(make_store: Callable[..., Store]) -> Store:
    """An empty store in a home of its own, on either database."""
    return make_store()


@pytest.fixture(scope="session")
def eval_dir() -> Path:
    """The truth sets for development; the test is skipped where the machine has none."""
    named = os.environ.get("EVAL_DIR")
    if not named:
        pytest.skip("no truth sets: set EVAL_DIR to their folder")
    return Path(named)
