"""Search on both databases: what a document is found by, and by whom."""

from __future__ import annotations

import datetime as dt
from importlib import import_module

import pytest
from sqlalchemy import text

from models.document_types import Kind
from models.roles import Scope
from models.states import State
from models.tables import DocumentRow, FieldRow
from pipeline.housekeeping import tidy
from pipeline.review import queue
from pipeline.search import Wanted, find, index_document, index_name
from pipeline.search.terms import Term, asked, of_fields, words
from tests.review.rows import add_invoice


def indexed(store, number, **more):
    document_id = add_invoice(store, number, **more)
    with store.transaction() as session:
        index_document(session, document_id)
    return document_id


def ids(store, query="", **more):
    return [one.id for one in find(store, Wanted(query, **more))]


def test_by_words_of_the_page_without_accents_and_unfinished(store):
    first, second = indexed(store, "A-1"), indexed(store, "A-2")
    assert ids(store, "kancelarsky papir") == [second, first], "the newest first"
    assert ids(store, "KANCELÁŘ") == [second, first]
    assert ids(store, "kancelář mrkev") == []
    assert ids(store, "A-2") == [second]
    assert ids(store, "invoice-A-1.pdf") == [first]


def test_by_amount_and_date_however_they_are_written(store):
    found = indexed(store, "A-1")
    for query in ("1 234,50", "1234.50", "1,234.50 Kč", "17. 11. 2026", "2026-11-17", "17/11/2026 1234,50"):
        assert ids(store, query) == [found], query
    assert ids(store, "1 234,51") == []
    assert ids(store, "18. 11. 2026") == []


def test_by_a_word_of_one_field(store):
    found = indexed(store, "A-1")
    assert ids(store, "seller:papír") == [found]
    assert ids(store, "buyer_name:papír") == []
    assert ids(store, "iban:CZ65") == [found]
    assert ids(store, "nonsense:papír") == [], "no such field: two words"


@pytest.mark.parametrize("asked", ["number:A-1", "invoice:A-1", "číslo:A-1", "dodavatel:papír", "supplier:papir"])
def test_a_field_is_called_as_people_call_it(store, asked):
    first, _ = indexed(store, "A-1"), indexed(store, "A-2")
    assert first in ids(store, asked)
    assert ids(store, asked.replace("A-1", "A-3").replace("papí", "křída").replace("papi", "krida")) == []


def test_by_state_type_and_day(store):
    waiting, loaded = indexed(store, "A-1"), indexed(store, "A-2", state=State.LOADED)
    assert ids(store, state="loaded") == [loaded]
    assert ids(store, "papir", state="review") == [waiting]
    assert ids(store, type="invoice") == [loaded, waiting]
    assert ids(store, type="receipt") == []
    today = dt.datetime.now(dt.UTC).date()
    assert ids(store, since=today - dt.timedelta(days=1), until=today) == [loaded, waiting]
    assert ids(store, until=today - dt.timedelta(days=2)) == []
    assert ids(store, "...") == [], "there is no word in it"


def test_pages_follow_each_other(store):
    made = [indexed(store, f"A-{number}") for number in range(5)]
    first = find(store, Wanted("papir"), limit=2)
    assert [one.id for one in first] == [made[4], made[3]]
    assert [one.id for one in find(store, Wanted("papir"), limit=9, before=first[-1].id)] == made[2::-1]
    assert (first[0].party, first[0].date, first[0].amount) == ("Papír a tisk s.r.o.", "2026-11-03", "1234.50 CZK")


@pytest.mark.parametrize("few", [0, 2000])
def test_days_go_by_receipt_and_find_what_was_made_later_of_old_pages(store, monkeypatch, few):
    monkeypatch.setattr(import_module("pipeline.search.find"), "_SORTED", few)
    made = [add_invoice(store, f"A-{number}") for number in range(6)]
    today = dt.date(2026, 11, 20)
    with store.transaction() as session:
        for number, ago in enumerate((9, 5, 1, 5, 0, 5)):  # the last are made of pages that came in earlier
            document = session.get_one(DocumentRow, made[number])
            document.received_at = dt.datetime.combine(today - dt.timedelta(days=ago), dt.time(8))
    old = Wanted(until=today - dt.timedelta(days=5))
    assert [one.id for one in find(store, old)] == [made[5], made[3], made[1], made[0]]
    pages, before = [], None
    while page := find(store, old, 1, before):
        pages.append(page[0].id)
        before = page[-1].id
    assert pages == [made[5], made[3], made[1], made[0]], "one by one, none twice"
    assert ids(store, since=today, until=today) == [made[4]]
    assert ids(store, since=today - dt.timedelta(days=1), state="review", type="invoice") == [made[4], made[2]]
    assert ids(store, since=today, state="loaded") == ids(store, since=today, type="receipt") == []
    assert find(store, old, before=made[5] + 100) == [], "there is no such place"
    assert ids(store, until=dt.date.max)[:2] == [made[4], made[2]]


def test_only_what_one_may_see(store):
    indexed(store, "A-1")
    assert find(store, Wanted("papir"), scope=Scope(types=frozenset({"receipt"}))) == []


def test_a_correction_is_found_and_what_it_replaced_is_not(store):
    document_id = indexed(store, "A-1", wrong={"gross_total": "7234.50"})
    assert ids(store, "7234,50") == [document_id]
    queue.decide_accept(store, document_id, 3, "anna", {"gross_total": "1234,50", "order_number": "ŽLUTÁ 7"})
    assert ids(store, "7234,50") == []
    assert ids(store, "order:zluta 1234,50") == [document_id]


def test_rows_are_found_as_they_were_typed(store):
    document_id = indexed(store, "A-1")
    items = [dict(line.cells) for line in queue.open_document(store, document_id).line_items]
    assert ids(store, "toner 570,25") == [document_id]
    assert ids(store, "žluťásek") == []
    items[1] |= {"description": "Žluťásek řešetlákový", "quantity": "5", "unit_price": "114,05"}
    queue.decide_accept(store, document_id, 3, "anna", {}, items, load_anyway=True)
    assert ids(store, "zlutasek 114,05") == [document_id]
    assert ids(store, "zlutasek 115,05") == []


def test_what_was_never_indexed_is_found_after_housekeeping(store):
    document_id = add_invoice(store, "A-1")
    assert ids(store, "papir") == []
    assert tidy(store)["indexed"] == 1
    assert ids(store, "papir") == [document_id]
    assert tidy(store)["indexed"] == 0


def test_a_document_that_was_not_read_is_found_by_its_name(store):
    document_id = add_invoice(store, "A-1")
    with store.transaction() as session:
        index_name(session, document_id, "Žluťoučký kůň.pdf")
    assert ids(store, "zlutouck") == [document_id]
    assert ids(store, "papir") == []


@pytest.mark.parametrize(
    "query", ['"', "'; DROP TABLE documents", "a OR b", "NOT papir*", "(((", "a & | !", "\\", ":", "🙂", "x" * 500]
)
def test_no_query_breaks_the_search(store, query):
    indexed(store, "A-1")
    ids(store, query)
    assert ids(store, "papir")


def test_a_long_document_keeps_its_place(store):
    document_id = add_invoice(store, "A-1")
    with store.transaction() as session:
        long = " ".join(f"slovo{number}" for number in range(30_000))
        session.add(FieldRow(document_id=document_id, name="payment_terms", value=long, confidence=1.0, source="text"))
        index_document(session, document_id)
    assert ids(store, "slovo100") == [document_id]
    with store.reading() as session:
        assert session.execute(text("SELECT count(*) FROM search_texts")).scalar() == 1


def test_terms():
    assert words("Žluťoučký_kůň č. 5/2026") == ["zlutoucky", "kun", "c", "5", "2026", "52026"]
    terms = list(of_fields([("gross_total", Kind.AMOUNT, "5"), ("dates", Kind.DATES, "2026-01-02; 2026-03-04")]))
    assert {"amount=5.00", "grosstotal=5", "date=2026-01-02", "date=2026-03-04"} <= set(terms)
    assert asked("5,00 papír") == ((Term("amount=5.00", whole=True),), (Term("papir"),))
