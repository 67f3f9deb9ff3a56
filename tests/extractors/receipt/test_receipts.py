"""Receipts made by hand, and documents of unknown type."""

from __future__ import annotations

import pytest

from extractors import extract
from models.document_types import document_types
from models.records import Source
from tests.extractors.readings import RECEIPT, reading

KIND = document_types()["receipt"]


def values(rows: list[tuple[float, float, str]]) -> dict[str, str]:
    return {f.name: f.value for f in extract(reading(rows, source=Source.RAPIDOCR, width=300, height=500), KIND).fields}


def change(**texts: str) -> list[tuple[float, float, str]]:
    return [(x, y, texts.get(text.split(" ")[0], text)) for x, y, text in RECEIPT]


def test_all_fields() -> None:
    assert values(RECEIPT) == {
        "company": "GREEN LEAF STATIONERY SDN. BHD.",
        "date": "2018-05-12",
        "address": "NO 5, JALAN BUNGA 2, TAMAN MAWAR, 43000 KAJANG, SELANGOR",
        "total": "31.45",
        "currency": "MYR",
    }


def test_without_rounding_cash_less_change_decides() -> None:
    rows = [row for row in change(TOTAL="T0TAI RM") if not row[2].startswith(("ROUND", "-0.02"))]
    assert values(rows)["total"] == "31.45"


def test_what_was_handed_over_is_not_the_total_whatever_it_is_called() -> None:
    rows = [
        *RECEIPT[:5],
        (20, 110, "PARKING TICKET"),
        (240, 110, "5.00"),
        (20, 130, "AMOUNT INCL. GST"),
        (240, 130, "5.00"),
        (20, 150, "ACCEPTED TOTAL"),
        (240, 150, "10.00"),
        (20, 170, "CHANGE"),
        (240, 170, "5.00"),
    ]
    assert values(rows)["total"] == "5.00"


def test_tax_and_quantities_are_not_the_total() -> None:
    rows = [
        *RECEIPT[:9],
        (20, 170, "TOTAL QTY: 3"),
        (20, 184, "TOTAL GST"),
        (240, 184, "1.80"),
        (20, 198, "TOTAL SALES (INCLUSIVE OF GST)"),
        (240, 198, "31.80"),
        (20, 212, "TOTAL SAVINGS"),
        (240, 212, "99.00"),
    ]
    assert values(rows)["total"] == "31.80"


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        (
            [
                (40, 20, "Pekárna U Mostu s.r.o."),
                (40, 34, "Nábřežní 4"),
                (40, 48, "301 00 Plzeň"),
                (40, 62, "DIČ: CZ25568736"),
                (20, 80, "Datum: 16.06.2025 16:29:32"),
                (20, 96, "Chléb"),
                (200, 96, "45,00"),
                (20, 110, "Mezisoučet"),
                (200, 110, "45,40"),
                (20, 124, "K platbě Kč"),
                (200, 124, "45,00"),
                (20, 138, "Hotovost"),
                (200, 138, "100,00"),
                (20, 152, "Vráceno"),
                (200, 152, "55,00"),
            ],
            {
                "company": "Pekárna U Mostu s.r.o.",
                "address": "Nábřežní 4 301 00 Plzeň",
                "date": "2025-06-16",
                "total": "45.00",
                "currency": "CZK",
            },
        ),
        (
            [
                (40, 20, "Markt am Tor"),
                (40, 34, "Torstr. 8"),
                (40, 48, "10115 Berlin"),
                (40, 62, "Tel. 030 1234"),
                (20, 80, "Brot"),
                (200, 80, "3,50"),
                (20, 94, "SUMME EUR"),
                (200, 94, "3,50"),
                (20, 108, "BAR"),
                (200, 108, "5,00"),
                (20, 122, "Rückgeld"),
                (200, 122, "1,50"),
                (20, 140, "14.02.2024 10:12"),
            ],
            {
                "company": "Markt am Tor",
                "address": "Torstr. 8 10115 Berlin",
                "date": "2024-02-14",
                "total": "3.50",
                "currency": "EUR",
            },
        ),
    ],
)
def test_czech_and_german_receipts(rows: list[tuple[float, float, str]], wanted: dict[str, str]) -> None:
    assert values(rows) == wanted


def test_other_documents_keep_text_dates_and_amounts() -> None:
    kind = document_types()["other"]
    page = [
        (50, 60, "Vážení, dne 5. 3. 2024 jsme zaplatili 1 234,50 Kč"),
        (50, 80, "a 6. 3. 2024 dalších 10,00 Kč."),
    ] + [(50, 100 + i, "slovo " * 12) for i in range(0, 700, 12)]
    fields = {f.name: f.value for f in extract(reading(page), kind).fields}
    assert fields["dates"] == "2024-03-05; 2024-03-06"
    assert fields["amounts"] == "1234.50; 10.00"
    assert fields["text"].startswith("Vážení, dne 5. 3. 2024")
    assert len(fields["text"]) <= 4000
