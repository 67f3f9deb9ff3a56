"""A Czech reviewer at the desk, whose browser asks for Czech."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from models.messages import say
from models.roles import Role
from models.tables import LINE_TABLES
from pipeline.review import queue
from tests.review.rows import add_invoice

from .test_review import at, focused, loaded

pytestmark = pytest.mark.browser
CZECH = {"locale": "cs-CZ"}
REASONS = (say("{title} is doubtful ({confidence:.0%})", title=say("Gross total"), confidence=0.61),)


def picture(page, name):
    """Kept where somebody wants to look at it: ``PICTURES=FOLDER``."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_a_whole_review_in_czech(desk, reviewer):
    doubts = {"due_date": 0.7, "gross_total": 0.61}
    document = add_invoice(desk.store, "A-1", doubts=doubts, wrong={"gross_total": "7234.50"}, reasons=REASONS)
    second = add_invoice(desk.store, "A-2", reasons=REASONS)
    page = reviewer(**CZECH)
    expect(page.locator("html")).to_have_attribute("lang", "cs")
    expect(page.get_by_text("Pochybné pole: Celkem").first).to_be_visible()
    picture(page, "fronta")
    page.keyboard.press("Enter")

    at(page, desk, document)
    assert focused(page) == "field.due_date"
    assert page.locator("[name='field.due_date']").input_value() == "17.\u00a011.\u00a02026"
    page.keyboard.type("20. 11. 2026")
    page.keyboard.press("Enter")
    assert focused(page) == "field.gross_total"
    expect(page.locator("#against")).to_contain_text("ale celkem s DPH je 7\u00a0234,50")
    picture(page, "namitka")
    total = page.locator("[name='field.gross_total']")
    total.fill("1.234")
    expect(page.locator("[data-field=gross_total] .live")).to_contain_text("Jsou to tisíce, nebo tři desetinná místa?")
    picture(page, "dvojznacne")
    total.fill("1234,5")
    expect(page.locator("[data-field=gross_total] .live")).to_have_text("Rozumí se jako 1\u00a0234,50")
    expect(page.locator("#against")).to_be_hidden()
    page.keyboard.press("?") if focused(page) == "body" else page.keyboard.press("F1")
    expect(page.get_by_role("dialog", name="Klávesy")).to_contain_text("další pole k ověření")
    picture(page, "klavesy")
    page.keyboard.press("Escape")
    total.focus()
    page.keyboard.press("Control+Enter")

    at(page, desk, second)
    expect(page.get_by_role("status").first).to_contain_text("byl zaveden")
    row = loaded(desk)[document]
    assert (row.gross_total, str(row.due_date)) == (Decimal("1234.50"), "2026-11-20")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Vrátit doklad")).to_be_visible()
    page.keyboard.type("Chybí druhá strana")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nic nečeká")).to_be_visible()
    assert queue.decision(desk.store, second).reason == "Chybí druhá strana"


def test_rows_with_czech_numbers_are_summed_pasted_and_loaded(desk, reviewer):
    document = add_invoice(desk.store, doubts={})
    page = reviewer(**CZECH)
    page.goto(f"{desk.url}/documents/{document}")
    cells = page.locator("#rows tr").first.locator("input:not([type=hidden])")
    assert [one.input_value() for one in cells.all()] == ["10", "ks", "45,00", "450,00", "21"]
    price = page.locator("[name='line.0.unit_price']")
    price.focus()
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData("text/plain", "1 045,00\\t10 450,00\\t21\\n570,25\\t570,25\\t21");
            document.activeElement.dispatchEvent(
                new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }"""
    )
    expect(page.locator("#lines-sum")).to_have_text("Součet řádků je 11\u00a0020,25; základ je o 10\u00a0000,00 nižší.")
    picture(page, "radky")
    page.locator("[name='field.net_total']").fill("11 020,25")
    expect(page.locator("#lines-sum")).to_have_text("Součet řádků je 11\u00a0020,25, souhlasí se základem.")
    page.locator("[name='field.tax_total']").fill("2 314,25")
    page.locator("[name='field.gross_total']").fill("13 334,50")
    expect(page.locator("#against")).to_be_hidden()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Nic nečeká")).to_be_visible()
    with desk.store.reading() as session:
        lines = session.execute(select(LINE_TABLES["invoice"]).order_by(LINE_TABLES["invoice"].c.position)).all()
    assert [line.net_amount for line in lines] == [Decimal("10450.00"), Decimal("570.25")]
    assert set(loaded(desk)) == {document}


def test_what_is_clicked_on_the_page_goes_into_the_field_the_local_way(desk, reviewer):
    document = add_invoice(desk.store, wrong={"gross_total": "7234.50"})
    page = reviewer(**CZECH, page=f"/documents/{document}")
    assert focused(page) == "field.gross_total"
    page.locator("[data-for=gross_total]").first.click(modifiers=["Shift"])
    field = page.locator("[name='field.gross_total']")
    expect(field).to_have_value("1\u00a0234,50")


def test_the_language_is_changed_on_ones_own_page_and_at_the_door(desk, reviewer):
    stranger = reviewer("", page="/login")
    stranger.get_by_role("link", name="Čeština").click()
    expect(stranger.get_by_role("heading", name="Přihlásit se")).to_be_visible()
    picture(stranger, "prihlaseni")
    page = reviewer("Anna", Role.SUPERVISOR, page="/me")
    page.get_by_label("Language of the desk").select_option(label="Čeština")
    page.get_by_role("button", name="Change the language").click()
    expect(page.get_by_label("Jazyk aplikace")).to_have_value("cs")
    picture(page, "ucet")
    page.goto(f"{desk.url}/figures")
    expect(page.get_by_role("heading", name="Přehledy")).to_be_visible()
    picture(page, "prehledy")
    page.goto(f"{desk.url}/accounts/new")
    picture(page, "novy-ucet")
