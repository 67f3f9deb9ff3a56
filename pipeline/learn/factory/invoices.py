"""From a trade document's content to its page and the truth of what stands there."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from pipeline.learn.factory.blocks import PAPER_KINDS, Page
from pipeline.learn.factory.extras import dress, enrich, finish
from pipeline.learn.factory.held_out import HELD_OUT_LAYOUTS, SIZES
from pipeline.learn.factory.layouts import LAYOUTS
from pipeline.learn.factory.records import Made, Trade
from pipeline.learn.factory.sheet import A4, Sheet
from pipeline.learn.factory.strangers import STRANGE_LAYOUTS, estrange
from pipeline.learn.factory.style import Style, make_style
from pipeline.learn.factory.trade import make_trade, seeded
from pipeline.learn.factory.vocabulary import vocabulary

#: the kinds that look like an invoice
TRADE_KINDS = (
    "invoice", "credit_note", "invoice_issued", "delivery_note", "order", "quote", "reminder", "confirmation",
)  # fmt: skip
#: the types of those that have one
_TYPES = {
    "invoice": "invoice", "credit_note": "credit_note", "order": "purchase_order", "delivery_note": "delivery_note",
}  # fmt: skip
_FULL = {"sidebar", "landscape", "ribbon"}  # layouts that leave no room below
_PARTY = ("name", "vat_id", "tax_number", "address")
_GOODS = ("issue_date", "delivery_date")
#: what the fields of an invoice are called on a paper of another type: on an order the one who sends it buys
_RENAMED = {
    "order": {
        **{name: name for name in (*_GOODS, "net_total", "tax_total", "gross_total", "payment_terms", "currency")},
        **{f"seller_{part}": f"buyer_{part}" for part in _PARTY},
        **{f"buyer_{part}": f"seller_{part}" for part in _PARTY},
        "invoice_number": "order_number",
    },
    "delivery_note": {
        **{name: name for name in (*_GOODS, "order_number", "packages", "gross_weight")},
        **{name: name for name in ("buyer_name", "buyer_vat_id", "buyer_address")},
        **{f"seller_{part}": f"seller_{part}" for part in _PARTY},
        "invoice_number": "delivery_note_number",
    },
}


def plain(value: Decimal) -> str:
    """The normal form of a number: decimal point, no needless zeros beyond cents."""
    return f"{value:.2f}"


def _quantity(value: Decimal) -> str:
    return f"{value.normalize():f}" if value != value.to_integral() else f"{value:.0f}"


def _values(trade: Trade) -> dict[str, str]:
    """Every field's normal form; the page decides which of them count."""
    return {
        "invoice_number": trade.number,
        "issue_date": trade.issue_date.isoformat(),
        "due_date": trade.due_date.isoformat(),
        "delivery_date": trade.delivery_date.isoformat(),
        "seller_name": trade.seller.name,
        "seller_vat_id": trade.seller.vat_id,
        "seller_tax_number": trade.seller.tax_number,
        "seller_address": ", ".join(trade.seller.lines(trade.language)),
        "buyer_name": trade.buyer.name,
        "buyer_vat_id": trade.buyer.vat_id,
        "buyer_tax_number": trade.buyer.tax_number,
        "buyer_address": ", ".join(trade.buyer.lines(trade.language)),
        "buyer_reference": trade.buyer_reference,
        "order_number": trade.order_number,
        "currency": trade.currency,
        "net_total": plain(trade.net_total),
        "tax_total": plain(trade.tax_total),
        "gross_total": plain(trade.gross_total),
        "amount_due": plain(trade.amount_due),
        "iban": trade.account.iban,
        "bic": trade.account.bic,
        "payment_terms": trade.payment_terms,
        "variable_symbol": trade.variable_symbol,
        "packages": str(trade.packages),
        "gross_weight": _quantity(trade.gross_weight),
    }


_INVOICE = {name: name for name in (
    "invoice_number", "issue_date", "due_date", "delivery_date", "seller_name", "seller_vat_id", "seller_tax_number",
    "seller_address", "buyer_name", "buyer_vat_id", "buyer_reference", "order_number", "currency", "net_total",
    "tax_total", "gross_total", "amount_due", "iban", "bic", "payment_terms", "variable_symbol",
)}  # fmt: skip


def _line_items(trade: Trade, columns: tuple[str, ...], unit_beside: bool) -> list[dict[str, str]]:
    shown = set(columns) | ({"unit"} if unit_beside else set())
    rows = []
    for line in trade.lines:
        row = {
            "description": line.description,
            "quantity": _quantity(line.quantity),
            "unit": line.unit,
            "unit_price": plain(line.unit_price),
            "net_amount": plain(line.net),
            "tax_rate": line.rate,
        }
        rows.append({name: value for name, value in row.items() if name in shown and value})
    return rows


def make_invoice(  # noqa: PLR0917 - what is made, from the most to the least often said
    seed: int | str,
    kind: str = "invoice",
    language: str = "cs",
    layout: str | None = None,
    lines: int | None = None,
    rich: bool = True,
) -> Made:
    """Make one trade document.

    Args:
        seed: Decides everything that is not said by the other arguments.
        kind: One of `TRADE_KINDS`.
        language: ``cs``, ``de``, ``en`` or ``fr``; for layouts of strangers also ``pl``, ``sk``, ``it``, ``es``, ``hu``
            or ``us``.
        layout: One of `LAYOUTS`, `HELD_OUT_LAYOUTS` or `STRANGE_LAYOUTS`; by default one of the first.
        lines: The number of rows; by default drawn.
        rich: Some have what only some senders have: discounts, details, other tax regimes, payment codes, stamps.

    Raises:
        MissingTool: a font is not installed.
    """
    name, trade, layout, _ = draft(seed, kind, language, layout, lines)
    trade = enrich(seeded("rich", seed, kind, language), trade) if rich else trade
    made = render(name, trade, layout, seed, rich=rich)
    if kind == "invoice_issued":
        return replace(made, type=kind, ours=trade.seller)
    return replace(made, ours=trade.buyer) if kind in ("invoice", "credit_note") else made


def draft(
    seed: int | str, kind: str, language: str, layout: str | None = None, lines: int | None = None
) -> tuple[str, Trade, str, int | str]:
    """The content of a trade document, before it is drawn: id, content, layout and seed."""
    rng = seeded("trade", seed, kind, language)
    trade = make_trade(rng, "invoice" if kind == "invoice_issued" else kind, language, lines)
    layout = layout or rng.choice(sorted(LAYOUTS))
    return f"{kind}-{language}-{layout}-{seed}", trade, layout, seed


def render(name: str, trade: Trade, layout: str, seed: int | str, *, rich: bool = False) -> Made:
    """Draw ``trade`` in ``layout``, in the style that ``seed`` decides; if ``rich``, with codes and stamps."""
    rng = seeded("style", seed, trade.kind, trade.language, layout)
    style = make_style(rng, trade.language, trade.kind)
    title = rng.choice(vocabulary(trade.language)["titles"][trade.kind])
    if layout == "ledger":
        style = replace(style, family="mono", points=8.0)
    if trade.kind not in ("invoice", "credit_note", "reminder"):
        style = replace(style, show=style.show - _UNPAID)
    if trade.kind in PAPER_KINDS:
        trade, style = _paper(seeded("paper", seed, trade.kind, trade.language, layout), trade, style)
    style = dress(trade, replace(style, labels={**style.labels, "title": title}))
    if layout in STRANGE_LAYOUTS:
        style = estrange(seeded("strange", seed, trade.kind, trade.language, layout), trade, style, layout)
    sheet = Sheet(SIZES.get(layout, A4), style.family, style.points)
    page = Page(sheet, trade, style)
    {**LAYOUTS, **HELD_OUT_LAYOUTS, **STRANGE_LAYOUTS}[layout](page)
    if rich and layout not in _FULL:
        finish(seeded("finish", seed, trade.kind, trade.language, layout), page)
    kind = _TYPES.get(trade.kind, "other")
    if kind == "other":
        return Made(name, kind, trade.language, layout, sheet, title, {}, [])
    names = _RENAMED.get(trade.kind, _INVOICE)
    shown = {*sheet.boxes, *({"currency"} & set(names))}
    fields = {names[field]: value for field, value in _values(trade).items() if field in shown and field in names}
    sheet.rename(names)
    items = _line_items(trade, page.columns, page.style.unit_beside)
    return Made(name, kind, trade.language, layout, sheet, title, fields, items)


#: what papers that nobody pays by do not print
_UNPAID = {"due_date", "delivery_date", "iban", "bic", "variable_symbol", "local_account", "payment_method"}


def _paper(rng: Random, trade: Trade, style: Style) -> tuple[Trade, Style]:
    """An order or a delivery note: its own labels, days and closing words, and what it says of parcels."""
    words = vocabulary(trade.language)["papers"][trade.kind]
    labels = {name: rng.choice(words[name]) for name in words if name not in ("closing", "prose")}
    printed = {"delivery_date": 0.75} if trade.kind == "order" else {
        "delivery_date": 0.5, "packages": 0.5, "gross_weight": 0.5, "order_number": 0.7,
    }  # fmt: skip
    totals = [
        one for one in vocabulary(trade.language)["labels"]["gross_total"] if not re.search("nvoice|echnung", one)
    ]
    labels["gross_total"] = rng.choice(totals)
    show = style.show - {"order_number", "amount_due"} | {
        name for name, chance in printed.items() if rng.random() < chance
    }
    ahead = rng.randrange(2, 45) if trade.kind == "order" else rng.randrange(0, 4)
    trade = replace(
        trade,
        delivery_date=trade.issue_date + timedelta(days=ahead),
        closing=rng.choice(words["closing"]),
        rounding=Decimal(0),
        packages=rng.randrange(1, 25),
        gross_weight=Decimal(rng.randrange(5, 9000)) / 10,
    )
    return trade, replace(style, labels={**style.labels, **labels}, show=frozenset(show))
