"""The layouts of trade documents: each a function that places the blocks of `pipeline.learn.factory.blocks`.

They differ in what matters to a reader: parties side by side, stacked, in a window or in a side bar; labels
beside, above or before their values; the table ruled or not; the totals right, left or in a strip; the bank
data in a box, in the footer or under the totals.
"""

from __future__ import annotations

from collections.abc import Callable

from pipeline.learn.factory.blocks import Page, Pair
from pipeline.learn.factory.sheet import Sheet
from pipeline.learn.factory.vocabulary import vocabulary

LEFT, RIGHT = 45.0, 550.0
WIDE = RIGHT - LEFT
BANK_FIELDS = ("bank", "account", "iban", "bic")


def _closing(page: Page, x: float, y: float, across: float) -> float:
    if "closing" in page.style.show:
        return page.sheet.paragraph(x, y, page.trade.closing, across, size=page.style.points)
    return y


def framed(page: Page) -> None:
    """The Czech office form: everything in boxes, seller left and buyer right, values beside labels."""
    sheet, style = page.sheet, page.style
    sheet.text(LEFT + 6, 58, page.title, size=15, bold=True)
    sheet.text(RIGHT - 6, 58, page.trade.number, size=15, bold=True, align="right", show="invoice_number")
    top, middle = 68.0, LEFT + WIDE / 2
    left_end = page.party(LEFT + 8, top + 16, "seller")
    right_end = page.party(middle + 8, top + 16, "buyer")
    if "phone" in style.show:
        sheet.text(LEFT + 8, left_end + 2, f"{style.labels['phone']}: {page.trade.seller.phone}")
        sheet.text(LEFT + 8, left_end + 2 + page.step, f"{style.labels['email']}: {page.trade.seller.email}")
        left_end += 2 * page.step + 2
    lower = max(left_end, right_end) + 4
    sheet.box(LEFT, top, RIGHT, lower)
    sheet.rule(middle, top, middle, lower)
    left_end = page.pairs(LEFT + 8, lower + 16, page.payment(), "beside", WIDE / 2 - 16)
    right_end = page.pairs(middle + 8, lower + 16, page.head(), "edge", WIDE / 2 - 16)
    bottom = max(left_end, right_end) - 2
    sheet.box(LEFT, lower, RIGHT, bottom)
    sheet.rule(middle, lower, middle, bottom)
    y = page.table(LEFT, bottom + 12, WIDE, "grid")
    y = page.ensure(y + 22, 130)
    if "tax_recap" in style.show:
        page.recap(LEFT, y, 210)
    end = page.totals(middle + 20, y, WIDE / 2 - 26)
    end = _closing(page, LEFT, page.ensure(max(end, y + 60) + 16, 40), WIDE)
    sheet.text(LEFT, end + 20, f"{style.labels['issued_by']}: {page.trade.seller.contact}")
    page.numbered(RIGHT, 826, colour="#444444")


def window(page: Page) -> None:
    """The German letter (DIN 5008): address window, information block right, company data in the footer."""
    sheet, style, trade = page.sheet, page.style, page.trade
    sheet.text(RIGHT, 60, trade.seller.name, size=16, bold=True, align="right", colour=style.accent, show="seller_name")
    sender = f"{trade.seller.name} · {trade.seller.address}"
    sheet.text(LEFT + 12, 128, sender, size=6.5, show={"seller_address": trade.seller.address})
    sheet.rule(LEFT + 12, 131, LEFT + 240, 131, 0.3)
    page.party(LEFT + 12, 146, "buyer", label=False, ids="buyer_vat_id" in style.show)
    info = page.head()
    if "contact" in style.show:
        info.append(("", style.labels["issued_by"], trade.seller.contact))
    if "phone" in style.show:
        info.append(("", style.labels["phone"], trade.seller.phone))
    page.pairs(350, 146, info, "beside", RIGHT - 350)
    sheet.text(LEFT + 12, 285, f"{page.title} {trade.number}", size=13, bold=True, show=page.number)
    salutation = vocabulary(style.language)["salutation"][-1]
    sheet.text(LEFT + 12, 306, salutation.format(name=trade.buyer.contact.split()[-1]))
    y = page.table(LEFT + 12, 322, WIDE - 12, "header")
    y = page.ensure(y + 20, 150)
    y = page.totals(345, y, RIGHT - 345)
    if "tax_recap" in style.show:
        y = page.recap(LEFT + 12, y + 8, 220)
    terms = [pair for pair in page.payment() if pair[0] in ("payment_terms", "payment_method", "variable_symbol")]
    y = page.pairs(LEFT + 12, page.ensure(y + 14, 60), terms, "inline", WIDE)
    y = _closing(page, LEFT + 12, y + 8, WIDE - 12)
    sheet.text(LEFT + 12, y + 12, vocabulary(style.language)["regards"][0])
    seller = trade.seller
    _footer(page, [
        [("", "", text) for text in (seller.name, seller.street, f"{seller.postcode} {seller.city}", seller.email)],
        page.ids("seller"),
        [pair for pair in page.payment() if pair[0] in BANK_FIELDS],
    ])  # fmt: skip


def _footer(page: Page, columns: list[list[Pair]]) -> None:
    """Columns of small print at the foot of every page."""
    words = page.style.labels["page"]

    def runner(sheet: Sheet, number: int, pages: int) -> None:
        sheet.rule(LEFT, 782, RIGHT, 782, 0.4, page.style.accent)
        for place, lines in enumerate(columns):
            for row, (field, name, value) in enumerate(lines):
                text = f"{name}: {value}" if name else value
                x = LEFT + place * WIDE / 3 + (8 if place else 0)
                sheet.text(x, 792 + row * 9, text, size=6.8, show={field: value})
        if pages > 1:
            sheet.text(RIGHT, 834, words.format(n=number, all=pages), size=7, align="right")

    page.sheet.runner = runner


def banner(page: Page) -> None:
    """The designed one: a coloured band with a logo, labels above values in a strip, a filled amount to pay."""
    sheet, style, trade = page.sheet, page.style, page.trade
    sheet.box(0, 0, sheet.width, 84, fill=style.accent, line="")
    sheet.disc(LEFT + 20, 42, 20, "#ffffff")
    sheet.text(LEFT + 20, 49, trade.seller.name[0], size=20, bold=True, align="centre", colour=style.accent)
    taken = sheet.text(RIGHT, 50, page.title.upper(), size=18, bold=True, colour="#ffffff", align="right")
    lines = sheet.wrap(trade.seller.name, max(120, WIDE - 52 - taken - 14), 12, bold=True)
    for row, text in enumerate(lines):
        top = 47 - 7 * (len(lines) - 1)
        sheet.text(LEFT + 52, top + 14 * row, text, size=12, bold=True, colour="#ffffff", show="seller_name")
    y = page.pairs(LEFT, 108, page.head(), "above", WIDE, bold=True)
    sheet.rule(LEFT, y - 8, RIGHT, y - 8, 1.2, style.accent)
    left_end = page.party(LEFT, y + 12, "buyer", across=240)
    right_end = page.party(330, y + 12, "seller", across=RIGHT - 330)
    y = page.table(LEFT, max(left_end, right_end) + 16, WIDE, "zebra")
    y = page.ensure(y + 22, 140)
    page.pairs(LEFT, y, page.payment(), "beside", 250)
    y = page.totals(340, y, RIGHT - 345, fill=style.accent, ink="#ffffff")
    _closing(page, LEFT, page.ensure(y + 40, 30), WIDE)
    page.numbered(RIGHT, 826, colour="#444444")


def stacked(page: Page) -> None:
    """Parties one under the other at the left, the data in a ruled box at the right, totals at the left."""
    sheet, style = page.sheet, page.style
    sheet.text(LEFT, 66, page.title, size=22, colour=style.accent)
    y = page.party(LEFT, 98, "seller", ids=True)
    y = page.party(LEFT, y + 14, "buyer")
    row = 112.0
    for name, label, value in page.head():
        sheet.box(330, row - 13, RIGHT, row + 5, line="#888888")
        sheet.text(335, row, label)
        sheet.text(RIGHT - 5, row, value, align="right", show=name)
        row += 18
    y = page.table(LEFT, max(y, row) + 14, WIDE)
    y = page.ensure(y + 22, 150)
    y = page.totals(LEFT, y, 240)
    y = page.pairs(LEFT, page.ensure(y + 16, 80), page.payment(), "inline", WIDE)
    _closing(page, LEFT, y + 10, WIDE)
    page.numbered(RIGHT, 826, colour="#444444")


def ledger(page: Page) -> None:
    """The line printer: one fixed-width font, buyer at the right, rules of dashes, totals at the right."""
    sheet, style, trade = page.sheet, page.style, page.trade
    sheet.family, sheet.points = "mono", min(style.points, 8.0)
    dashes = "-" * 104
    page.party(LEFT, 60, "seller", label=False, ids=True)
    page.party(330, 130, "buyer", label=True, ids="buyer_vat_id" in style.show)
    sheet.text(LEFT, 240, f"{page.title.upper()}  {trade.number}", size=11, bold=True, show=page.number)
    y = 262.0
    for name, label, value in page.head():
        dots = "." * max(2, 34 - len(label))
        sheet.text(LEFT, y, f"{label} {dots} {value}", show={name: value})
        y += page.step
    sheet.text(LEFT, y + 4, dashes, size=8)
    y = page.table(LEFT, y + 8, WIDE, "none")
    sheet.text(LEFT, y + 8, dashes, size=8)
    y = page.totals(320, page.ensure(y + 26, 130), RIGHT - 320)
    y = page.pairs(LEFT, page.ensure(y + 14, 80), page.payment(), "beside", WIDE)
    _closing(page, LEFT, y + 12, WIDE)
    page.numbered(RIGHT, 826, colour="#444444")


def sidebar(page: Page) -> None:
    """A coloured column at the left holds seller, data and bank; buyer, table and totals stand beside it."""
    sheet, style = page.sheet, page.style
    inner, column = 196.0, 148.0
    page.bottom = 770.0

    def runner(sheet: Sheet, number: int, pages: int) -> None:
        sheet.box(0, 0, 8, sheet.height, fill=style.accent, line="")
        if pages > 1:
            sheet.text(RIGHT + 10, 826, style.labels["page"].format(n=number, all=pages), size=7.5, align="right")

    sheet.runner = runner
    sheet.box(8, 0, 180, sheet.height, fill="#eef1f5", line="")
    y = page.party(22, 60, "seller", across=column)
    y += 14
    for name, label, value in (*page.head(), *page.payment()):
        sheet.text(22, y, label, size=style.points - 1.5, colour="#555555")
        for part in sheet.wrap(value, column + 6, style.points - 0.5):
            y += page.step
            sheet.text(22, y, part, size=style.points - 0.5, show=name)
        y += page.step + 3
    sheet.text(inner, 72, page.title, size=24, bold=True, colour=style.accent)
    y = page.party(inner, 110, "buyer", across=RIGHT - inner)
    narrow = tuple(c for c in style.columns if c not in ("position", "code", "gross_amount"))
    object.__setattr__(style, "columns", narrow)
    y = page.table(inner, max(y + 16, 200), RIGHT + 10 - inner)
    y = page.totals(inner + 110, page.ensure(y + 24, 130), RIGHT + 10 - inner - 110)
    _closing(page, inner, page.ensure(y + 24, 40), RIGHT - inner)


def strip(page: Page) -> None:
    """Buyer in a box at the right, data and totals in ruled strips with the label above, as French offices do."""
    sheet, style, trade = page.sheet, page.style, page.trade
    y = page.party(LEFT, 58, "seller", label=False, name_size=14, across=250)
    if "phone" in style.show:
        sheet.text(LEFT, y, f"{style.labels['phone']} {trade.seller.phone} – {trade.seller.email}")
    sheet.box(315, 96, RIGHT, 192, corner=6)
    page.party(325, 112, "buyer", across=210)
    sheet.text(LEFT, 218, f"{page.title}", size=16, bold=True)
    y = _cells(page, 230, page.head(), bold=True)
    y = page.table(LEFT, y + 12, WIDE, "lines")
    y = page.ensure(y + 16, 130)
    if "tax_recap" in style.show:
        y = page.recap(LEFT, y + 6, 230) + 6
    y = _cells(page, y, page.sums(), bold=True)
    y = page.pairs(LEFT, page.ensure(y + 20, 70), page.payment(), "inline", WIDE)
    _closing(page, LEFT, y + 8, WIDE)
    page.numbered(RIGHT, 826, colour="#444444")


def _cells(page: Page, y: float, pairs: list[tuple[str, str, str]], *, bold: bool) -> float:
    """A ruled strip of cells, label above value, in rows of at most five; returns the y below."""
    for start in range(0, len(pairs), 4):
        row = pairs[start : start + 4]
        wide = WIDE / len(row)
        page.sheet.box(LEFT, y, RIGHT, y + 32)
        for place, (name, label, value) in enumerate(row):
            x = LEFT + place * wide
            if place:
                page.sheet.rule(x, y, x, y + 32)
            for size in (7.5, 6.5, 5.8):
                if len(page.sheet.wrap(label, wide - 8, size)) == 1:
                    break
            page.sheet.text(x + 5, y + 11, label, size=size, colour="#333333")
            page.sheet.text(x + 5, y + 25, value, bold=bold, show=name)
        y += 32
    return y


def listing(page: Page) -> None:
    """The print of a data record, as viewers of e-invoices make it: one "label: value" under the other."""
    sheet, style, trade = page.sheet, page.style, page.trade
    day = style.date(trade.issue_date)
    between = {"cs": "ze dne", "de": "vom", "en": "of", "fr": "du"}[style.language]
    title, shown = f"{page.title} {trade.number} {between} {day}", {**page.number, "issue_date": day}
    sheet.text(LEFT, 60, title, size=style.points + 3, bold=True, show=shown)
    y = page.pairs(LEFT, 84, page.head()[2:], "inline", WIDE)
    for whose in ("seller", "buyer"):
        y += 10
        sheet.text(LEFT, y, style.label(whose), bold=True)
        y = page.party(LEFT + 12, y + page.step, whose, label=False, across=WIDE, name_size=style.points)
    y = page.table(LEFT, y + 12, WIDE, "grid")
    y = page.pairs(LEFT, page.ensure(y + 22, 110), page.sums(), "beside", WIDE / 2)
    if "tax_recap" in style.show:
        y = page.recap(LEFT, page.ensure(y + 10, 70), 240)
    y = page.pairs(LEFT, page.ensure(y + 14, 80), page.payment(), "inline", WIDE)
    _closing(page, LEFT, y + 12, WIDE)
    page.numbered(RIGHT, 826, colour="#444444")


def prose(page: Page) -> None:
    """A letter that is an invoice: salutation, sentences, a few rows, then sentences again, as insurers write."""
    sheet, style, trade = page.sheet, page.style, page.trade
    words = vocabulary(style.language)
    top = page.party(360, 58, "seller", label=False, ids=True, across=RIGHT - 360)
    if "phone" in style.show:
        sheet.text(360, top, f"{style.labels['phone']} {trade.seller.phone}", size=style.points - 1)
    page.party(LEFT, 140, "buyer", label=False, ids=False)
    y = page.pairs(LEFT, max(250, top + 20), page.head()[1:], "inline", WIDE)
    sheet.text(LEFT, y + 18, f"{page.title} {trade.number}", size=style.points + 3, bold=True, show=page.number)
    name = trade.buyer.contact.split()[-1]
    sheet.text(LEFT, y + 42, words["salutation"][len(name) % len(words["salutation"])].format(name=name))
    y += 42 + page.step * 1.6
    for text in page.prose[: 2 + len(trade.number) % 3]:
        y = sheet.paragraph(LEFT, y, text, WIDE) + 5
    y = page.table(LEFT, y + 4, WIDE, "none")
    y = page.totals(LEFT, page.ensure(y + 20, 130), WIDE)
    for text in page.prose[-2:]:
        y = sheet.paragraph(LEFT, page.ensure(y + 10, 40), text, WIDE)
    y = page.pairs(LEFT, page.ensure(y + 12, 80), page.payment(), "inline", WIDE)
    sheet.text(LEFT, y + 20, words["regards"][0])
    page.numbered(RIGHT, 826, colour="#444444")


LAYOUTS: dict[str, Callable[[Page], None]] = {
    "framed": framed,
    "window": window,
    "banner": banner,
    "stacked": stacked,
    "ledger": ledger,
    "sidebar": sidebar,
    "strip": strip,
    "listing": listing,
    "prose": prose,
}
