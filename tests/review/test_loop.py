"""The loop: what comes next, what is put aside, what is said about it, and what it cost."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import insert, select, text, update

from models.errors import Conflict, InvalidValue, NotFound
from models.roles import EVERYTHING, Scope
from models.settings import Settings
from models.states import State
from models.tables import DocumentRow, DropRow, EffortRow, EventRow
from pipeline.intake import take_in
from pipeline.review import effort, queue
from pipeline.review.claims import offered_to
from pipeline.review.effort import Effort, FieldEffort
from pipeline.review.order import behind_place, places_of, waiting_places
from pipeline.store import Store, clock

from .rows import add_invoice


def prioritised(store, number, priority, **more):
    document_id = add_invoice(store, number, **more)
    queue.prioritise(store, document_id, priority, "sue")
    return document_id


def events_of(store, document_id):
    with store.reading() as session:
        query = select(EventRow.actor, EventRow.kind).where(EventRow.document_id == document_id).order_by(EventRow.id)
        return [tuple(row) for row in session.execute(query)]


def version_of(store, document_id):
    return queue.open_document(store, document_id).version


# ---- what comes next


def test_the_queue_holds_documents_of_every_type_and_of_none(store):
    ids = [add_invoice(store, f"A-{number}") for number in range(3)]
    with store.transaction() as session:
        for document_id, kind in zip(ids, ("receipt", None, "invoice"), strict=True):
            session.get_one(DocumentRow, document_id).type = kind
    with store.reading() as session:
        assert [document_id for _, document_id in waiting_places(session, EVERYTHING)] == ids


def test_the_most_urgent_comes_first_then_the_oldest(store):
    usual, late = add_invoice(store, "A-1"), prioritised(store, "A-2", 9)
    urgent, older = prioritised(store, "A-3", 2), add_invoice(store, "A-4")
    order = [urgent, usual, older, late]
    assert [row.id for row in queue.waiting(store)] == order
    assert [row.priority for row in queue.waiting(store)] == [2, 5, 5, 9]
    assert [row.id for row in queue.waiting(store, 2)] == order[:2]
    assert [row.id for row in queue.waiting(store, 2, after=usual)] == order[2:]
    assert [queue.claim_next(store, name) for name in ("anna", "bert", "cyril", "dora", "eva")] == [*order, None]
    queue.release(store, late, "dora")
    assert queue.claim_next(store, "anna", after=urgent) == late, "what others hold is passed over"


def test_a_skip_goes_on_behind_what_was_skipped_and_comes_round(store):
    first, second, last = prioritised(store, "A-1", 1), add_invoice(store, "A-2"), prioritised(store, "A-3", 8)
    assert queue.peek_next(store, "anna", first) == second
    assert queue.claim_next(store, "anna", after=second) == last
    queue.release(store, last, "anna")
    assert queue.claim_next(store, "anna", after=last) == first
    assert queue.peek_next(store, "anna", first) == second
    assert queue.peek_next(store, "bert", 0) == second, "anna has the first"
    assert queue.open_document(store, second).held_by is None, "a look ahead takes nothing"


def test_types_are_walked_together_in_order(store):
    ids = [prioritised(store, f"A-{number}", priority) for number, priority in enumerate((5, 3, 5, 1, 3))]
    with store.transaction() as session:
        for one, kind in zip(ids, ("receipt", "invoice", "invoice", "receipt", "credit_note"), strict=True):
            session.get(DocumentRow, one).type = kind
    scope = Scope(types=frozenset({"receipt", "invoice"}))
    order = [ids[3], ids[1], ids[0], ids[2]]
    assert [row.id for row in queue.waiting(store, scope=scope)] == order
    assert [row.id for row in queue.waiting(store, 2, after=ids[1], scope=scope)] == order[2:]
    with store.reading() as session:
        assert [one for _, one in waiting_places(session, scope, step=1)] == order, "page by page"
    assert queue.claim_next(store, "anna", after=ids[1], scope=scope) == ids[0]


def test_who_has_a_document_open_keeps_it_when_it_becomes_urgent(store):
    document_id = add_invoice(store)
    queue.claim(store, document_id, "anna")
    seen = version_of(store, document_id)
    queue.prioritise(store, document_id, 1, "sue")
    queue.decide_accept(store, document_id, seen, "anna", {})
    assert ("sue", "priority") in events_of(store, document_id)
    for wrong in (0, 10, -1):
        with pytest.raises(InvalidValue):
            queue.prioritise(store, document_id, wrong, "sue")
    with pytest.raises(InvalidValue):
        queue.prioritise(store, document_id, 2, "sue")  # it is loaded
    with pytest.raises(NotFound):
        queue.prioritise(store, 999, 2, "sue")


def test_a_station_may_be_urgent(tmp_path):
    settings = Settings(
        home=tmp_path, settle_seconds=0, patience_seconds=0, station_priorities={"urgent": 2, "archive": 8}
    )
    with Store.open(settings) as store:
        for station, number in (("urgent", 1), ("archive", 2), ("", 3), ("archive", 4), ("urgent", 4), ("archive", 1)):
            folder = settings.inbox / station
            folder.mkdir(exist_ok=True)
            (folder / f"{number}.pdf").write_bytes(b"%PDF-1.4 " + bytes([number]) + b"\n%%EOF\n")
            take_in(store)
        with store.reading() as session:
            found = session.execute(select(DocumentRow.name, DocumentRow.priority)).all()
            drops = len(session.execute(select(DropRow.id)).all())
    assert {row.name: row.priority for row in found} == {"1.pdf": 2, "2.pdf": 8, "3.pdf": 5, "4.pdf": 2}
    assert drops == 6
    with pytest.raises(ValueError, match="from 1"):
        Settings(home=tmp_path, station_priorities={"urgent": 0})


def test_next_walks_an_index_and_sorts_nothing(store):
    """On many documents neither database reads more of the queue than it gives."""
    now = clock.now()
    row = {
        "name": "x.pdf",
        "media_type": "application/pdf",
        "size": 1,
        "version": 0,
        "attempts": 0,
        "received_at": now,
        "changed_at": now,
    }
    row |= {"reasons": [], "findings": []}
    with store.transaction() as session:
        states, kinds = ("review", *["loaded"] * 9), ("invoice", *["receipt"] * 49)
        rows = [
            row | {"state": states[one % 10], "type": kinds[one // 10 % 50], "priority": 5 + one // 500 % 3}
            for one in range(6000)
        ]
        session.execute(insert(DocumentRow), [one | {"sha256": f"{number:064x}"} for number, one in enumerate(rows)])
    with store.transaction() as session:
        session.execute(text("ANALYZE"))
    dialect = store.engine.dialect.name
    with store.reading() as session:
        for kind, index in ((None, "ix_documents_queue"), ("invoice", "ix_documents_queue_type")):
            first = places_of(kind, *offered_to("anna")).limit(20)
            for query in (first, behind_place(first, (5, 300))):
                sql = str(query.compile(store.engine, compile_kwargs={"literal_binds": True}))
                explain = "EXPLAIN QUERY PLAN " if dialect == "sqlite" else "EXPLAIN "
                plan = "\n".join(str(line[-1]) for line in session.execute(text(explain + sql)))
                assert re.search(rf"{index}\b(?!_)", plan), plan
                for bad in ("TEMP B-TREE", "Sort Key: documents", "Seq Scan on documents", "SCAN documents$"):
                    assert not re.search(bad, plan, re.MULTILINE), plan


# ---- put aside


def test_what_is_put_aside_is_offered_to_nobody_until_its_time(store, later):
    first, second = add_invoice(store, "A-1"), add_invoice(store, "A-2")
    queue.put_aside(store, first, 3, "anna", " Ask the\n buyer ")
    assert queue.claim_next(store, "anna") == second
    assert queue.claim_next(store, "bert") is None
    assert queue.peek_next(store, "bert", 0) is None
    ((document_id, name, note),) = queue.put_aside_by(store, "anna")
    assert (document_id, name, note.note, note.now) == (first, "invoice-A-1.pdf", "Ask the buyer", True)
    assert queue.put_aside_by(store, "bert") == []
    assert [row[0] for row in queue.put_aside_by(store, None)] == [first]
    assert queue.put_aside_by(store, None, scope=Scope(types=frozenset({"receipt"}))) == []
    assert [row.aside_by for row in queue.waiting(store)] == ["anna", None]
    assert queue.open_document(store, first).aside.by == "anna"
    later(store.settings.put_aside_hours * 3600 + 1)
    assert queue.claim_next(store, "bert") == first
    assert queue.open_document(store, first).aside.note == "Ask the buyer", "the note is still worth reading"
    assert [row.aside_by for row in queue.waiting(store)] == [None, None]


def test_it_is_brought_back_or_decided(store):
    first, second = add_invoice(store, "A-1"), add_invoice(store, "A-2")
    queue.put_aside(store, first, 3, "anna", "x")
    queue.put_aside(store, second, 3, "anna", "y")
    assert queue.bring_back(store, first, "anna")
    assert not queue.bring_back(store, first, "anna")
    assert queue.claim_next(store, "bert") == first
    queue.decide_accept(store, second, 3, "anna", {})
    assert queue.put_aside_by(store, None) == []
    assert [kind for _, kind in events_of(store, first)] == ["put-aside", "brought-back", "review-opened"]


def test_only_who_may_decide_puts_aside(store):
    document_id = add_invoice(store)
    queue.claim(store, document_id, "bert")
    with pytest.raises(Conflict, match="bert"):
        queue.put_aside(store, document_id, 3, "anna", "x")
    with pytest.raises(InvalidValue) as unsaid:
        queue.put_aside(store, document_id, 3, "bert", " \n")
    assert list(unsaid.value.problems) == ["note"]
    with pytest.raises(Conflict):
        queue.put_aside(store, document_id, 2, "bert", "x")
    assert queue.open_document(store, document_id).aside is None


# ---- comments


def test_comments_stay_with_the_document(store):
    document_id = add_invoice(store)
    queue.comment(store, document_id, "anna", "Is this ours?\r\nI doubt it.\0")
    said = queue.comment(store, document_id, "bert", "It is <b>.")
    shown = queue.open_document(store, document_id).comments
    assert [(one.by, one.text) for one in shown] == [("anna", "Is this ours?\nI doubt it."), ("bert", "It is <b>.")]
    assert shown[1] == said
    for wrong in ("", " \n ", "x" * 5000):
        with pytest.raises(InvalidValue):
            queue.comment(store, document_id, "anna", wrong)
    with pytest.raises(NotFound):
        queue.comment(store, 999, "anna", "x")
    with store.reading() as session:
        told = session.scalars(select(EventRow.data).where(EventRow.kind == "commented")).all()
    assert told == [{"comment": shown[0].id}, {"comment": shown[1].id}], "the ledger has no content"


# ---- what it cost


def test_what_a_decision_cost_is_kept_by_field(store):
    document_id = add_invoice(store)
    fields = {
        "gross_total": FieldEffort(seen=True, changed=True, seconds=4.5, keystrokes=7),
        "due_date": FieldEffort(seen=True, changed=True, seconds=1.5, keystrokes=2),  # typed, and typed back
        "iban": FieldEffort(),
        "canary": FieldEffort(seen=True),
    }
    cost = Effort(seconds=9.25, keystrokes=11, clicks=1, fields=fields)
    queue.claim(store, document_id, "anna")
    queue.release(store, document_id, "anna", cost)
    sent = {"gross_total": "1 235,00", "tax_total": "214,75"}
    queue.decide_accept(store, document_id, 3, "anna", sent, cost=cost)
    skipped, accepted = effort.looks(store, document_id)
    assert (skipped.outcome, accepted.outcome, accepted.by) == ("skipped", "accepted", "anna")
    assert (accepted.seconds, accepted.keystrokes, accepted.clicks) == (9.25, 11, 1)
    assert dict(accepted.fields) == {
        "gross_total": FieldEffort(seen=True, changed=True, seconds=4.5, keystrokes=7),
        "due_date": FieldEffort(seen=True, changed=False, seconds=1.5, keystrokes=2),
    }, "what was not looked at, and names that we don't know, are left out"
    with store.reading() as session:
        assert {row.field for row in session.scalars(select(EffortRow))} == {"", "gross_total", "due_date"}


@pytest.mark.parametrize(
    "sent",
    ["", "x", "[]", '{"seconds": -1}', '{"seconds": NaN}', '{"seconds": 1e99}', '{"typed": "secret"}', "{" * 5000],
)
def test_a_cost_that_makes_no_sense_is_left_out(sent):
    assert effort.understood(sent) is None


def test_the_cost_of_a_refused_decision_is_not_counted_twice(store):
    document_id = add_invoice(store)
    with pytest.raises(InvalidValue):
        queue.decide_accept(store, document_id, 3, "anna", {"gross_total": "much"}, cost=Effort(seconds=5))
    assert effort.looks(store, document_id) == ()
    queue.decide_reject(store, document_id, 3, "anna", "Not ours", Effort(seconds=8))
    assert [(one.outcome, one.seconds) for one in effort.looks(store, document_id)] == [("rejected", 8)]


# ---- the checks as one types


def test_the_checks_say_what_a_decision_would_meet(store):
    document_id = add_invoice(store)
    assert queue.check_typed(store, document_id, {}).against == ()
    said = queue.check_typed(store, document_id, {"gross_total": "9 999,00", "issue_date": "3. 11. 2026"})
    assert said.values == {"gross_total": "9999.00", "issue_date": "2026-11-03"}
    assert [one.code for one in said.against] == ["totals-differ"]
    wrong = {"gross_total": "much", "due_date": "", "line_items": 1}
    with pytest.raises(NotFound):
        queue.check_typed(store, document_id, wrong)
    del wrong["line_items"]
    lines = [{"description": "Paper", "quantity": "ten", "net_amount": "450,00", "origin": 0}]
    said = queue.check_typed(store, document_id, wrong, lines)
    assert set(said.problems) == {"gross_total", "line_items.0.quantity"}
    assert not [one for one in said.against if "gross_total" in one.fields], "said once, at the value"
    assert queue.check_typed(store, document_id, {"company": "x"}, type_name="receipt").problems == {}
    assert version_of(store, document_id) == 3
    assert queue.open_document(store, document_id).held_by is None
    with pytest.raises(NotFound):
        queue.check_typed(store, document_id, {}, type_name="poem")


def test_the_checks_know_what_is_loaded_already(store):
    first, second = add_invoice(store, "A-1"), add_invoice(store, "A-2")
    queue.decide_accept(store, first, 3, "anna", {})
    said = queue.check_typed(store, second, {"invoice_number": "A-1"})
    assert [one.code for one in said.against] == ["duplicate"]
    assert f"Document {first}" in said.against[0].message
    assert queue.check_typed(store, second, {}).against == ()


def test_an_objection_of_reading_goes_when_its_field_is_mended(store):
    finding = {"code": "xml-mismatch", "severity": "error", "message": "They differ.", "fields": ["gross_total"]}
    document_id = add_invoice(store, findings=(finding,), wrong={"gross_total": "1234.49"})
    assert "xml-mismatch" in [one.code for one in queue.check_typed(store, document_id, {}).against]
    assert queue.check_typed(store, document_id, {"gross_total": "1234,50"}).against == ()


# ---- how it stands


def test_a_page_learns_how_its_document_stands(store, later):
    document_id = add_invoice(store)
    queue.claim(store, document_id, "anna")
    assert queue.standing(store, document_id, "anna").held
    now = queue.standing(store, document_id, "bert")
    assert (now.held, now.held_by, now.state, now.version) == (False, "anna", "review", 3)
    later(store.settings.review_lease_seconds + 1)
    now = queue.standing(store, document_id, "anna")
    assert (now.held, now.held_by) == (False, None)
    assert queue.claim(store, document_id, "anna"), "nobody came: it is held again"
    with store.transaction() as session:
        session.execute(update(DocumentRow).values(state=State.LOADED))
    assert not queue.claim(store, document_id, "anna")
    assert queue.standing(store, document_id, "anna").state == State.LOADED
