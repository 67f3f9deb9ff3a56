"""Quantities that the engine lost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from extractors import extract
from extractors.table.line_items import DOUBTFUL
from extractors.table.quantities import quantity_of
from models.document_types import document_types
from models.records import LineItem, Source
from tests.extractors.readings import reading

INVOICE = document_types()["invoice"]


@pytest.mark.parametrize(
    ("price", "amount", "quantity"),
    [
        ("529", "529.00", "1"),
        ("0.22", "55.00", "250"),
        ("39.00", "-390.00", "-10"),
        ("3.3333", "10.00", "3"),
        ("64.00", "880.00", "13.75"),
        ("544.09", "3672.61", "6.75"),
        ("200.00", "75.00", "0.375"),
        ("120.00", "47.11", None),  # no number of three decimals
        ("1.37", "3.80", None),  # at that price nearly every amount has one
        ("0.03", "0.12", None),
        ("67.2244", "80.00", None),  # 1.19: with tax
        ("0", "10.00", None),
        ("10.00", "0", None),
    ],
)
def test_quantity_of_price_and_amount(price: str, amount: str, quantity: str | None) -> None:
    expected = None if quantity is None else Decimal(quantity)
    assert quantity_of(Decimal(price), Decimal(amount)) == expected


def items(*rows: tuple[str, str, str], between: str = "Unit", source: Source = Source.TEXT) -> tuple[LineItem, ...]:
    page: list[tuple[float, float, str]] = [
        (50, 100, "Description"),
        (260, 100, "Qty"),
        (310, 100, between),
        (400, 100, "Unit price"),
        (500, 100, "Amount"),
    ]
    for index, (quantity, price, amount) in enumerate(rows):
        y = 116.0 + 16 * index
        page += [(50, y, "Oak shelf"), (400, y, price), (500, y, amount)]
        page += [(265, y, quantity)] if quantity else []
        page += [(315, y, "10 %" if between == "Discount" else "pcs")]
    return extract(reading(page, source=source), INVOICE).line_items


@pytest.mark.parametrize("source", [Source.TEXT, Source.TESSERACT])
def test_a_lost_quantity_is_filled_in_and_vouches_for_nothing(source: Source) -> None:
    """It ties out because it was computed; a curve once said 0.9 of such rows."""
    read, lost, odd = items(("2", "30.00", "60.00"), ("", "30.00", "90.00"), ("", "30.00", "70.07"), source=source)
    assert (read.quantity, lost.quantity, odd.quantity) == ("2", "3", None)
    assert lost.confidence <= DOUBTFUL < read.confidence


def test_no_quantity_is_made_up_across_a_discount() -> None:
    (item,) = items(("", "30.00", "270.00"), between="Discount")
    assert item.quantity is None
