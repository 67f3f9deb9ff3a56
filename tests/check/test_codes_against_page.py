"""A payment code on a page: it vouches, it fills in, and where it says something else a person looks."""

from __future__ import annotations

import datetime as dt

import pytest

from extractors.codes.merge import merge_codes
from extractors.einvoice.merge import AGREED, CONTRADICTED, UNSEEN
from models.document_types import document_types
from models.records import Code, EInvoice, Extraction, Field, Finding, Page, Reading, Source, Witness, Word
from pipeline.check import check
from tests.extractors.test_codes import SID

INVOICE = document_types()["invoice"]
TODAY = dt.date(2024, 6, 1)
IBAN = "CZ6508000000192000145399"
OTHER = "CZ5855000000001265098001"
BOX = (400.0, 600.0, 480.0, 680.0)
PAGE = (
    "Faktura č. 20240117 vystaveno 5. 3. 2024 splatno 19. 3. 2024 Novotný celkem 1 472,64 Kč "
    "IBAN CZ65 0800 0000 1920 0014 5399"
)
CODE = f"SPD*1.0*ACC:{IBAN}*AM:1472.64*CC:CZK*DT:20240319*X-VS:20240117"
READ = {
    "invoice_number": "20240117",
    "issue_date": "2024-03-05",
    "due_date": "2024-03-19",
    "seller_name": "Novotný",
    "currency": "CZK",
    "gross_total": "1472.64",
    "amount_due": "1472.64",
    "iban": IBAN,
}


def fields(*, source: Source = Source.TEXT, confidence: float = 0.9, **values: str) -> tuple[Field, ...]:
    both = {**READ, **values}
    return tuple(Field(n, v, v, confidence, 1, (0, 0, 1, 1), source) for n, v in both.items() if v)


def merged(
    *codes: str, text: str = PAGE, known: tuple[Field, ...] | None = None, xml: EInvoice | None = None
) -> tuple[dict[str, Field], dict[str, Finding]]:
    words, x = [], 0.0
    for word in text.split():
        words.append(Word(word, (x, 0, x + 5 * len(word), 10)))
        x += 5 * len(word) + 3
    page = Page(1, 600, 800, Source.TEXT, tuple(words), codes=tuple(Code("QRCode", one, BOX) for one in codes))
    reading = Reading("application/pdf", (page,), xml)
    extraction = merge_codes(Extraction(fields() if known is None else known), reading, INVOICE)
    findings = check(reading, INVOICE, extraction, TODAY)
    found = {one.fields[0] if one.fields else one.code: one for one in findings if one.code.startswith("code")}
    return {field.name: field for field in extraction.fields}, found


def test_a_code_that_agrees_vouches() -> None:
    found, findings = merged(CODE)
    assert findings == {}
    for name in ("iban", "amount_due", "due_date", "currency"):
        assert Witness.CODE in found[name].witnesses and found[name].confidence == AGREED
        assert found[name].source is Source.TEXT
    assert Witness.CODE not in found["issue_date"].witnesses
    assert found["variable_symbol"].value == "20240117"
    assert list(found) == [name for name in INVOICE.fields if name in found]


def test_a_code_fills_what_is_missing_with_its_place() -> None:
    text = PAGE.replace("splatno 19. 3. 2024 ", "").split("IBAN")[0]
    found, findings = merged(CODE, known=fields(due_date="", iban=""), text=text)
    assert findings == {}
    assert (found["iban"].value, found["iban"].box, found["iban"].source) == (IBAN, BOX, Source.CODE)
    assert found["iban"].confidence == UNSEEN and found["iban"].witnesses == (Witness.CODE,)
    found, _ = merged(CODE, known=fields(due_date=""))
    assert found["due_date"].raw == "19. 3. 2024" and found["due_date"].confidence == AGREED


def test_an_account_stuck_over_the_printed_one() -> None:
    found, findings = merged(CODE.replace(IBAN, OTHER))
    assert (findings["iban"].code, findings["iban"].severity) == ("code-mismatch", "error")
    assert IBAN in findings["iban"].message and OTHER in findings["iban"].message
    assert found["iban"].value == IBAN and found["iban"].confidence <= CONTRADICTED
    _, findings = merged(CODE.replace(IBAN, OTHER), known=fields(iban=""))
    assert findings["iban"].severity == "error", "nothing was read, but the page shows another account"


@pytest.mark.parametrize(
    ("old", "new", "name", "severity"),
    [
        ("1472.64", "9472.64", "amount_due", "error"),
        ("DT:20240319", "DT:20240320", "due_date", "warning"),
        ("CC:CZK", "CC:EUR", "currency", "warning"),
    ],
)
def test_every_difference_goes_to_a_person(old: str, new: str, name: str, severity: str) -> None:
    found, findings = merged(CODE.replace(old, new))
    assert list(findings) == [name]
    assert (findings[name].code, findings[name].severity) == ("code-mismatch", severity)
    assert found[name].confidence <= CONTRADICTED


def test_a_doubtful_reading_gives_way_to_a_code_that_also_stands_in_print() -> None:
    found, findings = merged(CODE, known=fields(confidence=0.6, due_date="2024-03-05"))
    assert findings == {}
    assert (found["due_date"].value, found["due_date"].confidence) == ("2024-03-19", UNSEEN)


def test_a_misread_account_is_mended() -> None:
    known = fields(iban=IBAN.replace("1920", "1928"), source=Source.TESSERACT)
    found, findings = merged(CODE, known=known, text=PAGE.replace("1920", "1928"))
    assert findings == {}
    assert found["iban"].value == IBAN and found["iban"].box == (0, 0, 1, 1)
    known = fields(iban=OTHER, source=Source.TESSERACT)
    _, findings = merged(CODE, known=known, text=PAGE.replace("CZ65 0800 0000 1920 0014 5399", OTHER))
    assert findings["iban"].severity == "error", "an account that is right in itself was not misread"


def test_an_account_in_its_domestic_form() -> None:
    text = PAGE.split("IBAN", maxsplit=1)[0] + "účet 19-2000145399/0800 jiný účet CZ5855000000001265098001"
    found, findings = merged(CODE, known=fields(iban=""), text=text)
    assert findings == {}
    assert found["iban"].raw == "19-2000145399/0800"


def test_two_codes_that_contradict_each_other_say_nothing() -> None:
    found, findings = merged(CODE, CODE.replace(IBAN, OTHER))
    assert findings["iban"].code == "codes-differ"
    assert Witness.CODE not in found["iban"].witnesses and Witness.CODE in found["amount_due"].witnesses


def test_a_damaged_code_vouches_for_nothing() -> None:
    found, findings = merged(CODE + "*CRC32:00000000")
    assert list(findings) == ["code-damaged"]
    assert not any(Witness.CODE in field.witnesses for field in found.values())
    _, findings = merged(CODE.replace("CZ65", "CZ66"))
    assert (findings["iban"].code, findings["iban"].severity) == ("code-invalid", "warning")
    _, findings = merged("SPD*9.0*")
    assert findings["code-unreadable"].severity == "info"


def test_other_codes_and_kinds_of_documents_are_left_alone() -> None:
    assert merged("4006381333931", "https://example.org")[0].keys() == READ.keys()
    receipt = document_types()["receipt"]
    page = Page(1, 600, 800, Source.TEXT, codes=(Code("QRCode", CODE, BOX),))
    reading = Reading("image/png", (page,))
    assert merge_codes(Extraction(), reading, receipt) == Extraction()


def test_an_invoice_code() -> None:
    code = "SID*1.0*ID:20240117*DD:20240306*AM:1472.64*CC:CZK*INI:25568736*VII:CZ25568736*TB0:1217.06*T0:255.58*TD:1"
    found, findings = merged(code)
    assert findings["issue_date"].severity == "warning" and findings["code-mismatch"].severity == "warning"
    assert found["seller_vat_id"].value == "CZ25568736"
    assert (found["net_total"].value, found["tax_total"].value) == ("1217.06", "255.58")
    assert found["invoice_number"].confidence == AGREED


def test_hints_vouch_and_contradict_nothing() -> None:
    code = f"BCD\n002\n1\nSCT\n\nJiný příjemce\n{IBAN}\n\n\n\nRechnung 2024 0117"
    found, findings = merged(code)
    assert findings == {}
    assert Witness.CODE in found["invoice_number"].witnesses, "its text names the invoice"
    assert found["seller_name"].value == "Novotný" and Witness.CODE not in found["seller_name"].witnesses
    assert merged(code, known=fields(seller_name=""))[0]["seller_name"].value == "Jiný příjemce"


def test_the_e_invoice_wins_and_the_difference_is_told() -> None:
    xml = EInvoice("a.xml", "cii", "invoice", fields(source=Source.XML))
    found, findings = merged(CODE.replace("1472.64", "1400.00"), known=fields(source=Source.XML), xml=xml)
    assert found["amount_due"].value == "1472.64" and found["amount_due"].confidence == CONTRADICTED
    assert findings["amount_due"].message.startswith("The e-invoice says 1472.64")


def test_an_unreadable_page_is_said_to_be() -> None:
    assert list(merged(CODE, text="Faktura")[1]) == ["code-unchecked"]


@pytest.mark.parametrize(
    ("kind", "sign", "told"),
    [
        ("invoice", "TP:0", False),
        ("invoice_issued", "TP:0", False),
        ("invoice_issued", "TD:1", True),
        ("credit_note", "TD:1", False),
        ("credit_note", "TP:0", True),
        ("bank_statement", "TP:0", False),
    ],
)
def test_the_type_that_a_code_tells(kind: str, sign: str, told: bool) -> None:
    page = Page(1, 600, 800, Source.TEXT, codes=(Code("QRCode", SID.replace("TP:0", sign), BOX),))
    found = check(Reading("application/pdf", (page,)), document_types()[kind], Extraction(), TODAY)
    assert any("another type of document" in one.message for one in found) is told
