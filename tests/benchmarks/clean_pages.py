"""Twenty-four clean scanned pages, as an office's sheet scanner gives them: made from invented documents, seeded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.learn.factory import make_invoice, make_other
from pipeline.learn.factory.spoil import Scan, image_pdf, render, scan

DPI = 300
_LANGUAGES = {"cs": "ces", "de": "deu", "en": "eng"}
_OTHERS = ("letter", "contract", "report", "letter")


@dataclass(frozen=True, slots=True)
class CleanPage:
    """One page: a PDF that is a picture and nothing else, its pixels alone, and Tesseract's code of its language."""

    pdf: Path
    pixels: Path
    language: str
    words: int


def make_pages(folder: Path, count: int = 24) -> tuple[list[CleanPage], Path]:
    """Write the pages one a file, and all of them as one file; half are invoices, half letters and contracts."""
    pages, everything = [], []
    for number in range(count):
        language = list(_LANGUAGES)[number % 3]
        if number % 2:
            made = make_other(f"clean-{number}", _OTHERS[number // 2 % len(_OTHERS)], language)
        else:
            made = make_invoice(f"clean-{number}", "invoice", language)
        chance = np.random.default_rng(number)
        state = Scan(dpi=DPI, skew=float(chance.uniform(-0.3, 0.3)), noise=3.0, uneven=6.0, specks=8, blur=0.6)
        pixels = scan(render(made.pdf, DPI)[0], state, chance)
        path = folder / f"page-{number:02}.pdf"
        path.write_bytes(image_pdf([pixels], DPI, 75))
        np.save(path.with_suffix(".npy"), pixels)
        everything.append(pixels)
        words = sum(len(page.words) for page in made.reading.pages[:1])
        pages.append(CleanPage(path, path.with_suffix(".npy"), _LANGUAGES[language], words))
    whole = folder / "all.pdf"
    whole.write_bytes(image_pdf(everything, DPI, 75))
    return pages, whole
