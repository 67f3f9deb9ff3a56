"""The model card of the calibration: what a confidence is worth, and where that ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Share:
    """Some rows: how many, the share that is right, the calibration error, the share that is sure, and its error."""

    rows: int
    right: float
    error: float
    sure: float
    sure_wrong: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What the rows of layouts that were kept back say, by source (``text layer``, ``OCR``)."""

    before: Mapping[str, Share]
    after: Mapping[str, Share]


_CARD = """# Calibration of the rows of tables

Turns the score of a row of line items into the probability that all its cells are right, by two monotone curves: for
pages with a text layer and for pages read by OCR. Confidences of fields are measured by the models that choose them.

| | |
|---|---|
| made by | `podatelna train calibration --seed {seed}` (`pipeline.learn.train_calibration.train`) |
| data | generated documents (`pipeline.learn.factory`), read by the real reader: {stored} |
| examples | {rows} rows |
| method | isotonic regression, the score counting as {prior:.0f} examples against at most {most:.0f}, cut at {cap} |
| licence | Apache-2.0, as the project; no third party's document went in |

## Figures

Of a twin of these curves that was fitted without these layouts and judged on just them: {kept_back}.
The curves that ship were then fitted on everything. "Sure" is a confidence of at least {sure}; "wrong then" is the
share of wrong rows among the sure ones.

| rows | number | right | error of calibration before | after | sure before | wrong then | sure after | wrong then |
|---|---|---|---|---|---|---|---|---|
{table}

## Limits

* The documents are invented and easier than the world's; the score's weight in every curve is what makes up for it.
  Corrections of reviewers are the better measure as soon as there are enough.
* Rows of an e-invoice are not calibrated here; they have priors of their own (`extractors.einvoice.merge`).
* The curves belong to one scorer. Who changes `extractors.table.confidence` runs the command again.
"""


def _percent(share: float, *, of: float = 1) -> str:
    return f"{share:.1%}" if of else "-"


def write_card(
    folder: Path, figures: Figures, *, seed: int, stored: Mapping[str, int], rows: int, kept_back: Sequence[str],
    cap: float, prior: float, most: float, sure: float,
) -> None:  # fmt: skip
    """Write ``MODEL_CARD.md`` into ``folder``."""
    table = []
    for name, after in figures.after.items():
        before = figures.before[name]
        table.append(
            f"| {name} | {after.rows} | {after.right:.1%} | {before.error:.3f} | {after.error:.3f} | "
            f"{before.sure:.1%} | {_percent(before.sure_wrong, of=before.sure)} | {after.sure:.1%} | "
            f"{_percent(after.sure_wrong, of=after.sure)} |"
        )
    text = _CARD.format(
        seed=seed,
        stored=", ".join(f"{count} {name}" for name, count in sorted(stored.items())),
        rows=rows,
        kept_back=", ".join(kept_back),
        cap=cap,
        prior=prior,
        most=most,
        sure=sure,
        table="\n".join(table),
    )
    (folder / "MODEL_CARD.md").write_text(text, encoding="utf-8")
