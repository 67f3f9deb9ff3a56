"""Documents that need two people: with two browsers, and the ways around it that are none."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from models.document_types import document_types
from models.errors import Conflict
from models.roles import Role
from models.settings import Settings
from models.states import State
from models.tables import HEADER_TABLES, DocumentRow, EventRow, FieldRow, FourEyesRow
from pipeline.accounts import issue_token
from pipeline.review import desk, queue
from pipeline.route import two_people

from .people import client_of, form_of
from .rows import add_invoice

INVOICE = document_types()["invoice"]


@pytest.fixture
def store(make_store):
    """Above 1000 crowns two people must confirm; the test invoice has 1234.50."""
    return make_store(four_eyes_above={"CZK": Decimal(1000)})


def accept(store, document_id, reviewer, values=None, **more):
    version = queue.open_document(store, document_id).version
    if more.get("load_anyway"):
        more["override"] = "Checked by phone"
    return queue.decide_accept(store, document_id, version, reviewer, values or {}, **more)


def loaded(store):
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(HEADER_TABLES["invoice"]))


@pytest.mark.parametrize(
    ("above", "values", "needed"),
    [
        ({}, {"gross_total": "999999", "currency": "CZK"}, False),
        ({"CZK": 1000}, {"gross_total": "1000.00", "currency": "CZK"}, False),
        ({"CZK": 1000}, {"gross_total": "1000.01", "currency": "CZK"}, True),
        ({"CZK": 1000}, {"gross_total": "-5000", "currency": "CZK"}, True),
        ({"CZK": 1000}, {"net_total": "5000", "gross_total": "1", "currency": "CZK"}, True),
        ({"CZK": 1000}, {"gross_total": "1", "currency": "EUR"}, True),  # no limit: silence is no way around
        ({"CZK": 1000}, {"gross_total": "1"}, True),
        ({"CZK": 1000, "*": 50}, {"gross_total": "1", "currency": "EUR"}, False),
        ({"CZK": 1000, "*": 50}, {"gross_total": "51", "currency": "EUR"}, True),
        ({"CZK": 1000}, {"gross_total": "NaN", "currency": "CZK"}, True),
        ({"CZK": 1000}, {"invoice_number": "7"}, False),
    ],
)
def test_which_documents_need_two(above, values, needed):
    assert bool(two_people(INVOICE, values, Settings(four_eyes_above=above))) == needed


def test_a_type_may_need_two():
    settings = Settings(four_eyes_types=("invoice",))
    assert "invoice" in two_people(INVOICE, {}, settings)
    assert two_people(document_types()["receipt"], {}, settings) is None


def test_the_first_waits_the_second_loads(store):
    document_id = add_invoice(store)
    assert accept(store, document_id, "anna", {"variable_symbol": "77"}) == State.REVIEW
    assert loaded(store) == 0
    (row,) = queue.waiting(store)
    assert (row.first_by, row.held_by) == ("anna", None)
    shown = queue.open_document(store, document_id)
    assert (shown.first.by, shown.state) == ("anna", "review")
    assert {field.name: field.value for field in shown.fields}["variable_symbol"] == "77", "the second sees it"
    assert queue.claim_next(store, "anna") is None
    assert not queue.claim(store, document_id, "anna")
    with pytest.raises(Conflict, match="someone else must confirm"):
        accept(store, document_id, "anna")
    assert queue.claim_next(store, "bert") == document_id
    assert accept(store, document_id, "bert") == State.LOADED
    assert loaded(store) == 1
    with store.reading() as session:
        assert session.get(FourEyesRow, document_id) is None
        told = session.scalars(select(EventRow).where(EventRow.kind == "review-accepted").order_by(EventRow.id)).all()
    assert [(one.actor, one.data.get("after")) for one in told] == [("anna", None), ("bert", "anna")]


def test_a_correction_by_the_second_makes_them_the_first(store):
    document_id = add_invoice(store)
    accept(store, document_id, "anna")
    assert accept(store, document_id, "bert", {"variable_symbol": "78"}) == State.REVIEW
    assert queue.open_document(store, document_id).first.by == "bert"
    with pytest.raises(Conflict):
        accept(store, document_id, "bert")
    assert accept(store, document_id, "anna") == State.LOADED


@pytest.mark.parametrize("way", ["smaller", "another currency's limit", "another type", "step by step", "taken back"])
def test_ways_around_are_none(make_store, way):
    store = make_store(four_eyes_above={"CZK": 1000, "EUR": 9999})
    document_id = add_invoice(store)
    small = {"gross_total": "12,10", "net_total": "10", "tax_total": "2,10"}
    sent = {
        "smaller": {"values": small},
        "another currency's limit": {"values": {"currency": "EUR"}},
        "another type": {"values": {"total": "12,10", "company": "P", "date": "3.11.2026", "currency": "CZK"},
                         "type_name": "receipt"},
        "step by step": {"values": small},
        "taken back": {"values": small},
    }[way]  # fmt: skip
    values = sent.pop("values")
    assert accept(store, document_id, "anna", values, load_anyway=True, **sent) == State.REVIEW
    if way == "taken back":
        queue.take_back(store, document_id, queue.open_document(store, document_id).version, "anna")
        assert queue.open_document(store, document_id).first is None
        assert accept(store, document_id, "anna", load_anyway=True) == State.REVIEW
    if way == "step by step":
        assert accept(store, document_id, "bert", {"variable_symbol": "1"}, load_anyway=True) == State.REVIEW
        with store.reading() as session:
            field = session.get(FieldRow, (document_id, "gross_total"))
        assert (field.value, field.corrected_from) == ("12.10", "1234.50"), "what the machine read stays known"
    assert loaded(store) == 0


def test_only_ones_own_decision_is_taken_back(store):
    document_id = add_invoice(store)
    with pytest.raises(Conflict):
        queue.take_back(store, document_id, 3, "anna")
    accept(store, document_id, "anna")
    version = queue.open_document(store, document_id).version
    with pytest.raises(Conflict):
        queue.take_back(store, document_id, version, "bert")
    with pytest.raises(Conflict, match="changed since"):
        queue.take_back(store, document_id, version - 1, "anna")
    queue.take_back(store, document_id, version, "anna")
    assert queue.claim_next(store, "anna") == document_id


def test_the_second_may_send_it_back(store):
    document_id = add_invoice(store)
    accept(store, document_id, "anna")
    queue.decide_reject(store, document_id, queue.open_document(store, document_id).version, "bert", "Not ours")
    with store.reading() as session:
        assert session.get(DocumentRow, document_id).state == State.REJECTED
        assert session.get(FourEyesRow, document_id) is None


def test_two_firsts_at_once_are_one_first(store):
    document_id = add_invoice(store)
    start, outcomes = threading.Barrier(4), []

    def work(name):
        start.wait()
        try:
            outcomes.append(queue.decide_accept(store, document_id, 3, name, {}))
        except Conflict:
            outcomes.append(None)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("anna", "bert", "cyril", "dana")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one for one in outcomes if one] == [State.REVIEW], "the others had not seen that there was a first"
    assert loaded(store) == 0


def test_two_browsers(make_store, dialect):
    if dialect != "sqlite":
        pytest.skip("the screens don't know the database")
    store = make_store(four_eyes_above={"CZK": Decimal(1000)})
    document_id, other = add_invoice(store, name="large.pdf"), add_invoice(store, "A-2")
    app = desk.create_app(store.settings)
    anna, bert = client_of(app, store, "Anna"), client_of(app, store, "Bert")
    sent = form_of(anna.get(f"/documents/{document_id}")) | {"action": "accept"}
    answer = anna.post(f"/documents/{document_id}", data=sent)
    assert answer.headers["location"].startswith(f"/documents/{other}")
    assert "now waits for a second person" in anna.get(answer.headers["location"]).text
    again = anna.post(f"/documents/{document_id}", data=sent)  # a double click
    assert again.headers["location"] == f"/documents/{other}?told={document_id}"
    html = anna.get(f"/documents/{document_id}").text
    assert "You decided on this document" in html
    assert 'id="accept"' not in html
    assert "you decided; waits for a second person" in anna.get("/").text

    assert "waits for a second person, after Anna" in bert.get("/").text
    shown = bert.get(f"/documents/{document_id}")
    assert "<b>Anna</b> accepted these values" in shown.text
    assert ">Confirm <kbd>" in shown.text
    token = issue_token(store, "anna", "t", Role.REVIEWER, actor="sue")
    by_token = {"Authorization": f"Bearer {token}"}
    version = queue.open_document(store, document_id).version
    answer = bert.post(f"/api/documents/{document_id}/accept", json={"version": version}, headers=by_token)
    assert answer.status_code == 409, "a token of the first is the first"
    bert.post(f"/documents/{document_id}", data=form_of(shown) | {"action": "accept"})
    assert loaded(store) == 1
    assert "Loaded by <b>Bert</b>" in anna.get(f"/documents/{document_id}").text

    anna.get(f"/documents/{other}")
    version = queue.open_document(store, other).version
    csrf = {"X-CSRF-Token": form_of(anna.get("/me"))["csrf"]}
    answer = anna.post(f"/api/documents/{other}/accept", json={"version": version}, headers=csrf)
    assert answer.json() == {"id": other, "state": "review", "second_person": True}
    sent = form_of(anna.get(f"/documents/{other}"))
    assert anna.post(f"/documents/{other}", data=sent | {"action": "take-back"}).is_redirect
    assert 'id="accept"' in anna.get(f"/documents/{other}").text
    app.state.store.close()
