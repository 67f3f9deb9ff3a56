"""Boxes to tick as readers see them: a cross, a tick or an x in brackets, and boxes that were left empty."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors.page.labels import LabelHit
from extractors.page.layout import WIDE, Layout, Line

CROSS = r"(?:[xX×✓✔☒☑■⊠冈囚区図]|\[ ?[xX×✓✔] ?\]|\( ?[xX×✓✔] ?\))"
"""A box that is ticked; a word of its own."""
EMPTY = r"(?:[□☐▢◻❏]|\[ ?_? ?\]|\( ?_? ?\))"
"""A box that is not."""
_CROSS = re.compile(rf"(?<![^\s{WIDE}]){CROSS}(?![^\s{WIDE}])")
_ANY = re.compile(rf"(?<![^\s{WIDE}])(?:{CROSS}|{EMPTY})(?![^\s{WIDE}])")
_BEFORE = re.compile(rf"(?:^|[\s{WIDE}]){CROSS}[\s{WIDE}]*$")
_AFTER = re.compile(rf"^[\s{WIDE}]*{CROSS}(?:$|[\s{WIDE}])")
_LINES = 6  # lines of choices below their label, or above it
_APART = 2.1  # line heights between the tops of two of them


def crosses(text: str, start: int, end: int) -> list[re.Match[str]]:
    """The ticked boxes in ``text[start:end]``."""
    return list(_CROSS.finditer(text, start, end))


def is_marked(text: str) -> bool:
    """Whether a ticked box stands at either end of ``text``, which then is more than the choice itself."""
    return checked(text, "") == 1 or bool(_AFTER.search(text))


def checked(before: str, after: str) -> float:
    """1 if a cross stands right before, 0.5 if right behind, -1 if one stands elsewhere on the line, 0 if none."""
    if _BEFORE.search(before):
        return 1.0
    if _AFTER.search(after):
        return 0.5
    return -1.0 if _CROSS.search(before) or _CROSS.search(after) else 0.0


def choices(hit: LabelHit, layout: Layout, starts: frozenset[tuple[int, int]]) -> Iterator[tuple[Line, int, int]]:
    """Where the lines of choices of a label run on, below it or above: line, start, end.

    ``starts`` are the places (line, start) where labels start: choices end there. A line belongs to them as long as it
    holds a box, or lies between lines that do, no further apart than lines of one list are.
    """
    height = max(4.0, hit.box[3] - hit.box[1])
    lines = [line for line in layout.lines if line.page == hit.page]
    at = next(index for index, line in enumerate(lines) if line.number == hit.line.number)
    for way in (lines[at + 1 : at + 1 + _LINES], lines[max(0, at - _LINES) : at][::-1]):
        last, found = hit.box[1], []
        for line in way:
            if abs(line.box[1] - last) > _APART * max(height, line.height):
                break
            segments = [one for one in line.segments if one.box[2] > hit.box[0] - height]
            if any((line.number, one.start) in starts for one in segments):
                break
            found += [(line, one.start, one.end) for one in segments]
            last = line.box[1]
        if any(_ANY.search(line.text, start, end) for line, start, end in found):
            yield from found
            return
