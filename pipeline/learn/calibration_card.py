"""The model card of the calibration: what a confidence is worth, and where that ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Share:
    """Some values: how many, the share that is right, the calibration error, the share that is sure, and its error."""

    values: int
    right: float
    error: float
    sure: float
    sure_wrong: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What the values of layouts that were kept back say, by source (``text layer``, ``OCR``) and field."""

    before: Mapping[str, Share]
    after: Mapping[str, Share]
    by_field: Mapping[tuple[str, str], Share]


_CARD = """# Calibration of the confidences

Turns the score of an extracted value into the probability that it is right, by monotone curves for each field (for
its kind, where a field has fewer than {least} examples), apart for values of a text layer and of OCR.

| | |
|---|---|
| made by | `podatelna train calibration --seed {seed}` (`pipeline.learn.train_calibration.train`) |
| data | generated documents (`pipeline.learn.factory`), read by the real reader: {stored} |
| examples | {values} values and table rows |
| method | isotonic regression, the score counting as {prior} examples against at most {most:.0f}, cut at {cap} |
| licence | Apache-2.0, as the project; no third party's document went in |

Right means: the normal form is that of the truth; for names, addresses and free text a likeness of 90 % (without
case and commas); for a table row all its cells. A value for a field that is not on the page is wrong.

## Figures

Of a twin of these curves that was fitted without these layouts and judged on just them: {kept_back}.
The curves that ship were then fitted on everything. "Sure" is a confidence of at least {sure}; "wrong then" is the
share of wrong values among the sure ones.

| values | number | right | error of calibration before | after | sure before | wrong then | sure after | wrong then |
|---|---|---|---|---|---|---|---|---|
{table}

| field | values | number | right | calibration error | sure | wrong among them |
|---|---|---|---|---|---|---|
{fields}

## Limits

* The documents are invented and easier than the world's; the score's weight in every curve is what makes up for it.
  Corrections of reviewers are the better measure as soon as there are enough.
* Few scanned documents: most OCR curves of rare fields are those of their kind.
* Values of an e-invoice are not calibrated here; they have priors of their own (`extractors.einvoice.merge`).
* The curves belong to one scorer. Who changes `extractors.scoring.rules` or its features runs the command again.
"""


def _percent(share: float, *, of: float = 1) -> str:
    return f"{share:.1%}" if of else "-"


def write_card(
    folder: Path, figures: Figures, *, seed: int, stored: Mapping[str, int], values: int, kept_back: Sequence[str],
    cap: float, prior: str, most: float, least: int, sure: float,
) -> None:  # fmt: skip
    """Write ``MODEL_CARD.md`` into ``folder``."""
    table = []
    for name, after in figures.after.items():
        before = figures.before[name]
        table.append(
            f"| {name} | {after.values} | {after.right:.1%} | {before.error:.3f} | {after.error:.3f} | "
            f"{before.sure:.1%} | {_percent(before.sure_wrong, of=before.sure)} | {after.sure:.1%} | "
            f"{_percent(after.sure_wrong, of=after.sure)} |"
        )
    fields = [
        f"| `{name}` | {part} | {one.values} | {one.right:.1%} | {one.error:.3f} | {one.sure:.1%} | "
        f"{_percent(one.sure_wrong, of=one.sure)} |"
        for (name, part), one in figures.by_field.items()
        if one.values
    ]
    text = _CARD.format(
        seed=seed,
        stored=", ".join(f"{count} {name}" for name, count in sorted(stored.items())),
        values=values,
        kept_back=", ".join(kept_back),
        cap=cap,
        prior=prior,
        most=most,
        least=least,
        sure=sure,
        table="\n".join(table),
        fields="\n".join(fields),
    )
    (folder / "MODEL_CARD.md").write_text(text, encoding="utf-8")
