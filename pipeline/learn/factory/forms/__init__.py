"""Forms: payroll requests, timesheets, card applications, bank statements, identity documents."""

from __future__ import annotations

from dataclasses import replace

from pipeline.learn.factory.forms.content import Maker, Section
from pipeline.learn.factory.forms.held_out import HELD_OUT_DRAWERS
from pipeline.learn.factory.forms.identity import IDENTITY_LAYOUTS, make_identity
from pipeline.learn.factory.forms.layouts import FORM_DRAWERS
from pipeline.learn.factory.forms.page import FormPage, Habits, Looks
from pipeline.learn.factory.forms.papers import PAPERS
from pipeline.learn.factory.forms.statements import bank_statement
from pipeline.learn.factory.records import Made
from pipeline.learn.factory.sheet import A4, Sheet
from pipeline.learn.factory.trade import seeded

_MAKERS = {**PAPERS, "bank_statement": bank_statement}
_DRAWERS = {**FORM_DRAWERS, **HELD_OUT_DRAWERS}
_LETTERS = frozenset({"letter", "petition", "sentences"})
_MIXED = frozenset({"petition", "sentences"})  # their sentences mix what forms keep apart

#: letters of request, which learners of running text draw besides
LETTERS = ("petition",)
#: the layouts that each type is drawn in
FORM_LAYOUTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_MAKERS, tuple(name for name in _DRAWERS if name not in LETTERS)),
    "bank_statement": tuple(name for name in _DRAWERS if name not in _MIXED),  # no bank writes that way
    "identity_document": IDENTITY_LAYOUTS,
}
#: layouts of forms that nothing is ever trained on
HELD_OUT_FORMS = (*HELD_OUT_DRAWERS, "permit")


def make_form(seed: int | str, type: str, language: str = "cs", layout: str | None = None) -> Made:  # noqa: A002
    """Make one form.

    Args:
        seed: Decides everything that is not said by the other arguments.
        type: A key of `FORM_LAYOUTS`.
        language: ``cs``, ``de``, ``en`` or ``fr``.
        layout: One of the type's `FORM_LAYOUTS`; by default drawn from those that are not held out.

    Raises:
        MissingTool: a font is not installed.
    """
    rng = seeded("form", seed, type, language)
    layout = layout or rng.choice([name for name in FORM_LAYOUTS[type] if name not in HELD_OUT_FORMS])
    if type == "identity_document":
        return make_identity(seed, language, layout)
    maker = Maker(rng, type, language)
    if layout == "questionnaire":
        maker.ticked = 0.8
    form = _MAKERS[type](maker)
    draw = seeded("drawn", seed, type, language, layout)
    size = A4[::-1] if layout == "broad" else A4
    sheet = Sheet(size, family=maker.style.family, points=9.0)
    page = FormPage(draw, form, sheet, Looks.drawn(draw, maker.style.family, maker.style.accent), language)
    if layout not in HELD_OUT_FORMS:
        page.habits = Habits.drawn(seeded("habits", seed, type, language, layout), language)
    if layout in _LETTERS:
        page.looks = replace(page.looks, value_family=maker.style.family, value_bold=False, value_colour="#000000")
    _draw(page, layout)
    shown = sheet.boxes
    fields = {name: value for name, value in maker.values.items() if name in shown}
    return Made(f"{type}-{language}-{layout}-{seed}", type, language, layout, sheet, form.title, fields, [])


def _draw(page: FormPage, layout: str) -> None:
    form = page.form
    y = page.head()
    if layout in _LETTERS:
        y = page.salutation(y)
    sections = form.sections
    if layout in _MIXED or (layout == "letter" and page.habits.mixed):
        sections = (Section("", tuple(entry for section in sections for entry in section.entries)), Section("", ()))
    last = len(sections) - 1
    for number, section in enumerate(sections):
        if number == last and form.rows:
            y = page.table(form.rows, y)
        if section.entries:
            y = page.section_title(y, "" if layout in _LETTERS else section.title)
            y = _DRAWERS[layout](page, section.entries, y)
    page.ending(y)
