"""The classifier on documents that nobody here made; needs ``EVAL_DIR``, and prints its figures with ``-s``.

Self-billed invoices count as invoices. "Buchungshilfe" (accounting information, code 751) has no type of its own here
and is left out.
"""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest

from models.records import Page, Reading, Source, Word
from models.settings import Settings
from pipeline.classify import classify
from pipeline.reading import read

pytestmark = pytest.mark.skipif(not os.environ.get("EVAL_DIR"), reason="EVAL_DIR is not set")
TYPE_OF = {"invoice": "invoice", "self_billed_invoice": "invoice", "credit_note": "credit_note"}


def folder() -> Path:
    return Path(os.environ["EVAL_DIR"])


def receipt_reading(path: Path) -> Reading:
    """The lines of a receipt as words whose boxes share the line's box by their length."""
    words: list[Word] = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        cells = next(csv.reader([line], quoting=csv.QUOTE_NONE))
        if len(cells) < 9:
            continue
        xs, ys, text = [float(v) for v in cells[:8:2]], [float(v) for v in cells[1:8:2]], ",".join(cells[8:])
        x, step = min(xs), (max(xs) - min(xs)) / max(1, len(text))
        for part in text.split():
            words.append(Word(part, (x, min(ys), x + step * len(part), max(ys))))
            x += step * (len(part) + 1)
    width, height = max(word.box[2] for word in words), max(word.box[3] for word in words)
    return Reading("image/jpeg", (Page(1, width * 1.05, height * 1.05, Source.TEXT, tuple(words)),))


def share(name: str, wrong: list[str], count: int) -> float:
    print(f"\n{name}: {count - len(wrong)} of {count} right; wrong: {', '.join(wrong) or 'none'}")
    return 1 - len(wrong) / count


def test_real_receipts():
    paths = sorted((folder() / "receipts" / "box").glob("*.csv"))
    answers = {path.stem: classify(receipt_reading(path)) for path in paths}
    wrong = [
        f"{name} {answer.type} {answer.confidence}" for name, answer in answers.items() if answer.type != "receipt"
    ]
    assert share("receipts", wrong, len(paths)) >= 0.97


def test_real_invoices():
    truth = (folder() / "invoices" / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, truth) if row["doc_type"] in TYPE_OF]
    wrong = []
    for row in rows:
        reading = read(
            folder() / "invoices" / "page" / f"{row['id']}.pdf", "application/pdf", Settings(), lambda _: None
        )
        answer = classify(reading)
        if answer.type != TYPE_OF[row["doc_type"]]:
            wrong.append(f"{row['id']} {answer.type} {answer.confidence}")
    assert share("invoices", wrong, len(rows)) >= 0.96
