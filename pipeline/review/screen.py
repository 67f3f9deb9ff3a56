"""Templates and what every page of the desk is given; the same for all routers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from models.errors import Conflict
from models.records import LINE_ITEM_COLUMNS
from pipeline.review.guard import Visitor
from pipeline.review.images import svg_box
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
}
STATE_TITLES = {
    "received": "Received",
    "read": "Read",
    "understood": "Understood",
    "review": "Waiting for review",
    "loaded": "Loaded",
    "rejected": "Sent back",
    "quarantined": "Quarantined",
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
_environment.filters["age"] = age
_environment.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
_environment.globals.update(
    line_problem_names=lambda position: {f"line_items.{position}.{column}" for column in LINE_ITEM_COLUMNS},
    svg_box=svg_box,
    columns=LINE_ITEM_COLUMNS,
    column_titles=COLUMN_TITLES,
    state_titles=STATE_TITLES,
    shapes=SHAPES,
)


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Render one page; every template has ``visitor`` (None before log-in)."""
    visitor = getattr(request.state, "visitor", None)
    html = _environment.get_template(template).render(visitor=visitor, here=request.url.path, **context)
    return HTMLResponse(html, status)


def store_of(request: Request) -> Store:
    """The store of the application that answers."""
    store: Store = request.app.state.store
    return store


def visitor_of(request: Request) -> Visitor:
    """Who asks; the guard has made sure that there is someone."""
    visitor: Visitor | None = request.state.visitor
    if visitor is None:
        raise Conflict("You are not signed in.")
    return visitor
