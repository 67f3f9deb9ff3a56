"""From pages that both engines have read to the models of reading: word confidences and the policy. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from models.records import Word
from pipeline.learn import logistic
from pipeline.learn.align import right_words
from pipeline.reading.ocr import policy as policies
from pipeline.reading.ocr.confidence import Curve, Floats, Letters, Model, Reader, calibrated, compare, features
from pipeline.reading.ocr.policy import Policy, spot_features
from pipeline.reading.ocr.quality import Quality
from pipeline.reading.ocr.repair import Doubt, merged

Truths = NDArray[np.bool_]

RIDGE = 30.0
_STRONG_RIDGE = 3.0
FOLDS = 5


@dataclass(frozen=True, eq=False)  # a page is itself only, so that what is computed of it can be kept
class PageRead:
    """A page with its true words and what each engine read, all confidences being the engines' scores.

    ``tesseract``, ``spots`` and ``readings`` are in pixels of the level picture with letters of the height
    ``letters``, ``rapidocr`` in those of the upright one, as is ``upright``, Tesseract's words again. ``alike`` says
    whether both took the page to be turned alike. ``seconds`` are the CPU seconds of clean-up and Tesseract, of
    RapidOCR, and of each spot.
    """

    group: str
    sort: str
    quality: Quality
    letters: float
    truth: tuple[Word, ...]
    fold: bool
    tesseract: tuple[Word, ...]
    rapidocr: tuple[Word, ...]
    upright: tuple[Word, ...]
    alike: bool
    spots: tuple[Doubt, ...]
    readings: tuple[tuple[Word, ...], ...]
    seconds: tuple[float, float, float]


@dataclass(frozen=True)
class Thresholds:
    """The three choices of a `Policy` that are made by looking at the curve."""

    at_once: float = 0.3
    page_sure: float = 0.75
    rate: float = 3.0


@dataclass(frozen=True)
class Sample:
    """Rows of features of the words of one page, and whether each word is right."""

    group: str
    rows: Floats
    right: Truths


def words_of(page: PageRead, reader: Reader) -> tuple[Word, ...]:
    """What ``reader`` read, with its scores."""
    if reader is Reader.SPOT:
        return tuple(word for reading in page.readings for word in reading)
    return page.tesseract if reader is Reader.TESSERACT else page.rapidocr


@cache
def rights(page: PageRead, reader: Reader) -> Truths:
    """Which of those words are right; a word of a spot is not where a word outside of the spots has it already."""
    words = words_of(page, reader)
    before: list[Word] = []
    if reader is Reader.SPOT:
        inside = {index for doubt in page.spots for index in doubt.words}
        before = [word for index, word in enumerate(page.tesseract) if index not in inside]
    return np.array(right_words([*before, *words], page.truth, fold=page.fold)[len(before) :], np.bool_)


@cache
def _rows(page: PageRead, reader: Reader, letters: Letters) -> Floats:
    return features(words_of(page, reader), reader, page.quality, letters)


def samples(pages: Sequence[PageRead], reader: Reader, letters: Letters) -> list[Sample]:
    """The training rows of a reader's curve."""
    return [
        Sample(page.group, _rows(page, reader, letters), rights(page, reader))
        for page in pages
        if words_of(page, reader)
    ]


def fit(some: Sequence[Sample]) -> Curve:
    """A curve from samples."""
    return logistic.fit(np.vstack([one.rows for one in some]), np.concatenate([one.right for one in some]), ridge=RIDGE)


def folds(pages: Sequence[PageRead]) -> list[tuple[list[PageRead], list[PageRead]]]:
    """Pages to learn from and pages to judge, `FOLDS` times, the pages of a document always together."""
    groups = sorted({page.group for page in pages})
    np.random.default_rng(0).shuffle(groups)
    parts = [set(groups[start::FOLDS]) for start in range(FOLDS)]
    return [([p for p in pages if p.group not in part], [p for p in pages if p.group in part]) for part in parts]


def first_curves(pages: Sequence[PageRead], letters: Letters, readers: Sequence[Reader] = tuple(Reader)) -> Model:
    """The curves of readers, without those for words that were read twice."""
    return Model(letters, {reader.value: fit(samples(pages, reader, letters)) for reader in readers})


def second_samples(pages: Sequence[PageRead], using: Model) -> dict[Reader, list[Sample]]:
    """The training rows of the curves of words that were read twice; ``using`` was not trained on these pages."""
    found: dict[Reader, list[Sample]] = {reader: [] for reader in Reader}
    for page in pages:
        first = calibrated(page.tesseract, Reader.TESSERACT, page.quality, using)
        if page.alike and page.rapidocr and first:
            strong = calibrated(page.rapidocr, Reader.RAPIDOCR, page.quality, using)
            moved = [replace(one, confidence=word.confidence) for one, word in zip(page.upright, first, strict=True)]
            found[Reader.RAPIDOCR].append(Sample(page.group, compare(strong, moved), rights(page, Reader.RAPIDOCR)))
        fresh = calibrated(words_of(page, Reader.SPOT), Reader.SPOT, page.quality, using)
        olds = [first[index] for doubt in page.spots for index in doubt.words]
        if fresh:
            found[Reader.SPOT].append(Sample(page.group, compare(fresh, olds), rights(page, Reader.SPOT)))
        if olds:
            right = rights(page, Reader.TESSERACT)[[index for doubt in page.spots for index in doubt.words]]
            found[Reader.TESSERACT].append(Sample(page.group, compare(olds, fresh), right))
    return found


def fit_all(pages: Sequence[PageRead], letters: Letters, thresholds: Thresholds) -> tuple[Model, Policy]:
    """All that reading has learnt; what builds on chances learns from those of pages that were held out."""
    seconds: dict[Reader, list[Sample]] = {reader: [] for reader in Reader}
    gains: list[Sample] = []
    hopeless: dict[PageRead, bool] = {}
    for learn, rest in folds(pages):
        using = first_curves(learn, letters)
        for reader, found in second_samples(rest, using).items():
            seconds[reader].extend(found)
        gains.extend(gain_samples(rest, using))
        for page in rest:
            first = calibrated(page.tesseract, Reader.TESSERACT, page.quality, using)
            hopeless[page] = policies.sureness(first) < thresholds.page_sure
    curves = dict(first_curves(pages, letters).curves)
    model = Model(letters, curves | {f"{reader.value}+": fit(found) for reader, found in seconds.items()})
    rows = np.array([page.quality.numbers() for page in pages])
    strong = logistic.fit(rows, np.array([hopeless[page] for page in pages]), ridge=_STRONG_RIDGE)
    return model, Policy(strong, fit(gains), thresholds.at_once, thresholds.page_sure, thresholds.rate)


@dataclass(frozen=True)
class Outcome:
    """What the policy makes of a page: its words, CPU seconds and who read it (``tesseract``, ``rapidocr``)."""

    words: tuple[Word, ...]
    seconds: float
    strong: bool


def simulate(page: PageRead, model: Model, policy: Policy, least: float) -> Outcome:
    """Run the policy on a page that was read by everything already; words under ``least`` are dropped."""
    cheap, dear, spot = page.seconds
    look = 0.03
    if policies.strong_at_once(page.quality, policy):
        words = calibrated(page.rapidocr, Reader.RAPIDOCR, page.quality, model)
        return Outcome(_likely(words, least), look + dear, True)
    first = calibrated(page.tesseract, Reader.TESSERACT, page.quality, model)
    if not policies.strong_after(first, policy):
        worth = policies.worth_reading(page.spots, first, page.letters, page.quality, policy)
        if not policies.page_is_cheaper(len(worth), len(first)):
            chosen = set(map(id, worth))
            kept = [(doubt, reading) for doubt, reading in zip(page.spots, page.readings, strict=True)
                    if id(doubt) in chosen]  # fmt: skip
            words = merged(first, [one for one, _ in kept], [one for _, one in kept], page.quality, model)
            return Outcome(_likely(words, least), cheap + spot * len(kept), False)
    words = calibrated(page.rapidocr, Reader.RAPIDOCR, page.quality, model)
    return Outcome(_likely(words, least), cheap + dear, True)


def _likely(words: Sequence[Word], least: float) -> tuple[Word, ...]:
    return tuple(word for word in words if word.confidence >= least)


def gain_samples(pages: Sequence[PageRead], using: Model) -> list[Sample]:
    """The training rows of the chance that a spot gains a word; ``using`` was not trained on these pages."""
    found = []
    for page in pages:
        first = calibrated(page.tesseract, Reader.TESSERACT, page.quality, using)
        if not page.spots or not first:
            continue
        before = rights(page, Reader.TESSERACT)
        fresh = iter(rights(page, Reader.SPOT).tolist())
        news = [sum(next(fresh) for _ in reading) for reading in page.readings]
        olds = [int(before[list(doubt.words)].sum()) for doubt in page.spots]
        rows = spot_features(page.spots, first, page.letters, page.quality)
        found.append(Sample(page.group, rows, np.array(news) > np.array(olds)))
    return found
