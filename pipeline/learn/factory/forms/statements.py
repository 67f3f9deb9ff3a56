"""The content of bank statements: balances and transactions whose sums are right."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from pipeline.learn.factory import identifiers
from pipeline.learn.factory.forms.content import Entry, Form, Maker, Rows, Section
from pipeline.learn.factory.forms.papers import day_entry, make_day, named, period, section
from pipeline.learn.factory.identifiers import spaced_iban
from pipeline.learn.factory.trade import make_party

_NUMBER = {"cs": ("č.", "číslo"), "de": ("Nr.", "Nummer"), "en": ("No.", "#", "number"), "fr": ("n°",)}
_SCALE = {"cs": 25, "de": 1, "en": 1, "fr": 1}


def _transactions(maker: Maker, first: date, last: date) -> list[tuple[date, str, Decimal]]:
    """Days, kinds and signed amounts, in the order of the days."""
    rng = maker.rng
    days = sorted(rng.randrange((last - first).days + 1) for _ in range(rng.choice([2, 4, 6, 9, 14, 22, 35])))
    made = []
    for day in days:
        kind: str = rng.choice(maker.words["payments"])
        size = Decimal(rng.randrange(100, 90000)) / 100 * _SCALE[maker.language]
        if rng.random() < 0.3:
            size = size.quantize(Decimal(1))
        incoming = maker.words["payments"].index(kind) in (1, 8, 9, 10) or rng.random() < 0.1
        made.append((first + timedelta(days=day), kind, size if incoming else -size))
    return made


def _rows(maker: Maker, moves: list[tuple[date, str, Decimal]], opening: Decimal, year: bool) -> Rows:
    rng, words, style = maker.rng, maker.words, maker.style
    split = maker.maybe(0.5)
    columns = ["date", *(["value_date"] if maker.maybe(0.3) else []), "text"]
    columns += [name for name, chance in (("counterpart", 0.4), ("symbol", 0.35)) if maker.maybe(chance)]
    columns += rng.choice([["debit", "credit"], ["debit", "credit"], ["credit", "debit"]]) if split else ["amount"]
    columns += ["balance"] if maker.maybe(0.5) else []
    marks = (" S", " H") if maker.language == "de" and maker.maybe(0.3) else ("", "")
    balance, cells = opening, []
    for day, kind, amount in moves:
        balance += amount
        payee = make_party(rng, maker.language).name if maker.maybe(0.5) else maker.person.city
        written = style.date(day) if year else f"{day.day:02d}.{day.month:02d}."
        signed = style.amount(amount) if not marks[0] else style.amount(abs(amount)) + marks[amount > 0]
        texts = {
            "date": written,
            "value_date": written,
            "text": kind if "counterpart" in columns else f"{kind} {payee}",
            "counterpart": identifiers.account(rng, maker.common["country"]).local,
            "symbol": str(rng.randrange(10**4, 10**9)),
            "debit": style.amount(-amount) if amount < 0 else "",
            "credit": style.amount(amount) if amount > 0 else "",
            "amount": signed,
            "balance": style.amount(balance),
        }
        cells.append(tuple(texts[name] for name in columns))
    headings = tuple(rng.choice(words["columns"][name]) for name in columns)
    return Rows(tuple(columns), headings, tuple(cells))


def _about(maker: Maker, first: date, last: date) -> tuple[list[Entry], tuple[Entry, ...], list[Entry]]:
    """What the head of the page says of the bank, the address of the holder, and the entries about the account."""
    rng = maker.rng
    owned = identifiers.account(rng, maker.common["country"])
    if maker.language == "cs" and maker.maybe(0.5):
        numbers = [maker.entry("iban", owned.local, owned.iban)]
    else:
        numbers = [maker.entry("iban", spaced_iban(owned.iban) if maker.maybe(0.85) else owned.iban, owned.iban)]
    if maker.maybe(0.6):
        numbers.append(maker.entry("bic", owned.bic))
    serial = f"{rng.randrange(1, 13)}"
    number = rng.choice([serial, f"{int(serial):03d}", f"{serial}/{first.year}", f"{first.year}/{int(serial):02d}"])
    holder = rng.choice([named(maker, maker.person), maker.party.name])
    head = [Entry("", "", owned.bank, {"bank_name": owned.bank})]
    receiver: tuple[Entry, ...] = ()
    about: list[Entry] = []
    maker.values |= {"bank_name": owned.bank, "holder_name": holder}
    if maker.maybe(0.35):
        about.append(maker.entry("bank_name", owned.bank))
        head = head if maker.maybe(0.5) else []
    if maker.maybe(0.6):
        about.append(maker.entry("holder_name", holder))
    if not about or maker.maybe(0.5) or "holder_name" not in [entry.name for entry in about]:
        person = maker.person
        lines = (person.street, f"{person.postcode} {person.city}")
        receiver = (Entry("", "", holder, {"holder_name": holder}), *(Entry("", "", line) for line in lines))
    about += [*numbers, maker.entry("statement_number", number), *period(maker, first, last)]
    if maker.maybe(0.65):
        about.append(day_entry(maker, "issue_date", last + timedelta(days=rng.randrange(0, 4))))
    if maker.maybe(0.4) or maker.style.money == "bare":
        about.append(maker.entry("currency", maker.currency))
    about += maker.distractors(rng.choice([0, 0, 1, 2, 3]))
    return head, receiver, about


def bank_statement(maker: Maker) -> Form:
    """A statement of a month or a quarter."""
    rng, words = maker.rng, maker.words
    some = make_day(maker)
    first = some.replace(day=1)
    end = first + timedelta(days=rng.choice([0, 0, 0, 62]))
    last = end.replace(day=monthrange(end.year, end.month)[1])
    if maker.maybe(0.15):
        first, last = some, some + timedelta(days=rng.choice([0, 6, 13]))
    opening = Decimal(rng.randrange(-20000, 900000)) / 100 * _SCALE[maker.language]
    moves = _transactions(maker, first, last)
    paid_in = sum((amount for _, _, amount in moves if amount > 0), Decimal(0))
    paid_out = -sum((amount for _, _, amount in moves if amount < 0), Decimal(0))
    closing = opening + paid_in - paid_out

    head, receiver, about = _about(maker, first, last)
    title, title_shown = rng.choice(words["titles"]["bank_statement"]), {}
    if maker.maybe(0.25):  # the number stands in the title
        number = next(entry for entry in about if entry.name == "statement_number")
        about.remove(number)
        title += f" {rng.choice(_NUMBER[maker.language])} {number.text}"
        title_shown = dict(number.shown)
    signed = maker.maybe(0.25)  # some write what was paid out with a minus
    ends = [maker.amount("opening_balance", opening), maker.amount("closing_balance", closing)]
    summary = [
        entry
        for entry, chance in (
            (ends[0], 1.0),
            (maker.amount("total_credits", paid_in), 0.85),
            (maker.amount("total_debits", -paid_out if signed else paid_out), 0.85),
            (ends[1], 1.0),
        )
        if maker.maybe(chance)
    ]
    rows = _rows(maker, moves, opening, year=maker.maybe(0.8) or maker.language not in ("cs", "de"))
    if maker.maybe(0.3):  # the balances stand in the table only
        rows = replace(rows, first=(ends[0],), last=(ends[1],))
        summary = [entry for entry in summary if entry not in ends]
    if "debit" in rows.columns and maker.maybe(0.3):  # and so do the sums
        sums = {"credit": ("total_credits", paid_in), "debit": ("total_debits", paid_out)}
        rows = replace(rows, sums={name: (field, maker.style.amount(value)) for name, (field, value) in sums.items()})
        maker.values |= {field: f"{value:.2f}" for field, value in sums.values()}
        summary = [entry for entry in summary if not entry.name.startswith("total_")]
    sections = [section(maker, "account", about)]
    if maker.maybe(0.6) or not summary:
        sections += [section(maker, "summary", summary), Section("", ())]
    else:
        sections += [Section("", ()), section(maker, "summary", summary)]
    small = tuple(words["consents"][-2:][: rng.choice([0, 1])])
    return Form(
        maker.kind, title, tuple(head), receiver, tuple(sections), maker.values, rows, small_print=small,
        title_shown=title_shown,
    )  # fmt: skip
