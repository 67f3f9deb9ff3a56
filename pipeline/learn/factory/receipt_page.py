"""Drawing a receipt on a narrow page, as long as it needs to be."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

from pipeline.learn.factory.records import Receipt, Sale
from pipeline.learn.factory.sheet import Sheet, Show
from pipeline.learn.factory.vocabulary import vocabulary

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Roll:
    """A paper roll: text goes on at ``y``; the page is cut below the last line."""

    def __init__(self, rng: Random, receipt: Receipt) -> None:
        self.rng, self.receipt = rng, receipt
        self.words: dict[str, Any] = vocabulary("receipts")[receipt.country]
        self.points = rng.choice([7.5, 8.0, 8.5])
        self.wide = rng.choice([200.0, 215.0, 227.0])
        self.family = rng.choice(["mono", "mono", "dejavu-mono", "sans"])
        self.upper = receipt.country == "my"
        self.margin = 12.0
        self.y = 24.0
        self.decimal = rng.choice(self.words["decimal"])
        self.symbol = rng.choice(self.words["symbol"])
        self.sheet = Sheet((self.wide, 400.0), self.family, self.points)

    def pick(self, name: str) -> str:
        """One of the words that receipts of this country use for ``name``."""
        return str(self.rng.choice(self.words[name]))

    def amount(self, value: Decimal) -> str:
        """An amount in this shop's writing."""
        return f"{value:.2f}".replace(".", self.decimal)

    def line(self, text: str, align: str = "left", *, bold: bool = False, size: float = 0, show: Show = "") -> None:
        """One line, wrapped if it is too long; ``show`` as in `Sheet.text`."""
        size = size or self.points
        if self.upper:
            text = text.upper()
            show = show if isinstance(show, str) else {field: part.upper() for field, part in show.items()}
        self.y += (size - self.points) * 0.6
        x = {"left": self.margin, "centre": self.wide / 2, "right": self.wide - self.margin}[align]
        for part in self.sheet.wrap(text, self.wide - 2 * self.margin, size, bold):
            self.sheet.text(x, self.y, part, align=align, bold=bold, size=size, show=show)
            self.y += size * 1.35

    def two(self, left: str, right: str, *, bold: bool = False, size: float = 0, show: Show = "") -> None:
        """A label at the left and an amount at the right."""
        size = size or self.points
        self.y += (size - self.points) * 0.9
        left = left.upper() if self.upper else left
        for part in self.sheet.wrap(left, self.wide - 2 * self.margin - 55, size, bold):
            self.sheet.text(self.margin, self.y, part, bold=bold, size=size)
            self.y += size * 1.35
        x, y = self.wide - self.margin, self.y - size * 1.35
        self.sheet.text(x, y, right, align="right", bold=bold, size=size, show=show)

    def gap(self, dashes: bool = True) -> None:
        """A dashed rule or an empty line."""
        if dashes:
            count = int((self.wide - 2 * self.margin) / (self.points * 0.62))
            self.sheet.text(self.wide / 2, self.y, self.rng.choice("-=-") * count, align="centre")
        self.y += self.points * (1.3 if dashes else 0.8)


def _sale(roll: Roll, layout: str, sale: Sale) -> None:
    count, price, amount = f"{sale.quantity:f}", roll.amount(sale.price), roll.amount(sale.amount)
    if layout == "columns":
        roll.two(f"{sale.description}  {count} x {price}" if sale.quantity > 1 else sale.description, amount)
    elif layout == "two-lines":
        roll.line(sale.description)
        roll.two(f"  {count} x {price}", amount + roll.rng.choice(["", " A", " S"]))
    elif layout == "quantity-first":
        roll.two(f"{count} {sale.description}", amount)
    else:
        roll.line(f"{roll.rng.randrange(10**6, 10**7)} {sale.description}")
        roll.two(f"   {count} PC * {price}   0{roll.decimal}00", amount)


def _taxes(roll: Roll) -> None:
    receipt = roll.receipt
    roll.line(roll.pick("tax_head"))
    for rate in roll.words["rates"]:
        gross = sum((sale.amount for sale in receipt.sales if sale.rate == rate), Decimal(0))
        if gross:
            net = gross / (1 + Decimal(rate) / 100)
            code = roll.rng.choice(["SR ", "S=", "", "A "])
            roll.two(f"{code}{rate}%   {roll.amount(net)}", roll.amount(gross - net))


def _head(roll: Roll) -> None:
    rng, receipt = roll.rng, roll.receipt
    align = rng.choice(["centre", "centre", "left"])
    roll.line(receipt.company, align, bold=True, size=roll.points + rng.choice([0, 2, 3]), show="company")
    for text in receipt.address:
        roll.line(text, align, show="address")
    if rng.random() < 0.6:
        roll.line(f"TEL: {rng.randrange(10**8, 10**9)}", align)
    for text in receipt.ids:
        roll.line(text, align)
    roll.gap(dashes=rng.random() < 0.5)
    title = roll.pick("titles")
    if title:
        roll.line(title, rng.choice(["centre", "left"]), bold=rng.random() < 0.5)


def draw(rng: Random, receipt: Receipt, layout: str) -> Sheet:
    """The page of ``receipt``; ``layout`` says how a sold item is printed."""
    roll = Roll(rng, receipt)
    _head(roll)
    day = receipt.date
    written = roll.pick("dates").format(
        d=day.day, dd=f"{day.day:02d}", m=day.month, mm=f"{day.month:02d}", y=day.year, yy=f"{day.year % 100:02d}",
        mon=_MONTHS[day.month - 1], MON=_MONTHS[day.month - 1].upper(),
    )  # fmt: skip
    label = roll.pick("date")
    above = rng.random() < 0.7
    facts = [f"{roll.pick('number')} {receipt.number}", f"{roll.pick('cashier')} {receipt.cashier}"]
    if above:
        facts.insert(
            rng.randrange(3), f"{label}{'' if not label or label.endswith(':') else ':'} {written} {receipt.time}"
        )
    for text in facts:
        roll.line(text.strip(), show={"date": written})
    roll.gap()
    heading = roll.pick("heading")
    if heading:
        roll.line(heading)
        roll.gap()
    for sale in receipt.sales:
        _sale(roll, layout, sale)
    roll.gap()
    if receipt.rounding or rng.random() < 0.4:
        roll.two(roll.pick("subtotal"), roll.amount(receipt.subtotal))
    if receipt.rounding:
        roll.two(roll.pick("rounding"), roll.amount(receipt.rounding))
    total = roll.amount(receipt.total)
    priced = rng.choice([f"{roll.symbol} {total}", f"{total} {roll.symbol}"])
    label, size = roll.pick("total"), roll.points + rng.choice([0, 2, 4])
    roll.two(label, priced, bold=True, size=size, show={"total": total})
    if receipt.paid > receipt.total:
        roll.two(roll.pick("cash"), roll.amount(receipt.paid))
        roll.two(roll.pick("change"), roll.amount(receipt.paid - receipt.total))
    else:
        roll.two(roll.pick(rng.choice(["cash", "card"])), roll.amount(receipt.total))
    if rng.random() < 0.7:
        roll.gap()
        _taxes(roll)
    roll.gap()
    if not above:
        roll.line(f"{written} {receipt.time}", rng.choice(["left", "centre"]), show={"date": written})
    for text in rng.sample(roll.words["footer"], rng.choice([1, 2])):
        roll.line(text, "centre")
    roll.sheet.height = roll.y + 16
    return roll.sheet
