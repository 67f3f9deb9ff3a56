"""Print of the back that shines through a scan, told beyond doubt: it reads better in a mirror.

Pale print may be the back's, or the front's own small print, a stamp or a pencil's; only the first is mirrored. So a
few pale lines are read both ways by RapidOCR's recogniser before anything is taken for the back's. Left in, it costs
RapidOCR a quarter of its precision and a third more time; Tesseract's binary picture hides all but the strongest.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.reading.ocr import cleanup
from pipeline.reading.ocr.stand import Look
from pipeline.tools import rapidocr

Pixels = NDArray[np.uint8]

_LEAST_LINES = 4
_LONG = 7.0  # heights: no more of a line is read
_FOR, _AGAINST = 3, 2  # so many more lines for it than against it tell, or the other way round
_PLAINLY = 0.9  # so sure, and a line can't be better in the mirror
_READS, _BETTER = 0.75, 0.05  # how surely the back's lines read in the mirror, and by how much surer than as is
_DARKER = 1.35  # bold print shines through so much more than the lines that were read
_HINDERS = 170  # grey level
_FLIPS = (1, 0)  # OpenCV's: sheets are turned over by their long edge or by the short one


@dataclass(frozen=True, slots=True)
class Front:
    """A page's grey picture, flat and without the print of its back, which was so dark on it: ``level``, 0..255."""

    grey: Pixels
    level: float

    @property
    def is_needed_by_tesseract(self) -> bool:
        """Whether the back was dark enough to hinder Tesseract, which loses a word or two where it was not."""
        return self.level < _HINDERS


def front(grey: Pixels, look: Look) -> Front | None:
    """The page without the print of its back; None (nearly always, after 2 ms) where none shines through."""
    level = back_level(look.flat)
    if level is None:
        return None
    letters = look.quality.letters or cleanup.USUAL_LETTERS
    return Front(cleanup.without_back(cleanup.flatten(grey), level, letters), level)


def back_level(flat: Pixels) -> float | None:
    """How dark, 0..255, the print of the back is on the flat picture of a first `Look`; None where there is none."""
    marks = cleanup.pale_marks(flat)
    if marks is None:
        return None
    pictures, turned = max(
        ((cleanup.line_crops(cleanup.turn(flat, turned), cleanup.turn(marks, turned)), turned) for turned in (0, 90)),
        key=lambda one: len(one[0]),
    )
    if len(pictures) < _LEAST_LINES or not _is_back(pictures):
        return None
    rest = (1 - cv2.dilate(marks, np.ones((3, 3), np.uint8))) * np.uint8(255)
    alone = cleanup.turn(np.asarray(cv2.max(flat, rest), np.uint8), turned)
    levels = [np.percentile(crop, 2) for crop in cleanup.line_crops(alone, cleanup.turn(marks, turned))]
    return max(0.0, 255 - _DARKER * (255 - float(np.median(levels))))


def _is_back(pictures: list[Pixels]) -> bool:
    """Whether most lines read better in the mirror; the lower ones are asked, the others may be two in one."""
    usual = np.median([len(crop) for crop in pictures])
    told = 0
    for crop in (_middle(crop) for crop in pictures if len(crop) <= usual):
        told += 1 if _is_mirrored(crop) else -1
        if told in (_FOR, -_AGAINST):
            break
    return told >= _FOR


def _is_mirrored(crop: Pixels) -> bool:
    plain = rapidocr.sureness([crop])
    if plain >= _PLAINLY:
        return False
    mirrored = max(rapidocr.sureness([_flipped(crop, how)]) for how in _FLIPS)
    if mirrored < max(_READS, plain + _BETTER):
        return False
    return mirrored >= rapidocr.sureness([cleanup.turn(crop, 180)]) + _BETTER


def _flipped(crop: Pixels, how: int) -> Pixels:
    return np.asarray(cv2.flip(crop, how), np.uint8)


def _middle(crop: Pixels) -> Pixels:
    """The middle of a line's picture, with full contrast."""
    middle, half = crop.shape[1] // 2, round(_LONG / 2 * crop.shape[0])
    part = crop[:, max(0, middle - half) : middle + half]
    return rapidocr.full_contrast(part)
