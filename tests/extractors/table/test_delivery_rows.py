"""Rows without prices: delivery notes."""

from __future__ import annotations

from extractors.page.labels import find_labels
from extractors.page.layout import lay_out
from extractors.table.line_items import find_line_items
from models.document_types import document_types
from tests.extractors.readings import reading

PAGE = [
    (50, 60, "Dodací list č. 2024-17"),
    (50, 100, "Kód"), (110, 100, "Název položky"), (400, 100, "Množství"), (480, 100, "MJ"),
    (50, 116, "A100"), (110, 116, "Papír A4"), (420, 116, "10"), (480, 116, "bal"),
    (50, 132, "A200"), (110, 132, "Toner černý"), (420, 132, "2,5"), (480, 132, "ks"),
    (110, 144, "do laserové tiskárny"),
    (50, 148, "A300"), (110, 160, "Kabel"), (420, 160, "4"), (480, 160, "m"),
    (50, 700, "Vysoké nad Jizerou"), (400, 700, "Strana 98"),
]  # fmt: skip


def test_a_delivery_note_gives_rows_with_quantities_alone() -> None:
    kind = document_types()["delivery_note"]
    layout = lay_out(reading(PAGE))
    found = find_line_items(layout, find_labels(layout, kind)).rows(None, layout)
    assert [(i.description, i.quantity, i.unit, i.unit_price, i.net_amount) for i in found] == [
        ("Papír A4", "10", "bal", None, None),
        ("Toner černý do laserové tiskárny", "2.5", "ks", None, None),
        ("Kabel", "4", "m", None, None),
    ]
