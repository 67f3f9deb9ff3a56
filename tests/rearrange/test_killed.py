"""A process that is killed while it puts pages elsewhere: all of it is done or nothing, and nothing is lost."""

from __future__ import annotations

import json
import shutil
from collections import Counter

import pytest
from sqlalchemy import select

from models.states import State
from models.tables import DocumentRow, DropRow, EventRow, MadeFromRow
from pipeline import housekeeping
from pipeline.intake import tell
from pipeline.process import pending
from pipeline.rearrange import put_back, rearrange, unlock
from pipeline.store import clock, hash_of
from tests.faults.nursery import Nursery
from tests.review.rows import add_invoice, add_locked, draw_invoice, invoice_values

from .conftest import lock, pages

DONE = {"before_commit": False, "after_commit": True}
STEPS = [("vaulted", 1), ("vaulted", 2), ("before_commit", 1), ("after_commit", 1)]
CALLS = ("link", "unlink", "mkdir", "fsync", "fdatasync", "write", "pwrite64", "sendto", "sendmsg")
WHEN = (1, 2, 3, 4, 6, 8, 11, 15, 20, 27)
on_sqlite_alone = pytest.mark.parametrize("dialect", ["sqlite"])  # the same commit as of a split


@pytest.fixture(scope="module")
def nursery():
    one = Nursery()
    yield one
    one.close()


@pytest.fixture(autouse=True)
def every_leftover_counts(monkeypatch):
    """Bytes that nobody knows are told at once, however new they are."""
    monkeypatch.setattr(housekeeping, "_LEFTOVER_SECONDS", -1.0)


@pytest.fixture
def do(nursery, store):
    """Do something with pages in a process of its own; returns its exit code, -9 where it was killed."""

    def run(do, inject=None, kill=None, **what):
        settings = json.loads(store.settings.model_dump_json())
        (code,) = nursery.run(
            store.settings.home, inject=inject, kill=kill, pages={"do": do, "settings": settings} | what
        )
        return code

    return run


def told(store):
    """State of each document, and the pages that each was made of."""
    with store.reading() as session:
        states = {one.id: State(one.state) for one in session.scalars(select(DocumentRow))}
        made: dict[int, list[tuple[int, int]]] = {}
        for one in session.scalars(select(MadeFromRow).order_by(MadeFromRow.document_id, MadeFromRow.number)):
            made.setdefault(one.document_id, []).append((one.source_id, one.source_number))
        return states, made


def entries(store):
    with store.reading() as session:
        return Counter(session.execute(select(EventRow.document_id, EventRow.kind)).tuples())


def is_whole(store):
    """All that is in the vault under a final name has the bytes of that name."""
    files = [one for one in store.settings.vault.glob("??/*") if one.is_file()]
    return all(hash_of(one) == one.name for one in files)


@pytest.mark.parametrize(("point", "count"), STEPS)
def test_a_split_and_join_that_is_killed(store, do, point, count):
    one, two = add_invoice(store, "A-1", pages=3), add_invoice(store, "A-2")
    wish = {"versions": {one: 3, two: 3}, "outputs": [[[one, 1, 0], [two, 1, 90]], [[one, 3, 0]]]}
    before = told(store), entries(store)
    assert do("arrange", kill=[point, count], **wish) == -9
    assert is_whole(store)
    if not DONE.get(point):
        assert (told(store), entries(store)) == before
        assert pending(store) == []
        assert do("arrange", **wish) == 0, "and it can be done again"
    first, second = pending(store)
    assert told(store) == (
        {one: State.REPLACED, two: State.REPLACED, first: State.RECEIVED, second: State.RECEIVED},
        {first: [(one, 1), (two, 1)], second: [(one, 3)]},
    )
    count_of = entries(store)
    assert [count_of[here, "made"] for here in (first, second)] == [1, 1]
    assert [count_of[here, "replaced"] for here in (one, two)] == [1, 1]
    assert housekeeping.verify(store) == [], "bytes that were left were used: nothing in the vault is nobody's"
    housekeeping.tidy(store)
    assert put_back(store, one, "anna") == (one, two)


@on_sqlite_alone
@pytest.mark.parametrize("point", ["before_commit", "after_commit"])
def test_taking_it_back_that_is_killed(store, do, point):
    source = add_invoice(store, pages=2)
    first, second = rearrange(store, "anna", {source: 3}, [pages(source, 1), pages(source, 2)])
    before = told(store), entries(store)
    assert do("back", document=first, kill=[point, 1]) == -9
    if not DONE[point]:
        assert (told(store), entries(store)) == before
        assert do("back", document=first) == 0
    assert told(store) == ({source: State.REVIEW, first: State.REPLACED, second: State.REPLACED}, {})
    assert entries(store)[source, "pages-taken-back"] == 1
    assert housekeeping.verify(store) == []


@on_sqlite_alone
@pytest.mark.parametrize(("point", "count"), [step for step in STEPS if step != ("vaulted", 2)])
def test_opening_a_locked_file_that_is_killed(store, do, point, count):
    source = add_locked(store, lock(draw_invoice(invoice_values("L-1"), 2)[0]))
    with store.transaction() as session:
        values = {"name": "locked.pdf", "size": 1, "received_at": clock.now(), "station": "north"}
        session.add(DropRow(token="a1b2c3d4", document_id=source, **values))
    tell(store, source)
    before = told(store), entries(store)
    wish = {"document": source, "version": 2, "password": "secret"}
    assert do("unlock", kill=[point, count], **wish) == -9
    if not DONE.get(point):
        assert (told(store), entries(store)) == before
        assert do("unlock", **wish) == 0
    (new,) = pending(store)
    assert told(store) == ({source: State.REPLACED, new: State.RECEIVED}, {new: [(source, 1), (source, 2)]})
    housekeeping.tidy(store)
    assert list(store.settings.quarantine.iterdir()) == [], "the station is not told any more that it is locked"
    assert housekeeping.verify(store) == []


@on_sqlite_alone
@pytest.mark.parametrize(("point", "count"), [("before_commit", 1), ("after_commit", 1)])
def test_taking_an_opened_file_back_that_is_killed(store, do, point, count):
    source = add_locked(store, lock(draw_invoice(invoice_values("L-1"), 2)[0]))
    new = unlock(store, source, 2, "anna", "secret")
    assert do("back", document=new, kill=[point, count]) == -9
    if not DONE[point]:
        assert do("back", document=new) == 0
    assert told(store) == ({source: State.QUARANTINED, new: State.REPLACED}, {})
    assert housekeeping.verify(store) == []


@on_sqlite_alone
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("fault", ["signal=KILL", "error=ENOSPC", "error=EIO"])
@pytest.mark.parametrize("call", CALLS)
def test_a_fault_at_every_call_of_the_kernel(store, do, call, fault):
    if fault != "signal=KILL" and call not in ("link", "mkdir", "fsync", "fdatasync", "write", "pwrite64"):
        pytest.skip("the kernel does not answer so")
    codes = []
    for when in WHEN:
        source = add_invoice(store, f"{call}-{when}", pages=2)
        wish = {"versions": {source: 3}, "outputs": [[[source, 1, 0]], [[source, 2, 90]]]}
        before = entries(store)
        codes.append(do("arrange", inject=f"{call}:{fault}:when={when}", **wish))
        assert codes[-1] != 1, "an exception that nobody expected; it is printed above"
        assert is_whole(store)
        states, made = told(store)
        if states[source] == State.REVIEW:
            assert entries(store) == before
            assert do("arrange", **wish) == 0, (call, fault, when)
            states, made = told(store)
        assert states[source] == State.REPLACED
        assert [number for pages_of in made.values() for of, number in pages_of if of == source] == [1, 2]
        assert housekeeping.verify(store) == [], (call, fault, when)
        if codes[-1] == 0 and when > 8:
            break
