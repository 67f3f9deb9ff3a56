"""Tax rates of rows from the summary below the table."""

from __future__ import annotations

from extractors import extract
from models.document_types import document_types
from tests.extractors.readings import reading

HEAD = [(50, 100, "Désignation"), (300, 100, "Quantité"), (380, 100, "Prix unitaire"), (480, 100, "Montant HT")]
ROWS = [
    (50, 116, "Nougat"), (310, 116, "10"), (390, 116, "4,00"), (485, 116, "40,00"),
    (50, 132, "Huile"), (310, 132, "5"), (390, 132, "20,00"), (485, 132, "100,00"),
]  # fmt: skip


def rates(*summary: tuple[str, str, str]) -> list[str | None]:
    page = [*HEAD, *ROWS, (380, 150, "Total HT"), (485, 150, "140,00")]
    for index, (rate, base, tax) in enumerate(summary):
        y = 170 + 14 * index
        page += [(50, y, f"TVA {rate} %"), (200, y, base), (300, y, tax)]
    return [item.tax_rate for item in extract(reading(page), document_types()["invoice"]).line_items]


def test_the_one_rate_is_that_of_every_row() -> None:
    assert rates(("20", "140,00", "28,00")) == ["20", "20"]


def test_two_rates_are_shared_out_by_their_bases() -> None:
    assert rates(("20", "40,00", "8,00"), ("5,5", "100,00", "5,50")) == ["20", "5.5"]


def test_bases_that_the_rows_do_not_make_say_nothing() -> None:
    assert rates(("20", "90,00", "18,00"), ("5,5", "50,00", "2,75")) == [None, None]
