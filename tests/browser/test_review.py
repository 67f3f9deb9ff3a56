"""A person at the desk, played in headless Chromium against a real server."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete, func, select

from models.states import State
from models.tables import HEADER_TABLES, LINE_TABLES, DocumentRow, EventRow, FieldRow, LineItemRow
from pipeline.review import queue
from tests.review.rows import add_invoice

pytestmark = pytest.mark.browser
INVOICES = HEADER_TABLES["invoice"]


def loaded(desk):
    with desk.store.reading() as session:
        return {row.document_id: row for row in session.execute(select(INVOICES))}


def times_loaded(desk, document_id):
    with desk.store.reading() as session:
        where = (EventRow.document_id == document_id, EventRow.kind == State.LOADED)
        return session.scalar(select(func.count()).select_from(EventRow).where(*where))


def at(page, desk, document_id):
    page.wait_for_url(lambda url: url.split("?")[0] == f"{desk.url}/documents/{document_id}")
    page.wait_for_timeout(200)  # a key that comes sooner is taken for one that was meant for the document before


def focused(page):
    return page.evaluate("document.activeElement.name || document.activeElement.id")


def current_box(page):
    return page.evaluate("document.querySelector('.boxes rect.current')?.dataset.for ?? null")


def in_sight(page, selector):
    return page.evaluate(
        """selector => {
            const box = document.querySelector(selector).getBoundingClientRect();
            const pane = document.getElementById('pages').getBoundingClientRect();
            return box.top >= pane.top && box.bottom <= pane.bottom && box.left >= pane.left && box.right <= pane.right;
        }""",
        selector,
    )


def test_a_queue_is_finished_with_the_keyboard_alone(desk, reviewer):
    first = add_invoice(desk.store, "A-1", doubts={"due_date": 0.7, "gross_total": 0.61})
    second = add_invoice(desk.store, "A-2", wrong={"gross_total": "7234.50"})
    third = add_invoice(desk.store, "A-3")
    page = reviewer()
    expect(page.get_by_text("Waiting for review").first).to_be_visible()
    page.keyboard.press("Enter")  # the button has the focus

    at(page, desk, first)
    assert focused(page) == "field.due_date"
    page.keyboard.press("Enter")
    assert focused(page) == "field.gross_total"
    page.keyboard.press("Enter")  # the last doubt: load

    at(page, desk, second)
    expect(page.get_by_role("status")).to_contain_text("was loaded")
    assert focused(page) == "field.gross_total"
    page.keyboard.type("1 234,50")  # the old value was selected
    page.keyboard.press("Enter")

    at(page, desk, third)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.type("The second page is missing")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    rows = loaded(desk)
    assert set(rows) == {first, second}
    assert rows[second].gross_total == Decimal("1234.50")
    decided = queue.decision(desk.store, third)
    assert (decided.state, decided.by, decided.reason) == ("rejected", "anna", "The second page is missing")


def test_the_box_follows_the_field(desk, reviewer):
    document_id = add_invoice(desk.store, doubts={"seller_vat_id": 0.3, "gross_total": 0.61}, pages=2)
    page = reviewer()
    page.goto(f"{desk.url}/documents/{document_id}")
    picture = page.locator("#page-1 img")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 1000, "the page is a real picture"
    assert current_box(page) == "seller_vat_id"
    page.keyboard.press("Enter")
    assert current_box(page) == "gross_total"
    assert in_sight(page, "[data-for=gross_total]")
    page.keyboard.press("Alt+z")
    assert in_sight(page, "[data-for=gross_total]"), "larger, and still there"
    page.get_by_label("IBAN").focus()
    assert current_box(page) == "iban"
    assert in_sight(page, "[data-for=iban]")
    # the box lies on the words: there is more ink inside it than in an empty place of the same size
    page.locator("[data-for=seller_name]").click()
    assert focused(page) == "field.seller_name", "a click on a box goes to its field"
    page.get_by_label("Order number").focus()
    assert current_box(page) is None, "nothing was found, nothing is shown"
    page.get_by_role("link", name="2", exact=True).click()
    expect(page.locator("[data-tab='2']")).to_have_attribute("aria-current", "true")


def test_enter_comes_back_to_a_doubt_that_was_passed_over(desk, reviewer):
    document_id = add_invoice(desk.store, doubts={"issue_date": 0.3, "due_date": 0.3, "gross_total": 0.3})
    page = reviewer()
    page.goto(f"{desk.url}/documents/{document_id}")
    page.reload()
    assert focused(page) == "field.issue_date"
    page.get_by_label("Gross total").click()
    page.keyboard.press("Enter")
    assert focused(page) == "field.due_date", "it was never seen"
    page.keyboard.down("Enter")
    page.keyboard.down("Enter")  # held down: repeats
    page.keyboard.up("Enter")
    expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    assert times_loaded(desk, document_id) == 1


def test_a_key_held_down_does_not_run_through_the_doubts(desk, reviewer):
    document_id = add_invoice(desk.store, doubts={"issue_date": 0.3, "due_date": 0.3})
    page = reviewer()
    page.goto(f"{desk.url}/documents/{document_id}")
    page.keyboard.down("Enter")
    for _ in range(5):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    assert focused(page) == "field.due_date"
    assert times_loaded(desk, document_id) == 0


def test_a_wrong_value_stays_and_is_marked_at_its_field(desk, reviewer):
    document_id = add_invoice(desk.store)
    page = reviewer()
    page.goto(f"{desk.url}/documents/{document_id}")
    page.get_by_label("Seller", exact=False).first.fill("Papír & tisk <1>")
    page.get_by_label("Gross total").fill("much")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("This is not an amount")).to_be_visible()
    assert focused(page) == "field.gross_total"
    expect(page.get_by_label("Gross total")).to_have_value("much")
    expect(page.locator("#f-seller_name")).to_have_value("Papír & tisk <1>")
    page.get_by_label("Gross total").fill("9 999,00")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="The checks object")).to_be_visible()
    expect(page.locator("#override")).to_be_focused()  # an error wants a reason
    page.keyboard.press("Enter")
    assert focused(page) == "override"
    page.keyboard.type("Confirmed by phone")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    assert loaded(desk)[document_id].gross_total == Decimal("9999")
    with desk.store.reading() as session:
        (event,) = session.scalars(select(EventRow).where(EventRow.kind == "review-accepted"))
    assert event.data["because"] == "Confirmed by phone"
    assert loaded(desk)[document_id].seller_name == "Papír & tisk <1>"


def test_line_items_are_edited_in_the_table(desk, reviewer):
    document_id = add_invoice(desk.store, doubts={})
    page = reviewer()
    page.goto(f"{desk.url}/documents/{document_id}")
    page.get_by_role("button", name="Remove row 1").click()
    page.get_by_role("button", name="Add a row").click()
    page.keyboard.type("Doprava")
    page.get_by_label("Net, new row").fill("450,00")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    with desk.store.reading() as session:
        table = LINE_TABLES["invoice"]
        lines = session.execute(select(table.c.description, table.c.net_amount).order_by(table.c.position)).all()
    assert [tuple(line) for line in lines] == [("Toner HP 26A", Decimal("570.25")), ("Doprava", Decimal("450"))]


def test_another_type_shows_its_fields_at_once(desk, reviewer):
    document_id = add_invoice(desk.store)
    page = reviewer()
    page.goto(f"{desk.url}/documents/{document_id}")
    page.get_by_label("Type").select_option("receipt")
    expect(page.get_by_label("Company")).to_be_visible()
    expect(page.get_by_text("saved when you accept")).to_be_visible()


def test_help_opens_where_a_question_mark_is_no_text(desk, reviewer):
    page = reviewer()
    page.goto(f"{desk.url}/documents/{add_invoice(desk.store)}")
    assert focused(page) == "field.gross_total"
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("next field to check")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator("#f-seller_name").focus()
    page.keyboard.press("End")
    page.keyboard.press("?")
    expect(page.locator("#f-seller_name")).to_have_value("Papír a tisk s.r.o.?")
    expect(page.get_by_role("dialog")).to_have_count(0)


# ---- one decision


def test_a_double_click_loads_once(desk, reviewer):
    first, second = add_invoice(desk.store, "A-1"), add_invoice(desk.store, "A-2")
    page = reviewer()
    page.goto(f"{desk.url}/documents/{first}")
    page.locator("#accept").dblclick()
    at(page, desk, second)
    assert times_loaded(desk, first) == 1
    assert times_loaded(desk, second) == 0, "the second click did not hit the next document"


def test_two_people_on_one_document(desk, reviewer):
    document_id = add_invoice(desk.store)
    anna, bert = reviewer("Anna"), reviewer("Bert")
    anna.goto(f"{desk.url}/documents/{document_id}")
    bert.goto(f"{desk.url}/documents/{document_id}")
    expect(bert.get_by_text("Anna has this document open now")).to_be_visible()
    expect(bert.locator("#accept")).to_have_count(0)
    expect(bert.get_by_label("Gross total")).not_to_be_editable()
    bert.goto(f"{desk.url}/")
    expect(bert.get_by_text("open with Anna")).to_be_visible()
    bert.goto(f"{desk.url}/next")
    expect(bert.get_by_role("heading", name="Nothing is waiting")).to_have_count(0)
    anna.keyboard.press("Control+Enter")
    expect(anna.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    bert.goto(f"{desk.url}/documents/{document_id}")
    expect(bert.get_by_text("Loaded by Anna")).to_be_visible()


def test_a_lost_lease_is_told_not_overwritten(desk, reviewer):
    document_id = add_invoice(desk.store)
    anna, bert = reviewer("Anna"), reviewer("Bert")
    anna.goto(f"{desk.url}/documents/{document_id}")
    queue.release(desk.store, document_id, "anna")  # as if it had expired
    bert.goto(f"{desk.url}/documents/{document_id}")
    bert.get_by_label("Variable symbol").fill("77")
    anna.keyboard.press("Control+Enter")
    expect(anna.get_by_role("alert")).to_contain_text("Bert has this document open now")
    bert.keyboard.press("Control+Enter")
    expect(bert.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    assert loaded(desk)[document_id].variable_symbol == "77"
    assert times_loaded(desk, document_id) == 1


def test_back_after_a_decision_shows_what_became_of_it(desk, reviewer):
    first, second = add_invoice(desk.store, "A-1"), add_invoice(desk.store, "A-2")
    page = reviewer()
    page.goto(f"{desk.url}/documents/{first}")
    page.keyboard.press("Control+Enter")
    at(page, desk, second)
    page.go_back()
    at(page, desk, first)
    expect(page.get_by_text("Loaded by Anna")).to_be_visible()
    expect(page.locator("#accept")).to_have_count(0)
    assert times_loaded(desk, first) == 1


def test_a_server_killed_between_save_and_answer_loads_once(desk, reviewer):
    first, second = add_invoice(desk.store, "A-1"), add_invoice(desk.store, "A-2")
    anna, bert = reviewer("Anna"), reviewer("Bert")
    anna.goto(f"{desk.url}/documents/{first}")
    stale = anna.context.new_page()
    stale.goto(f"{desk.url}/documents/{first}")
    desk.kill_file.touch()
    anna.locator("#accept").click()
    expect(anna.locator("#lost")).to_contain_text("does not answer")
    assert desk.process.wait(20) == -9
    assert times_loaded(desk, first) == 1, "it was saved before the server died"
    desk.kill_file.unlink()
    desk.start()

    stale.bring_to_front()
    stale.locator("#accept").click()  # the same decision again
    at(stale, desk, second)
    expect(stale.get_by_role("status").first).to_contain_text("was already loaded by Anna")
    bert.goto(f"{desk.url}/documents/{first}")
    expect(bert.get_by_text("Loaded by Anna")).to_be_visible()
    assert times_loaded(desk, first) == 1
    assert set(loaded(desk)) == {first}


def test_enter_stops_at_doubtful_rows_before_it_loads(desk, reviewer):
    document_id = add_invoice(desk.store)
    with desk.store.transaction() as session:
        session.get(LineItemRow, (document_id, 1)).confidence = 0.2
    page = reviewer()
    page.goto(f"{desk.url}/documents/{document_id}")
    page.keyboard.press("Enter")
    assert focused(page) == "line.1.description"
    assert times_loaded(desk, document_id) == 0
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    assert times_loaded(desk, document_id) == 1


def test_a_refused_form_keeps_its_doubts_and_what_was_looked_at(desk, reviewer):
    document_id = add_invoice(desk.store, doubts={"due_date": 0.3, "gross_total": 0.3})
    with desk.store.transaction() as session:
        for position in (0, 1):
            session.get(LineItemRow, (document_id, position)).confidence = 0.2
    page = reviewer()
    page.goto(f"{desk.url}/documents/{document_id}")
    page.keyboard.press("Enter")
    assert focused(page) == "field.gross_total"
    page.keyboard.press("Enter")
    assert focused(page) == "line.0.description"
    page.get_by_label("Qty, row 1").fill("ten")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Qty: This is not a number")).to_be_visible()
    assert page.get_by_text("Qty: This is not a number").bounding_box()["height"] < 50, "not one word per line"
    assert focused(page) == "line.0.quantity"
    assert page.locator("tr.doubtful").count() == 1, "the untouched row; the other is marked as wrong"
    assert page.locator(".field.doubtful.seen").count() == 2
    page.get_by_label("Qty, row 1").fill("10")
    assert current_box(page) is None
    expect(page.locator(".boxes rect.current")).to_have_attribute("data-for-line", "0")
    page.keyboard.press("Enter")
    assert focused(page) == "line.1.description", "the doubt that nobody has looked at"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    with desk.store.reading() as session:
        rows = [session.get(LineItemRow, (document_id, position)) for position in (0, 1)]
        assert all(row.box for row in rows)
        assert [row.confidence for row in rows] == [0.2, 0.2], "typed back to what it was"


def test_a_corrected_row_is_named_in_the_ledger(desk, reviewer):
    document_id = add_invoice(desk.store, doubts={})
    page = reviewer()
    page.goto(f"{desk.url}/documents/{document_id}")
    page.get_by_label("Qty, row 2").fill("25")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="The checks object")).to_be_visible()
    page.get_by_label("Qty, row 2").fill("1")
    page.get_by_label("Unit, row 2").fill("box")
    page.get_by_role("button", name="Add a row").click()
    page.keyboard.type("Doprava")
    page.get_by_label("Net, new row").fill("0")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    with desk.store.reading() as session:
        (event,) = session.scalars(select(EventRow).where(EventRow.kind == "review-accepted"))
        assert event.data["line_items"] == {"rows": 3, "corrected": {"1": ["unit"]}, "added": [2]}
        assert session.get(LineItemRow, (document_id, 1)).box is not None


def test_a_document_without_any_value_is_not_loaded_by_enter(desk, reviewer):
    waits, refused = add_invoice(desk.store, "A-1", doubts={}), add_invoice(desk.store, "A-2", doubts={})
    with desk.store.transaction() as session:
        for table in (FieldRow, LineItemRow):
            session.execute(delete(table))
        session.get(DocumentRow, waits).type = "other"
        row = session.get(DocumentRow, refused)
        row.state, row.quarantine_code, row.type = State.QUARANTINED, "password", None
    page = reviewer()
    page.goto(f"{desk.url}/documents/{waits}")
    expect(page.get_by_text("Nothing was found")).to_be_visible()
    assert focused(page) == "type"
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.goto(f"{desk.url}/documents/{refused}")
    expect(page.get_by_role("heading", name="Open it with its password")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Keys")
    assert times_loaded(desk, waits) == 0


def test_an_esc_too_many_does_not_open_the_next_thing(desk, reviewer):
    document_id = add_invoice(desk.store)
    page = reviewer()
    page.goto(f"{desk.url}/documents/{document_id}")
    page.keyboard.press("F1")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    expect(page.locator("#reject-dialog")).to_be_hidden()
    page.wait_for_timeout(1100)
    page.keyboard.press("Escape")
    expect(page.locator("#reject-dialog")).to_be_visible()


def test_a_needed_field_that_was_filled_is_not_said_to_be_missing(desk, reviewer):
    document_id = add_invoice(desk.store, missing=("invoice_number",), doubts={})
    page = reviewer()
    page.goto(f"{desk.url}/documents/{document_id}")
    badge = page.locator(".field[data-field=invoice_number] .proof")
    expect(badge).to_be_visible()
    page.locator("#f-invoice_number").fill("2026-0042")
    expect(badge).to_be_hidden()
    page.locator("#f-invoice_number").fill("")
    expect(badge).to_be_visible()
