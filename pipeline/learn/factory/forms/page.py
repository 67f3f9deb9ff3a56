"""A form being drawn: the head, entries, tables, signatures; the layouts put these together."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from pipeline.learn.factory.fonts import width
from pipeline.learn.factory.forms.content import Entry, Form, Rows
from pipeline.learn.factory.sheet import A4, Sheet
from pipeline.learn.factory.vocabulary import vocabulary

LEFT, RIGHT, TOP, BOTTOM = 54.0, 542.0, 62.0, 770.0
WIDE = RIGHT - LEFT
_RIGHT_ALIGNED = {"hours", "overtime", "debit", "credit", "amount", "balance", "break"}
_NARROW = {"text", "activity"}  # the columns that take what the others leave


@dataclass(frozen=True, slots=True)
class Looks:
    """How one sender prints forms, and with what they are filled in."""

    label_size: float
    label_bold: bool
    label_colour: str
    colon: bool
    value_family: str
    value_size: float
    value_bold: bool
    value_colour: str
    accent: str
    ruling: str

    @classmethod
    def drawn(cls, rng: Random, family: str, accent: str) -> Looks:
        """The choices of one sender."""
        filled = rng.choice(["", "", "", "mono", "italic", "serif-italic", "dejavu"])
        return cls(
            label_size=rng.choice([8.0, 8.5, 9.0, 9.5]),
            label_bold=rng.random() < 0.25,
            label_colour=rng.choice(["#000000", "#000000", "#444444", accent]),
            colon=rng.random() < 0.55,
            value_family=filled or family,
            value_size=rng.choice([9.0, 9.5, 10.0, 10.5]),
            value_bold=not filled and rng.random() < 0.3,
            value_colour="#1c2f6b" if "italic" in filled and rng.random() < 0.6 else "#000000",
            accent=accent,
            ruling=rng.choice(["grid", "lines", "header", "zebra", "none"]),
        )


@dataclass(frozen=True, slots=True)
class Habits:
    """What else one sender may do: number the questions, say labels in a second language, tick in other ways.

    ``ticks`` are the signs of a ticked and an empty box; without them boxes are drawn. ``captions`` is how labels under
    lines are aligned, ``mixed`` is whether a letter's sentences mix what forms keep apart.
    """

    numbering: str = ""
    second: str = ""
    ticks: tuple[str, str] | None = None
    listed: bool = False
    behind: bool = False
    captions: str = "left"
    mixed: bool = False

    @classmethod
    def drawn(cls, rng: Random, language: str) -> Habits:
        """The choices of one sender."""
        others = [one for one in ("cs", "de", "en", "fr") if one != language]
        return cls(
            numbering=rng.choice(["{}.", "{})", "1.{}", "A{}"]) if rng.random() < 0.15 else "",
            second=rng.choice(others) if rng.random() < 0.12 else "",
            ticks=rng.choice([("☒", "☐"), ("☑", "☐"), ("[x]", "[ ]"), ("(x)", "( )")]) if rng.random() < 0.5 else None,
            listed=rng.random() < 0.35,
            behind=rng.random() < 0.12,
            captions=rng.choice(["left", "left", "centre", "right"]),
            mixed=rng.random() < 0.5,
        )


class FormPage:
    """A form, how it looks, and the sheet."""

    def __init__(self, rng: Random, form: Form, sheet: Sheet, looks: Looks, language: str) -> None:
        self.rng, self.form, self.sheet, self.looks, self.language = rng, form, sheet, looks, language
        self.step = looks.value_size * 1.3
        self.right, self.bottom = sheet.width - (A4[0] - RIGHT), sheet.height - (A4[1] - BOTTOM)
        self.wide = self.right - LEFT
        self.questions = 0  # that were numbered so far
        self.habits = Habits()

    def wording(self, entry: Entry) -> str:
        """The label of an entry as it is printed: numbered, or in a second language too, where the sender does so."""
        text = entry.label
        if self.habits.second and text:
            names = vocabulary(f"forms_{self.habits.second}")["labels"]
            some = names.get(f"{self.form.type}.{entry.name}") or names.get(entry.name)
            text += f" / {self.rng.choice(some)}" if some else ""
        if self.habits.numbering and text:
            self.questions += 1
            text = f"{self.habits.numbering.format(self.questions)} {text}"
        return text

    def ensure(self, y: float, tall: float) -> float:
        """The y to go on at so that ``tall`` points fit, on a new page if need be."""
        if y + tall <= self.bottom:
            return y
        self.sheet.new_page()
        return TOP + 12

    # -- label and value ----------------------------------------------------------------------------

    def label(
        self, x: float, y: float, text: str, *, size: float = 0, across: float = 0, colon: bool | None = None
    ) -> float:
        """A label, smaller if it would not fit into ``across``; returns its width."""
        looks = self.looks
        text += ":" if text and (looks.colon if colon is None else colon) else ""
        size = size or looks.label_size
        taken = width(text, self.sheet.family, size, looks.label_bold)
        if across and taken > across:
            size *= across / taken
        return self.sheet.text(x, y, text, size=size, bold=looks.label_bold, colour=looks.label_colour)

    def value(self, x: float, y: float, entry: Entry, across: float) -> float:
        """What is filled in, in as many lines as it needs; returns the y of the next line."""
        if entry.options:
            return self.options(x, y, entry, across)
        looks = self.looks
        longest = max(
            width(word, looks.value_family, looks.value_size, looks.value_bold) for word in entry.text.split(" ")
        )
        size = looks.value_size * min(1.0, across / max(longest, 1.0))
        return self.sheet.flow(
            x, y, entry.text, across, entry.shown, size=size, colour=looks.value_colour, bold=looks.value_bold,
            family=looks.value_family,
        )  # fmt: skip

    def lines(self, entry: Entry, across: float) -> int:
        """How many lines `value` takes."""
        looks = self.looks
        if entry.options:
            return len(self._option_rows(entry, across))
        return len(self.sheet.wrap(entry.text, across, looks.value_size, looks.value_bold, looks.value_family))

    def _option_rows(self, entry: Entry, across: float) -> list[list[str]]:
        if self.habits.listed:
            return [[text] for text in entry.options]
        rows: list[list[str]] = []
        left = across
        for text in entry.options:
            wide = width(text, self.sheet.family, self.looks.value_size) + 30
            if not rows or left < wide:
                rows.append([])
                left = across
            rows[-1].append(text)
            left -= wide
        return rows

    def options(self, x: float, y: float, entry: Entry, across: float) -> float:
        """Boxes to tick, one of them crossed; returns the y of the next line."""
        sheet, size = self.sheet, self.looks.value_size
        for row in self._option_rows(entry, across):
            left = x
            for text in row:
                if self.habits.ticks:
                    left += self._ticked(left, y, entry, text)
                    continue
                sheet.box(left, y - 7.5, left + 8, y + 0.5, thick=0.7)
                chosen = text == entry.text
                if chosen:
                    sheet.text(
                        left + 4, y - 0.6, "X", size=9, bold=True, align="centre", colour=self.looks.value_colour
                    )
                shown = dict(entry.shown) if chosen else {}
                left += 13 + sheet.text(left + 13, y, text, size=size, show=shown) + 17
            y += self.step
        return y

    def _ticked(self, x: float, y: float, entry: Entry, text: str) -> float:
        """One choice with a sign for its box, before it or behind; returns the width it takes."""
        sheet, size = self.sheet, self.looks.value_size
        assert self.habits.ticks is not None
        chosen = text == entry.text
        shown = dict(entry.shown) if chosen else {}
        sign = self.habits.ticks[not chosen]
        wide = width(sign, "dejavu", size)
        before = 0.0 if self.habits.behind else wide + 4
        sheet.text(x if before else x + width(text, sheet.family, size) + 4, y, sign, size=size, family="dejavu")
        return before + sheet.text(x + before, y, text, size=size, show=shown) + (18 if before else 22 + wide)

    # -- the head -----------------------------------------------------------------------------------

    def head(self) -> float:
        """Sender, receiver and title; returns the y below."""
        sheet, form, looks, rng = self.sheet, self.form, self.looks, self.rng
        y, side = TOP, rng.choice(["left", "left", "right", "centre"])
        x = {"left": LEFT, "right": self.right, "centre": (LEFT + self.right) / 2}[side]
        if form.sender and rng.random() < 0.3:
            sheet.disc(self.right - 14 if side == "left" else LEFT + 14, y - 4, 14, looks.accent)
        for row, entry in enumerate(form.sender):
            size, colour = (8.5, "#333333") if row else (13.0, looks.accent)
            sheet.text(x, y, entry.text, size=size, bold=not row, align=side, colour=colour, show=dict(entry.shown))
            y += 14
        if form.receiver:
            y += 18
            for entry in form.receiver:
                sheet.text(LEFT + 250 * (side == "left"), y, entry.text, size=looks.value_size, show=dict(entry.shown))
                y += self.step
        y += 16
        size = rng.choice([13.0, 15.0, 17.0])
        title_side = rng.choice(["left", "left", "centre"])
        x = LEFT if title_side == "left" else (LEFT + self.right) / 2
        for line in sheet.wrap(form.title, self.wide, size, bold=True):
            sheet.text(x, y, line, size=size, bold=True, align=title_side, show=form.title_shown)
            y += size * 1.25
        return y + 8

    def salutation(self, y: float) -> float:
        """How a letter begins; returns the y below."""
        name = self.form.title.split()[-1]
        words = [one for one in vocabulary(self.language)["salutation"] if "{" not in one]
        text = words[len(name) % len(words)]
        self.sheet.text(LEFT, y, text, size=self.looks.value_size + 0.5)
        return y + self.step * 1.3

    def section_title(self, y: float, text: str) -> float:
        """The title of a section, if it has one; returns the y of its first entry."""
        if not text:
            return y + 6
        y = self.ensure(y + 6, 60)
        sheet, looks = self.sheet, self.looks
        size = looks.label_size + 1.5
        if looks.ruling in ("grid", "zebra"):
            sheet.box(LEFT, y - size, self.right, y + 4, fill="#e6e9ee", line="")
            sheet.text(LEFT + 4, y, text, size=size, bold=True)
        else:
            sheet.text(LEFT, y, text, size=size, bold=True, colour=looks.accent)
            if looks.ruling != "none":
                sheet.rule(LEFT, y + 4, self.right, y + 4, 0.5, looks.accent)
        return y + size + 9

    # -- the table ----------------------------------------------------------------------------------

    def _edges(self, rows: Rows, size: float) -> tuple[list[float], float]:
        """The left edges of the columns and the right edge of the last one, and the size of letters that fits."""
        while True:
            wide = []
            for place, name in enumerate(rows.columns):
                texts = [row[place] for row in rows.cells] + [rows.sums.get(name, ("", ""))[1]]
                needed = max(width(text, self.sheet.family, size) for text in [*texts, ""])
                wide.append(max(needed, width(rows.headings[place], self.sheet.family, size, True)) + 9)
            stretch = [place for place, name in enumerate(rows.columns) if name in _NARROW]
            left = self.wide - sum(wide)
            if left >= 0 or size < 6:
                break
            if stretch and wide[stretch[0]] + left > 90:
                break
            size -= 0.5
        if stretch:
            wide[stretch[0]] += left
        elif left > 0 and self.rng.random() < 0.5:
            wide = [one * self.wide / sum(wide) for one in wide]
        edges = [LEFT]
        for one in wide:
            edges.append(edges[-1] + one)
        return edges, size

    def table(self, rows: Rows, y: float) -> float:
        """Headings, rows and sums, over as many pages as they need; returns the y below."""
        sheet, ruling = self.sheet, self.looks.ruling
        edges, size = self._edges(rows, 8.5)
        right, step = edges[-1], size * 1.35 + 2
        y = self._headings(rows, edges, size, self.ensure(y + 4, 60))
        for entry in rows.first:
            y = self._balance(entry, edges, size, y)
        for number, row in enumerate(rows.cells):
            place = next((place for place, name in enumerate(rows.columns) if name in _NARROW), None)
            texts = {} if place is None else {place: sheet.wrap(row[place], edges[place + 1] - edges[place] - 8, size)}
            tall = step * max([len(one) for one in texts.values()] or [1])
            if y + tall > self.bottom:
                sheet.new_page()
                y = self._headings(rows, edges, size, TOP)
            if ruling == "zebra" and number % 2:
                sheet.box(LEFT, y, right, y + tall, fill="#f0f0f0", line="")
            for column, text in enumerate(row):
                for extra, line in enumerate(texts.get(column, [text])):
                    self._cell(rows.columns[column], edges, column, y + step - 3.5 + extra * step, line, size)
            y += tall
            if ruling in ("grid", "lines"):
                sheet.rule(LEFT, y, right, y, 0.4, "#888888")
            if ruling == "grid":
                for edge in edges:
                    sheet.rule(edge, y - tall, edge, y, 0.4, "#888888")
        for entry in rows.last:
            y = self._balance(entry, edges, size, y)
        if rows.sums:
            sheet.rule(LEFT, y, right, y, 0.8)
            first = min(rows.columns.index(name) for name in rows.sums)
            if first:
                word = self.rng.choice(vocabulary(f"forms_{self.language}")["total"])
                sheet.text(edges[0] + 4, y + step - 2, word, size=size, bold=True)
            for name, (field, text) in rows.sums.items():
                place = rows.columns.index(name)
                sheet.text(
                    edges[place + 1] - 4, y + step - 2, text, size=size, bold=True, align="right", show={field: text}
                )
            y += step + 2
        if ruling != "none":
            sheet.rule(LEFT, y, right, y, 0.8)
        return y + 16

    def _headings(self, rows: Rows, edges: list[float], size: float, y: float) -> float:
        tall = size * 1.35 + 5
        if self.looks.ruling in ("grid", "zebra"):
            self.sheet.box(LEFT, y, edges[-1], y + tall, fill="#e2e6ec", line="")
        for place, text in enumerate(rows.headings):
            self._cell(rows.columns[place], edges, place, y + tall - 5, text, size, bold=True)
        if self.looks.ruling != "none":
            self.sheet.rule(LEFT, y + tall, edges[-1], y + tall, 0.8)
        return y + tall

    def _cell(  # noqa: PLR0917 - where and what
        self, name: str, edges: list[float], place: int, y: float, text: str, size: float, bold: bool = False
    ) -> None:
        right = name in _RIGHT_ALIGNED
        x = edges[place + 1] - 4 if right else edges[place] + 4
        self.sheet.text(x, y, text, size=size, bold=bold, align="right" if right else "left")

    def _balance(self, entry: Entry, edges: list[float], size: float, y: float) -> float:
        """A row with a label at the left and a balance at the right."""
        step = size * 1.35 + 2
        y = self.ensure(y, step)
        self.sheet.text(edges[0] + 4, y + step - 3.5, entry.label, size=size, bold=True)
        self.sheet.text(
            edges[-1] - 4, y + step - 3.5, entry.text, size=size, bold=True, align="right", show=dict(entry.shown)
        )
        self.sheet.rule(edges[0], y + step, edges[-1], y + step, 0.4, "#888888")
        return y + step

    # -- the end ------------------------------------------------------------------------------------

    def scribble(self, x: float, y: float, long: float) -> None:
        """A signature."""
        rng, points, at = self.rng, [(x, y)], x
        while at < x + long:
            for _ in range(3):
                at += rng.uniform(1, long / 9)
                points.append((at, y + rng.uniform(-11, 5)))
        self.sheet.curve(points, rng.choice([0.8, 1.1, 1.4]), rng.choice(["#1c2f6b", "#1c2f6b", "#111111"]))

    def stamp(self, x: float, y: float) -> None:
        """The stamp of an office: a frame with the sender's name."""
        lines = [entry.text for entry in self.form.sender[:2]]
        if not lines:
            return
        colour = self.rng.choice(["#2b3a8c", "#7a1f2b", "#3a3a3a"])
        long = max(width(line, self.sheet.family, 7.5, bool(not row)) for row, line in enumerate(lines)) + 14
        x = min(x, self.right - long)
        self.sheet.box(x, y - 12, x + long, y + 11 * len(lines), line=colour, thick=1.2, corner=3)
        for row, line in enumerate(lines):
            self.sheet.text(x + long / 2, y + 11 * row, line, size=7.5, bold=not row, align="centre", colour=colour)

    def ending(self, y: float) -> None:
        """Place and date, signatures, stamp, small print."""
        sheet, form, looks, rng = self.sheet, self.form, self.looks, self.rng
        if form.place or form.signatures:
            y = self.ensure(y + 22, 90)
        if form.place:
            sheet.text(LEFT, y, form.place.text, size=looks.value_size, family=looks.value_family,
                       colour=looks.value_colour, show=dict(form.place.shown))  # fmt: skip
        for row, text in enumerate(form.signatures):
            x = 340.0
            base = y + 26 + row * 44
            if rng.random() < 0.75:
                self.scribble(x + rng.uniform(5, 30), base - 5, rng.uniform(50, 110))
            sheet.rule(x, base, self.right, base, 0.5)
            sheet.text((x + self.right) / 2, base + 10, text, size=7.5, align="centre")
        if form.approver:
            base = y + 26
            self.label(LEFT, base, form.approver.label)
            taken = width(form.approver.label + ": ", sheet.family, looks.label_size, looks.label_bold)
            end = self.value(LEFT + taken + 6, base, form.approver, 200 - taken)
            if rng.random() < 0.5:
                self.scribble(LEFT + rng.uniform(20, 60), end + 12, 70)
        if form.signatures and rng.random() < 0.35:
            self.stamp(rng.uniform(200, 300), y + 52)
        y += 74 if form.place or form.signatures else 10
        for text in form.small_print:
            y = self.ensure(y, 20)
            y = sheet.paragraph(LEFT, y, text, self.wide, size=7.0)
