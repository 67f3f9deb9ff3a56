from __future__ import annotations

import math

import pytest

from models.document_types import document_types
from models.records import Classification, Extraction, Field, Finding, LineItem, Route, Severity
from models.settings import Settings
from pipeline.route import doubtful, route

INVOICE = document_types()["invoice"]
OTHER = document_types()["other"]
SETTINGS = Settings(type_threshold=0.8, field_threshold=0.85)
SURE = Classification("invoice", 0.99)
REQUIRED = {name: "x" for name, spec in INVOICE.fields.items() if spec.required}


def fields(**confidences: float) -> Extraction:
    known = dict.fromkeys(REQUIRED, 0.95) | confidences
    return Extraction(tuple(Field(name, "x", confidence=value) for name, value in known.items() if value))


def reasons(
    extraction: Extraction, *findings: Finding, classification: Classification = SURE, settings: Settings = SETTINGS
) -> tuple[str, ...]:
    decision = route(INVOICE, classification, extraction, findings, settings)
    assert (decision.route == Route.REVIEW) == bool(decision.reasons)
    return decision.reasons


def test_sure_documents_load_by_themselves() -> None:
    assert route(INVOICE, SURE, fields(), (), SETTINGS).route is Route.AUTO
    assert reasons(fields(order_number=0.6), Finding("x", Severity.INFO, "All is well.")) == ()


def test_unknown_type() -> None:
    decision = route(OTHER, Classification("other", 0.99), Extraction(), (), SETTINGS)
    assert (decision.route, decision.reasons) == (Route.REVIEW, ("The document type is unknown",))


def test_doubtful_type() -> None:
    unsure = Classification("invoice", 0.624)
    assert reasons(fields(), classification=unsure) == ("The document type is doubtful (Invoice, 62%)",)
    assert reasons(fields(), classification=Classification("invoice", 0.8)) == ()


def test_missing_required_field_is_told_once() -> None:
    finding = Finding("missing-field", Severity.ERROR, "Gross total is missing.", ("gross_total",))
    assert reasons(fields(gross_total=0)) == ("Gross total is missing",)
    assert reasons(fields(gross_total=0), finding) == ("Gross total is missing",)


@pytest.mark.parametrize(
    ("name", "confidence", "doubt"),
    [
        ("invoice_number", 0.84, True),  # required
        ("due_date", 0.84, True),  # costs money
        ("iban", 0.84, True),
        ("amount_due", 0.85, False),
        ("order_number", 0.60, False),
        ("order_number", 0.59, True),
        ("order_number", math.nan, True),
    ],
)
def test_doubtful_field(name: str, confidence: float, doubt: bool) -> None:
    extraction = fields(**{name: confidence})
    assert (name in doubtful(INVOICE, extraction.fields, (), SETTINGS)) == doubt
    found = reasons(extraction)
    assert bool(found) == doubt
    if doubt and not math.isnan(confidence):
        assert found == (f"{INVOICE.fields[name].title['en']} is doubtful ({confidence:.0%})",)


def test_thresholds_are_settings() -> None:
    strict = Settings(field_threshold=0.99)
    assert "Invoice number is doubtful (95%)" in reasons(fields(), settings=strict)


@pytest.mark.parametrize("severity", [Severity.WARNING, Severity.ERROR])
def test_findings_send_to_review(severity: Severity) -> None:
    finding = Finding("iban-invalid", severity, "IBAN is not valid.", ("iban",))
    assert reasons(fields(iban=0.99), finding) == ("IBAN is not valid",)
    assert reasons(fields(iban=0.2), finding) == ("IBAN is not valid",), "one reason for one field is enough"
    assert doubtful(INVOICE, fields(iban=0.99).fields, (finding,), SETTINGS) == ("iban",)


def test_failed_check_never_loads() -> None:
    assert reasons(fields(), Finding("check-failed", Severity.ERROR, "The check 'totals' failed."))


def test_doubtful_lines() -> None:
    lines = (LineItem("a", confidence=0.9), LineItem("b", confidence=0.3), LineItem("c"))
    assert reasons(Extraction(fields().fields, lines)) == ("2 of 3 line items are doubtful",)
    assert reasons(Extraction(fields().fields, lines[:2])) == ("1 of 2 line items is doubtful",)


def test_doubtful_is_in_the_order_of_the_type() -> None:
    findings = (
        Finding("lines-differ", Severity.WARNING, "", ("line_items", "net_total")),
        Finding("cash-rounding", Severity.INFO, "", ("tax_total",)),
    )
    found = doubtful(INVOICE, fields(iban=0.1, currency=0).fields, findings, SETTINGS)
    assert found == ("currency", "net_total", "iban", "line_items")


@pytest.mark.parametrize("name", sorted(document_types()))
def test_every_type_is_judged_by_the_same_thresholds(name: str) -> None:
    kind = document_types()[name]
    sure = Classification(name, 0.9)
    for unsure, spec in kind.fields.items():
        costly = spec.required or spec.kind in ("amount", "number", "iban", "date")
        for confidence, doubt in ((0.84, costly), (0.6, costly), (0.59, True), (0.85, False)):
            known = {one: 0.95 for one, other in kind.fields.items() if other.required} | {unsure: confidence}
            found = Extraction(tuple(Field(one, "x", confidence=value) for one, value in known.items()))
            decision = route(kind, sure, found, (), SETTINGS)
            assert (decision.route is Route.REVIEW) == (doubt or name == "other"), (unsure, confidence)
