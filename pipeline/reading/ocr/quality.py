"""How good the picture of a page is, in a few cheap numbers: 10 ms a page, before anything is read."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.ocr import cleanup

Pixels = NDArray[np.uint8]

_TILE = 192  # pixels
_TILES = 8
_LEAST_SIDE = 64  # pixels; smaller pictures are continued by their rim
_FEW = 16  # pixels: fewer say nothing of a grey level
_FLAT_SIDE = 24  # pixels: the picture so small shows light and shade, but no letters


@dataclass(frozen=True, slots=True)
class Quality:
    """Numbers about a picture; all but ``letters`` are taken from the tiles with most ink, at the picture's own size.

    ``letters`` is the median height of letters in pixels (0 where there are too few to say), ``contrast`` the distance
    of ink and paper, 0..1, ``noise`` the spread of the paper's grey levels as a share of the contrast,
    ``sharpness`` the steepness of edges (share of the contrast crossed in a pixel), ``black_white`` the share of
    pure black and white, ``ink`` the share of the page that is inked, ``shade`` the spread of the background's
    brightness over the page, 0..1, ``narrow`` height by width, ``photo`` 1 for a picture file that is no sheet.
    """

    letters: float
    contrast: float
    noise: float
    sharpness: float
    black_white: float
    ink: float
    shade: float
    narrow: float
    photo: float

    def numbers(self) -> tuple[float, ...]:
        """All numbers in the order of `NAMES`."""
        return astuple(self)


NAMES = tuple(field.name for field in fields(Quality))


def quality(grey: Pixels, ink: Pixels, letters: float | None, *, photo: bool) -> Quality:
    """Judge a grey picture by its ink (1 ink, 0 paper; of any size) and the height of its letters in its pixels."""
    tiles = [_judge(tile) for tile in _inked_tiles(grey, ink)]
    contrast, noise, sharpness, extremes = (float(np.median(part)) for part in zip(*tiles, strict=True))
    height, width = grey.shape
    small = cleanup.shrink(grey, min(1.0, 8 * _FLAT_SIDE / max(height, width)))
    flat = cv2.resize(small, (_FLAT_SIDE, _FLAT_SIDE), interpolation=cv2.INTER_AREA)
    shade = float(flat.astype(np.float32).std()) / 255.0
    return Quality(
        letters or 0.0, contrast, noise, sharpness, extremes, float(ink.mean()), shade, height / width, float(photo)
    )


def _inked_tiles(grey: Pixels, ink: Pixels) -> list[Pixels]:
    height, width = grey.shape
    high, wide = max(1, height // _TILE), max(1, width // _TILE)
    shares = cv2.resize(ink.astype(np.float32), (wide, high), interpolation=cv2.INTER_AREA).ravel()
    # a picture or a black rim is not text: tiles with more than a third of ink come last
    order = np.argsort(np.where(shares > 1 / 3, -1.0, shares), kind="stable")[::-1][:_TILES]
    tall, broad = height // high, width // wide
    corners = [(int(index) // wide * tall, int(index) % wide * broad) for index in order]
    return [grey[y : y + tall, x : x + broad][:_TILE, :_TILE] for y, x in corners]


def _judge(tile: Pixels) -> tuple[float, float, float, float]:
    """Contrast, noise, sharpness and share of black and white of one tile."""
    dark, light = (float(level) for level in np.percentile(tile, (1, 80)))
    depth = max(1.0, light - dark)
    paper = tile[tile > light - 0.35 * depth]
    spread = float(paper.std()) if paper.size >= _FEW else depth
    across = np.abs(np.diff(tile.astype(np.int16), axis=1))
    steep = float(np.percentile(across, 98))
    extremes = float(((tile <= 2) | (tile >= 253)).mean())
    return depth / 255.0, spread / depth, steep / depth, extremes


def judge(grey: Pixels, *, photo: bool) -> Quality:
    """The quality of a grey picture, however small, whose ink was not looked for yet."""
    short = [max(0, _LEAST_SIDE - side) for side in grey.shape]
    if any(short):
        framed = cv2.copyMakeBorder(grey, 0, short[0], 0, short[1], cv2.BORDER_REPLICATE)
        grey = np.asarray(framed, np.uint8)
    small, factor = cleanup.look(grey)
    ink = cleanup.without_rules(cleanup.binary(cleanup.flatten(small)))
    letters = cleanup.letter_height(ink)
    return quality(grey, ink, letters and letters / factor, photo=photo)
