"""The supervisor's figures: counted from rows, drawn as bars, kept from those who may not see them."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import update

from models.roles import Role, Scope
from models.states import State
from models.tables import DocumentRow, EffortRow
from pipeline.review.charts import HEIGHT, stacked
from pipeline.review.figures import figures
from pipeline.store import clock

from .people import client_of
from .rows import add_invoice


def put(store, number, state, *, days_ago=0, route="review", priority=5, kind="invoice"):
    document_id = add_invoice(store, number, state=state)
    then = clock.now() - dt.timedelta(days=days_ago)
    with store.transaction() as session:
        values = {"received_at": then, "route": route, "priority": priority, "type": kind}
        session.execute(update(DocumentRow).where(DocumentRow.id == document_id).values(**values))
    return document_id


@pytest.fixture
def office(store):
    put(store, "A-1", State.REVIEW, days_ago=40)
    put(store, "A-2", State.REVIEW, days_ago=3)
    oldest_receipt = put(store, "A-3", State.REVIEW, days_ago=2, kind="receipt", priority=1)
    put(store, "A-4", State.LOADED, days_ago=1, route="auto")
    put(store, "A-5", State.LOADED, days_ago=1, route="auto")
    reviewed = put(store, "A-6", State.LOADED, days_ago=1)
    put(store, "A-7", State.QUARANTINED)
    put(store, "A-8", State.REVIEW)
    with store.transaction() as session:
        for seconds, keys, outcome in (
            (10, 4, "accepted"),
            (30, 12, "accepted"),
            (50, 20, "rejected"),
            (999, 0, "skipped"),
        ):
            session.add(
                EffortRow(
                    document_id=reviewed, by="anna", at=clock.now(), outcome=outcome, seen=True, changed=True,
                    seconds=seconds, keystrokes=keys,
                )
            )  # fmt: skip
    return oldest_receipt


def test_what_waits_by_type_and_age(store, office):
    shown = figures(store)
    assert {one.type: one.count for one in shown.waiting} == {"invoice": 3, "receipt": 1}
    assert next(one for one in shown.waiting if one.type == "receipt").oldest_id == office
    assert shown.oldest.type == "invoice"
    assert dict(shown.ages) == {"today": 1, "since yesterday": 0, "this week": 2, "longer": 1}


def test_what_arrived_and_became_of_it(store, office):
    shown = figures(store)
    assert len(shown.days) == 28
    yesterday, today = shown.days[-2:]
    assert (yesterday.alone, yesterday.reviewed, yesterday.arrived) == (2, 1, 3)
    assert (today.waiting, today.returned) == (1, 1)
    assert shown.arrived == 7, "not what came 40 days ago"
    assert shown.straight_through == pytest.approx(2 / 3)


def test_what_reviewing_costs(store, office):
    shown = figures(store)
    assert [(one.documents, one.seconds, one.keystrokes) for one in shown.costs] == [(3, 30, 12)]
    assert (shown.seconds, shown.keystrokes) == (30, 12)


def test_within_a_scope(store, office):
    shown = figures(store, Scope(types=frozenset({"receipt"})))
    assert [one.type for one in shown.waiting] == ["receipt"]
    assert shown.arrived == 1
    assert shown.costs == ()


def test_an_empty_office(store):
    shown = figures(store)
    assert (shown.waiting, shown.straight_through, shown.oldest, shown.seconds) == ((), None, None, None)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_the_page_is_for_supervisors(app, store, office):
    with client_of(app, store, "Sue", Role.SUPERVISOR) as client:
        html = client.get("/figures").text
        assert "67 %" in html
        assert html.count('class="alone"') == 2, "one bar, one legend"
        assert "style=" not in html
        assert client.get("/api/figures").json()["waiting"][0]["count"] == 3
    with client_of(app, store, "Anna") as client:
        assert client.get("/figures").status_code == 403
        assert client.get("/api/figures").status_code == 403


def test_bars_are_stacked_to_scale():
    chart = stacked([("1.", [("a", 3, ""), ("b", 4, "")]), ("2.", [("a", 0, "")])])
    low, high = chart.bars
    assert high.height / low.height == pytest.approx(4 / 3, rel=0.01)
    assert high.y + high.height == pytest.approx(low.y, abs=0.11)
    assert low.y + low.height == pytest.approx(HEIGHT - 22, abs=0.11)
    assert [words for _, words in chart.ticks] == ["0", "5", "10"]
    assert stacked([]).bars == ()
