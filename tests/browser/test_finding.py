"""Search and a document's history, by the keyboard; and what a station, an auditor and a phone see."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from models.roles import Role, Scope
from models.states import State
from models.tables import DocumentRow, DropRow
from pipeline.review import queue
from pipeline.search import index_document
from pipeline.store import clock
from tests.review.rows import add_invoice

pytestmark = pytest.mark.browser


def add(desk, number, station="", **more):
    """An invoice that a station dropped and search knows."""
    document_id = add_invoice(desk.store, number, **more)
    with desk.store.transaction() as session:
        values = {"name": "x.pdf", "size": 1, "received_at": clock.now(), "station": station}
        session.add(DropRow(token=f"{document_id}", document_id=document_id, **values))
        index_document(session, document_id)
    return document_id


def found(page):
    return page.locator(".list tbody tr")


def test_a_document_is_found_by_text_field_amount_state_and_day(desk, reviewer):
    first = add(desk, "A-17", wrong={"gross_total": "7234.50"})
    add(desk, "A-18")
    page = reviewer(page="/search")
    for words, count in (
        ("papir", 2),
        ("number:A-17", 1),
        ("seller:papír", 2),
        ("7234.50", 1),
        ("3. 11. 2026", 2),
        ("nothing of the kind", 0),
    ):
        page.get_by_role("searchbox").fill(words)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/search\?q="))
        expect(page.get_by_role("searchbox")).to_have_value(words)
        expect(found(page)).to_have_count(count)
    expect(page.get_by_text("Nothing was found")).to_be_visible()
    queue.decide_accept(desk.store, first, 3, "anna", {"gross_total": "1234.50"}, load_anyway=True)
    page.get_by_role("searchbox").fill("papir")
    page.get_by_label("State").select_option("loaded")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Search").click()
    expect(found(page)).to_have_count(1)
    page.get_by_label("Received from").fill("2099-01-01")
    page.get_by_role("button", name="Search").click()
    expect(found(page)).to_have_count(0)


def test_what_was_typed_into_a_row_is_found_and_the_history_tells_of_it(desk, reviewer):
    document_id = add(desk, "A-17", doubts={})
    page = reviewer(page=f"/documents/{document_id}")
    page.locator("[name='line.1.description']").fill("Žluťásek řešetlákový")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    page.goto(f"{desk.url}/search?q=zlutasek")
    found(page).get_by_role("link").click()
    page.wait_for_url(f"{desk.url}/documents/{document_id}")
    page.locator("#history summary").click()
    expect(page.locator("#history")).to_contain_text("Accepted")
    expect(page.locator("#history")).to_contain_text("It is row 1 of invoices")


def test_a_station_finds_the_reason_for_which_its_document_came_back(desk, reviewer):
    own, other = add(desk, "A-1", "north"), add(desk, "A-2", "south")
    anna = reviewer(page=f"/documents/{own}")
    anna.keyboard.press("Escape")
    anna.keyboard.type("The second page is missing")
    anna.keyboard.press("Enter")
    expect(anna.get_by_text("was sent back")).to_be_visible()
    desk.cookie("North", Role.STATION, scope=Scope(stations=frozenset({"north"})))
    north = reviewer("North", Role.STATION, page="/documents?state=rejected")
    expect(found(north)).to_have_count(1)
    expect(found(north)).to_contain_text("The second page is missing")
    expect(north.locator("main")).not_to_contain_text("doubtful")
    found(north).get_by_role("link").click()
    expect(north.get_by_text("Mend what the reviewer names")).to_be_visible()
    expect(north.locator("#accept")).to_have_count(0)
    for path in ("", "/original", "/pages/1.png", "/history", "/pages"):
        answer = north.goto(f"{desk.url}/documents/{other}{path}")
        assert answer.status == 404, path


def test_an_auditor_looks_at_everything_and_changes_nothing(desk, reviewer):
    document_id = add(desk, "A-1")
    page = reviewer("Otto", Role.AUDITOR)
    page.get_by_role("link", name="invoice-A-1.pdf").click()
    expect(page.get_by_text("your account can only look")).to_be_visible()
    expect(page.get_by_label("Gross total")).not_to_be_editable()
    for name in ("#accept", "#comment", "#to-pages", "#retype"):
        expect(page.locator(name)).to_have_count(0)
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    with desk.store.reading() as session:
        assert session.get_one(DocumentRow, document_id).state == State.REVIEW
    assert page.goto(f"{desk.url}/next").status == 403


def test_a_document_is_reviewed_on_a_phone(desk, reviewer):
    name = "a long name of a scanned invoice.pdf"
    document_id = add(desk, "A-1", name=name)
    page = reviewer(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    page.get_by_role("link", name="Review the next one").tap()
    page.wait_for_url(re.compile(rf"/documents/{document_id}$"))
    title = page.locator(".docname")
    assert title.evaluate("one => one.scrollWidth <= one.clientWidth"), "the whole name is seen"
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") == 390, "nothing is beside the screen"
    field = page.get_by_label("Gross total")
    field.fill("1234.50")
    page.locator("#accept").tap()
    expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()


def test_a_token_is_made_and_taken_away(desk, reviewer):
    desk.cookie("Robot", Role.REVIEWER)
    document_id = add(desk, "A-1")
    sue = reviewer("Sue", Role.SUPERVISOR, page="/accounts/of/robot")
    sue.get_by_label("What it is for").fill("nightly export")
    sue.get_by_role("button", name="Make a token").click()
    token = sue.get_by_label("Token", exact=True).input_value()
    bare = sue.context.browser.new_context()
    ask = bare.request
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{desk.url}/api/documents/{document_id}"
    assert ask.get(url, headers=headers).json()["name"] == "invoice-A-1.pdf"
    sue.goto(f"{desk.url}/accounts/of/robot")
    sue.get_by_role("row").filter(has_text="nightly export").get_by_role("button").click()
    expect(sue.get_by_role("status")).to_be_visible()
    assert ask.get(url, headers=headers).status == 401
    bare.close()
