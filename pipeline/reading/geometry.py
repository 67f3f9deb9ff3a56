"""Boxes through turns and homographies. Pixels and points alike: x to the right, y down, origin top left."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.records import Box

Matrix = NDArray[np.floating[Any]]
"""A 3 x 3 homography in the sense of Hartley and Zisserman, *Multiple View Geometry*, 2.3."""


def turn_box(box: Box, turned: int, width: float, height: float) -> Box:
    """Where a box of a page of ``width`` x ``height`` comes to lie when the page is turned clockwise."""
    x0, y0, x1, y1 = box
    if turned == 90:
        return (height - y1, x0, height - y0, x1)
    if turned == 180:
        return (width - x1, height - y1, width - x0, height - y0)
    if turned == 270:
        return (y0, width - x1, y1, width - x0)
    return box


def turned_size(width: float, height: float, turned: int) -> tuple[float, float]:
    """Width and height of a page after a clockwise turn."""
    return (height, width) if turned in (90, 270) else (width, height)


def scaled(box: Box, factor: float) -> Box:
    """A box with both axes scaled, for example from pixels to points."""
    x0, y0, x1, y1 = box
    return (x0 * factor, y0 * factor, x1 * factor, y1 * factor)


def scaling(factor: float) -> Matrix:
    """A homography that scales both axes."""
    return np.diag([factor, factor, 1.0])


def _moved(rows: list[list[float]], x: float, y: float) -> tuple[float, float]:
    """A point through the rows of a homography."""
    (a, b, c), (d, e, f), (g, h, i) = rows
    depth = g * x + h * y + i
    return (a * x + b * y + c) / depth, (d * x + e * y + f) / depth


def move_box(box: Box, matrix: Matrix) -> Box:
    """A word's box through a homography: its middle line is moved and its height scaled.

    The box around the four moved corners would be too tall on a skewed page: a word of ten letters that was
    turned by 3 degrees grows by half of its height.
    """
    x0, y0, x1, y1 = box
    middle, centre = (y0 + y1) / 2, (x0 + x1) / 2
    rows = matrix.tolist()  # a few sums: numpy takes twenty times as long for so little
    (ax, ay), (bx, by) = _moved(rows, x0, middle), _moved(rows, x1, middle)
    half = math.dist(_moved(rows, centre, y0), _moved(rows, centre, y1)) / 2
    return (min(ax, bx), min(ay, by) - half, max(ax, bx), max(ay, by) + half)


def clip_box(box: Box, width: float, height: float) -> Box:
    """The part of a box that lies on the page, never with negative sides."""
    x0, x1 = (min(max(x, 0.0), width) for x in (box[0], box[2]))
    y0, y1 = (min(max(y, 0.0), height) for y in (box[1], box[3]))
    return (x0, y0, max(x0, x1), max(y0, y1))
