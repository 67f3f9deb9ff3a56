"""The pure steps between a picture and its words."""

from __future__ import annotations

import numpy as np
import pytest

from models.records import Word
from pipeline.reading import geometry
from pipeline.reading.layout import arrange
from pipeline.reading.ocr import cleanup
from pipeline.reading.pdf import witness
from pipeline.tools.text import clean, has_bidi_controls

from . import making


@pytest.fixture(scope="module")
def page():
    return making.picture(making.pdf(), 120)


@pytest.mark.parametrize("angle", [-13.0, -2.4, 0.0, 0.6, 7.5])
def test_skew_is_found_to_a_tenth_of_a_degree(page, angle):
    matrix, wide, high = cleanup.rotation(page.shape[1], page.shape[0], angle)
    ink = cleanup.binary(cleanup.warp(page, matrix, wide, high))
    assert cleanup.skew(ink)[0] == pytest.approx(-angle, abs=0.11)


def test_rows_are_sharper_than_columns(page):
    ink = cleanup.binary(page)
    assert cleanup.skew(ink)[1] > 2 * cleanup.skew(cleanup.turn(ink, 90))[1]


def test_flatten_removes_a_shadow_and_keeps_the_ink(page):
    shade = np.linspace(0.4, 1.0, page.shape[1])[None, :]
    flat = cleanup.flatten((page * shade).astype(np.uint8))
    paper, ink = page > 250, page < 30
    assert np.percentile(flat[paper], 5) > 225
    assert np.percentile(flat[ink], 95) < 90


def test_rules_go_and_letters_stay(page):
    ink = cleanup.binary(page)
    ruled = ink.copy()
    ruled[600:602, 50:900] = 1
    ruled[500:900, 950:952] = 1
    left = cleanup.without_rules(ruled)
    assert left[598:604].sum() < 10  # of 1,700
    assert left[500:900, 946:956].sum() < 10
    assert left[:500].sum() > 0.9 * ink[:500].sum()


def test_letters_are_brought_to_a_readable_height(page):
    height = cleanup.letter_height(cleanup.binary(page))
    assert 8 < height < 16  # 12 points at 120 dpi
    assert cleanup.letter_scale(height) == pytest.approx(20 / height)
    assert cleanup.letter_scale(19.0) == 1.0
    assert cleanup.letter_scale(None) == 1.0


def test_blank_is_told_from_a_single_line():
    assert cleanup.is_blank(making.picture(making.pdf(lines=()), 100))
    assert not cleanup.is_blank(making.picture(making.pdf(lines=("Page two",)), 100))
    specks = np.full((1100, 800), 255, np.uint8)
    specks[::97, ::89] = 0
    assert cleanup.is_blank(specks)


def test_boxes_follow_a_turn_and_come_back():
    box = (10.0, 20.0, 60.0, 30.0)
    assert geometry.turn_box(box, 90, 200.0, 100.0) == (70.0, 10.0, 80.0, 60.0)
    for turned in (0, 90, 180, 270):
        size = geometry.turned_size(200.0, 100.0, turned)
        there = geometry.turn_box(box, turned, 200.0, 100.0)
        assert geometry.turn_box(there, (360 - turned) % 360, *size) == box


def test_a_moved_box_keeps_the_height_of_its_word():
    matrix, _, _ = cleanup.rotation(1000, 1000, 3.0)
    x0, y0, x1, y1 = geometry.move_box((400.0, 490.0, 600.0, 510.0), matrix)
    assert y1 - y0 == pytest.approx(20 + 200 * np.sin(np.deg2rad(3)), abs=0.5)
    assert x1 - x0 == pytest.approx(200 * np.cos(np.deg2rad(3)), abs=0.5)


def test_words_are_ordered_by_lines():
    words = [
        Word("d", (50, 31, 60, 41)),
        Word("b", (50, 12, 60, 20)),
        Word("a", (0, 10, 40, 20)),
        Word("c", (0, 30, 9, 40)),
    ]
    assert [word.text for word in arrange(words)[0]] == ["a", "b", "c", "d"]


def test_bidi_overrides_are_noticed_and_removed():
    assert has_bidi_controls("\u202e0.1")
    assert not has_bidi_controls("shalom \u05e9\u200f")
    assert clean("\u202e0.1") == "0.1"


def test_the_witness_looks_at_amounts_and_odd_words():
    words = [Word(text, (0, 0, 1, 1)) for text in ("Total", "Ä59,50", "1.00", "2.00", "3.00", "4.00", "2026")]
    assert [word.text for word in witness.sample(words)] == ["Ä59,50", "1.00", "2.00", "3.00", "4.00"]


def test_the_witness_contradicts_only_what_the_picture_shows_otherwise():
    data = making.pdf(lines=("Total 2 420.00",))
    box = (91.0, 66.0, 150.0, 84.0)

    def draw(dpi):
        return making.picture(data, dpi)

    assert witness.contradicted([Word("2420.00", box)], draw) == 0
    assert witness.contradicted([Word("2920.00", box)], draw) == 1
    assert witness.contradicted([Word("2920.00", (60.0, 300.0, 150.0, 318.0))], draw) == 0  # nothing to see there
