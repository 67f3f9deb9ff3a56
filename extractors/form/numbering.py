"""The numbers of a form's questions (``1.``, ``2)``, ``A3``, ``1.4``) are no part of their labels. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from models.records import Page, Reading, Word

_NUMBER = re.compile(r"(?P<front>[A-Z]?|\d\.|\()(?P<number>\d{1,2})(?P<behind>[.)]?)$")
_LEAST = 3  # questions in a row
_BEFORE = 0.9  # heights of blank before a number, unless the line starts with it
_BEHIND = 2.6  # heights up to the question


def without_numbers(reading: Reading) -> Reading:
    """``reading`` without the numbers that count its questions from one end to the other."""
    pages = tuple(_bare(page) for page in reading.pages)
    return (
        replace(reading, pages=pages) if any(a is not b for a, b in zip(pages, reading.pages, strict=True)) else reading
    )


def _bare(page: Page) -> Page:
    styles: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for index, word in enumerate(page.words[:-1]):
        match = _NUMBER.match(word.text)
        if match is None or not (match["front"] or match["behind"]) or not _heads(page.words, index):
            continue
        styles.setdefault((match["front"], match["behind"]), []).append((int(match["number"]), index))
    counted: set[int] = set()
    for found in styles.values():
        run: list[tuple[int, int]] = []
        for number, index in found:
            if run and number == run[-1][0] + 1:
                run.append((number, index))
            elif not run or len(run) < _LEAST:
                run = [(number, index)]
        if len(run) >= _LEAST:
            counted |= {index for _, index in run}
    if not counted:
        return page
    return replace(page, words=tuple(word for index, word in enumerate(page.words) if index not in counted), blocks=())


def _heads(words: Sequence[Word], index: int) -> bool:
    """Whether words with letters follow, and nothing stands close before."""
    word, after = words[index], words[index + 1]
    height = max(1.0, word.box[3] - word.box[1], after.box[3] - after.box[1])
    gap = after.box[0] - word.box[2]
    level = abs(after.box[1] + after.box[3] - word.box[1] - word.box[3]) < height
    if not level or not -0.2 * height < gap < _BEHIND * height or not re.match(r"[^\W\d_]{2}", after.text):
        return False
    before = words[index - 1] if index else None
    if before is None or abs(before.box[1] + before.box[3] - word.box[1] - word.box[3]) > height:
        return True
    return word.box[0] - before.box[2] > _BEFORE * height
