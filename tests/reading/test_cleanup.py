"""Ruled lines, bent lines, the way back for words, which way is up, and what resolution a picture has."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.learn.factory import make_receipt, spoil
from pipeline.reading import pages
from pipeline.reading.ocr import bleeding, cleanup
from pipeline.reading.ocr.stand import look_at, stand_up
from pipeline.tools import rapidocr
from pipeline.tools.images import Picture

from . import making


@pytest.fixture(scope="module")
def page():
    """A page of 200 dpi with letters 22 pixels tall or so."""
    return making.picture(making.pdf(font_size=10), 200)


@pytest.fixture(scope="module")
def letters(page):
    small, factor = cleanup.look(page)
    return cleanup.letter_height(cleanup.binary(small)) / factor


def ruled(page, dashes=False, slope=0.0):
    """The page in a frame, with a line through a row of letters and one down through the page."""
    canvas = page.copy()
    height, width = page.shape
    rows = np.flatnonzero((page < 100).any(axis=1))
    middle = int(rows[len(rows) // 2])
    for y in (200, middle, height - 300):
        cv2.line(canvas, (100, y), (width - 100, y + round(slope * (width - 200))), 60, 2)
    for x in (100, width // 3, width - 100):
        cv2.line(canvas, (x, 200), (x, height - 300), 60, 2)
    if dashes:
        gaps = np.zeros_like(page, bool)
        gaps[:, ::60] = gaps[:, 1::60] = gaps[::60] = gaps[1::60] = True
        canvas[gaps & (page > 200)] = 255
    return canvas


@pytest.mark.parametrize(("dashes", "slope"), [(False, 0.0), (True, 0.0), (False, 0.008)])
def test_ruled_lines_go_and_letters_stay(page, letters, dashes, slope):
    canvas = ruled(page, dashes, slope)
    cleaned = cleanup.without_lines(canvas, letters)
    lines = (canvas < 150) & (page > 200)
    ink = page < 100
    assert (cleaned[lines] < 150).mean() < 0.12  # crossings stay
    assert (cleaned[ink] < 150).mean() > 0.93


def test_a_page_without_lines_is_not_touched(page, letters):
    assert np.array_equal(cleanup.without_lines(page, letters), page)


def test_a_dash_or_an_underlined_word_does_not_cost_letters():
    lines = ("A - B", "one - two - three", "_____ name", "T E Z 7 L I H F", "ILLEGIBLE TITLE IN CAPITALS")
    page = making.picture(making.pdf(lines=lines), 150)
    cleaned = cleanup.without_lines(page, 14.0)
    assert (cleaned < 128).sum() > 0.93 * (page < 128).sum()


def bent(page, fall):
    height, width = page.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    u, v = 2 * x / width - 1, 2 * y / height - 1
    return cv2.remap(page, x, (y - fall(u, v) * width / 2).astype(np.float32), cv2.INTER_LINEAR, borderValue=255)


def tall_page():
    lines = [f"Row {number} of a long list with words enough for a line, and {number * 37}.50" for number in range(26)]
    return making.picture(making.pdf(lines=lines, font_size=11), 150)


def test_bent_lines_are_measured_and_made_straight():
    page = tall_page()
    crooked = bent(page, lambda u, v: 0.02 * u * v - 0.009 * u * u)
    bend = cleanup.bend_of(crooked, 15.0)
    assert bend.down == pytest.approx(0.02, abs=0.006)
    assert bend.across == pytest.approx(-0.018, abs=0.008)
    level = cleanup.straighten(crooked, bend)
    sharpness = [cleanup.skew(cleanup.binary(picture))[1] for picture in (page, crooked, level)]
    assert sharpness[2] > 1.5 * sharpness[1]
    assert cleanup.bend_of(page, 15.0) is None


def test_words_of_the_cleaned_picture_go_back_to_where_they_stand():
    page = tall_page()
    crooked = bent(page, lambda u, v: 0.02 * u * v - 0.009 * u * u)
    matrix, wide, high = cleanup.rotation(page.shape[1], page.shape[0], -1.7)
    crooked = cleanup.warp(crooked, matrix, wide, high)
    mark = (900, 700, 960, 716)
    crooked[mark[1] - 20 : mark[3] + 20, mark[0] - 40 : mark[2] + 40] = 255
    crooked[mark[1] : mark[3], mark[0] : mark[2]] = 0
    done = cleanup.level(crooked, 1.7, 15.0)
    assert done.bend is not None
    solid = cv2.morphologyEx(done.picture, cv2.MORPH_CLOSE, np.ones((11, 11), np.uint8))
    y, x = np.nonzero(solid < 128)
    back = done.back((float(x.min()), float(y.min()), float(x.max() + 1), float(y.max() + 1)))
    assert np.abs(np.subtract(back, mark)).max() < 6


def test_letters_within_a_frame_count(page):
    framed = page.copy()
    cv2.rectangle(framed, (20, 20), (page.shape[1] - 20, page.shape[0] - 20), 0, 12)
    small, _ = cleanup.look(page)
    small_framed, _ = cleanup.look(framed)
    assert cleanup.letter_height(cleanup.binary(small_framed)) == cleanup.letter_height(cleanup.binary(small))
    assert not cleanup.is_blank(framed)


def test_a_background_is_only_divided_out_where_there_is_one(page):
    assert cleanup.divide(page, cleanup.background(page)) is page
    shaded = (page * np.linspace(0.5, 1.0, page.shape[1])[None, :]).astype(np.uint8)
    assert np.percentile(cleanup.flatten(shaded)[page > 250], 5) > 235


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_long_receipt_is_stood_on_its_feet(turned):
    receipt = spoil.render(make_receipt("t27", "my", "coded").pdf, 150)[0]
    state = spoil.Scan(dpi=150, skew=-0.8, noise=8.0, uneven=30.0)
    picture = cleanup.turn(spoil.scan(receipt, state, np.random.default_rng(27)), turned)
    stand = stand_up(picture, look_at(picture, photo=False))
    assert (stand.turned + turned) % 360 == 0


def test_few_lines_leave_the_turn_unsure(monkeypatch):
    monkeypatch.setattr(rapidocr, "upside_down", lambda crops: 0.0)
    stamp = making.picture(making.pdf(lines=("RECEIVED AND ENTERED", "19 November 2026")), 150)
    assert not stand_up(stamp, look_at(stamp, photo=False)).sure
    full = tall_page()
    assert stand_up(full, look_at(full, photo=False)).sure


@pytest.mark.parametrize(
    ("rendered", "stated", "expected"),
    [
        (150, 150.0, 150),  # true
        (300, 300.0, 300),
        (200, 1200.0, 200),  # a lie: letters of 1 point
        (300, 96.0, 300),  # a program's habit: a page of 36 inches
        (300, None, 300),  # silent
        (110, None, 110),
    ],
)
def test_the_resolution_comes_from_the_page_where_the_file_lies_or_is_silent(rendered, stated, expected):
    pixels = making.picture(making.pdf(), rendered)
    picture = Picture(pixels, stated or 200.0, stated is not None)
    assert pages.dpi_of(picture) == pytest.approx(expected, rel=0.02)


def test_a_strip_of_no_known_size_gets_its_resolution_from_its_letters():
    strip = making.picture(making.pdf(size=(230.0, 900.0), lines=("Coffee 2.50", "Tea 1.90", "Total 4.40") * 4), 300)
    found = pages.dpi_of(Picture(strip, 1200.0, True))
    assert 190 < found < 420


BACK = [
    f"Delivery note {number} of the warehouse, on the back of the sheet: {number * 71} boxes" for number in range(26)
]


def thin(front, bleed, turned=0, **state):
    """``front`` on thin paper that is printed on its back as well, as an office scanner gives it."""
    back = making.picture(making.pdf(lines=BACK, font_size=10), 150)
    paper = spoil.Scan(dpi=150, noise=4, blur=0.5, turn=turned, bleed=bleed, **state)
    return spoil.scan(front, paper, np.random.default_rng(8), back)


def without_back(picture):
    front = bleeding.front(picture, look_at(picture, photo=False))
    return front and front.grey


@pytest.mark.parametrize("turned", [0, 90, 180])
def test_print_of_the_back_goes_and_the_front_stays(turned):
    plain = making.picture(making.pdf(font_size=14), 150)
    page, shining = thin(plain, 0.0, turned), thin(plain, 0.35, turned)
    cleaned = without_back(shining)
    ink, paper = page < 110, page > 225
    assert (shining[paper] < 215).mean() > 0.04
    assert (cleaned[paper] < 215).mean() < 0.004
    assert np.abs(cleaned[ink].astype(int) - page[ink]).mean() < 25


def test_a_page_whose_back_does_not_shine_through_is_left_as_it_is():
    plain = making.picture(making.pdf(font_size=14), 150)
    assert without_back(thin(plain, 0.0)) is None
    assert without_back(thin(plain, 0.0, uneven=40.0, skew=1.0)) is None


def test_small_grey_print_of_the_front_is_not_taken_for_the_back():
    def small_print(canvas):
        canvas.setFillGray(0.62)
        canvas.setFont("Helvetica", 9)
        for number in range(24):
            canvas.drawString(
                60, 60 + 12 * number, f"{number}. Terms of delivery and payment as agreed on, page {number}"
            )

    page = thin(making.picture(making.pdf(draw=small_print), 150), 0.0)
    assert cleanup.pale_marks(look_at(page, photo=False).flat) is not None  # there is something to ask about
    assert without_back(page) is None


def test_an_empty_page_on_whose_back_something_is_printed_is_empty():
    page = thin(np.full((1754, 1240), 255, np.uint8), 0.45)
    assert not cleanup.is_blank(page)
    assert cleanup.is_blank(without_back(page))
