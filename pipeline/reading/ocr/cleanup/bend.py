"""Lines that don't run alike all over the page: the perspective and the curl of a sheet under a telephone.

The slope of lines is measured in tiles and fitted by a plane over the page; columns of pixels are then moved up and
down so that all lines are level. On phone-like scans Tesseract finds 90 instead of 88 % of the words.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from models.records import Box
from pipeline.reading.ocr.cleanup.basics import Pixels, shrink
from pipeline.reading.ocr.cleanup.ink import binary
from pipeline.reading.ocr.cleanup.skew import sharpness_at, sharpness_over

_TILES = (3, 5)  # across, down
_LEAST_TILES = 5
_LEAST_INK = 600  # pixels of a tile with letters 9 pixels tall
_LETTERS = 9.0
_POINTS = 3_000
_LIMIT, _STEP, _FINE = 4.0, 0.5, 0.1  # degrees
_CLEAR = 1.15  # times the median: a sharpness that is no clearer says nothing
_SPREAD = 0.006  # a slope that is so far off counts half
_LEAST_SLOPE = 0.006
_MOST_SLOPE = 0.05
_GRID = 32
_PROOF = 1.0
_PROOF_POINTS = 40_000


@dataclass(frozen=True, slots=True)
class Bend:
    """Lines at (x, y), both -1..1 over a picture of ``width`` by ``height``, fall by ``level + down*y + across*x``."""

    level: float
    down: float
    across: float
    width: int
    height: int

    def fall(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far below its place on the straight picture a pixel was, in pixels."""
        u, v = 2 * x / self.width - 1, 2 * y / self.height - 1
        return (self.level * u + self.down * u * v + self.across * u * u / 2) * (self.width / 2)


def bend_of(picture: Pixels, letters: float) -> Bend | None:
    """How the lines of a flat, level picture with letters ``letters`` pixels tall are bent; None where they are not."""
    ink = binary(shrink(picture, min(1.0, _LETTERS / letters)))
    tiles = _slopes(ink)
    if len(tiles) < _LEAST_TILES:
        return None
    y, x, slope, weight = np.array(tiles).T
    terms = np.stack([np.ones_like(x), y, x], axis=1)
    trust = weight
    for _ in range(5):  # reweighted least squares: a tile with a drawing must not tilt the rest
        root = np.sqrt(trust)
        fit = np.linalg.lstsq(terms * root[:, None], slope * root, rcond=None)[0]
        trust = weight / (1 + ((terms @ fit - slope) / _SPREAD) ** 2)
    level, down, across = (float(np.clip(value, -_MOST_SLOPE, _MOST_SLOPE)) for value in fit)
    if max(abs(level), abs(down), abs(across)) < _LEAST_SLOPE:
        return None
    bend = Bend(level, down, across, picture.shape[1], picture.shape[0])
    return bend if _is_sharper(ink, replace(bend, width=ink.shape[1], height=ink.shape[0])) else None


def _is_sharper(ink: Pixels, bend: Bend) -> bool:
    """Whether lines are sharper without the bend: slopes of a few tiles may say what is not (3 of 24 clean scans)."""
    rows, columns = np.nonzero(ink)
    stride = 1 + len(rows) // _PROOF_POINTS
    y, x = rows[::stride].astype(np.float64), columns[::stride].astype(np.float64)
    straight = (y - bend.fall(x, y)).astype(np.float32)
    flat = np.zeros_like(straight)
    return sharpness_at(straight, flat, 0.0) > _PROOF * sharpness_at(y.astype(np.float32), flat, 0.0)


def _slopes(ink: Pixels) -> list[tuple[float, float, float, float]]:
    """Centre (y, x, both -1..1), slope and clearness of the tiles whose lines have one."""
    height, width = ink.shape
    across, down = _TILES
    found = []
    for row in range(down):
        for column in range(across):
            y0, y1 = height * row // down, height * (row + 1) // down
            x0, x1 = width * column // across, width * (column + 1) // across
            y, x = np.nonzero(ink[y0:y1, x0:x1])
            if len(y) < _LEAST_INK:
                continue
            angle, clear = _angle(y, x)
            if clear > 0:
                found.append(((y0 + y1) / height - 1, (x0 + x1) / width - 1, math.tan(math.radians(angle)), clear))
    return found


def _angle(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> tuple[float, float]:
    stride = 1 + len(rows) // _POINTS
    y, x = rows[::stride].astype(np.float32), columns[::stride].astype(np.float32)
    angles = np.arange(-_LIMIT, _LIMIT + _STEP / 2, _STEP).tolist()
    values = sharpness_over(y, x, angles)
    best = int(np.argmax(values))
    if best in {0, len(values) - 1}:
        return 0.0, 0.0
    usual = float(np.median(values))
    fine = np.arange(angles[best] - _STEP, angles[best] + _STEP + _FINE / 2, _FINE).tolist()
    values = sharpness_over(y, x, fine)
    return fine[int(np.argmax(values))], min(1.0, max(values) / usual - _CLEAR)


def straighten(picture: Pixels, bend: Bend) -> Pixels:
    """The picture with level lines, on white paper."""
    height, width = picture.shape
    at_x = (np.arange(_GRID) + 0.5) * width / _GRID - 0.5
    at_y = (np.arange(_GRID) + 0.5) * height / _GRID - 0.5
    coarse = bend.fall(*np.meshgrid(at_x, at_y)).astype(np.float32)
    down = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    down = cv2.add(down, np.repeat(np.arange(height, dtype=np.float32)[:, None], width, axis=1))
    across = np.repeat(np.arange(width, dtype=np.float32)[None, :], height, axis=0)
    moved = cv2.remap(picture, across, down, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=(255,))
    return np.asarray(moved, np.uint8)


def bent_box(box: Box, bend: Bend) -> Box:
    """Where a word's box on the straight picture stands on the bent one: its middle moves, its height stays."""
    x0, y0, x1, y1 = box
    left, right = bend.fall(np.array([x0, x1]), np.array([y0 + y1, y0 + y1]) / 2).tolist()
    return (x0, y0 + min(left, right), x1, y1 + max(left, right))
