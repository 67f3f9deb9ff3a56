"""Tokens as engines give them, and labels among them."""

from __future__ import annotations

import pytest

from extractors.page.labels import find_labels
from extractors.page.layout import lay_out
from extractors.page.rows import Token, mend
from models.document_types import document_types
from tests.extractors.readings import reading

INVOICE = document_types()["invoice"]


def labels(text: str) -> list[tuple[str, frozenset[str]]]:
    layout = lay_out(reading([(45, 100, text)]))
    return [(hit.text, hit.names) for hit in find_labels(layout, INVOICE).hits]


def test_what_an_engine_makes_of_rules_goes_and_what_it_read_twice_once() -> None:
    tokens = [
        Token("|", (30, 10, 30.7, 21)),
        Token("Taxe", (89, 10, 104, 20), 0.6),
        Token("Taxe", (90, 11, 104, 20), 0.7),
        Token("1", (120, 10, 125, 20)),
    ]
    assert [(token.text, token.confidence) for token in mend(tokens)] == [("Taxe", 0.7), ("1", 1.0)]


def test_a_box_that_reaches_over_the_next_word_ends_before_it() -> None:
    first, second = mend([Token("Handelsrechnung", (60, 10, 194, 25)), Token("(380)", (162, 10, 197, 25))])
    assert (first.box[2], second.box[0]) == (162, 162)


@pytest.mark.parametrize(
    ("text", "label", "name"),
    [
        ("Rechnungssumme Netto (exkl. USt.) 193,83", "Rechnungssumme Netto (exkl. USt.)", "net_total"),
        ("Leitwege-ID: 04011000-12345-34", "Leitwege-ID:", "buyer_reference"),
        ("Zákazník č.: 306082", "Zákazník č.:", "x:customer_number"),
    ],
)
def test_a_label_with_its_remark_its_spelling_and_its_last_word(text: str, label: str, name: str) -> None:
    assert any(found == label and name in names for found, names in labels(text))


def test_a_number_in_brackets_is_no_remark() -> None:
    assert labels("Total (12,50)")[0][0] == "Total"
