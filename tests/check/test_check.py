from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pipeline.check
from models.document_types import document_types
from models.records import Extraction, Field, Finding, LineItem, Page, Reading, Severity, Source, Witness, Word
from pipeline.check import CHECKS, check, check_values
from pipeline.store import clock

TODAY = dt.date(2024, 6, 1)
INVOICE = document_types()["invoice"]
GOOD = {
    "invoice_number": "FV-1",
    "issue_date": "2024-03-05",
    "due_date": "2024-03-19",
    "delivery_date": "2024-03-01",
    "seller_name": "Novotný s.r.o.",
    "seller_vat_id": "CZ25568736",
    "seller_tax_number": "25568736",
    "buyer_vat_id": "DE136695976",
    "currency": "CZK",
    "net_total": "1234.50",
    "tax_total": "238.14",
    "gross_total": "1472.64",
    "amount_due": "1072.64",
    "iban": "CZ6508000000192000145399",
    "bic": "GIBACZPX",
    "variable_symbol": "117",
}
LINES = (
    LineItem("a", "400", "H87", "2.50", "1000.00", "21"),
    LineItem("b", "2", "C62", "117.25", "234.50", "12"),
)

DAYS = ("due_date", "delivery_date")
TOTALS = {"net_total", "tax_total", "gross_total"}
COMPANY = {"seller_tax_number", "seller_vat_id"}


def findings(lines: tuple[LineItem, ...] = LINES, **changes: str) -> dict[str, Finding]:
    found = check_values(INVOICE, {**GOOD, **changes}, lines, TODAY)
    return {finding.code: finding for finding in found}


def test_a_good_invoice_has_no_findings() -> None:
    assert findings() == {}


@pytest.mark.parametrize(
    ("code", "severity", "fields", "changes"),
    [
        ("missing-field", "error", {"gross_total"}, {"gross_total": ""}),
        ("missing-field", "error", {"seller_name"}, {"seller_name": "  "}),
        ("malformed-value", "error", {"due_date"}, {"due_date": "5.3.2024"}),
        ("malformed-value", "error", {"net_total"}, {"net_total": "1 234,50"}),
        ("malformed-value", "error", {"net_total"}, {"net_total": "NaN"}),
        ("malformed-value", "error", {"net_total"}, {"net_total": "1e999999"}),
        ("date-in-future", "warning", {"issue_date"}, dict.fromkeys(DAYS, "") | {"issue_date": "2025-03-05"}),
        ("date-too-old", "warning", {"issue_date"}, dict.fromkeys(DAYS, "") | {"issue_date": "1997-03-05"}),
        ("due-before-issue", "warning", {"due_date", "issue_date"}, {"due_date": "2024-03-04"}),
        ("due-too-late", "warning", {"due_date"}, {"due_date": "2025-03-19"}),
        ("delivery-far", "warning", {"delivery_date"}, {"delivery_date": "2022-03-01"}),
        ("totals-differ", "error", TOTALS, {"gross_total": "1742.64"}),
        ("cash-rounding", "info", TOTALS, {"gross_total": "1473.00"}),
        ("totals-differ", "error", TOTALS, {"gross_total": "1473.00", "currency": "EUR"}),
        ("totals-differ", "error", TOTALS, {"gross_total": "1472.34"}),
        ("tax-too-high", "warning", {"tax_total"}, {"tax_total": "338.14", "gross_total": "1572.64"}),
        ("tax-sign", "warning", {"net_total", "tax_total"}, {"tax_total": "-238.14", "gross_total": "1072.64"}),
        ("due-above-total", "warning", {"amount_due", "gross_total"}, {"amount_due": "1473.20"}),
        ("lines-differ", "warning", {"line_items", "net_total"}, {"net_total": "1235.00", "gross_total": "1473.14"}),
        ("iban-invalid", "error", {"iban"}, {"iban": "CZ6508000000192000145398"}),
        ("bic-invalid", "warning", {"bic"}, {"bic": "GIBA"}),
        ("bic-iban-differ", "warning", {"bic", "iban"}, {"bic": "BYLADEM1001"}),
        ("vat-id-invalid", "warning", {"seller_vat_id"}, {"seller_vat_id": "CZ25568737"}),
        ("vat-id-invalid", "warning", {"buyer_vat_id"}, {"buyer_vat_id": "DE123456789"}),
        ("vat-id-invalid", "warning", {"buyer_vat_id"}, {"buyer_vat_id": "123456789"}),
        ("company-number-invalid", "warning", {"seller_tax_number"}, {"seller_tax_number": "25568737"}),
        ("company-number-differs", "warning", COMPANY, {"seller_tax_number": "46505334"}),
        ("currency-unknown", "warning", {"currency"}, {"currency": "KCS"}),
        ("variable-symbol-invalid", "warning", {"variable_symbol"}, {"variable_symbol": "12345678901"}),
    ],
)  # fmt: skip
def test_each_rule_finds_its_fault_and_names_the_fields(
    code: str, severity: str, fields: set[str], changes: dict[str, str]
) -> None:
    found = findings(**changes)
    assert code in found, found
    assert found[code].severity == severity
    assert set(found[code].fields) == fields
    assert found[code].message[0].isupper() and found[code].message.endswith((".", "?"))
    others = {finding.code for finding in found.values() if finding.severity != Severity.INFO} - {code}
    # a wrong total rightly puts the line items in doubt too; nothing else may
    assert others <= {"lines-differ", "totals-differ", "company-number-differs"}


@pytest.mark.parametrize(
    "changes",
    [
        {"seller_vat_id": "CH123", "seller_tax_number": ""},  # not of a country that we know the rule of
        {"seller_vat_id": "DE136695976", "seller_tax_number": "12345678"},  # eight digits, but no Czech company
        {"iban": "", "bic": ""},
        {"amount_due": "1473.00"},  # rounded for cash
        {"amount_due": "-5.00"},
        {"tax_total": "", "net_total": ""},
        {"issue_date": "2024-06-20", "due_date": "2024-06-20", "delivery_date": "2024-06-20"},
    ],
)
def test_what_is_no_fault(changes: dict[str, str]) -> None:
    assert findings(**changes) == {}


def test_lines() -> None:
    wrong = replace(LINES[0], net_amount="1100.00")
    found = findings((wrong, LINES[1]))
    assert set(found) == {"line-amount", "lines-differ"}
    assert "Line 1" in found["line-amount"].message
    # prices are printed rounded: 3 × 3.33 may be 10.00
    rounded = (LineItem("a", "3", "C62", "3.33", "10.00"), LineItem("b", None, None, None, "1224.50"))
    assert findings(rounded) == {}
    taxed = (LineItem("a", net_amount="1472.64"),)
    assert findings(taxed)["lines-with-tax"].severity == "info"
    assert findings((LineItem("a", net_amount="1000.00"), LineItem("b"))) == {}, "an unread line proves nothing"
    assert findings((LineItem("a", "x", None, "1,5", "1234.50"),))["malformed-value"].fields == ("line_items",)


def test_mappings_are_line_items_too() -> None:
    rows = [{"description": "a", "net_amount": "1.00"}]
    assert "lines-differ" in {one.code for one in check_values(INVOICE, GOOD, rows, TODAY)}


cents = st.integers(-(10**8), 10**8).map(lambda n: Decimal(n) / 100)


@given(net=cents, rate=st.sampled_from(["0", "12", "19", "21"]), away=cents)
def test_totals_tie_out_or_not(net: Decimal, rate: str, away: Decimal) -> None:
    tax = (net * Decimal(rate) / 100).quantize(Decimal("0.01"))
    good = {**GOOD, "currency": "EUR", "amount_due": "", "net_total": str(net), "tax_total": str(tax)}
    codes = {one.code for one in check_values(INVOICE, {**good, "gross_total": str(net + tax)}, (), TODAY)}
    assert codes == set()
    wrong = {**good, "gross_total": str(net + tax + away)}
    codes = {one.code for one in check_values(INVOICE, wrong, (), TODAY)}
    assert ("totals-differ" in codes) == (abs(away) > Decimal("0.01"))


@given(
    quantities=st.lists(st.integers(1, 500), min_size=1, max_size=6),
    price=st.integers(1, 10**6).map(lambda n: Decimal(n) / 1000),
)
def test_rounded_lines_tie_out(quantities: list[int], price: Decimal) -> None:
    amounts = [(q * price).quantize(Decimal("0.01")) for q in quantities]
    shown = price.quantize(Decimal("0.01"))
    lines = tuple(
        LineItem("x", str(q), None, str(shown), str(amount)) for q, amount in zip(quantities, amounts, strict=True)
    )
    values = {**GOOD, "net_total": str(sum(amounts)), "tax_total": "", "gross_total": str(sum(amounts))}
    values["amount_due"] = ""
    assert check_values(INVOICE, values, lines, TODAY) == ()


@given(
    st.dictionaries(st.sampled_from(sorted(INVOICE.fields)), st.text(max_size=30)),
    st.lists(st.builds(LineItem, st.text(), st.text(), st.text(), st.text(), st.text(), st.text()), max_size=3),
)
def test_nonsense_never_crashes_a_check(values: dict[str, str], lines: list[LineItem]) -> None:
    assert "check-failed" not in {one.code for one in check_values(INVOICE, values, lines, TODAY)}


def test_a_crashing_check_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(facts: object) -> object:
        yield Finding("first", Severity.INFO, "told before the crash")
        raise ZeroDivisionError("secret 4711")

    monkeypatch.setitem(pipeline.check.CHECKS, "totals", broken)
    found = {one.code: one for one in check_values(INVOICE, {**GOOD, "iban": "CZ00"}, LINES, TODAY)}
    assert found["check-failed"].severity is Severity.ERROR
    assert "totals" in found["check-failed"].message and "4711" not in found["check-failed"].message
    assert "iban-invalid" in found and "first" in found, "the other checks still run"


def test_an_unknown_check_is_an_error() -> None:
    kind = INVOICE.model_copy(update={"checks": ("dates", "horoscope")})
    assert [one.code for one in check_values(kind, GOOD, (), TODAY)] == ["check-failed"]


def test_every_type_names_checks_that_exist() -> None:
    for kind in document_types().values():
        assert set(kind.checks) <= set(CHECKS)


def test_receipt() -> None:
    receipt = document_types()["receipt"]
    good = {"company": "Bufet", "date": "2024-05-30", "total": "99.00", "currency": "CZK"}
    assert check_values(receipt, good, (), TODAY) == ()
    assert [one.code for one in check_values(receipt, {**good, "date": "2029-05-30"}, (), TODAY)] == ["date-in-future"]


def test_today_is_the_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2050, 1, 1))
    assert "date-too-old" in {one.code for one in check_values(INVOICE, GOOD, LINES)}


def reading(text: str, source: Source = Source.TEXT) -> Reading:
    words = tuple(Word(word, (10.0 * i, 0, 10.0 * i + 9, 10)) for i, word in enumerate(text.split()))
    return Reading("application/pdf", (Page(1, 600, 800, source, words),))


def extraction(**values: str) -> Extraction:
    return Extraction(tuple(Field(name, value, confidence=0.9) for name, value in {**GOOD, **values}.items()))


def test_pages() -> None:
    blank = replace(reading(""), pages=(Page(1, 1, 1, Source.BLANK), Page(2, 1, 1, Source.TESSERACT)))
    found = check(blank, INVOICE, extraction(), TODAY)
    assert [(one.code, "page 2" in one.message) for one in found] == [("unreadable-page", True)]


def test_account_on_the_page_and_iban() -> None:
    assert check(reading("účet: 19-2000145399/0800 dne 12/2024"), INVOICE, extraction(), TODAY) == ()
    found = check(reading("účet: 7098760287/0100"), INVOICE, extraction(), TODAY)
    assert [one.code for one in found] == ["account-differs"]
    both = reading("účet: 19-2000145399/0800 nebo 7098760287/0100")
    assert check(both, INVOICE, extraction(), TODAY) == ()


@pytest.mark.parametrize(
    ("source", "witnesses", "unvouched"),
    [
        (Source.TESSERACT, (Witness.LABEL, Witness.REPEATED, Witness.SECOND_READING), True),
        (Source.RAPIDOCR, (), True),
        (Source.RAPIDOCR, (Witness.SUM,), False),
        (Source.TESSERACT, (Witness.CODE, Witness.LABEL), False),
        (Source.TEXT, (Witness.LABEL,), False),
    ],
)
def test_a_scanned_amount_needs_more_than_its_label(
    source: Source, witnesses: tuple[Witness, ...], unvouched: bool
) -> None:
    receipt = document_types()["receipt"]
    values = {"company": "Novotný s.r.o.", "date": "2024-03-05", "total": "117.00"}
    fields = tuple(Field(name, value, value, 0.99, 1, None, source, witnesses) for name, value in values.items())
    found = check(Reading("image/png"), receipt, Extraction(fields), TODAY)
    assert [finding.fields for finding in found if finding.code == "amount-unvouched"] == [("total",)] * unvouched
