"""Candidates that a grammar knows, by kind, over all pages; each kind is looked for once a document."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property

from extractors.candidates.amounts import AmountCandidate, amount_candidates, currency_candidates
from extractors.candidates.base import Candidate, make
from extractors.candidates.dates import date_candidates
from extractors.candidates.numbers import numbers_in
from extractors.candidates.standard import standard_candidates
from extractors.form.prose import companies_in, is_running, names_in
from extractors.form.spans import Span
from extractors.page.addresses import Block, find_blocks, has_legal_form
from extractors.page.labels import LabelHit, Labels
from extractors.page.layout import Layout, union
from extractors.page.text import clean
from extractors.values.amounts import plain_number
from extractors.values.contacts import parse_email, parse_phone
from extractors.values.quantities import parse_number, parse_percent
from models.document_types import DocumentType, Kind

_CLOCK = re.compile(r"(?<![\d:.,])\d{1,3}:[0-5]\d(?![\d:])(?: ?[^\W\d_]{1,6}\.?)?")
_MEASURED = re.compile(r"(?<![\w.,/-])\d[\d.,]*(?=[^\W\d_]{1,4}\b)")  # 168h, 12kg
_PERCENT = re.compile(r"(?<![\w.,/-])\d{1,3}(?:[.,]\d{1,3})?\s?%")
_EMAIL = re.compile(r"[\w.+%'-]+ ?@ ?[\w-]+(?: ?\.(?! [A-ZÀ-Þ]) ?[\w-]+)+")
_PHONE = re.compile(r"(?<![\w/.,-])(?:\+|00)?\(?\+?\d[\d ()/.\u2010-\u2015-]{5,22}\d(?![\w/]|[.,]\d)")
_TOP = 6  # segments at the top of the first page that may be a letterhead
_BLOCK = "block"


class Values:
    """The candidates of one document by kind; build it, then call `of`."""

    def __init__(self, layout: Layout, labels: Labels, kind: DocumentType) -> None:
        self.layout, self.labels, self.kind = layout, labels, kind
        self._ways: dict[Kind, Callable[[], list[Candidate]]] = {
            Kind.DATE: lambda: self.dates,
            Kind.AMOUNT: lambda: list(self.amounts),
            Kind.NUMBER: self._numbers,
            Kind.PERCENT: self._percentages,
            Kind.IDENTIFIER: lambda: self.identifiers,
            Kind.DIGITS: lambda: [
                replace(one, kind=Kind.DIGITS) for one in self.identifiers if re.fullmatch(r"\d{1,10}", one.value)
            ],
            Kind.CURRENCY: lambda: currency_candidates(layout),
            Kind.PARTY: self._parties,
            Kind.PERSON: lambda: names_in(layout),
            Kind.ADDRESS: self._addresses,
            Kind.PHONE: self._phones,
            Kind.EMAIL: self._emails,
        }
        self._found: dict[Kind, list[Candidate]] = {}

    def of(self, kind: Kind) -> list[Candidate]:
        """All candidates of ``kind`` in reading order; none for kinds that only a label makes."""
        if kind not in self._found:
            way = self._ways.get(kind)
            self._found[kind] = way() if way else [one for one in self.standard if one.kind is kind]
        return self._found[kind]

    @cached_property
    def dates(self) -> list[Candidate]:
        """Every date."""
        return date_candidates(self.layout)

    @cached_property
    def standard(self) -> list[Candidate]:
        """Every identifier with a standard."""
        return standard_candidates(self.layout)

    @cached_property
    def amounts(self) -> list[AmountCandidate]:
        """Every number that may be an amount."""
        taken = [*self.dates, *[one for one in self.standard if one.kind is not Kind.TAX_NUMBER]]
        return amount_candidates(self.layout, taken)

    @cached_property
    def identifiers(self) -> list[Candidate]:
        """Every run of letters and digits that may be a document's number."""
        found = []
        for line in self.layout.lines:
            if any(c.isdigit() for c in line.text):
                found += numbers_in(line, 0, len(line.text), "number")
        return found

    @cached_property
    def _taken(self) -> dict[int, list[tuple[int, int, Kind]]]:
        """By line what is surely a date, a standard identifier, or a line of an address below its name."""
        found: dict[int, list[tuple[int, int, Kind]]] = {}
        for one in (*self.dates, *(one for one in self.standard if one.valid)):
            found.setdefault(one.line.number, []).append((one.start, one.end, one.kind))
        for block in self.blocks:
            for segment in block.lines if block.street and not block.one_line else ():
                if segment is not block.name_segment:
                    found.setdefault(segment.line.number, []).append((segment.start, segment.end, Kind.ADDRESS))
        return found

    def is_taken(self, one: Candidate) -> bool:
        """Whether a candidate lies within what is surely of another kind, such as a postal code in an address."""
        return any(
            one.start < end and start < one.end and kind is not one.kind
            for start, end, kind in self._taken.get(one.line.number, ())
        )

    @cached_property
    def blocks(self) -> list[Block]:
        """Names with addresses; any field of a party or person is a name's label, any of an address an address's."""
        alias = {Kind.PARTY: "seller_name", Kind.PERSON: "x:name", Kind.ADDRESS: "x:address"}

        def renamed(hit: LabelHit) -> LabelHit:
            own = {
                alias[spec.kind] for name, spec in self.kind.fields.items() if name in hit.names and spec.kind in alias
            }
            return replace(hit, names=hit.names | own) if own else hit

        by_line = {number: [renamed(hit) for hit in hits] for number, hits in self.labels.by_line.items()}
        return find_blocks(self.layout, Labels(tuple(h for hits in by_line.values() for h in hits), by_line))

    def _numbers(self) -> list[Candidate]:
        found = [
            make(Kind.NUMBER, plain_number(one.number), one.line, one.start, one.end, "number")
            for one in self.amounts
            if one.currency is None
        ]
        for line in self.layout.lines:
            for pattern in (_CLOCK, _MEASURED):
                for match in pattern.finditer(line.text):
                    value = parse_number(match[0])
                    if value is not None:
                        found.append(make(Kind.NUMBER, value, line, match.start(), match.end(), "number"))
        return found

    def _percentages(self) -> list[Candidate]:
        found = []
        for line in self.layout.lines:
            for match in _PERCENT.finditer(line.text):
                value = parse_percent(match[0])
                if value is not None:
                    found.append(make(Kind.PERCENT, value, line, match.start(), match.end(), "percent"))
        return found

    def _emails(self) -> list[Candidate]:
        found = []
        for line in self.layout.lines:
            for match in _EMAIL.finditer(line.text):
                value = parse_email(match[0])
                if value:
                    found.append(make(Kind.EMAIL, value, line, match.start(), match.end(), "email"))
        return found

    def _phones(self) -> list[Candidate]:
        busy = [(one.line.number, one.start, one.end) for one in (*self.dates, *self.standard)]
        found = []
        for line in self.layout.lines:
            for match in _PHONE.finditer(line.text):
                value = parse_phone(match[0])
                if value and not any(n == line.number and a < match.end() and match.start() < b for n, a, b in busy):
                    found.append(make(Kind.PHONE, value, line, match.start(), match.end(), "phone"))
        return found

    def _parties(self) -> list[Candidate]:
        found: dict[tuple[int, int], Candidate] = {}
        for block in self.blocks:
            segment = block.name_segment
            if segment is None or not block.name:
                continue
            made = make(Kind.PARTY, block.name, segment.line, segment.start, segment.end, _BLOCK)
            found[segment.line.number, segment.start] = replace(made, value=clean(block.name))
        for number, line in enumerate(self.layout.lines):
            for segment in line.segments:
                key = (line.number, segment.start)
                if key in found:
                    continue
                formed = has_legal_form(segment.text) and not is_running(line)
                top = number < _TOP and line.page == 1 and any(c.isalpha() for c in segment.text)
                if (formed or top) and len(segment.text) < 90:
                    made = make(
                        Kind.PARTY, clean(segment.text), line, segment.start, segment.end, "form" if formed else "top"
                    )
                    found[key] = made
        for one in companies_in(self.layout):
            found.setdefault((one.line.number, one.start), one)
        return sorted(found.values(), key=lambda one: (one.line.number, one.start))

    def _addresses(self) -> list[Candidate]:
        found: list[Candidate] = []
        for block in self.blocks:
            if not block.street:
                continue
            lines = block.lines if block.one_line else [s for s in block.lines if s is not block.name_segment]
            if not lines:
                continue
            first = lines[0]
            confidence = min(s.line.confidence_of(s.start, s.end) for s in lines)
            raw = " ".join(s.text for s in lines)
            found.append(
                Span(
                    Kind.ADDRESS, block.address, raw, first.line, first.start, first.end,
                    union(s.box for s in lines), confidence, _BLOCK, lines=len(lines),
                )
            )  # fmt: skip
        return found
