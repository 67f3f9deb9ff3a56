"""Papers about a person: an application for a card, an identity document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from extractors.identity import AGREED, CONTRADICTED, zone_of
from extractors.values.contacts import parse_email, parse_phone
from extractors.values.persons import is_birth_number_shaped, parse_birth_number
from models.messages import say
from models.records import Finding
from pipeline.check.facts import Facts, error, warning

_OF_AGE = 18
_OLDEST = 110
_WITH_BIRTH_NUMBERS = {"CZE", "SVK", "POL"}
"""States whose personal number is a birth number."""


def years_between(birth: dt.date, day: dt.date) -> int:
    """How old somebody born on ``birth`` is on ``day``, in whole years; a 29 February counts from 1 March."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def card_application(facts: Facts) -> Iterator[Finding]:
    """The applicant is of age and one person by all numbers; telephone, e-mail and amounts are such."""
    birth = facts.date("birth_date")
    signed = facts.date("signed_date") or facts.today
    if birth is not None:
        age = years_between(birth, signed)
        if age < _OF_AGE:
            yield error(
                "applicant-minor", say("The applicant is {age} years old at signing.", age=max(age, 0)), "birth_date"
            )
        elif age > _OLDEST:
            yield warning(
                "birth-date-implausible", say("The applicant would be {age} years old.", age=age), "birth_date"
            )
    yield from _birth_number(facts, "birth_number", birth, "")
    if facts.text("phone") and not parse_phone(facts.text("phone")):
        yield warning("phone-invalid", say("{title} is no telephone number.", title=facts.title("phone")), "phone")
    if facts.text("email") and not parse_email(facts.text("email")):
        yield warning("email-invalid", say("{title} is no e-mail address.", title=facts.title("email")), "email")
    limit, income = facts.amount("requested_limit"), facts.amount("net_income")
    if limit is not None and limit <= 0:
        yield error(
            "amount-not-positive",
            say("{title} {limit} is not more than nothing.", title=facts.title("requested_limit"), limit=limit),
            "requested_limit",
        )
    if income is not None and income < 0:
        yield error(
            "negative-number",
            say("{title} of {income} can't be.", title=facts.title("net_income"), income=income),
            "net_income",
        )


def _birth_number(facts: Facts, name: str, birth: dt.date | None, sex: str) -> Iterator[Finding]:
    """A birth number that we can read is valid and says the same date of birth and sex; others are not judged."""
    text = facts.text(name)
    if not is_birth_number_shaped(text):
        return
    number = parse_birth_number(text)
    if number is None:
        yield warning(
            "birth-number-invalid", say("{title} has a wrong date or check digit.", title=facts.title(name)), name
        )
        return
    if birth is not None and number.birth_date != birth:
        message = say(
            "{title} and {other_title:lower} are of two persons.",
            title=facts.title(name),
            other_title=facts.title("birth_date"),
        )
        yield error("birth-number-differs", message, name, "birth_date")
    if sex in ("M", "F") and number.sex != sex:
        yield error(
            "birth-number-differs", say("{title} and sex are of two persons.", title=facts.title(name)), name, "sex"
        )


def identity(facts: Facts) -> Iterator[Finding]:
    """The machine-readable zone holds by its check digits and says what stands above it; the document is valid."""
    yield from _zone(facts)
    birth, issued, expiry = (facts.date(name) for name in ("birth_date", "issue_date", "expiry_date"))
    if issued and expiry and expiry <= issued:
        yield error(
            "expiry-before-issue",
            say("It expires on {expiry}, before its issue on {issued}.", expiry=expiry, issued=issued),
            "expiry_date",
            "issue_date",
        )
    if birth and (birth > facts.today or (issued and birth > issued)):
        yield error(
            "birth-date-implausible",
            say("{title} {birth} is too late.", title=facts.title("birth_date"), birth=birth),
            "birth_date",
        )
    if issued and issued > facts.today:
        yield warning(
            "date-in-future",
            say("{title} {issued} lies in the future.", title=facts.title("issue_date"), issued=issued),
            "issue_date",
        )
    if expiry and expiry < facts.today:
        yield warning("document-expired", say("The document expired on {expiry}.", expiry=expiry), "expiry_date")
    if {facts.text("issuing_state"), facts.text("nationality")} & _WITH_BIRTH_NUMBERS:
        yield from _birth_number(facts, "personal_number", birth, facts.text("sex"))


_PARTS = {"number": "document_number", "optional": "personal_number", "issuer": "issuing_state"}
"""Parts of the zone that our fields call otherwise."""


def _zone(facts: Facts) -> Iterator[Finding]:
    if facts.reading is None:
        return
    mrz = zone_of(facts.reading)
    if mrz is None:
        yield warning(
            "mrz-missing", say("No machine-readable zone can be read: nothing vouches for what stands in print.")
        )
        return
    for one in mrz.checks:
        if not one.holds:
            names = [name for name in (_PARTS.get(one.name, one.name),) if name in facts.kind.fields]
            if names:
                title = facts.title(names[0])
                message = say("The check digit of {title:lower} in the machine-readable zone is wrong.", title=title)
            else:
                message = say("The check digit of the whole zone in the machine-readable zone is wrong.")
            yield error("mrz-check-digit", message, *names)
    failed = {one.name for one in mrz.checks if not one.holds}
    for problem in mrz.problems:
        names = [_PARTS.get(name, name) for name in problem.fields]
        confirmed = all(facts.confidences.get(name, 0.0) >= AGREED for name in names)  # print says the same
        if not failed & set(problem.fields) and not confirmed:
            yield warning("mrz-doubtful", problem.message, *names)
    for name, confidence in facts.confidences.items():
        if confidence == CONTRADICTED:
            message = say(
                "The document seems to show another {title:lower} than its machine-readable zone.",
                title=facts.title(name),
            )
            yield warning("mrz-differs", message, name)
