"""The seller's and buyer's ids and the account to pay to, as part of the joint decision."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from extractors.candidates.base import Candidate, make
from extractors.candidates.numbers import labelled_numbers
from extractors.invoice.numbers import label_weight
from extractors.invoice.parties import BUYER, SELLER
from extractors.page.text import fold, squeeze
from extractors.values.identifiers import is_valid_vat_id, parse_vat_id
from models.document_types import Kind

if TYPE_CHECKING:
    from extractors.invoice.fields import InvoiceFields


def decide_tax_ids(view: InvoiceFields) -> None:
    """Decide both VAT ids and the seller's company or tax number."""
    vat = [c for c in view.standard if c.kind is Kind.VAT_ID]
    vat += _bare_vat_ids(view, vat)
    vat += _odd_vat_ids(view, vat)
    counts = Counter(c.value for c in vat)
    sellers = {c.value for c in vat if _owner(view, c) == SELLER}  # it may stand again in the foot or a remark
    taken: dict[str, str] = {}
    for name, role in (("buyer_vat_id", BUYER), ("seller_vat_id", SELLER)):
        options: list[tuple[float, Candidate, dict[str, float]]] = []
        for candidate in vat:
            owner = _owner(view, candidate)
            if (role == BUYER and (owner != BUYER or candidate.value in sellers)) or (
                role == SELLER and (owner == BUYER or taken.get("buyer_vat_id") == candidate.value)
            ):
                continue
            label = view.governors.best(candidate, "seller_vat_id", "buyer_vat_id")
            features = {
                "label": label.weight if label else 0.0,
                "check_digit": 1.0 if candidate.valid else -0.6 if candidate.valid is False else 0.0,
                "block": 0.15 if owner == role else 0.0,
                "repeated": float(counts[candidate.value] > 1),
            }
            rank = features["label"] + 0.5 * features["check_digit"] + features["block"]
            if label is None and not candidate.valid and not (owner == role and _tells(candidate)):
                continue
            if label is None and not candidate.valid:
                features["label"], features["block"] = 0.5, 0.3
            options.append((rank, candidate, features))
        options.sort(key=lambda one: -one[0])
        if options:
            best = options[0]
            taken[name] = best[1].value
            others = {c.value for c in vat if _owner(view, c) != BUYER} - {best[1].value}
            if role == SELLER and others and not best[2]["block"]:
                best[2]["rival"] = 1.0
            view.offer(name, options)
    _tax_number(view)


_REST = re.compile(r"(?:id|d|nr|no|vat|tva|ust|uid|dic|ic)[\W_]*$")


def _tells(candidate: Candidate) -> bool:
    """Whether an id with a wrong check digit stands alone in a block, or behind what is left of its label."""
    before = candidate.line.text[: candidate.start].split("\t")[-1]
    whole = candidate.line.text.strip() == candidate.line.text[candidate.start : candidate.end]
    return whole or bool(_REST.search(fold(candidate.line.text[: candidate.start]))) or bool(_REST.search(fold(before)))


_BARE = re.compile(
    r"(?:no|nr|n|num|number|reg|regno|id)?[\s:.#]*([A-Z]?\d(?:[ .-]?\d){6,10}[ .-]?[\dA-Z])(?![\w/])", re.IGNORECASE
)
_DOMESTIC = (
    ("PL", re.compile(r"nip")),
    ("IT", re.compile(r"p(?:artita)?iva|cfepiva|pi$")),
    ("ES", re.compile(r"(?:nif|cif)+|noiva")),
    ("GB", re.compile(r"vat")),
)
"""Countries by what they call the VAT id, which they print without the country at home."""


def _bare_vat_ids(view: InvoiceFields, known: Sequence[Candidate]) -> list[Candidate]:
    """VAT ids without their country's letters, behind or under a label that names the country, if the digits fit."""
    found = []
    for hit in view.labels.named("seller_vat_id", "buyer_vat_id"):
        countries = [country for country, shape in _DOMESTIC if shape.match(squeeze(hit.text))]
        if not countries or any(c.line.number == hit.line.number and c.start >= hit.start for c in known):
            continue
        places = [(hit.line, _BARE.match(hit.line.text, hit.end))]
        if not re.search(r"\w", hit.line.text[hit.end :]):
            below = view.layout.below(hit.box, hit.page, 2.6 * (hit.box[3] - hit.box[1]))[:1]
            places = [(s.line, _BARE.match(s.line.text, s.start, s.end)) for s in below]
        for line, match in places:
            if match is None:
                continue
            value = countries[0] + re.sub(r"[^0-9A-Z]", "", match[1].upper())
            if parse_vat_id(value) and is_valid_vat_id(value):
                found.append(make(Kind.VAT_ID, value, line, match.start(1), match.end(1), "vat_id", True))
    return found


def _odd_vat_ids(view: InvoiceFields, known: Sequence[Candidate]) -> list[Candidate]:
    """A VAT id right behind its label whose length is no country's: still what the page says."""
    found = []
    for hit in view.labels.named("seller_vat_id"):
        match = re.match(r"[\s:.#]*([A-Z]{2}[0-9A-Z]{7,13})(?![\w])", hit.line.text[hit.end :])
        if (
            match
            and not any(c.line.number == hit.line.number for c in known)
            and sum(c.isdigit() for c in match[1]) >= 6
        ):
            found.append(
                make(
                    Kind.VAT_ID,
                    match[1],
                    hit.line,
                    hit.end + match.start(1),
                    hit.end + match.end(1),
                    "odd_vat_id",
                    False,
                )
            )
    return found


def _owner(view: InvoiceFields, candidate: Candidate) -> str | None:
    for relation in view.governors.of(candidate):
        if relation.hit.names & {"buyer_vat_id"} and relation.position in ("inline", "left"):
            return BUYER
    return view.parties.owner(candidate, view.roles)


def _tax_number(view: InvoiceFields) -> None:
    options: list[tuple[float, Candidate, dict[str, float]]] = []
    for candidate in view.standard:
        if candidate.kind is not Kind.TAX_NUMBER:
            continue
        label = view.governors.best(candidate, "seller_tax_number")
        owner = _owner(view, candidate)
        if owner == BUYER or (label is None and candidate.rule == "ico"):
            continue
        features = {
            "label": label.weight if label else 0.45,
            "check_digit": float(bool(candidate.valid)),
            "block": 0.15 * (owner == SELLER),
        }
        options.append((features["label"] + features["block"], candidate, features))
    if not options:
        for candidate, hit in labelled_numbers(view.layout, view.labels, "seller_tax_number"):
            if len(re.sub(r"\D", "", candidate.value)) >= 6 and _owner(view, candidate) != BUYER:
                options.append((0.5, candidate, {"label": 0.8 * label_weight(candidate, hit)}))
    if options:
        view.offer("seller_tax_number", sorted(options, key=lambda one: -one[0]))


def decide_bank(view: InvoiceFields) -> None:
    """Decide the account to pay to and its BIC; the buyer's own account of a direct debit is none."""
    ibans = [c for c in view.standard if c.kind is Kind.IBAN]
    counts = Counter(c.value for c in ibans)
    ranked = []
    for candidate in ibans:
        label = view.governors.best(candidate, "iban")
        features = {
            "label": label.weight if label else 0.55 if candidate.valid else 0.0,
            "check_digit": 1.0 if candidate.valid else -0.8,
            "repeated": float(counts[candidate.value] > 1),
        }
        if candidate.rule == "iban" and label is None and not candidate.valid:
            continue
        debit = bool(
            re.search(
                r"(?i)von Ihrem Konto|ihrem konto|your account|SEPA-Lastschrift|z Vašeho účtu", candidate.line.text
            )
        )
        if debit:  # a direct debit: the buyer's account, which is no account to pay to
            continue
        rank = features["label"] + features["check_digit"] + 0.2 * (candidate.rule == "iban")
        ranked.append((rank, candidate, features))
    if ranked:
        view.offer("iban", sorted(ranked, key=lambda one: -one[0]))
    for candidate in (c for c in view.standard if c.kind is Kind.BIC):
        label = view.governors.best(candidate, "bic")
        if label and label.weight >= 0.6 and not re.search(r"(?i)von Ihrem Konto|und BIC", candidate.line.text):
            view.offer("bic", [(label.weight, candidate, {"label": label.weight, "check_digit": 0.3})])
            break
