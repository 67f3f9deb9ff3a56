"""The content of payroll requests, timesheets and card applications."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from pipeline.learn.factory import identifiers
from pipeline.learn.factory.forms.content import Entry, Form, Maker, Rows, Section
from pipeline.learn.factory.forms.people import Person, make_person
from pipeline.learn.factory.trade import DAYS, FIRST_DAY

_WAGES = {"cs": 25, "de": 1, "en": 1, "fr": 1}  # about a currency unit's worth in the language's country


def make_day(maker: Maker) -> date:
    """Some day of the years that the factory lives in."""
    return FIRST_DAY + timedelta(days=maker.rng.randrange(DAYS))


def section(maker: Maker, name: str, entries: list[Entry]) -> Section:
    """A section with a title from the vocabulary, or with none."""
    return Section(maker.rng.choice(maker.words["sections"][name]) if maker.maybe(0.75) else "", tuple(entries))


def account(maker: Maker, name: str = "iban") -> Entry:
    """An account as people of the country write it."""
    owned = identifiers.account(maker.rng, maker.common["country"])
    if maker.language == "cs" and maker.maybe(0.7):
        return maker.entry(name, owned.local, owned.iban, cells=True)
    spaced = identifiers.spaced_iban(owned.iban) if maker.maybe(0.8) else owned.iban
    return maker.entry(name, spaced, owned.iban, cells=True)


def day_entry(maker: Maker, name: str, day: date) -> Entry:
    """A date in the sender's writing."""
    text = maker.style.date(day)
    return maker.entry(name, text, day.isoformat(), cells=True)


def employee(maker: Maker, name: str) -> Entry:
    """The name of a person, now and then the surname first."""
    return maker.entry(name, named(maker, maker.person), cells=True)


def named(maker: Maker, person: Person) -> str:
    """A name in one of the orders that forms have."""
    if maker.maybe(0.25):
        return f"{person.surname} {person.given}"
    title = maker.rng.choice({"cs": ["Ing. ", "Mgr. ", "Bc. "], "de": ["Dr. "]}.get(maker.language, [""]))
    return f"{title if maker.maybe(0.08) else ''}{person.name}"


def _employer(maker: Maker) -> tuple[tuple[Entry, ...], list[Entry]]:
    """The employer at the head of the page, or as an entry, or both."""
    head: tuple[Entry, ...] = ()
    at_head, within = maker.rng.choice([(True, False), (True, False), (False, True), (False, False)])
    if at_head:
        maker.values["company"] = maker.party.name
        head = (Entry("", "", maker.party.name, {"company": maker.party.name}), Entry("", "", maker.party.address))
    return head, [maker.entry("company", maker.party.name)] if within else []


def _approver(maker: Maker) -> Entry:
    return maker.entry("approver_name", make_person(maker.rng, maker.language).name)


def _placed(maker: Maker, name: str, day: date) -> Entry:
    """Town and date, as above a signature."""
    written = maker.style.date(day)
    city = maker.person.city
    text = maker.rng.choice(maker.words["place_date"]).format(city=city, date=written)
    maker.values[name] = day.isoformat()
    return Entry(name, "", text, {name: written})


def _ending(maker: Maker, name: str, day: date) -> tuple[Entry, Entry | None]:
    """The date in an entry or beside the place; the second is the entry below the signature, if there."""
    if maker.maybe(0.5):
        return day_entry(maker, name, day), None
    placed = _placed(maker, name, day)
    return placed, placed


def payroll_request(maker: Maker) -> Form:
    """An employee asks for an advance, a bonus or another account."""
    rng, words = maker.rng, maker.words
    subject = rng.choice(["advance", "advance", "bonus", "account"])
    day = make_day(maker)
    head, employer = _employer(maker)
    person = [employee(maker, "employee_name")]
    if maker.maybe(0.8):
        person.append(
            maker.entry("personal_number", f"{rng.choice(['', '', 'Z', 'E-'])}{rng.randrange(100, 99999)}", cells=True)
        )
    if maker.maybe(0.7):
        person.append(maker.entry("department", rng.choice(words["departments"])))
    person += [*employer, *maker.distractors(rng.choice([0, 1, 1, 2]))]
    request = [maker.choice("request_kind", words["kinds"][subject])]
    if maker.maybe(0.7):
        months = maker.common["months"]
        month = {"cs": day.strftime("%m/%Y")}.get(maker.language, f"{months[day.month - 1]} {day.year}")
        request.append(
            maker.entry("period", rng.choice([month, f"{day.month}/{day.year}", f"{day.month:02d}/{day.year}"]))
        )
    if subject != "account":
        wage = _WAGES[maker.language]
        request.append(maker.amount("amount", Decimal(rng.randrange(2, 60) * 50 * wage)))
    if subject == "account" or maker.maybe(0.5):
        request.append(account(maker))
    if maker.maybe(0.5):
        request.append(day_entry(maker, "valid_from", day + timedelta(days=rng.randrange(1, 60))))
    if maker.maybe(0.65):
        request.append(maker.entry("reason", rng.choice(words["reasons"][subject])))
    date_entry, place = _ending(maker, "request_date", day)
    approver = _approver(maker) if maker.maybe(0.65) else None
    beside = approver is not None and maker.maybe(0.5)
    if beside and approver:
        request.append(approver)
    if place is None:
        request.append(date_entry)
    title = rng.choice(words["titles"][rng.choice(["payroll_request", subject])])
    return Form(
        maker.kind, title, head, (), (section(maker, "person", person), section(maker, "request", request)),
        maker.values, place=place, approver=None if beside else approver, signatures=(rng.choice(words["signatures"]),),
        small_print=tuple(words["consents"][:1]) if maker.maybe(0.3) else (),
    )  # fmt: skip


def _hours(maker: Maker, value: Decimal, writing: str) -> str:
    if writing == "clock":
        return f"{int(value)}:{int(value % 1 * 60):02d}"
    if writing == "whole" and value == value.to_integral():
        return f"{value:.0f}"
    return f"{value:.{2 if writing == 'cents' else 1}f}".replace(".", maker.style.decimal)


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"


def _work_days(maker: Maker, first: date, last: date, writing: str) -> tuple[Rows, Decimal, Decimal]:
    """The rows of the days from ``first`` to ``last``, and the sums of hours and overtime."""
    rng, words, style = maker.rng, maker.words, maker.style
    columns = [
        name
        for name, chance in (
            ("date", 1.0), ("weekday", 0.4), ("start", 0.6), ("end", 0.6), ("break", 0.3), ("hours", 1.0),
            ("overtime", 0.45), ("activity", 0.6),
        )
        if maker.maybe(chance)
    ]  # fmt: skip
    if ("start" in columns) != ("end" in columns):
        columns = [name for name in columns if name not in ("start", "end", "break")]
    all_days, short = maker.maybe(0.4), maker.maybe(0.3)
    total, over, cells = Decimal(0), Decimal(0), []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        works = day.weekday() < 5 and rng.random() > 0.06
        if not works and not all_days:
            continue
        extra = Decimal(rng.choice([0, 0, 0, 0, 1, 2, 3])) / 2 if "overtime" in columns and works else Decimal(0)
        hours = (Decimal(rng.choice(["8", "8", "8", "8", "7", "6", "4", "7.5"])) + extra) if works else Decimal(0)
        total, over = total + hours, over + extra
        start, rest = rng.choice([360, 420, 450, 480, 510]), rng.choice([30, 30, 45, 60])
        texts = {
            "date": f"{day.day}.{day.month}." if short and maker.language in ("cs", "de") else style.date(day),
            "weekday": words["weekdays"][day.weekday()],
            "start": _clock(start) if works else "",
            "end": _clock(start + rest + int(hours * 60)) if works else "",
            "break": _clock(rest) if works else "",
            "hours": _hours(maker, hours, writing) if works else "",
            "overtime": _hours(maker, extra, writing) if extra else "",
            "activity": rng.choice(words["activities"]) if works else "",
        }
        cells.append(tuple(texts[name] for name in columns))
    headings = tuple(rng.choice(words["columns"][name]) for name in columns)
    sums = {"hours": ("total_hours", _hours(maker, total, writing))}
    if "overtime" in columns:
        sums["overtime"] = ("overtime_hours", _hours(maker, over, writing))
    return Rows(tuple(columns), headings, tuple(cells), sums), total, over


def timesheet(maker: Maker) -> Form:
    """A month, half a month or a week of somebody's work."""
    rng, words = maker.rng, maker.words
    some = make_day(maker)
    month_end = monthrange(some.year, some.month)[1]
    monday = some - timedelta(days=some.weekday())
    first, last = rng.choice([
        (some.replace(day=1), some.replace(day=month_end)), (some.replace(day=1), some.replace(day=month_end)),
        (monday, monday + timedelta(days=rng.choice([4, 6]))), (some.replace(day=1), some.replace(day=15)),
    ])  # fmt: skip
    head, employer = _employer(maker)
    person = [employee(maker, "employee_name")]
    if maker.maybe(0.6):
        person.append(maker.entry("personal_number", str(rng.randrange(100, 99999)), cells=True))
    person += employer
    if maker.maybe(0.5):
        person.append(maker.entry("department", rng.choice(words["departments"])))
    if maker.maybe(0.55):
        person.append(maker.entry("project", rng.choice(words["projects"])))
    person += period(maker, first, last)
    person += maker.distractors(rng.choice([0, 0, 1, 2]))
    rows, total, over = _work_days(maker, first, last, rng.choice(["clock", "tenths", "tenths", "whole", "cents"]))
    ending: list[Entry] = []
    maker.values["total_hours"], maker.values["overtime_hours"] = _number(total), _number(over)
    below = maker.maybe(0.4)
    if below:  # the sums are entries of their own below a table without a row of sums, or both
        for name in rows.sums:
            field, text = rows.sums[name]
            unit = rng.choice(["", "", " h", " hod." if maker.language == "cs" else " h"])
            ending.append(Entry(field, maker.label(field), text + unit, {field: text}))
        if maker.maybe(0.7):
            rows = Rows(rows.columns, rows.headings, rows.cells)
    if maker.maybe(0.4):
        rate = Decimal(rng.randrange(12, 60)) * (10 if maker.language == "cs" else 1)
        ending.append(maker.amount("hourly_rate", rate))
    date_entry, place = _ending(maker, "issue_date", last + timedelta(days=rng.randrange(0, 6)))
    if maker.maybe(0.25):
        place, date_entry = None, None  # type: ignore[assignment]
        maker.values.pop("issue_date")
    if place is None and date_entry is not None:
        ending.append(date_entry)
    approver = _approver(maker) if maker.maybe(0.6) else None
    sections = [section(maker, "sheet", person), Section("", tuple(ending))]
    return Form(
        maker.kind, rng.choice(words["titles"]["timesheet"]), head, (), tuple(sections), maker.values, rows, place,
        approver, (rng.choice(words["signatures"]),),
    )  # fmt: skip


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}" if value else "0"


def period(maker: Maker, first: date, last: date) -> list[Entry]:
    """The days of a period, in one entry or in two."""
    begin, end = maker.style.date(first), maker.style.date(last)
    maker.values["period_from"], maker.values["period_to"] = first.isoformat(), last.isoformat()
    if maker.maybe(0.35):
        return [day_entry(maker, "period_from", first), day_entry(maker, "period_to", last)]
    between = {"cs": " do ", "de": " bis ", "en": " to ", "fr": " au "}[maker.language]
    join = maker.rng.choice([" – ", " - ", "–", between])
    lead = {"cs": "od ", "de": "vom ", "en": "from ", "fr": "du "}[maker.language] if join == between else ""
    text = f"{lead}{begin}{join}{end}"
    return [Entry("period_both", maker.label("period_both"), text, {"period_from": begin, "period_to": end})]


def card_application(maker: Maker) -> Form:
    """Somebody asks a bank for a credit card."""
    rng, words, person = maker.rng, maker.words, maker.person
    day, wage = make_day(maker), _WAGES[maker.language]
    personal = [employee(maker, "applicant_name"), day_entry(maker, "birth_date", person.birth_date)]
    if maker.language == "cs" and maker.maybe(0.8):
        number = person.birth_number
        text = rng.choice([f"{number[:6]}/{number[6:]}", f"{number[:6]}/{number[6:]}", number])
        personal.append(maker.entry("birth_number", text, cells=True))
    personal.append(maker.entry("address", f"{person.street}, {person.postcode} {person.city}"))
    if maker.language == "en":
        personal[-1] = maker.entry("address", f"{person.street}, {person.city}, {person.postcode}")
    if maker.maybe(0.85):
        personal.append(maker.entry("phone", person.phone, person.phone_plain, cells=True))
    if maker.maybe(0.75):
        personal.append(maker.entry("email", person.email))
    if maker.maybe(0.8):
        number = rng.choice(["", "", "L", "C", "AB"]) + str(rng.randrange(10**7, 10**9))
        personal.append(maker.entry("id_document_number", number, cells=True))
    extra = maker.distractors(rng.choice([1, 2, 3, 4]))
    personal += extra[:1]
    job = [maker.entry("employer", maker.party.name)] if maker.maybe(0.75) else []
    if maker.maybe(0.85):
        job.append(maker.amount("net_income", Decimal(rng.randrange(14, 75) * 40 * wage)))
    job += extra[1:]
    card = [maker.amount("requested_limit", Decimal(rng.randrange(1, 21) * 500 * wage))]
    if maker.maybe(0.85):
        card.insert(rng.randrange(2), maker.choice("card_type", words["cards"]))
    if maker.maybe(0.65):
        card.append(account(maker))
    date_entry, place = _ending(maker, "signed_date", day)
    if place is None:
        card.append(date_entry)
    bank = identifiers.account(rng, maker.common["country"]).bank
    small = rng.sample(words["consents"], rng.choice([1, 2, 3]))
    sections = [section(maker, "applicant", personal), section(maker, "job", job), section(maker, "card", card)]
    return Form(
        maker.kind, rng.choice(words["titles"]["card_application"]), (Entry("", "", bank),), (), tuple(sections),
        maker.values, place=place, signatures=(rng.choice(words["signatures"]),), small_print=tuple(small),
    )  # fmt: skip


PAPERS: dict[str, Callable[[Maker], Form]] = {
    "payroll_request": payroll_request,
    "timesheet": timesheet,
    "card_application": card_application,
}
