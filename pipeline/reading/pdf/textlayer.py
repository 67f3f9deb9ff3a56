"""The text layer of a PDF page: which glyphs can be seen, and the words that they make.

Threat: a text layer says what its author likes. A glyph counts only if drawing the page with and without text makes
a difference at its place; so white, covered, clipped, transparent, off-page and hidden-layer text is left out,
whatever trick hides it, and counted by kind. Accepted risk here: a ToUnicode map that turns a printed 100.00 into
900.00 (`pipeline.reading.pdf.witness` looks for it).
"""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.messages import say
from models.records import Finding, Severity, Word
from pipeline.reading.geometry import turned_size
from pipeline.tools.pdfium_text import INVISIBLE, Glyphs, TextObject, grey_of, in_layer, is_clipped
from pipeline.tools.text import clean, unreadable_share

Pixels = NDArray[np.uint8]
Boxes = NDArray[np.float64]

_GAP = 0.3  # of the glyph's height: a wider gap parts two words even where the file has no blank
_GUESSED_GAP = 0.15  # where PDFium guesses a blank: it also does so for the kerning of "Ve" and "Br"
_BACK = 0.6  # a glyph that starts so far left of the last one's end begins a new word
_SPACED = 1.2  # heights between letters of a letterspaced word
_SPACED_LETTERS = 4
_EVEN = 0.3  # by so much may its gaps differ
_SAME_LINE = 0.3  # of the smaller height must two glyphs of a word share
_INK = 16  # of 255: less difference between the page with and without text, and nobody sees it
_TINY = 1.0  # points: a line of text less high is no text for people
_UNREADABLE = 0.1
_MAJORITY = 0.6
_LONGEST_WORD = 300  # characters; what is longer is an attack on patterns, and no field


class Hidden(StrEnum):
    """Why a glyph can't be seen."""

    INVISIBLE = "invisible"  # a text render mode without ink: what scanners put behind their pictures
    OFF_PAGE = "off-page"
    TINY = "tiny"
    NO_CONTRAST = "no-contrast"  # transparent, or of the colour of what it stands on
    LAYER_OFF = "layer-off"  # in an optional layer that is not shown
    CLIPPED = "clipped"
    COVERED = "covered"  # something was drawn over it


BEHIND_SCANS = (Hidden.INVISIBLE, Hidden.COVERED, Hidden.NO_CONTRAST)
"""How programs hide what they recognised behind the picture of a scan."""

_KINDS = tuple(Hidden)
_SEEN = -1


@dataclass(frozen=True, slots=True)
class Look:
    """The upright page in grey without its text, and the ``ink`` of the text alone (white on black)."""

    bare: Pixels
    ink: Pixels


def look_at(whole: Pixels, bare: Pixels) -> Look:
    """What drawing a page with and without its text shows."""
    return Look(bare, np.asarray(cv2.absdiff(whole, bare), np.uint8))


@dataclass(frozen=True, slots=True)
class TextLayer:
    """The words of a page's text layer on the page turned so that most of it reads upright.

    ``marks`` holds the boxes of each word's characters (k x 4, on the same page). ``hidden`` are the words
    that can't be seen; they are not among ``words``.
    """

    words: tuple[Word, ...]
    marks: tuple[Boxes, ...]
    hidden: dict[Hidden, tuple[Word, ...]]
    width: float
    height: float
    turned: int

    @property
    def text(self) -> str:
        """The words with blanks between them."""
        return " ".join(word.text for word in self.words)


def text_layer(
    glyphs: Glyphs, width: float, height: float, look: Look | None = None, *, upright: bool = False
) -> TextLayer:
    """Build words from the glyphs of a page of ``width`` x ``height`` points and find the page's turn.

    ``upright`` says that the page stands as it lies, whatever its letters say: a person has turned it.
    Without a ``look`` at the drawn page (upright, any size) only render modes and places are judged.
    """
    angles = np.array([_quarter(item.angle) for item in glyphs.objects] or [0])
    placed = glyphs.owner >= 0
    kinds = _hidden_kinds(glyphs, placed, width, height, look)
    turned = 0 if upright else _turn(angles[glyphs.owner[placed & (kinds == _SEEN)]])
    size = turned_size(width, height, turned)
    build = functools.partial(_words, glyphs, angles, width=width, height=height, turned=turned)
    words, marks = build(placed & (kinds == _SEEN))
    hidden = {}
    for number, kind in enumerate(_KINDS):
        mask = placed & (kinds == number)
        if mask.any() and (found := build(mask)[0]):
            hidden[kind] = tuple(found)
    return TextLayer(tuple(words), tuple(marks), hidden, *size, turned)


def is_sane(layer: TextLayer) -> bool:
    """Whether the layer is text at all: it has words, and hardly any character is private, unassigned or lost."""
    return bool(layer.words) and unreadable_share(layer.text) <= _UNREADABLE


def hidden_findings(layer: TextLayer, number: int, *, scan: bool) -> list[Finding]:
    """What was left out of the layer, a finding a kind; words without ink behind a scan are as they should be.

    Only what holds digits can change what a document says, so the rest doesn't keep it from loading.
    """
    findings = []
    for kind, words in layer.hidden.items():
        telling = [word for word in words if any(map(str.isalnum, word.text))]
        if not telling:
            continue
        if scan and kind in BEHIND_SCANS:
            message = say(
                "Page {number} is a scan with {count} words hidden behind its picture; it was read anew.",
                number=number,
                count=len(telling),
            )
            findings.append(Finding("scan-text-layer", Severity.INFO, message))
            continue
        grave = any(char.isdigit() for word in telling for char in word.text)
        message = say(
            "Page {number} carries {count} words that can't be seen on it ({kind}); they were left out.",
            number=number,
            count=len(telling),
            kind=kind,
        )
        findings.append(Finding(f"hidden-text:{kind}", Severity.WARNING if grave else Severity.INFO, message))
    return findings


def _hidden_kinds(
    glyphs: Glyphs, placed: NDArray[np.bool_], width: float, height: float, look: Look | None
) -> NDArray[np.int8]:
    """For each glyph the index of its kind of `Hidden`, or -1."""
    kinds = np.full(len(glyphs), _SEEN, np.int8)
    if not placed.any():
        return kinds
    if look is not None:
        lost = placed & ~_inked(glyphs, placed, width, height, look.ink)
        for owner in np.unique(glyphs.owner[lost]).tolist():
            own = lost & (glyphs.owner == owner)
            kinds[own] = _KINDS.index(_why(glyphs.objects[owner], glyphs.boxes[own], width, height, look.bare))
    boxes = np.nan_to_num(glyphs.boxes, nan=-1.0, posinf=-1.0, neginf=-1.0)
    x, y = boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1)
    tiny = np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    tiny = np.where(np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) < _TINY, tiny, _TINY)
    kinds[placed & (tiny < _TINY)] = _KINDS.index(Hidden.TINY)
    outside = (x < 0) | (y < 0) | (x > width) | (y > height)
    kinds[placed & outside] = _KINDS.index(Hidden.OFF_PAGE)
    unpainted = np.array([item.mode in INVISIBLE for item in glyphs.objects] or [False])
    kinds[placed & unpainted[np.maximum(glyphs.owner, 0)]] = _KINDS.index(Hidden.INVISIBLE)
    return kinds


def _why(item: TextObject, boxes: Boxes, width: float, height: float, bare: Pixels) -> Hidden:
    """What hides glyphs that were drawn and left no ink."""
    if not item.handle:
        return Hidden.COVERED
    if in_layer(item):
        return Hidden.LAYER_OFF
    if is_clipped(item):
        return Hidden.CLIPPED
    grey = grey_of(item)
    high, wide = bare.shape
    x0, y0, x1, y1 = (boxes[0] * np.array([wide / width, high / height] * 2)).clip(0, max(high, wide)).astype(int)
    place = bare[y0 : y1 + 1, x0 : x1 + 1]
    alike = grey is None or (place.size > 0 and abs(float(np.median(place)) - grey) < _INK)
    return Hidden.NO_CONTRAST if alike else Hidden.COVERED


def _inked(glyphs: Glyphs, placed: NDArray[np.bool_], width: float, height: float, ink: Pixels) -> NDArray[np.bool_]:
    """Which glyphs make a difference at their place. A dot or comma counts as its neighbours in the file do."""
    sums = cv2.integral((ink >= _INK).view(np.uint8), sdepth=cv2.CV_32S)
    high, wide = ink.shape
    boxes = np.nan_to_num(glyphs.boxes) * np.array([wide / width, high / height] * 2)
    x0, x1 = (np.clip(boxes[:, side], 0, wide).astype(np.int64) for side in (0, 2))
    y0, y1 = (np.clip(boxes[:, side], 0, high).astype(np.int64) for side in (1, 3))
    x1, y1 = np.minimum(x1 + 1, wide), np.minimum(y1 + 1, high)
    found: NDArray[np.bool_] = (sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]) > 0
    for index in np.flatnonzero(placed & ~found).tolist():
        if not glyphs.text[index].isalnum():
            around = [i for i in (index - 1, index + 1) if 0 <= i < len(glyphs) and glyphs.text[i].isalnum()]
            found[index] = any(found[i] and placed[i] for i in around)
    return found


def _turn(angles: NDArray[np.int64]) -> int:
    counts = Counter(angles.tolist())
    return next((360 - a for a in (90, 180, 270) if counts[a] > _MAJORITY * len(angles)), 0)


def _quarter(angle: int) -> int:
    """The right angle that ``angle`` is within 10 degrees of, else the angle itself."""
    nearest = round(angle / 90) * 90
    return nearest % 360 if abs(angle - nearest) <= 10 else angle % 360


def _words(
    glyphs: Glyphs, angles: NDArray[Any], kept: NDArray[np.bool_], *, width: float, height: float, turned: int
) -> tuple[list[Word], list[Boxes]]:
    """Words from the glyphs that are ``kept``: no blank between them, one direction, each close behind the last."""
    index = np.flatnonzero(kept)
    if not len(index):
        return [], []
    starts = _breaks(glyphs, angles, index)
    boxes = _turned(glyphs.boxes[index], turned, width, height)
    wide, high = turned_size(width, height, turned)
    boxes = np.clip(boxes, 0.0, np.array([wide, high, wide, high]))
    first = np.flatnonzero(starts)
    low = np.minimum.reduceat(boxes[:, :2], first)
    top = np.maximum.reduceat(boxes[:, 2:], first)
    around = np.hstack([low, top]).tolist()
    chars = [glyphs.text[i] for i in index]
    ends = [*first[1:].tolist(), len(chars)]
    words, marks = [], []
    for start, end, box in zip(first.tolist(), ends, around, strict=True):
        text = "".join(chars[start:end])
        if not (text.isascii() and text.isprintable()):
            text = clean(text).strip()
        for part in text.split():
            words.append(Word(part[:_LONGEST_WORD], (box[0], box[1], box[2], box[3])))
            marks.append(boxes[start:end])
    return words, marks


def _breaks(glyphs: Glyphs, angles: NDArray[Any], index: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether each glyph of ``index`` begins a word."""
    angle = angles[glyphs.owner[index]]
    blank = glyphs.owner == -1
    hard = np.cumsum(blank & ~glyphs.guessed)[index]
    soft = np.cumsum(blank & glyphs.guessed)[index]
    left_out = np.cumsum(glyphs.owner >= 0)[index]
    starts = np.ones(len(index), np.bool_)
    along, along_end, across, across_end = _directed(glyphs.boxes[index], angle).T
    size = across_end - across
    small = np.maximum(1.0, np.minimum(size[:-1], size[1:]))
    shared = np.minimum(across_end[:-1], across_end[1:]) - np.maximum(across[:-1], across[1:])
    gap = along[1:] - along_end[:-1]
    guess = np.diff(soft) > 0
    limit = np.where(guess | (not glyphs.guesses), _GUESSED_GAP, _GAP) * small
    close = (shared >= _SAME_LINE * small) & (gap >= -_BACK * small) & (gap <= limit)
    slanted = angle[1:] % 90 != 0
    follows = np.where(slanted, ~guess, close)  # slanted text: only blanks part its words
    follows |= (glyphs.boxes[index][1:] == glyphs.boxes[index][:-1]).all(axis=1)  # the letters of one ligature
    starts[1:] = (np.diff(hard) > 0) | (np.diff(left_out) != 1) | (angle[1:] != angle[:-1]) | ~follows
    near = (shared >= _SAME_LINE * small) & (gap > 0) & (gap <= _SPACED * small)
    near &= (np.diff(left_out) == 1) & (angle[1:] == angle[:-1])
    _join_spaced([glyphs.text[i] for i in index], starts, near, gap)
    return starts


def _join_spaced(chars: list[str], starts: NDArray[np.bool_], near: NDArray[np.bool_], gap: Boxes) -> None:
    """Make one word of at least four letters that stand alone at even gaps: R E C H N U N G."""
    alone = starts & np.append(starts[1:], True)
    spaced = np.flatnonzero(alone[:-1] & alone[1:] & near)
    run: list[int] = []
    for index in [*spaced.tolist(), -1]:
        even = run and index == run[-1] + 1 and abs(gap[index] - gap[run[0]]) <= _EVEN * gap[run[0]]
        letters = index >= 0 and chars[index].isalpha() and chars[index + 1].isalpha()
        if even and letters:
            run.append(index)
            continue
        if len(run) >= _SPACED_LETTERS - 1:
            starts[[place + 1 for place in run]] = False
        run = [index] if letters else []


def _directed(boxes: Boxes, angle: NDArray[Any]) -> Boxes:
    """Boxes as (start, end, top, bottom) along and across the direction of writing."""
    x0, y0, x1, y1 = boxes.T
    turns = {0: (x0, x1, y0, y1), 90: (y0, y1, -x1, -x0), 180: (-x1, -x0, -y1, -y0), 270: (-y1, -y0, x0, x1)}
    rows = turns[0]
    for degrees, sides in list(turns.items())[1:]:
        here = angle == degrees
        if here.any():
            rows = tuple(np.where(here, own, other) for own, other in zip(sides, rows, strict=True))
    return np.stack(rows, axis=1)


def _turned(boxes: Boxes, turned: int, width: float, height: float) -> Boxes:
    x0, y0, x1, y1 = boxes.T
    if turned == 90:
        return np.stack([height - y1, x0, height - y0, x1], axis=1)
    if turned == 180:
        return np.stack([width - x1, height - y1, width - x0, height - y0], axis=1)
    if turned == 270:
        return np.stack([y0, width - x1, y1, width - x0], axis=1)
    return boxes
