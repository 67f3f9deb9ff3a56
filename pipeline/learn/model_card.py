"""The model card of the classifier: what it was trained on, how good it is, where it ends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figures:
    """What documents with known types say about the weights.

    ``by_group`` maps a kind of document to its number and the share that was right; ``confusions`` counts wrong
    answers above the abstain threshold. ``abstained`` and ``accepted_accuracy`` are shares below and above that
    threshold, ``unsure`` and ``sure_accuracy`` below and above the one of routing, ``taken`` the share of all that was
    surely taken for a wrong type of ours. ``calibration_error`` is the expected one over ten bins of confidence.
    """

    documents: int
    accuracy: float
    by_group: dict[str, tuple[int, float]]
    confusions: dict[str, int]
    abstained: float
    accepted_accuracy: float
    unsure: float
    sure_accuracy: float
    taken: float
    calibration_error: float


_CARD = """# Document type classifier

Says which of eleven types a document is of; `pipeline.classify.ours` tells invoices that we issued from vendors'.

| | |
|---|---|
| made by | `podatelna train classifier` (`pipeline.learn.train_classifier.train`, seed {seed}, {documents} documents) |
| kind | spaCy {spacy} multi-label text categoriser, `spacy.TextCatBOW.v3`: a linear model on a bag of features |
| features | {known} of them, see below |
| languages | Czech, German, English, French; titles and labels of Slovak and Polish too |
| licence | Apache-2.0, as the project; no third party's document or weights went in |

## Features

`pipeline.classify.features`: titles and labels of the YAML types and where they stand (first, alone on a line, in large
print), found in spite of misread letters; folded words, their heads and tails, pairs, short segments, large words, the
first words; and counts of words, pages, amounts, prose and the page's shape. Only features that stand in at least
{share} of the training documents count; some common first names are still among them.

## Data

Documents of the project's own factory (`pipeline.learn.factory`): invented companies and people, trade documents, forms
and bank statements in many layouts, four countries' receipts (Malaysian ones too, as that is where the public receipts
come from), and as `other` letters, forms, contracts, payslips, reports, quotes, confirmations and reminders. Three
quarters are misread on purpose (`pipeline.learn.noise`: look-alike letters, lost diacritics, glued and split words,
lost lines), some are cut to the top of their first page, and most carry sentences and labels that could stand on any
document, a fifth of them in another language.

## Figures

{judged} generated documents of all types and languages in layouts that nothing is trained on (three of trade documents,
one of receipts, three of forms), misread likewise:

| | |
|---|---|
| right | {accuracy:.1%} |
| answered "unknown" (confidence under {abstain}) | {abstained:.1%} |
| right among the answered | {accepted:.1%} |
| left to a person (confidence under {sure}, the default of `type_threshold`) | {unsure:.1%} |
| right among the others | {sure_accuracy:.1%} |
| expected calibration error | {error:.3f} |

Mistakes above {abstain}: {confusions}.

| kind, language or country | documents | right |
|---|---|---|
{groups}

Papers that nobody knows: a twin, trained without order confirmations and five kinds of other papers in one language
each, was shown {strange} misread documents of just those. All are `other`:

| | |
|---|---|
| left to a person (`other`, or confidence under {sure}) | {caught:.1%} |
| surely taken for a type of ours | {taken:.1%} |

They were {strange_confusions}.

Real documents: set `EVAL_DIR` and run `pytest tests/classify/test_real_documents.py -s`; it prints the figures. None of
them was trained on.

## Meaning of the confidence

Each type is scored for itself. The probability that the best one is right is a logistic regression on the log-odds of
the two best scores, fitted with the twin on generated documents, half of them in layouts and of kinds that it had never
seen. Under {abstain} the answer is `other` with that confidence; under `type_threshold` a person looks.

## Limits

* A paper that differs from one of ours in its title alone (an order confirmation, a loan application) is often taken
  for that type where its kind was never trained on.
* A self-billed invoice titled "Gutschrift" and a credit note titled "Gutschrift" are told apart by the words beside
  the title only.
* An invoice in the form of a letter without a title (insurance) is often unknown, above all on a scan.
* Proforma invoices and advance payment requests are `invoice`.
* Other scripts: not trained on.
"""


def write_card(
    folder: Path,
    figures: Figures,
    unknown: Figures,
    *,
    seed: int,
    documents: int,
    known: int,
    share: float,
    abstain: float,
    sure: float,
    spacy: str,
) -> None:
    """Write ``MODEL_CARD.md`` into ``folder``; ``unknown`` is about papers of kinds that were never seen."""
    groups = "\n".join(f"| {name} | {count} | {right:.0%} |" for name, (count, right) in figures.by_group.items())
    text = _CARD.format(
        seed=seed,
        documents=documents,
        known=known,
        share=f"{share:.1%}",
        spacy=spacy,
        judged=figures.documents,
        accuracy=figures.accuracy,
        abstain=abstain,
        sure=sure,
        abstained=figures.abstained,
        accepted=figures.accepted_accuracy,
        unsure=figures.unsure,
        sure_accuracy=figures.sure_accuracy,
        error=figures.calibration_error,
        confusions=_counted(figures.confusions),
        groups=groups,
        strange=unknown.documents,
        caught=1 - unknown.taken,
        taken=unknown.taken,
        strange_confusions=_counted(unknown.confusions),
    )
    (folder / "MODEL_CARD.md").write_text(text, encoding="utf-8")


def _counted(confusions: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in confusions.items()) or "none"
