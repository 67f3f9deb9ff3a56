"""Text layers that say something else than the page shows."""

from __future__ import annotations

import io

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageDraw
from reportlab.lib.utils import ImageReader

from models.document_types import document_types
from models.records import Extraction, Field, PageKind, Severity, Source, Witness
from models.settings import Limits, Settings
from pipeline.reading import read
from pipeline.reading.pdf import digits
from pipeline.reading.pdf.textlayer import text_layer
from pipeline.reading.pdf.verify import verify
from pipeline.tools import pdfium, pdfium_text

from . import making

PDF = "application/pdf"


@pytest.fixture
def look(tmp_path):
    def reader(data):
        path = tmp_path / "drop.pdf"
        path.write_bytes(data)
        return read(path, PDF, Settings(languages=("eng",)), lambda _page: None)

    return reader


def kinds(reading):
    return {finding.code: finding.severity for finding in reading.findings}


def edited(data, change):
    """The PDF after ``change(document, page, content)``, which returns the page's new content."""
    with pikepdf.open(io.BytesIO(data)) as document:
        page = document.pages[0]
        page.Contents = document.make_stream(change(document, page, page.Contents.read_bytes()))
        buffer = io.BytesIO()
        document.save(buffer)
    return buffer.getvalue()


# -- hidden text ------------------------------------------------------------------------------------------------


def white(canvas):
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(60, 300, "Total 9 999.99")


def transparent(canvas):
    canvas.setFillAlpha(0)
    canvas.drawString(60, 300, "Total 9 999.99")


def covered(canvas):
    canvas.drawString(60, 300, "Total 9 999.99")
    canvas.setFillColorRGB(0.9, 0.9, 0.9)
    canvas.rect(50, 290, 300, 40, stroke=0, fill=1)


def covered_by_a_picture(canvas):
    canvas.drawString(60, 300, "Total 9 999.99")
    noise = np.random.default_rng(1).integers(0, 255, (40, 300), dtype=np.uint8)
    canvas.drawImage(ImageReader(Image.fromarray(noise)), 50, 290, 300, 40)


def off_page(canvas):
    canvas.drawString(900, 300, "Total 9 999.99")


def clipped(canvas):
    path = canvas.beginPath()
    path.rect(60, 600, 20, 20)
    canvas.clipPath(path, stroke=0)
    canvas.drawString(60, 300, "Total 9 999.99")


def unpainted(canvas):
    text = canvas.beginText(60, 300)
    text.setTextRenderMode(3)
    text.textOut("Total 9 999.99")
    canvas.drawText(text)


def tiny(canvas):
    canvas.setFont("Helvetica", 0.4)
    canvas.drawString(60, 300, "Total 9 999.99")


@pytest.mark.parametrize(
    ("trick", "code"),
    [
        (white, "no-contrast"),
        (transparent, "no-contrast"),
        (covered, "covered"),
        (covered_by_a_picture, "covered"),
        (off_page, "off-page"),
        (clipped, "clipped"),
        (unpainted, "invisible"),
        (tiny, "tiny"),
    ],
)
def test_a_total_that_cannot_be_seen_is_left_out_and_reported(look, trick, code):
    reading = look(making.pdf(draw=trick))
    assert "999.99" not in reading.text
    assert " ".join(making.LINES) in reading.text
    assert kinds(reading) == {f"hidden-text:{code}": Severity.WARNING}


def test_a_layer_that_is_switched_off_is_left_out_and_reported(look):
    def hide(document, page, content):
        group = document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="proof"))
        document.Root.OCProperties = pikepdf.Dictionary(OCGs=[group], D=pikepdf.Dictionary(OFF=[group], Order=[group]))
        page.Resources.Properties = pikepdf.Dictionary(MC0=group)
        font = next(iter(page.Resources.Font.keys()))
        return content + f"\n/OC /MC0 BDC BT {font} 12 Tf 60 300 Td (Total 9 999.99) Tj ET EMC".encode()

    reading = look(edited(making.pdf(), hide))
    assert "999.99" not in reading.text
    assert kinds(reading) == {"hidden-text:layer-off": Severity.WARNING}


def test_hidden_text_without_digits_is_only_mentioned(look):
    def draw(canvas):
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(60, 300, "sign here")

    assert kinds(look(making.pdf(draw=draw))) == {"hidden-text:no-contrast": Severity.INFO}


def test_a_line_through_white_text_does_not_show_it(look):
    def draw(canvas):
        white(canvas)
        canvas.line(50, 304, 300, 304)

    assert "999.99" not in look(making.pdf(draw=draw)).text


def test_visible_text_is_kept_on_any_ground(look):
    def draw(canvas):
        canvas.rect(50, 290, 300, 40, stroke=0, fill=1)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(60, 300, "Total 1 234.56")
        canvas.setFillColorRGB(0.75, 0.75, 0.75)
        canvas.drawString(60, 200, "grey 765.43.")

    reading = look(making.pdf(draw=draw))
    assert {"234.56", "765.43."} <= set(reading.text.split())
    assert reading.findings == ()


def test_a_total_that_was_painted_over_and_written_anew_is_what_the_page_shows(look):
    def draw(canvas):
        canvas.drawString(60, 300, "Sum 1 111.11")
        canvas.setFillColorRGB(1, 1, 1)
        canvas.rect(58, 295, 80, 16, stroke=0, fill=1)
        canvas.setFillColorRGB(0, 0, 0)
        canvas.drawString(60, 300.5, "Sum 8 765.43")

    reading = look(making.pdf(draw=draw))
    assert "765.43" in reading.text.split()
    assert "111.11" not in reading.text.split()
    assert reading.pages[0].source is Source.TEXT
    assert kinds(reading) == {"hidden-text:covered": Severity.WARNING}


def test_only_the_covered_part_of_an_amount_is_left_out(look):
    def draw(canvas):
        canvas.setFont("Helvetica", 14)
        canvas.drawString(60, 300, "91234.56")
        canvas.setFillColorRGB(1, 1, 1)
        canvas.rect(58, 295, 9.6, 20, stroke=0, fill=1)  # over the 9

    reading = look(making.pdf(draw=draw))
    assert "1234.56" in reading.text.split()
    assert kinds(reading) == {"hidden-text:covered": Severity.WARNING}


# -- scans with text behind them --------------------------------------------------------------------------------


def test_text_behind_a_scan_that_agrees_is_normal(look):
    reading = look(making.scanned(making.picture(making.pdf(), 250), hidden=making.LINES))
    assert reading.pages[0].kind is PageKind.SCAN
    assert kinds(reading) == {"scan-text-layer": Severity.INFO}


def test_text_behind_a_scan_that_lies_about_the_total_is_reported(look):
    lies = [line.replace("2 420.00", "9 420.50") for line in making.LINES]
    reading = look(making.scanned(making.picture(making.pdf(), 250), hidden=lies))
    assert "9 420.50" not in reading.text
    assert kinds(reading)["scan-text-differs"] is Severity.WARNING


# -- maps that lie ----------------------------------------------------------------------------------------------


def lying(data, wrong):
    """The PDF with a ToUnicode map in which some characters are others."""
    with pikepdf.open(io.BytesIO(data)) as document:
        ranges = "".join(f"<{c:02x}> <{ord(wrong.get(chr(c), chr(c))):04x}>\n" for c in range(0x20, 0x7F))
        cmap = (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
            "1 begincodespacerange <00> <ff> endcodespacerange\n"
            f"95 beginbfchar\n{ranges}endbfchar endcmap end end"
        )
        for font in document.pages[0].Resources.Font.values():
            font.ToUnicode = document.make_stream(cmap.encode())
        buffer = io.BytesIO()
        document.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("wrong", [{"4": "9"}, {"2": "8", "8": "2"}, {"0": "6"}])
def test_a_map_that_lies_about_digits_is_overruled(look, wrong):
    reading = look(lying(making.pdf(), wrong))
    assert "420.00" in reading.text.split()
    assert reading.pages[0].source is not Source.TEXT
    assert kinds(reading)["text-layer-differs"] is Severity.WARNING


def extraction(reading, name, text, value):
    page = reading.pages[0]
    word = next(word for word in page.words if word.text == text)
    return Extraction((Field(name, value, raw=text, confidence=0.99, page=1, box=word.box),))


def test_fields_that_decide_are_compared_with_the_page(look, tmp_path):
    kind, path = document_types()["invoice"], tmp_path / "drop.pdf"
    reading = look(making.pdf())
    told = extraction(reading, "tax_total", "420.00", "420.00")
    seen, findings = verify(path, reading, kind, told, Limits())
    assert findings == ()
    assert seen.fields[0].witnesses == (Witness.SECOND_READING,)
    path.write_bytes(making.pdf([line.replace("420.00", "490.00") for line in making.LINES]))
    seen, findings = verify(path, reading, kind, told, Limits())
    assert [(finding.code, finding.fields) for finding in findings] == [("text-layer-differs", ("tax_total",))]
    assert str(kind.fields["tax_total"].title["en"]) in findings[0].message
    assert seen.fields[0].witnesses == ()


@pytest.mark.parametrize("font", ["Helvetica", "Times-Roman", "Courier-Bold"])
@pytest.mark.parametrize("size", [6, 9, 14])
def test_digits_are_told_by_their_shape(font, size):
    def draw(canvas):
        canvas.setFont(font, size)
        canvas.drawString(60, 300, "6273190548")

    document = pdfium.pypdfium2.PdfDocument(making.pdf(lines=(), draw=draw))
    page = document[0]
    glyphs = pdfium_text.glyphs(page)
    ink = 255 - pdfium.render(page, 120, Limits())[0]
    boxes = (glyphs.boxes * 120 / 72).tolist()[:10]
    page.close()
    document.close()
    names = glyphs.text[:10]
    assert digits.unlike(ink, boxes, names) == [False] * 10
    assert all(digits.unlike(ink, boxes, [str((int(name) + 3) % 10) for name in names]))


# -- mixed pages ------------------------------------------------------------------------------------------------


def logo(text, size=(900, 150)):
    picture = Image.new("RGB", size, (20, 40, 120))
    ImageDraw.Draw(picture).text((30, 25), text, fill="white", font_size=80)
    return ImageReader(picture)


def test_the_text_of_a_picture_beside_a_text_layer_is_read(look):
    def draw(canvas):
        canvas.drawImage(logo("Svoboda Tools Ltd"), 60, 250, 300, 50)

    reading = look(making.pdf(draw=draw))
    page = reading.pages[0]
    assert (page.kind, page.source) == (PageKind.MIXED, Source.TEXT)
    assert {"Svoboda", "Tools"} <= set(reading.text.split())
    box = next(word.box for word in page.words if word.text == "Svoboda")
    assert box[0] == pytest.approx(70, abs=8)
    assert box[1] < 842 - 275 < box[3]


def test_a_picture_without_text_costs_no_engine(look, monkeypatch):
    def refuse(*_args, **_options):
        raise AssertionError("asked")

    monkeypatch.setattr("pipeline.tools.rapidocr.words", refuse)

    def draw(canvas):
        shade = np.tile(np.linspace(0, 255, 300, dtype=np.uint8), (80, 1))
        canvas.drawImage(ImageReader(Image.fromarray(shade)), 60, 250, 300, 80)

    page = look(making.pdf(draw=draw)).pages[0]
    assert page.kind is PageKind.TEXT


def test_a_logo_on_every_page_is_read_once(look, monkeypatch):
    from pipeline.tools import rapidocr

    asked = []
    words = rapidocr.words
    monkeypatch.setattr("pipeline.tools.rapidocr.words", lambda *a, **o: asked.append(1) or words(*a, **o))
    picture = logo("Svoboda Tools Ltd")
    reading = look(making.pdf(draw=lambda canvas: canvas.drawImage(picture, 60, 250, 300, 50), pages=3))
    assert len(asked) == 1
    assert reading.text.count("Svoboda") == 3


def test_a_note_pasted_over_the_total_is_read_and_the_total_reported(look):
    def paste(document, page, content):
        face = document.make_stream(b"1 1 1 rg 0 0 300 24 re f BT 0 g /F1 14 Tf 4 6 Td (Total 7 777.77 EUR) Tj ET")
        face.Type, face.Subtype, face.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, [0, 0, 300, 24]
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        face.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FreeText, Rect=[55, 570, 355, 594], F=4,
            AP=pikepdf.Dictionary(N=document.make_indirect(face)), DA=pikepdf.String("/F1 14 Tf"),
        )  # fmt: skip
        page.Annots = document.make_indirect(pikepdf.Array([document.make_indirect(note)]))
        return content

    reading = look(edited(making.pdf(), paste))
    assert reading.pages[0].kind is PageKind.MIXED
    assert "777.77" in reading.text
    assert kinds(reading)["hidden-text:covered"] is Severity.WARNING


def test_the_kinds_of_pages(look):
    assert look(making.pdf()).pages[0].kind is PageKind.TEXT
    assert look(making.pdf(lines=())).pages[0].kind is PageKind.BLANK
    assert look(making.scanned(making.picture(making.pdf()))).pages[0].kind is PageKind.SCAN


# -- words ------------------------------------------------------------------------------------------------------


def words_of(glyphs):
    """Words from glyphs given as (text, x0, x1) on one line of 10 points."""
    text = [text for text, *_ in glyphs]
    boxes = np.array([(place[0], 100.0, place[1], 110.0) if place else (0, 0, 0, 0) for _, *place in glyphs], float)
    owner = np.array([0 if place else -1 for _, *place in glyphs], np.int32)
    columns = pdfium_text.Glyphs(text, boxes, owner, np.zeros(len(text), bool), (pdfium_text.TextObject(None, 0, 0),))
    return [word.text for word in text_layer(columns, 600, 800).words]


def test_words_part_at_blanks_and_at_wide_gaps():
    assert words_of([("a", 10, 15), ("b", 15, 20), (" ",), ("c", 21, 26)]) == ["ab", "c"]
    assert words_of([("a", 10, 15), ("b", 17, 22), ("c", 27, 32)]) == ["ab", "c"]


def test_letterspaced_words_are_put_together():
    letters = [(char, 10 + 9 * place, 15 + 9 * place) for place, char in enumerate("RECHNUNG")]
    typed = [one for letter in letters for one in (letter, (" ",))]
    assert words_of([*letters, ("2", 90, 95), ("0", 95, 100)]) == ["RECHNUNG", "20"]
    assert words_of(typed) == ["RECHNUNG"]
    assert words_of([*typed[:6], ("x", 60, 65), (" ",), ("y", 90, 95)]) == ["R", "E", "C", "x", "y"]


def test_a_ligature_that_became_letters_parts_no_word():
    assert words_of([("o", 10, 15), ("f", 15, 24), ("f", 15, 24), ("i", 15, 24), ("ce", 24, 32)]) == ["office"]


def test_odd_characters_become_text():
    assert words_of([("\ufb01", 10, 18), ("n", 18, 23), ("\u00ad", 23, 26)]) == ["fin"]
    assert words_of([("a", 10, 15), ("\ud800", 15, 20), ("b", 20, 25)]) == ["a\ufffdb"]


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_text_in_any_direction_makes_words(look, angle):
    def draw(canvas):
        canvas.translate(300, 300)
        canvas.rotate(angle)
        canvas.drawString(0, 0, "Sideways 12.34 margin")

    assert {"Sideways", "12.34", "margin"} <= set(look(making.pdf(draw=draw)).text.split())
