"""No page of the desk has a serious accessibility fault, as axe-core sees it (light and dark, wide and narrow)."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile

import pytest
from playwright.sync_api import expect

from models.roles import Role
from models.states import State
from models.tables import DocumentRow
from pipeline.search import index_document
from tests.review.rows import add_invoice

pytestmark = pytest.mark.browser
AXE = "axe-core-4.14.1.tgz"
SHA256 = "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745"
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """The checker's script, from npm; skipped where npm can't be reached."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm to fetch axe-core with")
    folder = tmp_path_factory.mktemp("axe")
    name, version = AXE.removesuffix(".tgz").rsplit("-", 1)
    told = subprocess.run([npm, "pack", f"{name}@{version}"], cwd=folder, capture_output=True, timeout=120, check=False)
    if told.returncode or not (folder / AXE).exists():
        pytest.skip("npm does not give axe-core")
    data = (folder / AXE).read_bytes()
    assert hashlib.sha256(data).hexdigest() == SHA256, "this is another axe-core"
    with tarfile.open(folder / AXE) as archive:
        script = archive.extractfile("package/axe.min.js")
        assert script is not None
        return script.read().decode()


@pytest.fixture
def faults(axe):
    """Asks axe-core about a page; serious faults as text."""

    def find(page):
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        return [
            f"{one['id']} ({one['impact']}): {one['help']}: {[node['target'] for node in one['nodes'][:5]]}"
            for one in found["violations"]
            if one["impact"] in SERIOUS
        ]

    return find


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_no_page_has_a_serious_fault(desk, reviewer, faults, colours):
    document_id = add_invoice(desk.store, doubts={"seller_vat_id": 0.3, "gross_total": 0.61}, pages=2)
    wrong = add_invoice(desk.store, "A-2", wrong={"gross_total": "7234.50"})
    loaded = add_invoice(desk.store, "A-3", state=State.LOADED)
    refused = add_invoice(desk.store, "A-4", state=State.QUARANTINED)
    with desk.store.transaction() as session:
        session.get_one(DocumentRow, refused).quarantine_code = "password"
        for one in (document_id, wrong, loaded, refused):
            index_document(session, one)
    page = reviewer("Sue", Role.SUPERVISOR, Role.REVIEWER, color_scheme=colours)
    places = (
        "/",
        f"/documents/{document_id}",
        f"/documents/{wrong}",
        f"/documents/{loaded}",
        f"/documents/{refused}",
        f"/documents/{document_id}/pages",
        f"/documents/{loaded}/pages",
        f"/documents/{document_id}/became",
        "/documents?state=loaded",
        "/aside",
        "/search?q=papir",
        "/figures",
        "/accounts",
        "/accounts/of/sue",
        "/me",
    )
    told = {}
    for place in places:
        page.goto(f"{desk.url}{place}")
        told[place] = faults(page)
    page.goto(f"{desk.url}/documents/{document_id}")
    page.keyboard.press("F1")
    told["help"] = faults(page)
    page.goto(f"{desk.url}/documents/{document_id}/pages")
    expect(page.locator(".thumb")).to_have_count(2)
    for key in ("r", "s", "ArrowRight", "s", "Delete"):
        page.keyboard.press(key)
    told["pages, changed"] = faults(page)
    for key, dialog in (("Enter", "#confirm-dialog"), ("a", "#add-dialog"), ("F1", "#help")):
        page.keyboard.press(key)
        expect(page.locator(dialog)).to_be_visible()
        told[dialog] = faults(page)
        page.keyboard.press("Escape")
    bad = {place: found for place, found in told.items() if found}
    assert not bad, "\n".join(f"{place}: {one}" for place, found in bad.items() for one in found)


def test_nor_on_a_phone_or_before_one_signs_in(desk, reviewer, faults):
    document_id = add_invoice(desk.store)
    page = reviewer("Anna")
    page.set_viewport_size({"width": 390, "height": 780})
    page.goto(f"{desk.url}/documents/{document_id}")
    assert faults(page) == []
    page.goto(f"{desk.url}/documents/{document_id}/pages")
    expect(page.locator(".thumb")).to_have_count(1)
    assert faults(page) == []
    stranger = reviewer("", page="/login")
    assert faults(stranger) == []
