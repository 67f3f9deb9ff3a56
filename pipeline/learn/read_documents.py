"""Generated invoices and credit notes as the real reader reads them: born digital and scanned."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from models.errors import UnreadableDocument
from models.records import Reading
from models.settings import Settings
from pipeline.learn.factory import LAYOUTS, Made, make_invoice, spoil
from pipeline.learn.factory.trade import seeded
from pipeline.reading import read

_LANGUAGES = ("cs", "de", "en")  # those whose labels we know well; a French document's values are judged as theirs


@dataclass(frozen=True, slots=True)
class Counts:
    """How many documents of each sort to make; reading one takes about 0.2 s and 4 s."""

    digital: int = 400
    scanned: int = 96


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A generated document, what was read on it, and how it was stored (``digital`` or ``scan``)."""

    made: Made
    reading: Reading
    stored: str


def _state(rng: Random) -> spoil.Scan:
    """A scanner between a good one and a worn one."""
    return spoil.Scan(
        dpi=rng.choice((150, 150, 200, 300)),
        turn=rng.choice((0, 0, 0, 0, 0, 90, 180)),
        skew=rng.uniform(-1.5, 1.5),
        noise=rng.uniform(2, 10),
        uneven=rng.choice((0.0, 12.0, 30.0)),
        specks=rng.choice((0, 0, 40)),
        blur=rng.uniform(0.0, 0.8),
        ink=rng.choice((20, 30, 60, 80)),
    )


def _scan(made: Made, rng: Random, chance: np.random.Generator) -> tuple[str, bytes]:
    state = _state(rng)
    pages = [spoil.scan(page, state, chance) for page in spoil.render(made.pdf, state.dpi)]
    if rng.random() < 0.15:
        return "image/tiff", spoil.tiff(pages, state.dpi)
    return "application/pdf", spoil.image_pdf(pages, state.dpi, rng.choice((35, 50, 70)))


def _make(number: int, rng: Random, seed: int, stored: str) -> Made:
    kind = "credit_note" if rng.random() < 0.2 else "invoice"
    rows = None if stored == "digital" else rng.choice((1, 2, 3, 5, 8, 12))  # one page mostly, for speed
    layout = tuple(LAYOUTS)[number % len(LAYOUTS)]
    return make_invoice(f"calibration-{seed}-{number}", kind, rng.choice(_LANGUAGES), layout, rows)


def documents(seed: int, counts: Counts = Counts(), settings: Settings | None = None) -> Iterator[ReadDocument]:
    """Make documents and read each; the same seed gives the same documents.

    What cannot be read is left out. The reader runs in this process, for the files are our own.

    Raises:
        MissingTool: a font, Tesseract or one of its languages is not installed.
    """
    settings = settings or Settings()
    with tempfile.TemporaryDirectory(prefix="podatelna-learn-") as folder:
        path = Path(folder) / "document"
        drawn = [(number, "digital") for number in range(counts.digital)]
        drawn += [(100_000 + number, "scan") for number in range(counts.scanned)]
        for number, stored in drawn:
            rng = seeded("calibration", seed, "trade", number)
            made = _make(number, rng, seed, stored)
            chance = np.random.default_rng(rng.randrange(2**32))
            media_type, data = ("application/pdf", made.pdf) if stored == "digital" else _scan(made, rng, chance)
            path.write_bytes(data)
            try:
                reading = read(path, media_type, settings, lambda _page: None)
            except UnreadableDocument:
                continue
            yield ReadDocument(made, reading, stored)
