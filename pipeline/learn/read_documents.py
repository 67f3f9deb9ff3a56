"""Generated trade documents, scanned, as the real reader reads them."""

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

KINDS = ("invoice", "invoice", "invoice", "credit_note", "order", "delivery_note")
"""What is made, the first most often."""
_LANGUAGES = ("cs", "de", "en")  # those whose labels we know well; a French document's values are judged as theirs


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A generated document and what was read on its scan."""

    made: Made
    reading: Reading


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


def _make(number: int, rng: Random, seed: int) -> Made:
    kind = rng.choice(KINDS)
    rows = rng.choice((1, 2, 3, 5, 8, 12))  # one page mostly, for speed
    layout = tuple(LAYOUTS)[number % len(LAYOUTS)]
    return make_invoice(f"scan-{seed}-{number}", kind, rng.choice(_LANGUAGES), layout, rows)


def documents(seed: int, count: int, settings: Settings | None = None) -> Iterator[ReadDocument]:
    """Make ``count`` documents, scan and read each; the same seed gives the same documents. 4 to 8 seconds each.

    What cannot be read is left out. The reader runs in this process, for the files are our own.

    Raises:
        MissingTool: a font, Tesseract or one of its languages is not installed.
    """
    settings = settings or Settings()
    with tempfile.TemporaryDirectory(prefix="podatelna-learn-") as folder:
        path = Path(folder) / "document"
        for number in range(count):
            rng = seeded("scans", seed, "trade", number)
            made = _make(number, rng, seed)
            media_type, data = _scan(made, rng, np.random.default_rng(rng.randrange(2**32)))
            path.write_bytes(data)
            try:
                reading = read(path, media_type, settings, lambda _page: None)
            except UnreadableDocument:
                continue
            yield ReadDocument(made, reading)
