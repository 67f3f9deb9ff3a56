"""Are the dates plausible, alone and together?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from models.messages import say
from models.records import Finding
from pipeline.check.facts import Facts, warning

_AHEAD = dt.timedelta(days=31)
_YEAR = dt.timedelta(days=366)
_OLD = dt.timedelta(days=15 * 366)  # longer than any office keeps its papers, so rather a misread year
_ISSUED = ("issue_date", "date", "request_date", "signed_date")


def dates(facts: Facts) -> Iterator[Finding]:
    """The day of issue is near today, the due date after it, the delivery within a year of it."""
    for name in _ISSUED:
        issued = facts.date(name)
        if issued is None:
            continue
        title = facts.title(name)
        if issued > facts.today + _AHEAD:
            yield warning(
                "date-in-future",
                say("{title} {issued} lies in the future: is the year right?", title=title, issued=issued),
                name,
            )
        elif issued < facts.today - _OLD:
            yield warning(
                "date-too-old",
                say("{title} {issued} is more than 15 years ago: is the year right?", title=title, issued=issued),
                name,
            )
    issued, due, delivered = (facts.date(name) for name in ("issue_date", "due_date", "delivery_date"))
    if issued and due and due < issued:
        yield warning(
            "due-before-issue",
            say(
                "{title} {due} lies before {other_title:lower} {issued}.",
                title=facts.title("due_date"),
                due=due,
                other_title=facts.title("issue_date"),
                issued=issued,
            ),
            "due_date",
            "issue_date",
        )
    if issued and due and due > issued + _YEAR:
        yield warning(
            "due-too-late",
            say("{title} {due} is over a year after the issue.", title=facts.title("due_date"), due=due),
            "due_date",
        )
    if issued and delivered and abs(delivered - issued) > _YEAR:
        yield warning(
            "delivery-far",
            say(
                "{title} {delivered} is over a year away from the issue date {issued}.",
                title=facts.title("delivery_date"),
                delivered=delivered,
                issued=issued,
            ),
            "delivery_date",
        )
