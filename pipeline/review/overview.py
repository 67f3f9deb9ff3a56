"""The pages over all documents: search, and the supervisor's figures."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from models.messages import say
from pipeline.review import languages
from pipeline.review.access import about_documents, supervising
from pipeline.review.charts import stacked
from pipeline.review.described import Before
from pipeline.review.figures import Cost, Day, Kept
from pipeline.review.screen import page, store_of, types_for, visitor_of
from pipeline.search import Found, Wanted, find, unknown_fields

router = APIRouter(dependencies=about_documents)
_PAGE_ROWS = 50


@router.get("/search")
def search(  # noqa: PLR0917 - what the address may hold
    request: Request,
    q: Annotated[str, Query(max_length=500)] = "",
    state: str = "",
    type_name: Annotated[str, Query(alias="type")] = "",
    since: str = "",
    until: str = "",
    before: Before = None,
) -> Response:
    """Documents by what stands on them, their fields, state, type and day of receipt; the newest first."""
    visitor = visitor_of(request)
    problem = ""
    rows: list[Found] = []
    try:
        wanted = Wanted(q, state or None, type_name or None, _day(since), _day(until))
    except ValueError:
        wanted, problem = Wanted(q, state or None, type_name or None), say("Write days like 2026-11-23.")
    asked = any((q.strip(), state, type_name, since, until))
    if asked and not problem:
        rows = find(store_of(request), wanted, _PAGE_ROWS, before, visitor.scope)
    sent = {"q": q, "state": state, "type": type_name, "since": since, "until": until}
    more = {name: value for name, value in sent.items() if value} | {"before": rows[-1].id if rows else 0}
    return page(
        request,
        "search.html",
        wanted=wanted,
        problem=problem,
        rows=rows,
        asked=asked,
        unknown=unknown_fields(q),
        types=types_for(visitor),
        more=urlencode(more) if len(rows) == _PAGE_ROWS else None,
    )


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


@router.get("/figures", dependencies=[Depends(supervising)])
def supervised(request: Request) -> Response:
    """What waits, what arrived and became of it, and what reviewing costs; at most a minute old."""
    kept: Kept = request.app.state.figures
    shown = kept.of(visitor_of(request).scope)
    costs = {one.day: one for one in shown.costs}
    arrivals = [(_short(one.day), _parts(one)) for one in shown.days]
    spent = [(_short(one.day), _spent(costs.get(one.day))) for one in shown.days]
    return page(request, "figures.html", figures=shown, arrivals=stacked(arrivals), costs=stacked(spent))


def _short(day: dt.date) -> str:
    return f"{day.day}. {day.month}." if languages.spoken() == "cs" else f"{day:%m-%d}"


def _parts(day: Day) -> list[tuple[str, float, str]]:
    """From below: what went well first."""
    counts = {
        "alone": (day.alone, say("loaded alone")),
        "reviewed": (day.reviewed, say("loaded by a person")),
        "waiting": (day.waiting, say("waiting")),
        "returned": (day.returned, say("sent back or quarantined")),
    }
    return [
        (name, count, f"{languages.day(day.day)}: {count} {languages.tell(words)}")
        for name, (count, words) in counts.items()
    ]


def _spent(cost: Cost | None) -> list[tuple[str, float, str]]:
    if cost is None:
        return []
    return [("cost", cost.seconds, _cost(cost))]


def _cost(cost: Cost) -> str:
    told = languages.ngettext("%(seconds)s s, %(num)s document", "%(seconds)s s, %(num)s documents", cost.documents)
    return f"{languages.day(cost.day)}: {told % {'seconds': f'{cost.seconds:.0f}', 'num': cost.documents}}"
