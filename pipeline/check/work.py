"""Papers of employees: are hours, periods and payments plausible?"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from extractors.page.text import squeeze
from models.messages import say
from models.records import Finding
from pipeline.check.facts import Facts, error, warning
from pipeline.check.periods import period

_LONGEST = 100
"""Days that one timesheet covers at most: a quarter."""
_HOURS_A_DAY = 13
"""Working hours a day, days off counted in, that nobody reaches over a period of a week (11 hours of rest are law)."""


def timesheet(facts: Facts) -> Iterator[Finding]:
    """Hours fit into the period, overtime into the hours; the period is one."""
    yield from period(facts, longest=_LONGEST)
    hours, overtime = facts.amount("total_hours"), facts.amount("overtime_hours")
    for name, value in (
        ("total_hours", hours),
        ("overtime_hours", overtime),
        ("hourly_rate", facts.amount("hourly_rate")),
    ):
        if value is not None and value < 0:
            yield error(
                "negative-number", say("{title} of {value} can't be.", title=facts.title(name), value=value), name
            )
    first, last = facts.date("period_from"), facts.date("period_to")
    days = (last - first).days + 1 if first and last and last >= first else None
    if hours is not None and days is not None:
        if hours > days * 24:
            message = say("{hours} hours do not fit into the {days} days of the period.", hours=hours, days=days)
            yield error("hours-impossible", message, "total_hours", "period_from", "period_to")
        elif hours > days * _HOURS_A_DAY:
            message = say(
                "{hours} hours in {days} days are more than {most} a day.", hours=hours, days=days, most=_HOURS_A_DAY
            )
            yield warning("hours-implausible", message, "total_hours")
    if hours is not None and overtime is not None and overtime > hours:
        message = say("Overtime of {overtime} hours is more than the total of {hours}.", overtime=overtime, hours=hours)
        yield error("overtime-above-total", message, "overtime_hours", "total_hours")
    yield from _approval(facts)


def payroll(facts: Facts) -> Iterator[Finding]:
    """What is asked for is more than nothing, goes to an account, and is approved by somebody else.

    Whether the account's check digits are right is for `pipeline.check.identifiers.check_digits` to say.
    """
    amount = facts.amount("amount")
    if amount is not None and amount <= Decimal(0):
        yield error(
            "amount-not-positive",
            say("{title} {amount} is not more than nothing.", title=facts.title("amount"), amount=amount),
            "amount",
        )
    if amount is None and not facts.text("iban"):
        yield warning(
            "nothing-asked", say("Neither an amount nor an account is named: what is asked for?"), "amount", "iban"
        )
    yield from _approval(facts)


def _approval(facts: Facts) -> Iterator[Finding]:
    name, approver = squeeze(facts.text("employee_name")), squeeze(facts.text("approver_name"))
    if name and name == approver:
        yield warning("approved-by-self", say("The employee and the one who approves are one person."), "approver_name")
