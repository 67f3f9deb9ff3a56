from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from pipeline.tools.ink import mended
from pipeline.tools.seen import Seen


def word_on(image, text, confidence=0.9):
    """The whole picture taken for one word, in a tight box."""
    rows, columns = (np.flatnonzero((image < 128).any(axis=axis)) for axis in (1, 0))
    return Seen(text, (float(columns[0]), float(rows[0]), columns[-1] + 1.0, rows[-1] + 1.0), confidence)


def printed_line(text, size=32, lifted=""):
    """A picture of one line with a little white after each sign and a blank in place of each ``_``."""
    font, x = ImageFont.load_default(size), 20.0
    image = Image.new("L", (40 + size * len(text), size + 24), 255)
    for sign in text:
        if sign != "_":
            ImageDraw.Draw(image).text((x, 8 - size / 6 * (sign in lifted)), sign, fill=0, font=font)
        x += 0.3 * size if sign == "_" else font.getlength(sign) + size / 24
    return np.asarray(image)


def parts(printed, size=32, lifted=""):
    image = printed_line(printed, size, lifted)
    return [one.text for one in mended(image, [word_on(image, printed.replace("_", ""))])]


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("4_ks", ["4", "ks"]),
        ("24_měs", ["24", "měs"]),
        ("21_%", ["21", "%"]),
        ("DPH_%", ["DPH", "%"]),
        ("Jedn._cena", ["Jedn.", "cena"]),
        ("4_340,00", ["4", "340,00"]),
        ("-21_629,81", ["-21", "629,81"]),
        ("1_234_567,00", ["1", "234", "567,00"]),
        ("602_123_456", ["602", "123", "456"]),
    ],
)
def test_a_blank_beside_or_in_a_number_is_put_back(printed, expected):
    assert parts(printed) == expected


@pytest.mark.parametrize(
    "text",
    ["4ks", "21%", "4340,00", "1117,11", "11.11.2011", "GENODEF2M04", "2018-51112", "J.cena", "www.example.org",
     "urn:cen.eu:en16931", "VALUE", "illicit", "1:250", "0", ".", "471102"],
)  # fmt: skip
@pytest.mark.parametrize("size", [18, 32, 60])
def test_what_is_one_word_stays_one(text, size):
    assert parts(text, size) == [text]


def test_letters_that_are_spaced_out_stay_together():
    assert parts("D_E_1_2_3_4_5_6") == ["DE123456"]


def test_parts_stand_where_their_ink_is_and_are_as_sure_as_the_word_was():
    image = printed_line("24_kg")
    whole = word_on(image, "24kg", 0.7)
    one, other = mended(image, [whole])
    assert one.confidence == other.confidence == 0.7
    assert (one.box[0], other.box[2]) == (whole.box[0], whole.box[2])
    assert other.box[0] - one.box[2] >= 8
    assert (image[:, int(one.box[2]) : int(other.box[0])] > 128).all()


def test_letters_that_touch_hide_no_blank():
    image = printed_line("Seite_2").copy()
    columns = np.flatnonzero((image < 128).any(axis=0))
    image[20, columns[0] : columns[0] + 30] = 0  # the first letters touch
    assert [one.text for one in mended(image, [word_on(image, "Seite2")])] == ["Seite", "2"]


@pytest.mark.parametrize(("lifted", "expected"), [("", "60x40"), ("x", "60×40")])
def test_an_x_above_the_line_of_its_digits_is_a_times_sign(lifted, expected):
    assert parts("60x40", lifted=lifted) == [expected]


def test_a_picture_without_ink_or_with_a_box_beyond_its_rim_breaks_nothing():
    blank = np.full((50, 200), 255, np.uint8)
    words = [Seen("4ks", (10.0, 10.0, 60.0, 30.0), 0.5), Seen("a", (190.0, 40.0, 230.0, 80.0), 0.5)]
    assert mended(blank, words) == words
    assert mended(blank, []) == []
