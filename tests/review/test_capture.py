"""What a reviewer points at: over HTTP, with the rights of the document, and kept as the value's proof."""

from __future__ import annotations

import json
import zlib

import pytest
from sqlalchemy import delete, select

from models.roles import Role, Scope
from models.tables import FieldRow, LineItemRow, PageRow
from pipeline.review.places import Place

from .people import client_of, form_of
from .rows import add_invoice


@pytest.fixture
def dialect():
    return "sqlite"


@pytest.fixture
def anna(app, store):
    with client_of(app, store, "Anna") as client:
        yield client


def pointed(client, document_id, csrf, **sent):
    return client.post(f"/api/documents/{document_id}/capture", json=sent, headers={"X-CSRF-Token": csrf})


def csrf_of(client, document_id):
    return form_of(client.get(f"/documents/{document_id}"))["csrf"]


def word(store, document_id, text):
    """The box of a word of the first page."""
    with store.reading() as session:
        row = session.get(PageRow, (document_id, 1))
        return next(one[1:5] for one in json.loads(zlib.decompress(row.words)) if one[0] == text)


def test_a_word_becomes_the_value_of_its_field(anna, store):
    document_id = add_invoice(store)
    x0, y0, x1, y1 = word(store, document_id, "234,50")
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    said = pointed(anna, document_id, csrf_of(anna, document_id), page=1, box=[x, y, x, y], target="gross_total").json()
    assert (said["value"], said["raw"]) == ("1234.50", "1 234,50")
    said = pointed(
        anna, document_id, csrf_of(anna, document_id), page=1, box=[x, y, x, y], target="line_items.net_amount"
    )
    assert said.json()["value"] == "1234.50"


def test_the_words_of_a_page_are_told(anna, store):
    document_id = add_invoice(store)
    words = anna.get(f"/api/documents/{document_id}/pages/1/words").json()
    assert {"FAKTURA", "Dodavatel"} <= {one["text"] for one in words}
    assert anna.get(f"/api/documents/{document_id}/pages/9/words").status_code == 404


def test_where_no_word_was_read_the_box_is_read_on_the_spot(anna, store):
    document_id = add_invoice(store)
    with store.transaction() as session:
        session.get(PageRow, (document_id, 1)).words = zlib.compress(b"[]")
    csrf = csrf_of(anna, document_id)
    said = pointed(anna, document_id, csrf, page=1, box=[445, 440, 512, 465], target="gross_total").json()
    assert said["value"] == "1234.50"
    assert 445 <= said["box"][0] < said["box"][2] <= 516
    assert pointed(anna, document_id, csrf, page=1, box=[300, 700, 400, 740], target="gross_total").json() is None


@pytest.mark.parametrize(
    "sent",
    [
        {"page": 2, "box": [1, 1, 1, 1], "target": "gross_total"},
        {"page": 1, "box": [1, 1, 1, 1], "target": "nothing"},
        {"page": 1, "box": [1, 1, 1, 1], "target": "line_items.nothing"},
        {"page": 1, "box": [1, 1, 1, 1], "target": "gross_total", "type": "nothing"},
    ],
)
def test_what_is_not_there_is_not_found(anna, store, sent):
    document_id = add_invoice(store)
    assert pointed(anna, document_id, csrf_of(anna, document_id), **sent).status_code == 404


def test_who_may_not_decide_may_not_capture(app, store):
    document_id = add_invoice(store)
    with client_of(app, store, "Olga", Role.AUDITOR) as client:
        sent = {"page": 1, "box": [1, 1, 1, 1], "target": "gross_total"}
        assert pointed(client, document_id, form_of(client.get("/me"))["csrf"], **sent).status_code == 403
    with client_of(app, store, "Rita", scope=Scope(types=frozenset({"receipt"}))) as client:
        assert client.get(f"/api/documents/{document_id}/pages/1/words").status_code == 404


def accepted(client, document_id, **sent):
    form = form_of(client.get(f"/documents/{document_id}"))
    return client.post(
        f"/documents/{document_id}", data={"csrf": form["csrf"], "version": form["version"], "action": "accept"} | sent
    )


def field(store, document_id, name):
    with store.reading() as session:
        return session.scalar(select(FieldRow).where(FieldRow.document_id == document_id, FieldRow.name == name))


def test_the_place_is_kept_as_the_proof_of_the_value(anna, store):
    document_id = add_invoice(store)
    sent = {"field.variable_symbol": "42", "place.variable_symbol": "1 160 240 210.5 250"}
    assert accepted(anna, document_id, **sent).status_code == 303
    row = field(store, document_id, "variable_symbol")
    assert (row.value, row.page, row.box, row.source) == ("42", 1, [160.0, 240.0, 210.5, 250.0], "reviewer")


def test_a_place_without_a_page_is_refused(anna, store):
    document_id = add_invoice(store)
    sent = {"field.variable_symbol": "42", "place.variable_symbol": "7 160 240 210 250"}
    assert accepted(anna, document_id, **sent).status_code == 404
    assert field(store, document_id, "variable_symbol").value == "20260042"


@pytest.mark.parametrize(
    "text", ["", "1", "x 1 2 3 4", "1 1 2 3", "1 1 2 3 nan", "1 3 2 1 4", "-1 1 2 3 4", "1 1 2 inf 4"]
)
def test_what_is_no_place_is_none(text):
    assert Place.parse(text) is None


def test_a_field_that_was_empty_gets_its_place_too(anna, store):
    document_id = add_invoice(store, missing=("variable_symbol",))
    sent = {"field.variable_symbol": "42", "place.variable_symbol": "1 160 240 210.5 250"}
    assert accepted(anna, document_id, **sent).status_code == 303
    assert field(store, document_id, "variable_symbol").box == [160.0, 240.0, 210.5, 250.0]


def rows_at(client, document_id, csrf, **sent):
    return client.post(f"/api/documents/{document_id}/rows", json=sent, headers={"X-CSRF-Token": csrf})


TABLE = [40, 318, 545, 356]  # the rows of the test invoice, without their head


@pytest.mark.parametrize("read", [True, False])
def test_the_rows_in_a_box_are_read_for_the_line_items(anna, store, read):
    document_id = add_invoice(store)
    if not read:
        with store.transaction() as session:
            session.get(PageRow, (document_id, 1)).words = zlib.compress(b"[]")
    csrf = csrf_of(anna, document_id)
    found = rows_at(anna, document_id, csrf, page=1, box=TABLE).json()
    assert [one["cells"]["net_amount"] for one in found] == ["450.00", "570.25"]
    assert "papír" in found[0]["cells"]["description"] or not read, "letters alone are drawn without accents"
    assert all(TABLE[0] <= one["box"][0] < one["box"][2] <= TABLE[2] for one in found)
    first = rows_at(anna, document_id, csrf, page=1, box=[40, 318, 545, 336]).json()
    assert [one["cells"]["net_amount"] for one in first] == ["450.00"], "one row alone"
    assert rows_at(anna, document_id, csrf, page=1, box=[300, 700, 400, 740]).json() == []
    assert rows_at(anna, document_id, csrf, page=9, box=TABLE).status_code == 404


def test_a_row_that_was_read_from_a_box_keeps_where_it_stands(anna, store):
    document_id = add_invoice(store, doubts={})
    with store.transaction() as session:
        session.execute(delete(LineItemRow).where(LineItemRow.document_id == document_id))
    form = form_of(anna.get(f"/documents/{document_id}"))
    found = rows_at(anna, document_id, form["csrf"], page=1, box=TABLE).json()
    for number, row in enumerate(found):
        form |= {f"line.{number}.{column}": text for column, text in row["shown"].items()}
        form[f"line.{number}.place"] = " ".join(map(str, [row["page"], *row["box"]]))
    assert anna.post(f"/documents/{document_id}", data=form | {"action": "accept"}).status_code == 303
    with store.reading() as session:
        rows = session.scalars(select(LineItemRow).order_by(LineItemRow.position)).all()
        assert [(row.cells["net_amount"], row.page) for row in rows] == [("450.00", 1), ("570.25", 1)]
        assert [row.box for row in rows] == [pytest.approx(one["box"], abs=0.01) for one in found]


def test_a_row_on_a_page_that_is_not_there_changes_nothing(anna, store):
    document_id = add_invoice(store, doubts={})
    csrf = csrf_of(anna, document_id)
    line = {"description": "x", "net_amount": "1.00", "place": "7 1 1 2 2"}
    sent = {"version": 3, "line_items": [line], "load_anyway": True, "override": "As on paper"}
    answer = anna.post(f"/api/documents/{document_id}/accept", json=sent, headers={"X-CSRF-Token": csrf})
    assert answer.status_code == 404


def test_other_values_are_offered_for_a_doubtful_field(anna, store):
    document_id = add_invoice(store, wrong={"due_date": "2026-11-03"}, doubts={"due_date": 0.4, "gross_total": 0.97})
    offered = anna.get(f"/api/documents/{document_id}/choices").json()
    assert set(offered) == {"due_date"}, "what is sure needs none"
    assert "2026-11-17" in [one["value"] for one in offered["due_date"]]
    assert "2026-11-03" not in [one["value"] for one in offered["due_date"]], "that is what it is"
    assert all(one["page"] == 1 and len(one["box"]) == 4 for one in offered["due_date"])


def test_a_field_of_words_is_read_once_more(anna, store):
    document_id = add_invoice(store, wrong={"seller_name": "Pap1r a t1sk"}, doubts={"seller_name": 0.4})
    with store.transaction() as session:
        session.get(PageRow, (document_id, 1)).words = zlib.compress(b"[]")
    offered = anna.get(f"/api/documents/{document_id}/choices").json()
    assert offered["seller_name"][0]["value"] == "Papir a tisk s.r.o."
