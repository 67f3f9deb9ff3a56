"""Invoices of senders and countries that nobody developed for: ids, places and days as they write them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from extractors import extract
from extractors.page.addresses import read_town
from extractors.values.dates import find_dates
from models.document_types import document_types
from pipeline.evaluate.compare import implied, same
from pipeline.learn.factory import STRANGE_LANGUAGES, STRANGE_LAYOUTS, make_invoice
from tests.extractors.readings import reading


def fields(rows):
    placed = [(x, 40 + 12 * number, text) for number, row in enumerate(rows) for x, text in row]
    return {f.name: f.value for f in extract(reading(placed), document_types()["invoice"]).fields}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Fecha: 8 de agosto de 2025", dt.date(2025, 8, 8)),
        ("Data 28 settembre 2024", dt.date(2024, 9, 28)),
        ("Kelt: 2025. március 1.", dt.date(2025, 3, 1)),
        ("Wystawiono 3 maja 2025", dt.date(2025, 5, 3)),
        ("March 5,2018", dt.date(2018, 3, 5)),
    ],
)
def test_days_in_the_neighbours_words(text, day):
    assert [found for _, _, found in find_dates(text)] == [day]


@pytest.mark.parametrize("street", ["pl. Konstytucji 3 Maja 177", "Hauptstrasse Mai 177"])
def test_a_street_with_a_month_holds_no_day(street):
    assert list(find_dates(street)) == []


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("Springfield, IL 62704", "Springfield, IL 62704"),
        ("Austin TX 78701-1234", "Austin TX 78701-1234"),
        ("Toronto, ON M5V 2T6", "Toronto, ON M5V 2T6"),
        ("H-1327 Budapest", "1327 Budapest"),
        ("Order 15, XX 62704", None),
    ],
)
def test_towns_beyond_the_sea_and_the_danube(text, town):
    assert read_town(text) == town


def test_an_american_street_number_is_no_postal_code():
    found = fields(
        [
            [(40, "Cardinal Plumbing LLC")],
            [(40, "43558 Patterson Forks")],
            [(40, "Springfield, IL 62704")],
            [(40, "Invoice No: 1001")],
            [(40, "Invoice Date: 7/21/2025")],
            [(40, "Total: $12.00")],
        ]
    )
    assert found["seller_address"] == "43558 Patterson Forks, Springfield, IL 62704"
    assert found["issue_date"] == "2025-07-21"


@pytest.mark.parametrize(
    ("label", "vat_id"),
    [
        ("NIP: 526-10-40-567", "PL5261040567"),
        ("P. IVA 00743110157", "IT00743110157"),
        ("VAT No: 980 7806 84", "GB980780684"),
    ],
)
def test_a_vat_id_without_its_country(label, vat_id):
    found = fields([[(40, "Faktura nr 17/2025")], [(40, label)], [(40, "Razem: 12,00")]])
    assert found["seller_vat_id"] == vat_id


def test_a_number_whose_check_digit_is_wrong_is_no_vat_id():
    found = fields([[(40, "Faktura nr 17/2025")], [(40, "NIP: 526-10-40-568")], [(40, "Razem: 12,00")]])
    assert "seller_vat_id" not in found


def test_totals_beside_a_table_of_taxes():
    found = fields(
        [
            [(40, "Celkem bez DPH:"), (150, "42.635,56 CZK"), (330, "Rozpis DPH")],
            [(40, "DPH 21 %:"), (150, "8.953,47 CZK"), (330, "%"), (400, "Základ daně"), (490, "Celkem DPH")],
            [(40, "Celkem:"), (150, "51.589,03 CZK"), (330, "21"), (400, "42.635,56"), (490, "8.953,47")],
            [(40, "Zaokrouhlení:"), (150, "-0,03 CZK")],
            [(40, "Zbývá uhradit:"), (150, "51.589,00 CZK")],
        ]
    )
    assert (found["gross_total"], found["amount_due"]) == ("51589.03", "51589.00")


@pytest.mark.parametrize("language", STRANGE_LANGUAGES)
def test_headers_of_strangers(language):
    kind, right, wanted = document_types()["invoice"], 0, 0
    for layout in STRANGE_LAYOUTS:
        made = make_invoice("stranger", "invoice", language, layout)
        found = {f.name: f.value for f in extract(made.reading, kind).fields}
        truth = {**implied(made.fields), **made.fields}
        right += sum(name in found and same(kind.fields[name].kind, value, found[name])
                     for name, value in truth.items() if name in made.fields)  # fmt: skip
        wanted += len(made.fields)
    assert Decimal(right) / wanted >= Decimal("0.94")
