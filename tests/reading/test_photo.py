"""Sheets in photographs are found, straightened and left alone; words go back to where they stand in the photo."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.learn.factory.camera import Table, View, snapshot
from pipeline.reading import geometry
from pipeline.reading.ocr import photo

from . import making

VIEWS = {
    "wood": View(tilt=14, pan=-8, roll=5, table=Table.WOOD),
    "dark": View(tilt=-18, pan=4, roll=-7, table=Table.DARK, shadow=0.4),
    "cloth": View(tilt=5, pan=15, roll=2, table=Table.CLOTH),
    "stone": View(tilt=-6, pan=-5, roll=-4, table=Table.STONE, shadow=0.1),
}


@pytest.fixture(scope="module")
def page():
    return making.picture(making.pdf(), 100)


@pytest.mark.parametrize("name", VIEWS)
def test_the_corners_of_a_sheet_on_a_table_are_found(page, name):
    shot, corners = snapshot(page, VIEWS[name], np.random.default_rng(3))
    found = photo.sheet(shot[..., ::-1].copy())
    seen = cv2.perspectiveTransform(corners[None], found.matrix)[0]
    wanted = np.array([[0, 0], [found.width, 0], [found.width, found.height], [0, found.height]])
    assert np.abs(seen - wanted).max() < 0.02 * found.width


def test_a_picture_that_is_the_sheet_is_left_alone(page):
    assert photo.sheet(page) is None
    assert photo.sheet(np.full((900, 700, 3), 200, np.uint8)) is None


def test_a_lit_patch_without_edges_is_no_sheet():
    y, x = np.mgrid[0:900, 0:700]
    glow = 40 + 190 * np.exp(-(((x - 350) / 220.0) ** 4) - ((y - 450) / 300.0) ** 4)
    assert photo.sheet(glow.astype(np.uint8)) is None


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_box_on_the_sheet_goes_back_to_the_photo(page, turned):
    shot, _ = snapshot(page, View(tilt=12, roll=4), np.random.default_rng(1))
    found = photo.sheet(shot)
    height, width = shot.shape[:2]
    on_photo = (width * 0.5, height * 0.5, width * 0.5 + 60, height * 0.5 + 12)
    ahead = geometry.move_box(on_photo, found.matrix)
    sheet_size = (found.width, found.height)
    back = found.back(geometry.turn_box(ahead, turned, *sheet_size), turned, width, height)
    expected = geometry.turn_box(on_photo, turned, width, height)
    assert np.abs(np.subtract(back, expected)).max() < 10


def test_the_same_seed_takes_the_same_photo(page):
    first, _ = snapshot(page, VIEWS["wood"], np.random.default_rng(7))
    again, _ = snapshot(page, VIEWS["wood"], np.random.default_rng(7))
    other, _ = snapshot(page, VIEWS["wood"], np.random.default_rng(8))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
