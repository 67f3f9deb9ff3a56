"""What the factory makes: a document's content, before anyone decided how it looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from models.records import Box, Reading
from pipeline.learn.factory.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Party:
    """A company; ids are in normal form and carry valid check digits."""

    name: str
    street: str
    postcode: str
    city: str
    country: str
    vat_id: str
    tax_number: str
    phone: str
    email: str
    contact: str

    def lines(self, language: str) -> list[str]:
        """Street, postcode and town, in lines as they are written where ``language`` is spoken."""
        if language == "en":
            return [self.street, self.city, self.postcode]
        if language == "us":
            return [self.street, f"{self.city}, {self.postcode}"]
        return [self.street, f"{self.postcode} {self.city}"]

    @property
    def address(self) -> str:
        """Street, postcode and town on one line."""
        return f"{self.street}, {self.postcode} {self.city}"


@dataclass(frozen=True, slots=True)
class Account:
    """A bank account; ``local`` is how people of the country write it without IBAN."""

    bank: str
    iban: str
    bic: str
    local: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row; ``net`` is ``quantity * unit_price`` rounded to cents, ``rate`` in percent."""

    code: str
    description: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    net: Decimal
    rate: str
    details: tuple[str, ...] = ()  # lines below the description that are no part of it
    discount: str = ""  # percent; then ``net`` is less


@dataclass(frozen=True, slots=True)
class Tax:
    """The sum of one tax rate."""

    rate: str
    base: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade document: invoice, credit note, or one that only looks alike (order, delivery note, ...)."""

    kind: str
    language: str
    number: str
    original_number: str
    issue_date: date
    due_date: date
    delivery_date: date
    seller: Party
    buyer: Party
    account: Account
    customer_number: str
    buyer_reference: str
    order_number: str
    variable_symbol: str
    payment_terms: str
    currency: str
    lines: tuple[Line, ...]
    taxes: tuple[Tax, ...]
    rounding: Decimal
    prepaid: Decimal
    closing: str
    packages: int = 0
    gross_weight: Decimal = Decimal(0)  # kg
    regime: str = ""  # "third rate", "reverse" or "exempt", where taxes are not the usual ones

    @property
    def net_total(self) -> Decimal:
        """Sum of the lines."""
        return sum((line.net for line in self.lines), Decimal(0))

    @property
    def tax_total(self) -> Decimal:
        """Sum of the taxes."""
        return sum((tax.tax for tax in self.taxes), Decimal(0))

    @property
    def gross_total(self) -> Decimal:
        """Net and tax, before rounding."""
        return self.net_total + self.tax_total

    @property
    def amount_due(self) -> Decimal:
        """What remains to be paid."""
        return self.gross_total + self.rounding - self.prepaid


@dataclass(frozen=True, slots=True)
class Sale:
    """One receipt row."""

    description: str
    quantity: Decimal
    price: Decimal
    amount: Decimal
    rate: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A shop receipt; prices include tax."""

    country: str
    language: str
    company: str
    address: tuple[str, ...]
    ids: tuple[str, ...]
    date: date
    time: str
    number: str
    cashier: str
    currency: str
    sales: tuple[Sale, ...]
    rounding: Decimal
    paid: Decimal

    @property
    def subtotal(self) -> Decimal:
        """Sum of the rows."""
        return sum((sale.amount for sale in self.sales), Decimal(0))

    @property
    def total(self) -> Decimal:
        """What the customer pays."""
        return self.subtotal + self.rounding


@dataclass(frozen=True)
class Made:
    """A finished document: its pages and the truth of what stands on them, in normal form."""

    id: str
    type: str
    language: str
    layout: str
    sheet: Sheet
    title: str
    fields: dict[str, str]
    line_items: list[dict[str, str]]
    ours: Party | None = None  # the company on it that is ours (`Settings.our_names`, ``our_ids``), where one is

    @cached_property
    def pdf(self) -> bytes:
        """The born-digital PDF."""
        return self.sheet.pdf(self.title)

    @cached_property
    def reading(self) -> Reading:
        """What a perfect reader reads on it."""
        return self.sheet.reading()

    @cached_property
    def boxes(self) -> dict[str, tuple[int, Box]]:
        """Where the fields stand: page from 1, box in points from the top left.

        A value in several lines has one box around them; one printed twice has that of the first place.
        """
        return {field: place for field, place in self.sheet.boxes.items() if field in self.fields}

    def truth(self, file: str) -> dict[str, object]:
        """The row of the truth file for this document stored as ``file``."""
        return {
            "id": self.id,
            "file": file,
            "type": self.type,
            "language": self.language,
            "layout": self.layout,
            "fields": self.fields,
            "line_items": self.line_items,
        }
