"""Finding the sheet in a photograph: a page or receipt that lies on a table, seen from a hand.

Pure: a picture goes in, the four corners come out, or nothing where no sheet is clear or it fills the picture already.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.records import Box
from pipeline.reading.geometry import Matrix, move_box, turn_box, turned_size
from pipeline.reading.ocr.cleanup import Pixels, shrink, warp

_SIDE = 600  # pixels: the size at which the sheet is looked for
_SHARE = (0.12, 0.93)  # of the picture: less is no sheet, more fills it already
_FILLED = 0.93  # of the four corners' area is paper, and of the paper lies within
_STEPS = (16.0, 28.0)  # grey levels from table to paper: at least across each edge, and across most
_EDGES = 3  # of four
_PROBES = 24
_AWAY = 0.012  # of the picture's side: so far from an edge both are looked at
_INSET = 0.004  # of the sheet: so much of its rim is left out, for it is never quite straight
_RIGHT = (55.0, 125.0)  # degrees: a sheet's corners from where a hand holds a telephone


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet in a picture: ``matrix`` leads from the picture to the sheet of ``width`` x ``height`` pixels."""

    matrix: Matrix
    width: int
    height: int

    def cut(self, pixels: Pixels) -> Pixels:
        """The sheet alone, seen from straight above."""
        return warp(pixels, self.matrix, self.width, self.height)

    def back(self, box: Box, turned: int, width: int, height: int) -> Box:
        """A box on the sheet after a clockwise turn, on the picture of ``width`` x ``height`` after the same turn."""
        wide, high = turned_size(self.width, self.height, turned)
        flat = turn_box(box, (360 - turned) % 360, wide, high)
        if turned not in (90, 270):
            return turn_box(move_box(flat, np.linalg.inv(self.matrix)), turned, width, height)
        # a word of a lying sheet runs down the picture: its middle line must be moved along the other axis
        swap = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
        x0, y0, x1, y1 = move_box((flat[1], flat[0], flat[3], flat[2]), swap @ np.linalg.inv(self.matrix) @ swap)
        return turn_box((y0, x0, y1, x1), turned, width, height)


def sheet(pixels: Pixels) -> Sheet | None:
    """The sheet in a picture (grey or RGB); None where there is no clear one or it fills the picture already."""
    height, width = pixels.shape[:2]
    factor = min(1.0, _SIDE / max(height, width))
    white = _whiteness(shrink(pixels, factor))
    corners = _corners(white)
    if corners is None or not _stands_out(white, corners):
        return None
    return _sheet_of(corners / factor)


def _whiteness(small: Pixels) -> Pixels:
    """The darkest colour of each pixel, writing closed away: paper is bright in all three, wood only in red."""
    least = small if small.ndim == 2 else small.min(axis=2)
    side = (max(least.shape) // 30) | 1
    closed = cv2.morphologyEx(least, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (side, side)))
    return np.asarray(cv2.medianBlur(closed, 5), np.uint8)


def _corners(white: Pixels) -> NDArray[np.float64] | None:
    """Four corners, clockwise from the top left, of the largest bright patch if it is a quadrangle."""
    _, bright = cv2.threshold(white, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    outlines, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    outline = max(outlines, key=cv2.contourArea)
    area, whole = cv2.contourArea(outline), float(white.size)
    if not _SHARE[0] * whole <= area <= _SHARE[1] * whole:
        return None
    hull = cv2.convexHull(outline)
    around = cv2.arcLength(hull, closed=True)
    for part in np.arange(0.01, 0.12, 0.005):
        rough = cv2.approxPolyDP(hull, part * around, closed=True)
        if len(rough) == 4:
            break
    else:
        return None
    corners = _fitted(rough[:, 0].astype(np.float64), outline[:, 0].astype(np.float64))
    own = abs(cv2.contourArea(corners.astype(np.float32)))
    if own <= 0 or area / own < _FILLED or cv2.contourArea(hull) / own > 2 - _FILLED or own > _SHARE[1] * whole:
        return None
    sides = np.roll(corners, -1, axis=0) - corners
    angles = np.degrees(np.arctan2(sides[:, 1], sides[:, 0]))
    inner = (180 - np.diff(np.append(angles, angles[0]))) % 360
    if not bool(((inner > _RIGHT[0]) & (inner < _RIGHT[1])).all()):
        return None
    return corners


def _fitted(rough: NDArray[np.float64], outline: NDArray[np.float64]) -> NDArray[np.float64]:
    """Corners where lines through the outline's points meet; rounded or folded corners don't pull them in."""
    centre = rough.mean(axis=0)
    rough = rough[np.argsort(np.arctan2(*(rough - centre).T[::-1]))]  # clockwise, as y points down
    lines = []
    for start, end in zip(rough, np.roll(rough, -1, axis=0), strict=True):
        along = end - start
        length = float(np.hypot(*along)) or 1.0
        unit = along / length
        place = (outline - start) @ unit
        off = np.abs((outline - start) @ np.array([-unit[1], unit[0]]))
        near = outline[(place > 0.08 * length) & (place < 0.92 * length) & (off < 0.03 * length + 3)]
        if len(near) < 8:
            near = np.stack([start, end])
        fitted = cv2.fitLine(near.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01)
        dx, dy, x, y = (float(value) for value in np.ravel(fitted))
        lines.append((dy, -dx, dx * y - dy * x))
    points: list[NDArray[np.float64]] = []
    for before, after in zip(np.roll(np.array(lines), 1, axis=0), lines, strict=True):
        cross = np.cross(before, np.array(after))
        points.append(cross[:2] / cross[2] if abs(cross[2]) > 1e-9 else rough[len(points)])
    corners = np.array(points)
    first = int(np.argmin(corners.sum(axis=1)))
    return np.roll(corners, -first, axis=0)


def _stands_out(white: Pixels, corners: NDArray[np.float64]) -> bool:
    """Whether it is brighter within the sheet's edges than without: a little on each, much on three of four.

    The soft edge of a shadow on the sheet is no edge; one edge may lie out of the picture.
    """
    height, width = white.shape
    away = max(3.0, _AWAY * max(height, width))
    steps = []
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = end - start
        inward = np.array([-along[1], along[0]]) / max(1.0, float(np.hypot(*along)))
        points = start + np.linspace(0.1, 0.9, _PROBES)[:, None] * along
        seen = [
            int(white[int(iy), int(ix)]) - int(white[int(oy), int(ox)])
            for (ix, iy), (ox, oy) in zip(points + away * inward, points - away * inward, strict=True)
            if 0 <= ox < width and 0 <= oy < height and 0 <= ix < width and 0 <= iy < height
        ]
        if len(seen) >= _PROBES // 3:
            steps.append(float(np.median(seen)))
    return len(steps) >= _EDGES and min(steps) >= _STEPS[0] and sum(step >= _STEPS[1] for step in steps) >= _EDGES


def _sheet_of(corners: NDArray[np.float64]) -> Sheet:
    top, right, bottom, left = (
        float(np.hypot(*(end - start))) for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True)
    )
    width, height = max(8, round(max(top, bottom))), max(8, round(max(left, right)))
    x, y = _INSET * width, _INSET * height
    target = np.array([[-x, -y], [width + x, -y], [width + x, height + y], [-x, height + y]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    return Sheet(np.asarray(matrix, np.float64), width, height)
