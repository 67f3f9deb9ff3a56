"""What the pipeline makes of new documents: read like any other, from the cache if it can, shown to a person."""

from __future__ import annotations

import io
import json
import os
import time
import zlib

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import select

from models.errors import StoreUnavailable
from models.states import State
from models.tables import DocumentRow, PageRow
from pipeline import process
from pipeline.intake import take_in
from pipeline.page_cache import shelf
from pipeline.process import new_owner, pending, process_one
from pipeline.rearrange import put_back, rearrange
from pipeline.review import queue
from pipeline.review.reader import Reader
from tests.process.understanding import understanding
from tests.review.rows import add_invoice

from .conftest import pages


@pytest.fixture
def dialect():
    """Both databases are asked in the tests of making."""
    return "sqlite"


def drawn(text):
    """A page of a scan that says ``text``."""
    image = Image.new("L", (1240, 1754), 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(40)
    for line in range(12):
        draw.text((120, 150 + 90 * line), f"{text} line {line} of the letter", fill=0, font=font)
    return image


def scan(*images):
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842), invariant=1)
    for image in images:
        canvas.drawImage(ImageReader(image), 0, 0, 595, 842)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def words_on(store, document_id, number):
    with store.reading() as session:
        row = session.get_one(PageRow, (document_id, number))
        return row, text_of(row)


def text_of(row):
    return " ".join(one[0] for one in json.loads(zlib.decompress(row.words)))


def received(store, name, data):
    (store.settings.inbox / name).write_bytes(data)
    (document_id,) = take_in(store).documents
    assert process_one(store, document_id, new_owner()).state == State.REVIEW
    return document_id


def version_of(store, document_id):
    return queue.open_document(store, document_id).version


def test_pages_that_were_read_are_not_read_again(store, monkeypatch):
    tiff = io.BytesIO()
    first, second = drawn("Apple"), drawn("Banana")
    first.save(tiff, "TIFF", save_all=True, append_images=[second], dpi=(150, 150))
    source = received(store, "scan.tif", tiff.getvalue())
    apple, banana = (words_on(store, source, number)[1] for number in (1, 2))
    assert "Apple" in apple
    made, turned = rearrange(
        store, "anna", {source: version_of(store, source)}, [pages(source, 2, 1), pages(source, 1, turn=180)]
    )
    with store.reading() as session:
        row = session.get_one(DocumentRow, made)
        kept = shelf(store.settings, row.sha256, "application/pdf")
        upside = shelf(store.settings, session.get_one(DocumentRow, turned).sha256, "application/pdf")
    assert kept.get("page-1") is not None
    assert kept.get("page-2") is not None
    assert upside.get("page-1") is None, "it is read anew"
    begin = os.times().children_user
    assert process_one(store, made, new_owner()).state == State.REVIEW
    assert os.times().children_user - begin < 5
    assert words_on(store, made, 1)[1] == banana
    assert words_on(store, made, 2)[1] == apple
    assert process_one(store, turned, new_owner()).state == State.REVIEW
    row, _ = words_on(store, turned, 1)
    assert row.turned == 0, "a person has said which way is up"


def test_a_person_is_believed_which_way_is_up(store):
    """A page that stands on its head is turned by the machine, and no more once a person has turned it."""
    source = received(store, "scan.pdf", scan(drawn("Apple").rotate(180)))
    assert words_on(store, source, 1)[0].turned == 180
    (made,) = rearrange(store, "anna", {source: version_of(store, source)}, [pages(source, 1, turn=180)])
    process_one(store, made, new_owner())
    row, words = words_on(store, made, 1)
    assert row.turned == 0
    assert "Apple" not in words, "it lies in the file as before, and is read as it lies"


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_person_is_believed_about_letters_too(store, turn):
    """A text layer says by its letters which way is up; a person who turned the page is asked first."""
    source = add_invoice(store)
    (made,) = rearrange(store, "anna", {source: 3}, [pages(source, 1, turn=turn)])
    process_one(store, made, new_owner())
    row, words = words_on(store, made, 1)
    assert (row.turned, row.source) == (0, "text")
    assert (row.width, row.height) == ((842, 595) if turn % 180 else (595, 842))
    assert "FAKTURA" in words
    with store.reading() as session:
        boxes = {one[0]: one[1:5] for one in json.loads(zlib.decompress(session.get_one(PageRow, (made, 1)).words))}
    x0, y0, x1, y1 = boxes["FAKTURA"]  # at the top left of the page as it was drawn
    assert (x0 > row.width / 2, y0 > row.height / 2) == {90: (True, False), 180: (True, True), 270: (False, True)}[turn]
    assert (y1 - y0 > x1 - x0) == (turn != 180)


def test_what_a_person_made_waits_for_a_person(store, monkeypatch):
    source = add_invoice(store, pages=2)
    made = rearrange(store, "anna", {source: 3}, [pages(source, 1), pages(source, 2)])
    assert pending(store) == list(made)
    monkeypatch.setattr(process, "understand_caged", lambda *_: understanding())
    assert process_one(store, made[0], new_owner()).state == State.REVIEW
    row = queue.open_document(store, made[0])
    assert row.reasons[-1].startswith("A person made this document out of pages")
    assert queue.claim_next(store, "anna") == made[0]
    put_back(store, source, "anna")
    assert process_one(store, made[1], new_owner()) is None, "taken back before it was read"
    assert pending(store) == []


def test_the_desk_reads_at_once_and_one_by_one(store, monkeypatch):
    source = add_invoice(store, pages=2)
    made = rearrange(store, "anna", {source: 3}, [pages(source, 1), pages(source, 2)])
    calls = []

    def understand(*_):
        calls.append(1)
        if len(calls) == 1:
            raise StoreUnavailable("It does not answer.")
        return understanding({"invoice_number": str(len(calls))})

    monkeypatch.setattr(process, "understand_caged", understand)
    reader = Reader(store)
    reader.read(made)
    reader.read(made)
    for _ in range(200):
        if not reader._works:
            break
        time.sleep(0.05)
    reader.read(made)  # what failed for our fault is not tried again at once
    with store.reading() as session:
        states = session.scalars(select(DocumentRow.state).where(DocumentRow.id.in_(made)).order_by(DocumentRow.id))
        assert states.all() == [State.RECEIVED, State.REVIEW]
    assert len(calls) == 2


def test_a_full_disk_is_told(store, monkeypatch):
    source = add_invoice(store, pages=2)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(store.vault), "put", full)
    with pytest.raises(StoreUnavailable, match="No space left"):
        rearrange(store, "anna", {source: 3}, [pages(source, 1)])
    assert queue.open_document(store, source).state == State.REVIEW
