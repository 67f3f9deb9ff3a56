"""Bank statements: does the arithmetic of the balances tie out, and is the period one?"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from models.messages import say
from models.records import Finding
from pipeline.check.facts import Facts, error, warning
from pipeline.check.periods import period

_LONGEST = 400
"""Days; a yearly statement is the longest one."""


def statement(facts: Facts) -> Iterator[Finding]:
    """The balance before, with all credits and without all debits, is the balance after; to the cent.

    Some banks print debits with a minus and some without: their size counts. Where only one of the two is known, the
    other is what is left, and a doubt where that would have to be less than nothing.
    """
    yield from period(facts, longest=_LONGEST)
    names = ("opening_balance", "total_credits", "total_debits", "closing_balance")
    before, paid_in, paid_out, after = (facts.amount(name) for name in names)
    if before is None or after is None or (paid_in is None and paid_out is None):
        return
    made = before + abs(paid_in or Decimal(0)) - abs(paid_out or Decimal(0))
    known = paid_in is not None and paid_out is not None
    missing = after - made if paid_in is None else made - after  # the sum that the statement does not print
    if made != after if known else missing < 0:
        credit, debit = (abs(value) if value is not None else say("unknown") for value in (paid_in, paid_out))
        message = say(
            "{before} with credits ({credit}) and without debits ({debit}) makes {made}, not {after}.",
            before=before,
            credit=credit,
            debit=debit,
            made=made,
            after=after,
        )
        yield (error if known else warning)("balance-differs", message, *names)
