"""Click to capture, in Chromium: words and boxes of the page go into the field with the cursor."""

from __future__ import annotations

import json
import zlib

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from models.tables import FieldRow, LineItemRow, PageRow
from tests.review.rows import add_invoice

pytestmark = pytest.mark.browser


def box_of(desk, document_id, *texts):
    """The box around words of the first page, in points."""
    with desk.store.reading() as session:
        words = json.loads(zlib.decompress(session.get(PageRow, (document_id, 1)).words))
    boxes = [word[1:5] for word in words if word[0] in texts]
    return [min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)]


def on_screen(page, x, y):
    """A point of the first page as it stands on the screen now."""
    page.locator("#page-1").evaluate(
        """(sheet, [x, y]) => {
            const svg = sheet.querySelector(".boxes"), pane = document.getElementById("pages");
            const frame = svg.getBoundingClientRect();
            const top = frame.top + y / svg.viewBox.baseVal.height * frame.height - pane.getBoundingClientRect().top;
            pane.scrollTo({ top: pane.scrollTop + top - pane.clientHeight / 2, behavior: "instant" });
        }""",
        [x, y],
    )
    return page.locator("#page-1").evaluate(
        """(sheet, [x, y]) => {
            const svg = sheet.querySelector(".boxes"), frame = svg.getBoundingClientRect(), size = svg.viewBox.baseVal;
            return [frame.left + x / size.width * frame.width, frame.top + y / size.height * frame.height];
        }""",
        [x, y],
    )


def opened(desk, reviewer, **more):
    document_id = add_invoice(desk.store, **more)
    page = reviewer()
    page.goto(f"{desk.url}/documents/{document_id}")
    expect(page.locator("#page-1 img")).to_have_js_property("complete", True)
    return document_id, page


def click_word(page, box):
    page.mouse.click(*on_screen(page, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2))


def test_a_clicked_word_goes_into_the_field_and_is_its_proof(desk, reviewer):
    document_id, page = opened(desk, reviewer, missing=("variable_symbol",), doubts={})
    page.get_by_label("Variable symbol").focus()
    box = box_of(desk, document_id, "20260042")
    click_word(page, box)
    expect(page.get_by_label("Variable symbol")).to_have_value("20260042")
    expect(page.get_by_label("Variable symbol")).to_be_focused()
    expect(page.locator("rect[data-for=variable_symbol].current")).to_have_count(1)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    with desk.store.reading() as session:
        where = (FieldRow.document_id == document_id, FieldRow.name == "variable_symbol")
        row = session.scalar(select(FieldRow).where(*where))
    assert row.page == 1
    assert row.box == pytest.approx(box, abs=1)


def test_a_wrong_value_is_mended_by_pointing(desk, reviewer):
    document_id, page = opened(desk, reviewer, wrong={"gross_total": "7234.50"})
    expect(page.get_by_label("Gross total")).to_be_focused()
    box = box_of(desk, document_id, "234,50")
    page.keyboard.down("Shift")  # the field's own box lies there
    click_word(page, box)
    page.keyboard.up("Shift")
    expect(page.get_by_label("Gross total")).to_have_value("1234.50")
    page.keyboard.press("Alt+u")
    expect(page.get_by_label("Gross total")).to_have_value("7234.50")


def test_a_dragged_box_takes_its_words(desk, reviewer):
    document_id, page = opened(desk, reviewer, doubts={})
    page.get_by_label("Seller's address").focus()
    x0, y0, x1, y1 = box_of(desk, document_id, "Nádražní", "Město")
    right, _ = on_screen(page, x1 + 2, y1 + 2)
    start = on_screen(page, x0 - 2, y0 - 2)
    end = [right, start[1] + 14]
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=4)
    expect(page.locator("rect.drawn")).to_have_count(1)
    page.mouse.up()
    expect(page.get_by_label("Seller's address")).to_have_value("Nádražní 12, 370 01 Město")
    expect(page.locator("rect.drawn")).to_have_count(0)


def test_a_cell_of_the_line_items_takes_a_number(desk, reviewer):
    document_id, page = opened(desk, reviewer, doubts={})
    cell = page.get_by_label("Net, row 1", exact=True)
    cell.fill("0")
    cell.focus()
    click_word(page, box_of(desk, document_id, "450,00"))
    expect(cell).to_have_value("450.00")


def test_an_empty_place_says_so_and_changes_nothing(desk, reviewer):
    _, page = opened(desk, reviewer)
    before = page.get_by_label("Gross total").input_value()
    page.mouse.click(*on_screen(page, 300, 700))
    expect(page.locator("#live")).to_have_text("No text stands there.")
    expect(page.get_by_label("Gross total")).to_have_value(before)
    expect(page.get_by_label("Gross total")).to_be_focused()


def test_the_doubtful_field_shows_its_place(desk, reviewer):
    _, page = opened(desk, reviewer)
    snippet = page.locator(".field[data-field=gross_total] .snippet")
    expect(snippet).to_be_visible()
    expect(snippet.locator("image")).to_have_attribute("href", f"/documents/{page.url.rsplit('/', 1)[1]}/pages/1.png")
    page.locator(".field[data-field=gross_total]").hover()
    expect(page.locator("rect[data-for=gross_total].lit")).to_have_count(1)


def test_rows_are_pasted_joined_and_added_up(desk, reviewer):
    _, page = opened(desk, reviewer, doubts={})
    page.get_by_label("Description, row 1").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Description, row 2")).to_be_focused()
    page.keyboard.press("Alt+d")
    expect(page.get_by_label("Description, row 2")).to_have_count(0)
    expect(page.locator("#lines-sum")).to_have_text("Rows add up to 450.00; the net total is 570.25 more.")
    page.evaluate(
        """text => {
            const cell = document.querySelector("#rows textarea");
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        "Papír\t10\tks\t45,00\t450,00\t21\r\nToner\t1\tks\t570,25\t570,25\t21\r\nčerný\n",
    )
    expect(page.locator("#rows tr")).to_have_count(3)
    expect(page.locator("#lines-sum")).to_have_text("Rows add up to 1020.25, the net total.")
    page.locator("#rows tr").nth(2).locator("textarea").focus()
    page.keyboard.press("Alt+j")
    expect(page.locator("#rows tr")).to_have_count(2)
    expect(page.locator("#rows tr").nth(1).locator("textarea")).to_have_value("Toner černý")


def drag(page, box):
    page.mouse.move(*on_screen(page, box[0], box[1]))
    page.mouse.down()
    x, y = page.locator("#page-1").evaluate(
        """(sheet, [x, y]) => {
            const svg = sheet.querySelector(".boxes"), frame = svg.getBoundingClientRect(), size = svg.viewBox.baseVal;
            return [frame.left + x / size.width * frame.width, frame.top + y / size.height * frame.height];
        }""",
        box[2:],
    )
    page.mouse.move(x, y, steps=3)
    page.mouse.up()


def test_rows_are_read_from_a_box_and_can_be_put_back(desk, reviewer):
    _, page = opened(desk, reviewer, doubts={})
    page.get_by_role("button", name="Remove row 2").click()
    page.get_by_label("Net, row 1").fill("7")
    page.keyboard.press("Alt+l")
    expect(page.get_by_text("Draw a box around the rows")).to_be_visible()
    drag(page, [40, 316, 550, 356])
    expect(page.get_by_text("2 rows were read from the box.")).to_be_visible()
    nets = page.locator("#rows td.net_amount input")
    assert nets.evaluate_all("cells => cells.map((cell) => cell.value)") == ["450.00", "570.25"]
    expect(page.locator("#lines-sum")).to_contain_text("net total"), "the difference to the total is there at once"
    expect(page.locator("#lines-sum")).not_to_have_class("off")
    page.keyboard.press("Alt+2")
    assert nets.evaluate_all("cells => cells.map((cell) => cell.value)") == ["7", "450.00", "570.25"]
    page.keyboard.press("Alt+u")
    assert nets.evaluate_all("cells => cells.map((cell) => cell.value)") == ["7"]
    expect(page.locator("#proposed")).to_be_hidden()

    page.keyboard.press("Alt+l")
    drag(page, [40, 316, 550, 356])
    expect(page.locator("#rows tr.read")).to_have_count(2)
    page.locator("#rows tr.read").first.locator("textarea").focus()
    expect(page.locator(".boxes rect.current")).to_have_attribute("data-for-line", "read-0")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    with desk.store.reading() as session:
        rows = session.scalars(select(LineItemRow).order_by(LineItemRow.position)).all()
        assert [row.cells["net_amount"] for row in rows] == ["450.00", "570.25"]
        assert all(row.page == 1 and row.box for row in rows)


def test_another_value_is_taken_by_its_number(desk, reviewer):
    document_id, page = opened(desk, reviewer, wrong={"due_date": "2026-11-03"}, doubts={"due_date": 0.4})
    expect(page.locator("#f-due_date")).to_be_focused()
    choices = page.locator(".field[data-field=due_date] .offered li")
    expect(choices.first).to_contain_text("2026-11-17")
    page.keyboard.press("Alt+1")
    expect(page.locator("#f-due_date")).to_have_value("2026-11-17")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing is waiting")).to_be_visible()
    with desk.store.reading() as session:
        field = session.get(FieldRow, (document_id, "due_date"))
        assert (field.value, field.corrected_from, field.page) == ("2026-11-17", "2026-11-03", 1)
        assert field.box[1] == pytest.approx(box_of(desk, document_id, "17.")[1], abs=2), "its proof is where it stands"
