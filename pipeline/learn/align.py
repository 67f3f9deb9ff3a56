"""Which of the words that an engine read are right, by the true words and where they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import cv2
import numpy as np

from models.records import Box, Word
from pipeline.reading.geometry import Matrix, move_box

_ANCHORS = 6
_SIGNS = 3
_REACH = 1.0  # heights: so far from a word's middle line a true one may stand


def right_words(read: Sequence[Word], truth: Sequence[Word], *, fold: bool = False) -> list[bool]:
    """For each word read, whether a true word with just its text stands there; each true word counts once.

    The two may stand on pages of different units, skew and perspective: words that occur once on each side lead from
    one to the other. Without enough of them the place is not looked at. ``fold`` forgives the case of letters.
    """
    mine = [_form(word.text, fold) for word in read]
    theirs = [_form(word.text, fold) for word in truth]
    way = _way(read, mine, truth, theirs)
    moved = [move_box(word.box, way) if way is not None else None for word in read]
    free: dict[str, list[int]] = {}
    for index, text in enumerate(theirs):
        free.setdefault(text, []).append(index)
    pairs = sorted(
        (distance, index, other)
        for index, (text, box) in enumerate(zip(mine, moved, strict=True))
        for other in free.get(text, ())
        if (distance := _distance(box, truth[other].box)) <= _REACH
    )
    right, taken = [False] * len(read), set()
    for _, index, other in pairs:
        if not right[index] and other not in taken:
            right[index] = True
            taken.add(other)
    return right


def _form(text: str, fold: bool) -> str:
    return text.casefold() if fold else text


def _distance(one: Box | None, other: Box) -> float:
    """How far apart the middles of two boxes are, in heights of the true one, sideways in widths; 0 if unknown."""
    if one is None:
        return 0.0
    high, wide = max(1.0, other[3] - other[1]), max(1.0, other[2] - other[0])
    down = abs(one[1] + one[3] - other[1] - other[3]) / 2 / high
    along = abs(one[0] + one[2] - other[0] - other[2]) / 2 / max(high, wide)
    return max(down, along)


def _way(read: Sequence[Word], mine: list[str], truth: Sequence[Word], theirs: list[str]) -> Matrix | None:
    """The homography from the picture that was read to the true page."""
    once, there = Counter(mine), Counter(theirs)
    places = {text: index for index, text in enumerate(theirs)}
    pairs = [
        (_middle(word.box), _middle(truth[places[text]].box))
        for word, text in zip(read, mine, strict=True)
        if len(text) >= _SIGNS and once[text] == 1 == there[text]
    ]
    if len(pairs) < _ANCHORS:
        return None
    source, target = (np.array(points, np.float64) for points in zip(*pairs, strict=True))
    height = float(np.median([word.box[3] - word.box[1] for word in truth]))
    plain, fits = cv2.estimateAffine2D(source, target, method=cv2.RANSAC, ransacReprojThreshold=0.6 * height)
    if plain is None:
        return None
    way: Matrix = np.vstack([plain, [0.0, 0.0, 1.0]])
    if len(pairs) >= 2 * _ANCHORS and fits.mean() < 0.9:  # a photograph
        bent, _ = cv2.findHomography(source, target, cv2.RANSAC, 0.6 * height)
        way = way if bent is None else np.asarray(bent, np.float64)
    return way


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
