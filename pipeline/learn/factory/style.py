"""How one sender's documents look: fonts, words for the labels, number and date formats, table columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from pipeline.learn.factory.vocabulary import vocabulary

ACCENTS = ("#1f3a5f", "#7a1f2b", "#20603d", "#444444", "#8a5a00", "#3b2a6b", "#005f73")


_SYMBOLS = {"CZK": "Kč", "EUR": "€", "GBP": "£", "PLN": "zł", "HUF": "Ft", "USD": "$"}


@dataclass(frozen=True, slots=True)
class Style:
    """The choices of one sender; every one is made once and then kept through the document."""

    language: str
    family: str
    points: float
    accent: str
    date_format: str
    thousands: str
    decimal: str
    money: str  # "symbol", "code" or "bare"
    colon: bool
    labels: dict[str, str]
    headings: dict[str, str]
    columns: tuple[str, ...]
    ruling: str  # "grid", "lines", "header", "zebra" or "none"
    unit_beside: bool  # the unit is printed after the quantity, without a column of its own
    prefix_ids: bool  # national ids with blanks in groups
    show: frozenset[str]  # the optional fields that this sender prints
    bare_ids: bool = False  # VAT ids without the country, as within it
    brackets: bool = False  # what is below zero stands in brackets

    def date(self, day: date) -> str:
        """``day`` as this sender writes it."""
        months = vocabulary(self.language)["months"]
        month = months[day.month - 1]
        return self.date_format.format(
            d=day.day, dd=f"{day.day:02d}", m=day.month, mm=f"{day.month:02d}", y=day.year, month=month, mon=month[:3]
        )

    def amount(self, value: Decimal, places: int = 2) -> str:
        """``value`` with this sender's separators."""
        plain = f"{value:,.{places}f}"
        text = plain.replace(",", "\0").replace(".", self.decimal).replace("\0", self.thousands)
        return f"({text[1:]})" if self.brackets and text.startswith("-") else text

    def quantity(self, value: Decimal) -> str:
        """A quantity, with decimals only where it has some."""
        return self.amount(value, 0) if value == value.to_integral() else self.amount(value)

    def with_currency(self, value: Decimal, currency: str) -> str:
        """An amount with its currency, where this sender prints one."""
        text = self.amount(value)
        if self.money == "bare":
            return text
        symbol = _SYMBOLS[currency]
        if self.money == "code":
            return f"{text} {currency}"
        if symbol in "£$":
            return f"{text[0]}{symbol}{text[1:]}" if text.startswith(("-", "(")) else f"{symbol}{text}"
        return f"{text} {symbol}"

    def label(self, name: str) -> str:
        """The sender's word for a field, with its colon."""
        return self.labels[name] + (":" if self.colon else "")


#: Printed by most, but not by all senders.
_OPTIONAL = {
    "due_date": 0.9,
    "delivery_date": 0.7,
    "order_number": 0.5,
    "buyer_reference": 0.25,
    "customer_number": 0.4,
    "seller_vat_id": 0.95,
    "seller_tax_number": 0.75,
    "buyer_vat_id": 0.5,
    "iban": 0.85,
    "bic": 0.7,
    "local_account": 0.4,
    "payment_terms": 0.5,
    "payment_method": 0.5,
    "net_total": 0.85,
    "tax_total": 0.8,
    "tax_recap": 0.5,
    "amount_due": 0.6,
    "country": 0.4,
    "contact": 0.4,
    "phone": 0.6,
    "closing": 0.7,
}


def make_style(rng: Random, language: str, kind: str) -> Style:
    """Draw the style of one sender."""
    words: dict[str, Any] = vocabulary(language)
    labels = {name: rng.choice(options) for name, options in words["labels"].items()}
    if kind == "credit_note":
        labels["invoice_number"], labels["amount_due"] = labels["credit_number"], labels["credit_due"]
    elif kind != "invoice":
        labels["invoice_number"] = labels["other_number"]
        if "nvoice" in labels["issue_date"] or "echnung" in labels["issue_date"] or "actur" in labels["issue_date"]:
            labels["issue_date"] = "Date" if language in ("en", "fr") else "Datum"
    columns = [
        name
        for name, chance in (
            ("position", 0.5), ("code", 0.4), ("description", 1), ("quantity", 1), ("unit", 0.6), ("unit_price", 0.9),
            ("tax_rate", 0.65), ("net_amount", 1), ("gross_amount", 0.15),
        )
        if rng.random() < chance
    ]  # fmt: skip
    if rng.random() < 0.25:  # some print the quantity first
        columns.remove("quantity")
        columns.insert(0, "quantity")
    show = {name for name, chance in _OPTIONAL.items() if rng.random() < chance}
    if language == "cs":
        show |= {"seller_tax_number", "variable_symbol"}
        show -= {"local_account"} if rng.random() < 0.3 else set()
    return Style(
        language=language,
        family=rng.choice(["sans", "sans", "sans", "serif", "dejavu"]),
        points=rng.choice([8.0, 8.5, 9.0, 9.5]),
        accent=rng.choice(ACCENTS),
        date_format=rng.choice(words["dates"]),
        thousands=rng.choice(words["thousands"]),
        decimal=rng.choice(words["decimal"]),
        money=rng.choice(["symbol", "symbol", "code", "bare"]),
        colon=rng.random() < 0.6,
        labels=labels,
        headings={name: rng.choice(options) for name, options in words["columns"].items()},
        columns=tuple(columns),
        ruling=rng.choice(["grid", "lines", "header", "zebra", "none"]),
        unit_beside="unit" not in columns and rng.random() < 0.6,
        prefix_ids=rng.random() < 0.1,
        show=frozenset(show),
    )
