"""Searchable PDFs, looked at with PDFium and pdfminer: the words are where the picture shows them, the picture is as
it was, and nothing else in the file has changed."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pdfplumber
import pikepdf
import pypdfium2
import pytest
from pikepdf import Name
from PIL import Image
from typer.testing import CliRunner

import pipeline.searchable
from flows.cli import app
from models.errors import UnreadableDocument
from models.records import Page, PageKind, Source, Word
from models.settings import Settings
from pipeline.caged import searchable_caged
from pipeline.reading.known import NoMemory
from pipeline.reading.layout import arrange
from pipeline.tools.cage import MESSAGE_BYTES
from pipeline.tools.glyphless import Fonts

from .reading import making

PDF = "application/pdf"
A4 = (595.28, 841.89)
CZECH = ("Daňový doklad číslo 2026-0042", "Příliš žluťoučký kůň úpěl ďábelské ódy", "Größe Übermaß ½ 12 € (brutto)")
SETTINGS = Settings(languages=("eng",))


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Make a searchable PDF; with ``pages`` reading is left out and these are what was read."""

    def make(data, media_type=PDF, pages=None):
        source, target = tmp_path / "in", tmp_path / "out.pdf"
        source.write_bytes(data)
        target.unlink(missing_ok=True)
        if pages is not None:
            read = lambda *args: iter([(page, []) for page in pages])  # noqa: E731
            monkeypatch.setattr(pipeline.searchable, "read_pages", read)
        pipeline.searchable.write(source, media_type, target, SETTINGS, lambda page: None, NoMemory())
        return target.read_bytes()

    return make


def page_of(lines, number=1, size=A4, turned=0, kind=PageKind.SCAN, tangent=0.0, confidence=0.9):
    """What an engine would read of `making.pdf` (12 points, 60 points from the left)."""
    words = []
    for index, line in enumerate(lines):
        x, y = 60.0, 80 + index * 26.4
        for part in line.split():
            wide = 6.0 * len(part)
            down = tangent * (x + wide / 2)
            rise = abs(tangent) * wide / 2
            words.append(Word(part, (x, y - 9 + down - rise, x + wide, y + 3 + down + rise), confidence))
            x += wide + 4
    ordered, blocks = arrange(words)
    return Page(number, *size, Source.TESSERACT, ordered, turned, blocks, kind=kind)


def spots(data, number=0):
    """Words by PDFium: text and box in points of the page as it is seen, from the top left."""
    document = pypdfium2.PdfDocument(data)
    page = document[number]
    text_page = page.get_textpage()
    try:
        width, height = page.get_size()
        turn = page.get_rotation()
        left, bottom, right, top = page.get_bbox()
        found, run = [], []
        for index in range(text_page.count_chars()):
            char = text_page.get_text_range(index, 1)
            if char.strip():
                run.append((char, text_page.get_charbox(index, loose=True)))
            elif run:
                found.append(run)
                run = []
        found += [run] if run else []
        result = []
        for run in found:
            x0, y0 = min(b[0] for _, b in run) - left, min(b[1] for _, b in run) - bottom
            x1, y1 = max(b[2] for _, b in run) - left, max(b[3] for _, b in run) - bottom
            wide, high = right - left, top - bottom
            box = {
                0: (x0, high - y1, x1, high - y0),
                90: (y0, x0, y1, x1),
                180: (wide - x1, y0, wide - x0, y1),
                270: (high - y1, wide - x1, high - y0, wide - x0),
            }[turn]
            result.append(("".join(char for char, _ in run), box))
        return result, (width, height)
    finally:
        text_page.close()
        page.close()
        document.close()


def iou(one, other):
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return 0.0
    area = lambda box: (box[2] - box[0]) * (box[3] - box[1])  # noqa: E731
    return across * down / (area(one) + area(other) - across * down)


def pictures(data):
    """The bytes of all images, as they are stored."""
    with pikepdf.open(io.BytesIO(data)) as document:
        return sorted(
            item.read_raw_bytes()
            for item in document.objects
            if isinstance(item, pikepdf.Stream) and item.get(Name.Subtype) == Name.Image
        )


def scan(lines=making.LINES, dpi=150, quality=80, turned=0):
    """A PDF that is one JPEG."""
    pixels = np.ascontiguousarray(np.rot90(making.picture(making.pdf(lines), dpi), -turned // 90))
    buffer = io.BytesIO()
    size = A4[::-1] if turned in (90, 270) else A4
    Image.fromarray(pixels).save(buffer, "PDF", resolution=dpi, quality=quality)
    with pikepdf.open(io.BytesIO(buffer.getvalue())) as document:
        page = document.pages[0]
        assert [float(side) for side in page.mediabox][2:] == pytest.approx(size, abs=1)
        out = io.BytesIO()
        document.save(out)
    return out.getvalue()


# -- the whole way, by the engine ---------------------------------------------------------------------------------


def test_a_scan_becomes_searchable_and_stays_what_it_was(made):
    data = scan()
    result = made(data)
    words, _ = spots(result)
    assert " ".join(text for text, _ in words) == " ".join(making.LINES)
    truth, _ = spots(making.pdf())
    fits = [iou(a, b) for (_, a), (_, b) in zip(words, truth, strict=True)]
    assert min(fits) > 0.3  # an engine's boxes are tight around the ink, those of a text layer are not
    assert sum(fits) / len(fits) > 0.5
    assert pictures(result) == pictures(data)
    assert len(result) <= 1.10 * len(data)
    assert (making.picture(result, 100) == making.picture(data, 100)).all()  # nothing is seen of it


def test_pages_with_text_stay_as_they_are(made):
    data = making.pdf(pages=2)
    assert made(data) == data


# -- what was read, put behind the page ---------------------------------------------------------------------------


def test_any_character_can_be_copied_and_stands_in_its_place(made):
    page = page_of(CZECH)
    result = made(scan(CZECH), pages=[page])
    words, _ = spots(result)
    assert [text for text, _ in words] == [word.text for word in page.words]
    assert min(iou(box, word.box) for (_, box), word in zip(words, page.words, strict=True)) > 0.8
    with pdfplumber.open(io.BytesIO(result)) as document:
        lines = document.pages[0].extract_text_lines()
        assert [line["text"] for line in lines] == list(CZECH)
        assert all(abs(line["x0"] - 60) < 1 for line in lines)


def test_what_a_content_stream_would_take_for_its_own():
    fonts = Fonts(pikepdf.new())
    assert fonts.encode("(a\\b)") == (0, b"(\\(a\\\\b\\))")
    odd = [fonts.encode(chr(0x400 + n)) for n in range(60)]
    assert b"(\\n)" in [string for _, string in odd]
    assert b"(\\r)" in [string for _, string in odd]


def test_more_characters_than_one_font_holds(made):
    greek, cyrillic = [chr(n) for n in range(0x3B1, 0x3C9) if n != 0x3C2], [chr(n) for n in range(0x430, 0x450)]
    lines = [" ".join(a + b for a, b in zip(greek, cyrillic, strict=False)), " ".join(cyrillic)]
    page = page_of(lines)
    words, _ = spots(made(scan(), pages=[page]))
    assert [text for text, _ in words] == [word.text for word in page.words]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_turned_pages_stand_upright_and_keep_their_words(made, turned, rotate):
    """The file shows its page turned by ``-turned``; what was read says how it becomes upright."""
    wide = turned in (90, 270)
    with pikepdf.open(io.BytesIO(scan(turned=(360 - turned) % 360))) as document:
        page = document.pages[0]
        # the same look, though the picture lies otherwise in the file
        a, b, c, d = page.mediabox
        page.mediabox = pikepdf.Array([10, 20, float(c) - float(a) + 10, float(d) - float(b) + 20])
        page.contents_add(document.make_stream(b"1 0 0 1 10 20 cm\n"), prepend=True)
        page.Rotate = rotate
        buffer = io.BytesIO()
        document.save(buffer)
    seen = A4[::-1] if wide != (rotate in (90, 270)) else A4
    upright = seen[::-1] if turned in (90, 270) else seen
    read = page_of(making.LINES[:3], size=upright, turned=turned)
    result = made(buffer.getvalue(), pages=[read])
    words, size = spots(result)
    assert size == pytest.approx(upright, abs=1)
    assert [text for text, _ in words] == [word.text for word in read.words]
    assert min(iou(box, word.box) for (_, box), word in zip(words, read.words, strict=True)) > 0.7
    with pikepdf.open(io.BytesIO(result)) as document:
        assert document.pages[0].obj.get(Name.Rotate, 0) == (rotate + turned) % 360


def test_words_of_a_skewed_page_are_written_along_their_lines(made):
    read = page_of(making.LINES, tangent=0.05)
    result = made(scan(), pages=[read])
    with pdfplumber.open(io.BytesIO(result)) as document:
        chars = document.pages[0].chars
    assert all(char["matrix"][1] / char["matrix"][0] == pytest.approx(-0.05, abs=0.005) for char in chars)
    words, _ = spots(result)
    assert [text for text, _ in words] == [word.text for word in read.words]
    assert min(iou(box, word.box) for (_, box), word in zip(words, read.words, strict=True)) > 0.6


def test_words_can_be_selected_in_the_order_of_reading(made):
    """Two columns: what is copied is the left one, then the right one."""
    words = []
    for row in range(6):
        for column in (0, 1):
            for place in range(3):
                x = 60 + 260 * column + 43 * place
                words.append(
                    Word("ab"[column] + "abcdef"[row] + "xyz"[place], (x, 100 + 15 * row, x + 40, 110 + 15 * row), 0.9)
                )
    ordered, blocks = arrange(words)
    page = Page(1, *A4, Source.RAPIDOCR, ordered, 0, blocks, kind=PageKind.SCAN)
    found, _ = spots(made(scan(), pages=[page]))
    assert [text for text, _ in found] == sorted(word.text for word in words)


def test_text_that_a_scanner_hid_is_replaced_and_other_text_is_not(made):
    data = making.scanned(making.picture(making.pdf(), 100), hidden=["lnvoice 2O26-OO42"] * 20)
    words, _ = spots(made(data, pages=[page_of(making.LINES)]))
    assert " ".join(text for text, _ in words) == " ".join(making.LINES)
    mixed = page_of(("from picture",), kind=PageKind.MIXED)
    words, _ = spots(made(making.pdf(lines=("visible layer",)), pages=[mixed]))
    assert sorted(text for text, _ in words) == ["from", "layer", "picture", "visible"]


def test_boxes_units_notes_and_attachments_are_kept(made):
    xml = b"<Invoice>the data itself</Invoice>"
    with pikepdf.open(io.BytesIO(making.with_attachments(scan(), [("factur-x.xml", xml)]))) as document:
        page = document.pages[0]
        page.UserUnit = 2.0
        page.cropbox = pikepdf.Array([20, 40, 500, 700])
        page.trimbox = pikepdf.Array([30, 50, 490, 690])
        note = pikepdf.Dictionary(
            Type=Name.Annot, Subtype=Name.Text, Rect=[100, 100, 120, 120], Contents=pikepdf.String("look here")
        )
        page.Annots = document.make_indirect(pikepdf.Array([document.make_indirect(note)]))
        document.docinfo["/Title"] = "Kept"
        buffer = io.BytesIO()
        document.save(buffer)
    seen = spots(buffer.getvalue())[1]
    read = page_of(making.LINES[:2], size=seen)
    result = made(buffer.getvalue(), pages=[read])
    words, size = spots(result)
    assert size == seen
    if seen == pytest.approx((480, 660)):
        assert min(iou(box, word.box) for (_, box), word in zip(words, read.words, strict=True)) > 0.8
    with pikepdf.open(io.BytesIO(result)) as document:
        page = document.pages[0]
        assert (float(page.obj.UserUnit), list(map(int, page.cropbox)), list(map(int, page.trimbox))) == (
            2.0,
            [20, 40, 500, 700],
            [30, 50, 490, 690],
        )
        assert str(page.Annots[0].Contents) == "look here"
        assert document.attachments["factur-x.xml"].get_file().read_bytes() == xml
        assert str(document.docinfo["/Title"]) == "Kept"


def test_a_page_that_inherits_its_resources_shares_nothing_new_by_mistake(made):
    with pikepdf.open(io.BytesIO(making.pdf(pages=2))) as document:
        shared = document.make_indirect(document.pages[0].Resources)
        for page in document.pages:
            del page.obj[Name.Resources]
        document.Root.Pages.Resources = shared
        buffer = io.BytesIO()
        document.save(buffer)
    pages = [page_of(("one",)), page_of(making.LINES, 2, kind=PageKind.TEXT)]
    result = made(buffer.getvalue(), pages=pages)
    assert "one" in [text for text, _ in spots(result)[0]]
    assert " ".join(text for text, _ in spots(result, 1)[0]) == " ".join(making.LINES)


def test_a_content_that_leaves_its_state_behind_moves_no_word(made):
    with pikepdf.open(io.BytesIO(scan())) as document:
        document.pages[0].contents_add(document.make_stream(b"\nq 3 0 0 3 50 50 cm 40 Tz 9 Tc 7 Tw\n"))
        buffer = io.BytesIO()
        document.save(buffer)
    read = page_of(making.LINES)
    words, _ = spots(made(buffer.getvalue(), pages=[read]))
    assert min(iou(box, word.box) for (_, box), word in zip(words, read.words, strict=True)) > 0.8


# -- pictures -----------------------------------------------------------------------------------------------------


def encoded(form, **options):
    buffer = io.BytesIO()
    Image.fromarray(making.picture(making.pdf(), 150)).save(buffer, form, **options)
    return buffer.getvalue()


def test_a_jpeg_goes_in_byte_by_byte(made):
    data = encoded("JPEG", quality=70, dpi=(150, 150))
    result = made(data, "image/jpeg", [page_of(making.LINES)])
    assert pictures(result) == [data]
    assert len(result) <= 1.10 * len(data)
    words, size = spots(result)
    assert size == pytest.approx(A4, abs=1)
    assert [text for text, _ in words] == " ".join(making.LINES).split()


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_photo_with_a_note_of_its_turn(made, orientation):
    pixels = making.picture(making.pdf(), 72)
    stored = np.ascontiguousarray(np.rot90(pixels, {3: 2, 6: 1, 8: -1}[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    Image.fromarray(stored).save(buffer, "JPEG", exif=exif)
    read = page_of(making.LINES)
    words, size = spots(made(buffer.getvalue(), "image/jpeg", [read]))
    assert size == pytest.approx(A4, abs=1)
    assert min(iou(box, word.box) for (_, box), word in zip(words, read.words, strict=True)) > 0.7


def test_every_frame_of_a_tiff_is_a_page(made):
    bilevel = Image.fromarray(making.picture(making.pdf(), 200)).convert("1", dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    bilevel.save(buffer, "TIFF", save_all=True, append_images=[bilevel] * 2, compression="group4", dpi=(200, 200))
    data = buffer.getvalue()
    pages = [page_of(making.LINES, number) for number in (1, 2, 3)]
    result = made(data, "image/tiff", pages)
    for number in range(3):
        assert [text for text, _ in spots(result, number)[0]] == " ".join(making.LINES).split()
    assert sum(map(len, pictures(result))) <= len(data)  # group 4 goes in as it is


def test_a_full_page_in_black_and_white_grows_by_a_tenth_at_most(made):
    lines = [f"{line} {line}" for line in making.LINES * 6]
    data = making.pdf(lines, font_size=6)
    bilevel = Image.fromarray(making.picture(data, 300)).convert("1", dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    bilevel.save(buffer, "TIFF", compression="group4", dpi=(300, 300))
    words = [Word(text, box, 0.9) for text, box in spots(data)[0]]
    ordered, blocks = arrange(words)
    page = Page(1, *A4, Source.TESSERACT, ordered, 0, blocks, kind=PageKind.SCAN)
    result = made(buffer.getvalue(), "image/tiff", [page])
    assert len(words) > 600
    assert len(spots(result)[0]) == len(words)
    assert len(result) <= 1.10 * len(buffer.getvalue())


def test_png_and_webp_lose_no_pixel(made):
    pixels = making.picture(making.pdf(), 60)
    for form, media_type, mode in (("PNG", "image/png", "RGBA"), ("WEBP", "image/webp", "RGB")):
        buffer = io.BytesIO()
        Image.fromarray(pixels).convert(mode).save(buffer, form, **({"lossless": True} if form == "WEBP" else {}))
        result = made(buffer.getvalue(), media_type, [page_of(making.LINES)])
        with pikepdf.open(io.BytesIO(result)) as document:
            (image,) = document.pages[0].get_images().values()
            inside = np.asarray(pikepdf.PdfImage(image).as_pil_image().convert("L"))
        assert (inside == pixels).all(), form


# -- what is refused ----------------------------------------------------------------------------------------------


def refused(call, *args, **kwargs):
    with pytest.raises(UnreadableDocument) as caught:
        call(*args, **kwargs)
    return caught.value.code


def test_signed_and_encrypted_files_are_not_changed(made):
    with pikepdf.open(io.BytesIO(scan())) as document:
        document.Root.AcroForm = pikepdf.Dictionary(SigFlags=3, Fields=[])
        signed = io.BytesIO()
        document.save(signed)
    assert refused(made, signed.getvalue(), pages=[page_of(("a", "b"))]) == "protected"
    text = page_of(("a",), kind=PageKind.TEXT)
    assert made(signed.getvalue(), pages=[text]) == signed.getvalue()  # nothing to add: the signature holds
    with pikepdf.open(io.BytesIO(scan())) as document:
        locked = io.BytesIO()
        document.save(locked, encryption=pikepdf.Encryption(owner="secret", user=""))
    assert refused(made, locked.getvalue(), pages=[page_of(("a", "b"))]) == "protected"


def test_a_malformed_page_is_called_damaged(made):
    with pikepdf.open(io.BytesIO(scan())) as document:
        document.pages[0].obj.Resources = pikepdf.Dictionary(Font=7)
        broken = io.BytesIO()
        document.save(broken)
    assert refused(made, broken.getvalue(), pages=[page_of(("a", "b"))]) == "damaged"


def podatelna(*arguments, home):
    command = [str(Path(sys.executable).with_name("podatelna")), *map(str, arguments)]
    environment = {**os.environ, "PODATELNA_HOME": str(home), "PODATELNA_LANGUAGES": '["eng"]'}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, env=environment, cwd=home.parent, check=False
    )


def test_the_command_line(tmp_path):
    source, target, broken = tmp_path / "scan.pdf", tmp_path / "out.pdf", tmp_path / "broken.pdf"
    source.write_bytes(scan(making.LINES[:3]))
    broken.write_bytes(source.read_bytes()[:2000])
    target.write_bytes(b"old")
    for arguments in ([source, target], [source, source, "--force"], [source, tmp_path / "no" / "out.pdf"]):
        assert CliRunner().invoke(app, ["searchable", *map(str, arguments)]).exit_code == 2
    before, home = source.read_bytes(), tmp_path / "home"
    assert podatelna("searchable", broken, target, "--force", home=home).returncode == 6
    assert (target.read_bytes(), source.read_bytes()) == (b"old", before)
    done = podatelna("searchable", source, target, "--force", home=home)
    assert done.returncode == 0, done.stderr
    assert "2026-0042" in [text for text, _ in spots(target.read_bytes())[0]]
    names = {path.name for path in tmp_path.iterdir()} - {"home"}
    assert names == {"broken.pdf", "out.pdf", "scan.pdf"}


def test_it_comes_out_of_the_cage_in_pieces(tmp_path):
    source = tmp_path / "scan.png"
    page = making.picture(making.pdf(lines=making.LINES[:2]), 100).copy()
    page[800:, :] = np.random.default_rng(5).integers(0, 256, page[800:, :].shape, np.uint8)  # nothing can shrink it
    Image.fromarray(page).save(source, dpi=(100, 100))
    out = io.BytesIO()
    searchable_caged(source, "image/png", SETTINGS, out)
    assert len(out.getvalue()) > 3 * MESSAGE_BYTES
    with pikepdf.open(out) as document:
        assert len(document.pages) == 1
