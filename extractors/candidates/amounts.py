"""Amounts and currencies of a document."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from extractors.candidates.base import Candidate, make
from extractors.page.layout import Layout
from extractors.values.amounts import find_amounts, plain
from extractors.values.currencies import CURRENCY, currency_code
from models.document_types import Kind


@dataclass(frozen=True)
class AmountCandidate(Candidate):
    """An amount with its number, the currency glued to it and how many decimals were written."""

    number: Decimal = Decimal(0)
    currency: str | None = None
    decimals: int = 0


def amount_candidates(layout: Layout, taken: Iterable[Candidate] = ()) -> list[AmountCandidate]:
    """Every number that may be an amount, apart from those inside ``taken`` (dates, account numbers, ...)."""
    spans: dict[int, list[tuple[int, int]]] = {}
    for one in taken:
        spans.setdefault(one.line.number, []).append((one.start, one.end))
    found = []
    for line in layout.lines:
        busy = spans.get(line.number, ())
        for amount in find_amounts(line.text):
            if any(amount.start < end and start < amount.end for start, end in busy):
                continue
            base = make(Kind.AMOUNT, plain(amount.value), line, amount.start, amount.end, "amount")
            found.append(
                AmountCandidate(
                    base.kind,
                    base.value,
                    base.raw,
                    line,
                    base.start,
                    base.end,
                    base.box,
                    base.confidence,
                    base.rule,
                    None,
                    amount.value,
                    amount.currency,
                    amount.decimals,
                )
            )
    return found


_SIGN = re.compile(rf"(?<![^\W\d_])(?:{CURRENCY})(?![^\W\d_])", re.IGNORECASE)


def currency_candidates(layout: Layout) -> list[Candidate]:
    """Every currency sign or code in the document."""
    found = []
    for line in layout.lines:
        for match in _SIGN.finditer(line.text):
            code = currency_code(match[0])
            if code:
                found.append(make(Kind.CURRENCY, code, line, match.start(), match.end(), "currency"))
    return found
