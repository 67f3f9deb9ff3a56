"""The model card of what reading has learnt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.learn.fit_reading import Thresholds


@dataclass(frozen=True, slots=True)
class Judged:
    """Words of one reader: how many, the share of right ones, calibration error, and how well numbers order them."""

    words: int
    right: float
    error: float
    auroc: float
    auroc_before: float


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Word F1 and CPU seconds a page, by set, of one way to read."""

    name: str
    by_set: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of the card: of held-out pages, of real pages after generated ones alone, the curve, the pages."""

    held_out: Mapping[str, Judged]
    abroad: Mapping[str, Judged]
    curve: Sequence[CurvePoint]
    pages: Mapping[str, int]


_CARD = """# What reading has learnt

`confidence.json`: the probability that a word was read exactly right, from the engine's score, the word's shape and
spelling, its neighbours, the quality of the picture and, where both engines read the place, what the other one read.
`policy.json`: which pages go to the strong engine, and which spots of a page are worth a second look.

| | |
|---|---|
| made by | `podatelna train reading --seed {seed}{truth}` (`pipeline.learn.train_reading.train`) |
| pages | {pages} |
| method | logistic regression over piecewise linear features; five folds, a document's pages together |
| by the curve | at once from {at_once:.0%} chance, page under {page_sure:.0%} mean sureness, {rate:g} words a second |
| the same again | same seed and versions: the same numbers; another machine: within 0.005 of every chance |
| licence | Apache-2.0, as the project; words and letters were counted on generated documents only{note} |

A word is right if a true word with exactly its text stands at its place, case and punctuation included (on receipts,
whose truth is in capitals, without case).

## Words of documents that were not trained on

ECE is the expected calibration error over ten bins; AUROC the chance that a right word gets a higher number than a
wrong one, of our number and of the number before (the engine's own score; with `+`, our number without the other
engine). `spot` are the spots of a page that Tesseract was unsure of, read by RapidOCR; `+` is where both read.

{held_out}
{abroad}
## From threshold to word F1 and CPU

Held out in the same way. F1 in percent, CPU in seconds a page on one thread of a shared machine: compare them within
this table only.

{curve}

## Limits

* The generated documents are cleaner and their words fewer than the world's. With a truth folder the numbers fit its
  kinds of documents; kinds that are in neither get what is nearest.
* The chances belong to these versions of the engines and of the clean-up. Who changes those runs the command again.
* Words of a text layer have no such number; they are compared with the drawn page (`pipeline.reading.pdf.witness`).
"""


def write_card(folder: Path, figures: Figures, *, seed: int, chosen: Thresholds) -> None:
    """Write ``MODEL_CARD.md`` into ``folder``."""
    real = {"scan", "receipt"} & set(figures.pages)
    abroad = f"\nLearnt on the generated pages alone, judged on the others:\n\n{table(figures.abroad)}\n"
    text = _CARD.format(
        seed=seed,
        truth=" --truth FOLDER" if real else "",
        note="; of the truth folder only numbers were learnt" if real else "",
        pages=", ".join(f"{count} {name}" for name, count in sorted(figures.pages.items())),
        at_once=chosen.at_once,
        page_sure=chosen.page_sure,
        rate=chosen.rate,
        held_out=table(figures.held_out),
        abroad=abroad if figures.abroad else "",
        curve=curve_table(figures.curve),
    )
    (folder / "MODEL_CARD.md").write_text(text, encoding="utf-8")


def table(judged: Mapping[str, Judged]) -> str:
    """Calibration by reader, as Markdown."""
    rows = [
        f"| {name} | {one.words} | {one.right:.1%} | {one.error:.3f} | {one.auroc:.3f} | {one.auroc_before:.3f} |"
        for name, one in judged.items()
    ]
    head = "| reader | words | right | ECE | AUROC | AUROC before |\n|---|---|---|---|---|---|\n"
    return head + "\n".join(rows)


def curve_table(points: Sequence[CurvePoint]) -> str:
    """The curve, as Markdown."""
    sets = list(points[0].by_set)
    head = "| way to read | " + " | ".join(sets) + " |\n|" + "---|" * (1 + len(sets)) + "\n"
    rows = [
        f"| {point.name} | "
        + " | ".join(f"{100 * point.by_set[name][0]:.1f} / {point.by_set[name][1]:.2f} s" for name in sets)
        + " |"
        for point in points
    ]
    return head + "\n".join(rows)
