"""What the invoice scorer sees of an option: what its expert measured, how well it was read, and its surroundings.

Numbers that a person can check on the page; no words. One that does not apply is missing (NaN), never 0.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from statistics import fmean
from types import MappingProxyType
from typing import TYPE_CHECKING

from extractors.candidates.amounts import AmountCandidate
from extractors.candidates.base import Candidate
from extractors.page.addresses import has_legal_form
from extractors.scoring import Option
from extractors.scoring.rules import FEATURES as MEASURED
from extractors.scoring.rules import Context, RuleScorer
from models.document_types import Kind
from models.records import Source

if TYPE_CHECKING:
    from extractors.invoice.fields import InvoiceFields, Offer

FIELDS = (
    "invoice_number", "issue_date", "due_date", "delivery_date", "seller_name", "seller_vat_id", "seller_tax_number",
    "seller_address", "buyer_name", "buyer_vat_id", "buyer_reference", "order_number", "currency", "net_total",
    "tax_total", "gross_total", "amount_due", "iban", "bic", "payment_terms", "variable_symbol",
)  # fmt: skip
"""The fields in the order of their codes; new ones go to the end."""
EXPERTS = (
    "right", "below", "title", "word", "date", "block", "amount", "currency", "currency_label", "vat_id", "odd_vat_id",
    "iban", "czech_account", "bic", "ico", "steuernummer", "terms", "days", "sentence", "phrase",
)  # fmt: skip
"""The grammars and places that find candidates, in the order of their codes; new ones go to the end."""
SHOWN = 6
"""So many options of a field are looked at."""

FEATURES: Mapping[str, str] = MappingProxyType(
    {
        "field": "the field, a category",
        "expert": "what found the candidate (a grammar, a place beside a label), a category",
        **MEASURED,
        "rules": "probability by weights set by hand",
        "first": "1 if the expert for the field prefers it",
        "lead": "how much more the expert thinks of it than of the best other value, in its own measure",
        "values": "different values among the field's options",
        "derived": "1 if it was computed and stands nowhere",
        "ocr": "1 if the page was read from a picture",
        "read_least": "least chance of a word of it",
        "read_mean": "mean chance of the words of its line",
        "read_document": "mean chance of the words of the document",
        "page": "page, from 1",
        "alone": "1 if nothing else stands in its column of the line",
        "letters": "letters of the value",
        "digits": "digits of the value",
        "words": "words of the value",
        "legal_form": "1 if it ends in a company's legal form",
        "decimals": "decimals as written",
        "glued_currency": "1 if a currency is glued to it",
        "days": "days from the issue date to this one",
        "tied": "1 if net, tax and gross of the document add up",
        "either": "1 if a date may be read with the day first as well as with the month first",
        "alike": "values of its kind on the document: dates, blocks with a name, VAT ids, accounts",
        "signs": "share of the value's signs that are neither letters, digits nor blanks",
        "mixed": "words of the value in which letters and digits are mixed",
        "street": "1 if the party's block has a street",
        "block_lines": "lines of the party's block",
    }
)
"""The features by name."""
_RULES = RuleScorer()


def measure(view: InvoiceFields) -> dict[str, list[Option]]:
    """The options of every field that was offered, the expert's choice first."""
    chances = [token.confidence for line in view.layout.lines for token in line.tokens]
    issue = view.offers.get("issue_date")
    shared = {
        "ocr": float(view.layout.ocr),
        "read_document": fmean(chances) if chances else float("nan"),
        "tied": float(
            all(
                (offer := view.offers.get(name)) is not None and offer.ranked[0][2].get("sum", 0) > 0
                for name in ("net_total", "gross_total")
            )
        ),
    }
    return {
        name: [
            Option(one[1], name, {**shared, **_of(view, offer, place, issue.ranked[0][1] if issue else None)})
            for place, one in enumerate(offer.ranked[:SHOWN])
        ]
        for name, offer in view.offers.items()
    }


def _of(view: InvoiceFields, offer: Offer, place: int, issue: Candidate | None) -> dict[str, float]:
    rank, one, measured = offer.ranked[place]
    others = [other for other in offer.ranked if other[1].value != one.value]
    derived = offer.source is Source.DERIVED
    value = offer.value or one.value
    first, last = one.line.span(one.start, one.end)
    found = {
        **measured,
        "field": float(FIELDS.index(offer.name)) if offer.name in FIELDS else float("nan"),
        "expert": float(EXPERTS.index(one.rule)) if one.rule in EXPERTS else float("nan"),
        "rules": _RULES.score(one, offer.name, Context(measured, view.layout.ocr)),
        "first": float(place == 0),
        "values": float(len({other[1].value for other in offer.ranked})),
        "derived": float(derived),
        "read_least": one.confidence,
        "read_mean": fmean(token.confidence for token in one.line.tokens),
        "page": float(one.page),
        "alone": float(any(s.start == one.start and s.end <= one.end + 1 for s in one.line.segments)),
        "letters": float(sum(c.isalpha() for c in value)),
        "digits": float(sum(c.isdigit() for c in value)),
        "words": float(last - first if not value else len(value.split())),
        "legal_form": float(has_legal_form(value)),
    }
    if others:
        found["lead"] = rank - max(other[0] for other in others)
    found |= _doubts(view, offer, one, value)
    if isinstance(one, AmountCandidate):
        found["decimals"], found["glued_currency"] = float(one.decimals), float(one.currency is not None)
    if (
        offer.name in ("due_date", "delivery_date")
        and issue is not None
        and re.fullmatch(r"\d{4}-\d\d-\d\d", one.value)
    ):
        found["days"] = float((dt.date.fromisoformat(one.value) - dt.date.fromisoformat(issue.value)).days)
    return found


_EITHER = re.compile(r"(0?\d|1[0-2])\s?[/-]\s?(0?\d|1[0-2])\s?[/-]\s?\d{2,4}")
_MIXED = re.compile(r"(?:[^\W\d_]\d|\d[^\W\d_])")


def _doubts(view: InvoiceFields, offer: Offer, one: Candidate, value: str) -> dict[str, float]:
    """What speaks against a value, whatever its label: it may be read in two ways, or there are many like it."""
    kind = view.kind.fields[offer.name].kind
    found = {
        "signs": sum(not (c.isalnum() or c.isspace()) for c in value) / max(1, len(value)),
        "mixed": float(sum(bool(_MIXED.search(word)) for word in value.split())),
    }
    if kind is Kind.DATE:
        match = _EITHER.fullmatch(one.raw.strip(" .,"))
        found["either"] = float(match is not None and int(match[1]) != int(match[2]))
        found["alike"] = float(len({other.value for other in view.dates}))
    elif kind in (Kind.PARTY, Kind.ADDRESS):
        block = next(
            (b for b in view.parties.blocks if one.line in [s.line for s in b.lines] and b.page == one.page), None
        )
        found["alike"] = float(sum(bool(b.name) for b in view.parties.blocks))
        found["street"] = float(block is not None and bool(block.street))
        found["block_lines"] = float(len(block.lines)) if block is not None else 0.0
    elif kind in (Kind.VAT_ID, Kind.IBAN, Kind.TAX_NUMBER):
        found["alike"] = float(len({other.value for other in view.standard if other.kind is kind}))
    return found
