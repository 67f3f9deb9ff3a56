"""What an engine lost and the columns of ink still show: blanks (``4ks``, ``4340,00``, ``21%``), and the times sign.

Both engines close blanks that their training seldom saw, Tesseract the narrow ones in and beside numbers. How wide a
blank is says the word itself: it is wider than its other gaps, or digits, which stand evenly, stand farther apart.
Tesseract's languages know no ``×``; it writes ``x``, which stands on the line, where ``×`` stands above it.

Of the words of clean Czech pages it brings the share that is found from 97.4 to 98.8 %, of scans from 97.7 to 97.9
(`tests/benchmarks/reading.py --only clean`, ``--only scan``). It cuts what is whole once in 400 times.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.tools.seen import Seen

Pixels = NDArray[np.uint8]
Runs = NDArray[np.intp]
"""A row for each run of columns with ink: its first column, and the first behind it."""

_LINE_GAP = 0.2  # of a line's height: a white gap so wide may be a blank
_LINE_RATIO = 3.0  # and so many times the line's median gap
_NUMBER = frozenset("0123456789.,:/-")

_NUMBER_GAP, _NUMBER_RATIO = 0.3, 2.0  # of a word's height, and of its usual gap: beside a number or after a dot
_LETTER_GAP, _LETTER_RATIO = 0.42, 2.4  # between letters, which stand less evenly
_ROOM_OF_ONE = 0.1  # that much more beside a 1, which has white about it
_GROUP_PITCH = 1.28  # between digits: of the pitch of the number's other digits
_COLUMN_GAP = 0.8  # two numbers side by side
_LEAST_PITCHES = 2  # of which the pitch is known
_TIMES = re.compile(r"(?<=\d)[xX](?=\d)")
_TIMES_LIFT = 0.08  # of a digit's height: an x stands within 0.05 of the line, the sign from 0.09 to 0.25 above
_ADDRESS = re.compile(r"@|//|www|:.*:")
_STRIDE = 3  # every third pixel says as well where ink ends and paper begins
_SURE = 0.65  # a word of a lower score is rather misread, and its gaps say nothing
_LOWEST = 8  # pixels: what is not higher are dots
_BESIDE_NUMBER = frozenset({"d%", "l%", "dl", "ld", ".l", ".%", ":l"})
_NARROW, _BROAD = frozenset("ijltfrI.,:;'|!()[]-"), frozenset("mwMW%@")
_SIGNS = dict.fromkeys("%€$£", "%")


def ink_gaps(crop: Pixels) -> list[tuple[int, int]]:
    """Runs of columns without ink between the first and the last ink of a line's picture (grey), in pixels."""
    _, ink = cv2.threshold(crop, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    dark = 1 - ink if float(ink.mean()) > 0.5 else ink
    margin = max(1, dark.shape[0] // 10)  # neighbours' feet and rules at the rim
    runs = _runs(dark[margin : dark.shape[0] - margin] > 0)
    return [(int(left[1]), int(right[0])) for left, right in itertools.pairwise(runs)]


def lost_in_line(text: str, spans: Sequence[tuple[float, float]], crop: Pixels) -> set[int]:
    """Positions in ``text`` before which a blank was lost: a wide white gap there, and not inside a number.

    ``spans`` are the left and right end of each sign as a share of the width of the line's picture (grey).
    """
    gaps = ink_gaps(crop)
    if not gaps:
        return set()
    height, width = crop.shape
    usual = float(np.median([end - start for start, end in gaps]))
    wide = [(s / width, e / width) for s, e in gaps if e - s > _LINE_GAP * height and e - s > _LINE_RATIO * usual]
    found = set()
    for index in range(1, len(text)):
        before, after = text[index - 1], text[index]
        if before.isspace() or after.isspace() or (before in _NUMBER and after in _NUMBER):
            continue
        left = sum(spans[index - 1]) / 2
        right = sum(spans[index]) / 2
        if any(left < (start + end) / 2 < right for start, end in wide):
            found.add(index)
    return found


def mended(grey: Pixels, words: Sequence[Seen]) -> list[Seen]:
    """The words of a picture, those in which a blank was lost in parts, and with the times signs that stand there.

    A part is as sure as the word was.

    It takes the boxes to be tight, as Tesseract's are; some 20 microseconds a word.
    """
    some = np.ascontiguousarray(grey[::_STRIDE, ::_STRIDE])
    level, _ = cv2.threshold(some, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    inked = [_InkedWord(word, _cut(grey, word) <= level) for word in words]
    shares = [share for one in inked for share in one.letter_gaps()]
    usual = float(np.percentile(shares, 50, method="lower")) if shares else 0.0
    return [part for one in inked for part in one.parts(usual)]


def _cut(grey: Pixels, word: Seen) -> Pixels:
    x0, y0, x1, y1 = (max(0, round(side)) for side in word.box)
    return grey[y0:y1, x0:x1]


def _foot(ink: NDArray[np.bool_]) -> tuple[int, int]:
    """How high ink is, and the row behind its last."""
    rows = np.flatnonzero(ink.any(axis=1))
    return (int(rows[-1] - rows[0]) + 1, int(rows[-1]) + 1) if rows.size else (0, 0)


def _runs(ink: NDArray[np.bool_]) -> Runs:
    columns = np.zeros(ink.shape[1] + 2, np.int8)
    columns[1:-1] = ink.any(axis=0)
    return np.flatnonzero(np.diff(columns)).reshape(-1, 2)


@dataclass(frozen=True, slots=True)
class _InkedWord:
    """A word and the columns of its ink; where no letters touch or fall apart, a run for each sign."""

    word: Seen
    ink: NDArray[np.bool_]
    runs: Runs = field(init=False)

    def __post_init__(self) -> None:
        """Find the runs once for all."""
        object.__setattr__(self, "runs", _runs(self.ink))

    @property
    def height(self) -> float:
        return max(1.0, self.word.box[3] - self.word.box[1])

    @property
    def is_even(self) -> bool:
        return len(self.runs) == len(self.word.text)

    def gaps(self) -> NDArray[np.intp]:
        return self.runs[1:, 0] - self.runs[:-1, 1]

    def letter_gaps(self) -> Iterator[float]:
        """The gaps between letters and digits as shares of the height."""
        text = self.word.text
        if self.is_even:
            for index, gap in enumerate(self.gaps().tolist(), 1):
                if text[index - 1].isalnum() and text[index].isalnum():
                    yield gap / self.height

    def parts(self, usual: float) -> list[Seen]:
        """The word, or its parts; ``usual`` is the page's usual gap as a share of the height."""
        blanks, text = self._blanks(usual), self._with_times()
        if not blanks:
            return [self.word if text == self.word.text else replace(self.word, text=text)]
        x0, y0, _, y1 = self.word.box
        cuts = [0, *blanks, len(text)]
        found = []
        for start, end in itertools.pairwise(cuts):
            first = 0 if start == 0 else blanks[start]
            last = (len(self.runs) if end == len(text) else blanks[end]) - 1
            box = (x0 + float(self.runs[first, 0]), y0, x0 + float(self.runs[last, 1]), y1)
            found.append(replace(self.word, text=text[start:end], box=box))
        return found

    def _with_times(self) -> str:
        """The text, with the times sign for each ``x`` between digits that stands above their line."""
        text = self.word.text
        for found in _TIMES.finditer(text) if self.is_even else ():
            sign, digit = (self.ink[:, slice(*self.runs[at])] for at in (found.start(), found.end()))
            (_, foot), (high, line) = _foot(sign), _foot(digit)
            if line - foot >= _TIMES_LIFT * high:
                text = f"{text[: found.start()]}×{text[found.end() :]}"
        return text

    def _blanks(self, usual: float) -> dict[int, int]:
        """Before which sign a blank was lost, in their order, and with which run of ink it begins."""
        text, gaps = self.word.text, self.gaps()
        if self.word.confidence < _SURE or len(text) < 2 or self.height < _LOWEST:
            return {}
        if not gaps.size or gaps.max() < _NUMBER_GAP * self.height:
            return {}
        found: dict[int, int] = {}
        for run in (np.flatnonzero(gaps >= _NUMBER_GAP * self.height) + 1).tolist():
            for at in (run,) if self.is_even else (self._sign_at(run), run, len(text) - len(self.runs) + run):
                if max(found, default=0) < at < len(text) and self._is_blank(at, run, gaps, usual):
                    found[at] = run
                    break
        return found

    def _sign_at(self, run: int) -> int:
        """The sign that a run of ink begins with, by the usual widths of signs; letters touch or fall apart."""
        text, inked = self.word.text, np.diff(self.runs, axis=1).ravel()
        ends = list(itertools.accumulate(map(_width, text)))
        share = float(inked[:run].sum() / inked.sum())
        return min(range(1, len(text)), key=lambda at: abs(ends[at - 1] / ends[-1] - share))

    def _is_blank(self, at: int, run: int, gaps: NDArray[np.intp], usual: float) -> bool:
        """Whether the gap before a run of ink, which is that before the sign ``at``, is a blank."""
        text = self.word.text
        gap, others = float(gaps[run - 1]) / self.height, np.delete(gaps, run - 1) / self.height
        most = max(usual, float(np.median(others)) if others.size else 0.0)
        pair = _kind(text[at - 1]) + _kind(text[at])
        if pair in _BESIDE_NUMBER:
            least = _NUMBER_GAP + (_ROOM_OF_ONE if "1" in text[at - 1 : at + 1] else 0.0)
            return gap >= least and gap >= _NUMBER_RATIO * most and not _ADDRESS.search(text)
        if pair == "ll":
            return self.is_even and gap >= _LETTER_GAP and gap >= _LETTER_RATIO * most
        wide = gap >= _COLUMN_GAP and gap >= _LETTER_RATIO * most
        return pair == "dd" and self.is_even and (wide or self._stands_apart(run))

    def _stands_apart(self, run: int) -> bool:
        """Whether a digit stands farther from the one before than the other digits of its number do."""
        centres = self.runs.sum(axis=1) / 2
        text = self.word.text
        others = [
            centres[index] - centres[index - 1]
            for index in range(1, len(text))
            if index != run and text[index - 1].isdigit() and text[index].isdigit()
        ]
        apart = centres[run] - centres[run - 1]
        return len(others) >= _LEAST_PITCHES and bool(apart >= _GROUP_PITCH * np.median(others))


def _width(sign: str) -> float:
    """The width of a sign by that of a small letter or digit, roughly."""
    if sign in _NARROW:
        return 0.5
    return 1.5 if sign in _BROAD else 1.2 if sign.isupper() else 1.0


def _kind(sign: str) -> str:
    if sign.isdigit():
        return "d"
    return "l" if sign.isalpha() else _SIGNS.get(sign, sign)
