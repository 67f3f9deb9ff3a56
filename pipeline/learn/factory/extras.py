"""What only some senders have: discounts, details below a row, long descriptions, other tax regimes, stamps, codes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

from pipeline.learn.factory.blocks import Page
from pipeline.learn.factory.fonts import width
from pipeline.learn.factory.records import Line, Tax, Trade
from pipeline.learn.factory.style import Style
from pipeline.learn.factory.trade import cents
from pipeline.learn.factory.vocabulary import vocabulary

_CODE_SIDE = 78.0
_ROOM = 700.0  # below this height nothing more is put on a page


def enrich(rng: Random, trade: Trade) -> Trade:
    """``trade`` with some of the extras in its content; sums and taxes are right again."""
    words: dict[str, Any] = vocabulary(trade.language)["extras"]
    lines = list(trade.lines)
    if rng.random() < 0.3:
        lines = [_long(rng, words, line) if rng.random() < 0.5 else line for line in lines]
    if rng.random() < 0.3:
        lines = [replace(line, details=_details(rng, words)) if rng.random() < 0.6 else line for line in lines]
    if rng.random() < 0.15:
        percent = Decimal(rng.choice([3, 5, 10, 15, 20]))
        lines = [_discounted(line, percent) if rng.random() < 0.7 else line for line in lines]
    closing = trade.closing
    regime = rng.choices(("", "third rate", "reverse", "exempt"), (72, 8, 10, 10))[0]
    if trade.kind not in ("invoice", "credit_note"):
        regime = ""
    if regime == "third rate":
        lines = [replace(line, rate="0") if rng.random() < 0.4 else line for line in lines]
    elif regime:
        lines = [replace(line, rate="0") for line in lines]
        closing = f"{rng.choice(words[regime])} {closing}"
    if rng.random() < 0.15 and trade.kind != "delivery_note":
        lines.append(_reduction(rng, words, lines))
    if lines == list(trade.lines):
        return trade
    bases: dict[str, Decimal] = {}
    for line in lines:
        bases[line.rate] = bases.get(line.rate, Decimal(0)) + line.net
    taxes = tuple(Tax(rate, base, cents(base * Decimal(rate) / 100)) for rate, base in sorted(bases.items()))
    gross = sum((tax.base + tax.tax for tax in taxes), Decimal(0))
    rounding = gross.quantize(Decimal(1), "ROUND_HALF_UP") - gross if trade.rounding else Decimal(0)
    prepaid = cents(gross * Decimal("0.3")) if trade.prepaid else Decimal(0)
    return replace(
        trade, lines=tuple(lines), taxes=taxes, rounding=rounding, prepaid=prepaid, closing=closing, regime=regime
    )


def _long(rng: Random, words: dict[str, Any], line: Line) -> Line:
    """A description that goes on for more than a line."""
    more = " ".join(rng.sample(words["more"], rng.choice([1, 2, 2])))
    return replace(line, description=f"{line.description}{rng.choice([' – ', ', ', ' '])}{more}")


def _details(rng: Random, words: dict[str, Any]) -> tuple[str, ...]:
    count = rng.choice([1, 1, 2])
    return tuple(text.format(number=rng.randrange(1000, 999999)) for text in rng.sample(words["details"], count))


def _discounted(line: Line, percent: Decimal) -> Line:
    net = cents(line.quantity * line.unit_price * (100 - percent) / 100)
    return replace(line, net=net, discount=f"{percent}")


def _reduction(rng: Random, words: dict[str, Any], lines: list[Line]) -> Line:
    """A row that takes something off the largest group of the others."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.rate] = sums.get(line.rate, Decimal(0)) + line.net
    rate, total = max(sums.items(), key=lambda item: abs(item[1]))
    percent = Decimal(rng.choice([2, 3, 5, 10]))
    off = -cents(total * percent / 100)
    text = rng.choice(words["reduction"]).format(percent=percent)
    return Line("", text, Decimal(1), "", off, off, rate)


def dress(trade: Trade, style: Style) -> Style:
    """The style in which a trade of another tax regime is printed."""
    if trade.regime == "exempt":  # who charges no tax states no net and no rates
        columns = tuple(column for column in style.columns if column not in ("tax_rate", "gross_amount"))
        show = style.show - {"net_total", "tax_total", "tax_recap", "seller_vat_id"} | {"closing"}
        return replace(style, columns=columns, show=show)
    if trade.regime == "reverse":
        return replace(style, show=style.show | {"closing", "buyer_vat_id", "seller_vat_id"})
    return style


# -- on the finished page ---------------------------------------------------------------------------


def payment_code(rng: Random, trade: Trade, printed: Collection[str]) -> str:
    """What the payment code says: QR Platba (now and then with the invoice in it) or a SEPA transfer; empty for others.

    It says nothing that is not among the ``printed`` fields, so that the truth of the page is that of the document.
    Short Payment Descriptor 1.0 and QR Faktura 1.0 of the Czech Banking Association; EPC069-12, version 2.1.
    """
    if trade.amount_due <= 0 or not {"iban", "amount_due"} <= set(printed):
        return ""
    bic = trade.account.bic if "bic" in printed else ""
    if trade.language == "cs" and {"due_date", "variable_symbol"} <= set(printed):
        parts = [f"ACC:{trade.account.iban}{'+' if bic else ''}{bic}", f"AM:{trade.amount_due:.2f}"]
        parts += [f"CC:{trade.currency}", f"DT:{trade.due_date:%Y%m%d}", f"X-VS:{trade.variable_symbol}"]
        if rng.random() < 0.5:
            parts.append(f"MSG:FAKTURA {trade.number}")
        if rng.random() < 0.4 and {"delivery_date", "seller_vat_id", "seller_tax_number"} <= set(printed):
            invoice = (
                f"SID*1.0*ID:{trade.number}*DD:{trade.issue_date:%Y%m%d}*VII:{trade.seller.vat_id}"
                f"*INI:{trade.seller.tax_number}*DUZP:{trade.delivery_date:%Y%m%d}*"
            )
            parts.append("X-INV:" + invoice.replace("*", "%2A"))
        return "SPD*1.0*" + "*".join(parts)
    if trade.currency == "EUR" and trade.language in ("de", "fr"):
        name, reference = trade.seller.name[:70], rng.choice([trade.number, f"RE {trade.number}"])
        amount = f"EUR{trade.amount_due:.2f}"
        return "\n".join(["BCD", "002", "1", "SCT", bic, name, trade.account.iban, amount, "", "", reference])
    return ""


def finish(rng: Random, page: Page) -> None:
    """Put a code, a stamp and a signature below what stands on the last page, where there is room."""
    sheet, trade = page.sheet, page.trade
    words: dict[str, Any] = vocabulary(trade.language)["extras"]
    low, left = sheet.low + 24, 52.0
    code = payment_code(rng, trade, sheet.places) if trade.kind == "invoice" and rng.random() < 0.6 else ""
    if code and low + _CODE_SIDE < _ROOM:
        left = rng.choice([52.0, 52.0, 440.0])
        sheet.code(left, low, _CODE_SIDE, code)
        sheet.text(left, low + _CODE_SIDE + 9, rng.choice(words["code"]), size=7.5)
    if rng.random() < 0.25 and low + 40 < _ROOM:
        _stamp(rng, page, 300.0 if left < 200 else 80.0, low + 20)


def _stamp(rng: Random, page: Page, x: float, y: float) -> None:
    """The sender's stamp in a frame, and a signature across it."""
    sheet, seller = page.sheet, page.trade.seller
    colour = rng.choice(["#2b3a8c", "#7a1f2b", "#3a3a3a", "#2b6b4a"])
    lines = [seller.name, seller.street, f"{seller.postcode} {seller.city}"]
    long = max(width(line, sheet.family, 7.5, bool(not row)) for row, line in enumerate(lines)) + 14
    sheet.box(x, y - 12, x + long, y + 30, line=colour, thick=1.2, corner=rng.choice([0, 3, 8]))
    for row, line in enumerate(lines):
        sheet.text(x + long / 2, y + 11 * row, line, size=7.5, bold=not row, align="centre", colour=colour)
    points, at = [(x + 10, y + 14)], x + 10
    for _ in range(12):
        at += rng.uniform(3, 9)
        points.append((at, y + rng.uniform(-2, 30)))
    sheet.curve(points, rng.choice([0.8, 1.2]))
