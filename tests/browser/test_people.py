"""People at the desk: the first account, sign-in, a supervisor who manages accounts, two people on one document."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from models.roles import Role
from models.states import State
from models.tables import DocumentRow
from pipeline.review.desk import way_in
from pipeline.review.guard import COOKIE
from tests.review.people import PASSWORD, account
from tests.review.rows import add_invoice

pytestmark = pytest.mark.browser


def state_of(desk, document_id):
    with desk.store.reading() as session:
        return session.get(DocumentRow, document_id).state


def cookie_of(page):
    return next((one for one in page.context.cookies() if one["name"] == COOKIE), None)


def test_the_first_account_is_made_with_the_keyboard_alone(desk, reviewer):
    where, first = way_in(desk.store)
    assert first
    page = reviewer("", page="/welcome?" + where.partition("?")[2])
    expect(page.get_by_role("heading", name="The first account")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.type("sue")
    for text in ("Sue Novak", PASSWORD, PASSWORD):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    expect(page.get_by_role("link", name="Sue Novak")).to_be_visible()
    expect(page.get_by_role("link", name="Accounts")).to_be_visible()
    assert way_in(desk.store) == (way_in(desk.store)[0], False)
    kept = cookie_of(page)
    assert kept["httpOnly"]
    assert kept["sameSite"] == "Strict"
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert cookie_of(page) is None
    page.goto(f"{desk.url}/welcome?" + where.partition("?")[2])
    expect(page.get_by_role("alert")).to_contain_text("used already")


def test_sign_in_tells_what_is_wrong_and_keeps_the_name(desk, reviewer):
    account(desk.store, "Anna")
    page = reviewer("")
    page.wait_for_url(f"{desk.url}/login")
    page.keyboard.type("anna")
    page.keyboard.press("Tab")
    page.keyboard.type("not this one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("do not fit together")
    expect(page.get_by_label("User name")).to_have_value("anna")
    page.keyboard.type(PASSWORD)  # the password has the focus
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()


def test_a_supervisor_adds_a_person_who_chooses_a_password(desk, reviewer):
    sue = reviewer("Sue", Role.SUPERVISOR, page="/accounts")
    sue.get_by_role("link", name="Add an account").click()
    expect(sue.get_by_label("User name")).to_be_focused()
    sue.keyboard.type("anna")
    sue.get_by_label("Name, as others read it").fill("Anna Mala")
    sue.get_by_label("All of them").uncheck()
    sue.get_by_role("group", name="Only these types").get_by_label("Receipt").check()
    sue.get_by_role("button", name="Add").click()
    link = sue.get_by_label("Link", exact=True).input_value()
    sue.get_by_role("navigation").get_by_role("link", name="Accounts").click()
    row = sue.get_by_role("row").filter(has_text="Anna Mala")
    expect(row).to_contain_text("invited")
    expect(row).to_contain_text("Receipt")

    add_invoice(desk.store)
    anna = reviewer("", page=link.removeprefix(desk.url))
    expect(anna.get_by_label("User name")).to_have_value("anna")
    anna.get_by_label("Password", exact=True).fill(PASSWORD)
    anna.get_by_label("The same again").fill(PASSWORD)
    anna.keyboard.press("Enter")
    expect(anna.get_by_role("heading", name="Nothing is waiting")).to_be_visible()  # of what she sees

    sue.get_by_role("link", name="Anna Mala").click()
    sue.get_by_role("button", name="Disable the account").click()
    expect(sue.get_by_role("status")).to_contain_text("Saved")
    anna.reload()
    expect(anna.get_by_role("heading", name="Sign in")).to_be_visible()


def test_two_people_confirm_one_document(desk, reviewer):
    document_id = add_invoice(desk.store, doubts={})
    with desk.store.transaction() as session:
        session.get(DocumentRow, document_id).type = "credit_note"
    anna, bert = reviewer("Anna", page="/next"), reviewer("Bert")
    anna.get_by_label("Variable symbol").fill("77")
    anna.keyboard.press("Control+Enter")
    expect(anna.get_by_role("status")).to_contain_text("now waits for a second person")
    expect(anna.get_by_text("you decided; waits for a second person")).to_be_visible()
    anna.goto(f"{desk.url}/documents/{document_id}")
    expect(anna.get_by_label("Variable symbol")).not_to_be_editable()

    bert.reload()
    expect(bert.get_by_text("waits for a second person, after Anna")).to_be_visible()
    bert.keyboard.press("Enter")
    expect(bert.get_by_text("Anna accepted these values")).to_be_visible()
    expect(bert.get_by_label("Variable symbol")).to_have_value("77")
    assert state_of(desk, document_id) == State.REVIEW
    bert.get_by_role("button", name="Confirm").click()
    expect(bert.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    assert state_of(desk, document_id) == State.LOADED
