from __future__ import annotations

from dataclasses import replace

import pytest

from extractors.einvoice import merge
from extractors.einvoice.merge import AGREED, CONTRADICTED, UNSEEN
from extractors.einvoice.onpage import PageIndex
from models.document_types import Kind
from models.records import EInvoice, Extraction, Field, LineItem, Page, Reading, Source, Witness, Word


def page(text: str, number: int = 1) -> Page:
    """Each line at 20 points from the last, each sign 5 points wide; two blanks part columns."""
    words = []
    for row, line in enumerate(text.splitlines()):
        x = 0
        for word in line.split(" "):
            if not word:
                x += 5
                continue
            words.append(Word(word, (x, 20.0 * row, x + 5.0 * len(word), 20.0 * row + 10)))
            x += 5 * (len(word) + 1)
    return Page(number, 600, 800, Source.TEXT, tuple(words))


def xml(**values: str) -> EInvoice:
    fields = tuple(
        Field(name, value, value, 0.97, source=Source.XML, witnesses=(Witness.XML,)) for name, value in values.items()
    )
    return EInvoice("a.xml", "cii", "invoice", fields)


def merged(text: str, einvoice: EInvoice, *on_page: Field) -> dict[str, Field]:
    found = merge(Extraction(on_page), einvoice, Reading("application/pdf", (page(text),), einvoice))
    return {field.name: field for field in found.fields}


@pytest.mark.parametrize(
    ("kind", "value", "text", "raw"),
    [
        (Kind.AMOUNT, "1472.64", "K úhradě 1 472,64 Kč", "1 472,64 Kč"),
        (Kind.AMOUNT, "1472.64", "Total €1,472.64", "€1,472.64"),
        (Kind.AMOUNT, "-1472.64", "Betrag 1.472,64", "1.472,64"),
        (Kind.AMOUNT, "59.50", "Total Ä59,50", "Ä59,50"),
        (Kind.AMOUNT, "300.00", "Kette 10  300", "300"),
        (Kind.DATE, "2024-03-05", "vystaveno 5. 3. 2024", "5. 3. 2024"),
        (Kind.DATE, "2024-03-05", "Datum: 05.03.2024", "05.03.2024"),
        (Kind.DATE, "2024-03-05", "March 5, 2024", "March 5, 2024"),
        (Kind.DATE, "2024-03-05", "Date 03/05/2024", "03/05/2024"),
        (Kind.IBAN, "CZ6508000000192000145399", "IBAN: CZ65 0800 0000 1920 0014 5399", "CZ65 0800 0000 1920 0014 5399"),
        (Kind.IDENTIFIER, "FV-2024/0117", "Faktura č. FV-2024 / 0117", "FV-2024 / 0117"),
        (Kind.IDENTIFIER, "42", "Rechnung Nr.42", "Nr.42"),
        (Kind.CURRENCY, "CZK", "celkem 100 Kč", "Kč"),
        (Kind.PARTY, "Železářství Novotný s.r.o.", "ŽELEZÁŘSTVÍ NOVOTNÝ, s. r. o.", "ŽELEZÁŘSTVÍ NOVOTNÝ, s. r. o."),
    ],
)
def test_value_is_found_as_it_is_printed(kind: Kind, value: str, text: str, raw: str) -> None:
    place = PageIndex(Reading("application/pdf", (page("head"), page(text, 2)))).find(kind, value)
    assert place is not None
    assert (place.page, place.raw) == (2, raw)
    assert place.box[1] == 0 and place.box[3] == 10 and place.box[0] < place.box[2]


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (Kind.AMOUNT, "72.64", "1 472,64"),
        (Kind.AMOUNT, "472.64", "1472,64 x4 72,65"),
        (Kind.AMOUNT, "472.64", "1 472,64"),
        (Kind.AMOUNT, "5472.64", "5  472,64"),
        (Kind.DATE, "2024-11-01", "1.1.2024 und 11.1.2024"),
        (Kind.IDENTIFIER, "42", "4 2 und 142 oder 420"),
        (Kind.IDENTIFIER, "FV-2024", "FV-20245"),
        (Kind.CURRENCY, "EUR", "100 DEM Eurofirma"),
        (Kind.PARTY, "...", "..."),
    ],
)
def test_value_is_not_found_in_something_else(kind: Kind, value: str, text: str) -> None:
    assert PageIndex(Reading("application/pdf", (page(text),))).find(kind, value) is None


def test_glued_words_hide_no_long_value() -> None:
    index = PageIndex(Reading("application/pdf", (page("RechnunganElektromarktBambyGera"),)))
    assert index.find(Kind.PARTY, "Elektromarkt Bamby") is not None


def test_the_page_tells_where_the_value_of_the_xml_stands() -> None:
    found = merged("Celkem 1 472,64 Kč", xml(gross_total="1472.64"))["gross_total"]
    assert (found.page, found.raw, found.confidence, found.source) == (1, "1 472,64 Kč", AGREED, Source.XML)
    assert found.box is not None and found.box[0] == 35


def test_equal_value_of_the_page_brings_its_box_and_witnesses() -> None:
    on_page = Field("gross_total", "1472.64", "1 472,64", 0.8, 1, (1, 2, 3, 4), witnesses=(Witness.LABEL, Witness.SUM))
    found = merged("Celkem 1 472,64", xml(gross_total="-1472.64"), on_page)["gross_total"]
    assert found.value == "-1472.64"
    assert (found.box, found.confidence) == ((1, 2, 3, 4), AGREED)
    assert found.witnesses == (Witness.XML, Witness.LABEL, Witness.SUM)


def test_unseen_and_contradicted() -> None:
    einvoice = xml(due_date="2024-03-19", gross_total="1472.64", invoice_number="77")
    other = Field("gross_total", "1500.00", "1 500,00", 0.9, 1, (0, 0, 1, 1))
    unsure = replace(other, name="invoice_number", value="78", confidence=0.2)
    found = merged("Celkem 1 500,00", einvoice, other, unsure)
    assert (found["gross_total"].value, found["gross_total"].confidence) == ("1472.64", CONTRADICTED)
    assert found["gross_total"].box is None
    assert found["due_date"].confidence == UNSEEN
    assert found["invoice_number"].confidence == UNSEEN, "an unsure reading is no contradiction"


def test_a_misread_page_is_no_contradiction_where_the_value_stands_on_it() -> None:
    wrong = Field("gross_total", "38.00", "38,00", 0.9, 1, (0, 0, 1, 1))
    found = merged("MwSt. 38,00 Summe 238,00", xml(gross_total="238.00"), wrong)["gross_total"]
    assert (found.value, found.confidence, found.raw) == ("238.00", AGREED, "238,00")


def test_values_that_only_the_page_has() -> None:
    symbol = Field("variable_symbol", "117", "117", 0.6, 1, (0, 0, 1, 1))
    account = Field("iban", "CZ6508000000192000145399", "", 0.9, 1, (0, 0, 1, 1), witnesses=(Witness.CHECK_DIGIT,))
    guessed = Field("order_number", "9", "9", 0.9, 1, (0, 0, 1, 1))
    same = Field("buyer_vat_id", "DE136695976", "", 0.9, 1, (0, 0, 1, 1), witnesses=(Witness.CHECK_DIGIT,))
    found = merged("x", xml(seller_vat_id="DE136695976"), symbol, account, guessed, same)
    assert found["variable_symbol"] == symbol
    assert found["iban"].confidence < account.confidence
    assert found["iban"].confidence > 0.85, "the check digits vouch for it"
    assert "order_number" not in found, "nothing vouches for it, and the XML would have told it"
    assert "buyer_vat_id" not in found, "it is the seller's"


def test_amount_that_the_xml_lacks() -> None:
    due = Field("amount_due", "30.00", "30", 0.97, 1, (0, 0, 1, 1), witnesses=(Witness.LABEL,))
    found = merged("pay in 30 days 59,50", xml(gross_total="59.50"), due)["amount_due"]
    assert found.confidence < 0.85, "it fits no total of the XML"
    found = merged("due 59,50", xml(gross_total="59.50"), replace(due, value="59.50"))["amount_due"]
    assert found.confidence > 0.85


def test_lines_come_from_the_xml_and_get_their_place() -> None:
    einvoice = replace(xml(), line_items=(LineItem("Šroub M8", "4", "H87", "2.50", "10.00", "21", confidence=0.97),))
    reading = Reading("application/pdf", (page("1 šroub M8 4 ks 2,50 10,00"),), einvoice)
    lines = merge(Extraction((), (LineItem("misread"),)), einvoice, reading).line_items
    assert [(one.description, one.page, one.confidence) for one in lines] == [("Šroub M8", 1, AGREED)]
    assert lines[0].box == (10.0, 0.0, 50.0, 10.0)
    kept = merge(Extraction((), (LineItem("read"),)), xml(), reading).line_items
    assert kept == (LineItem("read"),), "an XML without lines (profile MINIMUM) leaves those of the page"


def test_bare_xml_needs_no_page() -> None:
    einvoice = xml(gross_total="1.00", invoice_number="1")
    found = merge(Extraction(), einvoice, Reading("application/xml", (), einvoice))
    assert found == Extraction(einvoice.fields)
