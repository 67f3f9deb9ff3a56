"""Shop receipts: company, address, date, total and currency from a narrow column of print."""

from __future__ import annotations

import re
from collections import Counter

from extractors.candidates.amounts import AmountCandidate, amount_candidates, currency_candidates
from extractors.candidates.base import Candidate
from extractors.candidates.dates import date_candidates
from extractors.labels import Labels, find_labels
from extractors.layout import Layout, Line, lay_out, union
from extractors.receipt_head import ReceiptHead, read_head
from extractors.receipt_total import choose_total
from extractors.scorer import Context, RuleScorer, Scorer
from models.document_types import DocumentType, Kind
from models.records import Extraction, Field, Reading, Witness

THRESHOLD = 0.2
_TIME = re.compile(r"(?<!\d)[0-2]?\d ?[:.] ?[0-5]\d(?: ?[:.] ?[0-5]\d)?(?!\d)|\b[AP]M\b")


def _date(layout: Layout, labels: Labels, dates: list[Candidate]) -> tuple[Candidate, dict[str, float]] | None:
    """The day of sale: labelled, beside a time of day, or the first."""
    counts = Counter(d.value for d in dates)
    best: tuple[float, Candidate, dict[str, float]] | None = None
    for index, one in enumerate(dates):
        hits = [h for h in labels.by_line.get(one.line.number, ()) if h.end <= one.start and "date" in h.names]
        rest = one.line.text[one.end :] + " " + one.line.text[: one.start]
        features = {
            "label": 0.9 if hits else 0.0,
            "place": 1.0 if _TIME.search(rest) else 0.6 if _TIME.search(_around(layout, one.line)) else 0.3,
            "repeated": float(counts[one.value] > 1),
            "guess": 0.0 if hits else 1.0,
        }
        rank = features["label"] + 0.8 * features["place"] + 0.2 * features["repeated"] - 0.02 * index
        if re.search(r"(?i)valid|expir|until|before|member|due|warranty|return", one.line.text):
            rank -= 1.0
        if best is None or rank > best[0]:
            best = (rank, one, features)
    if best is None:
        return None
    _, one, features = best
    features["rival"] = float(len(counts) > 1)
    features["order"] = 1.0 if len(counts) == 1 else 0.0
    if len(counts) == 1:
        features["label"] = max(features["label"], 0.6)
    return one, features


def _around(layout: Layout, line: Line) -> str:
    near = layout.lines[max(0, line.number - 1) : line.number + 2]
    return " ".join(other.text for other in near if other.page == line.page)


def _of_lines(kind: Kind, value: str, lines: list[Line]) -> Candidate:
    """A candidate made of whole lines."""
    first = lines[0]
    box = union(line.box for line in lines)
    raw = " ".join(re.sub(r"\s+", " ", line.text) for line in lines)
    confidence = min(line.confidence_of(0, len(line.text)) for line in lines)
    return Candidate(kind, value, raw, first, 0, len(first.text), box, confidence, "head")


def _head_fields(head: ReceiptHead) -> list[tuple[str, Candidate, dict[str, float]]]:
    found = []
    if head.company:
        features = {"block": head.company_clarity, "place": 1.0}
        found.append(("company", _of_lines(Kind.PARTY, head.company, head.company_lines), features))
    if head.address:
        found.append(
            (
                "address",
                _of_lines(Kind.ADDRESS, head.address, head.address_lines),
                {"block": head.address_clarity, "place": 1.0},
            )
        )
    return found


def _currency(
    layout: Layout, amounts: list[AmountCandidate], total: Candidate | None
) -> tuple[Candidate, dict[str, float]] | None:
    signs = currency_candidates(layout)
    if not signs:
        return None
    weights = Counter(one.value for one in signs)
    for one in amounts:
        if one.currency:
            weights[one.currency] += 1
    code = weights.most_common(1)[0][0]
    same = [s for s in signs if s.value == code]
    if not same:
        return None
    best = next((s for s in same if total and s.line.number == total.line.number), same[0])
    return best, {"label": 0.9, "repeated": float(weights[code] > 1), "rival": float(len(weights) > 1)}


def extract_receipt(reading: Reading, kind: DocumentType, scorer: Scorer | None = None) -> Extraction:
    """The fields of a receipt."""
    layout = lay_out(reading)
    if not layout.lines:
        return Extraction()
    scorer = scorer or RuleScorer()
    labels = find_labels(layout, kind)
    dates = date_candidates(layout)
    amounts = amount_candidates(layout, dates)
    found = _head_fields(read_head(layout))
    date = _date(layout, labels, dates)
    if date:
        found.append(("date", *date))
    total = choose_total(layout, amounts)
    if total:
        found.append(("total", *total))
    currency = _currency(layout, amounts, total[0] if total else None)
    if currency:
        found.append(("currency", *currency))
    sources = {page.number: page.source for page in reading.pages}
    fields = []
    for name, candidate, features in found:
        probability = scorer.score(candidate, name, Context(features, layout.ocr))
        if name not in kind.fields or probability < THRESHOLD:
            continue
        witnesses = tuple(
            witness
            for feature, witness, least in (
                ("label", Witness.LABEL, 0.6),
                ("sum", Witness.SUM, 0.5),
                ("repeated", Witness.REPEATED, 0.5),
            )
            if features.get(feature, 0) >= least
        )
        fields.append(
            Field(
                name,
                candidate.value,
                candidate.raw,
                min(0.99, probability),
                candidate.page,
                candidate.box,
                sources[candidate.page],
                witnesses,
            )
        )
    order = list(kind.fields)
    return Extraction(tuple(sorted(fields, key=lambda f: order.index(f.name))))
