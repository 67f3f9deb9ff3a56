"""Pages with known words, read by both engines: generated ones, and those of a truth folder."""

from __future__ import annotations

import csv
import re
import resource
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

from models.records import Word
from models.settings import Settings
from pipeline.learn.factory import (
    LAYOUTS,
    OTHER_KINDS,
    RECEIPT_COUNTRIES,
    Made,
    make_invoice,
    make_other,
    make_receipt,
    spoil,
)
from pipeline.learn.factory.receipts import RECEIPT_LAYOUTS
from pipeline.learn.factory.trade import seeded
from pipeline.learn.fit_reading import PageRead
from pipeline.reading import read
from pipeline.reading.geometry import clip_box
from pipeline.reading.ocr import bleeding, cleanup, photo, recognise, repair
from pipeline.reading.ocr.confidence import Model, Reader, calibrated
from pipeline.reading.ocr.languages import Languages
from pipeline.reading.ocr.recognise import Origin
from pipeline.reading.ocr.stand import look_at, stand_up
from pipeline.reading.pages import PDF, draw

Pixels = NDArray[np.uint8]

LOOKS = ("clean", "office", "worn", "fax", "photo", "low")
_LANGUAGES = ("cs", "de", "en")
_KINDS = ("invoice", "receipt", "invoice", "invoice", "receipt", "invoice", "other", "invoice")
_PHOTO_DPI, _TRUTH_DPI = 200, 200
_MOST_SPOTS = 70
_MOST_PAGES = 2  # of a document of a truth folder


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture to read, and the words that stand on it; ``fold`` forgives the case of letters."""

    group: str
    sort: str
    pixels: Pixels
    dpi: float
    origin: Origin
    truth: tuple[Word, ...]
    fold: bool = False


def _seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def generated(seed: int, count: int) -> Iterator[Sheet]:
    """Seeded pages in three languages and six looks, clean ones among them."""
    settings = Settings()
    with tempfile.TemporaryDirectory(prefix="podatelna-learn-") as folder:
        path = Path(folder) / "document.pdf"
        for number in range(count):
            rng = seeded("reading", seed, number)
            look = LOOKS[number // len(_LANGUAGES) % len(LOOKS)]
            made = _made(seed, number, rng)
            path.write_bytes(made.pdf)
            truth = read(path, PDF, settings, lambda _page: None).pages[0].words
            dpi, pixels = _spoilt(made, look, rng, np.random.default_rng(rng.randrange(2**32)))
            origin = Origin.PHOTO if look == "photo" else Origin.SCAN
            yield Sheet(f"generated-{number}", look, pixels, dpi, origin, truth)


def _made(seed: int, number: int, rng: Random) -> Made:
    language, name = _LANGUAGES[number % len(_LANGUAGES)], f"reading-{seed}-{number}"
    kind = _KINDS[rng.randrange(len(_KINDS))]
    if kind == "invoice":
        sort = "credit_note" if rng.random() < 0.3 else "invoice"
        return make_invoice(name, sort, language, rng.choice(tuple(LAYOUTS)), rng.choice((2, 4, 6, 9, 14)))
    if kind == "receipt":
        return make_receipt(name, rng.choice(RECEIPT_COUNTRIES), rng.choice(RECEIPT_LAYOUTS))
    return make_other(seed * 100_000 + number, rng.choice(tuple(OTHER_KINDS)), language)


def _spoilt(made: Made, look: str, rng: Random, chance: np.random.Generator) -> tuple[float, Pixels]:
    """The first page as a scanner or telephone gives it, and its dpi."""
    if look == "photo":
        picture = spoil.photo(spoil.render(made.pdf, _PHOTO_DPI)[0], chance)
        return _PHOTO_DPI, _as_jpeg(np.ascontiguousarray(picture[..., ::-1]), rng.choice((35, 50, 70)))
    state = _state(look, rng)
    picture = spoil.scan(spoil.render(made.pdf, state.dpi)[0], state, chance)
    if look == "fax":
        return state.dpi, np.where(picture > 140, 255, 0).astype(np.uint8)
    return state.dpi, _as_jpeg(picture, rng.choice((35, 50, 70)))


def _state(look: str, rng: Random) -> spoil.Scan:
    if look == "clean":
        return spoil.Scan(dpi=rng.choice((200, 300, 300)), noise=2, ink=20, skew=rng.uniform(-0.3, 0.3))
    if look == "office":
        return spoil.Scan(dpi=rng.choice((150, 200, 300)), skew=rng.uniform(-1, 1), noise=rng.uniform(4, 7), uneven=12,
                          blur=rng.uniform(0.3, 0.6), ink=rng.choice((25, 40)))  # fmt: skip
    if look == "worn":
        return spoil.Scan(dpi=rng.choice((150, 200)), turn=rng.choice((0, 0, 90, 180, 270)), skew=rng.uniform(-2, 2),
                          noise=rng.uniform(7, 12), uneven=35, specks=60, blur=rng.uniform(0.5, 0.9),
                          ink=rng.choice((40, 60, 80)))  # fmt: skip
    if look == "fax":
        return spoil.Scan(dpi=200, skew=rng.uniform(-0.6, 0.6), noise=9, blur=0.6, specks=25)
    return spoil.Scan(dpi=rng.choice((100, 120, 150)), skew=rng.uniform(-1, 1), noise=rng.uniform(3, 8), uneven=20,
                      blur=rng.uniform(0.3, 0.7), ink=rng.choice((30, 70)))  # fmt: skip


def _as_jpeg(picture: Pixels, quality: int) -> Pixels:
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), np.uint8)


def of_folder(folder: Path, every: int = 1) -> Iterator[Sheet]:
    """The pages of a truth folder: ``invoices/scan`` with ``invoices/page``, ``receipts/img`` with ``receipts/box``."""
    settings = Settings()
    for path in sorted((folder / "invoices" / "scan").iterdir())[::every]:
        born = folder / "invoices" / "page" / f"{path.stem}.pdf"
        truth = read(born, PDF, settings, lambda _page: None)
        media_type = "image/tiff" if path.suffix.startswith(".tif") else PDF
        for page in truth.pages[:_MOST_PAGES]:
            pixels = draw(path, media_type, page.number, turned=0, dpi=_TRUTH_DPI, limits=settings.limits)
            yield Sheet(path.stem, "scan", pixels, _TRUTH_DPI, Origin.SCAN, page.words)
    for path in sorted((folder / "receipts" / "img").iterdir())[::every]:
        pixels = draw(path, "image/jpeg", 1, turned=0, dpi=10_000, limits=settings.limits)
        words = tuple(boxed_words(folder / "receipts" / "box" / f"{path.stem}.csv"))
        yield Sheet(path.stem, "receipt", pixels, _TRUTH_DPI, Origin.PHOTO, words, fold=True)


def boxed_words(path: Path) -> Iterator[Word]:
    """The words of lines with corners; a line's width is shared out by letters."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for row in csv.reader(file, quoting=csv.QUOTE_NONE):
            if len(row) < 9:
                continue
            corners, text = [float(one) for one in row[:8]], ",".join(row[8:])
            left, right = min(corners[::2]), max(corners[::2])
            pitch = (right - left) / max(1, len(text))
            for part in re.finditer(r"\S+", text):
                box = (left + pitch * part.start(), min(corners[1::2]), left + pitch * part.end(), max(corners[1::2]))
                yield Word(part.group(), box)


def read_sheet(sheet: Sheet, languages: tuple[str, ...]) -> tuple[PageRead, cleanup.Levelled]:
    """Read a sheet with both engines, and no spot yet; the picture is the one that Tesseract read."""
    start = _seconds()
    paper = photo.sheet(sheet.pixels) if sheet.origin is Origin.PHOTO else None
    pixels = sheet.pixels if paper is None else paper.cut(sheet.pixels)
    grey = cleanup.grey(pixels)
    look = look_at(grey, photo=sheet.origin is Origin.PHOTO)
    front = bleeding.front(grey, look) if sheet.origin is Origin.SCAN else None
    if front is not None:
        pixels = front.grey
        if front.is_needed_by_tesseract:
            grey, look = front.grey, look_at(front.grey, photo=False)
    stand = stand_up(grey, look)
    level = cleanup.level(stand.grey, stand.skew, stand.letters)
    words = recognise.tesseract_scores(level, sheet.dpi, Languages(languages))
    middle = _seconds()
    strong = recognise.rapidocr_scores(pixels)
    high, wide = stand.grey.shape
    upright = tuple(replace(word, box=clip_box(level.back(word.box), wide, high)) for word in words)
    seconds = (middle - start, _seconds() - middle, 0.0)
    page = PageRead(
        sheet.group, sheet.sort, look.quality, level.letters, sheet.truth, sheet.fold, tuple(words), strong.words,
        upright, stand.turned == strong.turned, (), (), seconds,
    )  # fmt: skip
    return page, level


def with_spots(page: PageRead, level: cleanup.Levelled, using: Model) -> PageRead:
    """The page with its doubtful spots, by the chances of ``using``, read again."""
    sure = calibrated(page.tesseract, Reader.TESSERACT, page.quality, using)
    start = _seconds()
    spots = repair.doubts(level.picture, sure, page.letters)[:_MOST_SPOTS]
    middle = _seconds()
    readings = tuple(tuple(repair.read_spot(level.picture, one.spot.box)) for one in spots)
    cheap, dear, _ = page.seconds
    each = (_seconds() - middle) / max(1, len(spots))
    return replace(page, spots=tuple(spots), readings=readings, seconds=(cheap + middle - start, dear, each))
