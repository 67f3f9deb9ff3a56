"""What the ink of a page shows: whether there is any, how tall its letters are, where its lines run."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.ocr.cleanup.background import flatten
from pipeline.reading.ocr.cleanup.basics import Pixels, halve, look

_LETTERS = (15.0, 21.5)  # pixels: letters of such a median height are left as they are
_LETTER_AIM = 20.0
_SPECKS = 4
_SPECK = 6  # pixels of its box at 120 dpi
_MOST_LETTERS, _SOME_LETTERS, _FAR = 3000, 300, 10**6
_MOST_SHAPES = 20_000  # noise; the rest would say the same


def binary(picture: Pixels) -> Pixels:
    """Ink as 1, paper as 0, by Otsu's threshold (IEEE Trans. SMC 9, 1979) but never brighter than 200."""
    threshold, _ = cv2.threshold(picture, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    return below(picture, min(max(threshold, 60), 200))


def below(picture: Pixels, level: float) -> Pixels:
    """1 where the picture is darker than ``level``, else 0."""
    return np.asarray(cv2.threshold(picture, level - 1, 1, cv2.THRESH_BINARY_INV)[1], np.uint8)


def shapes(ink: Pixels) -> NDArray[np.int32]:
    """Left, top, width and height of the connected shapes of ink, a row each.

    Outlines are followed, as Suzuki and Abe (CVGIP 30, 1985) do, at a fifth of the cost of labelling every pixel.
    """
    outlines, tree = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return np.empty((0, 4), np.int32)
    outer = np.flatnonzero(tree[0, :, 3] < 0)[:_MOST_SHAPES]  # not those of holes; what lies in a frame counts
    return np.array([cv2.boundingRect(outlines[index]) for index in outer], np.int32)


def is_blank(picture: Pixels) -> bool:
    """Whether a page has nothing on it: fewer than four specks of a letter's size away from the rim."""
    small, _ = look(picture)
    if int(small.max()) - int(small.min()) < 24:
        return True
    flat = flatten(small)
    height, width = flat.shape
    rim_y, rim_x = height // 40, width // 40
    ink = below(flat[rim_y : height - rim_y, rim_x : width - rim_x], 190)
    outlines, tree = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    outer = (outline for outline, links in zip(outlines, tree[0] if outlines else (), strict=True) if links[3] < 0)
    specks = (box for box in map(cv2.boundingRect, outer) if box[2] * box[3] >= _SPECK)
    return len(list(itertools.islice(specks, _SPECKS))) < _SPECKS


def without_rules(ink: Pixels) -> Pixels:
    """Ink without long straight lines, which would say more about a page's turn than its text."""
    length = max(10, max(ink.shape) // 24)
    tiny = halve(ink)
    rules = np.zeros_like(tiny)
    for size in ((length, 1), (1, length)):
        opened = cv2.morphologyEx(tiny, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, size))
        rules = np.maximum(rules, np.asarray(opened, np.uint8))
    height, width = ink.shape
    full = cv2.resize(rules, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.subtract(ink, cv2.dilate(full, np.ones((3, 3), np.uint8))), np.uint8)


def letter_height(ink: Pixels) -> float | None:
    """The median height of letters in pixels, None where there are too few to say."""
    _, _, widths, heights = shapes(ink).T
    most = max(ink.shape) / 15
    letters = heights[(heights >= 5) & (heights <= most) & (widths <= 3 * heights) & (widths * 6 >= heights)]
    return float(np.median(letters)) if len(letters) >= 10 else None


def letter_gaps(ink: Pixels) -> tuple[float, float] | None:
    """The median white gap from a letter to the next to its right, and to the next below; None for too few letters.

    Letters stand closer in a line than lines do, in type of any width.
    """
    boxes = shapes(ink)
    small, large = boxes[:, 2:].min(axis=1, initial=10**6), boxes[:, 2:].max(axis=1, initial=0)
    boxes = boxes[(large >= 5) & (large <= max(ink.shape) / 15) & (small * 8 >= large)][:_MOST_LETTERS]
    if len(boxes) < 10:
        return None
    some = boxes[:: 1 + len(boxes) // _SOME_LETTERS]
    across, down = _nearest(some, boxes), _nearest(some[:, [1, 0, 3, 2]], boxes[:, [1, 0, 3, 2]])
    return (float(np.median(across)), float(np.median(down))) if len(across) and len(down) else None


def _nearest(some: NDArray[np.int32], boxes: NDArray[np.int32]) -> NDArray[np.int32]:
    """The gaps to the nearest box on the right that shares a row, of those boxes that have such a neighbour."""
    gap = boxes[None, :, 0] - (some[:, 0] + some[:, 2])[:, None]
    overlap = (boxes[None, :, 1] < (some[:, 1] + some[:, 3])[:, None]) & (
        (boxes[:, 1] + boxes[:, 3])[None, :] > some[:, 1][:, None]
    )
    nearest = np.where(overlap & (gap >= 0), gap, _FAR).min(axis=1)
    return np.asarray(nearest[nearest < _FAR], np.int32)


def letter_scale(height: float | None) -> float:
    """By which factor to scale a picture so that its letters have the height that Tesseract reads best and fastest."""
    if height is None or _LETTERS[0] <= height <= _LETTERS[1]:
        return 1.0
    return min(3.0, max(0.4, _LETTER_AIM / height))


def line_crops(picture: Pixels, ink: Pixels, limit: int = 16) -> list[Pixels]:
    """Pictures of up to ``limit`` lines of text, found by smearing the ink along the rows; for judging the turn."""
    height = letter_height(ink) or 12.0
    smear = cv2.getStructuringElement(cv2.MORPH_RECT, (max(3, round(height * 1.2)), max(1, round(height * 0.2))))
    boxes = shapes(np.asarray(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, smear), np.uint8))
    _, _, wide, high = boxes.T
    boxes = boxes[(high >= 0.8 * height) & (high <= 4 * height) & (wide >= 3 * high)]
    found = []
    for x, y, w, h in boxes[np.argsort(-boxes[:, 2], kind="stable")][:limit].tolist():
        pad = round(0.25 * h)
        found.append(picture[max(0, y - pad) : y + h + pad, max(0, x - pad) : x + w + pad])
    return found
