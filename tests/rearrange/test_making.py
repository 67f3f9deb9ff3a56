"""Pages into other documents: what the database and the files hold afterwards."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from models.errors import Conflict, InvalidValue, NotFound
from models.roles import EVERYTHING, Scope
from models.states import State
from models.tables import DocumentRow, DropRow, EventRow, FourEyesRow, LeaseRow, MadeFromRow
from pipeline.accounts import is_visible
from pipeline.housekeeping import verify
from pipeline.rearrange import links, put_back, rearrange
from pipeline.review import queue
from pipeline.search import Wanted, find
from pipeline.store import clock
from tests.review.rows import add_invoice

from .conftest import pages


def state_of(store, *ids):
    with store.reading() as session:
        return [session.get_one(DocumentRow, one).state for one in ids]


def drop(store, document_id, station):
    with store.transaction() as session:
        values = {"name": "x.pdf", "size": 1, "received_at": clock.now(), "station": station}
        session.add(DropRow(token=f"{station}-{document_id}", document_id=document_id, **values))


def test_a_split_makes_two_documents_and_the_source_is_replaced(store, pdf_of, row_of, bytes_of):
    source = add_invoice(store, name="invoice.pdf", pages=3)
    before = bytes_of(source)
    queue.prioritise(store, source, 2, "sue")
    first, second = rearrange(store, "anna", {source: 3}, [pages(source, 1, 2), pages(source, 3)])
    assert state_of(store, source, first, second) == [State.REPLACED, State.RECEIVED, State.RECEIVED]
    assert [row_of(one).name for one in (first, second)] == ["invoice (pages 1-2).pdf", "invoice (page 3).pdf"]
    assert [len(pdf_of(one).pages) for one in (first, second)] == [2, 1]
    assert {row_of(one).priority for one in (first, second)} == {2}
    assert row_of(first).received_at == row_of(source).received_at, "it has waited as long"
    assert bytes_of(source) == before, "the original is never changed"
    with store.reading() as session:
        rows = session.execute(select(MadeFromRow.document_id, MadeFromRow.number, MadeFromRow.source_number))
        assert sorted(map(tuple, rows)) == [(first, 1, 1), (first, 2, 2), (second, 1, 3)]
        told = session.scalars(select(EventRow).where(EventRow.kind.in_(("made", "replaced")))).all()
        assert {one.actor for one in told} == {"anna"}
        assert session.scalar(select(func.count()).select_from(LeaseRow)) == 0
    assert [one.id for one in links(store, source).became] == [first, second]
    (origin,) = links(store, second).made_from
    assert (origin.id, origin.pages) == (source, "3")
    assert {one.id for one in find(store, Wanted("invoice", State.RECEIVED.value))} == {first, second}
    assert verify(store) == []


def test_documents_are_put_together_in_any_order(store, pdf_of, row_of):
    one, two = add_invoice(store, "A-1", name="a.pdf", pages=2), add_invoice(store, "A-2", name="b.pdf")
    (made,) = rearrange(store, "anna", {one: 3, two: 3}, [(*pages(two, 1), *pages(one, 2, turn=90), *pages(one, 1))])
    assert row_of(made).name == "b + a.pdf"
    assert [page.get("/Rotate", 0) for page in pdf_of(made).pages] == [0, 90, 0]
    assert state_of(store, one, two) == [State.REPLACED] * 2
    with store.reading() as session:
        turned = session.execute(select(MadeFromRow.source_id, MadeFromRow.source_number, MadeFromRow.turned))
        assert sorted(map(tuple, turned)) == [(one, 1, 0), (one, 2, 90), (two, 1, 0)]


def test_a_page_that_the_machine_turned_is_turned_from_how_it_was_seen(store, pdf_of):
    source = add_invoice(store, pages=2)
    with store.transaction() as session:
        from models.tables import PageRow

        session.get_one(PageRow, (source, 1)).turned = 90
        session.get_one(PageRow, (source, 2)).turned = 90
    (made,) = rearrange(store, "anna", {source: 3}, [(*pages(source, 1, turn=270), *pages(source, 2))])
    pdf = pdf_of(made)
    assert [page.get("/Rotate", 0) for page in pdf.pages] == [0, 0], "270 more than 90 is as it lay; 2 is untouched"
    assert str(pdf.docinfo["/PodatelnaUpright"]) == "1"


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ([], "one page must remain"),
        ([[]], "one page must remain"),
        ([[(1, 0)], []], "no new document may be empty"),
        ([[(4, 0)]], "no page 4"),
        ([[(0, 0)]], "no page 0"),
        ([[(1, 45)]], "turned by 90"),
        ([[(1, 0), (2, 0), (3, 0)]], "Nothing is changed"),
        ([[(1, 0)], [(1, 0)]], "are the same"),
        ([[(1, 0)] * 1001], "at most 1000 pages"),
        ([[(1, 0)] * 501], "at most 500 pages"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(store, outputs, said):
    source = add_invoice(store, pages=3)
    wanted = [sum((pages(source, number, turn=turn) for number, turn in one), ()) for one in outputs]
    with pytest.raises(InvalidValue, match=said):
        rearrange(store, "anna", {source: 3}, wanted)
    assert state_of(store, source) == [State.REVIEW]


def test_strange_sources_are_refused(store):
    source, other = add_invoice(store, "A-1", pages=2), add_invoice(store, "A-2")
    with pytest.raises(InvalidValue, match="leave it out"):
        rearrange(store, "anna", {source: 3, other: 3}, [pages(source, 1)])
    with pytest.raises(InvalidValue, match="There is no page"):
        rearrange(store, "anna", {source: 3}, [(*pages(source, 1), *pages(other, 1))])
    with pytest.raises(NotFound):
        rearrange(store, "anna", {source: 3, 999: 3}, [(*pages(source, 1), *pages(999, 1))])
    with pytest.raises(NotFound):
        rearrange(store, "anna", {source: 3}, [pages(source, 1)], Scope(types=frozenset({"receipt"})))
    with store.transaction() as session:
        session.get_one(DocumentRow, other).media_type = "application/xml"
    with pytest.raises(InvalidValue, match="made of data"):
        rearrange(store, "anna", {other: 3}, [pages(other, 1, turn=90)])


def test_who_comes_second_is_told_and_nothing_is_changed(store):
    source = add_invoice(store, pages=2)
    queue.claim(store, source, "bert")
    with pytest.raises(Conflict, match="bert has this document open"):
        rearrange(store, "anna", {source: 3}, [pages(source, 1)])
    rearrange(store, "bert", {source: 3}, [pages(source, 1)])
    for actor in ("anna", "bert"):
        with pytest.raises(Conflict, match="already replaced"):
            rearrange(store, actor, {source: 3}, [pages(source, 2)])
    other = add_invoice(store, "A-2", pages=2)
    with pytest.raises(Conflict, match="changed since"):
        rearrange(store, "anna", {other: 2}, [pages(other, 1)])


def test_two_at_once_make_it_once(store):
    """Two clicks of one person: both may hold the document, one of them wins."""
    source = add_invoice(store, pages=2)
    results = []

    def go():
        try:
            results.append(rearrange(store, "anna", {source: 3}, [pages(source, 1), pages(source, 2)]))
        except Conflict as error:
            results.append(error)

    threads = [threading.Thread(target=go) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(isinstance(one, Conflict) for one in results) == [False, True]
    with store.reading() as session:
        assert session.scalar(select(func.count()).select_from(DocumentRow)) == 3


def test_taken_back_all_is_as_it_was_and_the_same_again_works(store):
    source = add_invoice(store, pages=2)
    wanted = [pages(source, 1), pages(source, 2, turn=90)]
    made = rearrange(store, "anna", {source: 3}, wanted)
    with pytest.raises(Conflict, match="Somebody else"):
        put_back(store, source, "bert")
    assert put_back(store, made[1], "anna") == (source,)
    assert state_of(store, source, *made) == [State.REVIEW, State.REPLACED, State.REPLACED]
    assert links(store, source).became == ()
    assert [one.id for one in links(store, made[0]).put_back] == [source]
    with pytest.raises(NotFound):
        put_back(store, source, "anna")
    version = queue.open_document(store, source).version
    assert rearrange(store, "anna", {source: version}, wanted) == made, "the same documents, revived"
    assert state_of(store, source, *made) == [State.REPLACED, State.RECEIVED, State.RECEIVED]
    assert put_back(store, source, "anna") == (source,)
    assert verify(store) == []


def test_what_is_loaded_or_made_into_something_else_is_not_taken_back(store):
    source = add_invoice(store, pages=3)
    first, second = rearrange(store, "anna", {source: 3}, [pages(source, 1, 2), pages(source, 3)])
    with store.transaction() as session:
        session.get_one(DocumentRow, second).state = State.LOADED
    with pytest.raises(Conflict, match="loaded"):
        put_back(store, source, "anna")
    with store.transaction() as session:
        session.get_one(DocumentRow, second).state = State.RECEIVED
        session.add(
            LeaseRow(document_id=first, owner="w", purpose="process", expires_at=clock.now().replace(year=9000))
        )
    with pytest.raises(Conflict, match="being read"):
        put_back(store, source, "anna")
    assert state_of(store, source, first, second) == [State.REPLACED, State.RECEIVED, State.RECEIVED]


def test_what_is_there_already_is_told(store, bytes_of):
    source, other = add_invoice(store, "A-1", pages=2), add_invoice(store, "A-2", name="canary.pdf", pages=2)
    (made,) = rearrange(store, "anna", {source: 3}, [pages(source, 1)])
    put_back(store, source, "anna")
    with store.transaction() as session:  # somebody has dropped that very file meanwhile
        row = session.get_one(DocumentRow, made)
        row.state, row.name, row.type = State.LOADED, "canary.pdf", "receipt"
    version = queue.open_document(store, source).version
    with pytest.raises(Conflict, match=r"already \(canary.pdf\)"):
        rearrange(store, "anna", {source: version}, [pages(source, 1)])
    with pytest.raises(Conflict, match="another document already") as told:
        rearrange(store, "anna", {source: version}, [pages(source, 1)], Scope(types=frozenset({"invoice"})))
    assert "canary" not in str(told.value)
    assert state_of(store, source, other) == [State.REVIEW, State.REVIEW]


def test_rights_by_type_and_station_hold(store):
    north, both = add_invoice(store, "A-1", pages=2), add_invoice(store, "A-2")
    drop(store, north, "north")
    drop(store, both, "north")
    drop(store, both, "south")
    (turned,) = rearrange(store, "anna", {north: 3}, [pages(north, 1)])
    with store.reading() as session:
        assert is_visible(session, turned, Scope(stations=frozenset({"north"})))
        assert is_visible(session, turned, Scope(types=frozenset({"invoice"})))
        assert not is_visible(session, turned, Scope(types=frozenset({"receipt"})))
        assert not is_visible(session, turned, Scope(stations=frozenset({"south"})))
    put_back(store, north, "anna")
    version = queue.open_document(store, north).version
    (together,) = rearrange(store, "anna", {north: version, both: 3}, [(*pages(north, 2), *pages(both, 1))])
    with store.reading() as session:
        assert is_visible(session, together, Scope(stations=frozenset({"north"})))
        assert not is_visible(session, together, Scope(stations=frozenset({"south"}))), "half of it never was south's"
    west, east = add_invoice(store, "A-3"), add_invoice(store, "A-4")
    drop(store, west, "west")
    drop(store, east, "east")
    (mixed,) = rearrange(store, "anna", {west: 3, east: 3}, [(*pages(west, 1), *pages(east, 1))])
    with store.reading() as session:
        for station in ("west", "east", ""):
            assert not is_visible(session, mixed, Scope(stations=frozenset({station})))
        assert is_visible(session, mixed, EVERYTHING)
        assert session.scalar(select(func.count()).where(DropRow.document_id == mixed)) == 1, "a refusal finds its way"


def test_a_second_person_is_not_talked_away_by_leaving_a_page_out(make_store):
    store = make_store(four_eyes_above={"CZK": 1000})
    source, other = add_invoice(store, "A-1", pages=2), add_invoice(store, "A-2", wrong={"gross_total": "12.00"})
    made = rearrange(store, "anna", {source: 3}, [pages(source, 1), pages(source, 2)])
    with store.reading() as session:
        assert all(session.get(FourEyesRow, one).reason for one in made)
        assert session.get(FourEyesRow, other) is None


def test_a_chain_is_taken_back_link_by_link(store):
    source = add_invoice(store, pages=3)
    first, second = rearrange(store, "anna", {source: 3}, [pages(source, 1, 2), pages(source, 3)])
    with store.transaction() as session:
        row = session.get_one(DocumentRow, first)
        row.state = State.REVIEW
        from models.tables import PageRow

        words = session.get_one(PageRow, (source, 1)).words
        for number in (1, 2):
            values = {"width": 595, "height": 842, "turned": 0, "source": "text", "words": words}
            session.add(PageRow(document_id=first, number=number, **values))
        version = row.version
    (third,) = rearrange(store, "anna", {first: version}, [pages(first, 2, 1)])
    with pytest.raises(Conflict, match="take back first"):
        put_back(store, source, "anna")
    assert put_back(store, third, "anna") == (first,)
    assert put_back(store, second, "anna") == (source,)
    assert state_of(store, source, first, second, third) == [State.REVIEW] + [State.REPLACED] * 3
