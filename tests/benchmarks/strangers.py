"""Senders nothing is trained on: ``python tests/benchmarks/strangers.py [--count N] [--errors] [--kind KIND ...]``.

Documents in the layouts, wordings and habits of `pipeline.learn.factory.strangers`, clean and misread at three levels:
F1 of the header by field, layout and language, of the cells of rows, the share of whole rows, the type, and what the
confidences are worth. Nothing is trained on them. ``--errors`` prints what is wrong on the clean ones (``--level N``:
on those misread).
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

KINDS = ("invoice", "credit_note", "order", "delivery_note")
LEVELS = (None, 0.4, 1.0, 2.5)
"""None is clean; see `pipeline.learn.scorer_papers.noise_of`."""
SURE = 0.85
"""What a required field must be for a document to be loaded unseen."""


def documents(count: int, kinds: list[str]) -> Iterator[object]:
    """``count`` documents of each layout and language; of papers about goods a third as many."""
    from pipeline.learn.factory import STRANGE_LANGUAGES, STRANGE_LAYOUTS, make_invoice

    for kind in kinds:
        for language in STRANGE_LANGUAGES:
            for place, layout in enumerate(STRANGE_LAYOUTS):
                for number in range(count):
                    if kind == "invoice" or (number + place + len(language + kind)) % 3 == 0:
                        yield make_invoice(f"stranger-{number}", kind, language, layout)


def main() -> None:
    """Print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--count", type=int, default=2)
    arguments.add_argument("--kind", action="append", choices=KINDS)
    arguments.add_argument("--errors", action="store_true")
    arguments.add_argument("--level", type=int, choices=range(len(LEVELS)), help="only this one")
    asked = arguments.parse_args()

    import numpy as np

    from extractors import extract
    from models.document_types import document_types
    from models.records import Decision, Route, Understanding
    from models.settings import Settings
    from pipeline.classify import classify
    from pipeline.evaluate import metrics
    from pipeline.evaluate.judge import Verdict, judge
    from pipeline.evaluate.metrics import Score
    from pipeline.evaluate.truth import Truth
    from pipeline.learn.factory.trade import seeded
    from pipeline.learn.scorer_papers import as_scan, noise_of

    made = list(documents(asked.count, asked.kind or list(KINDS)))
    print(f"{len(made)} documents")
    chosen = range(len(LEVELS)) if asked.level is None else [asked.level]
    by: dict[str, dict[int, Score]] = defaultdict(lambda: defaultdict(Score))
    rows: dict[int, list[bool]] = defaultdict(list)
    types: dict[int, list[tuple[bool, bool]]] = defaultdict(list)
    sure: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    row_sure: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for one in made:
        kind = document_types()[one.type]
        truth = Truth(one.id, "", Path(), one.type, one.fields, tuple(one.line_items), language=one.language)
        for level in chosen:
            bad = LEVELS[level]
            reading = one.reading
            if bad is not None:
                reading = as_scan(reading, seeded("stranger", one.id, level), noise_of(bad))
            guess = classify(reading)
            found = Understanding(reading, guess, extract(reading, kind), (), Decision(Route.REVIEW))
            judged = judge(truth, "application/pdf", found, Settings())
            types[level].append((guess.confidence >= 0.65, guess.type == one.type))
            for field in judged.fields:
                group = "field" if one.type in ("invoice", "credit_note") else one.type
                for name in ("header", f"type {one.type}", f"layout {one.layout}", f"language {one.language}",
                             f"{group} {field.name}"):  # fmt: skip
                    by[name][level] += field.score
                if field.found is not None:
                    sure[level].append((field.found.confidence, field.verdict is Verdict.RIGHT))
                if asked.errors and level == chosen[0] and field.verdict is not Verdict.RIGHT:
                    value = field.found and (field.found.value, round(field.found.confidence, 2))
                    print(f"{one.id:34} {field.name:18} {field.verdict:8} {field.truth!r} <- {value}")
            for row in judged.rows or ():
                score = metrics.sums(cell for _, cell in row.cells())
                for name in ("cells", f"cells {one.type}", f"cells {one.layout}", f"cells {one.language}"):
                    by[name][level] += score
                if row.truth is not None:
                    rows[level].append(row.right)
                if row.found is not None:
                    row_sure[level].append((row.found.confidence, row.right))
                if asked.errors and level == chosen[0] and not row.right:
                    print(f"{one.id:34} row {row.truth} <- {row.found}")
    print(f"{'F1':34}" + "".join(f"{'clean' if LEVELS[n] is None else f'noise {LEVELS[n]}':>12}" for n in chosen))
    for name in sorted(by):
        print(f"{name:34}" + "".join(f"{by[name][n].f1 or 0:12.3f}" for n in chosen))
    print(f"{'whole rows':34}" + "".join(f"{np.mean(rows[n]):12.3f}" for n in chosen))
    print(f"{'type: decided':34}" + "".join(f"{np.mean([s for s, _ in types[n]]):12.3f}" for n in chosen))
    right = {n: [good for known, good in types[n] if known] for n in chosen}
    print(f"{'type: right of those':34}" + "".join(f"{np.mean(right[n]):12.3f}" for n in chosen))
    for name, points in (("fields", sure), ("rows", row_sure)):
        pairs = {
            n: (np.array([p for p, _ in points[n]]), np.array([r for _, r in points[n]], np.bool_)) for n in chosen
        }
        print(f"{name + ': ECE':34}" + "".join(f"{metrics.calibration_error(*pairs[n]):12.3f}" for n in chosen))
        print(f"{name + ': AUROC':34}" + "".join(f"{metrics.auroc(*pairs[n]):12.3f}" for n in chosen))
        for n in chosen:
            chances, good = pairs[n]
            high = chances >= SURE
            print(f"  {name} level {n}: {high.mean():.2f} at >= {SURE}, wrong of those {1 - good[high].mean():.3f}")


if __name__ == "__main__":
    main()
