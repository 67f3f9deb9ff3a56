"""The pages of a document in the browser: turned, split, joined, moved, left out, taken back; and a password."""

from __future__ import annotations

import io
import re

import pikepdf
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from models.states import State
from models.tables import DocumentRow, MadeFromRow
from pipeline.review import queue
from pipeline.search import index_document
from tests.rearrange.conftest import lock
from tests.review.rows import add_invoice, add_locked, draw_invoice, invoice_values

pytestmark = pytest.mark.browser
READ = 120_000  # ms: what is made is really read


def made_from(desk):
    """By new document: its pages as (source, page, turned)."""
    with desk.store.reading() as session:
        found: dict[int, list[tuple[int, int, int]]] = {}
        for one in session.scalars(select(MadeFromRow).order_by(MadeFromRow.document_id, MadeFromRow.number)):
            found.setdefault(one.document_id, []).append((one.source_id, one.source_number, one.turned))
        return found


def states(desk):
    with desk.store.reading() as session:
        return {one.id: one.state for one in session.scalars(select(DocumentRow))}


def add(desk, number, **more):
    document_id = add_invoice(desk.store, number, **more)
    with desk.store.transaction() as session:
        index_document(session, document_id)
    return document_id


def piles(page):
    """The numbers of the pages as they are shown, document by document."""
    return [one.locator(".caption").all_inner_texts() for one in page.locator(".pile").all()]


def confirmed(page):
    page.keyboard.press("Enter")
    dialog = page.locator("#confirm-dialog")
    expect(dialog).to_be_visible()
    text = dialog.inner_text()
    page.keyboard.press("Enter")
    return text


def opened(page, document_id):
    page.wait_for_url(re.compile(rf"/documents/{document_id}$"), timeout=READ)


def test_turned_split_and_left_out_by_keys_and_taken_back(desk, reviewer):
    source = add(desk, "A-1", name="scan.pdf", pages=4)
    page = reviewer(page=f"/documents/{source}")
    page.keyboard.press("Alt+g")
    expect(page.locator(".thumb")).to_have_count(4)
    expect(page.locator("#summary")).to_have_text("Nothing is changed yet.")
    expect(page.get_by_role("button", name="Page 1 of scan.pdf")).to_be_focused()
    for key in ("ArrowRight", "r", "ArrowRight", "s", "End", "Delete"):
        page.keyboard.press(key)
    assert piles(page) == [["1", "2"], ["3", "4"]]
    expect(page.get_by_role("button", name=re.compile("Page 2 of scan.pdf.*turned by 90 degrees"))).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Page 4 of scan.pdf.*left out"))).to_be_focused()
    text = confirmed(page)
    assert "2 new documents" in text
    assert "Left out: page 4 of scan.pdf" in text
    page.wait_for_url(re.compile(r"/documents/\d+$"), timeout=READ)
    first, second = made_from(desk)
    assert page.url.endswith(f"/documents/{first}")
    assert list(made_from(desk).values()) == [[(source, 1, 0), (source, 2, 90)], [(source, 3, 0)]]
    assert states(desk)[source] == State.REPLACED
    page.goto(f"{desk.url}/documents/{source}/became")
    opened(page, first)
    page.goto(f"{desk.url}/documents/{source}")
    expect(page.locator("#made")).to_contain_text("scan (pages 1-2).pdf")
    for _ in range(120):
        if states(desk)[second] != State.RECEIVED:
            break
        page.wait_for_timeout(500)
    page.get_by_role("button", name="Take it back").click()
    opened(page, source)
    expect(page.locator("#accept")).to_be_visible()
    assert states(desk) == {source: State.REVIEW, first: State.REPLACED, second: State.REPLACED}
    assert made_from(desk) == {}


def test_moved_by_keys_and_by_dragging_and_undone(desk, reviewer):
    source = add(desk, "A-1", pages=4)
    page = reviewer(page=f"/documents/{source}/pages")
    expect(page.locator(".thumb")).to_have_count(4)
    page.keyboard.press("Alt+ArrowRight")
    assert piles(page) == [["2", "1", "3", "4"]]
    expect(page.get_by_role("button", name="Page 1 of")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Alt+ArrowDown")
    assert piles(page) == [["2", "1", "3"], ["4"]]
    page.keyboard.press("Alt+ArrowLeft")
    assert piles(page) == [["2", "1", "3", "4"]]
    page.keyboard.press("Control+z")
    assert piles(page) == [["2", "1", "3"], ["4"]]
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert piles(page) == [["1", "2", "3", "4"]]
    expect(page.locator("#apply")).to_be_disabled()
    page.get_by_role("button", name="Page 3 of").drag_to(
        page.get_by_role("button", name="Page 1 of"), target_position={"x": 5, "y": 40}
    )
    assert piles(page) == [["3", "1", "2", "4"]]
    page.get_by_role("button", name="Page 2 of").click()
    page.get_by_role("button", name="Split here").click()
    assert piles(page) == [["3", "1"], ["2", "4"]]
    page.get_by_role("button", name="Page 4 of").drag_to(
        page.locator(".pile").first, target_position={"x": 600, "y": 90}
    )
    assert piles(page) == [["3", "1", "4"], ["2"]]
    page.get_by_role("button", name="Leave out").click()
    page.get_by_role("button", name="Undo").click()
    page.keyboard.press("F1")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.once("dialog", lambda dialog: dialog.accept())
    page.keyboard.press("Escape")
    page.wait_for_url(f"{desk.url}/documents/{source}")
    assert states(desk) == {source: State.REVIEW}


def test_put_together_with_another_and_a_page_used_twice(desk, reviewer):
    source, other = add(desk, "A-1", name="first.pdf"), add(desk, "A-2", name="second.pdf", pages=2)
    held = add(desk, "A-3", name="held.pdf")
    page = reviewer(page=f"/documents/{source}/pages")
    expect(page.locator(".thumb")).to_have_count(1)
    page.keyboard.press("a")
    found = page.locator("#add-found button")
    expect(found).to_have_count(2)
    queue.claim(desk.store, held, "bert")
    page.get_by_role("button", name=re.compile("held.pdf")).click()
    expect(page.locator("#add-said")).to_contain_text("has this document open now")
    page.locator("#add-q").fill("second")
    expect(found).to_have_count(1)
    page.locator("#add-q").press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".thumb")).to_have_count(3)
    assert piles(page) == [["1 · first.pdf", "1 · second.pdf", "2 · second.pdf"]]
    assert queue.standing(desk.store, other, "anna").held
    page.keyboard.press("d")
    expect(page.locator(".thumb")).to_have_count(4)
    text = confirmed(page)
    assert "Used more than once: page 1 of second.pdf" in text
    page.wait_for_url(re.compile(r"/documents/\d+$"), timeout=READ)
    (pages,) = made_from(desk).values()
    assert pages == [(source, 1, 0), (other, 1, 0), (other, 1, 0), (other, 2, 0)]
    assert (states(desk)[source], states(desk)[other]) == (State.REPLACED, State.REPLACED)


def test_leaving_gives_back_what_was_added(desk, reviewer):
    source, other = add(desk, "A-1"), add(desk, "A-2", name="second.pdf")
    page = reviewer(page=f"/documents/{source}/pages")
    expect(page.locator(".thumb")).to_have_count(1)
    page.keyboard.press("a")
    page.get_by_role("button", name=re.compile("second.pdf")).click()
    expect(page.locator(".thumb")).to_have_count(2)
    assert queue.standing(desk.store, other, "anna").held
    page.once("dialog", lambda dialog: dialog.accept())
    page.keyboard.press("Escape")
    page.wait_for_url(f"{desk.url}/documents/{source}")
    for _ in range(50):
        if not queue.standing(desk.store, other, "anna").held:
            break
        page.wait_for_timeout(100)
    assert not queue.standing(desk.store, other, "anna").held


def test_two_people_and_a_second_click(desk, reviewer):
    source = add(desk, "A-1", pages=2)
    page, bert = (
        reviewer("Anna", page=f"/documents/{source}/pages"),
        reviewer("Bert", page=f"/documents/{source}/pages"),
    )
    expect(bert.get_by_text("has this document open now; you can only look")).to_be_visible()
    expect(bert.locator("#apply")).to_have_count(0)
    expect(page.locator(".thumb")).to_have_count(2)
    bert.keyboard.press("Delete")
    expect(bert.locator(".dropped")).to_have_count(0)
    page.keyboard.press("Delete")
    queue.release(desk.store, source, "anna")
    queue.claim(desk.store, source, "bert")
    confirmed(page)
    expect(page.get_by_role("alert").filter(has_text="has this document open now")).to_be_visible()
    assert states(desk) == {source: State.REVIEW}
    queue.release(desk.store, source, "bert")
    page.goto(f"{desk.url}/documents/{source}/pages")
    expect(page.locator(".thumb")).to_have_count(2)
    page.keyboard.press("Delete")
    page.keyboard.press("Enter")
    page.locator("#confirm").dblclick()
    page.wait_for_url(re.compile(r"/documents/\d+(/became)?$"))
    assert len(made_from(desk)) == 1


@pytest.mark.parametrize("point", ["vaulted", "before_commit", "after_commit"])
def test_a_server_killed_meanwhile_has_done_all_or_nothing(desk, reviewer, point):
    source = add(desk, "A-1", pages=2)
    page = reviewer(page=f"/documents/{source}/pages")
    expect(page.locator(".thumb")).to_have_count(2)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("s")
    desk.kill_file.write_text(point)
    confirmed(page)
    assert desk.process.wait(60) == -9
    desk.kill_file.unlink()
    desk.start()
    done = point == "after_commit"
    assert len(made_from(desk)) == (2 if done else 0)
    assert states(desk)[source] == (State.REPLACED if done else State.REVIEW)
    page.goto(f"{desk.url}/documents/{source}/pages")
    if done:
        expect(page.locator("#apply")).to_have_count(0)
    else:
        expect(page.locator(".thumb")).to_have_count(2)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("s")
        confirmed(page)
        page.wait_for_url(re.compile(r"/documents/\d+(/became)?$"), timeout=READ)
    assert list(made_from(desk).values()) == [[(source, 1, 0)], [(source, 2, 0)]]


def test_what_was_wanted_is_still_there_after_an_objection(desk, reviewer):
    source = add(desk, "A-1", pages=3)
    page = reviewer(page=f"/documents/{source}/pages")
    expect(page.locator(".thumb")).to_have_count(3)
    for key in ("r", "ArrowRight", "s", "End", "Delete"):
        page.keyboard.press(key)
    with desk.store.transaction() as session:  # somebody has changed it meanwhile
        session.get_one(DocumentRow, source).version += 1
    confirmed(page)
    expect(page.get_by_role("alert").filter(has_text="changed since you opened it")).to_be_visible()
    assert piles(page) == [["1"], ["2", "3"]]
    expect(page.locator(".dropped")).to_have_count(1)
    expect(page.get_by_role("button", name=re.compile("Page 1 of.*turned by 90"))).to_be_visible()


def test_without_scripts_one_looks_again(browser, desk, reviewer):
    source = add(desk, "A-1", pages=2)
    page = reviewer(page=f"/documents/{source}/pages")
    expect(page.locator(".thumb")).to_have_count(2)
    page.keyboard.press("Delete")
    confirmed(page)
    page.wait_for_url(re.compile(r"/documents/\d+(/became)?$"))
    bare = browser.new_context(java_script_enabled=False)
    bare.add_cookies([desk.cookie("Anna")])
    other = bare.new_page()
    other.goto(f"{desk.url}/documents/{source}/became")
    for _ in range(120):
        if not other.url.endswith("became"):
            break
        other.wait_for_timeout(1000)  # a browser without scripts does it by itself; this one only hides them
        if (again := other.get_by_role("link", name="Look again")).count():
            again.click()
    (made,) = made_from(desk)
    assert other.url.endswith(f"/documents/{made}")
    bare.close()


def test_a_locked_file_is_opened_by_its_password(desk, reviewer):
    locked = add_locked(desk.store, lock(draw_invoice(invoice_values("L-1"))[0]))
    page = reviewer(page=f"/documents/{locked}")
    page.get_by_label("Password of the file").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("This is not its password.")
    expect(page.get_by_label("Password of the file")).to_be_focused()
    expect(page.get_by_label("Password of the file")).to_have_value("")
    page.keyboard.type("secret")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/documents/(?!1$)\d+$"), timeout=READ)
    expect(page.get_by_label("Invoice number")).to_have_value("L-1")
    (new,) = made_from(desk)
    with desk.store.reading() as session:
        data = desk.store.vault.read(session.get_one(DocumentRow, new).sha256)
    assert not pikepdf.open(io.BytesIO(data)).is_encrypted


def test_what_was_moved_is_not_left_without_asking(desk, reviewer):
    source = add(desk, "A-1", pages=2)
    page = reviewer(page=f"/documents/{source}/pages")
    expect(page.locator(".thumb")).to_have_count(2)
    page.keyboard.press("r")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.keyboard.press("Escape")
    expect(page.locator("#summary")).to_have_text("One new document")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert page.url.endswith("/pages")
    page.keyboard.press("Control+z")
    page.keyboard.press("Escape")
    opened(page, source)
