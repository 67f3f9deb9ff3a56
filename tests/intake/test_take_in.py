"""The drop folder's protocol where nothing goes wrong with the machine: outcomes, names, duplicates, waiting."""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import io
import os
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.errors import StoreUnavailable
from models.states import State
from models.tables import DocumentRow, DropRow, EventRow
from pipeline import checkpoint
from pipeline.intake import take_in
from pipeline.store import SourceUnreadable, Store, Vault, clock
from tests import files


def drop(store: Store, name: str, data: bytes) -> Path:
    path = store.settings.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def documents(store: Store) -> list[DocumentRow]:
    with store.reading() as session:
        return list(session.scalars(select(DocumentRow).order_by(DocumentRow.id)))


def count(store: Store, table: type) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock so many seconds ahead of the real one."""

    def move(seconds: float) -> None:
        later = dt.timedelta(seconds=seconds)
        monkeypatch.setattr(clock, "now", lambda: dt.datetime.now(dt.UTC).replace(tzinfo=None) + later)

    return move


def test_a_file_goes_from_the_inbox_into_vault_and_database(store: Store) -> None:
    data = files.pdf("one")
    drop(store, "scanner 1/east/faktura č. 5.pdf", data)
    report = take_in(store)
    assert (report.taken, report.duplicates, report.refused, report.waiting) == (1, 0, 0, 0)
    (document,) = documents(store)
    assert report.documents == (document.id,)
    assert (document.name, document.media_type, document.size) == ("faktura č. 5.pdf", "application/pdf", len(data))
    assert (document.state, document.sha256) == (State.RECEIVED, hashlib.sha256(data).hexdigest())
    assert store.vault.read(document.sha256) == data
    assert left(store.settings.inbox) == left(store.settings.work) == []
    with store.reading() as session:
        dropped = session.scalars(select(DropRow)).one()
        assert (dropped.station, dropped.document_id, dropped.size) == ("scanner 1/east", document.id, len(data))
        assert [event.kind for event in session.scalars(select(EventRow))] == ["received"]
    assert take_in(store).entries == ()


def test_the_same_content_again_is_one_document_and_every_drop_a_row(store: Store) -> None:
    data = files.pdf("same")
    for number in range(20):
        drop(store, f"copy {number}.pdf", data)
    report = take_in(store)
    assert (report.taken, report.duplicates) == (1, 19)
    drop(store, "copy 0.pdf", data)
    assert take_in(store).duplicates == 1
    assert count(store, DocumentRow) == 1
    assert count(store, DropRow) == 21
    with store.reading() as session:
        assert session.scalar(select(func.count()).where(EventRow.kind == "duplicate")) == 20


def test_same_name_other_content_in_flight_keeps_both(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """F8: the scanner writes the next scan0001.pdf while the first is being taken in."""
    drop(store, "scan0001.pdf", files.pdf("first"))
    again = iter([files.pdf("second")])

    def rewrite(name: str) -> None:
        if name == "vaulted" and (data := next(again, None)):
            drop(store, "scan0001.pdf", data)

    monkeypatch.setattr(checkpoint, "observer", rewrite)
    take_in(store)
    take_in(store)
    assert [document.name for document in documents(store)] == ["scan0001.pdf", "scan0001.pdf"]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("letter.pdf", b"This is a letter, not a PDF.", "type"),
        ("cut.pdf", files.pdf("cut")[:-300], "incomplete"),
        ("empty.pdf", b"", "type"),
        ("page.html", b"<html></html>", "type"),
    ],
)
def test_what_cannot_be_read_comes_back_with_a_reason(store: Store, name: str, data: bytes, code: str) -> None:
    drop(store, name, data)
    assert take_in(store).refused == 1
    (document,) = documents(store)
    assert (document.state, document.quarantine_code) == (State.QUARANTINED, code)
    assert (store.settings.quarantine / name).read_bytes() == data == store.vault.read(document.sha256)
    reason = (store.settings.quarantine / f"{name}.reason.txt").read_text()
    assert code in reason
    assert document.sha256 in reason
    assert "What to do" in reason
    assert "Co dělat" in reason


@pytest.mark.parametrize(
    ("names", "said", "to_do"),
    [
        ((), "The file is empty.", "Scan or copy it again"),
        (("invoice.pdf", "letter.pdf"), "It is an archive", "Unpack it"),
        (("[Content_Types].xml", "word/document.xml"), "no kind of file that we read", "Send it as PDF"),
    ],
)
def test_what_is_empty_or_holds_files_gets_an_advice_that_fits(
    store: Store, names: tuple[str, ...], said: str, to_do: str
) -> None:
    data = io.BytesIO()
    if names:
        with zipfile.ZipFile(data, "w") as archive:
            for name in names:
                archive.writestr(name, "content")
    drop(store, "it", data.getvalue())
    take_in(store)
    reason = (store.settings.quarantine / "it.reason.txt").read_text()
    assert said in reason
    assert f"What to do: {to_do}" in reason


def test_over_the_size_limit_is_moved_and_never_read(
    make_store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store(limits={"file_bytes": 1000}, settle_seconds=60)
    monkeypatch.setattr(Vault, "put", lambda *_: pytest.fail("it was read"))
    path = drop(store, "huge.pdf", b"%PDF-1.7\n" + bytes(2000))
    before = path.stat().st_ino
    report = take_in(store)
    assert [entry.outcome for entry in report.entries] == ["refused"]
    assert (store.settings.quarantine / "huge.pdf").stat().st_ino == before
    assert "limit:file_bytes" in (store.settings.quarantine / "huge.pdf.reason.txt").read_text()
    assert (count(store, DocumentRow), count(store, DropRow)) == (0, 1)


def test_a_young_file_waits_until_it_is_quiet(make_store: Callable[..., Store], at: Callable[[float], None]) -> None:
    store = make_store(settle_seconds=5, patience_seconds=60)
    drop(store, "a.pdf", files.pdf("a"))
    assert take_in(store).waiting == 1
    at(6)
    assert take_in(store).taken == 1


def test_an_incomplete_file_is_waited_for_and_taken_when_it_is_whole(
    make_store: Callable[..., Store], at: Callable[[float], None]
) -> None:
    store = make_store(settle_seconds=2, patience_seconds=60)
    data = files.pdf("slow")
    path = drop(store, "slow.pdf", data[:-200])
    at(30)
    assert take_in(store).waiting == 1
    with path.open("ab") as file:
        file.write(data[-200:])
    assert take_in(store).taken == 1
    assert documents(store)[0].sha256 == hashlib.sha256(data).hexdigest()


def test_patience_ends(make_store: Callable[..., Store], at: Callable[[float], None]) -> None:
    store = make_store(settle_seconds=2, patience_seconds=60)
    drop(store, "cut.pdf", files.pdf("cut")[:-200])
    at(59)
    assert take_in(store).waiting == 1
    at(61)
    assert take_in(store).refused == 1
    assert documents(store)[0].quarantine_code == "incomplete"


def test_hidden_and_temporary_names_wait(make_store: Callable[..., Store], at: Callable[[float], None]) -> None:
    store = make_store(settle_seconds=2, patience_seconds=60)
    drop(store, ".hidden.pdf", files.pdf("hidden"))
    drop(store, "x.pdf.part", files.pdf("part"))
    at(30)
    assert take_in(store).waiting == 2
    at(100)
    report = take_in(store)
    assert [(entry.name, entry.outcome) for entry in report.entries] == [
        (".hidden.pdf", "taken"),
        ("x.pdf.part", "waiting"),
    ]


def test_a_file_that_its_writer_has_locked_waits(store: Store, make_store: Callable[..., Store]) -> None:
    patient = make_store(patience_seconds=60)
    path = drop(store, "locked.pdf", files.pdf("locked"))
    with path.open("rb") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        assert take_in(patient).waiting == 1
    assert take_in(patient).taken == 1


def test_a_file_that_changes_while_it_is_copied_is_taken_in_once_it_stands(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(store, "late.pdf", files.pdf("first"))
    put, writes = Vault.put, iter([files.pdf("second, longer")])

    def put_while_written(vault: Vault, handle: int, limit: int | None = None) -> tuple[str, int]:
        done = put(vault, handle, limit)
        if (data := next(writes, None)) is not None:
            os.pwrite(os.open(f"/proc/self/fd/{handle}", os.O_WRONLY), data, 0)
        return done

    monkeypatch.setattr(Vault, "put", put_while_written)
    assert [entry.outcome for entry in take_in(store).entries] == ["waiting"]
    assert count(store, DocumentRow) == 0
    assert len(left(store.settings.work)) == 1
    assert take_in(store).taken == 1
    assert store.vault.read(documents(store)[0].sha256) == files.pdf("second, longer")


def test_a_write_after_the_commit_is_another_drop(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drop(store, "late.pdf", files.pdf("first"))
    writer = path.open("r+b")
    later = iter([files.pdf("other")])

    def write_late(name: str) -> None:
        if name == "after_commit" and (data := next(later, None)):
            writer.write(data)
            writer.close()

    monkeypatch.setattr(checkpoint, "observer", write_late)
    take_in(store)
    take_in(store)
    contents = {store.vault.read(document.sha256) for document in documents(store)}
    assert contents == {files.pdf("first"), files.pdf("other")}
    assert left(store.settings.work) == []


def test_a_file_that_cannot_be_read_keeps_nobody_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(store, "a-bad-sector.pdf", files.pdf("bad"))
    drop(store, "b.pdf", files.pdf("good"))
    put = Vault.put

    def put_or_fail(vault: Vault, handle: int, limit: int | None = None) -> tuple[str, int]:
        if "bad-sector" in str(Path(f"/proc/self/fd/{handle}").readlink()):
            raise SourceUnreadable(5, "Input/output error")
        return put(vault, handle, limit)

    monkeypatch.setattr(Vault, "put", put_or_fail)
    assert [entry.outcome for entry in take_in(store).entries] == ["waiting", "taken"]
    assert [entry.outcome for entry in take_in(store).entries] == ["waiting"]
    assert [Path(one).name for one in left(store.settings.work)] == ["a-bad-sector.pdf"]


def test_a_full_disk_loses_nothing_and_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    data = files.pdf("full")
    drop(store, "full.pdf", data)
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(StoreUnavailable, match="No space left"):
            take_in(store)
    assert len(left(store.settings.inbox)) + len(left(store.settings.work)) == 1
    take_in(store)
    assert [store.vault.read(document.sha256) for document in documents(store)] == [data]
    assert left(store.settings.work) == left(store.settings.inbox) == []


def test_an_answer_lost_at_commit_is_asked_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """F13: the row is there though the client saw an error."""
    from contextlib import contextmanager

    drop(store, "a.pdf", files.pdf("a"))
    transaction = Store.transaction

    @contextmanager
    def lose_the_answer(self: Store):  # type: ignore[no-untyped-def]
        with transaction(self) as session:
            yield session
        raise StoreUnavailable("the connection was reset while we waited for COMMIT")

    monkeypatch.setattr(Store, "transaction", lose_the_answer)
    assert take_in(store).taken == 1
    assert (count(store, DocumentRow), count(store, DropRow)) == (1, 1)
    assert left(store.settings.work) == []


def test_a_failed_commit_leaves_the_file_to_be_taken_in_later(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(store, "a.pdf", files.pdf("a"))

    def fail(name: str) -> None:
        if name == "before_commit":
            raise StoreUnavailable("the database is gone")

    monkeypatch.setattr(checkpoint, "observer", fail)
    with pytest.raises(StoreUnavailable, match="gone"):
        take_in(store)
    assert count(store, DocumentRow) == 0
    assert len(left(store.settings.work)) == 1
    monkeypatch.setattr(checkpoint, "observer", None)
    assert take_in(store).taken == 1


def test_a_living_worker_keeps_its_claim(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another scan starts while ours is half-done: it must leave our claim alone."""
    drop(store, "a.pdf", files.pdf("a"))
    seen: list[int] = []

    def scan_too(name: str) -> None:
        if name == "vaulted":
            monkeypatch.setattr(checkpoint, "observer", None)
            seen.append(len(take_in(store).entries))

    monkeypatch.setattr(checkpoint, "observer", scan_too)
    assert take_in(store).taken == 1
    assert seen == [0]


def test_scans_at_the_same_time_take_each_file_once(store: Store) -> None:
    for number in range(24):
        drop(store, f"{number}.pdf", files.pdf(str(number % 12)))
    reports = []
    threads = [threading.Thread(target=lambda: reports.append(take_in(store))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(report.taken for report in reports) == 12
    assert sum(report.duplicates for report in reports) == 12
    assert (count(store, DocumentRow), count(store, DropRow)) == (12, 24)
    assert left(store.settings.inbox) == left(store.settings.work) == []


def test_a_thousand_waiting_files_are_looked_at_quickly(make_store: Callable[..., Store]) -> None:
    store = make_store(settle_seconds=60, patience_seconds=600)
    for number in range(1000):
        drop(store, f"{number}.png", b"\x89PNG\r\n\x1a\n")
    start = time.perf_counter()
    assert take_in(store).waiting == 1000
    assert time.perf_counter() - start < 5
