"""OpenCV clean-up of a page's picture: pure functions, each one step, grey in and grey out.

Pictures are ``uint8``, dark ink on light paper. `level` runs the steps in their order: scale and turn, divide the
background out, straighten bent lines, take ruled lines away; each of them only where the page needs it. What each
step does to a page can be looked at with ``podatelna show``.
"""

from pipeline.reading.ocr.cleanup.back import pale_marks, without_back
from pipeline.reading.ocr.cleanup.background import background, divide, flatten
from pipeline.reading.ocr.cleanup.basics import Pixels, grey, halve, look, resize, rotation, shrink, turn, warp
from pipeline.reading.ocr.cleanup.bend import Bend, bend_of, bent_box, straighten
from pipeline.reading.ocr.cleanup.ink import (
    binary,
    is_blank,
    letter_gaps,
    letter_height,
    letter_scale,
    line_crops,
    without_rules,
)
from pipeline.reading.ocr.cleanup.level import USUAL_LETTERS, Levelled, level
from pipeline.reading.ocr.cleanup.rules import without_lines
from pipeline.reading.ocr.cleanup.skew import skew

__all__ = [
    "USUAL_LETTERS", "Bend", "Levelled", "Pixels", "background", "bend_of", "bent_box", "binary", "divide", "flatten",
    "grey", "halve", "is_blank", "letter_gaps", "letter_height", "letter_scale", "level", "line_crops", "look",
    "pale_marks", "resize", "rotation", "shrink", "skew", "straighten", "turn", "warp", "without_back", "without_lines",
    "without_rules",
]  # fmt: skip
