"""Documents of every type in the desk: shown, corrected in their own kinds of values, and loaded into their tables."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from sqlalchemy import select

from models.document_types import document_types
from models.states import State
from models.tables import HEADER_TABLES, LINE_TABLES, DocumentRow
from tests.review.people import client_of, form_of
from tests.review.rows import FORMS, add_form, add_invoice

GOODS = (("Papír A4", "10", "ks", None, None, None), ("Toner", "1", "ks", None, None, None))
PRICED = (("Papír A4", "10", "ks", "45.00", "450.00", "21"), ("Toner", "1", "ks", "570.25", "570.25", "21"))
LINES = {"delivery_note": GOODS, "purchase_order": PRICED}


@pytest.fixture
def dialect():
    """The screens don't know the database; loading is tested on both."""
    return "sqlite"


@pytest.fixture
def browser(app, store):
    with client_of(app, store, "Anna") as client:
        yield client


def row_of(store, kind):
    with store.reading() as session:
        return session.execute(select(HEADER_TABLES[kind])).one()


@pytest.mark.parametrize("kind", FORMS)
def test_a_document_of_each_type_is_listed_shown_and_loaded(browser, store, kind) -> None:
    document_id = add_form(store, kind, lines=LINES.get(kind, ()))
    listed = browser.get("/").text
    assert document_types()[kind].title["en"] in listed and f"{kind}.pdf" in listed

    html = browser.get(f"/documents/{document_id}").text
    assert set(re.findall(r'data-field="(\w+)"', html)) == set(document_types()[kind].fields), "every field of the type"
    for name in FORMS[kind]:
        assert f'data-for="{name}"' in html, "its box is on the page"
    assert ('id="rows"' in html) == (kind in LINE_TABLES)

    sent = form_of(browser.get(f"/documents/{document_id}"))
    for name, (value, _) in FORMS[kind].items():
        assert sent[f"field.{name}"] == value
    lines = {f"line.{number}.description": cells[0] for number, cells in enumerate(LINES.get(kind, ()))}
    answer = browser.post(f"/documents/{document_id}", data=sent | lines | {"action": "accept"})
    assert answer.status_code == 303, re.findall(r'class="(?:problem|doubt)[^>]*>([^<]+)', answer.text)
    row = row_of(store, kind)
    assert row.document_id == document_id and row.business_key
    if kind in LINE_TABLES:
        with store.reading() as session:
            table = LINE_TABLES[kind]
            found = session.execute(select(table.c.description).order_by(table.c.position)).scalars().all()
        assert found == [cells[0] for cells in LINES[kind]]


@pytest.mark.parametrize(
    ("kind", "name", "typed", "stored"),
    [
        ("timesheet", "total_hours", "160:30 h", Decimal("160.5")),
        ("timesheet", "total_hours", "159,25", Decimal("159.25")),
        ("timesheet", "employee_name", "  Jana   Nová ", "Jana Nová"),
        ("timesheet", "period_from", "2. 10. 2026", dt.date(2026, 10, 2)),
        ("delivery_note", "gross_weight", "1 026,5 kg", Decimal("1026.5")),
        ("card_application", "phone", "00420 602 123 456", "+420602123456"),
        ("card_application", "email", "Other @ Example.org", "other@example.org"),
        ("card_application", "requested_limit", "60 000 Kč", Decimal(60000)),
        ("payroll_request", "iban", "19-2000145399/0800", "CZ6508000000192000145399"),
        ("payroll_request", "department", "Výroba", "Výroba"),
    ],
)
def test_what_is_typed_gets_its_normal_form_and_column(browser, store, kind, name, typed, stored) -> None:
    document_id = add_form(store, kind, lines=LINES.get(kind, ()))
    sent = form_of(browser.get(f"/documents/{document_id}")) | {"action": "accept", f"field.{name}": typed}
    sent |= {f"line.{number}.description": cells[0] for number, cells in enumerate(LINES.get(kind, ()))}
    assert browser.post(f"/documents/{document_id}", data=sent).status_code == 303
    assert getattr(row_of(store, kind), name) == stored


@pytest.mark.parametrize(
    ("kind", "name", "typed", "said"),
    [
        ("timesheet", "total_hours", "many", "This is not a number"),
        ("card_application", "phone", "call me", "This is not a telephone number"),
        ("card_application", "email", "nobody", "This is not an e-mail address"),
        ("bank_statement", "closing_balance", "700,00", "makes 600.05, not 700.00"),
        ("timesheet", "overtime_hours", "170", "Overtime of 170 hours is more than the total of 168.5"),
        ("card_application", "birth_date", "1. 1. 2015", "The applicant is 11 years old at signing"),
        ("identity_document", "expiry_date", "1. 1. 2020", "The document expired on 2020-01-01"),
    ],
)
def test_what_is_wrong_is_said_in_the_desk(browser, store, kind, name, typed, said) -> None:
    document_id = add_form(store, kind)
    sent = form_of(browser.get(f"/documents/{document_id}")) | {"action": "accept", f"field.{name}": typed}
    answer = browser.post(f"/documents/{document_id}", data=sent)
    assert answer.status_code == 422 and said in answer.text
    with store.reading() as session:
        assert session.get_one(DocumentRow, document_id).state == State.REVIEW


@pytest.mark.parametrize("kind", [name for name in document_types() if name not in ("invoice", "other")])
def test_an_invoice_can_be_called_any_other_type(browser, store, kind) -> None:
    document_id = add_invoice(store)
    html = browser.get(f"/documents/{document_id}?type={kind}").text
    assert set(re.findall(r'data-field="(\w+)"', html)) == set(document_types()[kind].fields)
