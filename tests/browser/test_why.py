"""Why? beside a field: by keyboard, without a script in the page, and without getting into the way of Enter."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.review.rows import add_invoice

pytestmark = pytest.mark.browser


def test_by_key_it_opens_below_the_field_and_shows_the_place_of_what_was_tried(desk, reviewer):
    document = add_invoice(desk.store, doubts={"gross_total": 0.6})
    page = reviewer(page=f"/documents/{document}")
    expect(page.locator("#f-gross_total")).to_be_focused()
    page.keyboard.press("Alt+w")
    because = page.locator("#w-gross_total")
    expect(because).to_contain_text("60 % sure, too little to go on without a person")
    expect(page.locator("#f-gross_total")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Why? Gross total")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".boxes .tried")).to_have_count(1)
    page.keyboard.press("Shift+Tab")
    expect(page.locator(".boxes .tried")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(because).to_be_hidden()
    assert page.url.endswith(f"/documents/{document}")


def test_it_is_asked_for_once_and_a_lost_server_is_said(desk, reviewer):
    document = add_invoice(desk.store, doubts={"gross_total": 0.6})
    page = reviewer(page=f"/documents/{document}")
    asked = []
    page.route("**/why/gross_total", lambda route: (asked.append(1), route.abort()))
    button = page.get_by_role("button", name="Why? Gross total")
    button.click()
    expect(page.locator("#w-gross_total")).to_have_text("This can't be told right now.")
    button.click()
    page.unroute("**/why/gross_total")
    page.route("**/why/gross_total", lambda route: (asked.append(1), route.continue_()))
    for _ in range(3):
        button.click()
    expect(page.locator("#w-gross_total")).to_contain_text("% sure")
    assert len(asked) == 2
