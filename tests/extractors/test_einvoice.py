from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.einvoice import read_einvoice, values
from models.document_types import document_types
from models.records import EInvoice, Source, Witness

SAMPLES = Path(__file__).parent / "einvoice"
NOVOTNY = {
    "invoice_number": "FV-2024/0117",
    "issue_date": "2024-03-05",
    "due_date": "2024-03-19",
    "delivery_date": "2024-03-01",
    "seller_name": "Železářství Novotný s.r.o.",
    "seller_vat_id": "CZ25568736",
    "seller_tax_number": "25568736",
    "seller_address": "Kobližná 7, 602 00 Brno",
    "buyer_name": "Mlýn Horní Lhota a.s.",
    "buyer_vat_id": "CZ46505334",
    "buyer_reference": "STR-12",
    "order_number": "OBJ-991",
    "currency": "CZK",
    "net_total": "1234.50",
    "tax_total": "238.14",
    "gross_total": "1472.64",
    "amount_due": "1072.64",
    "iban": "CZ6508000000192000145399",
    "bic": "GIBACZPX",
    "payment_terms": "Splatné do 14 dnů",
    "variable_symbol": "20240117",
}


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.xml").read_bytes()


def read(data: bytes) -> EInvoice:
    found = read_einvoice(data, "a.xml")
    assert found is not None
    return found


def plain(einvoice: EInvoice) -> dict[str, str]:
    return {field.name: field.value for field in einvoice.fields}


def lines(einvoice: EInvoice) -> list[tuple[str | None, ...]]:
    return [
        (one.description, one.quantity, one.unit, one.unit_price, one.net_amount, one.tax_rate)
        for one in einvoice.line_items
    ]


@pytest.mark.parametrize("syntax", ["cii", "ubl"])
def test_both_syntaxes_give_the_same_values(syntax: str) -> None:
    einvoice = read(sample(syntax))
    assert plain(einvoice) == NOVOTNY
    assert lines(einvoice) == [
        ("Šroub M8 nerez", "400", "H87", "2.50", "1000.00", "21"),  # 250 for a hundred
        ("Odborná kniha", "2", "C62", "117.25", "234.50", "12"),
    ]
    assert (einvoice.syntax, einvoice.document_type, einvoice.name) == (syntax, "invoice", "a.xml")


def test_every_field_is_of_the_invoice_and_proved_by_the_xml() -> None:
    specs = document_types()["invoice"].fields
    for field in read(sample("cii")).fields:
        assert field.name in specs
        assert (field.source, field.witnesses) == (Source.XML, (Witness.XML,))
        assert 0.9 < field.confidence < 1 and field.page is None and field.raw


def test_zugferd_1() -> None:
    einvoice = read(sample("zugferd1"))
    found = plain(einvoice)
    assert found["invoice_number"] == "R-77"
    assert found["issue_date"] == "2014-09-08"
    assert found["seller_vat_id"] == "DE136695976"
    assert found["seller_tax_number"] == "139/815/08156"
    assert found["order_number"] == "B-5"
    assert (found["net_total"], found["tax_total"], found["gross_total"]) == ("200.00", "38.00", "238.00")
    assert "delivery_date" not in found, "a month (format 610) is no date"
    assert "variable_symbol" not in found, "not in Germany"
    assert lines(einvoice) == [("Fichtenbohlen", "5", "MTQ", "40.00", "200.00", "19")], "a remark is no line item"


def test_draft_of_zugferd_with_root_invoice() -> None:
    data = sample("zugferd1").replace(b"CrossIndustryDocument xmlns", b"Invoice xmlns")
    data = data.replace(b"</rsm:CrossIndustryDocument>", b"</rsm:Invoice>").replace(
        b"urn:ferd:CrossIndustryDocument:invoice:1p0", b"urn:un:unece:uncefact:data:standard:CBFBUY:5"
    )
    assert read(data).syntax == "cii"
    assert plain(read(data)) == plain(read(sample("zugferd1")))


def test_ubl_credit_note() -> None:
    einvoice = read(sample("ubl_credit_note"))
    found = plain(einvoice)
    assert einvoice.document_type == "credit_note"
    assert found["issue_date"] == "2024-04-02"
    assert found["due_date"] == "2024-04-30"
    assert found["gross_total"] == "119.00"
    assert "order_number" not in found, "NA stands where there is only a sales order"
    assert "iban" not in found, "a domestic account is no IBAN"
    assert lines(einvoice) == [("Fichtenbohlen", "2.5", "MTQ", "40.00", "100.00", None)]


@pytest.mark.parametrize("code", ["381", "261", "262", "296", "308", "396"])
def test_credit_note_by_type_code(code: str) -> None:
    data = sample("cii").replace(b"<ram:TypeCode>380<", f"<ram:TypeCode>{code}<".encode())
    assert read(data).document_type == "credit_note"


@pytest.mark.parametrize("code", ["380", "384", "389", "751", "326", ""])
def test_invoice_by_type_code(code: str) -> None:
    data = sample("cii").replace(b"<ram:TypeCode>380<", f"<ram:TypeCode>{code}<".encode())
    assert read(data).document_type == "invoice"


def test_an_invoice_that_gives_money_back_is_a_credit_note() -> None:
    data = sample("cii").replace(b"<ram:GrandTotalAmount>", b"<ram:GrandTotalAmount>-")
    einvoice = read(data)
    assert einvoice.document_type == "credit_note"
    assert plain(einvoice)["gross_total"] == "-1472.64"


def test_group_lines_are_no_line_items() -> None:
    grouped = b"<ram:LineID>1</ram:LineID><ram:LineStatusReasonCode>GROUP</ram:LineStatusReasonCode>"
    einvoice = read(sample("cii").replace(b"<ram:LineID>1</ram:LineID>", grouped))
    assert [one.description for one in einvoice.line_items] == ["Odborná kniha"]


def test_peppol_envelope() -> None:
    body = sample("ubl").split(b"?>", 1)[1]
    data = (
        b"<StandardBusinessDocument xmlns='urn:x'><StandardBusinessDocumentHeader/>"
        + body
        + b"</StandardBusinessDocument>"
    )
    assert plain(read(data)) == NOVOTNY


def _recoded(encoding: str, declared: str = "UTF-8") -> bytes:
    return sample("ubl").decode().replace('encoding="UTF-8"', f'encoding="{declared}"').encode(encoding)


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + sample("ubl"),
        b"\r\n\t  " + sample("ubl"),
        b"\xef\xbb\xbf\n" + sample("ubl") + b"\0\0",
        _recoded("utf-8", "UTF-8-W/O-BOM"),
        _recoded("utf-8", "ISO-8859-1"),
        _recoded("utf-8", "UTF-16"),
        _recoded("iso-8859-2", "ISO-8859-2"),
        _recoded("cp1250", "Windows-1250"),
        _recoded("utf-16"),
        _recoded("utf-16-le", "UTF-16"),
        _recoded("utf-16-be"),
        sample("ubl").replace(b"<cbc:ID>FV", b"<cbc:ID>\0FV"),
        sample("ubl").split(b"?>", 1)[1],
    ],
    ids=[
        "mark", "blanks", "mark-and-nul-tail", "false-name", "false-latin", "false-utf16", "latin2", "cp1250",
        "utf16", "utf16le", "utf16be", "nul", "no-declaration",
    ],
)  # fmt: skip
def test_what_is_tolerated(data: bytes) -> None:
    assert plain(read(data)) == NOVOTNY


BOMB = b'<!DOCTYPE Invoice [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "data",
    [
        sample("ubl").replace(b"<Invoice ", b"<!DOCTYPE Invoice><Invoice "),
        sample("ubl").replace(b"<Invoice ", BOMB + b"<Invoice ").replace(b"FV-2024", b"&b;"),
        sample("ubl").replace(b"<Invoice ", b'<!DOCTYPE Invoice SYSTEM "file:///etc/passwd"><Invoice '),
        sample("ubl").replace(b"FV-2024", b"&unknown;"),
        sample("ubl")[:2000],
        sample("ubl").replace(b"</Invoice>", b""),
        _recoded("utf-16")[:-1],
        b"",
        b"\0\0\0",
        b"not XML at all",
        b"%PDF-1.7",
    ],
    ids=["doctype", "bomb", "external", "entity", "cut", "open", "half-sign", "empty", "nuls", "text", "pdf"],
)
def test_what_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"XML"):
        read_einvoice(data, "a.xml")


@pytest.mark.parametrize(
    "data",
    [
        b"<note/>",
        b'<CommonDocument xmlns="http://isdoc.cz/namespace/2013"><ID>1</ID></CommonDocument>',
        b'<FatturaElettronicaSemplificata versione="FSM10"/>',
        b"<FatturaElettronica/>",
        b'<Invoice xmlns="http://www.ebinterface.at/schema/6p0/"/>',
        b"<SCRDMCCBDACIOMessageStructure/>",
        b"<StandardBusinessDocument/>",
    ],
)
def test_other_xml_is_none(data: bytes) -> None:
    assert read_einvoice(data, "a.xml") is None


def test_empty_invoice_has_no_values() -> None:
    for data in (
        b"<CrossIndustryInvoice/>",
        b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>',
    ):
        assert read(data).fields == () and read(data).line_items == ()


def test_deep_nesting_is_no_crash() -> None:
    depth = 300_000
    start = time.perf_counter()
    assert read_einvoice(b"<a>" * depth + b"</a>" * depth, "a.xml") is None
    assert time.perf_counter() - start < 20


def test_hidden_signs_are_dropped() -> None:
    data = sample("ubl").decode().replace("<cbc:ID>FV-2024", "<cbc:ID>\u202eFV\u200b-\u00ad2024")
    assert plain(read(data.encode()))["invoice_number"] == "FV-2024/0117"


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        read_einvoice(b"<CrossIndustryInvoice>" + data + b"</CrossIndustryInvoice>", "a.xml")


@given(st.text(alphabet="0123456789+-.eE_ NaInf\u0663", max_size=12))
def test_number_is_plain_or_nothing(raw: str) -> None:
    found = values.number(raw)
    assert found == "" or (found.lstrip("-").replace(".", "", 1).isdecimal() and found.isascii())
    if found:
        assert Decimal(found) == Decimal(raw.replace(" ", ""))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_amount_keeps_its_value_and_has_two_decimals(value: Decimal) -> None:
    found = values.amount(str(value))
    assert Decimal(found) == value
    assert len(found.partition(".")[2]) >= 2 and found != "-0.00"


def test_prices_of_another_world() -> None:
    assert values.unit_price("9" * 39, "0." + "0" * 30 + "1") == ""
    assert values.unit_price("10", "3") == "3.333333"
    assert values.unit_price("10", "0") == "10.00"


@given(st.dates())
def test_dates_of_all_forms(day: dt.date) -> None:
    iso = day.isoformat()
    compact = iso.replace("-", "")
    for raw in (iso, compact, f"{iso}T00:00:00", f"{iso}Z", f"{iso}+01:00", compact + "1200", compact + "120000"):
        assert values.date(raw) == iso


@pytest.mark.parametrize("raw", ["", "2024", "202403", "20240230", "2024-13-01", "5.3.2024", "202403051"])
def test_no_dates(raw: str) -> None:
    assert values.date(raw) == ""


# the truth set, where there is one: files that nobody here wrote

EVAL = Path(os.environ["EVAL_DIR"]) / "invoices" if os.environ.get("EVAL_DIR") else None
needs_eval = pytest.mark.skipif(EVAL is None or not EVAL.is_dir(), reason="EVAL_DIR is not set to the truth sets")


def eval_files(pattern: str) -> list[Path]:
    return sorted(EVAL.glob(pattern)) if EVAL else []


@needs_eval
def test_both_syntaxes_of_real_invoices_agree() -> None:
    pairs = eval_files("xml/*.cii.xml")
    assert pairs
    for path in pairs:
        if path.name.startswith("not_validating"):
            continue  # its two files have other amounts
        other = read(path.with_name(path.name.replace(".cii.", ".ubl.")).read_bytes())
        one = read(path.read_bytes())
        assert plain(one) == plain(other), path.name
        assert lines(one) == lines(other), path.name


@needs_eval
@pytest.mark.parametrize("path", eval_files("hybrid/*.pdf"), ids=lambda path: path.stem)
def test_real_hybrids(path: Path) -> None:
    pikepdf = pytest.importorskip("pikepdf")
    assert EVAL is not None
    truth = {row["id"]: row for row in map(json.loads, (EVAL / "truth.jsonl").read_text("utf-8").splitlines())}[
        path.stem
    ]
    with pikepdf.open(path) as pdf:
        found = [read_einvoice(one.get_file().read_bytes(), one.filename) for one in pdf.attachments.values()]
    einvoice = next(one for one in found if one)
    values_found = plain(einvoice)
    for name, field in truth["fields"].items():
        assert values_found.get(name, "").casefold().split() == field["value"].casefold().split(), name
    assert not set(truth["absent"]) & set(values_found)
    assert len(einvoice.line_items) == len(truth["line_items"])
    assert (einvoice.document_type == "credit_note") == (truth["doc_type"] == "credit_note")
