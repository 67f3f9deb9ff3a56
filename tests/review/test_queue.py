from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal

import pytest
from sqlalchemy import delete, event, select

from models.errors import Blocked, Conflict, InvalidValue, NotFound
from models.records import Source
from models.roles import Scope
from models.states import State
from models.tables import HEADER_TABLES, LINE_TABLES, DocumentRow, DropRow, EventRow, FieldRow, LeaseRow, LineItemRow
from pipeline.intake import mend, release
from pipeline.review import decide, queue
from pipeline.review.records import blocking
from pipeline.store import clock

from .rows import add_form, add_invoice

TOTALS = {
    "code": "totals-differ",
    "severity": "error",
    "message": "Net total 1020.25 and tax 214.25 make 1234.50, but the gross total is 7234.50.",
    "fields": ["net_total", "tax_total", "gross_total"],
}


def rows_of(store, table):
    with store.reading() as session:
        return [dict(row._mapping) for row in session.execute(select(table))]


def state_of(store, document_id):
    with store.reading() as session:
        return session.get(DocumentRow, document_id).state


def field_of(store, document_id, name):
    with store.reading() as session:
        return session.get(FieldRow, (document_id, name))


def events_of(store, document_id, kind):
    with store.reading() as session:
        return list(session.scalars(select(EventRow).where(EventRow.document_id == document_id, EventRow.kind == kind)))


def accept(store, document_id, reviewer="Anna", values=None, **more):
    version = queue.open_document(store, document_id).version
    if more.get("load_anyway"):
        more.setdefault("override", "Checked by phone")
    queue.decide_accept(store, document_id, version, reviewer, values or {}, **more)


# ---- claims


def test_next_is_the_oldest_that_nobody_holds(store):
    first, second = add_invoice(store, "A-1"), add_invoice(store, "A-2")
    add_invoice(store, "A-3", state=State.LOADED)
    assert queue.claim_next(store, "Anna") == first
    assert queue.claim_next(store, "Bert") == second
    assert queue.claim_next(store, "Cyril") is None
    assert queue.claim_next(store, "Anna") == first, "one's own document is not lost"
    assert not queue.claim(store, first, "Bert")
    assert [row.held_by for row in queue.waiting(store)] == ["Anna", "Bert"]


def test_a_silent_reviewer_loses_the_document(store, later):
    first = add_invoice(store)
    assert queue.claim(store, first, "Anna")
    later(store.settings.review_lease_seconds + 1)
    assert queue.open_document(store, first).held_by is None
    assert queue.claim_next(store, "Bert") == first
    with pytest.raises(Conflict, match="Bert"):
        accept(store, first, "Anna")


def test_a_late_decision_counts_while_nobody_else_came(store, later):
    first = add_invoice(store)
    queue.claim(store, first, "Anna")
    later(store.settings.review_lease_seconds + 1)
    accept(store, first, "Anna")
    assert state_of(store, first) == State.LOADED


def test_put_back_and_skip(store):
    first, second = add_invoice(store, "A-1"), add_invoice(store, "A-2")
    queue.claim(store, first, "Anna")
    queue.release(store, first, "Bert")
    assert not queue.claim(store, first, "Bert"), "only the holder puts it back"
    queue.release(store, first, "Anna")
    assert queue.claim_next(store, "Anna", after=first) == second
    assert queue.claim_next(store, "Bert", after=second) == first


def test_a_page_that_was_left_gives_back_only_what_it_held(store, later):
    document_id = add_invoice(store)
    queue.claim(store, document_id, "anna")
    before = queue.held_until(store, document_id, "anna")
    later(1)
    queue.claim(store, document_id, "anna")  # as a reload does, before the old page says that it was left
    queue.release(store, document_id, "anna", until=before)
    now = queue.standing(store, document_id, "anna")
    assert now.held
    queue.release(store, document_id, "bert", until=now.until)
    assert queue.standing(store, document_id, "anna").held
    queue.release(store, document_id, "anna", until=now.until)
    assert not queue.standing(store, document_id, "anna").held


def test_a_crowd_never_shares_a_document(store):
    ids = [add_invoice(store, f"A-{number}") for number in range(4)]
    got, start = [], threading.Barrier(6)

    def work(name):
        start.wait()
        got.append(queue.claim_next(store, name))

    threads = [threading.Thread(target=work, args=(f"reviewer {number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one for one in got if one) == ids
    assert got.count(None) == 2


def test_lists_page_by_key(store):
    ids = [add_invoice(store, f"A-{number}") for number in range(5)]
    assert [row.id for row in queue.waiting(store, limit=2)] == ids[:2]
    assert [row.id for row in queue.waiting(store, limit=2, after=ids[1])] == ids[2:4]
    assert [row.id for row in queue.documents(store, State.REVIEW, limit=2)] == ids[:2:-1]
    assert [row.id for row in queue.documents(store, State.REVIEW, limit=9, before=ids[2])] == [ids[1], ids[0]]
    assert queue.counts(store)["review"] == 5
    assert queue.counts(store)["loaded"] == 0


def test_lists_tell_documents_by_more_than_the_name_of_a_file(store):
    invoice, statement = add_invoice(store, "A-1"), add_form(store, "bank_statement")
    order = add_form(store, "purchase_order")
    identity, empty = add_form(store, "identity_document"), add_invoice(store, "A-2")
    with store.transaction() as session:
        session.execute(delete(FieldRow).where(FieldRow.document_id == empty))
        session.execute(delete(FieldRow).where(FieldRow.document_id == invoice, FieldRow.name == "invoice_number"))
        session.add(FieldRow(document_id=invoice, name="order_number", value="O-9", confidence=0.9, source="text"))
    told = {row.id: (row.party, row.number, row.amount) for row in queue.waiting(store)}
    assert told == {
        invoice: ("Papír a tisk s.r.o.", "", "1234.50 CZK"),  # an order's number is not the invoice's
        statement: ("Papír a tisk s.r.o.", "10/2026", "600.05 CZK"),
        order: ("Obec Horní Dolní", "OBJ-2026-17", ""),
        identity: ("Erikssón", "", ""),  # the number of a passport is for who opens it
        empty: ("", "", ""),
    }


def test_a_page_of_a_list_costs_two_queries(store):
    for number in range(5):
        add_invoice(store, f"A-{number}")
    asked = []
    with store.reading() as session:
        engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert all(row.party for row in queue.documents(store, State.REVIEW))
    assert len([one for one in asked if one.startswith("SELECT")]) == 2


def test_a_queue_has_what_is_within_ones_scope(store):
    invoice, receipt = add_invoice(store, "A-1"), add_invoice(store, "A-2")
    unknown, done = add_invoice(store, "A-3", state=State.RECEIVED), add_invoice(store, "A-4", state=State.LOADED)
    with store.transaction() as session:
        session.get(DocumentRow, receipt).type = "receipt"
        session.get(DocumentRow, unknown).type = None
        for token, document_id, station in (("1", receipt, "north"), ("2", receipt, "south"), ("3", done, "north")):
            values = {"name": "x.pdf", "size": 1, "received_at": clock.now()}
            session.add(DropRow(token=token, document_id=document_id, station=station, **values))
    invoices = Scope(types=frozenset({"invoice"}))
    north, south = Scope(stations=frozenset({"north", "east"})), Scope(stations=frozenset({"south"}))
    both = Scope(types=frozenset({"invoice"}), stations=frozenset({"north"}))
    assert [row.id for row in queue.waiting(store, scope=invoices)] == [invoice]
    assert [row.id for row in queue.waiting(store, scope=north)] == [receipt], "once, though dropped twice"
    assert [row.id for row in queue.documents(store, State.LOADED, scope=both)] == [done]
    assert queue.documents(store, State.LOADED, scope=south) == []
    assert (queue.counts(store)["received"], queue.counts(store, invoices)["received"]) == (1, 0)
    assert (queue.counts(store, both)["loaded"], queue.counts(store, both)["review"]) == (1, 0)
    assert queue.claim_next(store, "anna", scope=both) is None
    assert queue.claim_next(store, "anna", scope=north) == receipt
    assert queue.claim_next(store, "bert", after=invoice, scope=invoices) == invoice, "skips are within it too"
    assert queue.claim_next(store, "cyril") is None


# ---- what is shown


def test_doubtful_fields_come_first_in_the_order_of_the_type(store):
    document_id = add_invoice(store, doubts={"gross_total": 0.6, "due_date": 0.7}, missing=("invoice_number",), pages=2)
    shown = queue.open_document(store, document_id)
    assert [field.name for field in shown.doubtful] == ["invoice_number", "due_date", "gross_total"]
    assert [field.name for field in shown.fields[:3]] == ["invoice_number", "due_date", "gross_total"]
    missing = shown.fields[0]
    assert (missing.value, missing.box, missing.source) == ("", None, None)
    assert missing.doubt == "Needed, but not found on the page."
    assert shown.fields[2].doubt == "Only 60 % sure."
    assert "label stands beside it" in shown.fields[2].proof
    assert [field.name for field in shown.sure][:2] == ["issue_date", "delivery_date"]
    assert [page.number for page in shown.pages] == [1, 2]
    assert [line.cells["description"] for line in shown.line_items] == ["Kancelářský papír A4, 80 g", "Toner HP 26A"]
    with pytest.raises(NotFound):
        queue.open_document(store, 999)


def test_a_finding_makes_its_fields_doubtful(store):
    document_id = add_invoice(store, doubts={}, findings=(TOTALS,))
    shown = queue.open_document(store, document_id)
    assert [field.name for field in shown.doubtful] == ["net_total", "tax_total", "gross_total"]
    assert shown.doubtful[0].doubt == TOTALS["message"]


# ---- accept


def test_accept_loads_what_was_read(store):
    document_id = add_invoice(store)
    accept(store, document_id)
    assert state_of(store, document_id) == State.LOADED
    (row,) = rows_of(store, HEADER_TABLES["invoice"])
    assert (row["invoice_number"], row["gross_total"], row["issue_date"]) == (
        "2026-0042",
        Decimal("1234.50"),
        dt.date(2026, 11, 3),
    )
    assert [line["net_amount"] for line in rows_of(store, LINE_TABLES["invoice"])] == [
        Decimal("450"),
        Decimal("570.25"),
    ]
    assert field_of(store, document_id, "gross_total").corrected_from is None
    assert rows_of(store, LeaseRow.__table__) == []
    assert queue.decision(store, document_id).by == "Anna"


def test_corrections_are_typed_the_local_way_and_kept_with_their_past(store):
    document_id = add_invoice(
        store,
        wrong={"gross_total": "7234.50", "issue_date": "2026-01-03"},
        missing=("seller_vat_id",),
        findings=(TOTALS,),
    )
    accept(
        store,
        document_id,
        values={"gross_total": "1 234,50", "issue_date": "3. 11. 2026", "seller_vat_id": "CZ 25568736", "bic": ""},
    )
    (row,) = rows_of(store, HEADER_TABLES["invoice"])
    assert (row["gross_total"], row["issue_date"], row["seller_vat_id"]) == (
        Decimal("1234.50"),
        dt.date(2026, 11, 3),
        "CZ25568736",
    )
    field = field_of(store, document_id, "gross_total")
    assert (field.value, field.corrected_from, field.source) == ("1234.50", "7234.50", Source.REVIEWER)
    assert (field.witnesses, field.confidence, field.box) == (["reviewer"], 1.0, None)
    assert field_of(store, document_id, "seller_vat_id").corrected_from == ""
    assert field_of(store, document_id, "bic") is None
    (event,) = events_of(store, document_id, "review-accepted")
    assert event.data == {"corrected": ["issue_date", "seller_vat_id", "gross_total"]}, "names, never values"


def test_a_cleared_field_is_loaded_as_nothing(store):
    document_id = add_invoice(store, doubts={})
    accept(store, document_id, values={"variable_symbol": "  "})
    (row,) = rows_of(store, HEADER_TABLES["invoice"])
    assert row["variable_symbol"] is None
    assert field_of(store, document_id, "variable_symbol").corrected_from == "20260042"


def test_all_wrong_values_are_told_at_once_and_nothing_is_kept(store):
    document_id = add_invoice(store)
    with pytest.raises(InvalidValue) as caught:
        accept(
            store,
            document_id,
            values={"gross_total": "lots", "issue_date": "31. 2. 2026", "seller_name": "Someone else"},
            line_items=[{"description": "Paper", "quantity": "ten"}],
        )
    assert set(caught.value.problems) == {"gross_total", "issue_date", "line_items.0.quantity"}
    assert "1 234,50" in caught.value.problems["gross_total"]
    assert state_of(store, document_id) == State.REVIEW
    assert field_of(store, document_id, "seller_name").value == "Papír a tisk s.r.o."


def test_a_number_too_large_for_the_table_is_told_at_its_field(store):
    document_id = add_invoice(store)
    with pytest.raises(InvalidValue) as caught:
        accept(store, document_id, values={"gross_total": "9" * 20}, load_anyway=True)
    assert set(caught.value.problems) == {"gross_total"}
    assert state_of(store, document_id) == State.REVIEW


def test_what_no_keyboard_sends_is_dropped(store):
    document_id = add_invoice(store)
    accept(store, document_id, values={"payment_terms": "14 days\x00\ud800\r\nnet"})
    assert field_of(store, document_id, "payment_terms").value == "14 days\nnet"


def test_checks_object_until_the_reviewer_insists(store):
    document_id = add_invoice(store)
    with pytest.raises(Blocked) as caught:
        accept(store, document_id, values={"gross_total": "9 999,00"})
    assert [finding.code for finding in caught.value.findings if finding.severity == "error"] == ["totals-differ"]
    assert field_of(store, document_id, "gross_total").value == "1234.50"
    with pytest.raises(InvalidValue, match="why") as unsaid:
        accept(store, document_id, values={"gross_total": "9 999,00"}, load_anyway=True, override=" \n ")
    assert list(unsaid.value.problems) == ["override"]
    assert state_of(store, document_id) == State.REVIEW
    said = "The supplier confirmed\n it by phone"
    accept(store, document_id, values={"gross_total": "9 999,00"}, load_anyway=True, override=said)
    assert state_of(store, document_id) == State.LOADED
    (event,) = events_of(store, document_id, "review-accepted")
    because = "The supplier confirmed it by phone"
    assert event.data == {"corrected": ["gross_total"], "despite": ["totals-differ"], "because": because}


def test_a_contradiction_that_the_reviewer_types_is_asked_about(store):
    document_id = add_invoice(store)
    items = [dict(line.cells) for line in queue.open_document(store, document_id).line_items]
    items[1]["quantity"] = "25"  # at 570.25 each, and still 570.25 in all
    with pytest.raises(Blocked) as caught:
        accept(store, document_id, line_items=items)
    shown = queue.open_document(store, document_id).findings
    assert [finding.code for finding in blocking(caught.value.findings, shown)] == ["line-amount"]
    assert state_of(store, document_id) == State.REVIEW
    accept(store, document_id, line_items=items, load_anyway=True)
    assert events_of(store, document_id, "review-accepted")[0].data["despite"] == ["line-amount"]


@pytest.mark.parametrize("severity", ["warning", "info"])  # of an e-invoice's lines it is only told
def test_a_warning_that_was_shown_is_not_asked_again(store, severity):
    told = {
        "code": "line-amount",
        "severity": severity,
        "message": "Line 3: 2 × 5 is 10, but its net amount is 9.",
        "fields": ["line_items"],
    }
    document_id = add_invoice(store, findings=(told,), wrong={"net_total": "579.25", "tax_total": "655.25"}, doubts={})
    with store.transaction() as session:
        cells = {"description": "Pen", "quantity": "2", "unit_price": "5", "net_amount": "9"}
        session.add(LineItemRow(document_id=document_id, position=2, cells=cells, confidence=0.9))
        document = session.get(DocumentRow, document_id)
        kept = ["tax-too-high", "Tax of 655.25 is more than 27 % of 579.25, the highest rate.", ["tax_total"]]
        tax = dict(zip(("code", "message", "fields"), kept, strict=True)) | {"severity": "warning"}
        document.findings = [*document.findings, tax]
    items = [dict(line.cells) for line in queue.open_document(store, document_id).line_items]
    accept(store, document_id, line_items=items[1:])  # the first row goes, so the third is now the second
    assert state_of(store, document_id) == State.LOADED
    assert "despite" not in events_of(store, document_id, "review-accepted")[0].data


def test_a_needed_field_can_only_be_left_empty_on_purpose(store):
    document_id = add_invoice(store, missing=("invoice_number",))
    with pytest.raises(Blocked) as caught:
        accept(store, document_id)
    assert ("invoice_number",) in [finding.fields for finding in caught.value.findings]
    accept(store, document_id, load_anyway=True)
    assert rows_of(store, HEADER_TABLES["invoice"])[0]["invoice_number"] is None


def test_what_reading_told_stands_until_its_field_is_mended(store):
    told = {"code": "xml-mismatch", "severity": "error", "message": "Page and XML differ.", "fields": ["iban"]}
    first = add_invoice(store, "A-1", findings=(told,))
    with pytest.raises(Blocked) as caught:
        accept(store, first)
    assert [finding.code for finding in caught.value.findings] == ["xml-mismatch"]
    accept(store, first, values={"iban": "19-2000145399/0800"}, load_anyway=True)  # the same account: no correction
    assert events_of(store, first, "review-accepted")[0].data["despite"] == ["xml-mismatch"]
    second = add_invoice(store, "A-2", findings=(told,))
    accept(store, second, values={"iban": "DE89 3704 0044 0532 0130 00"})
    assert state_of(store, second) == State.LOADED


def test_a_second_document_with_the_same_key_replaces_only_on_purpose(store):
    first = add_invoice(store, "A-1")
    accept(store, first)
    second = add_invoice(store, "A-1", pages=2)
    with pytest.raises(Blocked, match="object") as caught:
        accept(store, second)
    assert [finding.code for finding in caught.value.findings] == ["duplicate"]
    assert rows_of(store, HEADER_TABLES["invoice"])[0]["document_id"] == first
    accept(store, second, load_anyway=True)
    (row,) = rows_of(store, HEADER_TABLES["invoice"])
    assert row["document_id"] == second


def test_line_items_are_replaced_normalised_and_keep_their_proof(store):
    document_id = add_invoice(store)
    before = queue.open_document(store, document_id).line_items
    items = [
        dict(before[0].cells),
        {"description": "", "quantity": " "},
        {
            "description": "Toner HP 26A",
            "quantity": "1",
            "unit_price": "570,25",
            "net_amount": "570,25 Kč",
            "tax_rate": "21 %",
        },
        {"description": "Doprava", "quantity": "0.125", "unit_price": "1 000,00", "net_amount": "125"},
    ]
    accept(store, document_id, line_items=items, load_anyway=True)
    with store.reading() as session:
        rows = list(session.scalars(select(LineItemRow).where(LineItemRow.document_id == document_id)))
    assert [row.position for row in rows] == [0, 1, 2]
    assert rows[0].box is not None
    assert rows[0].confidence == 0.9
    assert rows[1].box is None
    assert rows[1].cells["unit_price"] == "570.25"
    assert Decimal(rows[1].cells["tax_rate"]) == 21
    assert (rows[2].cells["unit_price"], rows[2].cells["net_amount"]) == ("1000.00", "125")
    assert [line["description"] for line in rows_of(store, LINE_TABLES["invoice"])][2] == "Doprava"


def test_a_corrected_row_keeps_its_place_and_the_ledger_names_its_cells(store):
    document_id = add_invoice(store)
    before = queue.open_document(store, document_id).line_items
    assert [line.origin for line in before] == [0, 1]
    items = [
        {"description": "Doprava", "net_amount": "450,00"},
        {**before[1].cells, "origin": "1", "description": "Toner HP 26X", "unit": "box"},
    ]
    accept(store, document_id, line_items=items)
    with store.reading() as session:
        rows = list(session.scalars(select(LineItemRow).where(LineItemRow.document_id == document_id)))
    new, corrected = sorted(rows, key=lambda row: row.position)
    assert (new.page, new.box) == (None, None)
    assert (corrected.page, tuple(corrected.box), corrected.confidence) == (1, before[1].box, 1.0)
    assert corrected.cells["description"] == "Toner HP 26X"
    (event,) = events_of(store, document_id, "review-accepted")
    told = {"rows": 2, "corrected": {"1": ["description", "unit"]}, "removed": [0], "added": [0]}
    assert event.data["line_items"] == told
    assert "Toner" not in str(event.data)


def test_untouched_rows_are_no_change(store):
    document_id = add_invoice(store)
    lines = queue.open_document(store, document_id).line_items
    accept(store, document_id, line_items=[{**line.cells, "origin": line.origin} for line in lines])
    assert "line_items" not in events_of(store, document_id, "review-accepted")[0].data
    with store.reading() as session:
        assert session.get(LineItemRow, (document_id, 0)).confidence == 0.9


@pytest.mark.parametrize("origin", ["7", "-1", "x", "1" * 40, "0"])
def test_an_origin_that_is_none_makes_a_new_row(store, origin):
    document_id = add_invoice(store)
    first = queue.open_document(store, document_id).line_items[0].cells
    items = [{**first, "origin": 0}, {"description": "Doprava", "origin": origin}]
    accept(store, document_id, line_items=items, load_anyway=True)
    with store.reading() as session:
        assert session.get(LineItemRow, (document_id, 0)).box is not None
        assert session.get(LineItemRow, (document_id, 1)).box is None
    told = events_of(store, document_id, "review-accepted")[0].data["line_items"]
    assert told == {"rows": 2, "removed": [1], "added": [1]}


def test_unknown_fields_and_types_are_refused(store):
    document_id = add_invoice(store)
    with pytest.raises(NotFound):
        accept(store, document_id, values={"colour": "red"})
    with pytest.raises(NotFound):
        accept(store, document_id, type_name="poem")


# ---- another type


def test_another_type_is_read_from_the_stored_words(store):
    document_id = add_invoice(store)
    shown = queue.open_document(store, document_id, "receipt")
    assert {field.name for field in shown.fields} == {"company", "date", "address", "total", "currency"}
    assert (shown.type, shown.stored_type, shown.has_lines) == ("receipt", "invoice", False)
    assert queue.open_document(store, document_id).type == "invoice", "looking changes nothing"
    values = {"company": "Papír a tisk", "date": "3.11.2026", "total": "1 234,50", "currency": "Kč"}
    accept(store, document_id, values=values, type_name="receipt")
    (row,) = rows_of(store, HEADER_TABLES["receipt"])
    assert (row["company"], row["total"], row["date"]) == ("Papír a tisk", Decimal("1234.50"), dt.date(2026, 11, 3))
    assert rows_of(store, HEADER_TABLES["invoice"]) == []
    with store.reading() as session:
        document = session.get(DocumentRow, document_id)
        assert document.type == "receipt"
        names = set(session.scalars(select(FieldRow.name).where(FieldRow.document_id == document_id)))
        assert names <= {"company", "date", "address", "total", "currency"}
        assert session.scalar(select(LineItemRow).where(LineItemRow.document_id == document_id)) is None
    assert events_of(store, document_id, "review-accepted")[0].data["type"] == "receipt"


def test_e_invoice_data_survives_a_change_of_type(store):
    document_id = add_invoice(store)
    with store.transaction() as session:
        session.get(FieldRow, (document_id, "gross_total")).source = "xml"
    accept(store, document_id, type_name="credit_note", values={"invoice_number": "D-1"}, load_anyway=True)
    (row,) = rows_of(store, HEADER_TABLES["credit_note"])
    assert (row["gross_total"], row["invoice_number"]) == (Decimal("1234.50"), "D-1")
    assert field_of(store, document_id, "gross_total").source == "xml"


# ---- one decision


def test_the_second_decision_is_told_who_was_first(store):
    document_id = add_invoice(store)
    version = queue.open_document(store, document_id).version
    queue.decide_accept(store, document_id, version, "Anna", {}, None)
    for again in (
        lambda: queue.decide_accept(store, document_id, version, "Bert", {"gross_total": "1,00"}, None),
        lambda: queue.decide_reject(store, document_id, version, "Bert", "no"),
        lambda: queue.decide_accept(store, document_id, version + 1, "Anna", {}, None),
    ):
        with pytest.raises(Conflict, match="loaded by Anna"):
            again()
    assert len(rows_of(store, HEADER_TABLES["invoice"])) == 1
    assert len(events_of(store, document_id, "loaded")) == 1


def test_an_old_screen_decides_nothing(store):
    document_id = add_invoice(store)
    with pytest.raises(Conflict, match="changed since"):
        queue.decide_accept(store, document_id, 2, "Anna", {}, None)
    assert state_of(store, document_id) == State.REVIEW


def test_at_the_same_instant_one_decision_wins(store):
    document_id = add_invoice(store)
    version = queue.open_document(store, document_id).version
    start, outcomes = threading.Barrier(4), []

    def work(number):
        start.wait()
        try:
            queue.decide_accept(store, document_id, version, "Anna", {"variable_symbol": f"{number}"}, None)
            outcomes.append(number)
        except Conflict:
            outcomes.append(None)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [one for one in outcomes if one]
    assert len(outcomes) == 4
    (row,) = rows_of(store, HEADER_TABLES["invoice"])
    assert row["variable_symbol"] == str(winner)


def test_a_failed_load_leaves_nothing_behind(store, monkeypatch):
    document_id = add_invoice(store)

    def broken(session, document, actor):
        session.flush()
        raise RuntimeError("disk full")

    monkeypatch.setattr(decide, "load", broken)
    queue.claim(store, document_id, "Anna")
    with pytest.raises(RuntimeError):
        accept(store, document_id, values={"seller_name": "Someone else"})
    assert field_of(store, document_id, "seller_name").value == "Papír a tisk s.r.o."
    assert queue.open_document(store, document_id).held_by == "Anna"
    assert events_of(store, document_id, "review-accepted") == []


# ---- reject


def test_reject_needs_a_reason_and_loads_nothing(store):
    document_id = add_invoice(store)
    version = queue.open_document(store, document_id).version
    with pytest.raises(InvalidValue):
        queue.decide_reject(store, document_id, version, "Anna", " \n ")
    assert state_of(store, document_id) == State.REVIEW
    queue.decide_reject(store, document_id, version, "Anna", "The second page\nis missing.")
    assert state_of(store, document_id) == State.REJECTED
    decided = queue.decision(store, document_id)
    assert (decided.state, decided.by, decided.reason) == ("rejected", "Anna", "The second page is missing.")
    assert rows_of(store, HEADER_TABLES["invoice"]) == []


def test_a_rejected_drop_comes_back_to_the_station_with_the_reason(store):
    document_id = add_invoice(store)
    with store.transaction() as session:
        document = session.get(DocumentRow, document_id)
        name, original = document.name, store.vault.path(document.sha256).read_bytes()
        drop = DropRow(
            token="t1", document_id=document_id, name=name, size=document.size, received_at=document.received_at
        )
        session.add(drop)
    queue.decide_reject(
        store, document_id, queue.open_document(store, document_id).version, "Anna", "Page 2 is missing."
    )
    returned = store.settings.quarantine / name
    assert returned.read_bytes() == original
    assert "Page 2 is missing." in returned.with_name(f"{name}.reason.txt").read_text(encoding="utf-8")
    assert mend(store) == 0
    release(store, document_id, "operator")  # it was sent back by mistake
    assert state_of(store, document_id) == State.RECEIVED
    assert not list(store.settings.quarantine.iterdir())


def test_a_rejection_whose_note_a_crash_prevented_is_told_by_housekeeping(store, monkeypatch):
    document_id = add_invoice(store)
    with store.transaction() as session:
        document = session.get(DocumentRow, document_id)
        session.add(
            DropRow(token="t2", document_id=document_id, name="a.pdf", size=1, received_at=document.received_at)
        )

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.review.decide.tell", fail)
    queue.decide_reject(store, document_id, queue.open_document(store, document_id).version, "Anna", "Unreadable.")
    assert state_of(store, document_id) == State.REJECTED
    assert not list(store.settings.quarantine.iterdir())
    assert mend(store) == 1
    assert (store.settings.quarantine / "a.pdf.reason.txt").is_file()


def test_doubtful_rows_are_marked(store):
    document_id = add_invoice(store, doubts={})
    with store.transaction() as session:
        session.get(LineItemRow, (document_id, 1)).confidence = 0.2
    shown = queue.open_document(store, document_id)
    assert [line.doubtful for line in shown.line_items] == [False, True]
    assert shown.doubtful == ()
