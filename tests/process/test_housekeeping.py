"""Housekeeping mends and forgets; verify finds what we break on purpose (F22)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import text

from models.tables import DocumentRow, LeaseRow
from pipeline import checkpoint
from pipeline import process as module
from pipeline.housekeeping import tidy, verify
from pipeline.intake import take_in
from pipeline.process import new_owner, process_one
from pipeline.store import Store, clock, take_lease
from tests import files
from tests.process.understanding import understanding


@pytest.fixture
def loaded(store: Store, monkeypatch: pytest.MonkeyPatch) -> int:
    (store.settings.inbox / "a.pdf").write_bytes(files.pdf("a"))
    (document,) = take_in(store).documents
    monkeypatch.setattr(module, "understand_caged", lambda *_: understanding())
    process_one(store, document, new_owner())
    return document


def _path(store: Store, document: int):  # type: ignore[no-untyped-def]
    with store.reading() as session:
        return store.vault.path(session.get_one(DocumentRow, document).sha256)


def test_all_is_well(store: Store, loaded: int) -> None:
    assert verify(store) == []
    assert set(tidy(store).values()) == {0}


def test_a_flipped_byte_is_found(store: Store, loaded: int) -> None:
    path = _path(store, loaded)
    path.chmod(0o640)
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    assert [f"document {loaded} have rotted" in problem for problem in verify(store)] == [True]


def test_lost_bytes_and_lost_and_ghost_rows_are_found(store: Store, loaded: int) -> None:
    _path(store, loaded).unlink()
    with store.transaction() as session:
        session.execute(text("DELETE FROM invoices"))
    assert [problem.split(":")[0] for problem in verify(store)] == [
        f"The bytes of document {loaded} are missing",
        f"Document {loaded} is loaded but has no row in invoices.",
    ]
    with store.transaction() as session:
        session.execute(text("UPDATE documents SET state = 'review'"))
        row = "INSERT INTO invoices (document_id, loaded_at) VALUES (:id, :at)"
        session.execute(text(row), {"id": loaded, "at": clock.now()})
    assert any("which is not loaded as that" in problem for problem in verify(store))


def test_a_stranger_in_the_vault_is_found_when_it_is_old(
    store: Store, loaded: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (store.settings.vault / ("f" * 64)).write_bytes(b"whose?")
    assert verify(store) == []  # it may just be on its way
    later = clock.now() + dt.timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert len(verify(store)) == 1


def test_lost_leases_are_given_back_and_living_ones_kept(store: Store, loaded: int) -> None:
    host, boot, space, _, _, nonce = new_owner().split(":")
    (store.settings.inbox / "b.pdf").write_bytes(files.pdf("b"))
    take_in(store)
    with store.transaction() as session:
        take_lease(session, loaded, ":".join((host, boot, space, "99999999", "1", nonce)), "process", 900)
        take_lease(session, loaded + 1, new_owner(), "process", 900)
    assert tidy(store)["leases"] == 1
    with store.reading() as session:
        assert session.get(LeaseRow, loaded + 1) is not None


def test_a_dead_workers_claim_is_taken_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die(name: str) -> None:
        raise Killed

    (store.settings.inbox / "a.pdf").write_bytes(files.pdf("a"))
    monkeypatch.setattr(checkpoint, "observer", die)
    with pytest.raises(Killed):
        take_in(store)
    monkeypatch.setattr(checkpoint, "observer", None)
    assert tidy(store)["claims"] == 1
    assert list(store.settings.work.iterdir()) == []


@pytest.mark.parametrize("ahead", [dt.timedelta(days=31), dt.timedelta(days=-1), dt.timedelta(days=366)])
def test_only_caches_are_forgotten_and_nothing_when_the_clock_runs_back(
    store: Store, loaded: int, monkeypatch: pytest.MonkeyPatch, ahead: dt.timedelta
) -> None:
    """F15: a jump of the clock costs page images at most, which are drawn anew when asked for."""
    (store.settings.renditions / "1").mkdir()
    (store.settings.renditions / "1" / "1.png").write_bytes(b"png")
    (store.settings.vault / "incoming-1-abc").write_bytes(b"half")
    later = clock.now() + ahead
    monkeypatch.setattr(clock, "now", lambda: later)
    done = tidy(store)
    assert (done["renditions"], done["leftovers"]) == ((1, 1) if ahead.days > 0 else (0, 0))
    assert verify(store) == []


def test_a_full_disk_is_told_plainly(store: Store, loaded: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from models.errors import StoreUnavailable

    (store.settings.inbox / "b.txt").write_bytes(b"letter")

    def fill(*_: object) -> Callable[[], None]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.intake.quarantine._copy", fill)
    with pytest.raises(StoreUnavailable, match="No space left"):
        take_in(store)
    with pytest.raises(StoreUnavailable, match="No space left"):
        tidy(store)
    monkeypatch.undo()
    assert tidy(store)["reasons"] == 1
