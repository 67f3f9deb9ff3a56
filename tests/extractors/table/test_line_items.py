"""Rows of tables."""

from __future__ import annotations

from extractors import extract
from models.document_types import document_types
from tests.extractors.readings import CZECH_INVOICE, reading

INVOICE = document_types()["invoice"]


def rows(page: list[tuple[float, float, str]]) -> list[tuple[str | None, ...]]:
    items = extract(reading(page), INVOICE).line_items
    return [(i.description, i.quantity, i.unit, i.unit_price, i.net_amount, i.tax_rate) for i in items]


def test_rows_with_a_wrapped_description() -> None:
    items = extract(reading(CZECH_INVOICE), INVOICE).line_items
    assert rows(CZECH_INVOICE) == [
        ("Oprava čerpadla", "2", "hod", "1000", "2000.00", "21"),
        ("Těsnění gumové, sada", "4", "ks", "50", "200.00", "21"),
    ]
    assert all(item.confidence >= 0.9 and item.page == 1 and item.box for item in items)


def test_quantity_before_the_description() -> None:
    page = [
        (50, 100, "Menge"),
        (100, 100, "Beschreibung"),
        (380, 100, "Einzelpreis"),
        (480, 100, "Betrag"),
        (60, 116, "3"),
        (100, 116, "Stuhl aus Holz"),
        (395, 116, "40,00"),
        (480, 116, "120,00"),
        (60, 132, "1"),
        (100, 132, "Tisch"),
        (390, 132, "250,00"),
        (480, 132, "250,00"),
        (380, 160, "Summe netto"),
        (480, 160, "370,00"),
    ]
    assert rows(page) == [
        ("Stuhl aus Holz", "3", None, "40", "120.00", None),
        ("Tisch", "1", None, "250", "250.00", None),
    ]


def test_the_amount_column_that_sums_to_net_is_taken() -> None:
    page = [
        (50, 100, "Popis"),
        (250, 100, "Množství"),
        (310, 100, "Cena za MJ"),
        (390, 100, "Bez DPH"),
        (480, 100, "Celkem s DPH"),
        (50, 116, "Papír"),
        (265, 116, "10"),
        (320, 116, "100,00"),
        (390, 116, "1 000,00"),
        (490, 116, "1 210,00"),
        (330, 150, "Celkem bez DPH:"),
        (480, 150, "1 000,00"),
    ]
    assert rows(page) == [("Papír", "10", None, "100", "1000.00", None)]


def test_a_head_over_two_lines() -> None:
    page = [
        (350, 94, "Prix"),
        (50, 100, "Désignation"),
        (250, 100, "Quantité"),
        (480, 100, "Montant HT"),
        (345, 106, "unitaire"),
        (50, 124, "Miel de lavande"),
        (265, 124, "12"),
        (350, 124, "7,50"),
        (485, 124, "90,00"),
    ]
    assert rows(page) == [("Miel de lavande", "12", None, "7.5", "90.00", None)]


def test_the_table_goes_on_overleaf_and_ends_at_the_totals() -> None:
    head = [(50, 700, "Description"), (300, 700, "Qty"), (380, 700, "Unit price"), (480, 700, "Amount")]
    first = [*head, (50, 716, "Lamp"), (305, 716, "2"), (390, 716, "10.00"), (485, 716, "20.00")]
    second = [
        (50, 60, "Description"),
        (300, 60, "Qty"),
        (380, 60, "Unit price"),
        (480, 60, "Amount"),
        (50, 76, "Cable"),
        (305, 76, "4"),
        (390, 76, "5.00"),
        (485, 76, "20.00"),
        (380, 110, "Net total"),
        (485, 110, "40.00"),
        (380, 124, "VAT 20 %"),
        (490, 124, "8.00"),
        (380, 138, "Total"),
        (485, 138, "48.00"),
    ]
    items = extract(reading(first, second), INVOICE).line_items
    assert [(i.description, i.page) for i in items] == [("Lamp", 1), ("Cable", 2)]


def test_a_tax_summary_is_no_line_item() -> None:
    page = [
        (50, 100, "Sazba"),
        (150, 100, "Základ"),
        (250, 100, "DPH"),
        (50, 116, "21 %"),
        (150, 116, "1 000,00"),
        (250, 116, "210,00"),
    ]
    assert rows(page) == []


def test_a_price_under_a_misread_head_and_lost_decimal_points() -> None:
    page = [
        (50, 100, "Popis"),
        (300, 100, "Množství"),
        (370, 100, "CenaiM3"),
        (480, 100, "Částka"),
        (50, 116, "Webhosting"),
        (310, 116, "1"),
        (370, 116, "2654,58"),
        (480, 116, "2 654,58"),
        (50, 132, "Monitor"),
        (310, 132, "8"),
        (370, 132, "4640,98"),
        (480, 132, "3712784"),
    ]
    assert rows(page) == [
        ("Webhosting", "1", None, "2654.58", "2654.58", None),
        ("Monitor", "8", None, "4640.98", "37127.84", None),
    ]
