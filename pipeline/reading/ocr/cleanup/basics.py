"""Moving pixels about: grey, turn, scale, warp."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.geometry import Matrix

Pixels = NDArray[np.uint8]

cv2.setNumThreads(1)

PAPER = 255
_LOOK_SIDE = 1400  # pixels, 120 dpi of an A4 page: judging a page needs no more
_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


def grey(pixels: Pixels) -> Pixels:
    """RGB to grey (ITU-R BT.601 weights); grey stays."""
    return pixels if pixels.ndim == 2 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def turn(pixels: Pixels, turned: int) -> Pixels:
    """Turn clockwise by 0, 90, 180 or 270 degrees (or any multiple of 90)."""
    how = _TURNS.get(turned % 360)
    return pixels if how is None else np.asarray(cv2.rotate(pixels, how), np.uint8)


def shrink(picture: Pixels, factor: float) -> Pixels:
    """The picture at ``factor`` (at most 1) of its size: halved by averages, the rest by interpolation.

    OpenCV's averaging by an odd factor costs ten times as much and shows no more.
    """
    if factor >= 1.0:
        return picture
    height, width = picture.shape[:2]
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    while factor <= 0.5 and min(picture.shape[:2]) >= 4:
        picture = np.asarray(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
        factor *= 2
    if (picture.shape[1], picture.shape[0]) == size:
        return picture
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def look(picture: Pixels) -> tuple[Pixels, float]:
    """The picture at a size at which to judge it, and the factor by which it was shrunk."""
    factor = min(1.0, _LOOK_SIDE / max(picture.shape))
    return shrink(picture, factor), factor


def halve(ink: Pixels) -> Pixels:
    """Ink at half the size; a pixel is ink if any of its four was."""
    height, width = (side // 2 * 2 for side in ink.shape)
    even = ink[:height, :width]
    rows = np.maximum(even[::2], even[1::2])
    return np.maximum(rows[:, ::2], rows[:, 1::2])


def resize(pixels: Pixels, width: int, height: int) -> Pixels:
    """Shrink (by averaging) or enlarge a picture, grey or RGB."""
    shrinks = width < pixels.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=how), np.uint8)


def rotation(width: int, height: int, angle: float) -> tuple[Matrix, int, int]:
    """The homography that turns a picture counter-clockwise by ``angle`` degrees, and the size that holds all of it."""
    matrix = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0), [0.0, 0.0, 1.0]])
    cos, sin = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
    wide, high = round(width * cos + height * sin), round(width * sin + height * cos)
    matrix[0, 2] += (wide - width) / 2
    matrix[1, 2] += (high - height) / 2
    return matrix, wide, high


def warp(picture: Pixels, matrix: Matrix, width: int, height: int, paper: int = PAPER) -> Pixels:
    """The picture, grey or RGB, through a homography, on paper of the given size and brightness."""
    moved = cv2.warpPerspective(
        picture,
        np.asarray(matrix, np.float64),
        (width, height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(paper,) * 3,
    )
    return np.asarray(moved, np.uint8)
