"""What a careful reviewer does for each document: ``python tests/benchmarks/keystrokes.py [--scans N]``.

Processes the samples and N worn scans of generated invoices as the main job does, then plays a reviewer in headless
Chromium who looks at every doubtful field, compares it with the truth, mends it where it is wrong (see `mend`), and
presses Enter. Prints, from what the desk itself recorded: doubtful fields, fields changed and how, keystrokes, clicks,
and how long the next document took to be ready after the closing key (`closing`). Loads nothing that the truth does not
say.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable
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
from tests.benchmarks import closing
from tests.browser import chromium
from tests.browser.conftest import Desk

ROOT = Path(__file__).resolve().parents[2]
EXECUTABLE = str(Path(sys.executable).with_name("podatelna"))
WORN = spoil.Scan(dpi=130, skew=-1.1, noise=12, uneven=45, specks=80, blur=0.9)
LOOK = 3000  # ms that a person looks at a document before the first key
MOST = 60  # stops in one document, so that a page that leads nowhere ends the run


@dataclass(frozen=True)
class Look:
    """One document: its name, doubts at the start, when it could be worked on, how wrong values were mended."""

    id: int
    name: str
    doubts: int
    opened: closing.Opened
    mended: list[str]


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
    page.wait_for_function("document.activeElement !== document.body")
    page.keyboard.press("Enter")  # the button to begin has the focus
    opened: closing.Opened | None = closing.opened(page, "")
    while opened:
        page.wait_for_timeout(LOOK)
        document_id = int(closing.current(page))
        with desk.store.reading() as session:
            row = session.get_one(DocumentRow, document_id)
        doubts = page.locator(".field.doubtful, tr.doubtful").count()
        mended = finish(page, document_id, truth.get(row.name, {}))
        page.wait_for_function(
            "id => location.pathname === '/' || (window.__opened && window.__opened.document !== id)",
            arg=str(document_id),
        )
        looks.append(Look(document_id, row.name, doubts, opened, mended))
        opened = closing.opened(page, str(document_id)) if "/documents/" in page.url else None
    return looks


def mend(page: Page, field: str, old: str, new: str) -> str:
    """Put a wrong value right as somebody would who sees page and form; returns how.

    One of the other values below the field, by its number; else the words on the page, by a click; else typed, and of
    what stands there no more than is wrong.
    """
    values = page.locator(f".field[data-field='{field}'] .offered span").all_text_contents()
    if new in values:
        page.keyboard.press(f"Alt+{values.index(new) + 1}")
        return "chosen"
    if click_on_page(page, field, new):
        return "clicked"
    if page.evaluate("document.activeElement.value") != old:
        page.keyboard.press("Alt+u")  # the click gave something else
    retype(page, old, new)
    return "typed"


def click_on_page(page: Page, field: str, wanted: str) -> bool:
    """Click the word that begins the value, where it stands on a page that is in sight; whether that gave the value."""
    sheet = page.locator(f".sheet:has(rect[data-for='{field}'])").first
    if not sheet.count():
        sheet = page.locator(".sheet").first
    if not sheet.count():
        return False
    number = sheet.get_attribute("data-number")
    words = page.evaluate(
        "([id, number]) => fetch(`/api/documents/${id}/pages/${number}/words`).then((answer) => answer.json())",
        [closing.current(page), number],
    )
    first = wanted.split(maxsplit=1)[0] if wanted.split() else ""
    at = next((one["box"] for one in words if first and one["text"].strip(".,:;") == first.strip(".,:;")), None)
    if at is None:
        return False
    spot = sheet.evaluate(
        """(sheet, [x, y]) => {
            const svg = sheet.querySelector(".boxes"), size = svg.viewBox.baseVal;
            const pane = document.getElementById("pages");
            let frame = svg.getBoundingClientRect();
            const top = pane.scrollTop + frame.top + y / size.height * frame.height - 400;
            pane.scrollTo({ top, behavior: "instant" });
            frame = svg.getBoundingClientRect();
            return [frame.left + x / size.width * frame.width, frame.top + y / size.height * frame.height];
        }""",
        [(at[0] + at[2]) / 2, (at[1] + at[3]) / 2],
    )
    with page.expect_response("**/capture"):
        page.keyboard.down("Shift")  # the words, whatever box lies over them
        page.mouse.click(*spot)
        page.keyboard.up("Shift")
    page.wait_for_timeout(200)
    return str(page.evaluate("document.activeElement.value")) == wanted


def retype(page: Page, old: str, new: str) -> None:
    """Type what is wrong in the middle of a value, or all of it, whichever takes fewer keys."""
    head = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    rest_old, rest_new = old[head:][::-1], new[head:][::-1]
    least = min(len(rest_old), len(rest_new))
    tail = next((n for n, (a, b) in enumerate(zip(rest_old, rest_new, strict=False)) if a != b), least)
    wrong, right = old[head : len(old) - tail], new[head : len(new) - tail]
    words = len(old[len(old) - tail :].split())
    if 1 + words + 3 + len(wrong) + len(right) >= 1 + len(new):
        page.keyboard.press("Control+a")
        page.keyboard.type(new)
        return
    page.keyboard.press("End")
    end, step = len(old) - tail, "Control+ArrowLeft"
    while (at := int(page.evaluate("document.activeElement.selectionStart"))) != end:
        if at < end or at - end < 3:
            step = "Arrow"
        if step == "Arrow":
            page.keyboard.press("ArrowRight" if at < end else "ArrowLeft")
        else:
            page.keyboard.press(step)
    for _ in wrong:
        page.keyboard.press("Backspace")
    page.keyboard.type(right)


def focused(page: Page) -> dict[str, Any]:
    """The document, the field or element with the cursor, and its value; empty while the page changes."""
    with contextlib.suppress(Error):  # it navigates
        return dict(
            page.evaluate(
                "() => ({ document: document.getElementById('form')?.dataset.document ?? '',"
                " field: document.activeElement.closest('.field')?.dataset.field ?? null,"
                " row: document.activeElement.name ?? null,"
                " value: document.activeElement.value ?? '', id: document.activeElement.id })"
            )
        )
    return {}


def finish(page: Page, document_id: int, truth: dict[str, Any]) -> list[str]:
    """Decide on the document that is open; how its wrong values were mended."""
    values, mended = truth.get("fields", {}), []
    if page.locator("#type").input_value() != truth.get("type"):
        page.keyboard.press("Alt+s")
        return mended
    for _ in range(MOST):
        at = focused(page)
        if at["id"] == "override":
            page.keyboard.type("As on the page")
        elif at["id"] == "load-anyway":
            page.keyboard.press("Space")
        elif at["field"] and values.get(at["field"], "") != at["value"] and at["field"] in values:
            mended.append(mend(page, at["field"], at["value"], values[at["field"]]))
        page.keyboard.press("Enter")
        page.wait_for_timeout(60)
        for _ in range(100):
            now = focused(page)
            if now.get("document", "") != str(document_id):
                return mended
            if any(now[name] != at[name] for name in ("field", "row", "id")):
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
            closing.watch(context)
            print(closing.machine())
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
    head = f"{'document':32} {'type':14} {'doubts':>6} {'changed':>7} {'keys':>5} {'clicks':>6} {'ended':10}"
    print(f"{head} {'ready ms':>8} mended")
    counted = []
    for look in looks:
        effort = whole.get(look.id)
        if effort is None:
            continue
        changed = sum(row.changed for row in rows if row.document_id == look.id and row.field)
        print(
            f"{look.name[:32]:32} {types[look.id] or '-':14} {look.doubts:6} {changed:7} {effort.keystrokes:5} "
            f"{effort.clicks:6} {effort.outcome:10} {look.opened.ready:8.0f}"
            f" {', '.join(look.mended)}"
        )
        if effort.outcome == "accepted":
            counted.append((look, effort))
    if not counted:
        return
    invoices = [(look, effort) for look, effort in counted if (types[look.id] or "").startswith("invoice")]
    three = [effort.keystrokes for look, effort in invoices if 2 <= look.doubts <= 4]
    ready = [look.opened.ready for look in looks[1:]]
    clicks = sum(effort.clicks for _, effort in counted)
    print(f"{len(counted)} accepted: median {_median(e.keystrokes for _, e in counted):g} keys, {clicks} clicks in all")
    print(f"{len(invoices)} invoices: median {_median(e.keystrokes for _, e in invoices):g} keys")
    print(f"{len(three)} invoices with two to four doubts: median {_median(three):g} keys")
    if ready:
        print(
            f"the next document ready after a median of {closing.percentile(ready, 0.5):.0f} ms,"
            f" 95th percentile {closing.percentile(ready, 0.95):.0f} ms"
        )


def _median(values: Iterable[float]) -> float:
    some = list(values)
    return statistics.median(some) if some else 0.0


if __name__ == "__main__":
    main()
