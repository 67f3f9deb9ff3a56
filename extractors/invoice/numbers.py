"""The document's own number and those it refers to: what stands beside their labels, or behind the title."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from extractors.candidates.base import Candidate
from extractors.candidates.numbers import labelled_numbers, labelled_words, title_numbers
from extractors.page.labels import LabelHit
from extractors.page.relations import POSITION_WEIGHT
from extractors.page.text import squeeze
from models.document_types import Kind

if TYPE_CHECKING:
    from extractors.invoice.fields import InvoiceFields, Ranked

NAMES = ("invoice_number", "order_number", "buyer_reference", "variable_symbol")
_ORDER = re.compile(r"(?i)(?:po|bc|cde|cmd|ord|obj|best|b)[\W_]*\d")
_REFERENCE = re.compile(r"(?i)ref")
_SHARED = frozenset(("order_number", "buyer_reference"))
_BARE = "x:number"  # "Nummer", "Référence": of what is said by its place only


def label_weight(candidate: Candidate, hit: LabelHit) -> float:
    """How much the label ``hit`` counts for a candidate right of or below it, 0..1."""
    if candidate.line.number != hit.line.number:
        return POSITION_WEIGHT["above"] * hit.likeness
    between = candidate.line.text[hit.end : candidate.start]
    words = re.findall(r"[^\W\d_]{2,}", between)
    return (1.0 if not words else 0.85 ** len(words)) * hit.likeness


def decide_numbers(view: InvoiceFields) -> None:
    """Decide the invoice's number, the order's, the buyer's reference and the variable symbol."""
    counts = Counter(squeeze(token.text) for line in view.layout.lines for token in line.tokens)
    for name in NAMES:
        if name not in view.kind.fields:
            continue
        found = _labelled(view, name)
        ranked: list[Ranked] = []
        for index, (candidate, _, weight) in enumerate(found):
            features = {"label": weight, "repeated": float(counts[squeeze(candidate.value)] > 1)}
            ranked.append((weight + 0.1 * features["repeated"] - 0.01 * index, candidate, features))
        if name == "invoice_number":
            for candidate, hit in title_numbers(view.labels):
                features = {"label": 0.93 * hit.likeness, "repeated": float(counts[squeeze(candidate.value)] > 1)}
                ranked.append((features["label"] + 0.1 * features["repeated"], candidate, features))
            if not ranked:
                ranked = _bare(view, counts)
        ranked = [one for one in ranked if not _is_company_id(view, one[1])]
        if not ranked:
            continue
        ranked = [(rank, _mended(view, candidate), features) for rank, candidate, features in ranked]
        ranked.sort(key=lambda one: -one[0])
        rivals = {one[1].value for one in ranked[1:] if one[0] > ranked[0][0] - 0.06} - {ranked[0][1].value}
        ranked[0][2]["rival"] = float(bool(rivals))
        view.offer(name, ranked)


_ALIKE = str.maketrans("OolI", "0011")


def _mended(view: InvoiceFields, candidate: Candidate) -> Candidate:
    """A number as it was before an engine read a digit as a letter, or a letter as a digit, or parted it."""
    if not view.layout.ocr or candidate.kind is not Kind.IDENTIFIER or " " in candidate.value:
        return candidate
    value = candidate.value
    rest = re.match(r" (\d{1,6})(?![\w.,/-])", candidate.line.text[candidate.end :])
    if rest and value[-1:].isdigit() and _stands_elsewhere(view, candidate, value + rest[1]):
        value += rest[1]  # "4711 02"
    value = re.sub(r"^0(?=[A-Z]{2,}\d)", "O", value)
    value = re.sub(r"(?<=\d)[OolI](?=\d)", lambda sign: sign[0].translate(_ALIKE), value)
    return replace(candidate, value=value)


def _stands_elsewhere(view: InvoiceFields, candidate: Candidate, value: str) -> bool:
    return any(value in t.text for line in view.layout.lines if line is not candidate.line for t in line.tokens)


def _labelled(view: InvoiceFields, name: str) -> list[tuple[Candidate, LabelHit, float]]:
    """Numbers beside a label of ``name``; where none has one, words, for a reference may be a person's name."""
    found = labelled_numbers(view.layout, view.labels, name, view.kind.fields[name].kind)
    options = [(candidate, hit, label_weight(candidate, hit)) for candidate, hit in found]
    if name == "buyer_reference":
        lines = {hit.line.number for _, hit, _ in options}
        words = labelled_words(view.labels, view.layout, name)
        options += [
            (candidate, hit, 0.85 * label_weight(candidate, hit))
            for candidate, hit in words
            if hit.line.number not in lines and len(candidate.value) > 1  # a letter alone refers to nobody
        ]
    if name in _SHARED:
        options = [one for one in options if not one[1].names >= _SHARED or _whose(view, *one[:2]) == name]
    return options


def _whose(view: InvoiceFields, candidate: Candidate, hit: LabelHit) -> str:
    """Whether "your reference" is the order's number or the buyer's own sign.

    It is no order where the order has a label of its own, or where it is a name or calls itself a reference.
    """
    if _ORDER.match(candidate.value):
        return "order_number"
    ordered = any(other is not hit and not other.names >= _SHARED for other in view.labels.named("order_number"))
    plain = _REFERENCE.match(candidate.value) or not re.search(r"\d", candidate.value)
    return "buyer_reference" if ordered or plain else "order_number"


def _bare(view: InvoiceFields, counts: Counter[str]) -> list[Ranked]:
    """Numbers beside a label that says no more than "number", outside the parties' blocks, best first."""
    ranked: list[Ranked] = []
    for candidate, hit in labelled_numbers(view.layout, view.labels, _BARE):
        alone = any(s.start == hit.start for s in hit.line.segments)
        height = max(8.0, hit.box[3] - hit.box[1])
        if (
            hit.page > 1
            or not alone
            or candidate.line.number in view.table
            or sum(c.isdigit() for c in candidate.value) < 3
            or view.parties.heading_of(hit.page, hit.box[0], hit.box[1], height, 3.0)
        ):
            continue
        repeated = float(counts[squeeze(candidate.value)] > 1)
        features = {"label": 0.6 * label_weight(candidate, hit), "repeated": repeated}
        ranked.append((features["label"] + 0.2 * repeated - 0.001 * hit.line.number, candidate, features))
    return ranked


def _is_company_id(view: InvoiceFields, candidate: Candidate) -> bool:
    """Whether a number is a VAT id, an account or a company's number rather than a document's."""
    for one in view.standard:
        if one.line.number == candidate.line.number and one.start < candidate.end and candidate.start < one.end:
            if one.kind is not Kind.TAX_NUMBER:
                return one.kind in (Kind.VAT_ID, Kind.IBAN)
            return view.governors.best(one, "seller_tax_number") is not None
    return False
