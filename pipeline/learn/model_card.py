"""The model card of the classifier: what it was trained on, how good it is, where it ends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figures:
    """What held-out documents say about the weights.

    ``by_group`` maps a kind of document to its number and the share that was right; ``calibration_error`` is the
    expected calibration error over ten bins of confidence.
    """

    documents: int
    accuracy: float
    by_group: dict[str, tuple[int, float]]
    confusions: dict[str, int]
    abstained: float
    accepted_accuracy: float
    calibration_error: float
    temperature: float


_CARD = """# Document type classifier

Says whether a document is an invoice, a credit note, a receipt, or none of these (`other`).

| | |
|---|---|
| made by | `podatelna train classifier` (`pipeline.learn.train_classifier.train`, seed {seed}, {documents} documents) |
| kind | spaCy {spacy} text categoriser, `spacy.TextCatBOW.v3`: a linear model on a bag of features |
| features | {known} of them, see below |
| languages | Czech, German, English, French |
| licence | Apache-2.0, as the project; no third party's document or weights went in |

## Features

`pipeline.classify.features`: folded words, their heads and tails, pairs, large words, the first words, and counts of
words, pages, amounts, prose and the page's shape. Only features that stand in at least {share} of the training
documents count; some common first names are still among them.

## Data

Documents of the project's own factory (`pipeline.learn.factory`): invented companies, nine invoice layouts, four
countries' receipts (Malaysian ones too, as that is where the public receipts come from), and as `other` letters,
forms, contracts, payroll papers, reports, and the look-alikes order, quote, delivery note, confirmation and
reminder. Three quarters are misread on purpose (`pipeline.learn.noise`: look-alike letters, lost diacritics, glued
and split words, lost lines), and most carry sentences and labels that could stand on any document.

## Figures

Measured on a twin of these weights that was trained without two invoice layouts, one receipt layout and five kinds of
other papers, and judged on {judged} generated and misread documents of just those; the weights that ship were then
trained in the same way on everything:

| | |
|---|---|
| right | {accuracy:.1%} |
| answered "unknown" (best type under {abstain}) | {abstained:.1%} |
| right among the answered | {accepted:.1%} |
| expected calibration error | {error:.3f} |
| temperature | {temperature} |

| kind, language or country | documents | right |
|---|---|---|
{groups}

Mistakes: {confusions}.

Real documents: set `EVAL_DIR` and run `pytest tests/classify/test_real_documents.py -s`; it prints the figures.

## Meaning of the confidence

The softmax output after temperature scaling, fitted with the twin on generated documents of which half are in
held-out layouts. Real invoices that look like none of the factory's get a lower one than they deserve. Under
{abstain} the answer is `other` with that confidence, which is below the routing threshold: a person sees the document.

## Limits

* A self-billed invoice titled "Gutschrift" and a credit note titled "Gutschrift" are told apart by the words beside
  the title only.
* Papers of a kind that was never trained on and share words with trade documents may be taken for an invoice: of
  Czech contracts, which the twin had never seen, it knew a quarter.
* A payment reminder that repeats the whole invoice is often taken for the invoice.
* Proforma invoices and advance payment requests were not trained on; expect `invoice`.
* Other languages and scripts: not trained on.
"""


def write_card(
    folder: Path, figures: Figures, *, seed: int, documents: int, known: int, share: float, abstain: float, spacy: str
) -> None:
    """Write ``MODEL_CARD.md`` into ``folder``."""
    groups = "\n".join(f"| {name} | {count} | {right:.0%} |" for name, (count, right) in figures.by_group.items())
    confusions = ", ".join(f"{count} {name}" for name, count in figures.confusions.items()) or "none"
    text = _CARD.format(
        seed=seed,
        documents=documents,
        known=known,
        share=f"{share:.1%}",
        spacy=spacy,
        judged=figures.documents,
        accuracy=figures.accuracy,
        abstain=abstain,
        abstained=figures.abstained,
        accepted=figures.accepted_accuracy,
        error=figures.calibration_error,
        temperature=figures.temperature,
        groups=groups,
        confusions=confusions,
    )
    (folder / "MODEL_CARD.md").write_text(text, encoding="utf-8")
