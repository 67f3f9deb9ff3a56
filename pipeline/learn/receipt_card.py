"""The model card of what is learnt about receipts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path

import numpy as np

from extractors.receipt.fields import THRESHOLD
from extractors.receipt.model import ReceiptModels
from models.settings import Settings
from pipeline.evaluate.metrics import acceptable, auroc, calibration_error

FIELDS = ("company", "date", "address", "total")
_RISK = 0.01
ONCE = "once"
"""Receipts that were read by us, without what a second look at names and addresses changes."""
Found = tuple[str, str, float, bool]


@dataclass(frozen=True, slots=True)
class FieldFigures:
    """One field, or all (``micro``): how many are true, found and right, and what the probabilities are worth.

    ``acceptable`` is the share that may be taken unseen with 1 % of errors at most.
    """

    true: int
    found: int
    right: int
    error: float
    auroc: float
    acceptable: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, 0..1."""
        return 2 * self.right / max(1, self.true + self.found)


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one sort of receipts by field, and how many had every field right.

    ``alone`` are those with every field at least as sure as the settings ask, ``alone_wrong`` those of them with a
    wrong value.
    """

    documents: int
    all_right: int
    alone: int
    alone_wrong: int
    fields: Mapping[str, FieldFigures]


def judge(some: Sequence[tuple[Mapping[str, str], Sequence[Found]]]) -> Figures:
    """Figures of receipts: each with its truth and the fields, values, probabilities and rightness found."""
    fields = {}
    for name in (*FIELDS, "micro"):
        wanted = FIELDS if name == "micro" else (name,)
        true = sum(field in truth for truth, _ in some for field in wanted)
        pairs = [(p, right) for _, found in some for field, _, p, right in found
                 if field in wanted and p >= THRESHOLD]  # fmt: skip
        chances, rights = np.array([p for p, _ in pairs]), np.array([right for _, right in pairs], bool)
        fields[name] = FieldFigures(
            true, len(pairs), int(rights.sum()), calibration_error(chances, rights), auroc(chances, rights),
            acceptable(chances, rights, true, _RISK).of_found,
        )  # fmt: skip
    all_right = sum(
        {field for field, _, p, right in found if right and p >= THRESHOLD} >= set(truth) & set(FIELDS)
        for truth, found in some
    )
    least = Settings.model_fields["field_threshold"].default
    alone = [
        all(right for name, _, _, right in found if name in FIELDS)
        for _, found in some
        if sum(name in FIELDS and p >= least for name, _, p, _ in found) == len(FIELDS)
    ]
    return Figures(len(some), all_right, len(alone), alone.count(False), fields)


def _deals(some: Sequence[Mapping[str, Figures]]) -> str:
    """How far the figures of receipts that we read depend on which shops are in one part."""
    sort = "own" if "own" in some[0] else "made"
    found = [one[sort] for one in some]
    measured = {
        "micro F1": [100 * one.fields["micro"].f1 for one in found],
        "all four right, %": [100 * one.all_right / one.documents for one in found],
        "AUROC": [one.fields["micro"].auroc for one in found],
        "all four sure": [float(one.alone) for one in found],
        "wrong ones among them": [float(one.alone_wrong) for one in found],
    }
    rows = [f"| {name} | {np.mean(v):.3g} | {min(v):.3g} | {max(v):.3g} |" for name, v in measured.items()]
    head = f"\nThe same ({sort}), the shops dealt out to parts in {len(some)} ways; the first is the one above:\n\n"
    return head + "| | mean | least | most |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


_SORTS = {
    "own": "real receipts, read by us from their pictures, names and addresses twice",
    ONCE: "the same, read once",
    "given": "the same and more real receipts, as people typed their lines",
    "made": "generated receipts of four countries, most of them misread",
}


def write_card(folder: Path, figures: Mapping[str, Figures], groups: Mapping[str, int], *, seed: int, documents: int,
               folds: int, models: ReceiptModels, others: Sequence[Mapping[str, Figures]] = ()) -> None:  # fmt: skip
    """Write ``MODEL_CARD.md`` to ``folder``; ``others`` are the figures of shops dealt out to parts otherwise."""
    real = [sort for sort in ("own", ONCE, "given") if sort in figures]
    data = ", ".join(f"{s}: {figures[s].documents} {_SORTS[s]} ({groups[s]} shops)" for s in (*real, "made"))
    rows = []
    for sort in (*real, "made"):
        one = figures[sort]
        for name, f in one.fields.items():
            area = "-" if isnan(f.auroc) else f"{f.auroc:.3f}"
            rows.append(
                f"| {sort} | {name} | {f.true} | {f.found} | {100 * f.f1:.1f} | {f.error:.3f} | {area} "
                f"| {100 * f.acceptable:.0f} % |"
            )
        share = 100 * one.all_right / one.documents
        rows.append(f"| {sort} | all four right | {one.documents} | | {share:.1f} % | | | |")
        rows.append(f"| {sort} | all four sure; wrong ones among them | {one.alone} | {one.alone_wrong} | | | | |")
    leading = "\n".join(
        f"- `{name}`: " + ", ".join(f"{f} {100 * s:.0f} %" for f, s in list(model.importance().items())[:7])
        for name, model in models.boosters.items()
    )
    with_truth = " --truth FOLDER" if real else ""
    (folder / "MODEL_CARD.md").write_text(
        f"""# What is learnt about receipts

Which lines of a receipt's head are the company and the address, which date is the day of sale, which amount is the
total, and how sure that is.

| | |
|---|---|
| made by | `podatelna train receipts{with_truth}` (seed {seed}, {documents} generated) |
| kind | LightGBM: lines (`company_line`, `address_line`), runs of lines (`company`, `address`), `date`, `total` |
| confidences | `confidence.json`: a logistic curve for each field, on choices by boosters new to the receipt |
| data | {data} |
| weights | all of it went into the weights that ship; the figures are cross-validated, see below |
| without the truth folder | trained on generated receipts alone, by the same code |
| the same again | same seed, documents and readings: the same bytes |
| licence | Apache-2.0, as the project; of the truth folder only numbers were learnt, no text of it is here |

## Figures

Cross-validated over {folds} parts, all receipts of one shop in the same part; company and address are right when all
letters and digits are, in order. On our readings the other engine has read days and totals once more. F1 in percent
at a threshold of {THRESHOLD}; ECE over ten bins; AUROC of right against wrong values; the share of values that may be
taken unseen with {_RISK:.0%} of errors at most; "sure" is what the settings ask of a field before a document loads
alone.

| receipts | field | true | found | F1 | ECE | AUROC | acceptable |
|---|---|---|---|---|---|---|---|
{chr(10).join(rows)}
{_deals([figures, *others]) if others else ""}
## What weighs most

Share of the gain of splits; what the features are stands in `extractors.receipt` (`lines`, `head`, `day`, `amounts`).

{leading}

## Where it ends

Real receipts are Malaysian; Czech, German and British ones were learnt from generated papers only. A name that is
drawn as a logo and misread is not mended, and what people take for the shop's name (brand, branch, owner) differs.
""",
        encoding="utf-8",
    )
