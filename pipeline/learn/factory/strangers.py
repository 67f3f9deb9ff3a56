"""Strangers: layouts, wordings and habits of senders that nothing is trained on, to measure what happens with them.

Their errors were looked at while developing, so figures on them are a little kind. Languages beside the four of the
other layouts are printed in their countries' ways: tax amounts a row, two lines a row, prices with tax in them,
meters, sales tax, amounts in brackets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from random import Random

from pipeline.learn.factory.blocks import UNPRICED_KINDS, Page, Pair
from pipeline.learn.factory.fonts import width
from pipeline.learn.factory.records import Trade
from pipeline.learn.factory.style import Style
from pipeline.learn.factory.vocabulary import vocabulary

STRANGE_LANGUAGES = ("pl", "sk", "it", "es", "hu", "us", "fr", "cs", "de", "en")
_LEFT, _RIGHT = 42.0, 553.0
_WIDE = _RIGHT - _LEFT
#: what the older vocabularies do not have
_MORE = {
    "cs": ("Místo dodání", "Hodiny", "Datum", "včetně DPH", "Stav minulý|Stav nový|Spotřeba|Měřidlo", "Sleva"),
    "de": ("Lieferanschrift", "Stunden", "Datum", "inkl. MwSt.", "Stand alt|Stand neu|Verbrauch|Zähler", "Rabatt"),
    "en": ("Deliver to", "Hours", "Date", "incl. VAT", "Previous reading|Present reading|Units|Meter", "Discount"),
    "fr": ("Adresse de livraison", "Heures", "Date", "TTC", "Ancien index|Nouvel index|Conso|Compteur", "Remise"),
}


def _word(language: str, name: str) -> str:
    """A word that only strangers print; ``meter`` is four of them."""
    own = vocabulary(language).get("stranger")
    if own:
        word = own[name]
        return "|".join(word[1:] + word[:1]) if name == "meter" else word if isinstance(word, str) else word[0]
    return _MORE[language][("ship", "hours", "day", "including", "meter", "discount").index(name)]


def estrange(rng: Random, trade: Trade, style: Style, layout: str) -> Style:
    """The style of a stranger: separators, brackets and ids as they are written abroad, and the layout's columns."""
    tax_amount = vocabulary(style.language)["columns"].get("tax_amount", [style.labels["tax_total"]])
    style = replace(
        style,
        headings={**style.headings, "tax_amount": rng.choice(tax_amount)},
        brackets=trade.net_total < 0 and rng.random() < 0.7,
        bare_ids=style.language in ("pl", "it", "es") and rng.random() < 0.5,
        columns=_COLUMNS.get(layout, style.columns),
    )
    if style.language in ("de", "fr", "it", "en") and rng.random() < 0.15:
        style = replace(style, thousands="'" if style.language in ("de", "it") else "\u202f")
        style = replace(style, decimal="." if style.thousands == "'" else style.decimal)
    if layout in ("pairs", "hours", "folio"):
        style = replace(style, unit_beside=False)
    if style.language == "us":
        style = replace(style, show=style.show - {"iban", "bic", "seller_vat_id", "buyer_vat_id", "local_account"})
    if (style.money == "bare" and "net_amount" not in _COLUMNS.get(layout, ())) or layout in ("pairs", "hours"):
        style = replace(style, money="code")  # the currency stands somewhere
    if style.language in ("it", "es") and not style.bare_ids:
        style = replace(style, show=style.show - {"seller_tax_number"})
    return style


_COLUMNS = {
    "ribbon": ("position", "description", "quantity", "unit", "unit_price", "net_amount", "tax_rate", "tax_amount",
               "gross_amount"),
    "folio": ("description", "quantity", "tax_rate"),
    "pairs": ("code", "description", "quantity", "unit", "unit_price", "tax_rate", "net_amount"),
    "hours": ("description", "quantity", "unit_price", "net_amount"),
    "american": ("quantity", "code", "description", "unit_price", "net_amount"),
}  # fmt: skip


def _fitting(page: Page, text: str, across: float, size: float, bold: bool = False) -> float:
    """The size at which ``text`` fits ``across`` points."""
    return size * min(1.0, across / max(1.0, width(text, page.style.family, size, bold)))


def _boxes(page: Page, y: float, pairs: list[Pair], fill: str) -> float:
    """A ribbon of boxes, the label small above the value; returns the y below."""
    for start in range(0, len(pairs), 5):
        row = pairs[start : start + 5]
        wide = _WIDE / len(row)
        for place, (name, label, value) in enumerate(row):
            x = _LEFT + place * wide
            page.sheet.box(x, y, x + wide, y + 30, fill=fill, line="#ffffff", thick=1.5)
            page.sheet.text(x + 5, y + 10, label, size=_fitting(page, label, wide - 9, 7), colour="#555555")
            page.sheet.text(x + 5, y + 23, value, size=_fitting(page, value, wide - 9, page.style.points), show=name)
        y += 30
    return y


def ribbon(page: Page) -> None:
    """Data in a ribbon of boxes, tax a row, the totals in a box at the left, the seller at the foot and right."""
    sheet, style = page.sheet, page.style
    page.bottom = 690.0
    sheet.text(_RIGHT, 60, page.title, size=_fitting(page, page.title, 250, 20, True), bold=True, align="right",
               colour=style.accent)  # fmt: skip
    y = page.party(_LEFT, 66, "buyer", across=230)
    y = _boxes(page, max(y + 14, 150), page.head(), "#e9edf2")
    size = style.points
    sheet.points = page.step / 1.42 - 1.5
    object.__setattr__(style, "points", sheet.points)
    y = page.table(_LEFT, y + 14, _WIDE, "lines")
    object.__setattr__(style, "points", size)
    sheet.points = size
    y = page.ensure(y + 20, 150)
    sheet.box(_LEFT, y - 13, _LEFT + 245, y + 13.5 * len(page.sums()) + 8, fill="#f4f4f4", line="")
    page.totals(_LEFT + 8, y, 228)
    if "tax_recap" in style.show:
        page.recap(320, y, _RIGHT - 320)
    sheet.rule(_LEFT, 712, _RIGHT, 712, 0.5)
    page.pairs(_LEFT, 728, page.payment(), "inline", 250)
    page.party(340, 728, "seller", label=style.colon, across=_RIGHT - 340)
    page.numbered(_RIGHT, 700, size=7)


def pairs(page: Page) -> None:
    """Every row in two lines: code and description, and the numbers below them."""
    sheet, style, trade = page.sheet, page.style, page.trade
    end = page.party(_LEFT, 60, "seller", label=False, name_size=13)
    if "phone" in style.show:
        sheet.text(_LEFT, end, f"{style.labels['phone']} {trade.seller.phone}   {trade.seller.email}", size=7.5)
    low = page.party(330, 60, "buyer", across=220)
    y = max(end, low) + 26
    sheet.text(_LEFT, y, f"{page.title} {trade.number}", size=15, bold=True, show=page.number)
    y = page.pairs(_LEFT, y + 22, page.head()[1:], "beside", 290) + 12
    unpriced = trade.kind in UNPRICED_KINDS
    columns = [
        c for c in style.columns if c not in ("code", "description") and (c in ("quantity", "unit") or not unpriced)
    ]
    page.columns = ("description", *columns)
    edges = {name: _RIGHT - (len(columns) - 1 - place) * 78 for place, name in enumerate(columns)}
    y = _pair_heading(page, y, columns, edges)
    for number, line in enumerate(trade.lines, 1):
        texts = sheet.wrap(line.description, _WIDE - 70)
        if y + (len(texts) + 1) * page.step + 6 > page.bottom:
            sheet.new_page()
            y = _pair_heading(page, 70, columns, edges)
        y += page.step
        sheet.text(_LEFT, y, line.code)
        for text in texts:
            sheet.text(_LEFT + 62, y, text, bold=number % 2 == 0 and style.colon)
            y += page.step
        for name in columns:
            sheet.text(edges[name], y, page.cell(name, line, number), align="right")
        y += 4
    sheet.rule(_LEFT, y + 3, _RIGHT, y + 3, 0.8)
    y = page.totals(300, page.ensure(y + 24, 130), _RIGHT - 300)
    y = page.pairs(_LEFT, page.ensure(y + 14, 80), page.payment(), "inline", _WIDE)
    if "closing" in style.show:
        sheet.paragraph(_LEFT, y + 12, trade.closing, _WIDE)
    page.numbered(_RIGHT, 820, size=7)


def _pair_heading(page: Page, y: float, columns: list[str], edges: dict[str, float]) -> float:
    style, sheet = page.style, page.sheet
    sheet.rule(_LEFT, y, _RIGHT, y, 0.8)
    y += page.step
    sheet.text(_LEFT, y, style.headings["code"], bold=True)
    sheet.text(_LEFT + 62, y, style.headings["description"], bold=True)
    y += page.step
    for name in columns:
        heading = style.headings[name]
        sheet.text(edges[name], y, heading, bold=True, align="right", size=_fitting(page, heading, 72, style.points))
    sheet.rule(_LEFT, y + 5, _RIGHT, y + 5, 0.8)
    return y + 6


def hours(page: Page) -> None:
    """A service's invoice: days, what was done, hours and rate; seller at the right without a label, data in lines."""
    sheet, style, trade = page.sheet, page.style, page.trade
    sheet.text(_LEFT, 70, page.title, size=24, colour=style.accent)
    top = page.party(370, 60, "seller", label=False, ids=False, across=_RIGHT - 370)
    y = page.pairs(_LEFT, 100, page.head(), "inline", 300)
    y = page.party(_LEFT, max(y, top) + 16, "buyer", across=300)
    names = ["description", "quantity"] if trade.kind in UNPRICED_KINDS else list(style.columns)
    page.columns = tuple(names)
    heads = {**style.headings, "quantity": _word(style.language, "hours")}
    edges = {"quantity": 390.0, "unit_price": 465.0, "net_amount": _RIGHT}
    y += 24
    sheet.box(_LEFT, y - 12, _RIGHT, y + 6, fill=style.accent, line="")
    sheet.text(_LEFT + 4, y, _word(style.language, "day"), bold=True, colour="#ffffff")
    sheet.text(_LEFT + 76, y, heads["description"], bold=True, colour="#ffffff")
    for name in names[1:]:
        size = _fitting(page, heads[name], 70, style.points, True)
        sheet.text(edges[name] - 4, y, heads[name], bold=True, align="right", colour="#ffffff", size=size)
    y += 6
    for number, line in enumerate(trade.lines, 1):
        texts = sheet.wrap(line.description, 250)
        if y + len(texts) * page.step + 6 > page.bottom:
            sheet.new_page()
            y = 60
        y += page.step + 2
        day = style.date(trade.delivery_date)
        size = _fitting(page, day, 68, style.points)
        sheet.text(_LEFT + 4, y, day, size=size)
        for name in names[1:]:
            sheet.text(edges[name] - 4, y, page.cell(name, line, number).removesuffix(f" {line.unit}"), align="right")
        for extra, text in enumerate(texts):
            sheet.text(_LEFT + 76, y + extra * page.step, text)
        y += (len(texts) - 1) * page.step
    sheet.rule(_LEFT, y + 7, _RIGHT, y + 7, 0.8, style.accent)
    y = page.totals(330, page.ensure(y + 26, 130), _RIGHT - 334)
    y = page.pairs(_LEFT, page.ensure(y + 16, 90), page.payment(), "beside", 330)
    foot = "   ".join(f"{name} {value}" for _, name, value in page.ids("seller"))
    sheet.text(_LEFT, y + 16, foot, size=7.5, show={field: value for field, _, value in page.ids("seller")})
    page.numbered(_RIGHT, 820, size=7)


def meter(page: Page) -> None:
    """A utility's bill: readings of a meter, charges, what was paid in advance; labels above values in two columns."""
    sheet, style, trade = page.sheet, page.style, page.trade
    y = page.party(_LEFT, 56, "seller", label=False, across=260, name_size=12)
    page.party(340, 100, "buyer", label=False, across=210, ids="buyer_vat_id" in style.show)
    sheet.text(_LEFT, max(y + 22, 200), page.title, size=16, bold=True, colour=style.accent)
    y = max(y + 22, 200) + 20
    head = page.head()
    for place, (name, label, value) in enumerate(head):
        x = _LEFT + (place % 2) * 250
        sheet.text(x, y, label, size=style.points - 1.5, colour="#555555")
        sheet.text(x, y + page.step, value, bold=True, show=name)
        if place % 2 or place == len(head) - 1:
            y += page.step * 2.4
    if trade.kind not in UNPRICED_KINDS:
        old, new, used, which = _word(style.language, "meter").split("|")
        serial = int("".join(c for c in trade.customer_number if c.isdigit()) or 7)
        first, usage = 1000 + serial % 50000, 40 + serial % 900
        for place, label in enumerate((which, old, new, used)):
            sheet.text(_LEFT + place * 120, y + 6, label, size=7.5, colour="#555555")
        for place, text in enumerate((f"EL{serial}", f"{first}", f"{first + usage}", f"{usage} kWh")):
            sheet.text(_LEFT + place * 120, y + 6 + page.step, text)
        y += page.step * 2 + 14
    y = page.table(_LEFT, y, _WIDE, "header")
    y = page.totals(_LEFT + 150, page.ensure(y + 22, 130), _WIDE - 150, fill="#dfe8e0")
    if "tax_recap" in style.show:
        y = page.recap(_LEFT, page.ensure(y + 12, 70), 300)
    y = page.pairs(_LEFT, page.ensure(y + 18, 70), page.payment(), "above", _WIDE)
    if "closing" in style.show:
        sheet.paragraph(_LEFT, y + 6, trade.closing, _WIDE)
    page.numbered(_RIGHT, 820, size=7)


def folio(page: Page) -> None:
    """A hotel's or a filling station's: prices with tax in them, the total first, the taxes out of it below."""
    sheet, style, trade = page.sheet, page.style, page.trade
    middle = sheet.width / 2
    sheet.text(middle, 56, trade.seller.name, size=_fitting(page, trade.seller.name, 460, 16, True), bold=True,
               align="centre", show="seller_name")  # fmt: skip
    y = page.party(_LEFT, 96, "buyer", across=230)
    end = page.pairs(330, 96, page.head(), "edge", _RIGHT - 330)
    sheet.text(_LEFT, max(y, end) + 22, page.title, size=14, bold=True)
    y = max(y, end) + 44
    unpriced = trade.kind in UNPRICED_KINDS
    page.columns = ("description", "quantity", *(() if unpriced else ("tax_rate",)))
    edges = {"quantity": 350.0, "tax_rate": 400.0, "unit_price": 478.0, "gross_amount": _RIGHT}
    names = ["quantity"] if unpriced else list(edges)
    sheet.text(_LEFT, y, _word(style.language, "day"), bold=True)
    sheet.text(_LEFT + 64, y, style.headings["description"], bold=True)
    for name in names:
        heading = style.headings[name]
        sheet.text(
            edges[name], y, heading, bold=True, align="right", size=_fitting(page, heading, 66, style.points, True)
        )
    sheet.rule(_LEFT, y + 4, _RIGHT, y + 4, 0.4)
    y += 3
    for number, line in enumerate(trade.lines, 1):
        factor = 1 + Decimal(line.rate) / 100
        texts = sheet.wrap(line.description, 225)
        if y + len(texts) * page.step > page.bottom:
            sheet.new_page()
            y = 60
        y += page.step
        sheet.text(_LEFT, y, style.date(trade.delivery_date) if len(style.date(trade.delivery_date)) < 13 else "")
        for name in names:
            text = style.amount((line.unit_price * factor).quantize(Decimal("0.01"))) if name == "unit_price" else ""
            sheet.text(
                edges[name], y, text or page.cell(name, line, number).removesuffix(f" {line.unit}"), align="right"
            )
        for extra, text in enumerate(texts):
            sheet.text(_LEFT + 64, y + extra * page.step, text)
        y += (len(texts) - 1) * page.step
    y = page.ensure(y + 10, 130)
    sheet.rule(_LEFT, y, _RIGHT, y, 0.8)
    kinds = {"gross_total": 0, "": 1, "tax_total": 3, "net_total": 2}
    sums = sorted(page.sums(), key=lambda pair: kinds.get(pair[0], 4))
    for name, label, value in sums:
        y += page.step * 1.15
        sheet.text(330, y, label + (":" if style.colon else ""), bold=name == "gross_total")
        sheet.text(_RIGHT, y, value, align="right", bold=name == "gross_total", show=name)
    if "tax_recap" in style.show and len(trade.taxes) > 1:
        page.recap(_LEFT, y - page.step * 3, 230)
    y = page.pairs(_LEFT, page.ensure(y + 26, 70), page.payment(), "beside", _WIDE)
    ids = page.ids("seller")
    address = ", ".join(trade.seller.lines(style.language))
    foot = ", ".join([trade.seller.name, address, *(f"{name}: {value}" for _, name, value in ids)])
    y += 18
    shown = {"seller_address": address, **{field: value for field, _, value in ids}}
    sheet.flow(_LEFT, y, foot, _WIDE, shown, size=7.5)
    page.numbered(_RIGHT, 820, size=7)


def american(page: Page) -> None:
    """The bookkeeping program's: bill-to and ship-to side by side in boxes, a strip of terms, totals in a ruled box."""
    sheet, style, trade = page.sheet, page.style, page.trade
    y = page.party(_LEFT, 60, "seller", label=False, ids=False, across=270, name_size=13)
    sheet.text(_LEFT, y, f"{trade.seller.phone}  {trade.seller.email}")
    sheet.text(_RIGHT, 62, page.title, size=_fitting(page, page.title, 200, 20, True), bold=True, align="right")
    head = page.head()
    for place, (name, label, value) in enumerate((head[1], head[0])):
        x = _RIGHT - 200 + place * 100
        sheet.box(x, 76, x + 100, 92)
        sheet.text(x + 50, 88, label, align="centre", size=_fitting(page, label, 94, style.points))
        sheet.box(x, 92, x + 100, 110)
        sheet.text(x + 50, 105, value, align="centre", show=name, size=_fitting(page, value, 94, style.points))
    top = max(y + 24, 135)
    ship = _word(style.language, "ship")
    sheet.box(_LEFT, top, _LEFT + 240, top + 16, fill="#e8e8e8")
    sheet.text(_LEFT + 6, top + 12, style.labels["buyer"])
    low = page.party(_LEFT + 6, top + 30, "buyer", label=False, across=228)
    sheet.box(310, top, _RIGHT, top + 16, fill="#e8e8e8")
    sheet.text(316, top + 12, ship)
    for row, text in enumerate((trade.buyer.contact, trade.seller.street.split(",")[0][::-1].title(),
                                f"{trade.buyer.postcode} {trade.buyer.city}")):  # fmt: skip
        sheet.text(316, top + 30 + row * page.step, text)
    sheet.box(_LEFT, top, _LEFT + 240, low + 4)
    sheet.box(310, top, _RIGHT, low + 4)
    rest = head[2:] + [pair for pair in page.payment() if pair[0] == "payment_terms"]
    y = _boxes(page, low + 16, rest, "#ffffff") if rest else low + 16
    y = page.table(_LEFT, y + 6, _WIDE, "grid")
    y = page.ensure(y + 8, 130)
    for name, label, value in page.sums():
        sheet.box(_RIGHT - 230, y, _RIGHT, y + 18)
        sheet.text(_RIGHT - 222, y + 13, label, bold=name in ("gross_total", "amount_due"))
        sheet.text(_RIGHT - 6, y + 13, value, align="right", show=name)
        y += 18
    others = [pair for pair in page.payment() if pair[0] != "payment_terms"]
    y = page.pairs(_LEFT, page.ensure(y + 18, 70), others, "inline", _WIDE)
    for field, name, value in page.ids("seller"):
        sheet.text(_LEFT, y, f"{name} {value}", show={field: value})
        y += page.step
    if "closing" in style.show:
        sheet.text(sheet.width / 2, y + 14, trade.closing, align="centre")
    page.numbered(_RIGHT, 820, size=7)


STRANGE_LAYOUTS: dict[str, Callable[[Page], None]] = {
    "ribbon": ribbon, "pairs": pairs, "hours": hours, "meter": meter, "folio": folio, "american": american,
}  # fmt: skip
