"""Boxes for single letters, as forms have them: the letters of one value become words again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from extractors.page.layout import union
from models.records import Page, Reading, Source, Word

_LEAST = 4  # letters in a row that make it sure that somebody spread them
_LEVEL = 0.4  # heights by which they may stand apart
_SPREAD = 0.35  # share of the pitch by which a letter may be off its place
_BLANK = 0.25  # heights between the words that come out
_WIDE = 1.05  # heights from letter to letter of a spread word
_LETTER = 0.55  # heights that a letter is wide
_LEAST_STEP, _NEXT, _EMPTY = 0.8, 1.45, 2.7  # times the pitch: to the next letter, to the one behind an empty box
_PITCH = (0.9, 4.0)  # heights from one letter to the next


def without_combs(reading: Reading) -> Reading:
    """``reading`` with words in place of letters at one distance from each other; an empty box is a blank."""
    pages = tuple(_closed(_joined(page)) for page in reading.pages)
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


def _closed(page: Page) -> Page:
    """The page with spread words whole, where a text layer parts a letter from them; an empty box is a blank."""
    spread = {index for index, word in enumerate(page.words) if _pitch(word) > _WIDE * _height(word)}
    if not spread or page.source is not Source.TEXT:  # engines' boxes are too tight to tell
        return page
    near = [index for index, word in enumerate(page.words) if index in spread or len(word.text) == 1]
    near.sort(key=lambda index: (page.words[index].box[1] + page.words[index].box[3], page.words[index].box[0]))
    words: dict[int, Word] = dict(enumerate(page.words))
    for row in _levels(near, page.words):
        last = row[0]
        for index in row[1:]:
            word, after = words[last], words[index]
            if index in spread or last in spread:
                letter = _LETTER * _height(word)
                step = (after.box[0] - word.box[2] + letter) / max(_pitch(word), _pitch(after))
                if _LEAST_STEP < step < _NEXT:
                    whole = union((word.box, after.box))
                    words[last] = Word(word.text + after.text, whole, min(word.confidence, after.confidence))
                    spread.add(last)
                    del words[index]
                    continue
                if _NEXT <= step < _EMPTY:
                    words[last] = replace(word, box=(*word.box[:2], after.box[0] - _BLANK * _height(word), word.box[3]))
            last = index
    found = tuple(words[index] for index in sorted(words))
    return replace(page, words=found, blocks=()) if found != page.words else page


def _levels(indices: Sequence[int], words: Sequence[Word]) -> list[list[int]]:
    """The words of each line, from the left."""
    rows: list[list[int]] = []
    for index in indices:
        word = words[index]
        last = words[rows[-1][0]] if rows else None
        apart = last is None or abs(word.box[1] + word.box[3] - last.box[1] - last.box[3]) / 2 > _LEVEL * _height(word)
        if apart:
            rows.append([])
        rows[-1].append(index)
    return [sorted(row, key=lambda index: words[index].box[0]) for row in rows]


def _height(word: Word) -> float:
    return max(1.0, word.box[3] - word.box[1])


def _pitch(word: Word) -> float:
    """The distance from one letter of a word to the next, about, in points; 0 of a single letter."""
    count = len(word.text)
    return (word.box[2] - word.box[0]) / (count - 0.5) if count > 1 else 0.0


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
