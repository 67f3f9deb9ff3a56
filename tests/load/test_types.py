"""Rows of the types that are no invoices, as integrators read them, on both databases."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from models.document_types import Kind, document_types
from models.errors import InvalidValue
from models.states import State
from models.tables import HEADER_TABLES, LINE_TABLES
from pipeline.store import Store
from tests.load.test_load import load_it, rows, state, understood

WRITTEN = {
    Kind.DATE: ("2026-10-31", dt.date(2026, 10, 31)),
    Kind.AMOUNT: ("-1234.5678", Decimal("-1234.5678")),
    Kind.NUMBER: ("168.5", Decimal("168.5")),
    Kind.PERCENT: ("12.5", Decimal("12.5")),
    Kind.CURRENCY: ("CZK", "CZK"),
}
"""A normal form by kind and what an integrator finds; every other kind is text."""


@pytest.mark.parametrize("name", [name for name in document_types() if name != "other"])
def test_every_field_of_every_type_has_its_column(store: Store, name: str) -> None:
    kind = document_types()[name]
    written = {field: WRITTEN.get(spec.kind, ("Žluťoučký", "Žluťoučký")) for field, spec in kind.fields.items()}
    lines = [{"description": "Papír", "quantity": "10.5"}] if kind.line_table else []
    document = understood(store, {field: value for field, (value, _) in written.items()}, lines, name)
    assert load_it(store, document) == kind.table
    (row,) = rows(store, HEADER_TABLES[name])
    assert {field: getattr(row, field) for field in written} == {field: found for field, (_, found) in written.items()}
    assert row.business_key and state(store, document) == State.LOADED
    if kind.line_table:
        (line,) = rows(store, LINE_TABLES[name])
        assert (line.description, line.quantity, getattr(line, f"{name}_id")) == ("Papír", Decimal("10.5"), row.id)


def test_a_statement_read_twice_is_one_row(store: Store) -> None:
    values = {"iban": "CZ6508000000192000145399", "statement_number": "10/2026", "period_to": "2026-10-31"}
    first = understood(store, {**values, "closing_balance": "1.00"}, kind="bank_statement")
    second = understood(store, {**values, "closing_balance": "2.00"}, kind="bank_statement")
    load_it(store, first)
    load_it(store, second)
    (row,) = rows(store, HEADER_TABLES["bank_statement"])
    assert (row.document_id, row.closing_balance) == (second, Decimal(2))


def test_hours_that_are_no_number_do_not_load(store: Store) -> None:
    document = understood(store, {"employee_name": "Alena Nová", "total_hours": "168,5 h"}, kind="timesheet")
    with pytest.raises(InvalidValue) as problem:
        load_it(store, document)
    assert set(problem.value.problems) == {"total_hours"}
    assert rows(store, HEADER_TABLES["timesheet"]) == []
