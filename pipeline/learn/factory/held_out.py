"""Layouts of trade documents that nothing is trained on: they tell how senders that were never seen are read."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.learn.factory.blocks import Page
from pipeline.learn.factory.fonts import width


def _closing(page: Page, x: float, y: float, across: float) -> None:
    if "closing" in page.style.show:
        page.sheet.paragraph(x, y, page.trade.closing, across, size=page.style.points - 0.5)


def memo(page: Page) -> None:
    """The word processor's template: seller in the middle, a grid of data, a grid for the totals under the table."""
    sheet, style, trade = page.sheet, page.style, page.trade
    middle = sheet.width / 2
    sheet.text(middle, 54, trade.seller.name, size=15, bold=True, align="centre", show="seller_name")
    sheet.text(middle, 69, ", ".join(trade.seller.lines(style.language)), align="centre", show="seller_address")
    ids = page.ids("seller")
    line = "   ".join(f"{name} {value}" for _, name, value in ids)
    sheet.text(middle, 82, line, size=style.points - 1, align="centre", show={field: value for field, _, value in ids})
    sheet.rule(60, 92, 535, 92, 1.5)
    title = page.title.upper()
    sheet.text(60, 118, title, size=14 * min(1.0, 230 / width(title, style.family, 14, True)), bold=True)
    bottom = page.party(60, 142, "buyer", across=200)
    y = 108.0
    for name, label, value in page.head():
        sheet.box(300, y, 420, y + 17, fill="#efefef", line="#999999", thick=0.4)
        sheet.box(420, y, 535, y + 17, line="#999999", thick=0.4)
        size = min(style.points, style.points * 112 / max(1.0, len(label) * style.points * 0.55))
        sheet.text(305, y + 12, label, size=size, bold=True)
        sheet.text(477, y + 12, value, align="centre", show=name)
        y += 17
    y = page.table(60, max(bottom, y) + 14, 475, "grid")
    y = page.ensure(y + 2, 130)
    for name, label, value in page.sums():
        sheet.box(325, y, 440, y + 17, line="#999999", thick=0.4)
        sheet.box(440, y, 535, y + 17, line="#999999", thick=0.4)
        size = min(style.points, style.points * 105 / max(1.0, len(label) * style.points * 0.5))
        sheet.text(435, y + 12, label, size=size, align="right")
        sheet.text(530, y + 12, value, align="right", bold=name in ("gross_total", "amount_due"), show=name)
        y += 17
    y = page.pairs(60, page.ensure(y + 20, 90), page.payment(), "beside", 330)
    _closing(page, 60, y + 12, 475)
    page.numbered(middle, 815, align="centre")


def landscape(page: Page) -> None:
    """A page on its side, as accounting programs print lists: four columns of data above a wide table."""
    sheet, style = page.sheet, page.style
    page.bottom = sheet.height - 60
    sheet.text(40, 46, f"{page.title}", size=13, bold=True)
    sheet.text(sheet.width - 40, 46, page.trade.number, size=13, bold=True, align="right", show="invoice_number")
    sheet.rule(40, 54, sheet.width - 40, 54, 0.8)
    ends = [page.party(40, 72, "seller", across=180, name_size=style.points), page.party(235, 72, "buyer", across=180,
            name_size=style.points)]  # fmt: skip
    ends.append(page.pairs(430, 72, page.head(), "edge", 175))
    y = 72.0
    for name, label, value in page.payment():
        sheet.text(625, y, label, size=style.points - 1.5, colour="#555555")
        for text in sheet.wrap(value, 177):
            y += page.step * 0.95
            sheet.text(625, y, text, show=name)
        y += page.step
    y = page.table(40, max(*ends, y) + 10, sheet.width - 80, "lines")
    pairs = page.sums()
    y = page.ensure(y + 20, 50)
    wide = (sheet.width - 80) / max(1, len(pairs))
    for place, (name, label, value) in enumerate(pairs):
        right = 40 + (place + 1) * wide - 6
        size = min(style.points - 1, (style.points - 1) * (wide - 10) / max(1.0, len(label) * style.points * 0.5))
        sheet.text(right, y, label, size=size, align="right")
        sheet.text(right, y + page.step, value, bold=True, align="right", show=name)
    _closing(page, 40, page.ensure(y + 44, 20), sheet.width - 80)
    page.numbered(sheet.width / 2, sheet.height - 18, align="centre")


def bill(page: Page) -> None:
    """A utility's bill: what to pay and until when in a box at the top, the facts in a narrow column at the right."""
    sheet, style, trade = page.sheet, page.style, page.trade
    y = page.party(50, 60, "seller", label=False, across=250, name_size=13)
    pairs = page.sums()
    name, label, value = pairs[-1] if pairs else ("", "", "")
    if pairs:
        sheet.box(360, 44, 545, 112, fill="#f1f1e6", line=style.accent, thick=1.2, corner=5)
        sheet.text(452, 62, label, align="centre")
        sheet.text(452, 84, value, size=16, bold=True, align="centre", show=name)
        due = [pair for pair in page.head() if pair[0] == "due_date"]
        for name, label, value in due:
            sheet.text(452, 102, f"{label}: {value}", align="centre", show={name: value})
    y = page.party(50, max(y + 24, 150), "buyer", label=False, across=250)
    facts = 150.0
    for name, label, value in [pair for pair in page.head() if pair[0] != "due_date" or not pairs]:
        sheet.text(380, facts, label, size=style.points - 1, colour="#555555")
        sheet.text(545, facts + page.step * 0.95, value, align="right", show=name)
        sheet.rule(380, facts + page.step * 1.3, 545, facts + page.step * 1.3, 0.3, "#999999")
        facts += page.step * 2.2
    y = max(y, facts) + 16
    sheet.text(50, y, f"{page.title} {trade.number}", size=style.points + 4, bold=True, colour=style.accent)
    y = page.table(50, y + 12, 495, "none")
    sheet.rule(50, y + 4, 545, y + 4, 1.0, style.accent)
    y = page.totals(260, page.ensure(y + 22, 130), 280)
    if "tax_recap" in style.show:
        y = page.recap(50, page.ensure(y + 8, 70), 220)
    y = page.pairs(50, page.ensure(y + 16, 70), page.payment(), "above", 495)
    _closing(page, 50, y + 6, 495)
    page.numbered(300, 815, align="centre")


HELD_OUT_LAYOUTS: dict[str, Callable[[Page], None]] = {"memo": memo, "landscape": landscape, "bill": bill}
#: width and height in points, where a layout is not on upright A4
SIZES = {"landscape": (841.89, 595.28)}
