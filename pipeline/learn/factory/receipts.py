"""Shop receipts: narrow pages, prices with tax, cash and change, in four countries' habits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from pipeline.learn.factory import identifiers
from pipeline.learn.factory.receipt_page import draw
from pipeline.learn.factory.records import Made, Receipt, Sale
from pipeline.learn.factory.trade import CENT, DAYS, FIRST_DAY, cents, seeded, seeded_faker
from pipeline.learn.factory.vocabulary import vocabulary

RECEIPT_COUNTRIES = ("cz", "de", "gb", "my")
RECEIPT_LAYOUTS = ("columns", "two-lines", "quantity-first", "coded")


@dataclass(frozen=True, slots=True)
class Shop:
    """Who sells: name, address lines and printed ids."""

    company: str
    address: tuple[str, ...]
    ids: tuple[str, ...]


def _malaysian_shop(rng: Random, words: dict[str, Any]) -> Shop:
    name = rng.choice(words["companies"]).format(my=" ".join(rng.sample(words["words"], rng.choice([1, 1, 2]))))
    address = (
        f"NO. {rng.randrange(1, 180)}, {rng.choice(words['streets'])} {rng.choice(words['words'])} "
        f"{rng.randrange(1, 20)}/{rng.randrange(1, 40)},",
        f"{rng.choice(words['areas'])},",
        rng.choice(words["towns"]),
    )
    gst, roc = f"000{rng.randrange(10**8, 10**9)}", f"{rng.randrange(10000, 999999)}-{rng.choice('ADHKMTVX')}"
    ids = tuple(text.format(gst=gst, roc=roc) for text in rng.sample(words["ids"], rng.choice([1, 2, 2])))
    return Shop(name, address, ids)


def _european_shop(rng: Random, words: dict[str, Any], country: str) -> Shop:
    fake = seeded_faker(words["locale"], rng)
    city, name = fake.city(), fake.last_name()
    company = rng.choice(words["companies"]).format(name=name, city=city)
    vat, number = identifiers.company_ids(rng, country.upper())
    ids = tuple(text.format(ico=number, dic=vat, vat=vat, tax=number) for text in words["ids"])
    street = " ".join(fake.street_address().split())
    return Shop(company, (street, f"{fake.postcode()} {city}"), ids[: rng.choice([1, 2])])


def _receipt(rng: Random, country: str) -> Receipt:
    words = vocabulary("receipts")[country]
    shop = _malaysian_shop(rng, words) if country == "my" else _european_shop(rng, words, country)
    scale = Decimal(25) if country == "cz" else Decimal(3) if country == "my" else Decimal(1)
    sales = []
    for good in rng.sample(words["goods"], rng.choice([1, 1, 2, 2, 3, 4, 5, 7, 9, 12])):
        price = cents(Decimal(rng.randrange(40, 1900)) / 100 * scale)
        if rng.random() < 0.6:
            price = (price * 10).quantize(Decimal(1)) / 10 - (CENT if rng.random() < 0.3 else 0)
        quantity = Decimal(rng.choice([1, 1, 1, 1, 2, 3, 5]))
        price = cents(price)
        sales.append(Sale(good, quantity, price, cents(price * quantity), rng.choice(words["rates"])))
    subtotal = sum((sale.amount for sale in sales), Decimal(0))
    rounding = Decimal(0)
    if country == "cz" and rng.random() < 0.7:
        rounding = subtotal.quantize(Decimal(1), ROUND_HALF_UP) - subtotal
    elif country == "my" and rng.random() < 0.6:
        rounding = (subtotal * 20).quantize(Decimal(1), ROUND_HALF_UP) / 20 - subtotal
    total = subtotal + rounding
    note = Decimal(rng.choice([5, 10, 20, 50, 100])) * (10 if country == "cz" else 1)
    paid = total if rng.random() < 0.35 else (total // note + 1) * note
    day: date = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
    return Receipt(
        country=country,
        language=words["language"],
        company=shop.company,
        address=shop.address,
        ids=shop.ids,
        date=day,
        time=f"{rng.randrange(7, 22):02d}:{rng.randrange(60):02d}" + rng.choice(["", f":{rng.randrange(60):02d}"]),
        number=rng.choice(["", "CS", "LCS0", "T", "R000", "1-"]) + str(rng.randrange(1000, 999999)),
        cashier=seeded_faker(words["locale"], rng).first_name(),
        currency=words["currency"],
        sales=tuple(sales),
        rounding=rounding,
        paid=paid,
    )


def make_receipt(seed: int | str, country: str = "cz", layout: str | None = None) -> Made:
    """Make one receipt.

    Args:
        seed: Decides everything that is not said by the other arguments.
        country: One of `RECEIPT_COUNTRIES`.
        layout: One of `RECEIPT_LAYOUTS`; by default drawn.

    Raises:
        MissingTool: a font is not installed.
    """
    rng = seeded("receipt", seed, country)
    receipt = _receipt(rng, country)
    layout = layout or rng.choice(RECEIPT_LAYOUTS)
    sheet = draw(rng, receipt, layout)
    fields = {
        "company": receipt.company,
        "date": receipt.date.isoformat(),
        "address": ", ".join(line.rstrip(",") for line in receipt.address),
        "total": f"{receipt.total:.2f}",
        "currency": receipt.currency,
    }
    return Made(f"receipt-{country}-{layout}-{seed}", "receipt", receipt.language, layout, sheet, "", fields, [])
