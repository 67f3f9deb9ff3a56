"""Does the text layer say what the page shows? A few words are read from the picture and compared.

Threat: a font whose ToUnicode map turns a printed 100.00 into 900.00, and, far more often, a font without a map, of
which every program guesses another text. What is compared is what matters most: amounts, accounts, dates, and words
that look like a bad guess. Shapes of digits are compared first (`pipeline.reading.pdf.digits`); what looks odd there a
recogniser reads, in 15 ms a word; a difference counts only if a second reading at another size says the same, so
that its own slips raise no alarm.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.messages import say
from models.records import Box, Finding, Page, Severity, Word
from pipeline.reading.pdf.digits import DIGITS, unlike
from pipeline.reading.pdf.textlayer import Hidden, TextLayer
from pipeline.tools import rapidocr

Pixels = NDArray[np.uint8]
Draw = Callable[[float], Pixels]
"""Draws the upright page in grey at a given dpi."""

FIRST_DPI, SECOND_DPI = 150.0, 260.0
_ODD_WORDS, _AMOUNTS, _OTHERS, _SUSPECTS = 2, 8, 4, 5
_ODD = re.compile(r"[^\W\d_\x00-\x7f]\d|\d[^\W\d_\x00-\x7f]")  # a letter with an accent beside a digit
_AMOUNT = re.compile(r"\d[.,]\d{2}\b")
_ACCOUNT = re.compile(r"\d{6}|\d[-./]\d")  # account, tax and document numbers, dates
_SURE = 0.9
_STACKED = 0.6  # of the smaller word's box: two words in one place
_COMPARED, _PAIRS = 2000, 8
_LOOK_ALIKES = str.maketrans("oOQDIl|iSsBZzGb", "000011115582266")


def sample(words: Sequence[Word]) -> list[Word]:
    """The words to compare: some that look like a wrong guess, and the last amounts of the page, where totals stand."""
    return [words[index] for index in _sample(words)]


def _sample(words: Sequence[Word]) -> list[int]:
    odd = [index for index, word in enumerate(words) if _ODD.search(word.text)][:_ODD_WORDS]
    amounts = [index for index, word in enumerate(words) if _AMOUNT.search(word.text)][-_AMOUNTS:]
    others = [index for index, word in enumerate(words) if _ACCOUNT.search(word.text)][:_OTHERS]
    return list(dict.fromkeys([*odd, *amounts, *others]))


def suspects(layer: TextLayer, ink: Pixels, *, odd: bool = True) -> list[Word]:
    """Of a sample of the layer's words those that the page may show otherwise; an engine must look at them.

    ``ink`` is the ink of the layer's text on the upright page, white on black. Words that look ``odd`` are always
    among them, for no shape tells about letters. Digits are compared with the shapes of digits: a whole sample costs a
    tenth of one look by an engine.
    """
    scale = ink.shape[1] / layer.width
    found, boxes, digits, owners = [], [], [], []
    for index in _sample(layer.words):
        word, marks = layer.words[index], layer.marks[index]
        if _ODD.search(word.text):
            found += [index] * odd
            continue
        if len(marks) != len(word.text) or not _runs_right(marks):
            found.append(index)
            continue
        for char, (x0, y0, x1, y1) in zip(word.text, (marks * scale).tolist(), strict=True):
            if char in DIGITS:
                boxes.append((x0, y0, x1, y1))
                digits.append(char)
                owners.append(index)
    found += [owner for owner, other in zip(owners, unlike(ink, boxes, digits), strict=True) if other]
    return [layer.words[index] for index in dict.fromkeys(found)][:_SUSPECTS]


def without_buried(layer: TextLayer, draw: Draw) -> TextLayer:
    """The layer without words that lie under others: who edits a PDF paints over a word and writes another there.

    Both leave ink at their place, so the recogniser says which of the two can be read; the other one counts as
    covered. Where it reads neither, both stay.
    """
    pairs = _stacked(layer.words)
    if not pairs:
        return layer
    page = draw(SECOND_DPI)
    buried: set[int] = set()
    for pair in pairs:
        for word, other in (pair, pair[::-1]):
            text = read_box(page, layer.words[word].box, SECOND_DPI / 72.0)
            if text is not None and essence(text, letters=True) == essence(layer.words[word].text, letters=True):
                buried.add(other)
                break
    if not buried:
        return layer
    kept = [index for index in range(len(layer.words)) if index not in buried]
    covered = (*layer.hidden.get(Hidden.COVERED, ()), *(layer.words[index] for index in sorted(buried)))
    return replace(
        layer,
        words=tuple(layer.words[index] for index in kept),
        marks=tuple(layer.marks[index] for index in kept),
        hidden={**layer.hidden, Hidden.COVERED: covered},
    )


def _stacked(words: Sequence[Word]) -> list[tuple[int, int]]:
    """Pairs of different words that take the same place, at most `_PAIRS` of them."""
    some = [index for index, word in enumerate(words) if any(map(str.isalnum, word.text))][:_COMPARED]
    if len(some) < 2:
        return []
    x0, y0, x1, y1 = np.array([words[index].box for index in some]).T
    order = np.argsort(y0)
    x0, y0, x1, y1 = x0[order], y0[order], x1[order], y1[order]
    area = (x1 - x0) * (y1 - y0)
    found: list[tuple[int, int]] = []
    for step in range(1, len(some)):  # neighbours by height first, until no pair that far apart can meet
        if not (y0[step:] < y1[:-step]).any():
            break
        wide = np.minimum(x1[:-step], x1[step:]) - np.maximum(x0[:-step], x0[step:])
        high = np.minimum(y1[:-step], y1[step:]) - np.maximum(y0[:-step], y0[step:])
        shared = np.clip(wide, 0, None) * np.clip(high, 0, None)
        for place in np.flatnonzero(shared >= _STACKED * np.minimum(area[:-step], area[step:])).tolist():
            one, other = some[order[place]], some[order[place + step]]
            if words[one].text != words[other].text:
                found.append((one, other))
                if len(found) == _PAIRS:
                    return found
    return found


def _runs_right(marks: NDArray[np.float64]) -> bool:
    return len(marks) < 2 or float(marks[-1, 0] - marks[0, 0]) > abs(float(marks[-1, 1] - marks[0, 1]))


def contradicted(words: Sequence[Word], draw: Draw) -> int:
    """How many of ``words`` the picture of their page clearly shows otherwise."""
    if not words:
        return 0
    first = draw(FIRST_DPI)
    suspects = [(word, seen) for word in words if (seen := _seen(word, first, FIRST_DPI)) is not None]
    suspects = [(word, seen) for word, seen in suspects if not _agrees(word.text, seen)]
    if not suspects:
        return 0
    second = draw(SECOND_DPI)
    return sum(_seen(word, second, SECOND_DPI) == seen for word, seen in suspects)


def read_box(page: Pixels, box: Box, scale: float) -> str | None:
    """What the recogniser reads in ``box`` (times ``scale``: pixels of ``page``); None where it is not sure."""
    x0, y0, x1, y1 = (side * scale for side in box)
    pad = 0.15 * (y1 - y0)
    crop = page[max(0, round(y0 - pad)) : round(y1 + pad), max(0, round(x0 - pad)) : round(x1 + pad)]
    if min(crop.shape) < 6 or crop.shape[0] > 2 * crop.shape[1]:
        return None
    text, _, scores = rapidocr.read_line(np.ascontiguousarray(crop))
    return text if text and float(np.mean(scores)) >= _SURE else None


def essence(text: str, *, letters: bool) -> str:
    """What must agree when a text is read twice: its digits, and on demand its letters without case and accents."""
    if not letters:
        return "".join(char for char in text.translate(_LOOK_ALIKES) if char.isdigit())
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_LOOK_ALIKES)
    return "".join(char for char in plain if char.isalnum())


def _seen(word: Word, page: Pixels, dpi: float) -> str | None:
    """What the recogniser reads where ``word`` stands, in essence; None where it is not sure or sees nothing."""
    text = read_box(page, word.box, dpi / 72.0)
    return None if text is None else _essence(text, word.text)


def _agrees(text: str, seen: str) -> bool:
    wanted = _essence(text, text)
    if any(unicodedata.category(char) == "Sc" for char in text):  # a printed currency sign may be read as a digit
        return seen.endswith(wanted)
    return seen == wanted


def _essence(text: str, like: str) -> str:
    """What must agree: the digits of an amount; letters as well of an odd word."""
    return essence(text, letters=_ODD.search(like) is not None)


def layer_behind(words: Sequence[Word], page: Page) -> Finding | None:
    """Whether the text that some scanner hid behind its picture names amounts that we don't read on the page."""
    ours = Counter(_digits(word.text) for word in page.words)
    joined = "".join(_digits(word.text) for word in page.words)
    theirs = [digits for word in words if _AMOUNT.search(word.text) and (digits := _digits(word.text))]
    missing = [digits for digits in theirs if digits not in ours and digits not in joined]
    if not missing:
        return None
    message = say(
        "The text hidden behind the picture of page {page} names {missing} of {count} amounts otherwise than we "
        "read them; the picture counts.",
        page=page.number,
        missing=len(missing),
        count=len(theirs),
    )
    return Finding("scan-text-differs", Severity.WARNING, message)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
