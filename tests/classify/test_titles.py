"""Titles of types, found in spite of what scans and readers make of them."""

from __future__ import annotations

import pytest

from pipeline.classify.titles import fields_of, title_of


def types(text: str) -> set[str]:
    title = title_of(text.split(), 12.0)
    return set(title.types) if title else set()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Faktura č. 2024/17", "invoice"),
        ("FAKTÚRA", "invoice"),
        ("Opravný daňový doklad", "credit_note"),
        ("Facture d'avoir n° 12", "credit_note"),
        ("Potvrzení objednávky", "other"),
        ("Bon de commande", "purchase_order"),
        ("Wyciąg bankowy nr 3", "bank_statement"),
        ("Karta czasu pracy", "timesheet"),
        ("Gutschrift (Selbst ausgestellte Rechnung) Nr. 7", "invoice"),
    ],
)
def test_titles_in_many_languages(text, kind):
    assert types(text) == {kind}


@pytest.mark.parametrize("text", ["Fakt ura", "Foktura", "Rcchnuug", "Dodaci Iist"])
def test_misread_titles(text):
    assert types(text)


def test_compounds():
    assert types("Reparaturrechnung") == {"invoice"}
    assert types("Warengutschrift Nr. 3") == {"credit_note"}


@pytest.mark.parametrize("text", ["Stylesheet Version 2", "Anna Nováková", "Hauptstraße 12", "12.50", ""])
def test_what_is_no_title(text):
    assert not types(text)


def test_a_number_and_a_date_may_follow_a_title_that_stands_alone():
    assert title_of(["Rechnung", "Nr.", "471102", "vom", "05.03.2018"], 12.0).alone
    assert not title_of(["Rechnung", "geht", "mit", "getrennter", "Post", "zu"], 12.0).alone


def test_labels_name_fields_of_all_types():
    assert "due_date" in fields_of(["Datum", "splatnosti:"])
    assert "total_hours" in fields_of(["Gesamtstunden"])
    assert not fields_of(["Lorem"])
