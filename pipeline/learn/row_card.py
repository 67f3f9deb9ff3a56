"""The model card of the rows' scorer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.evaluate import metrics

SURE = 0.85
"""The share of rows with at least this confidence, and the error among them, are on the card."""

_CARD = """# Scorer of the rows of tables

Says how probable it is that all cells of a row of line items are right (of invoices, credit notes, purchase orders and
delivery notes), from features that a person can check on the page (`extractors.table.features`). It chooses nothing:
which lines are rows is decided by the sums that they make.

| | |
|---|---|
| made by | `podatelna train rows --seed {seed} --documents {count} --scans {scans}`, `--truth` for the real ones |
| data | trade documents of the factory (cs, de, en, fr), some with disturbed tables: {documents} |
| rows | {rows} |
| method | LightGBM, binary; the score becomes a probability by isotonic regression on unseen layouts and senders |
| licence | Apache-2.0, as the project |

The same seed gives the same weights with the same versions of LightGBM, Faker, the fonts and the engines. A row is
right if every cell that stands on the page is; one that stands nowhere is wrong.

## What the probabilities are worth

Of rows of layouts and senders that neither the booster nor its curve had seen ({folds} folds). ECE: expected error of
calibration. AUROC: how well right and wrong rows are told apart. "Sure" is a probability of at least {sure}; "wrong
then" is the share of wrong rows among the sure ones.

| documents | rows | right | ECE | AUROC | sure | wrong then |
|---|---|---|---|---|---|---|
{table}

## What it looks at

Share of the gain of all splits: {importance}.

## Limits

* The documents are invented and easier than the world's. Corrections of reviewers are the better measure as soon as
  there are enough.
* Rows of an e-invoice have priors of their own (`extractors.einvoice.merge`).
* Who changes how rows are found runs the command again.
"""


@dataclass(frozen=True, slots=True)
class Share:
    """Some rows: how many, the share that is right, what their probabilities are worth, and the sure ones."""

    rows: int
    right: float
    error: float
    auroc: float
    sure: float
    sure_wrong: float

    @classmethod
    def of(cls, chances: metrics.Floats, right: metrics.Rights) -> Share:
        """Measure it: the probabilities of some rows, and which of them are right."""
        sure = chances >= SURE
        return cls(
            len(right), float(right.mean()), metrics.calibration_error(chances, right), metrics.auroc(chances, right),
            float(sure.mean()), float(1 - right[sure].mean()) if sure.any() else 0.0,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured on layouts and senders unseen, by state; ``documents`` are those that have rows."""

    documents: Mapping[str, int]
    rows: int
    learned: Mapping[str, Share]
    importance: Mapping[str, float]


def write_card(path: Path, figures: Figures, *, seed: int, count: int, scans: int, folds: int) -> None:
    """Write the card; ``count`` is the number of documents of each language."""
    table = [
        f"| {state} | {one.rows} | {one.right:.1%} | {one.error:.3f} | {one.auroc:.3f} | {one.sure:.1%} "
        f"| {one.sure_wrong:.1%} |"
        for state, one in figures.learned.items()
    ]
    importance = ", ".join(f"{name} {share:.0%}" for name, share in list(figures.importance.items())[:14])
    text = _CARD.format(
        seed=seed, count=count, scans=scans, folds=folds, rows=figures.rows, sure=SURE, table="\n".join(table),
        documents=", ".join(f"{number} {state}" for state, number in figures.documents.items()), importance=importance,
    )  # fmt: skip
    path.write_text(text, encoding="utf-8")
