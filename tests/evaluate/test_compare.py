"""What counts as right, kind by kind."""

from __future__ import annotations

import pytest

from models.document_types import Kind
from models.records import LineItem
from pipeline.evaluate.compare import implied, same, same_cell, same_row


@pytest.mark.parametrize(
    ("kind", "truth", "value", "expected"),
    [
        (Kind.AMOUNT, "12.50", "12.5", True),
        (Kind.AMOUNT, "-12.50", "12.50", False),
        (Kind.AMOUNT, "12.50", "12,50", False),
        (Kind.PARTY, "Gastro Bílek s.r.o.", "GASTRO BÍLEK, s.r.o.", True),
        (Kind.PARTY, "Gastro Bílek s.r.o.", "Gastro", False),
        (Kind.DATE, "2025-01-02", "2025-01-02", True),
        (Kind.DATE, "2025-01-02", "2025-02-01", False),
        (Kind.IDENTIFIER, "2025-001", "2025-01", False),
        (Kind.IDENTIFIER, "RE 2025/001", "re2025/001", True),
        (Kind.IDENTIFIER, "RE 2025/001", "RE 2025-001", False),
        (Kind.IBAN, "CZ6508000000192000145399", "CZ65 0800 0000 1920 0014 5399", True),
    ],
)
def test_right_means_the_same_value(kind: Kind, truth: str, value: str, expected: bool) -> None:
    assert same(kind, truth, value) is expected


@pytest.mark.parametrize(
    ("column", "truth", "found", "expected"),
    [
        ("description", "Monitor 27 palců LED", "MO-27 Monitor 27 palců LED", True),
        ("description", "Monitor", "Monitor 27 palců LED, držák a kabel", False),
        ("description", "–", "Monitor", False),
        ("unit", "ks", "KS.", True),
        ("unit", "ks", "kg", False),
        ("unit", "C62", "Unit(s)", True),
        ("unit", "HUR", "Std.", True),
        ("unit", "noc", "Noc", True),
        ("quantity", "1", "1.00", True),
        ("quantity", "1", None, False),
        ("tax_rate", "21", "12", False),
    ],
)
def test_cells_of_a_row(column: str, truth: str, found: str | None, expected: bool) -> None:
    assert same_cell(column, truth, found) is expected


def test_a_row_is_right_with_all_that_stands_on_the_page_and_may_have_more() -> None:
    item = LineItem("Monitor", "2", "ks", "10.00", "20.00", "21")
    assert same_row({"description": "Monitor", "net_amount": "20"}, item)
    assert not same_row({"description": "Monitor", "net_amount": "21.00"}, item)


def test_amounts_that_follow_from_the_others_may_be_found_but_never_contradict_what_is_printed() -> None:
    assert implied({"gross_total": "121.00", "net_total": "100.00"}) == {"amount_due": "121.00", "tax_total": "21.00"}
    assert implied({"gross_total": "121.00", "amount_due": "0.00"}) == {}
    assert implied({"gross_total": None, "net_total": "100.00"}) == {}
