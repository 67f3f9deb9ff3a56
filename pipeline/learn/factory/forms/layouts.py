"""The layouts of forms: how the entries of a section stand on the page.

They differ in where a value stands from its label (right, below, above, in the same line, in a sentence), in what is
around it (nothing, a dotted line, a box, one cell a letter), and in how many stand beside each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from string import Formatter

from pipeline.learn.factory.fonts import width
from pipeline.learn.factory.forms.content import Entry
from pipeline.learn.factory.forms.page import LEFT, RIGHT, WIDE, FormPage
from pipeline.learn.factory.vocabulary import vocabulary

Entries = Sequence[Entry]
_CELL = 14.0


def _label_width(page: FormPage, entry: Entry) -> float:
    looks = page.looks
    return width(entry.label + ":", page.sheet.family, looks.label_size, looks.label_bold)


def _value_width(page: FormPage, entry: Entry) -> float:
    looks = page.looks
    return width(entry.text, looks.value_family, looks.value_size, looks.value_bold)


def beside(page: FormPage, entries: Entries, y: float, x: float = LEFT, across: float = WIDE) -> float:
    """Labels in one column, values in the next."""
    gap = min(max((_label_width(page, entry) for entry in entries), default=0) + 14, across * 0.55)
    if across == WIDE and page.rng.random() < 0.4:
        gap = max(gap, 190.0)
    for entry in entries:
        y = page.ensure(y, page.step * page.lines(entry, across - gap))
        page.label(x, y, page.wording(entry), across=gap - 6)
        y = page.value(x + gap, y, entry, across - gap) + 3
    return y + 4


def columns(page: FormPage, entries: Entries, y: float) -> float:
    """Two columns of labels and values."""
    half = (len(entries) + 1) // 2
    y = page.ensure(y, (page.step + 3) * half * 1.3)
    wide = WIDE / 2 - 10
    return max(beside(page, entries[:half], y, LEFT, wide), beside(page, entries[half:], y, LEFT + WIDE / 2 + 10, wide))


def _in_rows(page: FormPage, entries: Entries, count: int) -> list[list[Entry]]:
    """Rows of at most ``count`` entries; what is too long for its part of the row has a row of its own."""
    rows: list[list[Entry]] = []
    room = 0
    for entry in entries:
        longest = max(_value_width(page, entry), _label_width(page, entry) * 0.8)
        long = bool(entry.options) or longest > WIDE / count - 14
        if long or not room:
            rows.append([])
            room = 1 if long else count
        rows[-1].append(entry)
        room -= 1
    return rows


def above(page: FormPage, entries: Entries, y: float) -> float:
    """Labels above their values, two or three beside each other."""
    looks = page.looks
    count = page.rng.choice([1, 2, 2, 3])
    for row in _in_rows(page, entries, count):
        wide = WIDE / (count if len(row) > 1 else 1)
        y = page.ensure(y, page.step * 3)
        ends = []
        for place, entry in enumerate(row):
            page.label(LEFT + place * wide, y, page.wording(entry), size=looks.label_size - 1, across=wide - 8)
            ends.append(page.value(LEFT + place * wide, y + page.step, entry, wide - 12))
        y = max(*ends, y + page.step * 2) + 5
    return y + 2


def below(page: FormPage, entries: Entries, y: float) -> float:
    """Values on lines, with small labels below the lines."""
    count = page.rng.choice([1, 2, 2, 3, 4])
    for row in _in_rows(page, entries, count):
        wide = WIDE / (count if len(row) > 1 else 1)
        lines = max(page.lines(entry, wide - 18) for entry in row)
        y = page.ensure(y, page.step * (lines + 1) + 12)
        base = y + page.step * (lines - 1)
        for place, entry in enumerate(row):
            x = LEFT + place * wide
            page.value(x + 3, base - page.step * (page.lines(entry, wide - 18) - 1), entry, wide - 18)
            page.sheet.rule(x, base + 4, x + wide - 12, base + 4, 0.5)
            text = page.wording(entry)
            small = min(7.0, 7.0 * (wide - 12) / max(1.0, width(text, page.sheet.family, 7.0, page.looks.label_bold)))
            spare = wide - 12 - width(text, page.sheet.family, small, page.looks.label_bold)
            shift = {"left": 0.0, "centre": spare / 2, "right": spare}[page.habits.captions]
            page.label(x + max(0.0, shift), base + 12.5, text, size=small, colon=False)
        y = base + 12.5 + page.step * 1.5
    return y


def grid(page: FormPage, entries: Entries, y: float) -> float:
    """Boxes that touch, with a small label at the top of each."""
    count = page.rng.choice([2, 2, 3])
    y -= 8
    for row in _in_rows(page, entries, count):
        wide = WIDE / len(row)
        lines = max(page.lines(entry, wide - 12) for entry in row)
        tall = 15 + page.step * lines
        y = page.ensure(y, tall)
        for place, entry in enumerate(row):
            x = LEFT + place * wide
            page.sheet.box(x, y, x + wide, y + tall, thick=0.5, line="#555555")
            page.label(x + 4, y + 8, page.wording(entry), size=6.8, across=wide - 8, colon=False)
            page.value(x + 6, y + 9 + page.step, entry, wide - 12)
        y += tall
    return y + 14


def comb(page: FormPage, entries: Entries, y: float) -> float:
    """One cell a letter for what is short, boxes for the rest."""
    looks, sheet = page.looks, page.sheet
    most = int(WIDE / _CELL)
    for entry in entries:
        y = page.ensure(y, 44)
        letters = re.sub(r"(?<=[./])\s|(?<=\d)[\s\u00a0](?=\d)", "", entry.text)
        if re.fullmatch(r"[A-Z]{2}\d\d[\w ]+", entry.text):
            letters = entry.text.replace(" ", "")
        fits = entry.cells and bool(entry.text) and len(letters) <= most
        page.label(LEFT, y, page.wording(entry), size=looks.label_size - 0.5)
        if not fits:
            lines = page.lines(entry, WIDE - 16)
            sheet.box(LEFT, y + 4, RIGHT, y + 10 + page.step * lines, thick=0.5)
            y = page.value(LEFT + 6, y + 6 + page.step * 0.8, entry, WIDE - 16) + 14
            continue
        spare = page.rng.choice([0, 0, 2, 5])
        for place in range(min(most, len(letters) + spare)):
            x = LEFT + place * _CELL
            sheet.box(x, y + 4, x + _CELL, y + 20, thick=0.5, line="#777777")
            if place < len(letters):
                sheet.text(x + _CELL / 2, y + 15.5, letters[place].strip(), size=looks.value_size, align="centre",
                           family=looks.value_family, colour=looks.value_colour)  # fmt: skip
        for field in entry.shown:
            sheet.note(field, (LEFT, y + 4, LEFT + len(letters) * _CELL, y + 20))
        y += 33
    return y


def dotted(page: FormPage, entries: Entries, y: float) -> float:
    """Labels, and values on dotted lines behind them, one or two in a row."""
    sheet, looks = page.sheet, page.looks
    dots = page.rng.random() < 0.6
    for row in _pairs(page, entries):
        wide = WIDE / len(row)
        y = page.ensure(y, page.step * 2)
        ends = []
        for place, entry in enumerate(row):
            x = LEFT + place * wide
            taken = page.label(x, y, page.wording(entry), across=wide * 0.6) + 7
            end = page.value(x + taken, y - 0.5, entry, wide - taken - 12)
            ends.append(end)
            right = x + wide - (12 if place + 1 < len(row) else 0)
            if dots and not entry.options:
                step = width(".", sheet.family, looks.label_size)
                for line in range(max(1, round((end - y) / page.step))):
                    at = y + line * page.step + 2
                    dot = x + (taken if not line else 0)
                    while dot < right - step:
                        sheet.rule(dot, at, dot + 0.7, at, 0.7, "#777777")
                        dot += step
            elif not entry.options:
                sheet.rule(x + taken - 3, y + 2.5, right, y + 2.5, 0.4, "#555555")
        y = max(*ends, y + page.step) + 6
    return y


def _pairs(page: FormPage, entries: Entries, gap: float = 0.0) -> list[list[Entry]]:
    """Rows of two entries where both fit into half the width, label and all; labels take at least ``gap``."""
    rows: list[list[Entry]] = []
    open_row = False
    for entry in entries:
        fits = max(gap, _label_width(page, entry)) + _value_width(page, entry) < WIDE / 2 - 26 and not entry.options
        if fits and open_row:
            rows[-1].append(entry)
            open_row = False
        else:
            rows.append([entry])
            open_row = fits
    return rows


def letter(page: FormPage, entries: Entries, y: float) -> float:
    """Running text with the values in its sentences."""
    return written(page, entries, y, "letters", "rest", page.rng.choice([0.0, 0.0, 0.4]))


def petition(page: FormPage, entries: Entries, y: float) -> float:
    """A letter of request: the values in sentences that may come in another order, with no label before many."""
    return written(page, entries, y, "petitions", "rest", page.rng.choice([0.0, 0.1, 0.25]))


def _templates(page: FormPage, templates: Sequence[str | Sequence[str]]) -> list[str]:
    """The templates; where they stand in groups, each group shuffled."""
    found: list[str] = []
    for one in templates:
        found += [one] if isinstance(one, str) else page.rng.sample(list(one), len(one))
    return found


def written(  # noqa: PLR0917 - what stands where, and in which words
    page: FormPage, entries: Entries, y: float, templates: str, rest: str, plain: float = 0.0
) -> float:
    """Sentences of the vocabulary's ``templates``; what they have no room for is said by ``rest``.

    Of the other templates the share ``plain`` is left out, for their values to be said by ``rest``.
    """
    words = vocabulary(f"forms_{page.language}")
    left = {entry.name: entry for entry in entries if entry.text}
    if "period_both" in left:
        left |= dict.fromkeys(left["period_both"].shown, left["period_both"])
    sentences: list[tuple[str, dict[str, str], dict[str, int]]] = []
    for template in _templates(page, words[templates][page.form.type]):
        names = re.findall(r"\{(\w+)\}", template)
        if plain and page.rng.random() < plain:
            continue
        if not all(name in left for name in names):
            continue
        parts = {name: _part(left[name], name) for name in names}
        text, places = _filled(template, parts)
        shown: dict[str, str] = {}
        begins: dict[str, int] = {}
        for name in names:
            own = _shown(left[name], name)
            shown |= own
            begins |= dict.fromkeys(own, places[name])
        sentences.append((text, shown, begins))
        for name in names:
            left.pop(name)
            if name in ("period_from", "period_to"):
                left.pop("period_both", None)
    for entry in entries:
        if entry.text and (entry.name in left or not entry.name):
            said = words[rest] if isinstance(words[rest], str) else page.rng.choice(words[rest])
            text, places = _filled(said, {"label": entry.label, "value": entry.text})
            sentences.append((text, dict(entry.shown), dict.fromkeys(entry.shown, places["value"])))
            left.pop(entry.name, None)
    count = page.rng.choice([1, 2, 3])
    for start in range(0, len(sentences), count):
        text, shown = "", {}
        since: dict[str, int] = {}
        for sentence, parts, begins in sentences[start : start + count]:
            text += " " if text else ""
            since |= {field: len(text) + begin for field, begin in begins.items()}
            text += sentence[0].upper() + sentence[1:] if start or text else sentence
            shown |= parts
        y = page.ensure(y, page.step * 4)
        looks = page.looks
        y = page.sheet.flow(LEFT, y, text, WIDE, shown, since, size=looks.value_size + 0.5) + 4
    return y + 4


def _filled(template: str, parts: Mapping[str, str]) -> tuple[str, dict[str, int]]:
    """The template with ``parts`` in it, and where each of them begins."""
    text, places = "", {}
    for literal, name, _, _ in Formatter().parse(template):
        text += literal
        if name:
            places[name] = len(text)
            text += parts[name]
    return text, places


def _part(entry: Entry, name: str) -> str:
    """What a sentence says of a field: of an entry with two fields, only its own."""
    return entry.shown[name] if entry.name == "period_both" else entry.text


def _shown(entry: Entry, name: str) -> dict[str, str]:
    return {name: entry.shown[name]} if entry.name == "period_both" else dict(entry.shown)


def register(page: FormPage, entries: Entries, y: float) -> float:
    """A ruled table of labels and values, two of each in a row, the labels on grey. Held out."""
    sheet = page.sheet
    y -= 8
    gap = 118.0
    for row in _pairs(page, entries, gap):
        wide = WIDE / len(row)
        tall = 7 + page.step * max(page.lines(entry, wide - gap - 10) for entry in row)
        y = page.ensure(y, tall)
        for place, entry in enumerate(row):
            x = LEFT + place * wide
            sheet.box(x, y, x + gap, y + tall, fill="#e9e9e9", line="#666666", thick=0.5)
            sheet.box(x + gap, y, x + wide, y + tall, line="#666666", thick=0.5)
            page.label(x + 4, y + page.step, page.wording(entry), across=gap - 8)
            page.value(x + gap + 5, y + page.step, entry, wide - gap - 10)
        y += tall
    return y + 14


def compact(page: FormPage, entries: Entries, y: float) -> float:
    """Labels and values run on in lines, as many as fit, with bars or blanks between them. Held out."""
    sheet, looks = page.sheet, page.looks
    bars = page.rng.random() < 0.5
    x = LEFT
    y = page.ensure(y, page.step * 3)
    for entry in entries:
        taken = _label_width(page, entry) + 4
        long = taken + _value_width(page, entry)
        if x > LEFT and (x + long > RIGHT or entry.options):
            x, y = LEFT, page.ensure(y + page.step * 1.25, page.step * 2)
        if x > LEFT and bars:
            sheet.rule(x - 9, y - 8, x - 9, y + 2, 0.6)
        page.label(x, y, entry.label, colon=True, across=WIDE * 0.6)
        end = page.value(x + taken, y, entry, RIGHT - x - taken)
        x += long + 18
        if entry.options or end > y + page.step * 1.5:
            x, y = LEFT, end + page.step * 0.25
    return y + page.step * 1.6 + looks.label_size * 0.3


FORM_DRAWERS: dict[str, Callable[[FormPage, Entries, float], float]] = {
    "beside": beside,
    "columns": columns,
    "above": above,
    "below": below,
    "grid": grid,
    "comb": comb,
    "dotted": dotted,
    "letter": letter,
    "petition": petition,
    "register": register,
    "compact": compact,
}
