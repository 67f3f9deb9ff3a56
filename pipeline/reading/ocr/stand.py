"""A page's picture on its feet: which way is up, and how skewed it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.reading.ocr import cleanup
from pipeline.reading.ocr.quality import Quality, quality
from pipeline.tools import rapidocr

Pixels = NDArray[np.uint8]

_LYING = 1.15  # columns must be so much sharper than rows before a page is taken to lie on its side
_DOUBTFUL = 0.5  # columns by rows: from here on the gaps between letters decide
_UNSURE = (0.3, 0.7)  # shares of upside-down lines that leave both possible
_LEAST_LINES = 3  # fewer, of a stamp on an empty page, may mislead


@dataclass(frozen=True, slots=True)
class Look:
    """What a first look at a grey picture shows, on a picture of 120 dpi or so: paper divided out, ink, quality."""

    flat: Pixels
    ink: Pixels
    quality: Quality


@dataclass(frozen=True, slots=True)
class Stand:
    """A grey picture on its feet: turned by right angles only, with the skew that is left.

    ``letters`` is the height of its letters in pixels, ``sure`` whether the turn is beyond doubt.
    """

    grey: Pixels
    turned: int
    skew: float
    letters: float | None
    sure: bool


def look_at(grey: Pixels, *, photo: bool) -> Look:
    """Judge a grey picture before anything is read; ``photo`` says that it is a picture file and no sheet."""
    small, factor = cleanup.look(grey)
    flat = cleanup.flatten(small)
    ink = cleanup.without_rules(cleanup.binary(flat))
    letters = cleanup.letter_height(ink)
    return Look(flat, ink, quality(grey, ink, letters and letters / factor, photo=photo))


def stand_up(grey: Pixels, look: Look, *, upright: bool = False) -> Stand:
    """Find the turn: the sharper of rows and columns says whether the page lies, a classifier of lines which way.

    A page of which a person says that it stands ``upright`` is only levelled.

    All of it on the picture of the first look, and the skew on one of half that: a tenth of the time of OCR.
    """
    flat, ink, turned = look.flat, look.ink, 0
    tiny = cleanup.halve(ink)
    (angle, level_sharpness), (side_angle, lying) = cleanup.skew(tiny), cleanup.skew(cleanup.turn(tiny, 90))
    if upright:
        return Stand(grey, 0, angle, look.quality.letters or None, True)
    rows, columns = tiny.shape
    # the same ink in fewer rows makes them differ more: a long receipt in one width of type has sharp columns
    lies = lying * columns / max(level_sharpness * rows, 1e-9)
    if lies > _DOUBTFUL and _lies_by_gaps(ink, lies):
        flat, ink, angle, turned = cleanup.turn(flat, 90), cleanup.turn(ink, 90), side_angle, 90
    crops = cleanup.line_crops(_levelled(flat, angle), _levelled(ink, angle))
    share = rapidocr.upside_down(crops)
    if share > 0.5:
        turned += 180
    sure = len(crops) >= _LEAST_LINES and not _UNSURE[0] <= share <= _UNSURE[1]
    return Stand(cleanup.turn(grey, turned), turned, angle, look.quality.letters or None, sure)


def _lies_by_gaps(ink: Pixels, lies: float) -> bool:
    gaps = cleanup.letter_gaps(ink)
    return lies > _LYING if gaps is None else gaps[0] > gaps[1]


def _levelled(picture: Pixels, angle: float) -> Pixels:
    if abs(angle) < 1.0:  # the classifier does not mind
        return picture
    matrix, wide, high = cleanup.rotation(picture.shape[1], picture.shape[0], angle)
    paper = 255 if picture.max() > 1 else 0
    return cleanup.warp(picture, matrix, wide, high, paper)
