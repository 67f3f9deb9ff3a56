"""Pictures of the desk, made by hand: ``python -m tests.browser.screenshots FOLDER``.

Fills a home of its own with test documents, serves it, and writes the list, the desk (light, dark, phone), an
objection, the line items, the keys and the end of the queue.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser import chromium
from tests.browser.conftest import Desk
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
        desk = Desk(Path(home))
        documents = fill(desk)
        desk.start()
        browser = chromium.launch(playwright)
        try:
            for scheme in ("light", "dark"):
                page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
                shoot(page, desk, documents, folder, scheme)
                page.close()
            phone = browser.new_page(viewport={"width": 390, "height": 844}, device_scale_factor=2, is_mobile=True)
            phone.goto(f"{desk.url}/?key={desk.key}")
            phone.screenshot(path=folder / "phone-list.png")
            open_document(phone, desk, documents[0])
            phone.screenshot(path=folder / "phone-desk.png")
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


def open_document(page: Page, desk: Desk, document_id: int) -> None:
    page.goto(f"{desk.url}/documents/{document_id}")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)


def shoot(page: Page, desk: Desk, documents: list[int], folder: Path, scheme: str) -> None:
    def shot(name: str) -> None:
        page.wait_for_timeout(500)
        page.screenshot(path=folder / f"{name}-{scheme}.png")

    page.goto(f"{desk.url}/login")
    shot("login")
    page.goto(f"{desk.url}/?key={desk.key}")
    shot("list")
    open_document(page, desk, documents[0])
    page.keyboard.press("Enter")
    shot("desk")
    page.keyboard.press("Alt+z")
    shot("zoomed")
    page.keyboard.press("F1")
    shot("keys")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    shot("send-back")
    open_document(page, desk, documents[1])
    page.keyboard.press("Control+Enter")
    page.wait_for_load_state("networkidle")
    shot("objection")
    page.locator("#add-row").scroll_into_view_if_needed()
    shot("line-items")


def finish(page: Page, desk: Desk, documents: list[int]) -> None:
    for document_id in documents:
        open_document(page, desk, document_id)
        number = page.locator("#f-invoice_number")
        if not number.input_value():
            number.fill("2026-0042")
        page.locator("#f-gross_total").fill("1 234,50")
        page.keyboard.press("Control+Enter")
        page.wait_for_url(lambda url, old=document_id: f"/documents/{old}" not in url)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
