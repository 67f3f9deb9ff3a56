"""Hundreds of reviews in one browser session: ``python tests/benchmarks/soak.py [--documents N]``.

Small invoices with two doubtful fields each stand in the queue as reading would leave them, their pages in the vault. A
reviewer mends one field and loads, over and over, in one page of headless Chromium (`bare`). Every 50 documents one
line: time from the closing key until the next document is ready (median and 95th percentile); the scripts' heap and the
page's nodes and listeners after a garbage collection; the memory of the browser's own process, of the page's, of the
other ones, what they share (pictures that were decoded, which Chromium keeps until there are 512 MB), and the server's.

A cache that fills grows at first and then no more; what leaks grows on. So the last line is of the second half alone.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from models.roles import Role
from models.states import State
from models.tables import DocumentRow
from tests.benchmarks import closing
from tests.benchmarks.bare import Chromium
from tests.browser import chromium
from tests.browser.conftest import Desk
from tests.review.rows import add_invoice

STEP = 50
PAUSE = 0.3  # seconds that a person looks at a document, at least
MB = 1024 * 1024
SHOWN = "document.getElementById('form')?.dataset.document ?? ''"
KINDS = ("heap", "page", "browser", "other", "shared", "server")


def opened(page: Chromium, before: str) -> closing.Opened:
    """Wait until another document than ``before`` is ready, and look at it; the times of it."""
    told = page.wait(f"window.__opened && window.__opened.document !== '{before}' && window.__opened")
    time.sleep(PAUSE)
    return closing.opened_of(told)


def review(page: Chromium, number: int) -> closing.Opened:
    """Look at the due date, type the doubtful total, load; the times of the next document."""
    page.enter()  # to the second doubt
    page.type("1234.50" if number % 2 else "1 234,50")
    before = str(page.evaluate(SHOWN))
    page.enter()
    return opened(page, before)


def weighed(page: Chromium, desk: Desk) -> dict[str, float]:
    """Megabytes of `KINDS`, and the numbers of nodes and listeners."""
    page.send("HeapProfiler.collectGarbage")
    told = {one["name"]: one["value"] for one in page.send("Performance.getMetrics")["metrics"]}
    sizes = dict(page.memory()) | {
        "heap": told["JSHeapUsedSize"],
        "server": psutil.Process(desk.process.pid).memory_info().rss,
    }
    return {name: sizes.get(name, 0) / MB for name in KINDS} | {
        "nodes": told["Nodes"],
        "listeners": told["JSEventListeners"],
    }


def soak(page: Chromium, desk: Desk, documents: int) -> None:
    """Review all documents and print the table."""
    print(f"{documents} reviews, {closing.machine()}")
    print(f"reviews   ready ms: median    p95   nodes listeners   MB: {''.join(f'{name:>9}' for name in KINDS)}")
    page.send("Page.navigate", url=f"{desk.url}/")
    page.wait("document.readyState === 'complete' && document.activeElement !== document.body")
    page.enter()  # the button to begin has the focus
    opened(page, "")
    seen: list[float] = []
    medians: list[float] = []
    sizes: dict[int, dict[str, float]] = {}
    for number in range(1, documents):
        seen.append(review(page, number).ready)
        if number % STEP and number != documents - 1:
            continue
        now = sizes[number] = weighed(page, desk)
        medians.append(closing.percentile(seen, 0.5))
        print(
            f"{number:7} {medians[-1]:18.0f} {closing.percentile(seen, 0.95):6.0f} {now['nodes']:7.0f}"
            f" {now['listeners']:9.0f}       {''.join(f'{now[name]:9.1f}' for name in KINDS)}",
            flush=True,
        )
        seen = []
    print(f"time of the last {STEP} to that of the first: {medians[-1] / medians[0]:.2f}")
    half = min(sizes, key=lambda number: abs(number - documents // 2))
    last = max(sizes)
    grown = ", ".join(f"{name} {sizes[last][name] - sizes[half][name]:+.1f}" for name in KINDS)
    print(f"growth from {half} to {last} reviews, MB: {grown}")


def main() -> None:
    """Fill, review, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=500)
    options = parser.parse_args()
    executable = chromium.find()
    if executable is None:
        raise SystemExit("There is no Chromium: install it, or set CHROMIUM to its path.")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        desk = Desk(Path(folder) / "home")
        for number in range(options.documents):
            add_invoice(desk.store, f"2026-{number:05}", doubts={"gross_total": 0.61, "due_date": 0.7})
        desk.start()
        page = Chromium(executable, chromium.ARGUMENTS, Path(folder) / "profile")
        try:
            cookie = desk.cookie("Anna", Role.REVIEWER)
            page.send("Network.setCookie", **cookie)
            page.send("Page.addScriptToEvaluateOnNewDocument", source=closing.WATCH)
            soak(page, desk, options.documents)
            with desk.store.reading() as session:
                loaded = session.query(DocumentRow).filter(DocumentRow.state == State.LOADED).count()
            print(f"{loaded} loaded")
        finally:
            page.close()
            desk.stop()
            desk.store.close()


if __name__ == "__main__":
    main()
