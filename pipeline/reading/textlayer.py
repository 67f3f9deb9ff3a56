"""The text layer of a PDF page: glyphs to words, and whether the words can be trusted.

Threat: a text layer says what its author likes. Invisible, white, covered, off-page and hidden-layer text is
found by looking: a word whose place on the drawn page shows no contrast is dropped and reported. Accepted risk
here: a ToUnicode map that turns a printed 100.00 into 900.00 (`pipeline.reading.witness` looks for it).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.records import Box, Word
from pipeline.reading.geometry import clip_box, turn_box, turned_size
from pipeline.tools.pdfium import Glyph, Picture
from pipeline.tools.text import clean, unreadable_share

_GAP = 0.3  # of the glyph's height: a wider gap parts two words even where the file has no blank
_GUESSED_GAP = 0.15  # where PDFium guesses a blank: it also does so for the kerning of "Ve" and "Br"
_BACK = 0.6  # a glyph that starts so far left of the last one's end begins a new word
_CONTRAST = 24  # of 255: less between the darkest and the lightest pixel of its place, and a word can't be seen
_UNREADABLE = 0.1
_SCAN_COVER = 0.5  # of the page's area: one picture so large is a scan if there is little text
_SCAN_WORDS = 25
_MAJORITY = 0.6
_LONGEST_WORD = 300  # characters; what is longer is an attack on patterns, and no field


@dataclass(frozen=True, slots=True)
class TextLayer:
    """The words of a page's text layer on the page turned so that most of it reads upright.

    ``hidden`` counts words in a render mode without ink; they are not among ``words``.
    """

    words: tuple[Word, ...]
    hidden: int
    width: float
    height: float
    turned: int

    @property
    def text(self) -> str:
        """The words with blanks between them."""
        return " ".join(word.text for word in self.words)


def text_layer(glyphs: Iterable[Glyph], width: float, height: float) -> TextLayer:
    """Build words from glyphs (boxes in points of a page of ``width`` x ``height``) and find the page's turn."""
    runs = [(run, angle) for run, angle in _runs(glyphs) if _on_page(run, width, height)]
    angles = Counter[int]()
    for run, angle in runs:
        angles[angle] += len(run)
    total = sum(angles.values())
    turned = next((360 - a for a in (90, 180, 270) if total and angles[a] > _MAJORITY * total), 0)
    size = turned_size(width, height, turned)
    words: list[Word] = []
    hidden = 0
    for run, _ in runs:
        text = clean("".join(glyph.text for glyph in run)).strip()
        if not text:
            continue
        if all(glyph.hidden for glyph in run):
            hidden += 1
            continue
        box = clip_box(turn_box(_around(run), turned, width, height), *size)
        words.extend(Word(part[:_LONGEST_WORD], box) for part in text.split())
    return TextLayer(tuple(words), hidden, *size, turned)


def is_sane(layer: TextLayer) -> bool:
    """Whether the layer is text at all: it has words, and hardly any character is private, unassigned or lost."""
    return bool(layer.words) and unreadable_share(layer.text) <= _UNREADABLE


def is_scan(layer: TextLayer, pictures: Iterable[Picture], page_area: float) -> bool:
    """Whether the page is a picture: a large image with little text, or with text that some scanner hid behind it."""
    cover = max(((p.box[2] - p.box[0]) * (p.box[3] - p.box[1]) for p in pictures), default=0.0) / page_area
    return cover >= _SCAN_COVER and (len(layer.words) < _SCAN_WORDS or layer.hidden > len(layer.words))


def seen_words(words: Iterable[Word], page: NDArray[np.uint8], dpi: float) -> tuple[tuple[Word, ...], int]:
    """Keep the words whose place on the drawn upright page (grey) shows some contrast; return how many do not."""
    kept, lost = [], 0
    scale = dpi / 72.0
    for word in words:
        x0, y0, x1, y1 = (side * scale for side in word.box)
        place = page[int(y0) : int(y1) + 1, int(x0) : int(x1) + 1]
        if place.size and int(place.max()) - int(place.min()) >= _CONTRAST:
            kept.append(word)
        else:
            lost += 1
    return tuple(kept), lost


def _runs(glyphs: Iterable[Glyph]) -> Iterable[tuple[list[Glyph], int]]:
    """Glyphs that make a word: no blank between them, one direction, and each close behind the last."""
    run: list[Glyph] = []
    angle, gap = 0, _GAP
    for glyph in glyphs:
        if glyph.box is None:
            if run and not glyph.guessed:
                yield run, angle
                run = []
            gap = _GUESSED_GAP
            continue
        direction = _quarter(glyph.angle)
        if run and (direction != angle or not _follows(run[-1], glyph, direction, gap)):
            yield run, angle
            run = []
        run.append(glyph)
        angle, gap = direction, _GAP
    if run:
        yield run, angle


def _quarter(angle: int) -> int:
    """The right angle that ``angle`` is within 10 degrees of, else the angle itself."""
    nearest = round(angle / 90) * 90
    return nearest % 360 if abs(angle - nearest) <= 10 else angle % 360


def _follows(last: Glyph, glyph: Glyph, direction: int, gap: float) -> bool:
    if last.box is None or glyph.box is None:
        return False
    if direction % 90:
        return gap == _GAP  # slanted text: only blanks part its words
    turn = (360 - direction) % 360
    a = turn_box(last.box, turn, 0.0, 0.0)
    b = turn_box(glyph.box, turn, 0.0, 0.0)
    height = max(1.0, min(a[3] - a[1], b[3] - b[1]))
    if min(a[3], b[3]) - max(a[1], b[1]) < 0.3 * height:
        return False
    return -_BACK * height <= b[0] - a[2] <= gap * height


def _around(run: list[Glyph]) -> Box:
    boxes = [glyph.box for glyph in run if glyph.box is not None]
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


def _on_page(run: list[Glyph], width: float, height: float) -> bool:
    x0, y0, x1, y1 = _around(run)
    return x1 > 0 and y1 > 0 and x0 < width and y0 < height and all(map(math.isfinite, (x0, y0, x1, y1)))
