"""Who may see and do what, asked of every route that the application has: a new one can't be forgotten."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from models.roles import Role, Scope
from models.states import State
from models.tables import AsideRow, DocumentRow, DropRow, EventRow
from pipeline import accounts
from pipeline.accounts import issue_token
from pipeline.review import guard, queue
from pipeline.store import clock

from .people import BASE, account, client_of, form_of
from .rows import add_invoice

OPEN = {("GET", "/login"), ("POST", "/login"), ("GET", "/welcome"), ("POST", "/welcome")}
OWN = {("POST", "/logout"), ("GET", "/me"), ("GET", "/me/session"), ("POST", "/me/password"), ("POST", "/me/sign-out")}
OWN |= {("POST", "/me/language")}
LISTS = {
    ("GET", "/"),
    ("GET", "/documents"),
    ("GET", "/next"),
    ("GET", "/aside"),
    ("GET", "/search"),
    ("GET", "/figures"),
    ("GET", "/api/figures"),
    ("GET", "/api/search"),
    ("GET", "/api/documents"),
    ("GET", "/api/aside"),
    ("POST", "/api/next"),
}
SUPERVISED = {
    ("POST", "/api/documents/{document_id}/priority"),
    ("POST", "/api/documents/{document_id}/recall"),
    ("GET", "/api/documents/{document_id}/effort"),
}
BLIND = {("GET", "/api/openapi.json")}  # tells of no document
RECEIPTS = Scope(types=frozenset({"receipt"}))


@pytest.fixture
def dialect():
    """The same queries are tested on both databases in test_queue and test_accounts."""
    return "sqlite"


def routes_of(app):
    """Every method and path of the application; what is no plain route must be known by name."""
    for route in app.routes:
        if hasattr(route, "effective_route_contexts"):  # a router that was included
            for one in route.effective_route_contexts():
                yield from ((method, one.path) for method in one.methods)
        else:
            assert route.path in {guard.STATIC, "/api/openapi.json"}, route
            if route.path == "/api/openapi.json":
                yield "GET", route.path


def about_documents(app):
    return [(method, path) for method, path in routes_of(app) if "{document_id}" in path]


def filled(path, document_id, name="anna"):
    values = {"{document_id}": str(document_id), "{number}": "1", "{name}": name, "{token_id}": "1"}
    values["{field}"] = "gross_total"
    for key, value in values.items():
        path = path.replace(key, value)
    assert "{" not in path, "tell this test what to put in"
    return path


def ask(client, method, path, headers=None):
    """Send it as the desk's own page or a program would: with the token, and a body that makes sense."""
    if path.startswith("/api/"):
        csrf = {} if headers else {"X-CSRF-Token": csrf_of(client)}
        body = {"version": 3, "reason": "Not ours"} if method == "POST" else None
        return client.request(method, path, headers=(headers or {}) | csrf, json=body)
    data = {"csrf": csrf_of(client), "version": "3", "action": "accept"} if method == "POST" else None
    return client.request(method, path, headers=headers, data=data)


def csrf_of(client):
    if not hasattr(client, "csrf"):
        client.csrf = form_of(client.get("/me"))["csrf"]
    return client.csrf


def test_every_route_is_of_one_kind(app):
    for method, path in routes_of(app):
        kinds = [
            (method, path) in OPEN,
            (method, path) in OWN,
            (method, path) in LISTS,
            (method, path) in BLIND,
            path.startswith("/accounts"),
            "{document_id}" in path,
        ]
        assert sum(kinds) == 1, f"{method} {path}: say in this test what it is, and test it"
    assert len(about_documents(app)) >= 9


def test_without_a_session_there_is_nothing(app, store):
    document_id = add_invoice(store)
    account(store, "Anna")
    with TestClient(app, base_url=BASE, follow_redirects=False) as stranger:
        for method, path in routes_of(app):
            if (method, path) in OPEN:
                continue
            answer = stranger.request(method, filled(path, document_id))
            if path.startswith("/api/"):
                assert answer.status_code == 401, (method, path)
            else:
                assert (answer.status_code, answer.headers["location"]) == (303, "/login"), (method, path)
        assert stranger.get("/documents/999999").headers["location"] == "/login", "no telling what exists"
        assert stranger.get(f"{guard.STATIC}/desk.css").status_code == 200
        for wrong in ("Bearer x", "Bearer pdt_x", "Basic eA==", "Bearer"):
            assert stranger.get("/api/documents", headers={"Authorization": wrong}).status_code == 401


def test_of_other_peoples_types_there_is_nothing(app, store):
    """User A fetches every URL of every document of user B's types, in the browser and by a token."""
    document_id = add_invoice(store, name="canary.pdf")
    loaded = add_invoice(store, "A-2", name="canary-2.pdf", state=State.LOADED)
    refused = add_invoice(store, "A-3", name="canary-3.pdf", state=State.QUARANTINED)
    unread = add_invoice(store, "A-4", name="canary-4.pdf", state=State.RECEIVED)
    with store.transaction() as session:
        session.get(DocumentRow, unread).type = None
    bert = client_of(app, store, "Bert", scope=Scope(types=frozenset({"invoice"})))
    assert bert.get(f"/documents/{document_id}").status_code == 200
    assert bert.get(f"/documents/{document_id}/pages/1.png").status_code == 200

    anna = client_of(app, store, "Anna", scope=RECEIPTS)
    token = issue_token(store, "anna", "t", Role.REVIEWER, actor="sue")
    by_token = {"Authorization": f"Bearer {token}"}
    for method, path in about_documents(app):
        for one in (document_id, loaded, refused, unread):
            answers = [ask(anna, method, filled(path, one))]
            if path.startswith("/api/"):
                answers.append(ask(anna, method, filled(path, one), by_token))
            nowhere = ask(anna, method, filled(path, 999_999))
            for answer in answers:
                assert answer.status_code == 404, (method, path)
                assert answer.text == nowhere.text, "as if it were not there"
                assert "canary" not in answer.text
    for path in (
        "/",
        "/documents?state=loaded",
        "/documents?state=quarantined",
        f"/?done={loaded}",
        f"/?told={loaded}",
    ):
        html = anna.get(path).text
        assert "canary" not in html, path
        assert re.findall(r"<b>(\d+)</b>", html) == ["0", "0", "0", "0"], "not even how many there are"
    assert anna.get("/next").headers["location"] == "/"
    assert anna.get("/api/documents").json() == []
    assert ask(anna, "POST", "/api/next").json() is None
    with store.transaction() as session:
        values = {"by": "anna", "note": "canary", "at": clock.now(), "until": clock.now()}
        session.add(AsideRow(document_id=document_id, **values))
    assert "canary" not in anna.get("/aside").text, "once put aside by oneself, and out of scope since"
    assert anna.get("/api/aside").json() == []
    assert queue.open_document(store, document_id).version == 3
    with store.reading() as session:
        kept_from = list(session.scalars(select(EventRow.actor).where(EventRow.kind == "access-refused")))
    assert set(kept_from) == {"anna"}, "refusals are in the ledger"


def test_numbers_that_are_none_are_no_documents(app, store):
    anna = client_of(app, store, "Anna")
    for path in ("/documents/x", "/documents/-1", "/documents/1.5", f"/documents/{'9' * 40}", "/api/documents/٣"):
        assert anna.get(path).status_code == 404, path
    document_id, large = add_invoice(store), "9" * 20
    for path in (
        f"/?after={large}",
        f"/search?q=papir&before={large}",
        f"/documents?before={large}",
        f"/documents/{document_id}/pages/{large}.png",
        f"/api/documents/{document_id}/pages/{large}/image",
        f"/api/documents/{document_id}/pages/{large}/words",
        f"/api/documents?after={large}",
        f"/api/search?before={large}",
    ):
        assert anna.get(path).status_code == 422, path


def test_a_station_sees_what_it_dropped(app, store):
    ours, theirs = add_invoice(store, "A-1", name="ours.pdf"), add_invoice(store, "A-2", name="theirs.pdf")
    with store.transaction() as session:
        for token, document_id, station in (("1", ours, "north"), ("2", theirs, "south"), ("3", ours, "south")):
            values = {"name": "x.pdf", "size": 1, "received_at": clock.now()}
            session.add(DropRow(token=token, document_id=document_id, station=station, **values))
    north = client_of(app, store, "North", Role.STATION, scope=Scope(stations=frozenset({"north"})))
    assert "ours.pdf" in north.get("/").text
    assert "theirs.pdf" not in north.get("/").text
    assert north.get(f"/documents/{ours}").status_code == 200
    for method, path in about_documents(app):
        assert ask(north, method, filled(path, theirs)).status_code == 404, (method, path)
    assert (
        client_of(app, store, "South", Role.STATION, scope=Scope(stations=frozenset({"south"})))
        .get(f"/documents/{ours}")
        .is_success
    ), "what two stations dropped belongs to both"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPERATOR, Role.INTEGRATOR, Role.STATION])
def test_who_may_only_look_changes_nothing(app, store, role):
    document_id = add_invoice(store)
    with store.transaction() as session:
        values = {"name": "x.pdf", "size": 1, "received_at": clock.now(), "station": "north"}
        session.add(DropRow(token="1", document_id=document_id, **values))
    client = client_of(app, store, "Looker", role, scope=Scope(stations=frozenset({"north"})))
    shown = client.get(f"/documents/{document_id}").text
    assert 'id="accept"' not in shown
    assert "your account can only look" in shown
    assert "Review the next one" not in shown + client.get("/").text
    for method, path in about_documents(app):
        expected = 200 if method == "GET" and (method, path) not in SUPERVISED else 403
        assert ask(client, method, filled(path, document_id)).status_code == expected, (method, path)
    assert client.get("/next").status_code == 403
    assert ask(client, "POST", "/api/next").status_code == 403
    assert queue.open_document(store, document_id).held_by is None
    assert queue.open_document(store, document_id).version == 3


def test_what_is_for_supervisors_is_for_them(app, store):
    waits, loaded = add_invoice(store), add_invoice(store, "A-2", state=State.LOADED)
    anna, sue = client_of(app, store, "Anna"), client_of(app, store, "Sue", Role.SUPERVISOR)
    for method, path in SUPERVISED:
        assert (method, path) in about_documents(app), "it is a route"
        for one in (waits, loaded):
            assert ask(anna, method, filled(path, one)).status_code == 403, (method, path)
    for action in ("priority", "recall"):
        sent = {"csrf": csrf_of(anna), "action": action, "priority": "1", "version": "3", "reason": "x"}
        assert anna.post(f"/documents/{loaded}", data=sent).status_code == 403
    for text in (anna.get(f"/documents/{loaded}").text, anna.get("/aside").text):
        assert "For supervisors" not in text
        assert "recall-dialog" not in text
        assert "everybody" not in text
    html = sue.get(f"/documents/{loaded}").text
    assert "For supervisors" in html
    assert "recall-dialog" in html
    with store.reading() as session:
        assert session.get(DocumentRow, waits).priority == 5
        assert session.get(DocumentRow, loaded).state == State.LOADED


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.SUPERVISOR])
def test_accounts_are_for_supervisors(app, store, role):
    scope = Scope(stations=frozenset({"north"})) if role == Role.STATION else Scope()
    client = client_of(app, store, "Anna", role, scope=scope)
    asked = 0
    for method, path in routes_of(app):
        if path.startswith("/accounts"):
            assert ask(client, method, filled(path, 1)).status_code == 404, (method, path)
            asked += 1
    assert asked >= 8
    assert "/accounts" not in client.get("/").text
    assert accounts.account_named(store, "anna").roles == {role}


def test_a_type_that_one_may_not_see_can_not_be_tried_on(app, store):
    document_id = add_invoice(store)
    anna = client_of(app, store, "Anna", scope=Scope(types=frozenset({"invoice", "credit_note"})))
    html = anna.get(f"/documents/{document_id}").text
    assert re.findall(r'<option value="(\w+)"', html) == ["credit_note", "invoice"]
    assert anna.get(f"/documents/{document_id}?type=receipt").status_code == 404
    sent = form_of(anna.get(f"/documents/{document_id}")) | {"action": "accept", "type": "receipt"}
    assert anna.post(f"/documents/{document_id}", data=sent).status_code == 404
    answer = anna.post(
        f"/api/documents/{document_id}/accept",
        json={"version": 3, "type": "receipt"},
        headers={"X-CSRF-Token": sent["csrf"]},
    )
    assert answer.status_code == 404
    assert queue.open_document(store, document_id).type == "invoice"


def test_whoever_looks_is_in_the_ledger(app, store):
    document_id = add_invoice(store)
    client_of(app, store, "Anna").get(f"/documents/{document_id}")
    bert = client_of(app, store, "Bert")
    bert.get(f"/documents/{document_id}")
    bert.get(f"/documents/{document_id}/original")
    bert.get(f"/api/documents/{document_id}")
    with store.reading() as session:
        events = session.execute(select(EventRow.actor, EventRow.kind).order_by(EventRow.id)).all()
    assert [tuple(one) for one in events if one.actor in ("anna", "bert")] == [
        ("anna", "review-opened"),
        ("bert", "looked-at"),
        ("bert", "original-fetched"),
        ("bert", "looked-at"),
    ]


def test_what_another_site_sends_changes_nothing(app, store):
    document_id = add_invoice(store)
    anna = client_of(app, store, "Anna")
    sent = form_of(anna.get(f"/documents/{document_id}")) | {"action": "accept"}
    for site in ("cross-site", "same-site"):
        headers = {"Sec-Fetch-Site": site}
        assert anna.post(f"/documents/{document_id}", data=sent, headers=headers).status_code == 403
        assert anna.post("/login", data={"name": "anna"}, headers=headers).status_code == 403
    assert anna.post(f"/documents/{document_id}", data=sent, headers={"Sec-Fetch-Site": "same-origin"}).is_redirect
