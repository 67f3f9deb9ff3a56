"""Codes that reportlab draws, as vectors, pictures and scans: what they say, where they stand, and what it costs."""

from __future__ import annotations

import io
import time

import cv2
import numpy as np
import pytest
from PIL import Image
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode import code128, eanbc, qr
from reportlab.graphics.shapes import Drawing
from reportlab.lib.utils import ImageReader

from models.records import Source, from_json, to_json
from models.settings import Limits, Settings
from pipeline.reading import codes, read
from pipeline.reading.geometry import turn_box
from pipeline.reading.ocr.cleanup import turn
from pipeline.tools import pdfium
from pipeline.tools.pdfium_shapes import may_draw_code

from . import making

PDF = "application/pdf"
PAYMENT = "SPD*1.0*ACC:CZ5855000000001265098001*AM:480.50*CC:CZK*MSG:PLATBA ZA ZBOŽÍ*X-VS:1234567890"
SAYS = {"QRCode": PAYMENT, "EAN13": "4006381333931", "Code128": "INV-2026-000123"}
A4 = (595.28, 841.89)
PLACES = {"QRCode": (60, 560, 160, 660), "EAN13": (220, 600, 331, 672), "Code128": (350, 600, 510, 640)}


def draw(canvas):
    """The three codes at `PLACES` (points from the top left)."""
    widget = qr.QrCodeWidget(PAYMENT, barLevel="M", barBorder=0, barWidth=100, barHeight=100)
    drawing = Drawing(100, 100)
    drawing.add(widget)
    renderPDF.draw(drawing, canvas, 60, A4[1] - 660)
    drawing = Drawing(111, 72)
    drawing.add(eanbc.Ean13BarcodeWidget(SAYS["EAN13"], barHeight=72, barWidth=1.0))
    renderPDF.draw(drawing, canvas, 220, A4[1] - 672)
    bars = code128.Code128(SAYS["Code128"], barHeight=40, barWidth=0.85, quiet=False)
    bars.drawOn(canvas, 350, A4[1] - 640)


@pytest.fixture(scope="module")
def page():
    return making.picture(making.pdf(draw=draw), 300)


def scan(data, dpi):
    """A page as a scanner sees it: drawn finely and averaged, for PDFium moves the edges of bars to whole pixels."""
    fine = making.picture(data, 600)
    return cv2.resize(fine, None, fx=dpi / 600, fy=dpi / 600, interpolation=cv2.INTER_AREA)


def says(found):
    return {code.format: code.text for code in found}


def close(box, wanted, slack=8.0):
    """The middle of ``box`` lies inside of ``wanted``, and its sides do not reach beyond it."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    inside = wanted[0] < x < wanted[2] and wanted[1] < y < wanted[3]
    return inside and all(
        abs(a - b) < slack or c * (a - b) > 0 for a, b, c in zip(box, wanted, (1, 1, -1, -1), strict=True)
    )


def in_points(code, dpi):
    return tuple(side * 72 / dpi for side in code.box)


@pytest.mark.parametrize("dpi", [300, 200, 150])
def test_codes_on_a_clean_scan(dpi):
    found = codes.find(scan(making.pdf(draw=draw), dpi), dpi)
    assert says(found) == SAYS
    for code in found:
        assert close(in_points(code, dpi), PLACES[code.format]), code


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_codes_on_a_turned_page(page, turned):
    found = codes.find(turn(page, turned), 300)
    assert says(found) == SAYS
    for code in found:
        assert close(in_points(code, 300), turn_box(PLACES[code.format], turned, *A4)), code


def test_codes_on_a_skewed_grey_noisy_scan(page):
    matrix = cv2.getRotationMatrix2D((page.shape[1] / 2, page.shape[0] / 2), 4, 1)
    skewed = cv2.warpAffine(page, matrix, page.shape[::-1], flags=cv2.INTER_CUBIC, borderValue=255)
    noise = np.random.default_rng(3).normal(0, 10, page.shape)
    grey = (40 + 0.7 * cv2.GaussianBlur(skewed, (0, 0), 1.0) + noise).clip(0, 255).astype(np.uint8)
    assert says(codes.find(grey, 300)) == SAYS


def test_a_colour_picture_is_the_same_as_a_grey_one(page):
    assert codes.find(np.repeat(page[:, :, None], 3, axis=2), 300) == codes.find(page, 300)


def test_a_damaged_code_is_no_code(page):
    spoilt = page.copy()
    for x0, y0, x1, y1 in PLACES.values():
        a, b, c, d = (round(side * 300 / 72) for side in (x0, y0, x1, y1))
        spoilt[b:d, a + (c - a) // 3 : c - (c - a) // 3] = 255
    assert codes.find(spoilt, 300) == ()


def test_text_alone_holds_no_code_and_costs_little():
    plain = making.picture(making.pdf(lines=making.LINES * 3, font_size=9), 300)
    assert codes.find(plain, 300) == ()
    costs = []
    for _ in range(5):
        start = time.thread_time()
        codes.find(plain, 300)
        costs.append(time.thread_time() - start)
    assert min(costs) < 0.03  # 5 ms on a quiet machine


def test_a_blank_page_and_a_tiny_one():
    assert codes.find(np.full((3508, 2480), 255, np.uint8), 300) == ()
    assert codes.find(np.zeros((5, 7), np.uint8), 300) == ()


def look(data, tmp_path, media_type=PDF):
    path = tmp_path / "drop"
    path.write_bytes(data)
    return read(path, media_type, Settings(languages=("eng",), limits=Limits()), lambda page: None)


def test_vector_codes_beside_a_text_layer(tmp_path):
    reading = look(making.pdf(draw=draw), tmp_path)
    page = reading.pages[0]
    assert page.source is Source.TEXT
    assert says(page.codes) == SAYS
    for code in page.codes:
        assert close(code.box, PLACES[code.format]), code
    assert from_json(type(reading), to_json(reading)) == reading


@pytest.mark.parametrize("rotate", [90, 180])
def test_vector_codes_on_a_page_that_its_file_turns(tmp_path, rotate):
    page = look(making.pdf(draw=draw, rotate=rotate), tmp_path).pages[0]
    assert page.turned == 360 - rotate
    for code in page.codes:
        assert close(code.box, PLACES[code.format]), code
    assert says(page.codes) == SAYS


def test_a_code_as_a_picture_beside_a_text_layer(tmp_path):
    small = making.picture(making.pdf(lines=(), draw=draw), 200)
    a, b, c, d = (round(side * 200 / 72) for side in PLACES["QRCode"])
    image = Image.fromarray(small[b - 20 : d + 20, a - 20 : c + 20])

    def place(canvas):
        canvas.drawImage(ImageReader(image), 300, 200, 80, 80)

    page = look(making.pdf(draw=place), tmp_path).pages[0]
    assert page.source is Source.TEXT
    assert says(page.codes) == {"QRCode": PAYMENT}
    assert close(page.codes[0].box, (300, A4[1] - 280, 380, A4[1] - 200))


def test_codes_of_a_turned_scan_stand_on_the_upright_page(tmp_path):
    """Nine lines of text and three codes: bars must not be taken for lines."""
    picture = Image.fromarray(turn(scan(making.pdf(draw=draw), 150), 90))
    buffer = io.BytesIO()
    picture.save(buffer, "TIFF", dpi=(150, 150), compression="tiff_lzw")
    read_page = look(buffer.getvalue(), tmp_path, "image/tiff").pages[0]
    assert read_page.turned == 270
    assert says(read_page.codes) == SAYS
    for code in read_page.codes:
        assert close(code.box, PLACES[code.format]), code


def test_a_sheet_with_nothing_but_a_code_is_not_called_blank(tmp_path):
    reading = look(making.scanned(scan(making.pdf(lines=(), draw=draw), 150)), tmp_path)
    assert says(reading.pages[0].codes) == SAYS
    assert [finding.code for finding in reading.findings] == []


def test_a_code_drawn_as_one_path_and_the_rules_of_a_table(tmp_path):
    widget = qr.QrCodeWidget(PAYMENT, barLevel="M")
    widget.qr.make()
    modules = widget.qr.modules

    def one_path(canvas):
        path = canvas.beginPath()
        for row, line in enumerate(modules):
            for column, dark in enumerate(line):
                if dark:
                    path.rect(300 + 2.2 * column, 400 - 2.2 * row, 2.2, 2.2)
        canvas.drawPath(path, stroke=0, fill=1)

    assert says(look(making.pdf(draw=one_path), tmp_path).pages[0].codes) == {"QRCode": PAYMENT}

    def table(canvas):
        for row in range(15):
            for column in range(6):
                canvas.rect(60 + 80 * column, 100 + 20 * row, 80, 20)

    path = tmp_path / "table.pdf"
    path.write_bytes(making.pdf(draw=table))
    with pdfium.open_pdf(path, Limits()) as document, pdfium.open_page(document, 1, Limits()) as page:
        assert not may_draw_code(page)
