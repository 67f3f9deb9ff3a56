"""Rows and columns that money chooses among: unnamed and misnamed columns, discounts, tables without heads."""

from __future__ import annotations

import pytest

from extractors import extract
from models.document_types import document_types
from models.records import LineItem
from tests.extractors.readings import reading

INVOICE = document_types()["invoice"]
Page = list[tuple[float, float, str]]
HEAD: Page = [(50, 100, "Bezeichnung"), (300, 100, "Menge"), (380, 100, "Einzelpreis"), (490, 100, "Betrag")]


def items(*pages: Page) -> tuple[LineItem, ...]:
    return extract(reading(*pages), INVOICE).line_items


def rows(*pages: Page) -> list[tuple[str | None, ...]]:
    return [(i.description, i.quantity, i.unit_price, i.net_amount) for i in items(*pages)]


def row(y: float, name: str, quantity: str, price: str, amount: str) -> Page:
    return [(50, y, name), (310, y, quantity), (400, y, price), (490, y, amount)]


def totals(y: float, net: str, tax: str, gross: str) -> Page:
    return [
        (380, y, "Summe netto"), (490, y, net),
        (380, y + 14, "USt. 19 %"), (490, y + 14, tax),
        (380, y + 28, "Gesamtbetrag"), (490, y + 28, gross),
    ]  # fmt: skip


STUHL, TISCH = ("Stuhl", "3", "40", "120.00"), ("Tisch", "1", "250", "250.00")
BODY = [*row(116, "Stuhl", "3", "40,00", "120,00"), *row(132, "Tisch", "1", "250,00", "250,00")]
TOTALS = totals(170, "370,00", "70,30", "440,30")


def test_an_amount_that_stands_lower_than_its_row() -> None:
    page = [*HEAD, (50, 116, "Stuhl"), (310, 116, "3"), (400, 116, "40,00"), (490, 124, "120,00")]
    page += [
        (50, 150, "Tisch"),
        (310, 150, "1"),
        (400, 150, "250,00"),
        (490, 158, "250,00"),
        *totals(190, "370,00", "70,30", "440,30"),
    ]
    assert rows(page) == [STUHL, TISCH]


@pytest.mark.parametrize("silent", ["Einzelpreis", "Betrag", "Menge"])
def test_a_column_whose_head_says_nothing(silent: str) -> None:
    head = [(x, y, "Xqzw" if text == silent else text) for x, y, text in HEAD]
    assert rows([*head, *BODY, *TOTALS]) == [STUHL, TISCH]


def test_heads_that_were_taken_for_one_another() -> None:
    head = [(50, 100, "Bezeichnung"), (300, 100, "Menge"), (380, 100, "Betrag"), (490, 100, "Einzelpreis")]
    assert rows([*head, *BODY, *TOTALS]) == [STUHL, TISCH]


def test_no_head_at_all() -> None:
    assert rows([*BODY, *TOTALS]) == [STUHL, TISCH]


def test_a_list_that_adds_up_to_the_total_below() -> None:
    page = [(50, 100, "Folgende Leistungen:"), (50, 116, "Privathaftpflicht"), (300, 116, "50,00 €"),
            (50, 130, "Glasbruch"), (300, 130, "12,00 €"), (50, 144, "Summe netto"), (300, 144, "62,00 €")]  # fmt: skip
    assert rows(page) == [("Privathaftpflicht", None, None, "50.00"), ("Glasbruch", None, None, "12.00")]


def test_numbers_in_a_letter_are_no_rows() -> None:
    page = [
        (50, 100, "Wir danken für Ihr Schreiben vom 5. Mai und die 12,00 Euro."),
        (50, 130, "Mit freundlichen Grüßen"),
    ]
    assert rows(page) == []


def test_the_head_on_the_second_page_names_the_columns_of_the_first() -> None:
    second = [
        *[(x, 60, text) for x, _, text in HEAD],
        *row(76, "Lampe", "2", "15,00", "30,00"),
        *totals(120, "400,00", "76,00", "476,00"),
    ]
    assert rows(BODY, second) == [STUHL, TISCH, ("Lampe", "2", "15", "30.00")]


def test_a_discount_is_a_row_where_the_sum_says_so() -> None:
    discount = [(50, 148, "abzüglich Rabatt"), (485, 148, "-20,00")]
    page = [*HEAD, *BODY, *discount, *totals(190, "350,00", "66,50", "416,50")]
    assert rows(page) == [STUHL, TISCH, ("abzüglich Rabatt", None, None, "-20.00")]


def test_a_line_that_the_sum_leaves_out_is_no_row() -> None:
    remark = [(50, 148, "davon Holz"), (490, 148, "90,00")]
    assert rows([*HEAD, *BODY, *remark, *totals(190, "370,00", "70,30", "440,30")]) == [STUHL, TISCH]


def test_sums_carried_over_are_no_rows() -> None:
    first = [*HEAD, *row(116, "Stuhl", "3", "40,00", "120,00"), (380, 140, "Übertrag"), (490, 140, "120,00")]
    second = [(380, 50, "Übertrag"), (490, 50, "120,00"), *[(x, 70, text) for x, _, text in HEAD]]
    second += [*row(86, "Tisch", "1", "250,00", "250,00"), *totals(120, "370,00", "70,30", "440,30")]
    assert rows(first, second) == [STUHL, TISCH]


def test_text_beside_the_table_is_no_part_of_it() -> None:
    page = [(x + 150 if x < 100 else x, y, text) for x, y, text in [*HEAD, *BODY, *TOTALS]]
    page += [(20, 108, "Kunden-Nr."), (20, 120, "4711"), (20, 126, "Zahlungsziel"), (20, 138, "30 Tage")]
    assert rows(page) == [STUHL, TISCH]


def test_a_heading_between_rows_is_no_row() -> None:
    page = [
        *HEAD,
        *row(116, "Stuhl", "3", "40,00", "120,00"),
        (50, 148, "Arbeiten im Mai"),
        *row(180, "Tisch", "1", "250,00", "250,00"),
    ]
    found = rows([*page, *totals(220, "370,00", "70,30", "440,30")])
    assert [r[1:] for r in found] == [STUHL[1:], TISCH[1:]]
    assert found[1][0] == "Tisch"


@pytest.mark.parametrize(
    ("quantity", "price", "amount"),
    [("3,000", "40,00", "120,00"), ("3", "4000", "120,00"), ("3", "40.00", "12000"), ("3", "40,00", "l20,00")],
)
def test_a_reading_that_ties_out_is_chosen(quantity: str, price: str, amount: str) -> None:
    page = [*HEAD, *row(116, "Stuhl", quantity, price, amount), *row(132, "Tisch", "1", "250,00", "250,00"), *TOTALS]
    assert rows(page) == [STUHL, TISCH]


def test_no_value_is_made_up() -> None:
    page = [*HEAD, *row(116, "Stuhl", "3", "40,00", "126,00"), *row(132, "Tisch", "1", "250,00", "250,00"), *TOTALS]
    first, second = items(page)
    assert (first.quantity, first.unit_price, first.net_amount) == ("3", "40", "126.00")
    assert first.confidence < second.confidence


def test_rows_of_a_credit_note_are_negative() -> None:
    page = [*HEAD, *row(116, "Stuhl", "-3", "40,00", "-120,00"), *totals(150, "-120,00", "-22,80", "-142,80")]
    found = extract(reading(page), document_types()["credit_note"]).line_items
    assert [(i.quantity, i.unit_price, i.net_amount) for i in found] == [("-3", "40", "-120.00")]


def test_what_vouches_for_a_row_decides_how_sure_it_is() -> None:
    def score(page: Page) -> float:
        return extract(reading(page), INVOICE).line_items[1].confidence

    sure = score([*HEAD, *BODY, *TOTALS])
    unsummed = score([*HEAD, *BODY, *totals(170, "371,00", "70,49", "441,49")])
    untied = score(
        [*HEAD, *row(116, "Stuhl", "3", "40,00", "120,00"), *row(132, "Tisch", "1", "250,00", "251,00"), *TOTALS]
    )
    speechless = score([*HEAD, *[w for w in BODY if w[2] != "Tisch"], *TOTALS])
    assert sure > unsummed > untied > speechless


def test_a_speck_beside_the_head_names_no_column():
    page = [(44, 100, ";"), *HEAD, *row(116, "Stuhl grün", "3", "40,00", "120,00")]
    page += [*row(132, "Tisch aus Holz", "1", "250,00", "250,00"), *TOTALS]
    assert [(i.description, i.unit) for i in items(page)] == [("Stuhl grün", None), ("Tisch aus Holz", None)]


def test_the_first_word_of_a_description_is_no_unit():
    page = [(50, 100, "Xyzq"), *HEAD[1:], *row(116, "Stuhl grün", "3", "40,00", "120,00")]
    page += [*row(132, "Tisch aus Holz", "1", "250,00", "250,00"), *TOTALS]
    assert [i.unit for i in items(page)] == [None, None]
