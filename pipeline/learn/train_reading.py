"""Trains what reading has learnt: the probability of a word, and the policy that shares pages out between engines."""

from __future__ import annotations

import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import fmean

import cv2
import numpy as np
from numpy.typing import NDArray

from models.records import Word
from models.settings import Settings
from pipeline.evaluate.metrics import Floats, auroc, calibration_error
from pipeline.learn import READING_PAGES, READING_SEED, read_pages, spelling
from pipeline.learn.factory import LAYOUTS, OTHER_KINDS, RECEIPT_COUNTRIES, make_invoice, make_other, make_receipt
from pipeline.learn.factory.receipts import RECEIPT_LAYOUTS
from pipeline.learn.factory.trade import seeded
from pipeline.learn.fit_reading import (
    PageRead,
    Thresholds,
    first_curves,
    fit_all,
    folds,
    rights,
    second_samples,
    simulate,
    words_of,
)
from pipeline.learn.read_pages import Sheet
from pipeline.learn.reading_card import CurvePoint, Figures, Judged, write_card
from pipeline.reading.ocr import confidence
from pipeline.reading.ocr import policy as policies
from pipeline.reading.ocr.cleanup import Levelled
from pipeline.reading.ocr.confidence import Letters, Model, Reader, calibrated
from pipeline.reading.ocr.policy import Policy
from pipeline.reading.ocr.recognise import MINIMUM_CONFIDENCE

Way = Callable[[PageRead, "Held"], tuple[Sequence[Word], float]]
"""A way to read: the words of a page and its CPU seconds."""

RATES = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 1000.0)
CHOSEN = Thresholds()
_SPELT = 400  # documents whose words are counted; none of them is among the pages
_SETS = {"scan": "scans", "receipt": "receipts"}  # all others are generated
_TOKEN = re.compile(r"\w+")
_RAW_LEAST = 0.5
_TOLD_EVERY = 10  # pages


def spelt(seed: int, count: int = _SPELT) -> Letters:
    """The words of generated documents, from what the factory prints."""
    return spelling.letters(_texts(seed, count))


def _texts(seed: int, count: int) -> Iterator[str]:
    for number in range(count):
        rng = seeded("spelling", seed, number)
        language, name = ("cs", "de", "en", "fr")[number % 4], f"spelling-{seed}-{number}"
        if number % 5 < 3:
            made = make_invoice(name, "invoice", language, rng.choice(tuple(LAYOUTS)), rng.choice((2, 5, 9)))
        elif number % 5 == 3:
            made = make_receipt(name, rng.choice(RECEIPT_COUNTRIES), rng.choice(RECEIPT_LAYOUTS))
        else:
            made = make_other(seed * 100_000 + 50_000 + number, rng.choice(tuple(OTHER_KINDS)), language)
        yield made.reading.text


def read_all(sheets: Iterable[Sheet], letters: Letters, say: Callable[[str], None] = lambda _: None) -> list[PageRead]:
    """Read sheets with both engines, and then the spots that a first model of their words doubts.

    ``say`` is told every tenth page that was read.
    """
    languages = Settings().languages
    with tempfile.TemporaryDirectory(prefix="podatelna-learn-") as folder:
        found: list[tuple[PageRead, Levelled]] = []
        for number, sheet in enumerate(sheets):
            page, level = read_pages.read_sheet(sheet, languages)
            cv2.imwrite(f"{folder}/{number}.png", level.picture)  # two hundred of them don't fit in memory
            found.append((page, _without_picture(level)))
            if (number + 1) % _TOLD_EVERY == 0:
                say(f"{number + 1} pages were read by both engines, {sum(page.seconds):.0f} CPU seconds the last.")
        using = first_curves([page for page, _ in found], letters, (Reader.TESSERACT,))
        say(f"Reading the doubtful spots of {len(found)} pages once more.")
        return [
            read_pages.with_spots(page, _with_picture(level, f"{folder}/{number}.png"), using)
            for number, (page, level) in enumerate(found)
        ]


def _without_picture(level: Levelled) -> Levelled:
    return Levelled(np.zeros((1, 1), np.uint8), level.matrix, level.bend, level.factor, level.letters)


def _with_picture(level: Levelled, path: str) -> Levelled:
    picture = np.asarray(cv2.imread(path, cv2.IMREAD_GRAYSCALE), np.uint8)
    return Levelled(picture, level.matrix, level.bend, level.factor, level.letters)


@dataclass(frozen=True)
class Held:
    """What was learnt on some pages, and the pages that were not among them."""

    model: Model
    policy: Policy
    pages: list[PageRead]


def held_out(pages: Sequence[PageRead], letters: Letters) -> list[Held]:
    """Everything learnt five times, each time without a fifth of the documents."""
    return [Held(*fit_all(learn, letters, CHOSEN), rest) for learn, rest in folds(pages)]


def judge(held: Iterable[Held]) -> dict[str, Judged]:
    """Calibration and order of the chances of words, by reader (with ``+``: where both engines read)."""
    seen: dict[str, list[tuple[Floats, NDArray[np.bool_], Floats]]] = defaultdict(list)
    for one in held:
        for page in one.pages:
            for reader in Reader:
                if words := words_of(page, reader):
                    chances = _numbers(calibrated(words, reader, page.quality, one.model))
                    seen[reader.value].append((chances, rights(page, reader), _numbers(words)))
            for reader, found in second_samples([page], one.model).items():
                curve = one.model.curves[f"{reader.value}+"]
                seen[f"{reader.value}+"].extend((curve.chances(s.rows), s.right, s.rows[:, 0]) for s in found)
    judged = {}
    for name, parts in sorted(seen.items()):
        chances, right, before = (np.concatenate(part) for part in zip(*parts, strict=True))
        judged[name] = Judged(
            len(right), float(right.mean()), calibration_error(chances, right), auroc(chances, right),
            auroc(before, right),
        )  # fmt: skip
    return judged


def _numbers(words: Sequence[Word]) -> Floats:
    return np.array([word.confidence for word in words])


def tokens(words: Iterable[Word]) -> Counter[str]:
    """Letters and digits in a row, without case: what the word figures of the benchmarks count."""
    return Counter(_TOKEN.findall(" ".join(word.text for word in words).casefold()))


def word_f1(truth: Iterable[Word], seen: Iterable[Word]) -> float:
    """F1 of the tokens of two lists of words."""
    one, other = tokens(truth), tokens(seen)
    return 2 * (one & other).total() / max(1, one.total() + other.total())


def curve(held: Sequence[Held], rates: Sequence[float] = RATES) -> list[CurvePoint]:
    """Word F1 and CPU seconds a page of each engine alone and of the policy at several rates, by set and mixed."""
    points = [
        _point("Tesseract alone", held, lambda page, _: (_cheap(page), page.seconds[0])),
        _point("RapidOCR alone", held, lambda page, _: (page.rapidocr, page.seconds[1])),
    ]
    for rate in rates:

        def run(page: PageRead, one: Held, rate: float = rate) -> tuple[Sequence[Word], float]:
            using = one.policy
            outcome = simulate(
                page, one.model, Policy(using.strong, using.gain, using.at_once, using.page_sure, rate),
                MINIMUM_CONFIDENCE,
            )  # fmt: skip
            return outcome.words, outcome.seconds

        points.append(_point("no spots" if rate >= RATES[-1] else f"{rate:g} words a second", held, run))
    return points


def _cheap(page: PageRead) -> tuple[Word, ...]:
    return tuple(word for word in page.tesseract if word.confidence >= _RAW_LEAST)


def _point(name: str, held: Sequence[Held], run: Way) -> CurvePoint:
    sets: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in held:
        for page in one.pages:
            words, seconds = run(page, one)
            sets[_SETS.get(page.sort, "generated")].append((word_f1(page.truth, words), seconds))
    by_set = {name: (fmean(f1 for f1, _ in rows), fmean(s for _, s in rows)) for name, rows in sorted(sets.items())}
    every = list(chain.from_iterable(sets.values()))
    by_set["all pages"] = (fmean(f1 for f1, _ in every), fmean(s for _, s in every))
    return CurvePoint(name, by_set)


def train(
    folder: Path,
    seed: int = READING_SEED,
    count: int = READING_PAGES,
    truth: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Figures:
    """Read ``count`` generated pages, and those of the folder ``truth``, with both engines, and learn from them.

    ``say`` is told how far it is.

    Writes ``confidence.json``, ``policy.json`` and ``MODEL_CARD.md`` to ``folder``. The same seed gives the same
    weights with the same versions of the libraries, fonts and engines; between machines they differ in the last digits.

    Raises:
        MissingTool: a font, an engine or a language is not installed.
    """
    say("Counting how words are spelt.")
    letters = spelt(seed)
    sheets = read_pages.generated(seed, count)
    pages = read_all(chain(sheets, read_pages.of_folder(truth)) if truth else sheets, letters, say)
    say("Learning.")
    return learn(folder, pages, letters, seed)


def learn(folder: Path, pages: Sequence[PageRead], letters: Letters, seed: int) -> Figures:
    """Learn from pages that were read, and write the weights and their card."""
    held = held_out(pages, letters)
    figures = Figures(judge(held), _abroad(pages, letters), curve(held), Counter(page.sort for page in pages))
    model, policy = fit_all(pages, letters, CHOSEN)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "confidence.json").write_bytes(confidence.dumps(model))
    (folder / "policy.json").write_bytes(policies.dumps(policy))
    write_card(folder, figures, seed=seed, chosen=CHOSEN)
    return figures


def _abroad(pages: Sequence[PageRead], letters: Letters) -> dict[str, Judged]:
    """How what is learnt on generated pages alone does on real ones; nothing where there are none of them."""
    home = [page for page in pages if page.sort not in _SETS]
    away = [page for page in pages if page.sort in _SETS]
    if not home or not away:
        return {}
    return judge([Held(*fit_all(home, letters, CHOSEN), away)])
