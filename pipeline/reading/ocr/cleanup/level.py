"""All steps from an upright grey picture to the one that Tesseract reads best."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from models.records import Box
from pipeline.reading.geometry import Matrix, move_box, scaling
from pipeline.reading.ocr.cleanup.background import background, divide
from pipeline.reading.ocr.cleanup.basics import PAPER, Pixels, rotation, shrink
from pipeline.reading.ocr.cleanup.bend import Bend, bend_of, bent_box, straighten
from pipeline.reading.ocr.cleanup.ink import letter_scale
from pipeline.reading.ocr.cleanup.rules import without_lines

_DESKEW_FROM = 0.25  # degrees; less is below what a line of a page shows
USUAL_LETTERS = 22.0


@dataclass(frozen=True, slots=True)
class Levelled:
    """A flat, level picture with letters of the height that Tesseract reads best.

    ``matrix`` leads to it from the upright picture but for its ``bend``, ``inverse`` back; ``factor`` is how much of it
    is scaling, ``letters`` the height of its letters in its pixels.
    """

    picture: Pixels
    matrix: Matrix
    bend: Bend | None
    factor: float
    letters: float
    inverse: Matrix = field(init=False)

    def __post_init__(self) -> None:
        """Turn the matrix round once for all words."""
        object.__setattr__(self, "inverse", np.linalg.inv(self.matrix))

    def back(self, box: Box) -> Box:
        """A word's box on the upright picture from which this one was made."""
        return move_box(bent_box(box, self.bend) if self.bend else box, self.inverse)


def level(grey: Pixels, skew: float, letters: float | None) -> Levelled:
    """Scale, turn by ``skew`` degrees, divide the background out, straighten bent lines, take ruled lines away.

    ``letters`` is the height of the letters in pixels, None where it is not known.
    """
    factor = letter_scale(letters)
    height = (letters or USUAL_LETTERS) * factor
    picture, matrix = turned_and_scaled(grey, skew, factor)
    picture = divide(picture, moved_background(grey, matrix, picture.shape))
    bend = bend_of(picture, height)
    if bend:
        picture = straighten(picture, bend)
    return Levelled(without_lines(picture, height), matrix, bend, factor, height)


def moved_background(grey: Pixels, matrix: Matrix, shape: tuple[int, ...]) -> Pixels:
    """The background of a picture where ``matrix`` leads, for a picture of ``shape`` there; small, as it is smooth."""
    paper = background(grey)
    height, width = paper.shape
    if matrix[0, 1] == 0.0 and matrix[1, 0] == 0.0:
        return paper
    into = np.diag([width / shape[1], height / shape[0], 1.0])
    out_of = np.diag([grey.shape[1] / width, grey.shape[0] / height, 1.0])
    spun = (into @ matrix @ out_of)[:2]
    how = cv2.INTER_LINEAR
    return np.asarray(
        cv2.warpAffine(paper, spun, (width, height), flags=how, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def turned_and_scaled(grey: Pixels, skew: float, factor: float) -> tuple[Pixels, Matrix]:
    """The picture scaled by ``factor`` and turned counter-clockwise by ``skew`` degrees, and the way there."""
    height, width = grey.shape
    wide, high = round(width * factor), round(height * factor)
    if abs(skew) < _DESKEW_FROM:
        if factor == 1.0:
            return grey, scaling(1.0)
        if factor < 1.0:
            return shrink(grey, factor), scaling(factor)
        grown = cv2.resize(grey, (wide, high), interpolation=cv2.INTER_CUBIC)
        return np.asarray(grown, np.uint8), scaling(factor)
    spin, broad, tall = rotation(wide, high, skew)
    matrix = spin @ scaling(factor)
    how = cv2.INTER_LINEAR if factor < 1.0 else cv2.INTER_CUBIC
    moved = cv2.warpAffine(
        grey, matrix[:2], (broad, tall), flags=how, borderMode=cv2.BORDER_CONSTANT, borderValue=(PAPER,)
    )
    return np.asarray(moved, np.uint8), matrix
