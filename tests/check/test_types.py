"""The checks of the types that are no invoices, one wrong thing at a time."""

from __future__ import annotations

import datetime as dt

import pytest

from extractors.identity import AGREED, CONTRADICTED
from models.document_types import document_types
from models.records import Extraction, Field, Finding, LineItem, Page, Reading, Severity, Source, Witness, Word
from models.settings import Settings
from pipeline.check import Ours, check, check_values, our_company

TODAY = dt.date(2024, 6, 1)
GOOD: dict[str, dict[str, str]] = {
    "bank_statement": {
        "iban": "CZ6508000000192000145399",
        "holder_name": "Modrá vrána s.r.o.",
        "statement_number": "5/2024",
        "period_from": "2024-05-01",
        "period_to": "2024-05-31",
        "opening_balance": "-150.00",
        "total_credits": "1000.10",
        "total_debits": "250.05",
        "closing_balance": "600.05",
        "currency": "CZK",
    },
    "timesheet": {
        "employee_name": "Alena Nová",
        "period_from": "2024-05-01",
        "period_to": "2024-05-31",
        "total_hours": "176.5",
        "overtime_hours": "8",
        "hourly_rate": "320.00",
        "approver_name": "Karel Horák",
    },
    "payroll_request": {
        "employee_name": "Alena Nová",
        "request_kind": "záloha na mzdu",
        "request_date": "2024-05-20",
        "amount": "5000.00",
        "iban": "CZ6508000000192000145399",
        "approver_name": "Karel Horák",
    },
    "card_application": {
        "applicant_name": "Alena Nová",
        "birth_date": "1971-03-19",
        "birth_number": "710319/2745",
        "phone": "+420601123456",
        "email": "someone@example.org",
        "net_income": "42000.00",
        "requested_limit": "50000.00",
        "signed_date": "2024-05-20",
    },
    "identity_document": {
        "document_number": "L898902C3",
        "surname": "Eriksson",
        "birth_date": "1974-08-12",
        "issue_date": "2015-04-16",
        "expiry_date": "2025-04-15",
        "sex": "F",
    },
    "delivery_note": {
        "delivery_note_number": "DL-17",
        "issue_date": "2024-05-20",
        "seller_name": "Modrá vrána s.r.o.",
        "gross_weight": "12.5",
    },
    "purchase_order": {
        "order_number": "OBJ-17",
        "issue_date": "2024-05-20",
        "buyer_name": "Modrá vrána s.r.o.",
        "seller_name": "Dílna U Lípy, a.s.",
        "net_total": "100.00",
        "tax_total": "21.00",
        "gross_total": "121.00",
    },
}
LINES = {"delivery_note": (LineItem("Šroub", "12", "ks"),), "purchase_order": (LineItem("a", "2", "ks", "50", "100"),)}


def codes(kind: str, lines: tuple[LineItem, ...] | None = None, **changes: str) -> dict[str, Finding]:
    items = LINES.get(kind, ()) if lines is None else lines
    found = check_values(document_types()[kind], {**GOOD[kind], **changes}, items, TODAY)
    return {one.code: one for one in found}


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_one_has_no_findings(kind: str) -> None:
    assert codes(kind) == {}


@pytest.mark.parametrize(
    ("kind", "code", "severity", "changes"),
    [
        ("bank_statement", "balance-differs", "error", {"closing_balance": "600.06"}),
        ("bank_statement", "balance-differs", "error", {"total_credits": "1000.01"}),
        ("bank_statement", "balance-differs", "warning", {"total_debits": "", "closing_balance": "900.00"}),
        ("bank_statement", "balance-differs", "warning", {"total_credits": "", "closing_balance": "-500.00"}),
        ("bank_statement", "period-order", "error", {"period_to": "2024-04-30"}),
        ("bank_statement", "period-long", "warning", {"period_from": "2014-05-01"}),
        ("bank_statement", "iban-invalid", "error", {"iban": "CZ6508000000192000145398"}),
        ("bank_statement", "missing-field", "error", {"opening_balance": ""}),
        ("timesheet", "hours-impossible", "error", {"total_hours": "745"}),
        ("timesheet", "hours-implausible", "warning", {"total_hours": "480"}),
        ("timesheet", "overtime-above-total", "error", {"overtime_hours": "177"}),
        ("timesheet", "negative-number", "error", {"overtime_hours": "-8"}),
        ("timesheet", "period-order", "error", {"period_to": "2024-04-30"}),
        ("timesheet", "malformed-value", "error", {"total_hours": "176,5"}),
        ("timesheet", "approved-by-self", "warning", {"approver_name": "ALENA NOVA"}),
        ("payroll_request", "amount-not-positive", "error", {"amount": "0.00"}),
        ("payroll_request", "nothing-asked", "warning", {"amount": "", "iban": ""}),
        ("payroll_request", "iban-invalid", "error", {"iban": "CZ6508000000192000145398"}),
        ("payroll_request", "date-in-future", "warning", {"request_date": "2025-05-20"}),
        ("card_application", "applicant-minor", "error", {"birth_date": "2006-05-21", "birth_number": ""}),
        ("card_application", "birth-date-implausible", "warning", {"birth_date": "1901-05-21", "birth_number": ""}),
        ("card_application", "birth-number-invalid", "warning", {"birth_number": "710319/2746"}),
        ("card_application", "birth-number-invalid", "warning", {"birth_number": "44051401358"}),
        ("card_application", "birth-number-differs", "error", {"birth_date": "1971-03-18"}),
        ("card_application", "birth-number-differs", "error", {"birth_number": "44051401359"}),
        ("card_application", "phone-invalid", "warning", {"phone": "12"}),
        ("card_application", "email-invalid", "warning", {"email": "someone(at)example.org"}),
        ("card_application", "amount-not-positive", "error", {"requested_limit": "-1.00"}),
        ("identity_document", "expiry-before-issue", "error", {"issue_date": "2025-04-16"}),
        ("identity_document", "document-expired", "warning", {"expiry_date": "2024-05-31"}),
        ("identity_document", "birth-date-implausible", "error", {"birth_date": "2015-04-17"}),
        (
            "identity_document",
            "birth-number-differs",
            "error",
            {"nationality": "CZE", "personal_number": "710319/2745", "birth_date": "1971-03-19"},
        ),
        ("delivery_note", "negative-number", "error", {"gross_weight": "-1"}),
        ("purchase_order", "totals-differ", "error", {"gross_total": "122.00"}),
        ("purchase_order", "lines-differ", "warning", {"net_total": "90.00", "gross_total": "111.00"}),
    ],
)
def test_what_is_wrong_is_told(kind: str, code: str, severity: str, changes: dict[str, str]) -> None:
    found = codes(kind, **changes)
    assert found[code].severity == severity
    assert set(found[code].fields) <= set(document_types()[kind].fields) | {"line_items"}
    assert set(found) <= {code, "date-in-future"}, "nothing else is wrong"


def test_of_age_on_the_birthday() -> None:
    assert codes("card_application", birth_date="2006-05-20", birth_number="") == {}
    assert "applicant-minor" in codes("card_application", birth_date="2006-05-21", birth_number="")


def test_a_pesel_agrees_with_the_date_of_birth() -> None:
    assert codes("card_application", birth_date="1944-05-14", birth_number="44051401359") == {}


def test_debits_with_a_minus_are_debits() -> None:
    assert codes("bank_statement", total_debits="-250.05") == {}


def test_a_delivery_note_needs_lines_and_no_prices() -> None:
    assert set(codes("delivery_note", ())) == {"no-lines"}
    assert set(codes("delivery_note", (LineItem("Šroub", "0", "ks"),))) == {"line-quantity"}


OURS = Ours(("Naše firma s.r.o.",), ("CZ25596641",))


@pytest.mark.parametrize(
    ("kind", "code", "changes"),
    [
        ("invoice", None, {"buyer_name": "NAŠE FIRMA, s.r.o."}),
        ("invoice", None, {"buyer_name": "Nase fyrma", "buyer_vat_id": "CZ25596641"}),
        ("invoice", None, {}),
        ("invoice", "not-ours", {"buyer_name": "Cizí firma a.s."}),
        ("invoice", "not-ours", {"buyer_vat_id": "CZ60194383"}),
        ("invoice", "wrong-side", {"seller_name": "Naše firma s.r.o.", "buyer_name": "Cizí firma a.s."}),
        ("invoice", "wrong-side", {"seller_tax_number": "25596641"}),
        ("invoice_issued", None, {"seller_vat_id": "CZ25596641", "buyer_name": "Cizí firma a.s."}),
        ("invoice_issued", "wrong-side", {"seller_name": "Cizí firma a.s.", "buyer_name": "Naše firma s.r.o."}),
        ("invoice_issued", "not-ours", {"seller_name": "Cizí firma a.s."}),
        ("purchase_order", None, {"seller_name": "Cizí firma a.s.", "buyer_name": "Jiná firma a.s."}),
    ],
)
def test_our_own_company_has_its_side(kind: str, code: str | None, changes: dict[str, str]) -> None:
    found = check_values(document_types()[kind], changes, (), TODAY, ours=OURS)
    assert [one.code for one in found if one.code in ("wrong-side", "not-ours")] == ([code] if code else [])
    assert not [one for one in check_values(document_types()[kind], changes, (), TODAY) if one.code == code]


def test_our_company_is_that_of_the_settings() -> None:
    settings = Settings(our_names=("A",), our_ids=("CZ25596641",))
    assert our_company(settings) == Ours(("A",), ("CZ25596641",))
    assert not our_company(Settings())


TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")


def _passport(lines: tuple[str, ...]) -> Reading:
    words = tuple(Word(line, (40.0, 700.0 + 20 * row, 560.0, 712.0 + 20 * row)) for row, line in enumerate(lines))
    return Reading("application/pdf", (Page(1, 595.0, 842.0, source=Source.TEXT, words=words),))


def _identity(reading: Reading, *fields: Field) -> dict[str, Finding]:
    kind = document_types()["identity_document"]
    return {one.code: one for one in check(reading, kind, Extraction(fields), dt.date(2010, 1, 1))}


def test_the_check_digits_of_a_passport() -> None:
    assert not [code for code in _identity(_passport(TD3)) if code.startswith("mrz")]
    forged = _identity(_passport((TD3[0], TD3[1].replace("7408122", "7508122"))))
    assert forged["mrz-check-digit"].severity is Severity.ERROR
    assert _identity(_passport(("Passport", "of nobody")))["mrz-missing"].severity is Severity.WARNING
    repaired = _identity(_passport((TD3[0], TD3[1].replace("L898902C3", "L8989O2C3"))))
    assert repaired["mrz-doubtful"].fields == ("document_number",)


def test_print_that_says_otherwise_is_told() -> None:
    doubted = Field("surname", "ERIKSSON", confidence=CONTRADICTED, witnesses=(Witness.LABEL,))
    misread = _passport((TD3[0].replace("ERIKSSON", "ERIKSS0N"), TD3[1]))
    assert _identity(misread)["mrz-doubtful"].fields == ("surname",)
    assert "mrz-doubtful" not in _identity(misread, Field("surname", "ERIKSSON", confidence=AGREED))
    assert _identity(_passport(TD3), doubted)["mrz-differs"].fields == ("surname",)


@pytest.mark.parametrize("missing", ["total_credits", "total_debits"])
def test_a_statement_that_prints_one_sum_only_is_no_doubt(missing: str) -> None:
    assert "balance-differs" not in codes("bank_statement", **{missing: ""})
