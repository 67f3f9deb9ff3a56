from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from extractors.einvoice import merge, read_einvoice
from extractors.einvoice.merge import CONTRADICTED
from models.document_types import document_types
from models.records import EInvoice, Extraction, Field, Finding, Page, Reading, Severity, Source, Witness, Word
from pipeline.check import check

INVOICE = document_types()["invoice"]
TODAY = dt.date(2024, 6, 1)
XML = {
    "invoice_number": "FV-2024/0117",
    "issue_date": "2024-03-05",
    "seller_name": "Novotný",
    "currency": "CZK",
    "gross_total": "1472.64",
    "iban": "CZ6508000000192000145399",
}
PAGE = "Faktura č. FV-2024/0117 vystaveno 5. 3. 2024 Novotný celkem 1 472,64 Kč IBAN CZ65 0800 0000 1920 0014 5399"


def findings(text: str, *on_page: Field, **xml: str) -> dict[str, Finding]:
    fields = tuple(
        Field(name, value, value, 0.97, source=Source.XML, witnesses=(Witness.XML,))
        for name, value in {**XML, **xml}.items()
        if value
    )
    words, x = [], 0.0
    for word in text.split():
        words.append(Word(word, (x, 0, x + 5 * len(word), 10)))
        x += 5 * len(word) + 3
    einvoice = EInvoice("a.xml", "cii", "invoice", fields)
    reading = Reading("application/pdf", (Page(1, 600, 800, Source.TEXT, tuple(words)),), einvoice)
    found = check(reading, INVOICE, merge(Extraction(on_page), einvoice, reading), TODAY)
    return {one.fields[0] if one.fields else one.code: one for one in found}


def test_page_and_xml_agree() -> None:
    assert findings(PAGE) == {}


@pytest.mark.parametrize(
    ("name", "value", "code", "severity"),
    [
        ("gross_total", "472.64", "xml-mismatch", "error"),
        ("gross_total", "9472.64", "xml-mismatch", "error"),
        ("iban", "DE02120300000000202051", "xml-mismatch", "error"),
        ("invoice_number", "FV-2024/0118", "xml-not-on-page", "warning"),
        ("issue_date", "2024-03-06", "xml-not-on-page", "warning"),
    ],
)
def test_one_changed_value_is_found(name: str, value: str, code: str, severity: str) -> None:
    found = findings(PAGE, **{name: value})
    assert list(found) == [name]
    assert (found[name].code, found[name].severity) == (code, severity)


def test_another_invoice_is_found_in_all_its_values() -> None:
    found = findings(PAGE, invoice_number="42", gross_total="119.00", issue_date="2014-11-08")
    assert {name: (one.code, one.severity) for name, one in found.items()} == dict.fromkeys(
        ("gross_total", "invoice_number", "issue_date"), ("xml-mismatch", Severity.ERROR)
    )


def test_account_that_is_printed_with_wrong_check_digits() -> None:
    found = findings(PAGE.replace("CZ65 0800", "CZ66 0800"))
    assert [(name, one.code) for name, one in found.items()] == [("iban", "xml-mismatch")]


@pytest.mark.parametrize(
    "printed", ["Číslo účtu 19-2000145399/0800", "č. účtu 192000145399/0800", "Konto: 19 2000145399"]
)
def test_an_account_as_its_country_writes_it(printed: str) -> None:
    page = PAGE.partition("IBAN")[0] + printed
    assert findings(page) == {}
    found = findings(page, iban="CZ5508000000001234567899")
    assert [(name, one.code, one.severity) for name, one in found.items()] == [("iban", "xml-not-on-page", "warning")]


def test_another_name_is_found_but_not_another_way_to_write_it() -> None:
    assert list(findings(PAGE, seller_name="Dvořák")) == ["seller_name"]
    for name in ("NOVOTNÝ s.r.o.", "Jan Novotny"):
        assert findings(PAGE, seller_name=name) == {}
    assert list(findings(PAGE, buyer_name="Jiná firma a.s.")) == ["buyer_name"]


def test_a_day_of_the_page_that_is_another_one_s_is_no_agreement() -> None:
    due = Field("due_date", "2024-03-19", "19. 3. 2024", 0.95, 1, (0, 0, 1, 1))
    found = findings(f"{PAGE} splatnost 19. 3. 2024", due, due_date="2024-03-05")
    assert (found["due_date"].code, found["due_date"].severity) == ("xml-mismatch", "warning")
    assert findings(f"{PAGE} splatnost 19. 3. 2024", due, due_date="2024-03-19") == {}


def test_a_page_without_dates_is_no_mismatch_but_a_hidden_account_is_told() -> None:
    page = "Faktura č. FV-2024/0117 Novotný celkem k úhradě částka 1 472,64 Kč převodem"
    assert findings(page, iban="") == {}
    assert {name: (one.code, one.severity) for name, one in findings(page).items()} == {
        "iban": ("xml-not-on-page", "warning")
    }


def test_credit_note_printed_without_its_sign() -> None:
    assert findings(PAGE, gross_total="-1472.64") == {}


def test_pages_that_cannot_be_read_are_said_to_be() -> None:
    assert list(findings("1 472,64")) == ["xml-unchecked"]


def test_what_the_page_says_instead_is_told() -> None:
    due = Field("due_date", "2024-03-05", "5. 3. 2024", 0.9, 1, (0, 0, 1, 1))
    found = findings(PAGE, due, due_date="2024-03-19")
    assert (found["due_date"].code, found["due_date"].severity) == ("xml-mismatch", "warning")
    assert CONTRADICTED < 0.85


def test_bare_xml_is_compared_with_nothing() -> None:
    einvoice = EInvoice(
        "a.xml", "ubl", "invoice", tuple(Field(n, v, v, 0.97, source=Source.XML) for n, v in XML.items())
    )
    assert check(Reading("application/xml", (), einvoice), INVOICE, Extraction(einvoice.fields), TODAY) == ()


EVAL = Path(os.environ["EVAL_DIR"]) / "invoices" if os.environ.get("EVAL_DIR") else None


def eval_files(pattern: str) -> list[Path]:
    return sorted(EVAL.glob(pattern)) if EVAL else []


def real_findings(path: Path) -> list[Finding]:
    pdfplumber = pytest.importorskip("pdfplumber")
    pikepdf = pytest.importorskip("pikepdf")
    with pdfplumber.open(path) as pdf:
        pages = tuple(
            Page(
                number,
                float(page.width),
                float(page.height),
                Source.TEXT,
                tuple(Word(w["text"], (w["x0"], w["top"], w["x1"], w["bottom"])) for w in page.extract_words()),
            )
            for number, page in enumerate(pdf.pages, start=1)
        )
    with pikepdf.open(path) as pdf:
        found = [read_einvoice(one.get_file().read_bytes(), one.filename) for one in pdf.attachments.values()]
    einvoice = next(one for one in found if one)
    reading = Reading("application/pdf", pages, einvoice)
    kind = document_types()[einvoice.document_type]
    return [one for one in check(reading, kind, merge(Extraction(), einvoice, reading)) if one.code == "xml-mismatch"]


#: Its page asks for 37,763.70 DEM, its XML for 39,077.22 EUR.
REAL_MISMATCH = {"35b5d9ecc4"}


@pytest.mark.skipif(not EVAL, reason="EVAL_DIR is not set to the truth sets")
@pytest.mark.parametrize("path", eval_files("hybrid/*.pdf"), ids=lambda path: path.stem)
def test_no_false_alarm_on_real_hybrids(path: Path) -> None:
    assert bool(real_findings(path)) == (path.stem in REAL_MISMATCH)


@pytest.mark.skipif(not EVAL, reason="EVAL_DIR is not set to the truth sets")
@pytest.mark.parametrize("path", eval_files("mismatch/*.pdf"), ids=lambda path: path.stem)
def test_real_mismatch_is_found(path: Path) -> None:
    assert {name for one in real_findings(path) for name in one.fields} >= {"gross_total", "invoice_number"}
