"""The joint decision over all header fields of an invoice or credit note."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from extractors.candidates.amounts import AmountCandidate, amount_candidates, currency_candidates
from extractors.candidates.base import Candidate
from extractors.candidates.dates import date_candidates, is_order_known
from extractors.candidates.standard import standard_candidates
from extractors.invoice.dates import NAMES as DATES
from extractors.invoice.dates import decide_dates
from extractors.invoice.features import measure
from extractors.invoice.ids import decide_bank, decide_tax_ids
from extractors.invoice.numbers import decide_numbers
from extractors.invoice.parties import BUYER, SELLER, Parties, Party
from extractors.invoice.terms import payment_terms
from extractors.invoice.totals import Totals, TotalsSolver
from extractors.normalise import normalise
from extractors.page.addresses import Block
from extractors.page.labels import Labels, find_labels
from extractors.page.layout import Layout, lay_out
from extractors.page.relations import Governors
from extractors.page.text import squeeze
from extractors.scoring import Model, Trace
from extractors.table.line_items import Items, find_line_items
from extractors.values.amounts import plain
from extractors.values.currencies import currency_code
from models.document_types import DocumentType, Kind
from models.records import Extraction, Field, Reading, Source, Witness

MODEL = "invoice"
"""The name of the weights of the header."""
THRESHOLD = 0.3
"""Below this probability a field is left empty where no model says otherwise."""


UNTIED = 0.8
"""Of net, tax and gross that do not add up at least one is wrong: none of them is surer than this.

Nor is one of two labelled due dates, nor a day that may be a month.
"""
_TOTALS = ("net_total", "tax_total", "gross_total")

Ranked = tuple[float, Candidate, dict[str, float]]
"""A candidate with what the expert for its field thinks of it (comparable within one field) and its features."""


@dataclass(frozen=True)
class Offer:
    """What an expert found for a field, the best first; ``value`` where it differs from the candidate's."""

    name: str
    ranked: tuple[Ranked, ...]
    value: str | None = None
    source: Source | None = None


class InvoiceFields:
    """Extracts the header of one reading; build it, then call `run`."""

    def __init__(
        self,
        reading: Reading,
        kind: DocumentType,
        our_names: Iterable[str] = (),
        our_ids: Iterable[str] = (),
        *,
        model: Model | None = None,
        trace: Trace | None = None,
    ) -> None:
        """``model`` scores what was offered, by `extractors.invoice.features`; without one weights set by hand do."""
        self.kind, self._model = kind, model
        self._threshold = THRESHOLD if model is None else model.threshold
        self.layout: Layout = lay_out(reading)
        self.labels: Labels = find_labels(self.layout, kind)
        self.governors = Governors(self.labels)
        self.sources = {page.number: page.source for page in reading.pages}
        self.parties = Parties(self.layout, self.labels, our_names, our_ids, kind.our_side or BUYER)
        self.roles = self.parties.decide()
        self.dates = date_candidates(self.layout)
        self.order_known = is_order_known(self.layout)
        self.standard = standard_candidates(self.layout)
        self.amounts: list[AmountCandidate] = amount_candidates(
            self.layout, [*self.dates, *[c for c in self.standard if c.kind is not Kind.TAX_NUMBER]]
        )
        self.trace = trace
        self.table: frozenset[int] = frozenset()
        self.offers: dict[str, Offer] = {}
        self.found: dict[str, Field] = {}

    def run(self) -> Extraction:
        """All fields that are likely enough, and the line items."""
        if not self.layout.lines:
            return Extraction()
        items = self.decide()
        self._settle()
        order = list(self.kind.fields)
        fields = sorted(self.found.values(), key=lambda f: order.index(f.name))
        net = self.found.get("net_total")
        return Extraction(tuple(fields), items.rows(net.value if net else None, self.layout, self.trace))

    def offer(
        self,
        name: str,
        ranked: Sequence[Ranked],
        *,
        value: str | None = None,
        source: Source | None = None,
    ) -> None:
        """Offer the first of ``ranked`` as field ``name``; what comes behind it was tried and is weaker.

        A value derived from the candidate (``source`` is derived, ``value`` what was computed) stands nowhere: it
        gets no page, no box and no text of its own. Calling again replaces the offer.
        """
        if name in self.kind.fields and ranked:
            self.offers[name] = Offer(name, tuple(ranked), value, source)

    def decide(self) -> Items:
        """Let every expert offer what it found; the rows of the table, which the totals must not be taken from."""
        items = find_line_items(self.layout, self.labels)
        self.table = frozenset(items.lines)
        decide_numbers(self)
        decide_dates(self)
        self._parties()
        decide_tax_ids(self)
        decide_bank(self)
        self._money(TotalsSolver(self.amounts, self.labels, self.governors, items.lines).solve())
        self._terms()
        return items

    def _settle(self) -> None:
        """Score all that was offered at once, and take of each field what is likely enough."""
        options = measure(self)
        if self._model is not None:
            scored = iter(self._model.score([one for some in options.values() for one in some]))
        else:
            scored = iter(replace(one, probability=one.features["rules"]) for some in options.values() for one in some)
        for name, some in options.items():
            tried = [next(scored) for _ in some]
            if self._contradicted(name, some[0].features):
                tried[0] = replace(tried[0], probability=min(UNTIED, tried[0].probability))
            if tried[0].probability >= self._threshold:
                self.found[name] = self._field(self.offers[name], tried[0].probability)
            if self.trace is not None:
                taken = tried[0] if name in self.found else None
                self.trace.note(name, tried, taken, self._model, self.layout.on_page)

    def _contradicted(self, name: str, features: Mapping[str, float]) -> bool:
        """Whether the page itself gives reason for doubt: sums that don't tie out, two due dates, days or months."""
        if features.get("rival") and (name in _TOTALS or name in DATES[1:]):
            return True
        return name in DATES and bool(features.get("either")) and not self.order_known

    def _field(self, offer: Offer, probability: float) -> Field:
        _, candidate, features = offer.ranked[0]
        witnesses = []
        if features.get("label", 0) >= 0.5 or (features.get("block", 0) >= 0.8 and features.get("heading")):
            witnesses.append(Witness.LABEL)
        for feature, witness in (
            ("sum", Witness.SUM),
            ("check_digit", Witness.CHECK_DIGIT),
            ("repeated", Witness.REPEATED),
        ):
            if features.get(feature, 0) > 0:
                witnesses.append(witness)
        value, chance = offer.value or candidate.value, min(0.999, probability)
        if offer.source is Source.DERIVED:
            return Field(offer.name, value, confidence=chance, source=offer.source, witnesses=tuple(witnesses))
        return Field(
            offer.name, value, candidate.raw, chance, candidate.page,
            self.layout.on_page(candidate.box, candidate.page),
            offer.source or self.sources[candidate.page], tuple(witnesses),
        )  # fmt: skip

    # --- parties -----------------------------------------------------------------------------------------------

    def _parties(self) -> None:
        for role, name, address in ((SELLER, "seller_name", "seller_address"), (BUYER, "buyer_name", None)):
            party = self.roles.get(role)
            if party is None:
                continue
            if party.name and party.segment is not None:
                self._add_party(name, party, party.name)
            if address and party.address and party.block is not None and party.block.street:
                self._add_party(address, party, party.address)

    def _add_party(self, name: str, party: Party, value: str) -> None:
        block = party.block
        segment = (
            party.segment
            if party.segment is not None and name.endswith("_name")
            else block.lines[0]
            if block
            else party.segment
        )
        if segment is None:
            return
        box = block.box if block and name.endswith("_address") else segment.box
        conf = segment.line.confidence_of(segment.start, segment.end)
        if name.endswith("_name"):
            value = normalise(Kind.PARTY, value) or value
        candidate = Candidate(
            Kind.PARTY, value, segment.text, segment.line, segment.start, segment.end, box, conf, "block"
        )
        features = {"block": party.clarity, "place": 1.0, "heading": float(party.labelled)}
        self.offer(name, [(party.clarity, candidate, features), *self._other_blocks(name, block, value)])

    def _other_blocks(self, name: str, taken: Block | None, value: str) -> list[Ranked]:
        """What the other blocks of the page would give for a party's name or address, the likeliest first."""
        role, part = name.split("_")
        found: list[Ranked] = []
        for block in self.parties.blocks:
            other, place = (block.name, block.name_segment) if part == "name" else (block.address, block.lines[0])
            if block is taken or place is None or not other or squeeze(other) == squeeze(value):
                continue
            clear = block.roles[role] - max(score for one, score in block.roles.items() if one != role)
            conf = place.line.confidence_of(place.start, place.end)
            one = Candidate(Kind.PARTY, other, place.text, place.line, place.start, place.end, block.box, conf, "block")
            clarity = min(1.0, max(0.0, 0.3 + 0.22 * clear))
            found.append((clarity, one, {"block": clarity, "place": 1.0}))
        return sorted(found, key=lambda ranked: -ranked[0])

    # --- money -------------------------------------------------------------------------------------------------

    def _money(self, totals: Totals) -> None:
        counts = Counter(a.value for a in self.amounts)
        for name, claim in totals.chosen.items():
            features = {
                "rival": float(totals.untied),
                "label": claim.weight,
                "sum": float(name in totals.summed),
                "repeated": float(counts[claim.amount.value] > 1),
            }
            ranked: list[Ranked] = [(claim.weight, claim.amount, features)]
            ranked += [(c.weight, c.amount, {"label": c.weight}) for c in totals.others.get(name, ())]
            self.offer(name, ranked)
        gross = totals.chosen.get("gross_total")
        for name, number in totals.derived.items():
            if gross:
                known = {"label": 0.4, "sum": 1.0}
                self.offer(name, [(0.4, gross.amount, known)], value=plain(number), source=Source.DERIVED)
        self._currency(totals)

    def _currency(self, totals: Totals) -> None:
        for hit in self.labels.named("x:currency"):
            behind = hit.line.text[hit.end :].replace("\t", " ").replace("\u2002", " ").strip(" :.")
            first = behind.split("  ")[0].strip()
            code = currency_code(first.split(" ")[0]) or currency_code(first) if first else None
            if code:
                from extractors.candidates.base import make

                start = hit.line.text.index(first.split(" ")[0], hit.end)
                candidate = make(
                    Kind.CURRENCY, code, hit.line, start, start + len(first.split(" ")[0]), "currency_label"
                )
                self.offer("currency", [(1.0, candidate, {"label": 1.0, "check_digit": 0.5})])
                return
        lines = {claim.amount.line.number for claim in totals.chosen.values()}
        weights: Counter[str] = Counter()
        signs = currency_candidates(self.layout)
        for one in signs:
            weights[one.value] += 5 if one.line.number in lines else 1
        if weights:
            code, weight = weights.most_common(1)[0]
            rival = sum(weights.values()) - weight
            candidate = next(
                (s for s in signs if s.value == code and s.line.number in lines),
                next(s for s in signs if s.value == code),
            )
            near = candidate.line.number in lines
            label = 0.95 if near else 0.6 if rival else 0.8  # in a column's head, say, and no other anywhere
            features = {"label": label, "repeated": float(weight > 5), "rival": float(rival > weight / 2)}
            self.offer("currency", [(label, candidate, features)])

    def _terms(self) -> None:
        found = payment_terms(self.layout, self.labels)
        if found:
            candidate, weight = found
            self.offer("payment_terms", [(weight, candidate, {"label": weight, "rival": 0.5})])
