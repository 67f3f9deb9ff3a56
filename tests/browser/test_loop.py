"""The loop at the desk: a lease that is lost, checks as one types, notes, and what a supervisor does."""

from __future__ import annotations

import datetime as dt
import re
import time

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from models.roles import Role
from models.states import State
from models.tables import CommentRow, DocumentRow, EffortRow, EventRow, RecallRow, SessionRow
from pipeline.accounts import account_named
from pipeline.review import effort, queue
from tests.review.people import session_of
from tests.review.rows import add_invoice

from .test_review import at, focused, loaded, times_loaded

pytestmark = pytest.mark.browser


def hasty(page, desk, document_id, seconds=2):
    """Open a document on a page that believes its lease to be that short, so that it asks often."""

    def shorten(route):
        if route.request.method != "GET":
            route.fallback()
            return
        answer = route.fetch()
        route.fulfill(response=answer, body=re.sub(r'data-lease="[\d.]+"', f'data-lease="{seconds}"', answer.text()))

    page.route(re.compile(rf"/documents/{document_id}$"), shorten)
    page.goto(f"{desk.url}/documents/{document_id}")


def test_a_lost_lease_is_told_while_one_types_and_keeps_the_text(desk, reviewer):
    document_id = add_invoice(desk.store)
    page = reviewer()
    hasty(page, desk, document_id)
    page.get_by_label("Variable symbol").fill("777")
    queue.release(desk.store, document_id, "anna")
    queue.claim(desk.store, document_id, "bert")
    lost = page.locator("#lost")
    page.keyboard.press("End")
    expect(lost).to_contain_text("bert has this document open now")
    expect(page.get_by_label("Variable symbol")).to_have_value("777")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert").filter(has_text="What you typed stands below")).to_be_visible()
    expect(page.locator("#f-variable_symbol")).to_have_value("777"), "on the page that the server sent, too"
    queue.release(desk.store, document_id, "bert")

    hasty(page, desk, document_id)
    page.get_by_label("Variable symbol").fill("778")
    with desk.store.transaction() as session:
        session.query(SessionRow).delete()
    page.keyboard.press("End")
    expect(lost).to_contain_text("You are signed out")
    secret = session_of(desk.store, account_named(desk.store, "anna").name)
    page.context.add_cookies([desk.cookie("Anna") | {"value": secret}])  # signed in again in another tab
    page.keyboard.press("End")
    expect(lost).to_be_hidden()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    assert loaded(desk)[document_id].variable_symbol == "778"


def held_by(desk, document_id):
    return queue.open_document(desk.store, document_id).held_by


def test_who_leaves_a_document_gives_it_back_at_once(desk, reviewer):
    document_id, other = add_invoice(desk.store, "A-1"), add_invoice(desk.store, "A-2")
    anna, bert = reviewer("Anna"), reviewer("Bert")
    anna.goto(f"{desk.url}/documents/{document_id}")
    expect(anna.locator("#form")).to_have_attribute("data-mine", "")
    for _ in range(3):
        anna.reload()  # the page that is left speaks after the new one was opened
    anna.goto(f"{desk.url}/documents/{document_id}/pages")
    anna.goto(f"{desk.url}/documents/{document_id}")
    anna.wait_for_timeout(500)
    assert held_by(desk, document_id) == "anna"
    bert.goto(f"{desk.url}/documents/{document_id}")
    expect(bert.locator("#readonly")).to_contain_text("has this document open now")

    anna.get_by_role("link", name="Queue").click()
    expect(anna.get_by_role("heading", name="Waiting for review")).to_be_visible()
    until(lambda: held_by(desk, document_id) is None)
    bert.reload()
    expect(bert.locator("#readonly")).to_have_count(0)
    assert held_by(desk, document_id) == "bert"
    bert.goto(f"{desk.url}/documents/{other}")
    until(lambda: held_by(desk, document_id) is None)
    assert held_by(desk, other) == "bert"
    bert.goto(f"{desk.url}/documents/{other}/pages")
    bert.goto(f"{desk.url}/search")
    until(lambda: held_by(desk, other) is None)
    with desk.store.reading() as session:
        assert session.scalars(select(EffortRow)).all() == [], "leaving is no decision"


def test_who_typed_something_keeps_the_document(desk, reviewer):
    document_id = add_invoice(desk.store)
    page = reviewer()
    page.goto(f"{desk.url}/documents/{document_id}")
    page.get_by_label("Variable symbol").fill("777")
    page.goto(f"{desk.url}/search")
    page.wait_for_timeout(500)
    assert held_by(desk, document_id) == "anna"


def until(holds, seconds=5):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_checks_follow_what_is_typed(desk, reviewer):
    document_id = add_invoice(desk.store)
    page = reviewer()
    page.goto(f"{desk.url}/documents/{document_id}")
    gross = page.locator("[data-field=gross_total]")
    page.keyboard.type("9 999,00")
    expect(gross.locator(".live")).to_have_text(re.compile("make 1234.50, but the gross total is 9999.00"))
    expect(page.locator("#against")).to_be_visible()
    page.locator("#override").fill("So it stands there")
    page.get_by_label("Gross total").focus()
    page.keyboard.press("Alt+u")
    expect(page.get_by_label("Gross total")).to_have_value("1234.50")
    expect(page.locator("#against")).to_be_hidden()
    expect(gross.locator(".live")).to_be_hidden()
    page.keyboard.press("Control+a")
    page.keyboard.type("many")
    expect(gross.locator(".live")).to_contain_text("This is not an amount")
    page.keyboard.press("Control+a")
    page.keyboard.type("1 234,50")
    expect(gross.locator(".live")).to_have_text("Understood as 1234.50")
    page.get_by_label("Qty, row 1").fill("25")
    expect(page.locator("#lines-said")).to_contain_text("25 × 45.00")
    page.get_by_label("Qty, row 1").fill("10")
    page.get_by_label("Gross total").fill("9999")
    page.keyboard.press("Control+Enter")  # before the checks have answered
    expect(page.locator("#override")).to_be_focused()
    expect(page.locator("#override")).to_have_value("")  # the reason was for what was mended since
    assert times_loaded(desk, document_id) == 0


def test_an_objection_that_was_mended_is_none_though_the_checks_did_not_answer(desk, reviewer):
    document_id = add_invoice(desk.store)
    page = reviewer()
    page.goto(f"{desk.url}/documents/{document_id}")
    page.keyboard.type("9 999,00")
    expect(page.locator("#against")).to_be_visible()
    with page.expect_event("requestfailed"):
        page.route("**/check", lambda route: route.abort())
        page.get_by_label("Gross total").fill("1234.50")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    assert times_loaded(desk, document_id) == 1


def test_notes_and_comments_by_the_keyboard(desk, reviewer):
    first, second = add_invoice(desk.store, "A-1"), add_invoice(desk.store, "A-2")
    page = reviewer()
    page.goto(f"{desk.url}/documents/{first}")
    page.get_by_label("Variable symbol").fill("77")
    page.keyboard.press("Alt+c")
    page.keyboard.type("Is this <ours>?")
    page.keyboard.press("Enter")
    expect(page.locator("#comment-list")).to_contain_text("Is this <ours>?")
    expect(page.get_by_label("Variable symbol")).to_have_value("77"), "what was typed stays"
    assert focused(page) == "field.variable_symbol"
    page.keyboard.press("Alt+p")
    page.keyboard.type("Ask the buyer")
    page.keyboard.press("Enter")
    at(page, desk, second)
    page.goto(f"{desk.url}/aside")
    expect(page.get_by_text("Ask the buyer")).to_be_visible()
    page.keyboard.press("Enter")  # the first one's button has the focus
    expect(page.get_by_text("Nothing is put aside")).to_be_visible()
    page.goto(f"{desk.url}/documents/{second}")
    page.keyboard.press("Escape")
    page.keyboard.type("Not ours")
    page.keyboard.press("Enter")
    at(page, desk, first)
    expect(page.locator("#comment-list")).to_contain_text("Is this <ours>?")
    expect(page.get_by_role("status").first).to_contain_text("was sent back")
    page.keyboard.press("Alt+b")
    at(page, desk, second)
    expect(page.locator("#accept")).to_be_visible()


def test_a_supervisor_sees_the_cost_and_recalls(desk, reviewer):
    document_id = add_invoice(desk.store, doubts={"due_date": 0.7, "gross_total": 0.61})
    page = reviewer()
    page.goto(f"{desk.url}/documents/{document_id}")
    page.keyboard.press("Enter")
    page.keyboard.type("1234,50")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    (look,) = effort.looks(desk.store, document_id)
    fields = dict(look.fields)
    assert (look.by, look.outcome, look.keystrokes, look.clicks) == ("anna", "accepted", 9, 0)
    assert 0 < look.seconds < 60
    assert (fields["due_date"].keystrokes, fields["gross_total"].keystrokes) == (1, 8)
    assert not fields["gross_total"].changed, "it is what it was"
    with desk.store.reading() as session:
        assert not [row for row in session.scalars(select(EffortRow)) if "1234" in str(vars(row))]

    sue = reviewer("Sue", Role.SUPERVISOR)
    sue.goto(f"{desk.url}/documents/{document_id}")
    expect(sue.get_by_role("table")).to_contain_text(["Gross total"])
    sue.keyboard.press("Alt+r")
    sue.keyboard.type("Booked twice")
    sue.keyboard.press("Enter")
    expect(sue.locator("#accept")).to_be_visible()
    assert loaded(desk) == {}
    with desk.store.reading() as session:
        assert session.scalars(select(RecallRow.reason)).all() == ["Booked twice"]
        assert session.get(DocumentRow, document_id).state == State.REVIEW
    sue.get_by_label("Priority").select_option("1")
    with sue.expect_response(lambda answer: answer.request.method == "POST"):
        sue.get_by_role("button", name="Set").click()
    sue.goto(desk.url)
    expect(sue.get_by_text("priority 1")).to_be_visible()


def test_moments_are_in_the_time_of_who_reads(desk, reviewer):
    document_id = add_invoice(desk.store)
    at = dt.datetime(2026, 1, 31, 23, 50, 7)
    with desk.store.transaction() as session:
        session.add(CommentRow(document_id=document_id, by="bert", at=at, text="Call them"))
        session.add(EventRow(document_id=document_id, at=at, actor="bert", kind="looked-at"))
    for zone, locale, said in (
        ("Europe/Prague", "en-GB", "2026-02-01 00:50"),
        ("America/New_York", "cs-CZ", "31. 1. 2026 18:50"),
    ):
        page = reviewer("Anna", page=f"/documents/{document_id}", timezone_id=zone, locale=locale)
        expect(page.locator("#comments time")).to_have_text(said)
        expect(page.locator("#comments time")).to_have_attribute("title", re.compile("23:50 UTC$"))
        page.locator("#history summary").click()
        expect(page.locator("#history time", has_text=said).first).to_have_text(f"{said}:07")
        page.context.close()
    plain = reviewer("Anna", page=f"/documents/{document_id}", java_script_enabled=False)
    expect(plain.locator("#comments time")).to_have_text("2026-01-31 23:50 UTC")
