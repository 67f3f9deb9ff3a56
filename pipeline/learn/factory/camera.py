"""A sheet on a table as a telephone in the hand sees it: true perspective, a table, lamp light, a shadow, soft focus.

Images are numpy arrays of 8-bit grey (height, width) or BGR (height, width, 3); chance comes from the generator only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.learn.factory.spoil import Pixels, clip, clouds


class Table(StrEnum):
    """What the sheet lies on."""

    WOOD = "wood"
    DARK = "dark"
    CLOTH = "cloth"
    STONE = "stone"


@dataclass(frozen=True, slots=True)
class View:
    """Where the telephone is held. Angles in degrees: ``tilt`` backwards, ``pan`` sideways, ``roll`` clockwise."""

    tilt: float = 0.0
    pan: float = 0.0
    roll: float = 0.0
    distance: float = 1.6  # of the sheet's longer side
    air: float = 0.12  # around the sheet, of the picture's side
    table: Table = Table.WOOD
    shadow: float = 0.3  # depth of the hand's shadow, 0..1
    noise: float = 3.0  # standard deviation in grey levels
    blur: float = 0.7  # Gaussian sigma in pixels


_COLOURS = {
    Table.WOOD: (52, 84, 118),
    Table.DARK: (38, 34, 33),
    Table.CLOTH: (110, 78, 58),
    Table.STONE: (128, 134, 138),
}
_GRAIN = {Table.WOOD: 26.0, Table.DARK: 3.0, Table.CLOTH: 9.0, Table.STONE: 12.0}


def any_view(chance: np.random.Generator) -> View:
    """A view such as people take: seldom straight, never absurd."""
    tilt, pan, roll = (float(chance.uniform(-most, most)) for most in (22.0, 16.0, 9.0))
    table = list(Table)[int(chance.integers(len(Table)))]
    air, shadow = float(chance.uniform(0.05, 0.2)), float(chance.uniform(0.0, 0.45))
    return View(tilt, pan, roll, float(chance.uniform(1.3, 2.2)), air, table, shadow)


def corners(width: int, height: int, view: View) -> npt.NDArray[np.float64]:
    """Where a pinhole camera sees the four corners of the sheet, clockwise from its top left, in its units."""
    tilt, pan, roll = (math.radians(angle) for angle in (view.tilt, view.pan, view.roll))
    about_x = np.array([[1, 0, 0], [0, math.cos(tilt), -math.sin(tilt)], [0, math.sin(tilt), math.cos(tilt)]])
    about_y = np.array([[math.cos(pan), 0, math.sin(pan)], [0, 1, 0], [-math.sin(pan), 0, math.cos(pan)]])
    about_z = np.array([[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]])
    x, y = width / 2, height / 2
    sheet = np.array([[-x, -y, 0.0], [x, -y, 0.0], [x, y, 0.0], [-x, y, 0.0]])
    seen = sheet @ (about_z @ about_y @ about_x).T
    far = view.distance * max(width, height)
    return np.asarray(seen[:, :2] * (far / (far + seen[:, 2:])))


def snapshot(image: Pixels, view: View, chance: np.random.Generator) -> tuple[Pixels, npt.NDArray[np.float64]]:
    """A grey page as a telephone sees it (BGR), and the corners of the sheet in the photo, clockwise from top left."""
    height, width = image.shape
    seen = corners(width, height, view)
    low, high = seen.min(axis=0), seen.max(axis=0)
    pad = view.air * (high - low).max()
    seen = seen - low + pad
    wide, tall = (round(float(side)) for side in high - low + 2 * pad)
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    bend = cv2.getPerspectiveTransform(flat, seen.astype(np.float32))
    paper = clip(image.astype(np.float32) * 0.82 + 38)
    shown = cv2.warpPerspective(paper, bend, (wide, tall), flags=cv2.INTER_AREA).astype(np.float32)[..., None]
    mask = cv2.warpPerspective(np.ones((height, width), np.float32), bend, (wide, tall))[..., None]
    edge = cv2.GaussianBlur(np.roll(mask[..., 0], (tall // 150, wide // 150), (0, 1)), (0, 0), wide / 150)[..., None]
    scene = _table(view.table, tall, wide, chance) * (1 - 0.45 * edge)
    scene = scene * (1 - mask) + shown * mask
    slope = np.add.outer(np.linspace(0, 1, tall), np.linspace(0, 0.7, wide)).astype(np.float32)
    hand = 1 / (1 + np.exp((slope - chance.uniform(0.7, 1.2)) * 9))
    light = 1.02 - view.shadow * (1 - hand) - clouds(scene.shape, chance, 0.08)
    scene = scene * light[..., None] * np.array([0.93, 0.99, 1.03], np.float32)
    scene = cv2.GaussianBlur(scene, (0, 0), view.blur) + chance.normal(0, view.noise, scene.shape)
    return clip(scene), np.asarray(seen, np.float64)


def _table(table: Table, tall: int, wide: int, chance: np.random.Generator) -> npt.NDArray[np.float32]:
    spots = cv2.GaussianBlur(chance.normal(0, _GRAIN[table], (tall, wide)).astype(np.float32), (0, 0), 2)
    if table is Table.WOOD:
        rows = chance.normal(0, _GRAIN[table], (tall, 1)).astype(np.float32).repeat(wide, 1)
        spots = spots + cv2.GaussianBlur(rows, (0, 0), 3)
    return np.stack([level + spots for level in _COLOURS[table]], axis=2).astype(np.float32)
