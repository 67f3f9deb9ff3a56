"""Templates and what every page of the desk is given; the same for all routers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from models.document_types import document_types
from models.errors import SignInRefused
from models.records import LINE_ITEM_COLUMNS
from models.roles import Role
from pipeline.accounts import Visitor, titles
from pipeline.review import languages
from pipeline.review.images import svg_box
from pipeline.review.queue import COUNTED
from pipeline.store import Store, clock

COLUMN_TITLES = {
    "description": "Description",
    "quantity": "Qty",
    "unit": "Unit",
    "unit_price": "Price",
    "net_amount": "Net",
    "tax_rate": "Tax %",
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
    "received": "Received",
    "read": "Read",
    "understood": "Understood",
    "review": "Waiting for review",
    "loaded": "Loaded",
    "rejected": "Sent back",
    "quarantined": "Quarantined",
    "replaced": "Replaced",
}
ROLE_TITLES = {
    Role.STATION: ("Station", "drops files, sees what became of its own"),
    Role.REVIEWER: ("Reviewer", "decides on documents"),
    Role.SUPERVISOR: ("Supervisor", "decides, and manages the accounts"),
    Role.OPERATOR: ("Operator", "runs the machine; looks, decides nothing"),
    Role.INTEGRATOR: ("Integrator", "a program that reads"),
    Role.AUDITOR: ("Auditor", "looks at everything, changes nothing"),
}


def age(since: dt.datetime) -> str:
    """How long ago, in one or two words."""
    minutes = max(0, int((clock.now() - since).total_seconds() // 60))
    for size, word in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            number = minutes // size
            return f"{number} {word}{'' if number == 1 else 's'}"
    return "a moment"


_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
languages.install(_environment)
_environment.filters["age"] = age
_environment.filters["counted"] = lambda number: f"{COUNTED:,}+".replace(",", "\u202f") if number > COUNTED else number
_environment.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
_environment.globals.update(
    line_problem_names=lambda position: {f"line_items.{position}.{column}" for column in LINE_ITEM_COLUMNS},
    svg_box=svg_box,
    columns=LINE_ITEM_COLUMNS,
    column_titles=COLUMN_TITLES,
    state_titles=STATE_TITLES,
    role_titles=ROLE_TITLES,
    shapes=SHAPES,
)


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
        raise SignInRefused("You are not signed in.")
    return visitor


def types_for(visitor: Visitor) -> dict[str, str]:
    """The titles of the document types that a visitor may see, by name."""
    return {name: kind.title["en"] for name, kind in document_types().items() if visitor.scope.has_type(name)}
