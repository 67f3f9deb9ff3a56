"""Back from LOADED and from sent back: the reversing entry, and that everything still happens exactly once."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from models.errors import Conflict, InvalidValue, NotFound, PodatelnaError
from models.states import State
from models.tables import HEADER_TABLES, LINE_TABLES, DocumentRow, DropRow, EventRow, FieldRow, RecallRow
from pipeline.housekeeping import verify
from pipeline.intake import mend
from pipeline.review import queue
from pipeline.store import clock

from .rows import add_invoice

INVOICES, LINES = HEADER_TABLES["invoice"], LINE_TABLES["invoice"]


def rows(store, table):
    with store.reading() as session:
        return session.execute(select(table)).all()


def count(store, document_id, kind):
    with store.reading() as session:
        where = (EventRow.document_id == document_id, EventRow.kind == kind)
        return session.scalar(select(func.count()).select_from(EventRow).where(*where))


def accept(store, document_id, who="anna", values=None, **more):
    return queue.decide_accept(
        store, document_id, queue.open_document(store, document_id).version, who, values or {}, **more
    )


def recall(store, document_id, why="Booked twice"):
    return queue.recall(store, document_id, queue.open_document(store, document_id).version, "sue", why)


def test_a_recalled_row_goes_and_leaves_a_reversing_entry(store):
    document_id, other = add_invoice(store, "A-1"), add_invoice(store, "A-2")
    accept(store, document_id, values={"variable_symbol": "77"})
    accept(store, other)
    (before,) = [row for row in rows(store, INVOICES) if row.document_id == document_id]
    assert recall(store, document_id)
    assert [row.document_id for row in rows(store, INVOICES)] == [other]
    assert len(rows(store, LINES)) == 2, "its lines went too, the others stay"
    (entry,) = rows(store, RecallRow.__table__)
    assert (entry.document_id, entry.table_name, entry.row_id) == (document_id, "invoices", before.id)
    assert (entry.business_key, entry.loaded_at) == (before.business_key, before.loaded_at)
    assert (entry.recalled_by, entry.reason) == ("sue", "Booked twice")
    shown = queue.open_document(store, document_id)
    assert (shown.state, shown.decided) == (State.REVIEW, None), "nobody has decided on it now"
    assert shown.reasons == ("Recalled: Booked twice", "Gross total is doubtful (61%)")
    assert (count(store, document_id, "recalled"), count(store, document_id, "loaded")) == (1, 1)
    assert verify(store) == []

    assert queue.claim_next(store, "bert") == document_id
    assert accept(store, document_id, "bert", {"variable_symbol": "78"}) == State.LOADED
    (row,) = [row for row in rows(store, INVOICES) if row.document_id == document_id]
    assert row.variable_symbol == "78"
    with store.reading() as session:
        assert session.get(FieldRow, (document_id, "variable_symbol")).corrected_from == "20260042", "as it was read"
    assert (count(store, document_id, "recalled"), count(store, document_id, "loaded")) == (1, 2)
    assert verify(store) == []


def test_only_what_is_loaded_as_one_saw_it_is_recalled(store):
    document_id = add_invoice(store)
    with pytest.raises(Conflict):
        recall(store, document_id)
    accept(store, document_id)
    with pytest.raises(InvalidValue):
        recall(store, document_id, " ")
    with pytest.raises(Conflict):
        queue.recall(store, document_id, 3, "sue", "An older screen")
    with pytest.raises(NotFound):
        queue.recall(store, 999, 3, "sue", "x")
    assert len(rows(store, INVOICES)) == 1
    assert rows(store, RecallRow.__table__) == []


def test_a_row_that_another_document_has_taken_over_stays(store):
    first, second = add_invoice(store, "A-1"), add_invoice(store, "A-2")
    accept(store, first)
    accept(store, second, values={"invoice_number": "A-1"}, load_anyway=True, override="A better scan")
    assert not recall(store, first), "its row is the other one's"
    assert [row.document_id for row in rows(store, INVOICES)] == [second]
    assert rows(store, RecallRow.__table__) == []
    assert verify(store) == []
    assert recall(store, second)
    assert rows(store, INVOICES) == []
    accept(store, first)
    assert [row.document_id for row in rows(store, INVOICES)] == [first]
    assert verify(store) == []


def test_a_lost_row_is_found_though_it_was_superseded_once(store):
    first, second = add_invoice(store, "A-1"), add_invoice(store, "A-2")
    accept(store, first)
    accept(store, second, values={"invoice_number": "A-1"}, load_anyway=True, override="A better scan")
    recall(store, second)
    recall(store, first)
    accept(store, first)
    assert verify(store) == []
    with store.transaction() as session:
        session.execute(INVOICES.delete())
    assert [problem for problem in verify(store) if f"Document {first} " in problem]


def test_two_supervisors_recall_it_once(store):
    document_id = add_invoice(store)
    accept(store, document_id)
    version = queue.open_document(store, document_id).version
    told, start = [], threading.Barrier(4)

    def work():
        start.wait()
        try:
            told.append(queue.recall(store, document_id, version, "sue", "x"))
        except PodatelnaError as error:
            told.append(error.code)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, told)) == ["True", "conflict", "conflict", "conflict"]
    assert len(rows(store, RecallRow.__table__)) == 1
    assert count(store, document_id, "recalled") == 1


def test_what_was_sent_back_is_taken_back_by_who_sent_it(store):
    document_id = add_invoice(store, name="cut.pdf")
    with store.transaction() as session:
        values = {"token": "t" * 32, "document_id": document_id, "name": "cut.pdf", "size": 1}
        session.add(DropRow(**values, received_at=clock.now()))
    queue.decide_reject(store, document_id, 3, "anna", "Not ours")
    copy = store.settings.quarantine / "cut.pdf"
    assert copy.exists()
    for who, version in (("bert", 4), ("anna", 3)):
        with pytest.raises(Conflict):
            queue.take_back(store, document_id, version, who)
    queue.take_back(store, document_id, 4, "anna")
    assert not copy.exists(), "the station is not told of what is no more"
    assert not list(store.settings.quarantine.iterdir())
    assert mend(store) == 0
    shown = queue.open_document(store, document_id)
    assert (shown.state, shown.decided, shown.refused) == (State.REVIEW, None, None)
    assert accept(store, document_id) == State.LOADED
    with pytest.raises(Conflict):
        queue.take_back(store, document_id, 6, "anna")


def test_a_copy_that_a_crash_left_is_taken_away(store, monkeypatch):
    document_id = add_invoice(store, name="cut.pdf")
    with store.transaction() as session:
        values = {"token": "t" * 32, "document_id": document_id, "name": "cut.pdf", "size": 1}
        session.add(DropRow(**values, received_at=clock.now()))
    queue.decide_reject(store, document_id, 3, "anna", "Not ours")
    monkeypatch.setattr("pipeline.review.undo.withdraw", lambda *_: None)
    queue.take_back(store, document_id, 4, "anna")
    assert (store.settings.quarantine / "cut.pdf").exists()
    assert mend(store) == 1
    assert not list(store.settings.quarantine.iterdir())
    with store.reading() as session:
        assert session.get(DocumentRow, document_id).state == State.REVIEW
