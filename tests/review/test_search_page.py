"""Search and history on the desk."""

from __future__ import annotations

import pytest

from models.roles import Role, Scope
from models.states import State
from pipeline.review import queue
from pipeline.search import index_document, unknown_fields

from .people import client_of
from .rows import add_invoice


@pytest.fixture
def dialect():
    return "sqlite"


@pytest.fixture
def found(store):
    document_id = add_invoice(store, "A-17")
    with store.transaction() as session:
        index_document(session, document_id)
    return document_id


def test_a_document_is_found_and_shown_with_what_tells_it_apart(app, store, found):
    with client_of(app, store, "Anna") as client:
        html = client.get("/search", params={"q": "seller:papir 1 234,50"}).text
        assert f'href="/documents/{found}"' in html
        assert "1234.50 CZK" in html
        assert "Nothing was found" in client.get("/search", params={"q": "mrkev"}).text
        assert "Nothing was found" not in client.get("/search").text, "nothing was asked yet"
        assert "Write days like" in client.get("/search", params={"since": "yesterday"}).text
        said = client.get("/api/search", params={"q": "A-17", "state": "review"}).json()
        assert [one["id"] for one in said] == [found]
        assert client.get("/api/search", params={"state": "nowhere"}).status_code == 422


def test_a_field_that_there_is_not_is_said_to_be_none(app, store, found):
    with client_of(app, store, "Anna") as client:
        html = client.get("/search", params={"q": "neznam:bilek"}).text
        assert "There is no field called neznam." in html
        assert "no field called" not in client.get("/search", params={"q": "seller:bilek"}).text
        assert "no field called" not in client.get("/search", params={"q": "at 10:30"}).text


@pytest.mark.parametrize("name", ["seller", "number", "total", "date", "iban", "dodavatel", "číslo", "celkem", "datum"])
def test_the_fields_that_are_named_there_are(name):
    assert unknown_fields(f"{name}:1") == []


def test_an_address_that_there_is_not_is_a_page_for_people(app, store):
    with client_of(app, store, "Anna") as client:
        answer = client.get("/nonsense")
        assert answer.status_code == 404
        assert "There is no such page." in answer.text
        assert client.get("/api/nonsense").json() == {"detail": "Not Found"}


def test_a_query_is_text_on_the_page(app, store, found):
    with client_of(app, store, "Anna") as client:
        html = client.get("/search", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in html


def test_what_one_may_not_see_is_not_found(app, store, found):
    with client_of(app, store, "Rita", scope=Scope(types=frozenset({"receipt"}))) as client:
        assert "Nothing was found" in client.get("/search", params={"q": "papir"}).text
        assert client.get("/api/search", params={"q": "papir"}).json() == []


def test_more_than_a_page_is_paged(app, store):
    for number in range(51):
        document_id = add_invoice(store, f"B-{number}")
        with store.transaction() as session:
            index_document(session, document_id)
    with client_of(app, store, "Anna") as client:
        html = client.get("/search", params={"q": "papir", "type": "invoice"}).text
        assert "Older ones" in html
        assert "q=papir&amp;type=invoice&amp;before=2" in html
        html = client.get("/search", params={"q": "papir", "type": "invoice", "before": 2}).text
        assert html.count("invoice-B-") == 1


def test_the_history_tells_who_did_what_and_which_row_it_became(app, store, found):
    with client_of(app, store, "Anna") as client:
        client.get(f"/documents/{found}")
        assert (
            queue.decide_accept(store, found, 3, "anna", {"order_number": "7", "iban": ""}, load_anyway=True)
            == State.LOADED
        )
    with client_of(app, store, "Olga", Role.AUDITOR) as client:
        assert f'href="/documents/{found}/history"' in client.get(f"/documents/{found}").text
        history = client.get(f"/documents/{found}/history").text
    assert history.index("Opened for review") < history.index("Accepted") < history.index("Loaded")
    assert "corrected Order number, IBAN" in history, "as invoices call it: elsewhere it is the account"
    assert "<code>invoices</code>" in history
