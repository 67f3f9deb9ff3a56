"""Loading: the rows that integrators read, on both databases."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from models.errors import Conflict, IllegalMove, InvalidValue
from models.states import State
from models.tables import HEADER_TABLES, LINE_TABLES, DocumentRow, EventRow, FieldRow, LineItemRow
from pipeline.load import business_key_holder, load
from pipeline.store import Store, clock
from tests.process.understanding import INVOICE

INVOICES, LINES = HEADER_TABLES["invoice"], LINE_TABLES["invoice"]


def understood(
    store: Store,
    values: dict[str, str],
    lines: Sequence[dict[str, str | None]] = (),
    kind: str | None = "invoice",
) -> int:
    """A document that is understood, with these fields; returns its id."""
    with store.transaction() as session:
        number = session.scalar(select(func.count()).select_from(DocumentRow)) or 0
        row = DocumentRow(
            sha256=f"{number:064x}",
            name="x.pdf",
            media_type="application/pdf",
            size=1,
            state=State.UNDERSTOOD.value,
            type=kind,
            received_at=clock.now(),
            changed_at=clock.now(),
        )
        session.add(row)
        session.flush()
        for name, value in values.items():
            session.add(FieldRow(document_id=row.id, name=name, value=value, confidence=1.0, source="text"))
        for position, cells in enumerate(lines):
            session.add(LineItemRow(document_id=row.id, position=position, cells=dict(cells), confidence=1.0))
        return row.id


def load_it(store: Store, document_id: int) -> str:
    with store.transaction() as session:
        return load(session, session.get_one(DocumentRow, document_id), "tester")


def rows(store: Store, table: Any = INVOICES) -> list[Any]:
    with store.reading() as session:
        return list(session.execute(select(table).order_by(table.c.id)))


def state(store: Store, document_id: int) -> str:
    with store.reading() as session:
        return session.get_one(DocumentRow, document_id).state


def test_fields_become_typed_columns_and_lines_follow(store: Store) -> None:
    lines = [
        {"description": "Papír", "quantity": "10.5", "unit_price": "9.123456", "net_amount": "95.80", "tax_rate": "21"},
        {"description": "", "quantity": None},
    ]
    document = understood(store, {**INVOICE, "net_total": "-100.00", "buyer_name": ""}, lines)
    assert load_it(store, document) == "invoices"
    (row,) = rows(store)
    assert (row.document_id, row.business_key) == (document, "examples.r.o.|2026-0042")
    assert (row.issue_date, row.gross_total, row.net_total) == (dt.date(2026, 1, 31), Decimal(121), Decimal(-100))
    assert (row.currency, row.buyer_name, row.due_date) == ("CZK", None, None)
    first, second = rows(store, LINES)
    assert (first.position, first.description, first.quantity) == (0, "Papír", Decimal("10.5"))
    assert (first.unit_price, first.invoice_id, second.description) == (Decimal("9.123456"), row.id, None)
    assert state(store, document) == State.LOADED
    with store.reading() as session:
        (event,) = session.scalars(select(EventRow).where(EventRow.document_id == document))
    assert (event.kind, event.actor) == ("loaded", "tester")
    assert "2026-0042" not in str(event.data)


@pytest.mark.parametrize("kind", ["receipt", "other", "credit_note", None])
def test_every_type_has_its_table(store: Store, kind: str | None) -> None:
    values = {"company": "Shop", "date": "2026-01-31", "total": "9.90", "text": "words", "invoice_number": "1"}
    document = understood(store, values, kind=kind)
    table = load_it(store, document)
    assert table == HEADER_TABLES[kind or "other"].name
    assert [row.document_id for row in rows(store, HEADER_TABLES[kind or "other"])] == [document]


def test_a_later_document_of_the_same_key_takes_the_row_over(store: Store) -> None:
    first = understood(store, INVOICE, [{"description": "a"}, {"description": "b"}, {"description": "c"}])
    second = understood(store, {**INVOICE, "gross_total": "242.00"}, [{"description": "d"}])
    load_it(store, first)
    with store.reading() as session:
        assert business_key_holder(session, session.get_one(DocumentRow, second)) == first
        assert business_key_holder(session, session.get_one(DocumentRow, first)) is None
    load_it(store, second)
    (row,) = rows(store)
    assert (row.document_id, row.gross_total) == (second, Decimal(242))
    assert [line.description for line in rows(store, LINES)] == ["d"]
    with store.reading() as session:
        superseded = session.scalars(select(EventRow).where(EventRow.kind == "superseded")).one()
    assert (superseded.document_id, superseded.data["by"]) == (first, second)
    assert state(store, first) == state(store, second) == State.LOADED


def test_without_a_key_every_document_has_its_own_row(store: Store) -> None:
    values = {name: value for name, value in INVOICE.items() if name != "invoice_number"}
    for document in (understood(store, values), understood(store, values)):
        load_it(store, document)
    assert [row.business_key for row in rows(store)] == [None, None]


def test_loading_twice_is_refused_and_changes_nothing(store: Store) -> None:
    document = understood(store, INVOICE)
    load_it(store, document)
    with pytest.raises(IllegalMove):
        load_it(store, document)
    assert len(rows(store)) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issue_date", "31.1.2026"),
        ("gross_total", "1 234,50"),
        ("gross_total", "NaN"),
        ("gross_total", "Infinity"),
        ("gross_total", "1e30"),
        ("currency", "Kč 1"),
        ("seller_name", "a\0b"),
        ("seller_name", "half \ud800"),
    ],
)
def test_a_value_that_does_not_fit_loads_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """SQLite would take most of these in silence, PostgreSQL would fail late; both refuse alike."""
    document = understood(store, INVOICE)
    # some of these the tables of fields would not keep themselves
    monkeypatch.setattr("pipeline.load.upsert._values", lambda *_: {**INVOICE, name: value})
    with pytest.raises(InvalidValue) as told:
        load_it(store, document)
    assert list(told.value.problems) == [name]
    assert value not in str(told.value) + str(told.value.problems)
    assert rows(store) == []
    assert state(store, document) == State.UNDERSTOOD


def test_a_bad_cell_is_named(store: Store) -> None:
    document = understood(store, INVOICE, [{"quantity": "1"}, {"quantity": "many"}])
    with pytest.raises(InvalidValue) as told:
        load_it(store, document)
    assert list(told.value.problems) == ["line_items.1.quantity"]
    assert rows(store) == rows(store, LINES) == []


def test_more_decimals_than_a_column_has_are_rounded_alike(store: Store) -> None:
    load_it(store, understood(store, {**INVOICE, "gross_total": "0.123450001"}))
    assert rows(store)[0].gross_total == Decimal("0.1235")


def test_two_workers_load_the_same_key_at_once(store: Store) -> None:
    """Whoever is second sees the first: one row, and never two that both believed the key was free."""
    documents = [understood(store, INVOICE) for _ in range(2)]
    holders: list[int | None] = []
    barrier = threading.Barrier(2)

    def run(document: int) -> None:
        barrier.wait()
        with store.transaction() as session:
            row = session.get_one(DocumentRow, document)
            holders.append(business_key_holder(session, row))
            load(session, row, "tester")

    threads = [threading.Thread(target=run, args=(document,)) for document in documents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows(store)) == 1
    assert sorted(holder is None for holder in holders) == [False, True]
    with store.reading() as session:
        assert session.scalar(select(func.count()).where(EventRow.kind == "superseded")) == 1


def test_two_workers_load_one_document_at_once(store: Store) -> None:
    document = understood(store, INVOICE)
    lost: list[Exception] = []
    barrier = threading.Barrier(2)

    def run() -> None:
        try:
            with store.transaction() as session:
                row = session.get_one(DocumentRow, document)
                if store.engine.dialect.name == "postgresql":
                    barrier.wait(5)
                load(session, row, "tester")
        except (Conflict, IllegalMove) as error:
            lost.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lost) == 1
    assert len(rows(store)) == 1
