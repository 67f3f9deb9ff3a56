"""Templates and what every page of the desk is given; the same for all routers."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from models.document_types import document_types
from models.errors import SignInRefused
from models.messages import say
from models.records import LINE_ITEM_COLUMNS
from models.roles import Role
from pipeline.accounts import Visitor, titles
from pipeline.review import languages, local
from pipeline.review.guard import STATIC
from pipeline.review.images import svg_box
from pipeline.review.queue import COUNTED
from pipeline.store import Store, clock

COLUMN_TITLES = {
    "description": say("Description"),
    "quantity": say("Qty"),
    "unit": say("Unit"),
    "unit_price": say("Price"),
    "net_amount": say("Net"),
    "tax_rate": say("Tax %"),
}
SHAPES = {  # SVG paths in 16 x 16: how sure a value is must not be told by colour alone
    "sure": "M2 8.5 6.5 13 14 4",
    "fair": "M3 8h10",
    "doubt": "M8 1.5 15 14H1zM8 6v4m0 2v.5",
    "none": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM4 12l8-8",
    "data": "M5 3 1 8l4 5M11 3l4 5-4 5",
    "hand": "M2 14l1-4 8-8 3 3-8 8z",
    "aside": "M4 2v12M12 2v12",
    "second": "M6 3a2.5 2.5 0 1 0 .1 0zM1.5 14c0-6 9-6 9 0M11 3.2a2.5 2.5 0 0 1 0 4.6M13 14c0-3-1-4-2-4",
}
STATE_TITLES = {
    "received": say("Received"),
    "read": say("Read"),
    "understood": say("Understood"),
    "review": say("Waiting for review"),
    "loaded": say("Loaded"),
    "rejected": say("Sent back"),
    "quarantined": say("Quarantined"),
    "replaced": say("Replaced"),
}
ROLE_TITLES = {
    Role.STATION: (say("Station"), say("drops files, sees what became of its own")),
    Role.REVIEWER: (say("Reviewer"), say("decides on documents")),
    Role.SUPERVISOR: (say("Supervisor"), say("decides, and manages the accounts")),
    Role.OPERATOR: (say("Operator"), say("runs the machine; looks, decides nothing")),
    Role.INTEGRATOR: (say("Integrator"), say("a program that reads")),
    Role.AUDITOR: (say("Auditor"), say("looks at everything, changes nothing")),
}
ACTORS = {"machine": say("by itself"), "intake": say("by itself"), "housekeeping": say("housekeeping")}
"""Who acts without a person, for the history; `pipeline.accounts` gives these names to nobody."""
OUTCOME_TITLES = {
    "accepted": say("accepted"),
    "rejected": say("rejected"),
    "skipped": say("skipped"),
    "put-aside": say("put-aside"),
}
"""How a look at a document ended."""


def age(since: dt.datetime) -> str:
    """How long ago, in one or two words."""
    minutes = max(0, int((clock.now() - since).total_seconds() // 60))
    if minutes >= 1440:
        return languages.ngettext("%(num)s day", "%(num)s days", minutes // 1440) % {"num": minutes // 1440}
    if minutes >= 60:
        return languages.ngettext("%(num)s hour", "%(num)s hours", minutes // 60) % {"num": minutes // 60}
    if minutes:
        return languages.ngettext("%(num)s minute", "%(num)s minutes", minutes) % {"num": minutes}
    return languages.gettext("a moment")


def _capitalised(text: str) -> str:
    text = languages.tell(text)
    return text[:1].upper() + text[1:]


def _linked(text: str, document_id: int) -> Markup:
    """A sentence as HTML in which the number of a document leads to that document."""
    link = f'<a href="/documents/{document_id}">{document_id}</a>'
    return Markup(re.sub(rf"\b{document_id}\b", link, str(escape(languages.tell(text))), count=1))  # noqa: S704 - escaped


_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,  # asking the disk for each of a page's pieces takes longer than rendering them
)
languages.install(_environment)
_environment.filters["age"] = age
_environment.filters["linked"] = _linked
_environment.filters["counted"] = lambda number: f"{COUNTED:,}+".replace(",", "\u202f") if number > COUNTED else number
_environment.filters["capitalize_first"] = _capitalised
_environment.filters["local"] = lambda text, kind: local.shown(kind, text or "")
_environment.filters["local_cell"] = lambda text, column: local.shown_cell(column, text)
_environment.globals.update(
    line_problem_names=lambda position: {f"line_items.{position}.{column}" for column in LINE_ITEM_COLUMNS},
    svg_box=svg_box,
    columns=LINE_ITEM_COLUMNS,
    column_titles=COLUMN_TITLES,
    state_titles=STATE_TITLES,
    role_titles=ROLE_TITLES,
    actors=ACTORS,
    outcome_titles=OUTCOME_TITLES,
    languages=languages.LANGUAGES,
    shapes=SHAPES,
    static=STATIC,
)


def compile_templates() -> None:
    """Make the first request of each page as quick as the others."""
    for name in _environment.list_templates():
        _environment.get_template(name)


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Render one page; every template has ``visitor`` (None before sign-in) and ``person``: who a name is."""
    visitor = getattr(request.state, "visitor", None)
    known: dict[str, str] = {}

    def person(name: str) -> str:
        if name not in known:
            with store_of(request).reading() as session:
                known.update(titles(session, [name]))
        return known[name]

    values = {"visitor": visitor, "here": request.url.path, "person": person, "language": languages.spoken()} | context
    html = _environment.get_template(template).render(values)
    return HTMLResponse(html, status)


def store_of(request: Request) -> Store:
    """The store of the application that answers."""
    store: Store = request.app.state.store
    return store


def visitor_of(request: Request) -> Visitor:
    """Who asks; the guard has made sure that there is someone."""
    visitor: Visitor | None = request.state.visitor
    if visitor is None:
        raise SignInRefused(say("You are not signed in."))
    return visitor


def types_for(visitor: Visitor) -> dict[str, str]:
    """The titles of the document types that a visitor may see, by name."""
    return {name: kind.title["en"] for name, kind in document_types().items() if visitor.scope.has_type(name)}
