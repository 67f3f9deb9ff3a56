"""Shop receipts: company, address, date, total and currency from a narrow column of print."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extractors.candidates.amounts import AmountCandidate, amount_candidates, currency_candidates
from extractors.candidates.base import Candidate
from extractors.page.labels import find_labels
from extractors.page.layout import Layout, lay_out, union
from extractors.receipt.amounts import Amounts
from extractors.receipt.day import day_features, days
from extractors.receipt.head import ROLES, Run, choose, read_head, second_to
from extractors.receipt.model import Choice, ReceiptModels, receipt_models
from extractors.scoring import Option, Trace
from models.document_types import DocumentType, Kind
from models.records import Extraction, Field, Reading, Source, Witness

THRESHOLD = 0.3
"""A field less probable than this is left empty."""
_MOST = 0.995
_KINDS = {"company": Kind.PARTY, "address": Kind.ADDRESS}
_WITNESSES: Mapping[str, tuple[tuple[Witness, tuple[str, ...]], ...]] = {
    "date": ((Witness.LABEL, ("label", "word", "time")),),
    "total": (
        (Witness.LABEL, ("says_total", "says_strong", "twin_total")),
        (Witness.SUM, ("paid", "gross", "items", "rounded_from")),
    ),
}


@dataclass(frozen=True)
class Picked:
    """The chosen option of a field with the others, and what its surety is made of."""

    name: str
    options: list[Option]
    chosen: Option
    choice: Choice


def picked(name: str, candidates: Sequence[Candidate], features: Sequence[Mapping[str, float]],
           scores: Sequence[float]) -> Picked | None:  # fmt: skip
    """The best of a field's candidates; None where there is none."""
    options = [Option(*row) for row in zip(candidates, [name] * len(candidates), features, scores, strict=True)]
    if not options:
        return None
    best = max(options, key=lambda one: one.probability)
    others = (one.probability for one in options if one.candidate.value != best.candidate.value)
    read = best.candidate.confidence
    return Picked(name, options, best, Choice(best.probability, max(others, default=0.0), read, 1 - read))


def candidate_of(run: Run) -> Candidate:
    """A run of whole lines as a candidate."""
    first = run.lines[0]
    raw = " ".join(re.sub(r"\s+", " ", line.text) for line in run.lines)
    confidence = min(line.confidence_of(0, len(line.text)) for line in run.lines)
    box = union(line.box for line in run.lines)
    return Candidate(_KINDS[run.role], run.value, raw, first, 0, len(first.text), box, confidence, "head")


def _head(layout: Layout, models: ReceiptModels) -> list[Picked]:
    scored = read_head(layout, models)
    best = choose(scored)
    found = []
    for role in ROLES:
        if role not in best:
            continue
        score, run = best[role]
        chosen = Option(candidate_of(run), role, run.features, score)
        others = [
            Option(candidate_of(other), role, other.features, chance)
            for chance, other in scored[role]
            if other.letters != run.letters
        ]
        choice = run.choice(score, second_to(run, scored[role]))
        found.append(Picked(role, [chosen, *others], chosen, choice))
    return found


def currency_choice(
    layout: Layout, amounts: Sequence[AmountCandidate], total: Candidate | None
) -> tuple[Candidate, Choice, dict[str, float]] | None:
    """The currency whose sign stands most often, beside the total if it stands there; its score is its share."""
    signs = currency_candidates(layout)
    weights = Counter(one.value for one in signs)
    weights.update(one.currency for one in amounts if one.currency and one.currency in weights)
    if not weights:
        return None
    code, count = weights.most_common(1)[0]
    share = count / weights.total()
    same = [sign for sign in signs if sign.value == code]
    best = next((one for one in same if total and one.line.number == total.line.number), same[0])
    features = {"share": share, "count": float(count)}
    return best, Choice(share, 1 - share, best.confidence, 1 - best.confidence), features


def extract_receipt(
    reading: Reading, kind: DocumentType, *, trace: Trace | None = None, models: ReceiptModels | None = None
) -> Extraction:
    """The fields of a receipt, with the probabilities that they are right.

    Args:
        reading: the words of the pages.
        kind: the type; fields that its file lacks are left out.
        trace: is told what was tried.
        models: other ones than those that ship, for their training.
    """
    layout = lay_out(reading)
    if not layout.lines:
        return Extraction()
    models = models or receipt_models()
    found = _head(layout, models)
    dates = days(layout)
    features = day_features(layout, find_labels(layout, kind), dates)
    found += _one(picked("date", dates, features, models.boosters["date"].chances(features)))
    amounts = amount_candidates(layout, [one for one in dates if one.rule == "date"])
    money = Amounts(layout, amounts)
    total = picked("total", money.money, money.features, models.boosters["total"].chances(money.features))
    found += _one(total)
    currency = currency_choice(layout, amounts, total.chosen.candidate if total else None)
    if currency:
        option = Option(currency[0], "currency", currency[2], currency[1].score)
        found.append(Picked("currency", [option], option, currency[1]))
    sources = {page.number: page.source for page in reading.pages}
    fields = []
    for one in found:
        chance = round(min(_MOST, models.sureties[one.name].chance(one.choice)), 4)
        taken = chance >= THRESHOLD and one.name in kind.fields
        if trace is not None:
            model = models.boosters.get(one.name)
            trace.note(one.name, one.options, one.chosen if taken else None, model, layout.on_page)
        if not taken:
            continue
        fields.append(field_of(one, chance, layout, sources[one.chosen.candidate.page]))
    order = list(kind.fields)
    return Extraction(tuple(sorted(fields, key=lambda field: order.index(field.name))))


def field_of(one: Picked, chance: float, layout: Layout, source: Source) -> Field:
    """What was picked as a field of probability ``chance``, with what vouches for it."""
    candidate = one.chosen.candidate
    place = layout.on_page(candidate.box, candidate.page)
    return Field(one.name, candidate.value, candidate.raw, chance, candidate.page, place, source, _witnesses(one))


def _one(found: Picked | None) -> list[Picked]:
    return [found] if found else []


def _witnesses(one: Picked) -> tuple[Witness, ...]:
    features = one.chosen.features
    found = [witness for witness, names in _WITNESSES.get(one.name, ()) if any(features.get(n) for n in names)]
    if features.get("count", 0) > 1:
        found.append(Witness.REPEATED)
    return tuple(found)
