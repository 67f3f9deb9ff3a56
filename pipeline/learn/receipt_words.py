"""Learns which reading of a word to believe (`pipeline.reading.ocr.believe`) from receipts that people typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter
from rapidfuzz import fuzz
from scipy.optimize import minimize

from models.records import Page, Reading, Word
from models.settings import Settings
from pipeline.reading.ocr.again import DPI, Row, key, look_again, rows_in
from pipeline.reading.ocr.believe import NAMES, NONE_NAMES, Beliefs, Slot, mark, parted, slots_of
from pipeline.reading.pages import decoded, draw

_MOST_ROWS = 18  # from the top: the head, and some of what is sold
_LANGUAGES = ("eng",)
_ALIKE = 70  # percent: a typed line less like what was read is another one
_RIDGE = 1.0
_NEVER = -1e9
_AMOUNT = re.compile(r"\d[.,]\d\d\b")


@dataclass(frozen=True, slots=True)
class Looked:
    """A line that was read again, and what people typed of it; empty where they typed nothing there."""

    row: Row
    typed: str


_LOOKED = TypeAdapter(tuple[Looked, ...])


def looked_at(picture: Path, reading: Reading, typed: Sequence[Word], kept: Path | None) -> tuple[Looked, ...]:
    """The first lines of a receipt's picture, read again.

    Args:
        picture: a JPEG file.
        reading: what was read of it.
        typed: the words that people typed, with boxes in pixels of the picture.
        kept: where it is kept, or was; None keeps nothing.
    """
    if kept and kept.exists():
        return _LOOKED.validate_json(kept.read_bytes())
    page, limits = reading.pages[0], Settings().limits
    rows = rows_in(page, [(0.0, 0.0, page.width, page.height)])[:_MOST_ROWS]
    drawn = draw(picture, "image/jpeg", 1, turned=page.turned, dpi=DPI, limits=limits)
    scale = page.width / decoded(picture, "image/jpeg", 1, limits).pixels.shape[1]
    found = tuple(Looked(row, _typed(page, row, typed, scale)) for row in look_again(drawn, page, rows, _LANGUAGES))
    if kept:
        kept.write_bytes(_LOOKED.dump_json(found))
    return found


def _typed(page: Page, row: Row, typed: Sequence[Word], scale: float) -> str:
    """What people typed where a line of a page stands."""
    words = [page.words[at].box for at in row.words]
    found = []
    for one in typed:
        x0, y0, x1, y1 = (scale * side for side in one.box)
        near = min(words, key=lambda box: max(box[0] - x1, x0 - box[2]))
        if abs(near[1] + near[3] - y0 - y1) < y1 - y0 and max(near[0] - x1, x0 - near[2]) < 2 * (y1 - y0):
            found.append((x0, one.text))
    return " ".join(text for _, text in sorted(found))


def has_amount(text: str) -> bool:
    """Whether a line's text has an amount: it is not of the head."""
    return bool(_AMOUNT.search(text))


def labelled(page: Page, some: Iterable[Looked]) -> list[tuple[Slot, int]]:
    """The places of typed lines, and which of their texts is the typed one; one past the last if none is."""
    found = []
    for one in some:
        words = [page.words[at].text for at in one.row.words]
        if has_amount(" ".join(words)):
            continue
        if fuzz.ratio(key("".join(words)), key(one.typed)) < _ALIKE:
            continue
        parts = parted(words, one.typed)
        for slot in slots_of(page, one.row):
            typed = mark("".join(one.typed[at] for at in parts[2 * slot.word + (not slot.gap)]))
            texts = list(slot.texts)
            found.append((slot, texts.index(typed) if typed in texts else len(texts)))
    return found


def fit_beliefs(some: Sequence[tuple[Slot, int]]) -> Beliefs:
    """The weights that make the typed texts likeliest, with a ridge."""
    count, most = len(NAMES), max(len(slot.texts) for slot, _ in some) + 1
    table = np.zeros((len(some), most, count + len(NONE_NAMES)))
    there = np.full((len(some), most), _NEVER)
    for at, (slot, _) in enumerate(some):
        texts = len(slot.texts)
        table[at, :texts, :count] = slot.features
        table[at, texts, count:] = slot.none
        there[at, : texts + 1] = 0
    right = (np.arange(len(some)), np.array([place for _, place in some]))

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        worth = table @ weights + there
        powers = np.exp(worth - worth.max(axis=1, keepdims=True))
        chances = powers / powers.sum(axis=1, keepdims=True)
        slope = (chances[:, :, None] * table).sum(axis=(0, 1)) - table[right].sum(axis=0)
        return float(-np.log(chances[right]).sum() + _RIDGE / 2 * weights @ weights), slope + _RIDGE * weights

    found = minimize(loss, np.zeros(table.shape[2]), jac=True, method="L-BFGS-B").x
    weights = np.round(found, 4).tolist()
    return Beliefs(tuple(weights[:count]), tuple(weights[count:]))
