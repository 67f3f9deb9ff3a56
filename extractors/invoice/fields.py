"""The joint decision over all header fields of an invoice or credit note."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from extractors.candidates.amounts import AmountCandidate, amount_candidates, currency_candidates
from extractors.candidates.base import Candidate
from extractors.candidates.dates import date_candidates
from extractors.candidates.numbers import labelled_numbers, labelled_words, title_numbers
from extractors.candidates.standard import standard_candidates
from extractors.invoice.ids import decide_bank, decide_tax_ids
from extractors.invoice.parties import BUYER, SELLER, Parties, Party
from extractors.invoice.terms import payment_terms
from extractors.invoice.totals import Totals, TotalsSolver
from extractors.normalise import normalise
from extractors.page.labels import TITLE, LabelHit, Labels, find_labels
from extractors.page.layout import Layout, lay_out
from extractors.page.relations import POSITION_WEIGHT, Governors
from extractors.page.text import squeeze
from extractors.scoring.rules import Context, RuleScorer, Scorer
from extractors.table.line_items import find_line_items
from extractors.values.amounts import plain
from extractors.values.currencies import currency_code
from models.document_types import DocumentType, Kind
from models.records import Extraction, Field, Reading, Source, Witness

_FROM = re.compile(r"(?i)\b(vom|ze dne|dated|du|of|le|from|dne)\s*$")
_DEBIT = re.compile(
    r"(?i)\b(wird am|werden am|fällig am|zahlbar bis(?: zum| spätestens)?|netto bis|due by|payable by|"
    r"splatn\w+ (?:do|dne)|uhraďte do|do)\s*$"
)
THRESHOLD = 0.3
"""Below this probability a field is left empty."""


@dataclass(frozen=True)
class Choice:
    """A candidate with the features and probability that made it win."""

    candidate: Candidate
    features: dict[str, float]
    probability: float


class InvoiceFields:
    """Extracts the header of one reading; build it, then call `run`."""

    def __init__(
        self,
        reading: Reading,
        kind: DocumentType,
        our_names: Iterable[str],
        our_ids: Iterable[str],
        scorer: Scorer | None = None,
    ) -> None:
        self.kind, self.scorer = kind, scorer or RuleScorer()
        self.layout: Layout = lay_out(reading)
        self.labels: Labels = find_labels(self.layout, kind)
        self.governors = Governors(self.labels)
        self.sources = {page.number: page.source for page in reading.pages}
        self.parties = Parties(self.layout, self.labels, our_names, our_ids)
        self.roles = self.parties.decide()
        self.dates = date_candidates(self.layout)
        self.standard = standard_candidates(self.layout)
        self.amounts: list[AmountCandidate] = amount_candidates(
            self.layout, [*self.dates, *[c for c in self.standard if c.kind is not Kind.TAX_NUMBER]]
        )
        self.found: dict[str, Field] = {}

    def run(self) -> Extraction:
        """All fields that are likely enough, and the line items."""
        if not self.layout.lines:
            return Extraction()
        items = find_line_items(self.layout, self.labels)
        self._numbers()
        self._dates()
        self._parties()
        decide_tax_ids(self)
        decide_bank(self)
        self._money(TotalsSolver(self.amounts, self.labels, self.governors, items.lines).solve())
        self._terms()
        order = list(self.kind.fields)
        fields = sorted(self.found.values(), key=lambda f: order.index(f.name))
        net = self.found.get("net_total")
        return Extraction(tuple(fields), items.rows(net.value if net else None, self.layout))

    def add(
        self,
        name: str,
        candidate: Candidate,
        features: dict[str, float],
        *,
        value: str | None = None,
        source: Source | None = None,
    ) -> None:
        """Score a candidate and take it as field ``name`` if it is likely enough.

        A value derived from the candidate stands nowhere: it gets no page, no box and no text of its own.
        """
        probability = self.scorer.score(candidate, name, Context(features, self.layout.ocr))
        if probability < THRESHOLD or name not in self.kind.fields:
            return
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
        if source is Source.DERIVED:
            self.found[name] = Field(
                name, value or candidate.value, confidence=min(0.995, probability), source=source,
                witnesses=tuple(witnesses),
            )  # fmt: skip
            return
        self.found[name] = Field(
            name, value or candidate.value, candidate.raw, min(0.995, probability), candidate.page,
            self.layout.on_page(candidate.box, candidate.page),
            source or self.sources[candidate.page], tuple(witnesses),
        )  # fmt: skip

    # --- numbers -----------------------------------------------------------------------------------------------

    def label_weight(self, candidate: Candidate, hit: LabelHit) -> float:
        """How much the label ``hit`` counts for a candidate right of or below it, 0..1."""
        if candidate.line.number != hit.line.number:
            return POSITION_WEIGHT["above"] * hit.likeness
        between = candidate.line.text[hit.end : candidate.start]
        words = re.findall(r"[^\W\d_]{2,}", between)
        return (1.0 if not words else 0.85 ** len(words)) * hit.likeness

    def _numbers(self) -> None:
        counts = Counter(squeeze(token.text) for line in self.layout.lines for token in line.tokens)
        for name in ("invoice_number", "order_number", "buyer_reference", "variable_symbol"):
            if name not in self.kind.fields:
                continue
            options = labelled_numbers(self.layout, self.labels, name, self.kind.fields[name].kind)
            ranked: list[tuple[float, Candidate, dict[str, float]]] = []
            for index, (candidate, hit) in enumerate(options):
                weight = self.label_weight(candidate, hit)
                features = {"label": weight, "repeated": float(counts[squeeze(candidate.value)] > 1)}
                ranked.append((weight + 0.1 * features["repeated"] - 0.01 * index, candidate, features))
            if name == "buyer_reference" and not options:
                options = labelled_words(self.labels, self.layout, name)
                ranked = [
                    (0.6, candidate, {"label": 0.85 * self.label_weight(candidate, hit)}) for candidate, hit in options
                ]
            if name == "invoice_number":
                for candidate, hit in title_numbers(self.labels):
                    features = {"label": 0.93 * hit.likeness, "repeated": float(counts[squeeze(candidate.value)] > 1)}
                    ranked.append((features["label"] + 0.1 * features["repeated"], candidate, features))
            ranked = [r for r in ranked if not self._is_company_id(r[1])]
            if not ranked:
                continue
            ranked.sort(key=lambda r: -r[0])
            _, candidate, features = ranked[0]
            rivals = {r[1].value for r in ranked[1:] if r[0] > ranked[0][0] - 0.06} - {candidate.value}
            features["rival"] = float(bool(rivals))
            self.add(name, candidate, features)

    def _is_company_id(self, candidate: Candidate) -> bool:
        """Whether a number is a VAT id, an account or a company's number rather than a document's."""
        for one in self.standard:
            if one.line.number == candidate.line.number and one.start < candidate.end and candidate.start < one.end:
                if one.kind is not Kind.TAX_NUMBER:
                    return one.kind in (Kind.VAT_ID, Kind.IBAN)
                return self.governors.best(one, "seller_tax_number") is not None
        return False

    # --- dates -------------------------------------------------------------------------------------------------

    def _dates(self) -> None:
        names = ("issue_date", "due_date", "delivery_date")
        choices: dict[str, list[tuple[float, Candidate]]] = {}
        for name in names:
            ranked: dict[str, tuple[float, Candidate]] = {}
            for candidate in self.dates:
                relation = self.governors.best(candidate, name)
                if relation is None or relation.weight < 0.3:
                    continue
                own = [n for n in relation.hit.names if n in names]
                weight = relation.weight - (0.1 if len(own) > 1 else 0)
                if relation.position == "far":
                    weight -= 0.1
                if candidate.value not in ranked or weight > ranked[candidate.value][0]:
                    ranked[candidate.value] = (weight, candidate)
            choices[name] = sorted(ranked.values(), key=lambda r: -r[0])
        if not choices["due_date"]:
            choices["due_date"] = [
                (0.72, c) for c in self.dates if _DEBIT.search(re.sub(r"\s", " ", c.line.text[: c.start]))
            ][:1]
        title = self._title_date()
        if title and not any(weight > 0.8 for weight, _ in choices["issue_date"]):
            choices["issue_date"].insert(0, (0.85, title))
        if not choices["issue_date"] and self.dates:
            free = [
                d
                for d in self.dates
                if not any(d is c for n in names for _, c in choices[n]) and not self._other_label(d)
            ]
            if free:
                self.add(
                    "issue_date",
                    free[0],
                    {"guess": 1.0, "place": 1.0 if free[0].line.number < 40 else 0.3, "rival": float(len(free) > 1)},
                )
        issue = choices["issue_date"][0] if choices["issue_date"] else None
        if issue:
            rivals = {c.value for w, c in choices["issue_date"][1:] if w > issue[0] - 0.06} - {issue[1].value}
            self.add("issue_date", issue[1], {"label": issue[0], "rival": float(bool(rivals))})
        for name in names[1:]:
            for weight, candidate in choices[name]:
                order = 0.0
                if issue and name == "due_date":
                    order = 1.0 if candidate.value >= issue[1].value else -1.0
                if order < 0 and weight < 0.95:
                    continue
                self.add(name, candidate, {"label": weight, "order": order})
                break

    def _other_label(self, candidate: Candidate) -> bool:
        relations = self.governors.of(candidate)
        return bool(relations) and relations[0].hit.is_other() and relations[0].position in ("inline", "left")

    def _title_date(self) -> Candidate | None:
        """The date behind the number in a title line (``Rechnung Nr. 471102 vom 05.03.2020``), or a letter's date."""
        titles = {hit.line.number: hit for hit in self.labels.hits if hit.names & {TITLE, "invoice_number"}}
        for candidate in self.dates:
            number = candidate.line.number
            before = re.sub(r"\s", " ", candidate.line.text[: candidate.start])
            above = self.layout.lines[number - 1].text if number else ""
            if _FROM.search(before) and (number in titles or number - 1 in titles):
                return candidate
            if number - 1 in titles and not before.strip() and _FROM.search(above):
                return candidate
            if number in titles and not re.search(r"\w", candidate.line.text[titles[number].end : candidate.start]):
                return candidate
        place = re.compile(r"(?i)^[^\W\d_][\w .-]{2,30}, ?(?:den|le|dne|am|on)? ?$")
        found = [c for c in self.dates if c.line.number < 25 and place.search(self._segment_before(c))]
        return found[0] if found else None

    @staticmethod
    def _segment_before(candidate: Candidate) -> str:
        return candidate.line.text[: candidate.start].split("\t")[-1].replace("\u2002", " ")

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
        self.add(name, candidate, {"block": party.clarity, "place": 1.0, "heading": float(party.labelled)})

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
            self.add(name, claim.amount, features)
        gross = totals.chosen.get("gross_total")
        for name, number in totals.derived.items():
            if gross:
                self.add(name, gross.amount, {"label": 0.4, "sum": 1.0}, value=plain(number), source=Source.DERIVED)
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
                self.add("currency", candidate, {"label": 1.0, "check_digit": 0.5})
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
            self.add(
                "currency",
                candidate,
                {"label": label, "repeated": float(weight > 5), "rival": float(rival > weight / 2)},
            )

    def _terms(self) -> None:
        found = payment_terms(self.layout, self.labels)
        if found:
            candidate, weight = found
            self.add("payment_terms", candidate, {"label": weight, "rival": 0.5})
