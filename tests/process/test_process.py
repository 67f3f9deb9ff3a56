"""Processing: leases, attempts, what is saved, and where a document ends. The reading itself is a stand-in here."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.errors import MissingTool, StoreUnavailable, UnreadableDocument
from models.records import Finding, Route, Severity, Understanding
from models.settings import Settings
from models.states import State
from models.tables import HEADER_TABLES, DocumentRow, EventRow, FieldRow, LeaseRow, LineItemRow, PageRow
from pipeline import process as module
from pipeline.intake import release, take_in
from pipeline.process import new_owner, pending, process, process_one, summary
from pipeline.store import Store, clock, take_lease
from tests import files
from tests.process.understanding import INVOICE, understanding

Reader = Callable[[Path, str, Settings, Callable[[int], None]], Understanding]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Callable[[Reader | Understanding], None]:
    """Says what the reading of any document brings, or does it."""

    def set_reader(reader: Reader | Understanding) -> None:
        stand_in = (lambda *given: reader(*given[:4])) if callable(reader) else lambda *_: reader
        monkeypatch.setattr(module, "understand_caged", stand_in)

    return set_reader


def received(store: Store, text: str = "one") -> int:
    (store.settings.inbox / f"{text}.pdf").write_bytes(files.pdf(text))
    (document,) = take_in(store).documents
    return document


def row(store: Store, document_id: int) -> DocumentRow:
    with store.reading() as session:
        return session.get_one(DocumentRow, document_id)


def events(store: Store, document_id: int) -> list[str]:
    with store.reading() as session:
        query = select(EventRow.kind).where(EventRow.document_id == document_id).order_by(EventRow.id)
        return list(session.scalars(query))


def leases(store: Store) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(LeaseRow)) or 0


def raising(error: BaseException) -> Reader:
    def read(*_: object) -> Understanding:
        raise error

    return read


def test_a_sure_document_is_loaded_and_all_of_it_kept(store: Store, reads: Callable[..., None]) -> None:
    document = received(store)
    reads(understanding())
    outcome = process_one(store, document, new_owner())
    assert outcome is not None
    assert (outcome.state, outcome.type, outcome.reasons, outcome.name) == (State.LOADED, "invoice", (), "one.pdf")
    assert outcome.seconds > 0
    kept = row(store, document)
    assert (kept.state, kept.route, kept.type_confidence, kept.attempts) == ("loaded", "auto", 0.98, 0)
    assert events(store, document) == ["received", "attempt", "read", "understood", "loaded"]
    assert leases(store) == 0
    with store.reading() as session:
        page = session.scalars(select(PageRow)).one()
        assert json.loads(zlib.decompress(page.words))[0] == ["Faktura", 1.0, 2.0, 3.0, 4.5, 0.9]
        assert (page.number, page.turned, page.source) == (1, 90, "text")
        field = session.get_one(FieldRow, (document, "gross_total"))
        assert (field.value, field.raw, field.page, field.box) == ("121.00", "raw 121.00", 1, [1.0, 2.0, 3.0, 4.0])
        assert field.witnesses == ["label", "sum"]
        assert session.get_one(LineItemRow, (document, 0)).cells["unit_price"] == "10.00"
        assert session.scalar(select(func.count()).select_from(HEADER_TABLES["invoice"])) == 1
    assert process_one(store, document, new_owner()) is None


def test_an_unsure_document_waits_for_a_person(store: Store, reads: Callable[..., None]) -> None:
    document = received(store)
    reads(understanding(route=Route.REVIEW, findings=(Finding("totals", Severity.ERROR, "They differ.", ("net",)),)))
    outcome = process_one(store, document, new_owner())
    assert outcome is not None
    assert (outcome.state, outcome.reasons) == (State.REVIEW, ("A person should look.",))
    kept = row(store, document)
    assert kept.findings == [{"code": "totals", "severity": "error", "message": "They differ.", "fields": ["net"]}]
    assert leases(store) == 0


def test_a_second_document_of_the_same_key_goes_to_a_person(store: Store, reads: Callable[..., None]) -> None:
    first, second = received(store, "one"), received(store, "two")
    reads(understanding())
    process(store, [first, second], workers=1)
    kept = row(store, second)
    assert (kept.state, kept.route) == ("review", "review")
    assert [finding["code"] for finding in kept.findings] == ["duplicate"]
    assert f"Document {first} " in kept.reasons[0]


def test_two_workers_with_the_same_key_never_both_load(store: Store, reads: Callable[..., None]) -> None:
    documents = [received(store, str(number)) for number in range(4)]
    barrier = threading.Barrier(4)

    def read(*_: object) -> Understanding:
        barrier.wait(10)
        return understanding()

    reads(read)
    process(store, documents, workers=4)
    assert summary(store) == {**dict.fromkeys(summary(store), 0), "loaded": 1, "review": 3}


def test_a_value_that_fits_no_column_goes_to_a_person(store: Store, reads: Callable[..., None]) -> None:
    document = received(store)
    reads(understanding({**INVOICE, "issue_date": "yesterday"}))
    outcome = process_one(store, document, new_owner())
    assert outcome is not None
    assert outcome.state == State.REVIEW
    assert row(store, document).findings[0]["code"] == "invalid-value"
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(HEADER_TABLES["invoice"])) == 0


@pytest.mark.parametrize("code", ["password", "crash", "timeout", "memory", "damaged", "limit:pages"])
def test_what_cannot_be_read_is_quarantined_at_once_with_a_reason(
    store: Store, reads: Callable[..., None], code: str
) -> None:
    document = received(store)
    reads(raising(UnreadableDocument(code, "The library said \x1b[31mno\x1b[0m.")))
    outcome = process_one(store, document, new_owner())
    assert outcome is not None
    assert (outcome.state, outcome.code) == (State.QUARANTINED, code)
    kept = row(store, document)
    assert (kept.quarantine_code, kept.attempts) == (code, 1)
    assert (store.settings.quarantine / "one.pdf").read_bytes() == files.pdf("one")
    reason = (store.settings.quarantine / "one.pdf.reason.txt").read_text()
    assert code in reason
    assert "\x1b" not in reason
    assert leases(store) == 0
    assert pending(store) == []


def test_a_released_document_is_read_again_and_replaces_what_was_there(
    store: Store, reads: Callable[..., None]
) -> None:
    document = received(store)
    reads(raising(UnreadableDocument("timeout", "too slow")))
    process_one(store, document, new_owner())
    release(store, document, "operator")
    assert pending(store) == [document]
    reads(understanding())
    process_one(store, document, new_owner())
    assert row(store, document).state == State.LOADED
    assert events(store, document)[-4:] == ["attempt", "read", "understood", "loaded"]
    assert list(store.settings.quarantine.iterdir()) == []


def test_our_own_trouble_costs_no_attempt(store: Store, reads: Callable[..., None]) -> None:
    document = received(store)
    for error in (MissingTool("no tesseract"), StoreUnavailable("gone"), OSError(28, "full"), KeyboardInterrupt()):
        reads(raising(error))
        with pytest.raises(type(error)):
            process_one(store, document, new_owner())
    kept = row(store, document)
    assert (kept.state, kept.attempts) == (State.RECEIVED, 0)
    assert leases(store) == 0
    assert pending(store) == [document]


def test_a_bug_that_a_document_brings_out_is_counted_and_ends(store: Store, reads: Callable[..., None]) -> None:
    bad, good = received(store, "bad"), received(store, "good")

    def read(path: Path, *_: object) -> Understanding:
        if path.name == row(store, bad).sha256:
            raise ZeroDivisionError
        return understanding()

    reads(read)
    done: list[object] = []
    with pytest.raises(ZeroDivisionError):
        process(store, [bad, good], workers=1, on_done=done.append)
    assert row(store, good).state == State.LOADED
    assert len(done) == 2
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            process_one(store, bad, new_owner())
    outcome = process_one(store, bad, new_owner())
    assert outcome is not None
    assert (outcome.state, outcome.code) == (State.QUARANTINED, "poison")


def test_three_lost_workers_are_enough(
    store: Store, reads: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """I8: the counter is written before the work, so a worker that vanishes has been counted."""
    document = received(store)
    start = clock.now()

    class Vanished(BaseException):
        pass

    monkeypatch.setattr(module, "_give_back", lambda *_, **__: None)
    for lost in range(1, 4):
        reads(raising(Vanished()))
        with pytest.raises(Vanished):
            process_one(store, document, f"elsewhere {lost}")
        assert row(store, document).attempts == lost
        assert pending(store) == []  # until the lease has expired
        later = start + dt.timedelta(seconds=lost * 1000)
        monkeypatch.setattr(clock, "now", lambda later=later: later)
        assert pending(store) == [document]
    reads(lambda *_: pytest.fail("it was read a fourth time"))  # type: ignore[arg-type, return-value]
    outcome = process_one(store, document, new_owner())
    assert outcome is not None
    assert outcome.code == "poison"
    assert "poison" in (store.settings.quarantine / "one.pdf.reason.txt").read_text()


def test_a_dead_neighbours_document_is_taken_over_without_waiting(store: Store, reads: Callable[..., None]) -> None:
    document = received(store)
    host, boot, space, _, _, nonce = new_owner().split(":")
    dead = ":".join((host, boot, space, "99999999", "1", nonce))
    with store.transaction() as session:
        assert take_lease(session, document, dead, "process", 900)
    reads(understanding())
    assert pending(store) == [document]
    assert process_one(store, document, new_owner()) is not None


def test_a_living_workers_document_is_left_alone(
    store: Store, reads: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = received(store)
    code = "from pipeline.store import new_owner; print(new_owner(), flush=True); input()"
    neighbour = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert neighbour.stdout is not None
    owner = neighbour.stdout.readline().strip()
    with store.transaction() as session:
        assert take_lease(session, document, owner, "process", 900)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(module, "understand_caged", lambda *_: pytest.fail("it was read"))
            assert pending(store) == []
            assert process_one(store, document, new_owner()) is None
    finally:
        neighbour.communicate("end\n")
    reads(understanding())
    assert pending(store) == [document]


def test_a_lease_that_we_could_not_give_back_is_ours_to_take_again(store: Store, reads: Callable[..., None]) -> None:
    """The database went away under us: the lease is still written, but this process is at nothing any more."""
    document = received(store)
    with store.transaction() as session:
        assert take_lease(session, document, new_owner(), "process", 900)
    reads(understanding())
    assert pending(store) == [document]
    assert process_one(store, document, new_owner()) is not None


def test_workers_race_for_one_document_and_one_wins(store: Store, reads: Callable[..., None]) -> None:
    document = received(store)
    read = 0

    def slowly(*_: object) -> Understanding:
        nonlocal read
        read += 1
        time.sleep(0.2)
        return understanding()

    reads(slowly)
    outcomes: list[object] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(process_one(store, document, new_owner()))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == 1
    assert sum(outcome is not None for outcome in outcomes) == 1
    assert events(store, document).count("loaded") == 1


def test_a_worker_that_lost_its_lease_saves_nothing(
    store: Store, reads: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = received(store)

    def outlive(*_: object) -> Understanding:
        later = clock.now() + dt.timedelta(hours=1)
        with monkeypatch.context() as patch, store.transaction() as session:
            patch.setattr(clock, "now", lambda: later)
            assert take_lease(session, document, "another", "process", 900)
        return understanding()

    reads(outlive)
    assert process_one(store, document, new_owner()) is None
    assert row(store, document).state == State.RECEIVED
    assert events(store, document) == ["received", "attempt"]


def test_the_lease_is_renewed_as_pages_are_read(make_store: Callable[..., Store], reads: Callable[..., None]) -> None:
    store = make_store(lease_seconds=0.5)
    document = received(store)

    def slowly(_path: Path, _type: str, _settings: Settings, progress: Callable[[int], None]) -> Understanding:
        for page in range(8):
            time.sleep(0.15)
            progress(page)
            assert pending(store) == []
        return understanding()

    reads(slowly)
    outcome = process_one(store, document, new_owner())
    assert outcome is not None
    assert outcome.state == State.LOADED


def test_rotted_and_lost_bytes_are_not_read(store: Store, reads: Callable[..., None]) -> None:
    reads(lambda *_: pytest.fail("it was read"))  # type: ignore[arg-type, return-value]
    rotted, lost = received(store, "rotted"), received(store, "lost")
    path = store.vault.path(row(store, rotted).sha256)
    path.chmod(0o640)
    path.write_bytes(b"%PDF other")
    store.vault.path(row(store, lost).sha256).unlink()
    outcomes = process(store, pending(store), workers=1)
    assert [outcome.code for outcome in outcomes] == ["damaged", "damaged"]
    assert "rotted" in (store.settings.quarantine / "lost.pdf.reason.txt").read_text()


def test_summary_names_every_state(store: Store) -> None:
    received(store)
    assert summary(store) == {**dict.fromkeys([state.value for state in State], 0), "received": 1}


def test_missing_tool_stops_the_batch_and_touches_no_other(store: Store, reads: Callable[..., None]) -> None:
    documents = [received(store, str(number)) for number in range(3)]
    reads(raising(MissingTool("no tesseract")))
    with pytest.raises(MissingTool):
        process(store, documents, workers=1)
    assert summary(store)["received"] == 3
    assert [row(store, one).attempts for one in documents] == [0, 0, 0]
