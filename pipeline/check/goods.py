"""Delivery notes: goods without prices."""

from __future__ import annotations

from collections.abc import Iterator

from models.messages import say
from models.records import Finding
from pipeline.check.facts import Facts, decimal, error, warning


def delivery(facts: Facts) -> Iterator[Finding]:
    """Something is delivered, of each line more than nothing; weight and packages are no negative numbers."""
    if not facts.line_items:
        yield warning("no-lines", say("The delivery note has no lines: what was delivered?"), "line_items")
    for number, item in enumerate(facts.line_items, start=1):
        quantity = decimal(item.quantity)
        if quantity is not None and quantity == 0:
            yield warning(
                "line-quantity", say("Line {number}: nothing of it is delivered.", number=number), "line_items"
            )
    for name in ("packages", "gross_weight"):
        value = facts.amount(name)
        if value is not None and value < 0:
            yield error(
                "negative-number", say("{title} of {value} can't be.", title=facts.title(name), value=value), name
            )
