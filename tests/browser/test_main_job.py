"""The main job on the samples, from drop folder to database: what loads alone is right, a person finishes the rest."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from models.document_types import document_types
from models.states import State
from models.tables import HEADER_TABLES, DocumentRow, DropRow, EventRow
from pipeline.housekeeping import verify

from .conftest import Desk

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
TRUTH = {row["file"]: row for row in map(json.loads, (SAMPLES / "truth.jsonl").read_text("utf-8").splitlines())}
EXECUTABLE = str(Path(sys.executable).with_name("podatelna"))

pytestmark = pytest.mark.browser


def run(home: Path) -> None:
    environment = os.environ | {
        "PODATELNA_HOME": str(home),
        "PODATELNA_SETTLE_SECONDS": "0",
        "PODATELNA_PATIENCE_SECONDS": "0",
    }
    done = subprocess.run(
        [EXECUTABLE, "run"], env=environment, cwd=home, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A desk over a home that has processed the samples."""
    home = tmp_path_factory.mktemp("office") / "home"
    (home / "inbox").mkdir(parents=True)
    for sample in (SAMPLES / "documents").iterdir():
        shutil.copy(sample, home / "inbox")
    run(home)
    desk = Desk(home)
    yield desk
    desk.stop()
    desk.store.close()


def documents(desk: Desk) -> dict[str, DocumentRow]:
    """The document of every drop, by the drop's name."""
    with desk.store.reading() as session:
        query = select(DropRow.name, DocumentRow).join(DocumentRow, DropRow.document_id == DocumentRow.id)
        return {row.name: row.DocumentRow for row in session.execute(query)}


def events(desk: Desk) -> int:
    with desk.store.reading() as session:
        return session.scalar(select(func.count()).select_from(EventRow))


def test_every_sample_ends_where_its_truth_says(office: Desk) -> None:
    found = documents(office)
    assert set(found) == set(TRUTH)
    assert not list(office.settings.inbox.iterdir())
    assert not list(office.settings.work.iterdir())
    for name, truth in TRUTH.items():
        if truth["outcome"] in ("read", "duplicate"):
            assert found[name].state in (State.REVIEW, State.LOADED), name
            assert found[name].type == truth["type"], name
        else:
            assert (found[name].state, found[name].quarantine_code) == (State.QUARANTINED, truth["outcome"]), name
            assert (office.settings.quarantine / f"{name}.reason.txt").is_file()
    copies = Counter(document.id for document in found.values())
    assert sorted(copies.values())[-2:] == [1, 2], "one document was dropped twice"


def test_what_loads_alone_is_right(office: Desk) -> None:
    alone = 0
    for name, document in documents(office).items():
        if document.state != State.LOADED:
            continue
        alone += 1
        with office.store.reading() as session:
            table = HEADER_TABLES[document.type]
            row = session.execute(select(table).where(table.c.document_id == document.id)).mappings().one()
        for field, expected in TRUTH[name]["fields"].items():
            kind = document_types()[document.type].fields[field].kind
            if kind in ("text", "address", "identifier") or row[field] is None:
                continue  # wording and optional references are measured by the benchmark
            if kind in ("amount", "number", "percent"):
                assert Decimal(str(row[field])) == Decimal(expected), (name, field)
            else:
                assert str(row[field]).casefold() == expected.casefold(), (name, field)
    assert alone >= 3


def test_a_second_run_changes_nothing(office: Desk) -> None:
    before = events(office)
    run(office.settings.home)
    assert events(office) == before


def test_a_reviewer_finishes_the_queue_in_the_browser(office: Desk, browser) -> None:
    waiting = {document.id: name for name, document in documents(office).items() if document.state == State.REVIEW}
    office.start()
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.context.add_cookies([office.cookie("Anna")])
    for _ in range(len(waiting) + 1):
        page.goto(f"{office.url}/next")
        if page.get_by_role("heading", name="Nothing is waiting").count():
            break
        document_id = int(page.url.split("?")[0].rpartition("/")[2])
        truth = TRUTH[waiting[document_id]]
        if not truth["fields"]:
            page.keyboard.press("Escape")
            expect(page.get_by_role("dialog")).to_be_visible()
            page.keyboard.type("This is no document that we book")
            with page.expect_navigation():
                page.keyboard.press("Enter")
            continue
        for field, value in truth["fields"].items():
            box = page.locator(f"[name='field.{field}']")
            if box.input_value() != value:
                box.fill(value)
        here = page.url
        page.keyboard.press("Control+Enter")
        asked = "['override', 'load-anyway'].includes(document.activeElement.id)"
        page.wait_for_function(f"here => location.href !== here || {asked}", arg=here)
        if page.url == here:  # a check objects, to a line item say: the person has looked
            page.keyboard.press("Space")  # ticks, or begins the reason
            page.keyboard.type("printed")
            with page.expect_navigation():
                page.keyboard.press("Control+Enter")
        assert f"/documents/{document_id}?" not in page.url, page.locator(".panel").inner_text()
    expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    page.close()

    found = documents(office)
    assert not [name for name, document in found.items() if document.state == State.REVIEW]
    for name, truth in TRUTH.items():
        if truth["outcome"] == "read":
            assert found[name].state == (State.LOADED if truth["fields"] else State.REJECTED), name
    assert verify(office.store) == []
