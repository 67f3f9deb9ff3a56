"""What we issued is told from what we received by the side on which our own company stands."""

from __future__ import annotations

import pytest

from extractors import extract
from models.document_types import document_types
from models.records import Classification, EInvoice, Field, Page, Reading, Source, Word
from pipeline.classify import classify
from pipeline.classify.ours import DOUBT, sided
from pipeline.learn.factory import LANGUAGES
from pipeline.learn.factory.invoices import draft, render

SURE = Classification("invoice", 0.97)


def pages(count: int):
    """Generated invoices with their content: (trade, reading)."""
    for number in range(count):
        name, trade, layout, seed = draft(f"side{number}", "invoice", LANGUAGES[number % 4])
        yield trade, render(name, trade, layout, seed).reading


def test_the_seller_issued_it_and_the_buyer_received_it():
    wrong = []
    for trade, reading in pages(24):
        for side, wanted in (("seller", "invoice_issued"), ("buyer", "invoice")):
            us = getattr(trade, side)
            found = sided(reading, SURE, (us.name,), (us.vat_id, us.tax_number))
            if found.type != wanted and found.confidence > DOUBT:
                wrong.append((trade.number, side, found))
    assert not wrong


def test_most_are_told_without_a_person():
    answers = [sided(reading, SURE, (trade.seller.name,), (trade.seller.vat_id,)) for trade, reading in pages(24)]
    assert sum(answer == Classification("invoice_issued", 0.97) for answer in answers) >= 21


def test_nobody_said_who_we_are():
    _, reading = next(pages(1))
    assert sided(reading, SURE) is SURE
    assert sided(reading, SURE, ("",), ()).type == "invoice"


def test_other_types_are_left_alone():
    trade, reading = next(pages(1))
    note = Classification("credit_note", 0.9)
    assert sided(reading, note, (trade.seller.name,)) is note


def test_on_both_sides_is_for_a_person():
    trade, reading = next(pages(1))
    found = sided(reading, SURE, (trade.seller.name, trade.buyer.name), (trade.seller.vat_id, trade.buyer.vat_id))
    assert found.confidence == DOUBT


def test_named_in_passing_is_for_a_person():
    words = ["Rechnung", "12", "Ihr", "Projekt", "bei", "Sandgruber", "Feinmechanik", "war", "uns", "eine", "Freude"]
    page = Page(
        1, 595, 842, Source.TEXT, tuple(Word(w, (40 + 50 * n, 400, 85 + 50 * n, 409)) for n, w in enumerate(words))
    )
    found = sided(Reading("application/pdf", (page,)), SURE, ("Sandgruber Feinmechanik",))
    assert found == Classification("invoice", DOUBT)


@pytest.mark.parametrize(("side", "wanted"), [("seller", "invoice_issued"), ("buyer", "invoice")])
def test_an_e_invoice_says_it(side, wanted):
    einvoice = EInvoice("x.xml", "cii", "invoice", (Field(f"{side}_vat_id", "CZ25596641"),))
    reading = Reading("application/xml", einvoice=einvoice)
    assert classify(reading, (), ("25596641",)) == Classification(wanted, 1.0)


def test_the_seller_of_what_we_issued_is_us():
    issued = document_types()["invoice_issued"]
    right = 0
    for trade, reading in pages(12):
        us = trade.seller
        found = extract(reading, issued, our_names=(us.name,), our_ids=(us.vat_id,))
        right += found.value("seller_name") == us.name and found.value("buyer_name") != us.name
    assert right >= 10
