"""Layouts of forms that nothing is trained on: they tell how forms that were never seen are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.learn.factory.fonts import width
from pipeline.learn.factory.forms.content import Entry
from pipeline.learn.factory.forms.layouts import written
from pipeline.learn.factory.forms.page import LEFT, FormPage
from pipeline.learn.factory.vocabulary import vocabulary

_CELL = 15.5
_SECOND = {"cs": ("en", "de"), "de": ("en", "fr"), "en": ("fr", "de"), "fr": ("en",)}
_TICKS = (("☒", "☐"), ("☑", "☐"), ("[x]", "[ ]"), ("(x)", "( )"), ("[X]", "[_]"))


def questionnaire(page: FormPage, entries: Sequence[Entry], y: float) -> float:
    """Numbered questions, answers under them: ticked words below each other, letters over a comb, words on a line."""
    sheet, looks, rng = page.sheet, page.looks, page.rng
    marks = rng.choice(_TICKS)
    for number, entry in enumerate(entries, page.questions + 1):
        y = page.ensure(y, 50)
        sheet.text(LEFT, y, f"{number}.", size=looks.label_size, bold=True)
        page.label(LEFT + 22, y, entry.label)
        y += page.step * 1.25
        if entry.options:
            for text in entry.options:
                chosen = text == entry.text
                taken = sheet.text(LEFT + 30, y, marks[not chosen], size=looks.value_size, family="dejavu")
                shown = dict(entry.shown) if chosen else {}
                sheet.text(LEFT + 36 + taken, y, text, size=looks.value_size, show=shown)
                y += page.step * 1.1
            y += 6
            continue
        letters = entry.text.replace("\u00a0", " ")
        if entry.cells and letters and len(letters) * _CELL < page.wide - 40:
            sheet.rule(LEFT + 22, y + 3, LEFT + 22 + _CELL * len(letters), y + 3, 0.7)
            for place, letter in enumerate(letters):
                x = LEFT + 22 + place * _CELL
                sheet.rule(x, y - 3, x, y + 3, 0.5)
                sheet.text(x + _CELL / 2, y + 0.5, letter.strip(), size=looks.value_size, align="centre",
                           family=looks.value_family, colour=looks.value_colour)  # fmt: skip
            x = LEFT + 22 + len(letters) * _CELL
            sheet.rule(x, y - 3, x, y + 3, 0.5)
            for field in entry.shown:
                sheet.note(field, (LEFT + 22, y - 8, x, y + 3))
            y += page.step + 8
            continue
        end = page.value(LEFT + 24, y, entry, page.wide - 40)
        sheet.rule(LEFT + 22, end - page.step + 3, LEFT + page.wide, end - page.step + 3, 0.4, "#888888")
        y = end + 9
    page.questions += len(entries)
    return y + 2


def broad(page: FormPage, entries: Sequence[Entry], y: float) -> float:
    """A sheet on its side: three or four values in a row over dots, their labels centred below in small print."""
    sheet, looks = page.sheet, page.looks
    count = page.rng.choice([3, 3, 4])
    rows: list[list[Entry]] = []
    room = 0
    for entry in entries:
        needed = width(entry.text, looks.value_family, looks.value_size, looks.value_bold) + 24
        parts = max(1, -int(-needed // (page.wide / count))) if not entry.options else 2
        parts = min(parts, count)
        if parts > room:
            rows.append([])
            room = count
        rows[-1].append(entry)
        room -= parts
    for row in rows:
        wide = page.wide / len(row)
        lines = max(page.lines(entry, wide - 20) for entry in row)
        y = page.ensure(y, page.step * lines + 26)
        base = y + page.step * (lines - 1)
        for place, entry in enumerate(row):
            x = LEFT + place * wide
            top = base - page.step * (page.lines(entry, wide - 20) - 1)
            page.value(x + 6, top, entry, wide - 20)
            if not entry.options:
                at = x
                while at < x + wide - 14:
                    sheet.rule(at, base + 3, at + 1, base + 3, 0.6, "#555555")
                    at += 3
            sheet.text(x + (wide - 14) / 2, base + 11.5, entry.label, size=6.8, align="centre", colour="#333333")
        y = base + 11.5 + page.step * 1.6
    return y


def bilingual(page: FormPage, entries: Sequence[Entry], y: float) -> float:
    """A ruled table: labels in two languages in the first column, values in the second."""
    sheet, looks, rng = page.sheet, page.looks, page.rng
    other = vocabulary(f"forms_{rng.choice(_SECOND[page.language])}")["labels"]
    stacked = rng.random() < 0.4
    gap = page.wide * rng.choice([0.42, 0.5])
    y -= 8
    for number, entry in enumerate(entries):
        names = other.get(f"{page.form.type}.{entry.name}") or other.get(entry.name) or []
        second = rng.choice(names) if names else ""
        lines = page.lines(entry, page.wide - gap - 14)
        tall = max(page.step * lines, (looks.label_size * 2 if stacked and second else looks.label_size) + 3) + 6
        y = page.ensure(y, tall)
        sheet.box(LEFT, y, LEFT + gap, y + tall, thick=0.5, line="#777777", fill="#f4f4f4" if number % 2 else "")
        sheet.box(LEFT + gap, y, LEFT + page.wide, y + tall, thick=0.5, line="#777777")
        base = y + page.step
        if stacked or not second:
            page.label(LEFT + 5, base, entry.label, across=gap - 10, colon=False)
            sheet.text(LEFT + 5, base + looks.label_size, second, size=looks.label_size - 1.5, colour="#555555",
                       family="italic")  # fmt: skip
        else:
            page.label(LEFT + 5, base, f"{entry.label} / {second}", across=gap - 10, colon=False)
        page.value(LEFT + gap + 7, base, entry, page.wide - gap - 14)
        y += tall
    return y + 14


def sentences(page: FormPage, entries: Sequence[Entry], y: float) -> float:
    """A letter whose sentences hold several values each."""
    return written(page, entries, y, "sentences", "sentences_rest")


HELD_OUT_DRAWERS: dict[str, Callable[[FormPage, Sequence[Entry], float], float]] = {
    "questionnaire": questionnaire,
    "broad": broad,
    "bilingual": bilingual,
    "sentences": sentences,
}
