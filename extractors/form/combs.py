"""Boxes for single letters, as forms have them: the letters of one value become words again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from extractors.page.layout import union
from models.records import Page, Reading, Word

_LEAST = 4  # letters in a row that make it sure that somebody spread them
_LEVEL = 0.4  # heights by which they may stand apart
_SPREAD = 0.35  # share of the pitch by which a letter may be off its place
_BLANK = 0.25  # heights between the words that come out
_PITCH = (0.9, 4.0)  # heights from one letter to the next


def without_combs(reading: Reading) -> Reading:
    """``reading`` with words in place of letters at one distance from each other; an empty box is a blank."""
    pages = tuple(_joined(page) for page in reading.pages)
    return (
        replace(reading, pages=pages) if any(a is not b for a, b in zip(pages, reading.pages, strict=True)) else reading
    )


def _joined(page: Page) -> Page:
    single = [word for word in page.words if len(word.text) == 1]
    if len(single) < _LEAST:
        return page
    words: list[Word] = []
    changed = False
    for run in _runs(page.words):
        made = _words(run) if len(run) >= _LEAST else None
        words += run if made is None else made
        changed |= made is not None
    return replace(page, words=tuple(words)) if changed else page


def _runs(words: Sequence[Word]) -> list[list[Word]]:
    """The words in order, single letters that follow each other on a line together."""
    runs: list[list[Word]] = []
    for word in words:
        last = runs[-1][-1] if runs else None
        if last is not None and len(word.text) == len(last.text) == 1 and _follows(last, word):
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs


def _follows(last: Word, word: Word) -> bool:
    height = max(last.box[3] - last.box[1], word.box[3] - word.box[1], 1.0)
    level = abs(last.box[1] + last.box[3] - word.box[1] - word.box[3]) / 2 < _LEVEL * height
    step = (word.box[0] + word.box[2] - last.box[0] - last.box[2]) / 2
    return level and 0 < step < 2.6 * _PITCH[1] * height


def _words(run: Sequence[Word]) -> list[Word] | None:
    """The words that letters at one pitch make; None where they stand at no pitch."""
    middles = [(word.box[0] + word.box[2]) / 2 for word in run]
    height = median(word.box[3] - word.box[1] for word in run)
    steps = [after - before for before, after in pairwise(middles)]
    pitch = min(steps)
    near = [step for step in steps if step < 1.4 * pitch]
    pitch = median(near)
    if not _PITCH[0] * height < pitch < _PITCH[1] * height or len(near) < 0.6 * len(steps):
        return None
    if any(abs(step / pitch - round(step / pitch)) > _SPREAD for step in steps):
        return None
    groups: list[list[Word]] = [[run[0]]]
    for step, word in zip(steps, run[1:], strict=True):
        if round(step / pitch) > 1:
            groups.append([word])
        else:
            groups[-1].append(word)
    boxes = [union(w.box for w in group) for group in groups]
    for index, after in enumerate(boxes[1:]):  # an empty box is a blank, not the gap between two columns
        x0, y0, _, y1 = boxes[index]
        boxes[index] = (x0, y0, after[0] - _BLANK * height, y1)
    return [
        Word("".join(w.text for w in group), box, min(w.confidence for w in group))
        for group, box in zip(groups, boxes, strict=True)
    ]
