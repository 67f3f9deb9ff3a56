"""What a careful reviewer does for each document: ``python tests/benchmarks/keystrokes.py [--scans N]``.

Processes the samples and N worn scans of generated invoices as the main job does, then plays a reviewer in headless
Chromium who looks at every doubtful field, compares it with the truth, types it where it is wrong, and presses Enter.
Prints, from what the desk itself recorded: doubtful fields, fields typed, keystrokes, clicks, and how long the next
document took to be ready. Loads nothing that the truth does not say.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Error, Page, sync_playwright
from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from models.roles import Role
from models.tables import DocumentRow, EffortRow
from pipeline.learn.factory import make_invoice, spoil
from tests.browser import chromium
from tests.browser.conftest import Desk

ROOT = Path(__file__).resolve().parents[2]
EXECUTABLE = str(Path(sys.executable).with_name("podatelna"))
WORN = spoil.Scan(dpi=130, skew=-1.1, noise=12, uneven=45, specks=80, blur=0.9)
MOST = 60  # stops in one document, so that a page that leads nowhere ends the run


@dataclass(frozen=True)
class Look:
    """One document: its name, doubts at the start, seconds until it could be worked on."""

    id: int
    name: str
    doubts: int
    ready: float


def prepared(home: Path, scans: int) -> dict[str, dict[str, Any]]:
    """Fill the inbox, run the main job; the truth by file name."""
    inbox = home / "inbox"
    inbox.mkdir(parents=True)
    rows = map(json.loads, (ROOT / "data" / "samples" / "truth.jsonl").read_text("utf-8").splitlines())
    truth = {row["file"]: row for row in rows if row["outcome"] == "read"}
    for name in truth:
        (inbox / name).write_bytes((ROOT / "data" / "samples" / "documents" / name).read_bytes())
    for number in range(scans):
        made = make_invoice(f"keystrokes-{number}", "invoice", ("cs", "de", "en")[number % 3], lines=3)
        chance = np.random.default_rng(number)
        pages = [spoil.scan(page, WORN, chance) for page in spoil.render(made.pdf, WORN.dpi)]
        name = f"worn-{number}.pdf"
        (inbox / name).write_bytes(spoil.image_pdf(pages, WORN.dpi, 35))
        truth[name] = made.truth(name)
    environment = os.environ | {"PODATELNA_HOME": str(home), "PODATELNA_SETTLE_SECONDS": "0"}
    subprocess.run([EXECUTABLE, "run"], env=environment, cwd=home, check=True, stdout=sys.stderr)
    return truth


def play(page: Page, desk: Desk, truth: dict[str, dict[str, Any]]) -> list[Look]:
    """Go through the queue."""
    looks: list[Look] = []
    page.goto(f"{desk.url}/")
    before = time.perf_counter()
    with page.expect_navigation():
        page.keyboard.press("Enter")  # the button to begin has the focus
    while True:
        page.wait_for_load_state("domcontentloaded")
        if "/documents/" not in page.url:
            return looks
        document_id = int(page.url.split("/documents/")[1].split("?")[0])
        page.wait_for_function("document.activeElement !== document.body")
        ready = time.perf_counter() - before
        with desk.store.reading() as session:
            row = session.get_one(DocumentRow, document_id)
        doubts = page.locator(".field.doubtful, tr.doubtful").count()
        looks.append(Look(document_id, row.name, doubts, ready))
        before = finish(page, document_id, truth.get(row.name, {}))


def mend(page: Page, old: str, new: str) -> None:
    """Type what is right: over the whole value, or from where it goes wrong, whichever takes fewer keys."""
    same = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    if len(old) + len(new) - 2 * same < len(new):
        page.keyboard.press("End")
        for _ in old[same:]:
            page.keyboard.press("Backspace")
        page.keyboard.type(new[same:])
    else:
        page.keyboard.press("Control+a")
        page.keyboard.type(new)


def focused(page: Page) -> str | None:
    """The field or element with the cursor; None while the page changes."""
    try:
        script = "document.activeElement.closest('.field')?.dataset.field ?? document.activeElement.id"
        return str(page.evaluate(script))
    except Error:  # it navigates
        return None


def finish(page: Page, document_id: int, truth: dict[str, Any]) -> float:
    """Decide on the document that is open; returns when the deciding key was pressed."""
    values, here = truth.get("fields", {}), f"/documents/{document_id}"
    if page.locator("#type").input_value() != truth.get("type"):
        page.keyboard.press("Alt+s")
        pressed = time.perf_counter()
        page.wait_for_url(lambda url: here not in url)
        return pressed
    for _ in range(MOST):
        at = page.evaluate(
            "() => ({ field: document.activeElement.closest('.field')?.dataset.field ?? null,"
            " value: document.activeElement.value ?? '', id: document.activeElement.id })"
        )
        if at["id"] == "override":
            page.keyboard.type("As on the page")
        elif at["id"] == "load-anyway":
            page.keyboard.press("Space")
        elif at["field"] and values.get(at["field"], "") != at["value"] and at["field"] in values:
            mend(page, at["value"], values[at["field"]])
        pressed = time.perf_counter()
        page.keyboard.press("Enter")
        page.wait_for_timeout(60)
        for _ in range(100):
            if here not in page.url:
                return pressed
            now = focused(page)
            if now not in (None, at["field"] or at["id"]):
                break
            page.wait_for_timeout(50)
    raise SystemExit(f"Document {document_id} can't be finished by the keyboard.")


def main() -> None:
    """Process, play, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scans", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder) / "home"
        truth = prepared(home, options.scans)
        desk = Desk(home)
        desk.start()
        try:
            browser = chromium.launch(playwright)
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            context.add_cookies([desk.cookie("Anna", Role.REVIEWER)])
            looks = play(context.new_page(), desk, truth)
            told(desk, looks)
        finally:
            desk.stop()
            desk.store.close()


def told(desk: Desk, looks: list[Look]) -> None:
    """Print the table."""
    with desk.store.reading() as session:
        rows = session.scalars(select(EffortRow)).all()
        types = {row.id: row.type for row in session.scalars(select(DocumentRow))}
    whole = {row.document_id: row for row in rows if not row.field}
    print(
        f"{'document':32} {'type':14} {'doubts':>6} {'typed':>6} {'keys':>5} {'clicks':>6} {'ended':10} {'ready ms':>8}"
    )
    counted = []
    for look in looks:
        effort = whole.get(look.id)
        if effort is None:
            continue
        changed = sum(row.changed for row in rows if row.document_id == look.id and row.field)
        print(
            f"{look.name[:32]:32} {types[look.id] or '-':14} {look.doubts:6} {changed:6} {effort.keystrokes:5} "
            f"{effort.clicks:6} {effort.outcome:10} {look.ready * 1000:8.0f}"
        )
        if effort.outcome == "accepted":
            counted.append((look, effort))
    if not counted:
        return
    invoices = [effort.keystrokes for look, effort in counted if (types[look.id] or "").startswith("invoice")]
    ready = statistics.median(look.ready for look in looks[1:]) if len(looks) > 1 else 0.0
    print(
        f"{len(counted)} accepted: median {statistics.median(effort.keystrokes for _, effort in counted):g} keys"
        f" (invoices {statistics.median(invoices) if invoices else 0:g}), {sum(e.clicks for _, e in counted)} clicks;"
        f" the next one ready after a median of {ready * 1000:.0f} ms"
    )


if __name__ == "__main__":
    main()
