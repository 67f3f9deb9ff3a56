"""F12: the PostgreSQL server crashes while drops are committed, and comes back."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.errors import StoreUnavailable
from models.settings import Settings
from models.states import State
from models.tables import DocumentRow, DropRow
from pipeline import checkpoint
from pipeline import process as module
from pipeline.housekeeping import verify
from pipeline.intake import take_in
from pipeline.process import pending, process, summary
from pipeline.store import Store
from tests import files
from tests.postgres import Cluster, NoPostgres
from tests.process.understanding import INVOICE, understanding


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A cluster of our own, because we break it."""
    try:
        one = Cluster.start()
    except NoPostgres as error:
        pytest.skip(f"no PostgreSQL: {error}")
    yield one
    one.remove()


@pytest.mark.parametrize("point", ["before_commit", "after_commit"])
def test_a_crash_of_the_server_loses_nothing(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    cluster.execute("CREATE DATABASE office")
    store = Store.open(
        Settings(home=tmp_path, database_url=cluster.tcp_url("office"), settle_seconds=0, patience_seconds=0)
    )
    for number in range(12):
        (store.settings.inbox / f"{number}.pdf").write_bytes(files.pdf(str(number)))
    passes = 0

    def crash(name: str) -> None:
        nonlocal passes
        passes += name == point
        if name == point and passes in (7, 20):
            cluster.halt(signal.SIGQUIT)

    def read(path: Path, *_: object) -> object:
        return understanding({**INVOICE, "invoice_number": path.name[:12]})

    monkeypatch.setattr(checkpoint, "observer", crash)
    monkeypatch.setattr(module, "understand_caged", read)
    for work in (lambda: take_in(store), lambda: process(store, pending(store), workers=1)):
        with pytest.raises(StoreUnavailable):
            work()
        cluster.launch()
        work()
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(DocumentRow)) == 12
        assert session.scalar(select(func.count()).select_from(DropRow)) == 12
    assert summary(store)[State.LOADED] == 12
    assert verify(store) == []
    assert list(store.settings.work.iterdir()) == []
    store.close()
