from __future__ import annotations

import io

import numpy as np
import pikepdf
import pytest
from PIL import Image

from models.errors import UnreadableDocument
from models.records import Source
from models.settings import Engine, Limits, Settings
from pipeline.reading import read, render_page
from pipeline.tools import rapidocr, tesseract

from . import making

PDF = "application/pdf"
A4 = (595.28, 841.89)


@pytest.fixture
def look(tmp_path):
    def reader(data, media_type=PDF, **limits):
        path = tmp_path / "drop"
        path.write_bytes(data)
        settings = Settings(languages=("eng",), limits=Limits(**limits))
        seen = []
        reading = read(path, media_type, settings, seen.append)
        assert seen == [page.number for page in reading.pages]
        return reading

    return reader


def code(call, *args, **kwargs):
    with pytest.raises(UnreadableDocument) as caught:
        call(*args, **kwargs)
    return caught.value.code


def found(reading, lines=making.LINES):
    words = reading.text.split()
    wanted = " ".join(lines).split()
    return sum(word in words for word in wanted) / len(wanted)


def place(reading, text):
    return next(word.box for page in reading.pages for word in page.words if word.text == text)


def codes(reading):
    return {finding.code for finding in reading.findings}


# -- text layers ------------------------------------------------------------------------------------------------


def test_a_text_layer_is_read_as_it_stands(look):
    reading = look(making.pdf(pages=2))
    assert [page.source for page in reading.pages] == [Source.TEXT, Source.TEXT]
    assert reading.pages[0].width == pytest.approx(A4[0], abs=0.1)
    assert reading.text.split("\n")[0] == " ".join(making.LINES)
    assert reading.findings == ()


def test_boxes_are_points_from_the_top_left(look):
    x0, y0, x1, y1 = place(look(making.pdf()), "Invoice")
    assert x0 == pytest.approx(60, abs=1.5)
    assert y0 < 80 < y1  # the base line stands 80 points below the top
    assert x1 - x0 == pytest.approx(40, abs=3)


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_a_page_rotated_by_its_file_has_boxes_of_the_page_as_seen(look, rotate):
    reading = look(making.pdf(rotate=rotate))
    page = reading.pages[0]
    upright = look(making.pdf())
    assert (page.width, page.height) == pytest.approx(A4, abs=0.1)
    assert page.turned == (360 - rotate) % 360  # the text lies or stands on its head as the file shows it
    assert reading.text == upright.text
    assert place(reading, "Invoice") == pytest.approx(place(upright, "Invoice"), abs=0.5)


def test_kerning_parts_no_word(look):
    def draw(canvas):
        text = canvas.beginText(60, 300)
        text.textOut("V")
        text.moveCursor(7.2 + 1.2, 0)  # a gap of a tenth of the height, for which PDFium guesses a blank
        text.textOut("erkaufer 10")
        canvas.drawText(text)

    assert "Verkaufer" in look(making.pdf(draw=draw)).text.split()


def test_controls_and_bidi_marks_never_come_through():
    from pipeline.tools.text import clean

    assert clean("1\x00 2\u202e34\ud800 e\u0301 \ufb01n \u200bx\x85") == "1 234\ufffd \u00e9 fin x"


# -- pictures ---------------------------------------------------------------------------------------------------


def test_a_scan_is_recognised_and_its_boxes_fit_the_page(look):
    reading = look(making.scanned(making.picture(making.pdf())))
    page = reading.pages[0]
    assert page.source is Source.TESSERACT
    assert found(reading) > 0.95
    upright = place(look(making.pdf()), "Invoice")
    assert place(reading, "Invoice") == pytest.approx(upright, abs=5)


def test_words_that_a_scanner_hid_behind_its_picture_are_read_anew(look):
    data = making.scanned(making.picture(making.pdf()), hidden=["lnvoice 2O26-OO42"] * 20)
    reading = look(data)
    assert reading.pages[0].source is Source.TESSERACT
    assert "lnvoice" not in reading.text
    assert "2026-0042" in reading.text


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_turned_scans_are_set_upright(look, turned):
    pixels = np.ascontiguousarray(np.rot90(making.picture(making.pdf()), -turned // 90))
    size = A4 if turned == 180 else A4[::-1]
    reading = look(making.scanned(pixels, size))
    page = reading.pages[0]
    assert page.turned == 360 - turned
    assert (page.width, page.height) == pytest.approx(A4, abs=1)
    assert found(reading) > 0.9
    assert place(reading, "Invoice") == pytest.approx(place(look(making.pdf()), "Invoice"), abs=5)


def test_a_skewed_grey_scan_is_read_and_boxes_lie_where_the_words_are(look):
    page = Image.fromarray(making.picture(making.pdf())).rotate(4, Image.Resampling.BICUBIC, fillcolor=255)
    shade = np.linspace(0.55, 0.95, page.width)[None, :] * np.asarray(page, float)
    reading = look(making.scanned(shade.astype(np.uint8)))
    assert found(reading) > 0.9
    box = place(reading, "Invoice")
    angle = np.deg2rad(-4)
    centre = np.array([A4[0] / 2, A4[1] / 2])
    was = np.array([80.0, 76.0]) - centre
    now = centre + np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ was
    assert box[0] < now[0] < box[2]
    assert box[1] - 2 < now[1] < box[3] + 2


def test_blank_pages_cost_nothing(look):
    noise = np.random.default_rng(1).normal(250, 2, (2339, 1654)).clip(0, 255).astype(np.uint8)
    reading = look(making.scanned(noise))
    assert [(page.source, page.words) for page in reading.pages] == [(Source.BLANK, ())]
    assert look(making.pdf(lines=())).pages[0].source is Source.BLANK
    assert codes(reading) == {"blank"}


def image(pixels, form, **options):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form, **options)
    return buffer.getvalue()


def test_poor_pictures_go_to_the_strong_engine_and_clean_ones_need_not(look):
    pixels = making.picture(making.pdf(lines=making.LINES[:5], size=(300, 220), font_size=9), 200)
    reading = look(image(pixels, "JPEG", quality=85, dpi=(200, 200)), "image/jpeg")
    page = reading.pages[0]
    assert found(reading, making.LINES[:5]) > 0.9
    assert page.width == pytest.approx(300, abs=1)
    turned = look(image(np.ascontiguousarray(np.rot90(pixels)), "PNG", dpi=(200, 200)), "image/png")
    assert turned.pages[0].turned == 90
    assert found(turned, making.LINES[:5]) > 0.9
    grain = np.random.default_rng(0).normal(0, 30, pixels.shape)
    faded = np.clip(pixels.astype(float) * 0.3 + 120 + grain, 0, 255).astype(np.uint8)
    assert look(image(faded, "JPEG", quality=30, dpi=(200, 200)), "image/jpeg").pages[0].source is Source.RAPIDOCR


def test_a_sheet_from_a_scanner_goes_to_the_cheap_engine(look):
    data = image(making.picture(making.pdf(), 150), "JPEG", quality=90, dpi=(150, 150))
    assert look(data, "image/jpeg").pages[0].source is Source.TESSERACT


def test_every_frame_of_a_tiff_is_a_page(look):
    frames = [Image.fromarray(making.picture(making.pdf(lines=(line,)), 150)) for line in making.LINES[:2]]
    blank = Image.new("L", frames[0].size, 255)
    buffer = io.BytesIO()
    rest = [blank, frames[1]]
    frames[0].save(buffer, "TIFF", save_all=True, append_images=rest, dpi=(150, 150), compression="tiff_lzw")
    reading = look(buffer.getvalue(), "image/tiff")
    assert [page.number for page in reading.pages] == [1, 2, 3]
    assert reading.pages[1].source is Source.BLANK
    assert "2026-0042" in reading.text.split("\n")[0]


# -- what is refused --------------------------------------------------------------------------------------------


def test_locked_and_damaged_files_are_told_apart(look):
    assert code(look, making.pdf(encrypt="secret")) == "password"
    assert code(look, b"%PDF-1.7\nnothing more") == "damaged"
    assert code(look, b"\x89PNG\r\n\x1a\n" + b"x" * 100, "image/png") == "damaged"
    assert code(look, b"hello", "text/plain") == "type"


def test_cut_images_are_refused(look):
    pixels = making.picture(making.pdf(), 100)
    for form in ("JPEG", "PNG", "TIFF", "WEBP"):
        whole, media_type = image(pixels, form), f"image/{form.lower()}"
        assert code(look, whole[: len(whole) * 6 // 10], media_type) in ("incomplete", "damaged"), form


def test_limits_have_names(look):
    assert code(look, making.pdf(pages=3), pages=2) == "limit:pages"
    assert code(look, making.pdf(size=(20_000, 500))) == "limit:page_side_points"
    assert code(look, making.pdf(), file_bytes=100) == "limit:file_bytes"
    pixels = making.picture(making.pdf(), 50)
    assert code(look, image(pixels, "PNG"), "image/png", image_pixels=1000) == "limit:image_pixels"
    frames = [Image.fromarray(pixels)] * 3
    buffer = io.BytesIO()
    frames[0].save(buffer, "TIFF", save_all=True, append_images=frames[1:])
    assert code(look, buffer.getvalue(), "image/tiff", tiff_frames=2) == "limit:tiff_frames"


def changed(data, change):
    with pikepdf.open(io.BytesIO(data)) as document:
        change(document)
        buffer = io.BytesIO()
        document.save(buffer)
    return buffer.getvalue()


def test_bombs_in_a_pdf_have_names(look):
    picture = making.scanned(np.full((1000, 1000), 255, np.uint8))
    assert code(look, picture, image_pixels=10_000) == "limit:image_pixels"

    def inflate(document):
        document.Root.Filling = document.make_stream(b" " * 3_000_000)

    bomb = changed(making.pdf(lines=()), inflate)
    assert code(look, bomb, inflated_bytes=1_000_000) == "limit:inflated_bytes"
    assert look(bomb).pages[0].source is Source.BLANK
    giant = changed(making.pdf(), lambda document: setattr(document.pages[0].obj, "UserUnit", 100))
    assert code(look, giant) == "limit:page_side_points"


# -- e-invoices -------------------------------------------------------------------------------------------------

UBL = b"""<?xml version="1.0"?><Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:ID>2026-0042</cbc:ID><cbc:IssueDate>2026-03-05</cbc:IssueDate></Invoice>"""


def test_an_embedded_einvoice_is_found_among_other_files(look):
    files = [("notes.txt", b"hello"), ("odd name\0.xml", UBL), ("other.xml", b"<a/>")]
    data = making.with_attachments(making.pdf(), files)
    reading = look(data)
    assert reading.einvoice is not None
    assert reading.einvoice.name == "odd name.xml"
    assert {field.name: field.value for field in reading.einvoice.fields}["invoice_number"] == "2026-0042"
    assert reading.findings == ()


def test_a_broken_einvoice_is_a_finding(look):
    reading = look(making.with_attachments(making.pdf(), [("invoice.xml", UBL[:200])]))
    assert reading.einvoice is None
    assert codes(reading) == {"einvoice-broken"}


def test_attachments_are_limited(look):
    bomb = making.with_attachments(making.pdf(), [("bomb.xml", b"<a>" + b" " * 3_000_000)])
    assert code(look, bomb, xml_bytes=1_000_000) == "limit:xml_bytes"
    many = making.with_attachments(making.pdf(), [(f"{n}.xml", b"<a/>") for n in range(4)])
    assert code(look, many, attachments=3) == "limit:attachments"


def test_bare_xml_has_no_pages(look):
    reading = look(UBL, "application/xml")
    assert reading.pages == ()
    assert reading.einvoice is not None
    assert code(look, b"<Invoice", "application/xml") == "damaged"
    assert code(look, b"<a/>", "application/xml") == "type"


def test_a_second_pdf_in_the_same_file_is_reported(look):
    assert codes(look(making.pdf() + making.pdf())) >= {"several-files"}


# -- pictures for people ----------------------------------------------------------------------------------------


def test_a_rendered_page_stands_upright(tmp_path):
    path = tmp_path / "drop"
    path.write_bytes(making.pdf(lines=("X" * 30,)))
    upright = Image.open(io.BytesIO(render_page(path, PDF, 1, dpi=72, limits=Limits())))
    assert upright.size == pytest.approx(A4, abs=2)
    assert np.asarray(upright.convert("L"))[60:90].min() < 128  # the line stands at the top
    turned = Image.open(io.BytesIO(render_page(path, PDF, 1, turned=90, dpi=72, limits=Limits())))
    assert turned.size == upright.size[::-1]
    assert np.asarray(turned.convert("L"))[:, -90:-60].min() < 128  # and after a clockwise turn on the right
    assert code(render_page, path, PDF, 2, limits=Limits()) == "no-page"


def test_one_engine_alone_reads_without_the_other(tmp_path, monkeypatch):
    path = tmp_path / "scan.pdf"
    path.write_bytes(making.scanned(making.picture(making.pdf())))
    for engine, source, other in (
        (Engine.TESSERACT, Source.TESSERACT, (rapidocr, "read_line")),
        (Engine.RAPIDOCR, Source.RAPIDOCR, (tesseract, "words")),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(*other, lambda *_a, **_k: pytest.fail("the other engine was asked"))
            reading = read(path, PDF, Settings(languages=("eng",), engine=engine), lambda _: None)
        assert reading.pages[0].source is source
        assert found(reading) > 0.9
