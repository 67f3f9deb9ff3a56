"""The parts that a trade document is put together from: parties, label/value pairs, the table, the totals."""

from __future__ import annotations

from decimal import Decimal

from pipeline.learn.factory.fonts import width
from pipeline.learn.factory.identifiers import spaced_iban
from pipeline.learn.factory.records import Line, Trade
from pipeline.learn.factory.sheet import Sheet
from pipeline.learn.factory.style import Style
from pipeline.learn.factory.vocabulary import vocabulary

Pair = tuple[str, str, str]  # field (empty if it is none), label, text
PRICED = {"unit_price", "discount", "tax_rate", "tax_amount", "net_amount", "gross_amount"}
RIGHT_ALIGNED = {"quantity", *PRICED}
#: trade documents about goods, with types of their own
PAPER_KINDS = ("order", "delivery_note")
#: trade documents that usually state no prices
UNPRICED_KINDS = {"delivery_note"}


class Page:
    """A trade document, its style and the sheet, with the blocks as methods; ``y`` always grows downwards."""

    def __init__(self, sheet: Sheet, trade: Trade, style: Style, bottom: float = 70.0) -> None:
        self.sheet, self.trade, self.style = sheet, trade, style
        self.columns: tuple[str, ...] = ()
        self.bottom = sheet.height - bottom
        self.step = style.points * 1.42

    def money(self, value: Decimal) -> str:
        """An amount of this document."""
        return self.style.with_currency(value, self.trade.currency)

    @property
    def title(self) -> str:
        """The document's title in the sender's words."""
        return self.style.labels["title"]

    @property
    def prose(self) -> list[str]:
        """Sentences that such a document has."""
        words = vocabulary(self.style.language)
        sentences: list[str] = (
            words["papers"][self.trade.kind]["prose"] if self.trade.kind in PAPER_KINDS else words["prose"]
        )
        return sentences

    @property
    def number(self) -> dict[str, str]:
        """The number as a part of a longer text (see `Sheet.text`)."""
        return {"invoice_number": self.trade.number}

    def numbered(self, x: float, y: float, *, size: float = 7.5, align: str = "right", colour: str = "#000000") -> None:
        """Write "page n of m" at the foot, on documents of several pages."""
        words = self.style.labels["page"]

        def runner(sheet: Sheet, number: int, pages: int) -> None:
            if pages > 1:
                sheet.text(x, y, words.format(n=number, all=pages), size=size, align=align, colour=colour)

        self.sheet.runner = runner

    # -- parties ------------------------------------------------------------------------------------

    def ids(self, whose: str) -> list[Pair]:
        """The VAT id and number of the ``seller`` or the ``buyer``, as the sender prints them."""
        party = self.trade.seller if whose == "seller" else self.trade.buyer
        pairs = []
        if f"{whose}_tax_number" in self.style.show or (whose == "buyer" and self.style.language == "cs"):
            pairs.append((f"{whose}_tax_number", self.style.labels["tax_number"], party.tax_number))
        if f"{whose}_vat_id" in self.style.show:
            vat = party.vat_id[2:] if self.style.bare_ids else party.vat_id
            if self.style.prefix_ids:
                vat = f"{vat[:2]} {vat[2:5]} {vat[5:8]} {vat[8:]}".strip()
            pairs.append((f"{whose}_vat_id", self.style.labels["vat_id"], vat))
        return pairs

    def party(
        self,
        x: float,
        y: float,
        whose: str,
        *,
        label: bool = True,
        ids: bool = True,
        across: float = 230,
        colour: str = "#000000",
        name_size: float = 0,
    ) -> float:
        """Name, address and ids of the ``seller`` or the ``buyer``; returns the y below."""
        sheet, party = self.sheet, self.trade.seller if whose == "seller" else self.trade.buyer
        if label:
            sheet.text(x, y, self.style.label(whose), size=self.style.points - 1, colour=colour or "#444444")
            y += self.step * 1.15
        size = name_size or self.style.points + 1
        for line in sheet.wrap(party.name, across, size, bold=True):
            sheet.text(x, y, line, size=size, bold=True, colour=colour, show=f"{whose}_name")
            y += max(self.step, size * 1.25)
        for line in party.lines(self.style.language):
            for part in sheet.wrap(line, across):
                sheet.text(x, y, part, colour=colour, show=f"{whose}_address")
                y += self.step
        if "country" in self.style.show:
            sheet.text(x, y, vocabulary(self.style.language)["country_name"], colour=colour)
            y += self.step
        if ids:
            y += 2
            for field, name, value in self.ids(whose):
                sheet.text(x, y, f"{name}: {value}", colour=colour, show={field: value})
                y += self.step
        return y

    # -- label and value ----------------------------------------------------------------------------

    def head(self) -> list[Pair]:
        """Number, dates and references that this sender prints."""
        trade, style = self.trade, self.style
        pairs = [("invoice_number", trade.number), ("issue_date", style.date(trade.issue_date))]
        optional = [
            ("delivery_date", style.date(trade.delivery_date)),
            ("due_date", style.date(trade.due_date)),
            ("order_number", trade.order_number),
            ("buyer_reference", trade.buyer_reference),
            ("customer_number", trade.customer_number),
        ]
        if trade.kind in PAPER_KINDS:
            del optional[1]
            optional += [
                ("packages", str(trade.packages)),
                ("gross_weight", f"{style.amount(trade.gross_weight, 1)} kg"),
            ]
        elif trade.kind in ("quote", "confirmation"):
            optional = optional[2:]
        pairs += [pair for pair in optional if pair[0] in style.show]
        if trade.kind == "credit_note":
            pairs.insert(1, ("original_number", trade.original_number))
        return [(name, style.labels[name], value) for name, value in pairs]

    def payment(self) -> list[Pair]:
        """Account and terms that this sender prints."""
        trade, style = self.trade, self.style
        if trade.kind in UNPRICED_KINDS:
            return []
        pairs = [
            ("bank", trade.account.bank) if "bic" in style.show else ("", ""),
            ("account", trade.account.local) if {"local_account"} & style.show else ("", ""),
            ("iban", spaced_iban(trade.account.iban)),
            ("bic", trade.account.bic),
            ("variable_symbol", trade.variable_symbol),
            ("payment_method", vocabulary(style.language)["labels"]["payment_way"][0]),
            ("payment_terms", trade.payment_terms),
        ]
        kept = [(n, v) for n, v in pairs if n in style.show or (n in ("bank", "account") and v)]
        return [(name, style.labels[name], value) for name, value in kept]

    def pairs(self, x: float, y: float, pairs: list[Pair], mode: str, across: float, *, bold: bool = False) -> float:
        """Write label/value pairs; returns the y below.

        ``mode``: ``beside`` (values in a column), ``edge`` (values right-aligned at the edge), ``above`` (label over
        value, in columns) or ``inline`` (label: value).
        """
        sheet, style = self.sheet, self.style
        if mode == "above":
            return self._pairs_above(x, y, pairs, across, bold)
        gap = max((width(style.labels.get(n, t), style.family, style.points) for n, t, _ in pairs),
                  default=0) + 12  # fmt: skip
        for name, label, value in pairs:
            colon = ":" if style.colon or mode == "inline" else ""
            if mode == "inline":
                sheet.text(x, y, f"{label}{colon} {value}", show={name: value})
            elif mode == "edge":
                taken = sheet.text(x + across, y, value, align="right", bold=bold, show=name)
                fits = min(1.0, (across - taken - 8) / width(label + colon, style.family, style.points))
                sheet.text(x, y, label + colon, size=style.points * fits)
            else:
                start = min(gap, across * 0.62)
                fits = min(1.0, (start - 3) / max(1.0, width(label + colon, style.family, style.points)))
                sheet.text(x, y, label + colon, size=style.points * fits)
                fits = min(1.0, (across - start) / max(1.0, width(value, style.family, style.points, bold)))
                sheet.text(x + start, y, value, bold=bold, show=name, size=style.points * fits)
            y += self.step
        return y

    def _pairs_above(self, x: float, y: float, pairs: list[Pair], across: float, bold: bool) -> float:
        sheet, style = self.sheet, self.style
        left = x
        for name, label, value in pairs:
            size = style.points - 1.5
            wide = max(width(label, style.family, size), width(value, style.family, style.points, bold)) + 16
            if left > x and left + wide > x + across + 16:
                left, y = x, y + self.step * 2.3
            sheet.text(left, y, label, size=size, colour="#555555")
            sheet.text(left, y + self.step, value, bold=bold, show=name)
            left += max(wide, 80)
        return y + self.step * 2.3 if pairs else y

    # -- the table ----------------------------------------------------------------------------------

    def cell(self, column: str, line: Line, number: int) -> str:
        """What stands in a column of row ``number``."""
        style = self.style
        gross = line.net * (1 + Decimal(line.rate) / 100)
        return {
            "position": str(number),
            "code": line.code,
            "description": line.description,
            "quantity": f"{style.quantity(line.quantity)} {line.unit if style.unit_beside else ''}".strip(),
            "unit": line.unit,
            "unit_price": style.amount(line.unit_price),
            "discount": f"{line.discount} %" if line.discount else "",
            "tax_rate": line.rate.replace(".", style.decimal) + (" %" if style.colon else ""),
            "net_amount": style.amount(line.net),
            "tax_amount": style.amount(gross - line.net),
            "gross_amount": style.amount(gross),
        }[column]

    def table(self, x: float, y: float, across: float, ruling: str = "") -> float:
        """The rows, over as many pages as they need; returns the y below."""
        trade, style, sheet = self.trade, self.style, self.sheet
        ruling = ruling or style.ruling
        columns = style.columns
        if trade.kind in UNPRICED_KINDS:
            columns = tuple(column for column in columns if column not in PRICED)
        headings = {**style.headings, "discount": vocabulary(style.language)["extras"]["discount"][0]}
        if any(line.discount for line in trade.lines) and "unit_price" in columns:
            at = columns.index("unit_price") + 1
            columns = (*columns[:at], "discount", *columns[at:])
        self.columns = columns
        headings = {column: headings[column] for column in columns}
        if "net_amount" in headings and (style.money == "bare" or ord(trade.number[-1]) % 2):
            headings["net_amount"] += f" {trade.currency}"
        cells = [{column: self.cell(column, line, n) for column in columns} for n, line in enumerate(trade.lines, 1)]
        wide = {
            column: max(
                width(headings[column], style.family, style.points - 0.5, True),
                *(width(row[column], style.family, style.points) for row in cells),
            )
            + 10
            for column in columns
            if column != "description"
        }
        wide["description"] = max(80.0, across - sum(wide.values()))
        edges, left = {}, x
        for column in columns:
            edges[column] = (left, left + wide[column])
            left += wide[column]
        y = self._heading(x, y, left, edges, headings, ruling)
        top = y
        for number, (row, line) in enumerate(zip(cells, trade.lines, strict=True)):
            texts = sheet.wrap(row["description"], wide["description"] - 8)
            small = [
                part for text in line.details for part in sheet.wrap(text, wide["description"] - 8, style.points - 1)
            ]
            tall = self.step * (len(texts) + len(small)) + 4
            if y + tall > self.bottom:
                self._close_table(x, top, y, left, edges, ruling)
                sheet.text(left, y + self.step, style.labels["carried"], align="right", size=style.points - 1)
                sheet.new_page()
                y = self._heading(x, 70, left, edges, headings, ruling)
                top = y
            if ruling == "zebra" and number % 2:
                sheet.box(x, y, left, y + tall, fill="#f0f0f0", line="")
            base = y + self.step - 1
            for column in columns:
                if column == "description":
                    for extra, text in enumerate(texts):
                        sheet.text(edges[column][0] + 4, base + extra * self.step, text)
                    for extra, text in enumerate(small, len(texts)):
                        y1 = base + extra * self.step
                        sheet.text(edges[column][0] + 4, y1, text, size=style.points - 1, colour="#444444")
                else:
                    self._in_column(column, edges[column], base, row[column])
            y += tall
            if ruling in ("grid", "lines"):
                sheet.rule(x, y, left, y, 0.4, "#777777")
        self._close_table(x, top, y, left, edges, ruling)
        return y

    def _in_column(self, column: str, edge: tuple[float, float], y: float, text: str, bold: bool = False) -> None:
        right = column in RIGHT_ALIGNED
        size = self.style.points - 0.5 if bold else self.style.points
        self.sheet.text(
            edge[1] - 4 if right else edge[0] + 4, y, text, align="right" if right else "left", bold=bold, size=size
        )

    def _heading(  # noqa: PLR0917
        self,
        x: float,
        y: float,
        right: float,
        edges: dict[str, tuple[float, float]],
        headings: dict[str, str],
        ruling: str,
    ) -> float:
        tall = self.step + 5
        if ruling in ("grid", "zebra"):
            self.sheet.box(x, y, right, y + tall, fill="#e4e8ee" if ruling == "grid" else "#d9d9d9", line="")
        for column, edge in edges.items():
            self._in_column(column, edge, y + self.step, headings[column], bold=True)
        if ruling != "none":
            self.sheet.rule(x, y + tall, right, y + tall, 0.8)
        if ruling == "grid":
            self.sheet.rule(x, y, right, y, 0.8)
            self._close_table(x, y, y + tall, right, edges, ruling)
        return y + tall

    def _close_table(  # noqa: PLR0917
        self, x: float, top: float, y: float, right: float, edges: dict[str, tuple[float, float]], ruling: str
    ) -> None:
        if ruling == "grid":
            for place in (x, *(edge[1] for edge in edges.values())):
                self.sheet.rule(place, top, place, y, 0.4, "#777777")
        elif ruling in ("header", "zebra"):
            self.sheet.rule(x, y, right, y, 0.8)

    # -- sums ---------------------------------------------------------------------------------------

    def sums(self) -> list[Pair]:
        """The totals that this sender prints, the amount to pay last."""
        trade, style = self.trade, self.style
        pairs: list[Pair] = []
        if trade.kind in UNPRICED_KINDS:
            return pairs
        if "net_total" in style.show:
            pairs.append(("net_total", style.labels["net_total"], self.money(trade.net_total)))
        if len(trade.taxes) == 1 and "tax_total" in style.show:
            rate = trade.taxes[0].rate.replace(".", style.decimal)
            pairs.append(("tax_total", style.labels["tax_rate_row"].format(rate=rate), self.money(trade.tax_total)))
        elif len(trade.taxes) > 1:
            for tax in trade.taxes:
                rate = tax.rate.replace(".", style.decimal)
                pairs.append(("", style.labels["tax_rate_row"].format(rate=rate), self.money(tax.tax)))
            if "tax_total" in style.show:
                pairs.append(("tax_total", style.labels["tax_total"], self.money(trade.tax_total)))
        pairs.append(("gross_total", style.labels["gross_total"], self.money(trade.gross_total)))
        if trade.rounding:
            pairs.append(("", style.labels["rounding"], self.money(trade.rounding)))
        if trade.prepaid:
            pairs.append(("", style.labels["prepaid"], self.money(-trade.prepaid)))
        if trade.rounding or trade.prepaid or "amount_due" in style.show:
            pairs.append(("amount_due", style.labels["amount_due"], self.money(trade.amount_due)))
        return pairs

    def totals(self, x: float, y: float, across: float, *, fill: str = "", ink: str = "#000000") -> float:
        """The totals, one a row; the last row is large and bold; returns the y below."""
        pairs = self.sums()
        for number, (name, label, value) in enumerate(pairs):
            last = number == len(pairs) - 1
            size = self.style.points + (2 if last else 0)
            if last:
                y += 3
                if fill:
                    self.sheet.box(x - 5, y - size - 2, x + across + 5, y + 6, fill=fill, line="")
                else:
                    self.sheet.rule(x, y - size - 0.5, x + across, y - size - 0.5, 0.8)
            colour = ink if last else "#000000"
            self.sheet.text(x, y, label + (":" if self.style.colon else ""), size=size, bold=last, colour=colour)
            self.sheet.text(x + across, y, value, size=size, bold=last, align="right", colour=colour, show=name)
            y += size * 1.5
        return y

    def recap(self, x: float, y: float, across: float) -> float:
        """The table of tax rates; returns the y below."""
        style, sheet = self.style, self.sheet
        if self.trade.kind in UNPRICED_KINDS:
            return y
        thirds = [x + 42, x + across * 0.64, x + across]
        sheet.text(x, y, style.labels["tax_recap"], bold=True, size=style.points - 0.5)
        y += self.step
        for place, text in zip(thirds, ("%", style.labels["tax_base"], style.labels["tax_total"]), strict=True):
            sheet.text(place, y, text, align="right", size=style.points - 1)
        sheet.rule(x, y + 3, x + across, y + 3, 0.4)
        for tax in self.trade.taxes:
            y += self.step
            texts = (tax.rate.replace(".", style.decimal), style.amount(tax.base), style.amount(tax.tax))
            names = ("", "net_total", "tax_total") if len(self.trade.taxes) == 1 else ("", "", "")
            for place, text, name in zip(thirds, texts, names, strict=True):
                sheet.text(place, y, text, align="right", show=name)
        return y + self.step

    def ensure(self, y: float, tall: float) -> float:
        """The y to go on at so that ``tall`` points fit, on a new page if need be."""
        if y + tall <= self.bottom:
            return y
        self.sheet.new_page()
        return 80.0
