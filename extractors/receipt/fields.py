"""Shop receipts: company, address, date, total and currency from a narrow column of print."""

from __future__ import annotations

import re
from collections import Counter

from extractors.candidates.amounts import AmountCandidate, amount_candidates, currency_candidates
from extractors.candidates.base import Candidate, make
from extractors.candidates.dates import date_candidates
from extractors.normalise import normalise
from extractors.page.labels import Labels, find_labels
from extractors.page.layout import Layout, Line, lay_out, union
from extractors.receipt.head import ReceiptHead, read_head
from extractors.receipt.total import choose_total
from extractors.scoring.rules import Context, RuleScorer, Scorer
from models.document_types import DocumentType, Kind
from models.records import Extraction, Field, Reading, Witness

THRESHOLD = 0.2
_TIME = re.compile(r"(?<!\d)[0-2]?\d ?[:.] ?[0-5]\d(?: ?[:.] ?[0-5]\d)?(?!\d)|\b[AP]M\b")
_OTHER_DATE = re.compile(r"(?i)valid|expir|until|before|member|due|warranty|return")
_LOOSE = re.compile(r"(?<!\d)([0-3]\d)(?:[^\w]{0,2})([01]\d)(?:[^\w]{0,2})(20[0-4]\d|[0-4]\d)(?!\d)")


def _date(layout: Layout, labels: Labels, dates: list[Candidate]) -> tuple[Candidate, dict[str, float]] | None:
    """The day of sale: labelled, beside a time of day, or the first."""
    counts = Counter(d.value for d in dates)
    ranked: list[tuple[float, Candidate, dict[str, float]]] = []
    for index, one in enumerate(dates):
        hits = [h for h in labels.by_line.get(one.line.number, ()) if h.end <= one.start and "date" in h.names]
        beside = _TIME.search(one.line.text[one.end :] + " " + one.line.text[: one.start])
        near = beside or _TIME.search(_around(layout, one.line))
        features = {
            "label": 0.9 if hits else 0.6 if beside or len(counts) == 1 else 0.0,
            "place": 1.0 if beside else 0.6 if near else 0.3,
            "repeated": float(counts[one.value] > 1),
            "order": float(len(counts) == 1),
        }
        rank = features["label"] + 0.8 * features["place"] + 0.2 * features["repeated"] - 0.02 * index
        if _OTHER_DATE.search(one.line.text):
            rank -= 1.0
        ranked.append((rank, one, features))
    if not ranked:
        return None
    best, one, features = max(ranked, key=lambda r: r[0])
    features["guess"] = float(features["label"] < 0.5)
    features["rival"] = float(any(rank > best - 0.35 and other.value != one.value for rank, other, _ in ranked))
    return one, features


def _loose_dates(layout: Layout) -> list[Candidate]:
    """Dates with misread or lost separators, beside a time or a label: only where there is no clear one."""
    found = []
    for line in layout.lines:
        if not (_TIME.search(line.text) or re.search(r"(?i)\bdat|\bno\b", line.text)):
            continue
        for match in _LOOSE.finditer(line.text):
            value = normalise(Kind.DATE, "/".join(match.groups()))
            if value and "1990" < value < "2100":
                found.append(make(Kind.DATE, value, line, match.start(), match.end(), "loose_date"))
    return found


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
    dates = date_candidates(layout) or _loose_dates(layout)
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
                layout.on_page(candidate.box, candidate.page),
                sources[candidate.page],
                witnesses,
            )
        )
    order = list(kind.fields)
    return Extraction(tuple(sorted(fields, key=lambda f: order.index(f.name))))
