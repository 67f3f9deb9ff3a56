"""Pictures of the desk, made by hand: ``python -m tests.browser.screenshots FOLDER``.

Fills a home of its own with test documents, serves it, and writes the list, the desk (light, dark, phone), an
objection, the line items, rows read from a box, the keys and the end of the queue; the supervisor's figures, the
sign-in, the accounts, and a document that waits for a second person.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import delete

from models.roles import Role, Scope
from models.tables import DocumentRow, LeaseRow
from pipeline import accounts
from pipeline.review import queue
from pipeline.review.desk import address, way_in
from tests.browser import chromium
from tests.browser.conftest import Desk
from tests.review.people import account
from tests.review.rows import add_invoice

TOTALS = "Net total 1020.25 and tax 214.25 make 1234.50, but the gross total is 7234.50."


def fill(desk: Desk) -> list[int]:
    store = desk.store
    fields = ["net_total", "tax_total", "gross_total"]
    finding = {"code": "totals-differ", "severity": "error", "message": TOTALS, "fields": fields}
    return [
        add_invoice(
            store,
            "2026-0042",
            doubts={"gross_total": 0.61, "due_date": 0.7, "seller_vat_id": 0.3},
            missing=("invoice_number",),
            reasons=("Invoice number is missing", "Gross total is doubtful (61%)", "Due date is doubtful (70%)"),
            pages=3,
        ),
        add_invoice(
            store,
            "2026-0043",
            name="scan 0007 – dodavatel Papír a tisk, říjen.pdf",
            wrong={"gross_total": "7234.50"},
            findings=(finding,),
            reasons=(TOTALS,),
        ),
        add_invoice(store, "2026-0044", doubts={}, reasons=("The document type is doubtful (Invoice, 71%)",)),
    ]


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        desk = Desk(Path(home), four_eyes_types=("credit_note",))
        documents = fill(desk)
        desk.start()
        browser = chromium.launch(playwright)
        try:
            people(browser, desk, folder)
            loop(browser, desk, folder)
            for scheme in ("light", "dark"):
                page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
                page.context.add_cookies([desk.cookie("Anna Malá")])
                shoot(page, desk, documents, folder, scheme)
                page.close()
            phone = browser.new_page(viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True)
            phone.context.add_cookies([desk.cookie("Anna Malá")])
            phone.goto(f"{desk.url}/")
            phone.screenshot(path=folder / "phone-list.png")
            open_document(phone, desk, documents[0])
            phone.screenshot(path=folder / "phone-desk.png")
            phone.locator("#add-row").scroll_into_view_if_needed()
            phone.screenshot(path=folder / "phone-line-items.png")
            finish(phone, desk, documents)
            phone.set_viewport_size({"width": 1280, "height": 800})
            phone.screenshot(path=folder / "nothing-waiting.png")
            phone.goto(f"{desk.url}/documents/{documents[0]}")
            phone.wait_for_load_state("networkidle")
            phone.screenshot(path=folder / "loaded.png")
        finally:
            browser.close()
            desk.stop()
            desk.store.close()


def people(browser: Browser, desk: Desk, folder: Path) -> None:
    """The sign-in and the accounts; then a document on which the first of two people has decided."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})

    def shot(name: str, *, whole: bool = False) -> None:
        page.wait_for_timeout(300)
        page.screenshot(path=folder / f"{name}.png", full_page=whole)

    page.goto(way_in(desk.store)[0].replace(address(desk.settings, ""), desk.url))
    shot("first-account")
    account(desk.store, "Sue Nováková", Role.SUPERVISOR)
    account(desk.store, "Anna Malá")
    account(desk.store, "Bert", scope=Scope(types=frozenset({"receipt", "invoice"})))
    accounts.add(
        desk.store, "north", roles={Role.STATION}, scope=Scope(stations=frozenset({"north"})), actor="operator"
    )
    accounts.change(desk.store, account(desk.store, "Cyril", Role.AUDITOR), disabled=True, actor="operator")
    page.goto(f"{desk.url}/login")
    page.get_by_label("User name").fill("anna")
    page.get_by_label("Password").fill("not this one")
    page.keyboard.press("Enter")
    shot("sign-in")
    page.context.add_cookies([desk.cookie("Sue Nováková")])
    page.goto(f"{desk.url}/accounts")
    shot("accounts")
    page.goto(f"{desk.url}/accounts/new")
    page.get_by_label("User name").fill("machine")
    page.get_by_role("button", name="Add").click()
    shot("account-new", whole=True)
    page.goto(f"{desk.url}/accounts/of/bert")
    page.get_by_label("What it is for").fill("nightly export")
    page.get_by_role("button", name="Make a token").click()
    shot("account", whole=True)
    page.goto(f"{desk.url}/me")
    shot("me")

    document_id = add_invoice(desk.store, "2026-0050", doubts={}, reasons=("Two people must confirm it",))
    with desk.store.transaction() as session:
        session.get_one(DocumentRow, document_id).type = "credit_note"
    open_document(page, desk, document_id)
    decide(page, document_id)
    open_document(page, desk, document_id)
    shot("four-eyes-first")
    page.context.add_cookies([desk.cookie("Anna Malá")])
    page.goto(f"{desk.url}/")
    shot("four-eyes-list")
    open_document(page, desk, document_id)
    shot("four-eyes-second")
    decide(page, document_id)
    page.set_viewport_size({"width": 390, "height": 844})
    page.context.add_cookies([desk.cookie("Sue Nováková")])
    page.goto(f"{desk.url}/accounts")
    shot("phone-accounts")
    page.goto(f"{desk.url}/accounts/of/bert")
    shot("phone-account", whole=True)
    page.close()


def loop(browser: Browser, desk: Desk, folder: Path) -> None:
    """What one meets in the loop: checks as one types, a comment, a note, a lost lease, what a supervisor sees."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})

    def shot(name: str) -> None:
        page.wait_for_timeout(600)
        page.screenshot(path=folder / f"{name}.png")

    store = desk.store
    first, second = add_invoice(store, "2026-0060", doubts={"gross_total": 0.6}), add_invoice(store, "2026-0061")
    queue.prioritise(store, second, 1, "sue")
    queue.comment(store, first, account(store, "Bert"), "The supplier sent a corrected invoice last week.")
    page.context.add_cookies([desk.cookie("Anna Malá")])
    open_document(page, desk, first)
    page.keyboard.type("9 999,00")
    shot("live-checks")
    page.keyboard.press("Control+Enter")
    shot("override")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+p")
    page.keyboard.type("Waits for the buyer's order number")
    shot("put-aside")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto(f"{desk.url}/aside")
    shot("aside-list")
    open_document(page, desk, first)
    shot("aside-note")
    page.keyboard.press("Escape")
    page.keyboard.type("The second page is missing")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    shot("sent-back-notice")
    page.evaluate(
        "text => { const lost = document.getElementById('lost'); lost.hidden = false;"
        " lost.querySelector('span').textContent = text; }",
        "Bert has this document open now. What you typed stays here; it can't be loaded unless they give it back.",
    )
    shot("lost-lease")
    open_document(page, desk, second)
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    page.context.add_cookies([desk.cookie("Sue Nováková", Role.SUPERVISOR)])
    open_document(page, desk, second)
    page.locator(".supervise").scroll_into_view_if_needed()
    shot("supervisor-loaded")
    page.goto(f"{desk.url}/figures")
    shot("figures")
    open_document(page, desk, second)
    page.keyboard.press("Alt+r")
    shot("recall")
    page.close()


def open_document(page: Page, desk: Desk, document_id: int) -> None:
    """Open it for whoever is signed in, though somebody before may have been given it as the next one."""
    with desk.store.transaction() as session:
        session.execute(delete(LeaseRow))
    page.goto(f"{desk.url}/documents/{document_id}")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)


def shoot(page: Page, desk: Desk, documents: list[int], folder: Path, scheme: str) -> None:
    def shot(name: str) -> None:
        page.wait_for_timeout(500)
        page.screenshot(path=folder / f"{name}-{scheme}.png")

    page.goto(f"{desk.url}/")
    shot("list")
    open_document(page, desk, documents[0])
    page.keyboard.press("Enter")
    page.locator(".offered:visible").wait_for()
    shot("desk")
    page.keyboard.press("Alt+w")
    shot("why")
    page.keyboard.press("Alt+w")
    page.keyboard.press("Alt+z")
    shot("zoomed")
    page.keyboard.press("F1")
    shot("keys")
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+r")
    shot("send-back")
    open_document(page, desk, documents[1])
    page.keyboard.press("Control+Enter")
    page.wait_for_load_state("networkidle")
    shot("objection")
    page.locator("#add-row").scroll_into_view_if_needed()
    shot("line-items")
    open_document(page, desk, documents[2])
    page.get_by_role("button", name="Remove row 2").click()
    page.locator("#pages").evaluate("(pane) => pane.scrollTo({ top: 200, behavior: 'instant' })")
    read_rows(page)
    shot("rows-from-a-box")


def decide(page: Page, document_id: int) -> None:
    """Load the document that is open, and wait until it is gone."""
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: f"/documents/{document_id}" not in url.split("?")[0])


def read_rows(page: Page) -> None:
    """Draw a box around the rows of the test invoice."""
    page.keyboard.press("Alt+l")
    corners = page.locator("#page-1 .boxes").evaluate(
        """(svg) => [[40, 316], [550, 356]].map(([x, y]) => {
            const frame = svg.getBoundingClientRect(), size = svg.viewBox.baseVal;
            return [frame.left + x / size.width * frame.width, frame.top + y / size.height * frame.height];
        })"""
    )
    page.mouse.move(*corners[0])
    page.mouse.down()
    page.mouse.move(*corners[1], steps=3)
    page.mouse.up()
    page.locator("#rows tr.read").first.wait_for()
    page.locator("#add-row").scroll_into_view_if_needed()


def finish(page: Page, desk: Desk, documents: list[int]) -> None:
    for document_id in documents:
        open_document(page, desk, document_id)
        number = page.locator("#f-invoice_number")
        if not number.input_value():
            number.fill("2026-0042")
        page.locator("#f-gross_total").fill("1 234,50")
        decide(page, document_id)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
