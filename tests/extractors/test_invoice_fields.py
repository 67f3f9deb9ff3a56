"""Header fields of invoices made by hand."""

from __future__ import annotations

import pytest

from extractors import extract
from extractors.scoring.rules import _WEIGHTS, FEATURES, RuleScorer
from models.document_types import document_types
from models.records import Extraction, Page, Reading, Source, Witness, Word
from tests.extractors.readings import CZECH_INVOICE, GERMAN_LETTER, reading

INVOICE = document_types()["invoice"]


def values(extraction: Extraction) -> dict[str, str]:
    return {field.name: field.value for field in extraction.fields}


def without(rows: list[tuple[float, float, str]], *starts: str) -> list[tuple[float, float, str]]:
    lines = {y for _, y, text in rows if text.startswith(starts)}
    return [row for row in rows if row[1] not in lines]


def test_czech_invoice_in_two_columns() -> None:
    found = values(extract(reading(CZECH_INVOICE), INVOICE))
    wanted = {
        "invoice_number": "2024001234",
        "issue_date": "2024-03-05",
        "due_date": "2024-03-19",
        "delivery_date": "2024-03-01",
        "seller_name": "Modrá Vrána s.r.o.",
        "seller_vat_id": "CZ25568736",
        "seller_tax_number": "25568736",
        "seller_address": "Dlouhá 12, 602 00 Brno",
        "buyer_name": "Dílna U Lípy a.s.",
        "buyer_vat_id": "CZ60194383",
        "currency": "CZK",
        "net_total": "2200.00",
        "tax_total": "462.00",
        "gross_total": "2662.00",
        "amount_due": "1662.00",
        "iban": "CZ6508000000192000145399",
        "variable_symbol": "2024001234",
    }
    assert found == wanted


def test_german_letter_with_the_buyer_under_the_sender_line() -> None:
    found = values(extract(reading(GERMAN_LETTER), INVOICE))
    assert found["seller_name"] == "Nordlicht GmbH"
    assert found["seller_address"] == "Hafenstr. 7, 20457 Hamburg"
    assert found["buyer_name"] == "Bergblick AG"
    assert found["invoice_number"] == "R-5512"
    assert (found["issue_date"], found["due_date"]) == ("2024-02-14", "2024-02-28")
    assert found["seller_vat_id"] == "DE136695976"
    assert found["seller_tax_number"] == "22/123/45678"
    assert (found["iban"], found["bic"]) == ("DE89370400440532013000", "COBADEFFXXX")
    assert (found["net_total"], found["tax_total"], found["gross_total"], found["amount_due"]) == (
        "1000.00",
        "190.00",
        "1190.00",
        "1190.00",
    )


def test_proof_of_a_value() -> None:
    fields = {field.name: field for field in extract(reading(CZECH_INVOICE), INVOICE).fields}
    gross = fields["gross_total"]
    assert {Witness.LABEL, Witness.SUM} <= set(gross.witnesses)
    assert gross.confidence >= 0.9
    assert gross.page == 1
    assert gross.box is not None
    assert gross.box[0] >= 480
    assert 345 <= gross.box[1] <= 350
    assert gross.source is Source.TEXT
    assert gross.raw.startswith("2 662,00")
    assert Witness.CHECK_DIGIT in fields["seller_vat_id"].witnesses
    assert Witness.REPEATED in fields["invoice_number"].witnesses


def test_we_are_the_buyer() -> None:
    rows = [
        (45, 80, "Modrá Vrána s.r.o."),
        (45, 92, "Dlouhá 12"),
        (45, 104, "602 00 Brno"),
        (330, 80, "Dílna U Lípy a.s."),
        (330, 92, "Krátká 3"),
        (330, 104, "110 00 Praha 1"),
    ]
    one = values(extract(reading(rows), INVOICE, our_names=("MODRÁ VRÁNA s.r.o.",)))
    other = values(extract(reading(rows), INVOICE, our_names=("Dílna U Lípy, a.s.",)))
    assert (one["buyer_name"], one["seller_name"]) == ("Modrá Vrána s.r.o.", "Dílna U Lípy a.s.")
    assert (other["buyer_name"], other["seller_name"]) == ("Dílna U Lípy a.s.", "Modrá Vrána s.r.o.")


def test_our_id_is_never_the_sellers() -> None:
    rows = [(45, 700, "DIČ: CZ60194383"), (45, 720, "DIČ: CZ25568736")]
    found = values(extract(reading(rows), INVOICE, our_ids=("CZ60194383",)))
    assert (found["seller_vat_id"], found["buyer_vat_id"]) == ("CZ25568736", "CZ60194383")


def test_a_delivery_address_is_no_buyer() -> None:
    rows = [
        *CZECH_INVOICE,
        (45, 600, "Dodací adresa:"),
        (45, 612, "Sklad Jih s.r.o."),
        (45, 624, "Polní 1"),
        (45, 636, "370 01 České Budějovice"),
    ]
    assert values(extract(reading(rows), INVOICE))["buyer_name"] == "Dílna U Lípy a.s."


@pytest.mark.parametrize("wrong", ["2 663,00 Kč", "3 662,00 Kč"])
def test_totals_that_do_not_tie_are_less_sure(wrong: str) -> None:
    rows = [
        (x, y, wrong if text == "2 662,00 Kč" else text)
        for x, y, text in without(CZECH_INVOICE, "Zaplaceno", "K úhradě")
    ]
    fields = {field.name: field for field in extract(reading(rows), INVOICE).fields}
    assert Witness.SUM not in fields["gross_total"].witnesses
    assert fields["gross_total"].confidence < 0.9


def test_several_rates_and_rounding() -> None:
    rows = [
        (330, 300, "Základ daně celkem:"),
        (480, 300, "7 329,76 Kč"),
        (330, 314, "DPH 12 %:"),
        (480, 314, "21,96 Kč"),
        (330, 328, "DPH 21 %:"),
        (480, 328, "1 500,82 Kč"),
        (330, 342, "Celkem DPH:"),
        (480, 342, "1 522,78 Kč"),
        (330, 356, "Celkem s DPH:"),
        (480, 356, "8 852,54 Kč"),
        (330, 370, "Zaokrouhlení:"),
        (480, 370, "0,46 Kč"),
        (330, 384, "K úhradě:"),
        (480, 384, "8 853,00 Kč"),
    ]
    found = values(extract(reading(rows), INVOICE))
    assert (found["net_total"], found["tax_total"], found["gross_total"], found["amount_due"]) == (
        "7329.76",
        "1522.78",
        "8852.54",
        "8853.00",
    )


def test_tax_row_under_column_heads() -> None:
    rows = [
        (200, 300, "Základ DPH"),
        (320, 300, "DPH"),
        (420, 300, "Celkem s DPH"),
        (60, 314, "Sazba 21 %"),
        (210, 314, "1 000,00"),
        (320, 314, "210,00"),
        (430, 314, "1 210,00"),
        (60, 328, "Sazba 12 %"),
        (210, 328, "500,00"),
        (320, 328, "60,00"),
        (430, 328, "560,00"),
        (60, 342, "Celkem"),
        (210, 342, "1 500,00"),
        (320, 342, "270,00"),
        (430, 342, "1 770,00"),
    ]
    found = values(extract(reading(rows), INVOICE))
    assert (found["net_total"], found["tax_total"], found["gross_total"]) == ("1500.00", "270.00", "1770.00")


def test_the_buyers_account_of_a_direct_debit_is_not_taken() -> None:
    rows = [(60, 500, "Der Betrag wird von Ihrem Konto IBAN DE89 3704 0044 0532 0130 00 eingezogen.")]
    assert "iban" not in values(extract(reading(rows), INVOICE))


def test_misread_letters_in_an_ocr_page() -> None:
    page = reading(
        [
            (60, 100, "Rechnunqsnummer: R-77"),
            (60, 120, "Rechnungsdaturn: O5.O3.2O24"),
            (60, 140, "Gesamtbetraq: 1.19O,OO EUR"),
        ],
        source=Source.TESSERACT,
    )
    found = values(extract(page, INVOICE))
    assert (found["invoice_number"], found["issue_date"], found["gross_total"]) == ("R-77", "2024-03-05", "1190.00")


def test_poor_reading_lowers_confidence() -> None:
    def confidence(read: float) -> float:
        page = Page(
            1,
            595,
            842,
            Source.TESSERACT,
            (Word("Rechnungsnummer:", (60, 100, 140, 110), 0.95), Word("R-4711", (150, 100, 180, 110), read)),
        )
        return extract(Reading("application/pdf", (page,)), INVOICE).fields[0].confidence

    assert confidence(0.95) > confidence(0.6) > 0


def test_empty_pages_give_nothing() -> None:
    for kind in document_types().values():
        assert extract(Reading("image/png", (Page(1, 100, 100, Source.BLANK),)), kind) == Extraction()
        assert extract(Reading("image/png"), kind) == Extraction()


def test_every_weight_is_a_documented_feature() -> None:
    assert set(_WEIGHTS) == set(FEATURES)
    assert RuleScorer.score.__doc__


def test_fields_come_in_the_order_of_the_type() -> None:
    names = [field.name for field in extract(reading(CZECH_INVOICE), INVOICE).fields]
    assert names == [name for name in INVOICE.fields if name in names]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Splatnost: 14 dní", "14 dní"),
        ("Splatnost 14 dní", "Splatnost 14 dní"),
        ("Bitte überweisen Sie den Betrag unter Angabe der Rechnungsnummer.", None),
        ("Bitte überweisen Sie den Betrag binnen 14 Tagen.", "Bitte überweisen Sie den Betrag binnen 14 Tagen."),
    ],
)
def test_terms_say_when_to_pay(text: str, expected: str | None) -> None:
    assert (
        values(extract(reading([(60, 100, "Faktura č.: 2025001"), (60, 300, text)]), INVOICE)).get("payment_terms")
        == expected
    )


def test_a_label_of_the_totals_is_no_payment_term() -> None:
    rows = [(60, 300, "Payment terms"), (60, 314, "Total VAT"), (300, 314, "12.00")]
    assert "payment_terms" not in values(extract(reading(rows), INVOICE))


def test_the_only_currency_is_no_doubt_wherever_it_stands() -> None:
    rows = [(x, y, text.replace(" Kč", "")) for x, y, text in CZECH_INVOICE] + [(490, 230, "Částka CZK")]
    found = next(field for field in extract(reading(rows), INVOICE).fields if field.name == "currency")
    assert found.value == "CZK"
    assert found.confidence >= 0.85
