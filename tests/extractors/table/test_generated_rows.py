"""Rows of generated invoices: every layout and language, read perfectly and misread."""

from __future__ import annotations

from random import Random

import pytest

from extractors import extract
from models.document_types import document_types
from models.errors import MissingTool
from pipeline.evaluate.compare import same_row
from pipeline.learn.factory import LAYOUTS, STRANGE_LAYOUTS
from pipeline.learn.factory.invoices import make_invoice
from pipeline.learn.noise import Noise, misread

NOISE = Noise(letters=0.02, diacritics=0.1, glued=0.02, split=0.01, lost_words=0.01, junk=0.01, jitter=0.1)


def found(language: str, noise: Noise | None) -> float:
    """The share of rows of which every cell is right."""
    right = rows = 0
    for layout in sorted(LAYOUTS):
        try:
            made = make_invoice("rows", "invoice", language, layout)
        except MissingTool as problem:
            pytest.skip(str(problem))
        reading = misread(made.reading, Random(f"rows-{layout}"), noise) if noise else made.reading
        items = extract(reading, document_types()["invoice"]).line_items
        rows += len(made.line_items)
        right += sum(any(same_row(truth, item) for item in items) for truth in made.line_items)
    return right / rows


@pytest.mark.parametrize("language", ["cs", "de", "en", "fr"])
def test_rows_of_every_layout(language: str) -> None:
    assert found(language, None) >= 0.96


def test_misread_rows_are_mostly_right() -> None:
    assert sum(found(language, NOISE) for language in ("cs", "de", "en", "fr")) / 4 >= 0.6


@pytest.mark.parametrize("layout", STRANGE_LAYOUTS)
@pytest.mark.parametrize("kind", ["invoice", "delivery_note"])
def test_rows_of_strangers(layout: str, kind: str) -> None:
    """Two lines a row, tax a row, days before descriptions, prices with tax: layouts that nobody developed for."""
    right = rows = 0
    for language in ("sk", "es", "us"):
        made = make_invoice("stranger-7", kind, language, layout)
        items = extract(made.reading, document_types()[made.type]).line_items
        rows += max(len(made.line_items), len(items))
        right += sum(any(same_row(truth, item) for item in items) for truth in made.line_items)
    assert right / rows >= 0.85
