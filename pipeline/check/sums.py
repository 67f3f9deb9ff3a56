"""Does the arithmetic tie out: totals, and line items?"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from models.messages import say
from models.records import Finding, LineItem
from pipeline.check.facts import Check, Facts, decimal, error, info, warning

_CENT = Decimal("0.01")
_CASH = {"CZK": Decimal("0.50"), "SEK": Decimal("0.50"), "NOK": Decimal("0.50"), "CHF": Decimal("0.05")}
"""How far cash totals are rounded, by currency (Czech VAT act 235/2004 Sb., § 37: to whole crowns)."""
_HIGHEST_RATE = Decimal("0.27")  # of the EU's VAT rates: Hungary


def _rates(facts: Facts) -> int:
    """How many tax rates the lines have; each may be rounded on its own (EN 16931-1, BR-CO-14)."""
    return max(1, len({item.tax_rate for item in facts.line_items if item.tax_rate}))


def totals(facts: Facts) -> Iterator[Finding]:
    """Net and tax make gross; tax is no more than the highest rate; what is due is no more than gross."""
    net, tax, gross, due = (facts.amount(name) for name in ("net_total", "tax_total", "gross_total", "amount_due"))
    rounding = _CASH.get(facts.text("currency"), Decimal(0))
    if net is not None and tax is not None and gross is not None:
        away = abs(net + tax - gross)
        names = ("net_total", "tax_total", "gross_total")
        if away > _CENT * _rates(facts):
            if away <= rounding and gross == gross.quantize(Decimal(1) if rounding == Decimal("0.50") else rounding):
                yield info(
                    "cash-rounding",
                    say("The total is rounded by {rounding}, as cash payments are.", rounding=gross - net - tax),
                    *names,
                )
            else:
                yield error(
                    "totals-differ",
                    say(
                        "Net total {net} and tax {tax} make {sum}, but the gross total is {gross}.",
                        net=net,
                        tax=tax,
                        sum=net + tax,
                        gross=gross,
                    ),
                    *names,
                )
    if net is not None and tax is not None:
        if abs(tax) > abs(net) * _HIGHEST_RATE + _CENT * _rates(facts):
            yield warning(
                "tax-too-high",
                say("Tax of {tax} is more than 27 % of {net}, the highest rate.", tax=tax, net=net),
                "tax_total",
            )
        elif net * tax < 0:
            yield warning(
                "tax-sign",
                say("Net total {net} and tax {tax} have different signs.", net=net, tax=tax),
                "net_total",
                "tax_total",
            )
    if due is not None and gross is not None and gross >= 0 and due > gross + max(rounding, _CENT):
        yield warning(
            "due-above-total",
            say("The amount due {due} is more than the gross total {gross}.", due=due, gross=gross),
            "amount_due",
            "gross_total",
        )


def _line(facts: Facts, number: int, item: LineItem) -> Iterator[Finding]:
    quantity, price, net = (decimal(value) for value in (item.quantity, item.unit_price, item.net_amount))
    if quantity is None or price is None or net is None:
        return
    # half a step of the printed price, for each unit, besides the rounding of the line itself
    exponent = price.as_tuple().exponent
    step = Decimal(1).scaleb(exponent) if isinstance(exponent, int) else _CENT
    if abs(abs(quantity * price) - abs(net)) > _CENT + abs(quantity) * step / 2:
        message = say(
            "Line {number}: {quantity} × {price} is {product}, but its net amount is {net}.",
            number=number,
            quantity=quantity,
            price=price,
            product=quantity * price,
            net=net,
        )
        # in the XML a discount of the line explains it, which we do not read; on a page it is rather misread
        yield (info if facts.lines_from_xml else warning)("line-amount", message, "line_items")


def line_items(facts: Facts) -> Iterator[Finding]:
    """Quantity times price makes a line's amount, and the lines make the net total."""
    for number, item in enumerate(facts.line_items, start=1):
        yield from _line(facts, number, item)
    amounts = [decimal(item.net_amount) for item in facts.line_items]
    net, gross = facts.amount("net_total"), facts.amount("gross_total")
    known = [amount for amount in amounts if amount is not None]
    if net is None or not known or len(known) < len(amounts):
        return
    total, tolerance = sum(known, Decimal(0)), _CENT * max(len(known), _rates(facts))
    if abs(abs(total) - abs(net)) <= tolerance:
        return
    if gross is not None and abs(abs(total) - abs(gross)) <= tolerance:
        yield info(
            "lines-with-tax",
            say("The line items add up to the gross total {gross}: they include tax.", gross=gross),
            "line_items",
        )
        return
    message = say("The line items add up to {total}, but the net total is {net}.", total=total, net=net)
    # discounts and charges on the whole invoice are no line items (EN 16931-1, BG-20 and BG-21)
    yield (info if facts.lines_from_xml else warning)("lines-differ", message, "line_items", "net_total")


CHECKS: dict[str, Check] = {"totals": totals, "line_items": line_items}
