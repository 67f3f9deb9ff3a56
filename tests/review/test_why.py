"""Why? on the desk and by API: what it says of a stored document, and to whom."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from models.errors import NotFound
from models.records import Severity
from models.roles import Scope
from models.tables import DocumentRow, FieldRow
from pipeline.review.why import why

from .people import client_of
from .rows import add_invoice

FINDING = {"code": "totals-differ", "severity": "error", "message": "They do not add up.", "fields": ["gross_total"]}


@pytest.fixture
def dialect():
    """Words and fields are read back the same on both databases; test_queue has both."""
    return "sqlite"


def corrected(store, document_id, name, **values):
    with store.transaction() as session:
        where = (FieldRow.document_id == document_id, FieldRow.name == name)
        session.execute(update(FieldRow).where(*where).values(**values))


def test_it_says_what_the_value_is_who_vouches_and_what_was_tried(store):
    found = why(store, add_invoice(store, findings=(FINDING,)), "gross_total")
    assert (found.value, found.type, found.title) == ("1234.50", "invoice", "Gross total")
    assert found.box is not None
    assert found.source_words == "read by OCR"
    assert [one.severity for one in found.findings] == [Severity.ERROR]
    first = found.options[0]
    assert (first.value, first.page, first.chosen) == ("1234.50", 1, True)
    assert first.box == pytest.approx(found.box, abs=3)
    assert "label" in {reason.feature for reason in first.reasons}


def test_an_empty_field_says_why(store):
    found = why(store, add_invoice(store), "order_number")
    assert found.value is found.source is found.probability is None
    assert found.verdict == "Nothing on the pages could be its value."


def test_a_typed_value_is_the_persons_and_what_was_read_stands_below(store):
    document_id = add_invoice(store)
    corrected(store, document_id, "gross_total", value="7.00", source="reviewer", witnesses=["reviewer"])
    found = why(store, document_id, "gross_total")
    assert found.value == "7.00"
    assert found.verdict == "A person typed or confirmed it."
    assert found.options[0].value == "1234.50"


def test_as_another_type(store):
    document_id = add_invoice(store)
    found = why(store, document_id, "total", "receipt")
    assert (found.type, found.value) == ("receipt", "1234.50")
    with pytest.raises(NotFound, match="Invoice has no field 'total'"):
        why(store, document_id, "total")
    with pytest.raises(NotFound):
        why(store, document_id, "total", "bill")
    with pytest.raises(NotFound):
        why(store, document_id + 1, "gross_total")


def test_the_desk_asks_only_when_wanted_and_what_is_on_the_page_comes_escaped(app, store):
    document_id = add_invoice(store)
    with client_of(app, store, "Anna") as browser:
        screen = browser.get(f"/documents/{document_id}").text
        assert f'data-why="/documents/{document_id}/why/gross_total"' in screen
        assert 'aria-expanded="false"' in screen
        piece = browser.get(f"/documents/{document_id}/why/gross_total")
        assert piece.status_code == 200
        assert "<html" not in piece.text
        assert "too little to go on without a person" in piece.text
        assert re.search(r'class="chosen" data-page="1" data-box="[\d. ]+"', piece.text)
        corrected(store, document_id, "seller_name", value="<b>x</b>", raw="<b>x</b>")
        assert "<b>x</b>" not in browser.get(f"/documents/{document_id}/why/seller_name").text
        assert browser.get(f"/documents/{document_id}/why/nonsense").status_code == 404


def test_the_api_gives_the_same_and_describes_it(app, store):
    document_id = add_invoice(store)
    with client_of(app, store, "Anna") as program:
        found = program.get(f"/api/documents/{document_id}/fields/gross_total/why").json()
        assert found["value"] == "1234.50"
        assert {"feature", "text", "value", "weight"} == set(found["options"][0]["reasons"][0])
        described = program.get("/api/openapi.json").json()
    path = described["paths"]["/api/documents/{document_id}/fields/{field}/why"]["get"]
    assert path["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/Explanation")


def test_a_type_that_one_may_not_see_can_not_be_tried_on(app, store):
    document_id = add_invoice(store)
    with client_of(app, store, "Rita", scope=Scope(types=frozenset({"invoice"}))) as browser:
        assert browser.get(f"/documents/{document_id}/why/gross_total").status_code == 200
        assert browser.get(f"/documents/{document_id}/why/total?type=receipt").status_code == 404
        with store.transaction() as session:
            session.execute(update(DocumentRow).values(type="receipt"))
        assert browser.get(f"/documents/{document_id}/why/total").status_code == 404
        assert browser.get(f"/api/documents/{document_id}/fields/total/why").status_code == 404
