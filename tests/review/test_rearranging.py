"""The pages of a document at the desk: routes for people and for programs."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from models.errors import NotFound
from models.roles import Role, Scope
from models.states import State
from models.tables import AsideRow, DocumentRow, EventRow
from pipeline.review import queue, reader
from pipeline.review.figures import figures
from pipeline.search import index_document
from tests.rearrange.conftest import lock

from .people import client_of, form_of
from .rows import add_form, add_invoice, draw_invoice, invoice_values, put_in_vault
from .test_access import csrf_of


@pytest.fixture
def dialect():
    """Both databases are asked in tests/rearrange."""
    return "sqlite"


@pytest.fixture(autouse=True)
def read(monkeypatch):
    """What the desk would read at once."""
    ids = []
    monkeypatch.setattr(reader.Reader, "read", lambda self, wanted: ids.extend(wanted))
    return ids


def wish(versions, *outputs):
    pages = [[dict(zip(("source", "number", "turn"), page, strict=False)) for page in output] for output in outputs]
    return {"versions": versions, "outputs": pages}


def send(client, document_id, wanted):
    data = {"csrf": csrf_of(client), "wish": json.dumps(wanted)}
    return client.post(f"/documents/{document_id}/pages", data=data)


def state_of(store, document_id):
    with store.reading() as session:
        return session.get_one(DocumentRow, document_id).state


def test_from_the_form_to_the_pages_to_what_was_made(app, store, read):
    source = add_invoice(store, pages=3, name="scan <1>.pdf")
    anna = client_of(app, store, "Anna")
    assert f'href="/documents/{source}/pages"' in anna.get(f"/documents/{source}").text
    html = anna.get(f"/documents/{source}/pages").text
    assert "data-mine" in html
    assert "scan &lt;1&gt;.pdf" in html
    assert "<1>" not in html
    picture = anna.get(f"/documents/{source}/pages/2/small.png")
    assert picture.headers["content-type"] == "image/png"
    assert picture.headers["cache-control"] == "no-store"
    answer = send(anna, source, wish({source: 3}, [(source, 1), (source, 2, 90)], [(source, 3)]))
    assert answer.headers["location"] == f"/documents/{source}/became"
    first, second = read
    waiting = anna.get(f"/documents/{source}/became")
    assert waiting.status_code == 200
    assert '<noscript><meta http-equiv="refresh"' in waiting.text
    assert read == [first, second] * 2, "whoever waits has it read, should the one before be gone"
    assert anna.get(f"/api/documents/{source}/made").json()["became"][1]["pages"] == "3"
    with store.transaction() as session:
        session.get_one(DocumentRow, first).state = State.REVIEW
    assert anna.get(f"/documents/{source}/became").headers["location"] == f"/documents/{first}"
    assert f'href="/documents/{source}"' in anna.get(f"/documents/{first}").text
    html = anna.get(f"/documents/{source}").text
    assert f'href="/documents/{second}"' in html
    assert "put-pages-back" in html
    assert "put-pages-back" not in client_of(app, store, "Bert").get(f"/documents/{source}").text
    sent = {"csrf": csrf_of(anna)}
    assert anna.post(f"/documents/{first}/put-back", data=sent).headers["location"] == f"/documents/{source}"
    assert "Taken back" in anna.get(f"/documents/{first}").text
    assert anna.post(f"/documents/{first}/put-back", data=sent).status_code == 404
    with store.reading() as session:
        kinds = session.scalars(select(EventRow.kind).where(EventRow.document_id == source).order_by(EventRow.id)).all()
    assert [one for one in kinds if one in ("replaced", "review", "pages-taken-back")] == [
        "replaced",
        "review",
        "pages-taken-back",
    ]


def test_an_objection_keeps_what_was_wanted(app, store):
    source, other = add_invoice(store, "A-1", pages=2), add_invoice(store, "A-2", name="other.pdf")
    anna = client_of(app, store, "Anna")
    answer = send(anna, source, wish({source: 3, other: 3}, [(source, 1, 45), (other, 1)]))
    assert answer.status_code == 422
    assert "turned by 90, 180 or 270" in answer.text
    assert "&#34;turn&#34;: 45" in answer.text
    assert "other.pdf" in answer.text
    for nonsense in ("", "[]", "{}", '{"versions": {"1": 3}, "outputs": 7}', "[" * 10_000):
        data = {"csrf": csrf_of(anna), "wish": nonsense}
        assert anna.post(f"/documents/{source}/pages", data=data).status_code == 422
    assert anna.post(f"/documents/{source}/pages", data={"wish": "{}"}).status_code == 409, "no form token"
    queue.release(store, source, "anna")
    queue.claim(store, source, "bert")
    answer = send(anna, source, wish({source: 3}, [(source, 1)]))
    assert answer.status_code == 409
    assert "bert has this document open" in answer.text
    assert state_of(store, source) == State.REVIEW


def test_a_second_click_goes_where_the_first_went(app, store):
    source = add_invoice(store, pages=2)
    anna = client_of(app, store, "Anna")
    for _ in range(2):
        answer = send(anna, source, wish({source: 3}, [(source, 1)]))
        assert answer.headers["location"] == f"/documents/{source}/became"
    bert = send(client_of(app, store, "Bert"), source, wish({source: 3}, [(source, 1)]))
    assert bert.status_code == 409
    assert "already" in bert.text


def test_pages_of_documents_that_one_may_not_see_stay_where_they_are(app, store):
    mine, theirs = add_invoice(store, "A-1", pages=2), add_form(store, "payroll_request")
    with store.transaction() as session:
        session.get_one(DocumentRow, theirs).name = "canary.pdf"
    anna = client_of(app, store, "Anna", scope=Scope(types=frozenset({"invoice"})))
    answer = send(anna, mine, wish({mine: 3, theirs: 3}, [(mine, 1), (theirs, 1)]))
    assert answer.status_code == 404
    assert "canary" not in answer.text
    answer = send(anna, mine, wish({mine: 3, theirs: 3}, [(mine, 1, 45), (theirs, 1)]))
    assert "canary" not in answer.text
    csrf = {"X-CSRF-Token": csrf_of(anna)}
    sent = wish({mine: 3, theirs: 3}, [(mine, 1), (theirs, 1)])
    assert anna.post(f"/api/documents/{mine}/rearrange", json=sent, headers=csrf).status_code == 404
    assert anna.get(f"/api/documents/{mine}/candidates?q={theirs}").json() == []
    assert (state_of(store, mine), state_of(store, theirs)) == (State.REVIEW, State.REVIEW)
    made = client_of(app, store, "Sue", Role.SUPERVISOR).post
    sue = client_of(app, store, "Sue", Role.SUPERVISOR)
    queue.release(store, mine, "anna")
    assert made and send(sue, mine, sent).is_redirect
    html = anna.get(f"/documents/{mine}").text
    assert "canary" not in html, "not even in the name of what was made"
    with pytest.raises(NotFound):
        queue.open_document(store, 999)


def test_programs_do_the_same(app, store, read):
    source, other = add_invoice(store, "A-1", pages=2, name="first.pdf"), add_invoice(store, "A-2", name="letter.pdf")
    held = add_invoice(store, "A-3", name="letter held.pdf")
    with store.transaction() as session:
        for one in (source, other, held):
            index_document(session, one)
    queue.claim(store, held, "bert")
    anna = client_of(app, store, "Anna")
    csrf = {"X-CSRF-Token": csrf_of(anna)}
    about = anna.get(f"/api/documents/{source}/sheets").json()
    assert (about["version"], [one["number"] for one in about["pages"]]) == (3, [1, 2])
    assert [one["id"] for one in anna.get(f"/api/documents/{source}/candidates?q=letter").json()] == [other]
    assert [one["id"] for one in anna.get(f"/api/documents/{source}/candidates?q=%23{other}").json()] == [other]
    sent = wish({source: 3, other: 3}, [(other, 1), (source, 2)])
    made = anna.post(f"/api/documents/{source}/rearrange", json=sent, headers=csrf).json()["documents"]
    assert read == made
    assert anna.get(f"/api/documents/{made[0]}/made").json()["made_from"][0]["name"] == "letter.pdf"
    again = anna.post(f"/api/documents/{source}/rearrange", json=sent, headers=csrf)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    back = anna.post(f"/api/documents/{made[0]}/put-back", headers=csrf)
    assert back.json() == {"documents": [source, other]}
    paths = anna.get("/api/openapi.json").json()["paths"]
    for name in ("sheets", "candidates", "rearrange", "made", "put-back", "unlock"):
        assert f"/api/documents/{{document_id}}/{name}" in paths


def test_a_password_is_tried_at_the_desk(app, store, read):
    data = lock(draw_invoice(invoice_values("L-1"), 2)[0])
    source = add_invoice(store, name="locked.pdf", state=State.QUARANTINED)
    with store.transaction() as session:
        row = session.get_one(DocumentRow, source)
        row.sha256, row.quarantine_code, row.size = put_in_vault(store, data), "password", len(data)
    anna = client_of(app, store, "Anna")
    form = form_of(anna.get(f"/documents/{source}"))
    assert "password" in form
    sent = {"csrf": form["csrf"], "version": "3", "password": "canary-7"}
    wrong = anna.post(f"/documents/{source}/unlock", data=sent)
    assert wrong.status_code == 422
    assert "This is not its password" in wrong.text
    assert "canary" not in wrong.text
    csrf = {"X-CSRF-Token": form["csrf"]}
    told = anna.post(f"/api/documents/{source}/unlock", json={"version": 3, "password": "x"}, headers=csrf)
    assert told.json()["problems"] == {"password": "This is not its password."}
    right = anna.post(f"/documents/{source}/unlock", data=sent | {"password": "secret"})
    assert right.headers["location"] == f"/documents/{source}/became"
    assert len(read) == 1
    assert state_of(store, source) == State.REPLACED
    auditor = client_of(app, store, "Otto", Role.AUDITOR)
    other = add_invoice(store, "A-9", state=State.QUARANTINED)
    with store.transaction() as session:
        session.get_one(DocumentRow, other).quarantine_code = "password"
    assert 'name="password"' not in auditor.get(f"/documents/{other}").text
    with store.reading() as session:
        assert "canary" not in repr([(one.kind, one.data) for one in session.scalars(select(EventRow))])


def test_lists_figures_and_search_know_what_was_replaced(app, store):
    source = add_invoice(store, pages=2, name="one.pdf")
    with store.transaction() as session:
        index_document(session, source)
    sue = client_of(app, store, "Sue", Role.SUPERVISOR)
    assert sue.post(f"/documents/{source}", data={"csrf": csrf_of(sue), "action": "priority", "priority": "1"})
    send(sue, source, wish({source: 3}, [(source, 1)], [(source, 2)]))
    assert "one.pdf" in sue.get("/documents?state=replaced").text
    assert "one.pdf" not in sue.get("/").text
    assert "Replaced" in sue.get("/search?q=one&state=replaced").text
    assert figures(store).arrived == 2, "what was made of it is counted, it is not"
    with store.transaction() as session:
        assert session.get(AsideRow, source) is None
    refused = sue.post(f"/documents/{source}", data={"csrf": csrf_of(sue), "action": "priority", "priority": "2"})
    assert refused.status_code == 422
