"""Vault, leases, owners and ledger."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from models.errors import Conflict, IllegalMove, StoreUnavailable
from models.settings import Settings
from models.states import State
from models.tables import DocumentRow, EventRow
from pipeline.store import (
    SourceUnreadable,
    Store,
    Vault,
    clock,
    drop_lease,
    insert_into,
    is_lost,
    move,
    new_owner,
    renew_lease,
    take_lease,
)


def a_document(store: Store, sha256: str = "a" * 64) -> int:
    with store.transaction() as session:
        row = DocumentRow(
            sha256=sha256,
            name="x.pdf",
            media_type="application/pdf",
            size=1,
            state=State.RECEIVED.value,
            received_at=clock.now(),
            changed_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def put(vault: Vault, path: Path, limit: int | None = None) -> tuple[str, int]:
    handle = os.open(path, os.O_RDONLY)
    try:
        return vault.put(handle, limit)
    finally:
        os.close(handle)


def test_vault_keeps_bytes_under_their_hash_once(tmp_path: Path) -> None:
    vault, source = Vault(tmp_path / "vault"), tmp_path / "a"
    source.write_bytes(b"x" * 3_000_000)
    sha256 = hashlib.sha256(source.read_bytes()).hexdigest()
    assert put(vault, source) == put(vault, source) == (sha256, 3_000_000)
    assert [path.name for path in vault.root.rglob("*") if path.is_file()] == [sha256]
    assert vault.path(sha256).stat().st_mode & 0o777 == 0o440


def test_vault_replaces_rotted_bytes_with_good_ones(tmp_path: Path) -> None:
    vault, source = Vault(tmp_path / "vault"), tmp_path / "a"
    source.write_bytes(b"good bytes")
    sha256, _ = put(vault, source)
    vault.path(sha256).chmod(0o640)
    vault.path(sha256).write_bytes(b"bad  bytes")
    put(vault, source)
    assert vault.read(sha256) == b"good bytes"


def test_vault_stops_at_the_limit(tmp_path: Path) -> None:
    source = tmp_path / "endless"
    with source.open("wb") as file:
        file.truncate(1 << 40)
    assert put(Vault(tmp_path / "vault"), source, 1_000_000)[1] == 1_000_000


def test_vault_tells_a_bad_source_from_a_bad_disk(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "vault")
    with pytest.raises(SourceUnreadable):
        put(vault, tmp_path)  # a folder can be opened and not read
    assert list(vault.root.iterdir()) == []


def test_lease_is_held_by_one_and_taken_over_when_it_expires(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    document = a_document(store)
    with store.transaction() as session:
        assert take_lease(session, document, "anna", "process", 60)
    with store.transaction() as session:
        assert not take_lease(session, document, "bert", "process", 60)
    later = clock.now() + dt.timedelta(seconds=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    with store.transaction() as session:
        assert take_lease(session, document, "bert", "process", 60)
        assert not renew_lease(session, document, "anna", 60)
        drop_lease(session, document, "anna")
        assert renew_lease(session, document, "bert", 60)


def test_two_threads_race_for_one_lease(store: Store) -> None:
    document = a_document(store)
    won: list[int] = []
    barrier = threading.Barrier(6)

    def run(number: int) -> None:
        barrier.wait()
        with store.transaction() as session:
            if take_lease(session, document, f"worker {number}", "process", 60):
                won.append(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_move_is_compare_and_swap(store: Store) -> None:
    document_id = a_document(store)
    with store.reading() as session:
        stale = session.get_one(DocumentRow, document_id)
    with store.transaction() as session:
        move(session, session.get_one(DocumentRow, document_id), State.READ, "anna")
    with pytest.raises(Conflict), store.transaction() as session:
        move(session, session.merge(stale, load=False), State.READ, "bert")
    with pytest.raises(IllegalMove), store.transaction() as session:
        move(session, session.get_one(DocumentRow, document_id), State.LOADED, "bert")
    with store.reading() as session:
        events = session.scalars(select(EventRow)).all()
    assert [(event.actor, event.kind, event.data) for event in events] == [("anna", "read", {"before": "received"})]


def test_insert_into_knows_conflicts_on_both(store: Store) -> None:
    a_document(store)
    values = {"sha256": "a" * 64, "name": "y", "size": 2, "state": "received", "received_at": clock.now()}
    with store.transaction() as session:
        statement = insert_into(session, DocumentRow).values(**values, changed_at=clock.now())
        made = session.execute(
            statement.on_conflict_do_nothing(index_elements=[DocumentRow.sha256]).returning(DocumentRow.id)
        )
        assert made.scalar() is None


def test_a_living_owner_is_not_lost_and_a_dead_one_is() -> None:
    mine = new_owner()
    assert len(mine) <= 64
    assert not is_lost(mine)
    code = "from pipeline.store import new_owner; print(new_owner())"
    dead = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert is_lost(dead)


def test_an_owner_that_we_cannot_judge_is_not_lost() -> None:
    host, boot, space, pid, start, nonce = new_owner().split(":")
    assert not is_lost("novakova")
    assert not is_lost(":".join(("elsewhere", boot, space, "1", "1", nonce)))  # another machine
    assert not is_lost(":".join((host, boot, "1", "999999", "1", nonce)))  # another container
    assert is_lost(":".join((host, "00000000", space, pid, start, nonce)))  # before the machine was started again
    assert is_lost(":".join((host, boot, space, pid, "1", nonce)))  # the number went to another process


def test_a_database_that_is_not_there_is_told_plainly(tmp_path: Path) -> None:
    url = "postgresql+psycopg://nobody:secret@127.0.0.1:1/none"
    with pytest.raises(StoreUnavailable) as told:
        Store.open(Settings(home=tmp_path, database_url=url))
    assert "secret" not in str(told.value)


def test_a_lost_connection_is_store_unavailable_and_the_next_one_works(tmp_path: Path, empty_postgres: str) -> None:
    """F14: the server ends our connection under us."""
    store = Store.open(Settings(home=tmp_path, database_url=empty_postgres))
    document = a_document(store)
    with pytest.raises(StoreUnavailable), store.transaction() as session:
        session.get_one(DocumentRow, document).name = "changed"
        session.flush()
        with store.engine.connect() as other:
            other.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database() AND backend_type = 'client backend'"
            )
    with store.reading() as session:
        assert session.get_one(DocumentRow, document).name == "x.pdf"
    store.close()


def test_commits_are_on_disk_whatever_the_server_is_set_to(store: Store) -> None:
    """The test's cluster answers before; SQLite's own default in WAL mode would too."""
    with store.engine.connect() as connection:
        if store.engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        else:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
