"""The period that a document covers."""

from __future__ import annotations

from collections.abc import Iterator

from models.messages import say
from models.records import Finding
from pipeline.check.facts import Facts, error, warning

_BOTH = ("period_from", "period_to")


def period(facts: Facts, longest: int) -> Iterator[Finding]:
    """It ends after it begins, is no longer than ``longest`` days, and has begun."""
    first, last = facts.date("period_from"), facts.date("period_to")
    if first is None or last is None:
        return
    if last < first:
        yield error(
            "period-order",
            say("The period ends on {last}, before it begins on {first}.", last=last, first=first),
            *_BOTH,
        )
    elif (last - first).days >= longest:
        yield warning(
            "period-long",
            say("The period from {first} to {last} is very long: are both years right?", first=first, last=last),
            *_BOTH,
        )
    if first > facts.today:
        yield warning(
            "date-in-future",
            say("The period begins on {first}, in the future: is the year right?", first=first),
            *_BOTH,
        )
