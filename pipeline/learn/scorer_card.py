"""The model card of the form scorer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.evaluate import metrics
from pipeline.evaluate.metrics import Score
from pipeline.learn.scorer_papers import CLEAN, MISREAD


@dataclass(frozen=True, slots=True)
class Sure:
    """What the probabilities of some values are worth; ``acceptable`` is the share that has 1 % of errors at most."""

    values: int
    right: float
    error: float
    auroc: float
    acceptable: float

    @classmethod
    def of(cls, chances: metrics.Floats, right: metrics.Rights) -> Sure:
        """Measure it: the probabilities of some values, and which of them are right."""
        least = metrics.acceptable(chances, right, len(right), 0.01)
        error, auroc = metrics.calibration_error(chances, right), metrics.auroc(chances, right)
        return cls(len(right), float(right.mean()), error, auroc, least.of_found)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; scores are by type or layout and state, or by state, of `pipeline.learn.scorer_papers`.

    ``left_out`` are those of boosters that never saw the type: of all its fields, and of those that have labels.
    """

    documents: int
    real: int
    options: int
    by_type: Mapping[tuple[str, str], Score]
    by_layout: Mapping[tuple[str, str], Score]
    left_out: Mapping[str, Mapping[str, tuple[Score, Score]]]
    sure: Mapping[str, Sure]
    importance: Mapping[str, float]
    doubts: Mapping[str, float]
    threshold: float


_CARD = """# Scorer of form fields

Says how probable a candidate on the page is the value of a field, for any document type, from features that a person
can check on the page (`extractors.scoring.FEATURES`). It knows no name of a field or type and no word of a page: a
new type works from the labels in its file.

| | |
|---|---|
| made by | `podatelna train scorer --seed {seed} --documents {each}` (`pipeline.learn.train_scorer.train`) |
| data | {documents} documents of the factory (`pipeline.learn.factory`), clean or misread; {real} real ones |
| rows | {options} candidates of fields |
| method | LightGBM, binary: `form.txt` scores candidates, `form_sure.txt` (`extractors.form.sure`) the chosen values |
| probability | isotonic regression; that and `form_sure` come from layouts that `form` had not seen |
| threshold | {threshold}: below this probability a field is left empty |
| licence | Apache-2.0, as the project |

The same seed gives the same weights with the same versions of LightGBM, Faker and the fonts. Misread means the noise
of `pipeline.learn.scorer_papers.scanned`: of a hundred words about two to eight have a fault.

## Layouts that were never seen

Header F1 (micro; a wrong value counts as wrong and as missing) of a twin of this model that was trained without the
layouts {held_out}, judged on just them:

| type | clean | misread |
|---|---|---|
{types}

| layout | clean | misread |
|---|---|---|
{layouts}

## Types that were never seen

Header F1 of boosters that were trained without any document of the type, on all its layouts: what its labels alone
are worth. Fields without labels in the type's file are left out in the second pair.

| type | clean | misread | clean, labelled fields | misread, labelled fields |
|---|---|---|---|---|
{left_out}

## What the probabilities are worth

On the layouts that were never seen:

| reading | values | right | error of calibration (ECE) | AUROC | acceptable with 1 % of errors |
|---|---|---|---|---|---|
{sure}

## What it looks at

The features by their share in the gain of all splits: {importance}.

The second booster: {doubts}.

## Limits

* The documents are invented: the wordings of labels and the ways to set a form are those that somebody thought of.
* Fields without a label (a sender's name and address in a letterhead) are found by their place only.
* Values that run on in a sentence, as in letters, are found worse than those of a form: names and companies are found
  there without a label, but numbers and free text are not.
* A word that a scan lost leaves no trace: half a name or amount may look as sure as a whole one.
* Boxes to tick are known by the signs that a reader makes of them; where a scan's box leaves no sign, its choice is
  not told from the others.
"""


def _f1(score: Score) -> str:
    return "-" if score.f1 is None else f"{score.f1:.3f}"


def _shares(importance: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {share:.1%}" for name, share in list(importance.items())[:16])


def write_card(folder: Path, figures: Figures, *, seed: int, documents: int, held_out: Sequence[str]) -> None:
    """Write ``MODEL_CARD.md`` into ``folder``."""
    names = sorted({name for name, _ in figures.by_type})
    by_state = {state: sum((s for (_, st), s in figures.by_type.items() if st == state), Score()) for state in _STATES}
    rows = [
        f"| {name} | {' | '.join(_f1(figures.by_type.get((name, s), Score())) for s in _STATES)} |" for name in names
    ]
    rows.append(f"| **all** | {' | '.join(_f1(by_state[state]) for state in _STATES)} |")
    places = sorted({name for name, _ in figures.by_layout})
    layouts = [
        f"| {name} | {' | '.join(_f1(figures.by_layout.get((name, s), Score())) for s in _STATES)} |" for name in places
    ]
    left = [
        f"| {name} | {' | '.join(_f1(scores[state][part]) for part in (0, 1) for state in _STATES)} |"
        for name, scores in figures.left_out.items()
    ]
    sure = [
        f"| {state} | {one.values} | {one.right:.1%} | {one.error:.3f} | {one.auroc:.3f} | {one.acceptable:.1%} |"
        for state, one in figures.sure.items()
    ]
    text = _CARD.format(
        seed=seed, each=documents, documents=figures.documents, real=figures.real, options=figures.options,
        threshold=figures.threshold, held_out=", ".join(held_out), types="\n".join(rows), left_out="\n".join(left),
        sure="\n".join(sure), layouts="\n".join(layouts), importance=_shares(figures.importance),
        doubts=_shares(figures.doubts),
    )  # fmt: skip
    (folder / "MODEL_CARD.md").write_text(text, encoding="utf-8")


_STATES = (CLEAN, MISREAD)
