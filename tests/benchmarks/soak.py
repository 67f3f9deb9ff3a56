"""Hundreds of reviews in one browser session: ``python tests/benchmarks/soak.py [--documents N]``.

Small invoices with two doubtful fields each stand in the queue as reading would leave them, their pages in the vault. A
reviewer mends one field and loads, over and over, in one page of headless Chromium. Every 50 documents one line: time
from the closing key until the next document is ready (median and 95th percentile), the page's memory and nodes after a
garbage collection, the memory of all of the browser and of the server.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import psutil
from playwright.sync_api import CDPSession, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from models.roles import Role
from models.states import State
from models.tables import DocumentRow
from tests.benchmarks import closing
from tests.browser import chromium
from tests.browser.conftest import Desk
from tests.review.rows import add_invoice

STEP = 50
PAUSE = 300  # ms that a person looks at a document, at least
MB = 1024 * 1024


def memory(browser_parent: psutil.Process, server: int) -> tuple[float, float]:
    """Megabytes of all processes of the browser, and of the server."""
    total = 0
    for one in browser_parent.children(recursive=True):
        try:
            if "chrom" in one.name():
                total += one.memory_full_info().pss
        except psutil.Error:
            continue
    return total / MB, psutil.Process(server).memory_info().rss / MB


def review(page: Page, number: int) -> closing.Opened:
    """Look at the due date, type the doubtful total, load; the times of the next document."""
    page.keyboard.press("Enter")  # to the second doubt
    page.keyboard.type("1234.50" if number % 2 else "1 234,50")
    before = closing.current(page)
    page.keyboard.press("Enter")
    opened = closing.opened(page, before)
    page.wait_for_timeout(PAUSE)
    return opened


def soak(page: Page, cdp: CDPSession, desk: Desk, documents: int) -> None:
    """Review all documents and print the table."""
    me = psutil.Process()
    print(f"{documents} reviews, {closing.machine()}")
    print("reviews   ready ms: median    p95   page MB   nodes   listeners   browser MB   server MB")
    page.goto(f"{desk.url}/")
    page.wait_for_function("document.activeElement !== document.body")
    page.keyboard.press("Enter")  # the button to begin has the focus
    closing.opened(page, "")
    page.wait_for_timeout(PAUSE)
    seen: list[float] = []
    steps: list[list[float]] = []
    for number in range(1, documents):
        seen.append(review(page, number).ready)
        if number % STEP and number != documents - 1:
            continue
        cdp.send("HeapProfiler.collectGarbage")
        found = {one["name"]: one["value"] for one in cdp.send("Performance.getMetrics")["metrics"]}
        browser, server = memory(me, desk.process.pid)
        steps.append(seen)
        print(
            f"{number:7} {closing.percentile(seen, 0.5):18.0f} {closing.percentile(seen, 0.95):6.0f}"
            f" {found['JSHeapUsedSize'] / MB:9.1f} {found['Nodes']:7.0f} {found['JSEventListeners']:11.0f}"
            f" {browser:12.0f} {server:11.0f}",
            flush=True,
        )
        seen = []
    first, last = (closing.percentile(one, 0.5) for one in (steps[0], steps[-1]))
    print(f"time of the last {STEP} to that of the first: {last / first:.2f}")


def main() -> None:
    """Fill, review, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=500)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        desk = Desk(Path(folder) / "home")
        for number in range(options.documents):
            add_invoice(desk.store, f"2026-{number:05}", doubts={"gross_total": 0.61, "due_date": 0.7})
        desk.start()
        browser = chromium.launch(playwright)
        try:
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            context.add_cookies([desk.cookie("Anna", Role.REVIEWER)])
            closing.watch(context)
            page = context.new_page()
            page.set_default_timeout(120_000)  # a busy machine is no reason to end
            cdp = context.new_cdp_session(page)
            cdp.send("Performance.enable")
            soak(page, cdp, desk, options.documents)
            with desk.store.reading() as session:
                loaded = session.query(DocumentRow).filter(DocumentRow.state == State.LOADED).count()
            print(f"{loaded} loaded")
        finally:
            browser.close()
            desk.stop()
            desk.store.close()


if __name__ == "__main__":
    main()
