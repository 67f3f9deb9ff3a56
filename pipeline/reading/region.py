"""A part of a page that a person points at, read on the spot. Runs in the cage."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from models.records import Box, Page, Source, Word
from models.settings import Settings
from pipeline.reading.pages import draw
from pipeline.tools import rapidocr

_DPI = 240
_AIR = 3.0  # points around the box: a hand cuts letters


def read_region(path: Path, media_type: str, page: Page, box: Box, settings: Settings) -> Page:
    """``page`` with only the words that the strong engine reads within ``box`` (points of the upright page).

    About 0.3 s for a few words; a whole page takes as long as reading one anew.

    Raises:
        UnreadableDocument: the page can't be drawn.
        MissingTool: RapidOCR is not installed.
    """
    picture = draw(path, media_type, page.number, turned=page.turned, dpi=_DPI, limits=settings.limits)
    scale = picture.shape[1] / page.width
    height, width = picture.shape[:2]
    left, top = max(0, int((box[0] - _AIR) * scale)), max(0, int((box[1] - _AIR) * scale))
    right, bottom = min(width, int((box[2] + _AIR) * scale) + 1), min(height, int((box[3] + _AIR) * scale) + 1)
    words = []
    if right > left and bottom > top:
        for seen in rapidocr.words(picture[top:bottom, left:right], (), dpi=_DPI):
            x0, y0, x1, y1 = seen.box
            place = ((left + x0) / scale, (top + y0) / scale, (left + x1) / scale, (top + y1) / scale)
            words.append(Word(seen.text, place, seen.confidence))
    return replace(page, words=tuple(words), source=Source.RAPIDOCR, blocks=(), codes=())
