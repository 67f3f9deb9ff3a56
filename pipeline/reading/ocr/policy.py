"""Which engine reads what: the cheap one a page, the strong one a page or only the spots where it pays.

The unit of every choice is the same: words put right per CPU second. ``models/weights/reading/policy.json`` holds
how probable it is that a page will have to be read by the strong engine anyway (from its picture alone), and that
a second look at a spot puts a word right; `podatelna train reading` writes it, and ``tests/benchmarks/reading.py``
prints the curve from threshold to word F1 and CPU.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from models.records import Word
from pipeline.reading.ocr import confidence
from pipeline.reading.ocr.confidence import WEIGHTS, Curve, Floats
from pipeline.reading.ocr.quality import Quality
from pipeline.reading.ocr.repair import Doubt

SPOT_SECONDS = 0.04
"""CPU seconds that RapidOCR's recogniser takes for a spot ..."""
PAGE_SECONDS = 1.2
"""... and its detector for a page, to which the lines come."""
LEAST_WORDS = 5
SPOT_NAMES = (
    "doubt", "words", "least", "marks", "one_mark", "no_word", "solid", "tall", "wide", "letters", "contrast", "noise",
)  # fmt: skip


@dataclass(frozen=True)
class Policy:
    """What was measured, and the three thresholds that were chosen by it.

    ``strong`` gives the chance that a page of some `Quality` ends with the strong engine, ``gain`` the chance that a
    spot (`spot_features`) gains a word. The strong engine reads a page at once where the first is over ``at_once``,
    and after Tesseract where its words are surer than ``page_sure`` on average no longer. A spot is read again where it
    gains at least ``rate`` words per CPU second.
    """

    strong: Curve
    gain: Curve
    at_once: float
    page_sure: float
    rate: float


def dumps(policy: Policy) -> bytes:
    """The policy as JSON; the same bytes for the same policy."""

    def curve(one: Curve) -> dict[str, object]:
        return {"bends": one.bends, "weights": one.weights, "bias": one.bias}

    value = {
        "at_once": policy.at_once, "page_sure": policy.page_sure, "rate": policy.rate,
        "strong": curve(policy.strong), "gain": curve(policy.gain),
    }  # fmt: skip
    return json.dumps(value, indent=0, separators=(",", ":")).encode() + b"\n"


def loads(data: bytes) -> Policy:
    """Read what `dumps` wrote."""
    value: dict[str, Any] = json.loads(data)

    def curve(one: dict[str, Any]) -> Curve:
        return Curve(tuple(map(tuple, one["bends"])), tuple(one["weights"]), one["bias"])

    return Policy(
        curve(value["strong"]), curve(value["gain"]), value["at_once"], value["page_sure"], value["rate"]
    )  # fmt: skip


@cache
def policy() -> Policy:
    """The policy that ships, read once per process."""
    return loads((WEIGHTS / "policy.json").read_bytes())


def warm() -> None:
    """Load what reading has learnt, so that forked children find it."""
    policy()
    confidence.model()


def strong_at_once(quality: Quality, using: Policy | None = None) -> bool:
    """Whether a picture goes to the strong engine before anything was read."""
    using = using or policy()
    return float(using.strong.chances(np.array([quality.numbers()]))[0]) > using.at_once


def sureness(words: Sequence[Word]) -> float:
    """The mean confidence of the letters that were read, 0 without words."""
    letters = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / max(1, letters)


def strong_after(words: Sequence[Word], using: Policy | None = None) -> bool:
    """Whether Tesseract's words (with calibrated confidences) are so poor that the strong engine reads the page."""
    return len(words) < LEAST_WORDS or sureness(words) < (using or policy()).page_sure


def spot_features(doubts: Sequence[Doubt], words: Sequence[Word], letters: float, quality: Quality) -> Floats:
    """A row of `SPOT_NAMES` for each spot; ``letters`` is their height on the picture where the spots are."""
    rows = []
    for doubt in doubts:
        chances = [words[index].confidence for index in doubt.words]
        spot = doubt.spot
        rows.append((
            sum(1 - chance for chance in chances), len(chances), min(chances, default=1.0), np.log1p(spot.marks),
            spot.marks == 1, not chances, spot.solid, spot.tall, np.log1p((spot.box[2] - spot.box[0]) / letters),
            quality.letters, quality.contrast, quality.noise,
        ))  # fmt: skip
    return np.array(rows, np.float64).reshape(len(rows), len(SPOT_NAMES))


def worth_reading(
    doubts: Sequence[Doubt], words: Sequence[Word], letters: float, quality: Quality, using: Policy | None = None
) -> list[Doubt]:
    """The spots that are worth a second look."""
    if not doubts:
        return []
    using = using or policy()
    chances = using.gain.chances(spot_features(doubts, words, letters, quality))
    return [doubt for doubt, chance in zip(doubts, chances, strict=True) if chance / SPOT_SECONDS >= using.rate]


def page_is_cheaper(spots: int, rows: int) -> bool:
    """Whether reading the whole page costs no more than that many spots, by its rows of words."""
    return spots * SPOT_SECONDS >= PAGE_SECONDS + rows * SPOT_SECONDS
