from __future__ import annotations

import numpy as np
import pytest

from models.errors import MissingTool
from pipeline.tools import ink, pdfium, plumber, qpdf, rapidocr, tesseract
from tests.tools.pictures import line


def whole(image):
    height, width = image.shape
    return rapidocr.TextLine(np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32))


@pytest.mark.parametrize("tool", [pdfium, plumber, qpdf, rapidocr, tesseract])
def test_every_tool_knows_its_version(tool):
    assert any(char.isdigit() for char in tool.version())


def test_a_missing_language_is_named_with_its_package():
    with pytest.raises(MissingTool, match="tesseract-ocr-xyz-old"):
        tesseract.require(("eng", "xyz_old"))
    with pytest.raises(MissingTool, match="not a Tesseract language"):
        tesseract.require(("eng --psm 0",))


def test_tesseract_gets_no_picture_that_it_would_refuse():
    assert tesseract.words(np.full((4, 4), 255, np.uint8), ("eng",), dpi=200) == []
    with pytest.raises(ValueError, match="mode"):
        tesseract.words(np.full((40, 40), 255, np.uint8), ("eng",), dpi=200, mode=0)


def test_rapidocr_splits_a_line_into_words_where_they_stand():
    image = line("Total_1234.50", gap=60)
    words = rapidocr.words_of(image, whole(image))
    assert [word.text for word in words] == ["Total", "1234.50"]
    inked = np.flatnonzero((image < 128).any(axis=0))
    assert words[0].box[0] == pytest.approx(inked[0], abs=12)
    assert words[1].box[2] == pytest.approx(inked[-1], abs=12)


def test_lost_blanks_are_put_back_but_not_into_numbers():
    image = line("DATE_of_issue", gap=14)
    width = image.shape[1]
    gaps = ink.ink_gaps(image)
    wide = [gap for gap in gaps if gap[1] - gap[0] > 10]
    assert len(wide) == 2
    text = "DATEofissue"
    cuts = [wide[0][0] / width, wide[1][0] / width]
    centres = [*np.linspace(0.02, cuts[0] - 0.03, 4), *np.linspace(cuts[0] + 0.06, cuts[1] - 0.02, 2),
               *np.linspace(cuts[1] + 0.06, 0.97, 5)]  # fmt: skip
    spans = [(centre - 0.01, centre + 0.01) for centre in centres]
    assert ink.lost_in_line(text, spans, image) == {4, 6}
    assert ink.lost_in_line("1234.56,789", spans, image) == set()


def test_full_width_look_alikes_become_plain():
    assert "Ｔｏｔａｌ：１２，５０）".translate(rapidocr._LOOK_ALIKES) == "Total:12,50)"


def test_the_classifier_knows_a_line_on_its_head():
    lines = [line("Total amount to be paid"), line("Invoice number 2026-0042"), line("Thank you for your order")]
    assert rapidocr.upside_down(lines) < 0.1
    assert rapidocr.upside_down([np.ascontiguousarray(one[::-1, ::-1]) for one in lines]) > 0.9
    assert rapidocr.upside_down([]) == 0.0


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_detected_line_follows_the_turn_of_its_picture(degrees):
    image = np.full((100, 300), 255, np.uint8)
    image[20:40, 50:200] = 0
    corners = np.array([[50, 20], [200, 20], [200, 40], [50, 40]], np.float32)
    turned = rapidocr.TextLine(corners).turned(degrees, 300, 100)
    picture = np.ascontiguousarray(np.rot90(image, -degrees // 90))
    assert rapidocr.cut(picture, turned).max() == 0
    assert tuple(turned.corners[0]) == tuple(turned.corners.min(axis=0))


def test_lines_with_large_letters_are_found_on_a_smaller_picture_and_at_their_place(monkeypatch):
    page = np.full((2000, 1200), 255, np.uint8)
    for row, text in enumerate(["Total amount due", "Invoice 2026-0042", "Thank you very much"]):
        picture = line(text, size=90)
        page[200 + 500 * row : 200 + 500 * row + picture.shape[0], 50 : 50 + picture.shape[1]] = picture
    seen = []
    engine = rapidocr._engine()
    monkeypatch.setattr(
        rapidocr, "_engine", lambda: lambda image, **how: seen.append(image.shape) or engine(image, **how)
    )
    found = rapidocr.detect(page)
    assert len(found) == 3
    assert seen[0][0] * seen[0][1] < 0.9 * rapidocr.DETECT_PIXELS
    rows = np.flatnonzero((page[150:500] < 128).any(axis=1)) + 150
    top = min(found, key=lambda one: one.corners[0][1])
    assert top.corners[:, 1].min() == pytest.approx(rows[0], abs=25)
    assert top.corners[:, 1].max() == pytest.approx(rows[-1], abs=25)


def test_a_short_line_costs_the_recogniser_no_wide_picture(monkeypatch):
    engine = rapidocr._engine()
    engine._load_rec_model()
    widths, session = [], engine.text_rec.session
    monkeypatch.setattr(engine.text_rec, "session", lambda batch: widths.append(batch.shape[3]) or session(batch))
    assert rapidocr.read_line(line("12.50"))[0] == "12.50"
    assert widths[0] < 160
