"""From a trade document's content to its page and the truth of what stands there."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from pipeline.learn.factory.blocks import Page
from pipeline.learn.factory.layouts import LAYOUTS
from pipeline.learn.factory.records import Made, Party, Trade
from pipeline.learn.factory.sheet import Sheet
from pipeline.learn.factory.style import make_style
from pipeline.learn.factory.trade import make_trade, seeded
from pipeline.learn.factory.vocabulary import vocabulary

#: the kinds that look like an invoice; all but the first two are of type "other"
TRADE_KINDS = ("invoice", "credit_note", "delivery_note", "order", "quote", "reminder", "confirmation")


def plain(value: Decimal) -> str:
    """The normal form of a number: decimal point, no needless zeros beyond cents."""
    return f"{value:.2f}"


def _quantity(value: Decimal) -> str:
    return f"{value.normalize():f}" if value != value.to_integral() else f"{value:.0f}"


def _address(party: Party, language: str) -> str:
    if language == "en":
        return f"{party.street}, {party.city}, {party.postcode}"
    return party.address


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
        "seller_address": _address(trade.seller, trade.language),
        "buyer_name": trade.buyer.name,
        "buyer_vat_id": trade.buyer.vat_id,
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
    }


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
        rows.append({name: value for name, value in row.items() if name in shown})
    return rows


def make_invoice(
    seed: int | str, kind: str = "invoice", language: str = "cs", layout: str | None = None, lines: int | None = None
) -> Made:
    """Make one trade document.

    Args:
        seed: Decides everything that is not said by the other arguments.
        kind: One of `TRADE_KINDS`.
        language: ``cs``, ``de``, ``en`` or ``fr``.
        layout: One of `LAYOUTS`; by default drawn.
        lines: The number of rows; by default drawn.

    Raises:
        MissingTool: a font is not installed.
    """
    return render(*draft(seed, kind, language, layout, lines))


def draft(
    seed: int | str, kind: str, language: str, layout: str | None = None, lines: int | None = None
) -> tuple[str, Trade, str, int | str]:
    """The content of a trade document, before it is drawn: id, content, layout and seed."""
    rng = seeded("trade", seed, kind, language)
    trade = make_trade(rng, kind, language, lines)
    layout = layout or rng.choice(sorted(LAYOUTS))
    return f"{kind}-{language}-{layout}-{seed}", trade, layout, seed


def render(name: str, trade: Trade, layout: str, seed: int | str) -> Made:
    """Draw ``trade`` in ``layout``, in the style that ``seed`` decides."""
    rng = seeded("style", seed, trade.kind, trade.language, layout)
    style = make_style(rng, trade.language, trade.kind)
    title = rng.choice(vocabulary(trade.language)["titles"][trade.kind])
    if layout == "ledger":
        style = replace(style, family="mono", points=8.0)
    if trade.kind not in ("invoice", "credit_note", "reminder"):
        style = replace(style, show=style.show - {"due_date", "delivery_date", "iban", "bic", "variable_symbol"})
    style = replace(style, labels={**style.labels, "title": title})
    page = Page(Sheet(family=style.family, points=style.points), trade, style)
    LAYOUTS[layout](page)
    shown = {*page.sheet.boxes, "currency"}
    fields = {field: value for field, value in _values(trade).items() if field in shown}
    kind = trade.kind if trade.kind in ("invoice", "credit_note") else "other"
    if kind == "other":
        return Made(name, kind, trade.language, layout, page.sheet, title, {}, [])
    items = _line_items(trade, page.columns, page.style.unit_beside)
    return Made(name, kind, trade.language, layout, page.sheet, title, fields, items)
