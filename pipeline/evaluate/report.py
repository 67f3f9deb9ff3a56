"""The figures as one HTML page that stands alone: no script, nothing from elsewhere, light, dark and on paper.

Threat: it shows what strangers wrote and pictures of their pages. Everything is escaped, pictures are PNGs that the
cage drew, and the page's own policy (CSP) forbids scripts and any request. It holds the documents' content: the file
is made readable for its owner alone.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from models.document_types import document_types
from models.errors import UnreadableDocument
from models.records import LINE_ITEM_COLUMNS, Box
from models.settings import Settings
from pipeline.caged import render_page_caged
from pipeline.evaluate import charts
from pipeline.evaluate.figures import Figures
from pipeline.evaluate.judge import Judged, JudgedField, PageSize, Verdict
from pipeline.evaluate.metrics import Score

DPI = 96
_PAGES = 2  # of one document
_VERDICTS = {
    Verdict.WRONG: "wrong value",
    Verdict.MISSING: "not found",
    Verdict.INVENTED: "not on the document",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A field that is not right, with the number of its box on the picture (None: it has none there)."""

    field: JudgedField
    title: str
    what: str
    number: int | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A box on a page: x, y, width and height in points. ``kind`` is right, wrong, row or expected."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    number: int | None
    title: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page with its picture (base64 of a PNG) and the boxes on it."""

    page: PageSize
    picture: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Bad:
    """One of the worst documents."""

    judged: Judged
    title: str
    faults: tuple[Fault, ...]
    sheets: tuple[Sheet, ...]


def html(judged: Sequence[Judged], sums: Figures, settings: Settings, source: str) -> str:
    """The report on ``judged`` with their figures; ``source`` names the truth. Pages of the worst documents are drawn.

    Raises:
        MissingTool: an engine's language or program is not installed.
    """
    by_file = {one.truth.file: one for one in judged}
    return _environment().get_template("report.html").render(
        sums=sums,
        source=source,
        made=dt.datetime.now().strftime("%Y-%m-%d %H:%M"),
        titles={name: kind.title["en"] for name, kind in document_types().items()},
        field_titles={
            name: {field: spec.title["en"] for field, spec in kind.fields.items()}
            for name, kind in document_types().items()
        },
        columns=LINE_ITEM_COLUMNS,
        charts=_charts(sums),
        worst=[_bad(by_file[name], settings) for name in sums.worst],
        thresholds=(settings.type_threshold, settings.field_threshold),
    )  # fmt: skip


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=_percent, points=_points, bar=_bar, readable=_readable)
    return environment


def _charts(sums: Figures) -> dict[str, Markup]:
    """The charts; what goes into them are numbers and our own words."""
    if sums.sureness is None:
        return {}
    return {
        "reliability": Markup(charts.reliability(sums.sureness)),  # noqa: S704
        "risk": Markup(charts.risk_coverage(sums.sureness)),  # noqa: S704
    }


def _percent(part: float | None, digits: int = 1) -> str:
    """A share in percent; never 100 where anything is missing to it."""
    if part is None:
        return "–"
    shown = f"{part * 100:.{digits}f}"
    if part < 1 and float(shown) >= 100:
        shown = f"{100 - 10**-digits:.{digits}f}"
    return f"{shown} %"


def _points(number: float | None, digits: int = 3) -> str:
    return "–" if number is None else f"{number:.{digits}f}"


def _readable(text: str) -> str:
    return text.replace("_", " ")


def _bar(score: Score) -> Markup:
    """A bar of F1, and how much of what is missing to it is wrong."""
    whole = 2 * score.right + score.wrong + score.missing
    good, wrong = (100 * 2 * score.right / whole, 100 * score.wrong / whole) if whole else (0.0, 0.0)
    return Markup(  # noqa: S704 - numbers alone
        '<svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="good" width="{good:.2f}" height="8"/>'
        f'<rect class="bad" x="{good:.2f}" width="{wrong:.2f}" height="8"/></svg>'
    )


def _bad(one: Judged, settings: Settings) -> Bad:
    kind = document_types()[one.truth.type]
    faults, number = [], 0
    for field in one.fields:
        if field.verdict is Verdict.RIGHT:
            continue
        placed = field.stands is not None or (field.found is not None and field.found.box is not None)
        number += placed
        title = kind.fields[field.name].title["en"] if field.name in kind.fields else _readable(field.name)
        faults.append(Fault(field, title, _VERDICTS[field.verdict], number if placed else None))
    return Bad(one, kind.title["en"], tuple(faults), tuple(_sheets(one, faults, settings)))


def _sheets(one: Judged, faults: Sequence[Fault], settings: Settings) -> Iterator[Sheet]:
    """The pages that show what is wrong; the first, where that is nowhere."""
    marks: dict[int, list[Mark]] = {}
    bad: set[int] = set()
    for field in one.fields:
        if field.verdict is Verdict.RIGHT and field.found and field.found.box and field.found.page:
            marks.setdefault(field.found.page, []).append(_mark(field.found.box, "right", f"{field.name}: right"))
    for fault in faults:
        found = fault.field.found
        if fault.field.stands is not None:
            number, box = fault.field.stands
            bad.add(number)
            marks.setdefault(number, []).append(_mark(box, "expected", f"{fault.title}: expected", fault.number))
        if found and found.box and found.page:
            bad.add(found.page)
            title = f"{fault.title}: {fault.what}"
            marks.setdefault(found.page, []).append(_mark(found.box, "wrong", title, fault.number))
    for row in one.rows or ():
        if row.found and row.found.box and row.found.page and not row.right:
            bad.add(row.found.page)
            marks.setdefault(row.found.page, []).append(_mark(row.found.box, "row", "row"))
    shown = sorted(bad)[:_PAGES] or [page.number for page in one.pages[:1]]
    for page in one.pages:
        if page.number not in shown:
            continue
        with contextlib.suppress(UnreadableDocument):  # data without a page, or one that can't be drawn
            picture = render_page_caged(
                one.truth.path, one.media_type, page.number, settings, turned=page.turned, dpi=DPI
            )
            yield Sheet(page, base64.b64encode(picture).decode(), tuple(marks.get(page.number, ())))


def _mark(box: Box, kind: str, title: str, number: int | None = None) -> Mark:
    x0, y0, x1, y1 = box
    return Mark(x0 - 2, y0 - 2, x1 - x0 + 4, y1 - y0 + 4, kind, number, title)
