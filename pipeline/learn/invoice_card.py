"""The model card of the invoice scorer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.learn.row_card import SURE
from pipeline.learn.scorer_card import Sure

_CARD = """# Scorer of invoice headers

Says how probable it is that what an expert of `extractors.invoice` found for a field of an invoice or credit note is
right, from features that a person can check on the page (`extractors.invoice.features`). The experts' choice stays;
what is not probable enough is left empty.

| | |
|---|---|
| made by | `podatelna train scorer --seed {seed} --documents {each}` (`pipeline.learn.invoice_scorer.train`) |
| data | {documents} invoices and credit notes of the factory (cs, de, en, fr), clean or misread; {real} real ones |
| rows | {options} options of fields |
| method | LightGBM, binary; the score becomes a probability by isotonic regression on unseen layouts and senders |
| threshold | {threshold}: below this probability a field is left empty |
| licence | Apache-2.0, as the project |

The same seed gives the same weights with the same versions of LightGBM, Faker and the fonts. Of real documents only
what their truth names is judged; they may be found in the weights, but no figure below is measured on documents of a
sender or layout that its booster or its curve had seen ({folds} folds).

## What the probabilities are worth

By weights set by hand (`extractors.scoring.rules`), and by this model. ECE: expected error of calibration. AUROC: how
well right and wrong values are told apart. Acceptable: the share of the values found that may be accepted unseen with
1 % of errors. Sure: the share that is at least {sure} probable, and how many of these are wrong.

| data | values | right | ECE, by hand | learned | AUROC, by hand | learned | acceptable, by hand | learned | sure | wrong |
|---|---|---|---|---|---|---|---|---|---|---|
{rows}

## What it looks at

Share of the gain of all splits: {importance}.
"""  # noqa: E501 - a table


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured on layouts and senders that a booster had not seen, by state: by hand, and learned.

    ``sure`` are the share of values that are at least `SURE` probable, and how many of these are wrong.
    """

    documents: int
    real: int
    options: int
    by_hand: Mapping[str, Sure]
    learned: Mapping[str, Sure]
    sure: Mapping[str, tuple[float, int]]
    importance: Mapping[str, float]


def write_card(path: Path, figures: Figures, *, seed: int, documents: int, folds: int, threshold: float) -> None:
    """Write the card; ``documents`` is the number of each language."""
    rows = []
    for state, learned in figures.learned.items():
        hand = figures.by_hand[state]
        rows.append(
            f"| {state} | {learned.values} | {learned.right:.1%} | {hand.error:.3f} | {learned.error:.3f} "
            f"| {hand.auroc:.3f} | {learned.auroc:.3f} | {hand.acceptable:.1%} | {learned.acceptable:.1%} "
            f"| {figures.sure[state][0]:.1%} | {figures.sure[state][1]} |"
        )
    importance = ", ".join(f"{name} {share:.0%}" for name, share in list(figures.importance.items())[:12])
    text = _CARD.format(
        seed=seed, each=documents, documents=figures.documents, real=figures.real, options=figures.options,
        threshold=threshold, folds=folds, sure=SURE, rows="\n".join(rows), importance=importance,
    )  # fmt: skip
    path.write_text(text, encoding="utf-8")
