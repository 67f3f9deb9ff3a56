"""The content of invoices, credit notes and the trade documents that look alike."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from random import Random
from typing import Any

from faker import Faker

from pipeline.learn.factory import identifiers
from pipeline.learn.factory.records import Line, Party, Tax, Trade
from pipeline.learn.factory.vocabulary import vocabulary

CENT = Decimal("0.01")
FIRST_DAY = date(2024, 1, 8)  # the Czech rates 21 and 12 % hold since 2024-01-01
DAYS = 700
_DIVISIBLE = {"hod", "kg", "m", "t", "Std", "hour", "tonne", "heure"}


@cache
def _faker(locale: str) -> Faker:
    return Faker(locale)


def seeded(*parts: object) -> Random:
    """A source of chance that depends on ``parts`` only, in every process."""
    return Random(":".join(map(str, parts)))  # noqa: S311 - nothing secret


def seeded_faker(locale: str, rng: Random) -> Faker:
    """A Faker for ``locale`` whose next values depend on ``rng`` only; valid until the next call."""
    fake = _faker(locale)
    fake.seed_instance(rng.randrange(2**32))
    return fake


def ascii_letters(text: str) -> str:
    """``text`` without diacritics and without what has no ASCII base letter."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def cents(value: Decimal) -> Decimal:
    """Round half up to cents."""
    return value.quantize(CENT, ROUND_HALF_UP)


def make_party(rng: Random, language: str) -> Party:
    """An invented company of the language's country."""
    words = vocabulary(language)
    fake = seeded_faker(words["locale"], rng)
    surname = fake.last_name()
    city = re.sub(r"\s+", " ", fake.city())
    form, trade = rng.choice(words["legal_forms"]), rng.choice(words["trades"])
    name = rng.choice(
        [f"{trade} {surname} {form}", f"{surname} {trade} {form}", f"{trade} {city} {form}", f"{surname} {form}"]
    )
    street = re.sub(r"\b0(?= |$|,)", str(rng.randrange(1, 99)), " ".join(fake.street_address().split()))
    vat_id, tax_number = identifiers.company_ids(rng, words["country"])
    domain = re.sub(r"[^a-z]+", "-", ascii_letters(surname).lower()).strip("-")
    return Party(
        name=name,
        street=street,
        postcode=f"{fake.state_abbr()} {fake.postcode()}" if language == "us" else fake.postcode(),
        city=city,
        country=words["country"],
        vat_id=vat_id,
        tax_number=tax_number,
        phone=fake.phone_number(),
        email=f"{rng.choice(['info', 'office', 'mail', 'kontakt'])}@{domain}.example",
        contact=f"{fake.first_name()} {fake.last_name()}",
    )


def _number(rng: Random, day: date, seller: Party) -> str:
    """A document number in one of the shapes that offices use."""
    serial = rng.randrange(1, 9999)
    initials = "".join(word[0] for word in ascii_letters(seller.name).split()[:2]).upper()
    return rng.choice(
        [
            f"{day.year}{serial:04d}",
            f"{day.year % 100}{rng.randrange(1, 99):02d}{serial:05d}",
            f"FV-{day.year}-{serial:04d}",
            f"{day.year}/{serial:03d}",
            f"{initials}{serial:05d}",
            f"{serial:05d}",
            f"R{day.year % 100}-{serial:04d}",
            f"{day.year}-{day.month:02d}-{serial % 1000:03d}",
            f"{initials}-{rng.randrange(10000, 999999)}",
        ]
    )


def _lines(rng: Random, words: dict[str, Any], count: int, sign: int) -> tuple[Line, ...]:
    rates = words["rates"]
    lines = []
    goods = words["goods"]
    for good in rng.sample(goods, count) if count <= len(goods) else rng.choices(goods, k=count):
        description, unit, low, high, reduced = good
        price = cents(Decimal(str(rng.uniform(low, high))))
        if rng.random() < 0.4 and price > 20:
            price = price.quantize(Decimal(1), ROUND_HALF_UP)
        if price < 5 and high < 50:
            quantity = Decimal(rng.choice([10, 20, 25, 50, 100, 200, 250, 500, 1000]))
        elif unit in _DIVISIBLE and rng.random() < 0.4:
            quantity = Decimal(rng.randrange(1, 80)) / 4
        else:
            quantity = Decimal(rng.choice([1, 1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 12, 24]))
        price = max(price, CENT)
        lines.append(
            Line(
                code=f"{rng.choice(['', 'A', 'TB', 'X-', '10'])}{rng.randrange(100, 99999)}",
                description=description + rng.choice(["", "", "", f" {rng.choice('ABCDX')}{rng.randrange(10, 99)}"]),
                quantity=sign * quantity,
                unit=unit,
                unit_price=price,
                net=cents(sign * quantity * price),
                rate=rates[1] if reduced else rates[0],
            )
        )
    return tuple(lines)


def make_trade(rng: Random, kind: str, language: str, lines: int | None = None) -> Trade:
    """Invent one trade document.

    Args:
        rng: The only source of chance.
        kind: ``invoice``, ``credit_note``, or a key of the vocabulary's titles.
        language: A vocabulary (``cs``, ``de``, ...).
        lines: The number of rows; by default 1 to 12.
    """
    words = vocabulary(language)
    seller, buyer = make_party(rng, language), make_party(rng, language)
    issue = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
    days = rng.choice([7, 10, 14, 14, 21, 30, 30, 45, 60])
    sign = -1 if kind == "credit_note" and rng.random() < 0.5 else 1
    rows = _lines(rng, words, lines or rng.choice([1, 1, 2, 3, 3, 4, 5, 6, 8, 12]), sign)
    bases: dict[str, Decimal] = {}
    for row in rows:
        bases[row.rate] = bases.get(row.rate, Decimal(0)) + row.net
    taxes = tuple(Tax(rate, base, cents(base * Decimal(rate) / 100)) for rate, base in sorted(bases.items()))
    gross = sum((tax.base + tax.tax for tax in taxes), Decimal(0))
    rounding = prepaid = Decimal(0)
    if language == "cs" and rng.random() < 0.3:
        rounding = gross.quantize(Decimal(1), ROUND_HALF_UP) - gross
    elif kind == "invoice" and rng.random() < 0.15:
        prepaid = cents(gross * Decimal(rng.choice(["0.2", "0.3", "0.5"])))
    number = _number(rng, issue, seller)
    currency = words["currency"] if rng.random() < 0.92 else "EUR"
    return Trade(
        kind=kind,
        language=language,
        number=number,
        original_number=_number(rng, issue - timedelta(days=40), seller),
        issue_date=issue,
        due_date=issue + timedelta(days=days),
        delivery_date=issue - timedelta(days=rng.choice([0, 0, 0, 1, 2, 5, 9])),
        seller=seller,
        buyer=buyer,
        account=identifiers.account(rng, words["country"]),
        customer_number=identifiers.digits(rng, rng.choice([4, 5, 6])),
        buyer_reference=rng.choice([f"{buyer.contact.split()[-1]}", f"REF-{rng.randrange(100, 9999)}"]),
        order_number=f"{rng.choice(['', 'OBJ', 'PO-', 'B', 'ORD'])}{identifiers.digits(rng, 6)}",
        variable_symbol=re.sub(r"\D", "", number)[-10:].lstrip("0") or "1",
        payment_terms=rng.choice(words["payment_terms"]).format(days=days),
        currency=currency,
        lines=rows,
        taxes=taxes,
        rounding=rounding,
        prepaid=prepaid,
        closing=rng.choice(words["closing"]).format(number=rng.randrange(1000, 99999)),
    )
