"""Why a field has its value: it says the truth about the extraction, in words, for every type that there is."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from extractors import extract
from extractors.scoring import FEATURES, Trace, Tried, rules
from models.document_types import document_types
from models.errors import NotFound
from models.records import Extraction, Field, Finding, Reading, Severity, Source, Witness
from models.settings import Settings
from pipeline import explain as explaining
from pipeline.explain import SOURCE_WORDS, WITNESS_WORDS, Explanation, explain, in_words
from pipeline.learn.factory import make_invoice, make_receipt
from pipeline.learn.factory.forms import make_form
from pipeline.learn.factory.records import Made

MADE = make_invoice(3, "invoice", "cs", "framed", 3)
INVOICE = document_types()["invoice"]


def explained(name: str, extraction: Extraction, reading: Reading = MADE.reading, *findings: Finding) -> Explanation:
    return explain(reading, INVOICE, extraction, findings, name=name, settings=Settings())


@pytest.fixture(scope="module")
def extraction() -> Extraction:
    return extract(MADE.reading, INVOICE)


def test_it_agrees_with_the_extraction_for_every_field(extraction: Extraction) -> None:
    for field in extraction.fields:
        found = explained(field.name, extraction)
        assert (found.value, found.page, found.box, found.probability) == (
            field.value,
            field.page,
            field.box,
            field.confidence,
        )
        if field.source is Source.TEXT:
            assert found.options[0].chosen, field.name
            assert found.options[0].box == field.box
        assert not any(one.chosen for one in found.options[1:])


@pytest.mark.parametrize(
    "made",
    [MADE, make_receipt(1, "cz", "columns"), make_form(1, "timesheet", "en")],
    ids=["invoice", "receipt", "form"],
)
def test_every_feature_has_a_description_and_a_number(made: Made) -> None:
    kind = document_types()[made.type]
    seen = 0
    for name in kind.fields:
        found = explain(made.reading, kind, Extraction(), (), name=name, settings=Settings())
        for reason in (reason for option in found.options for reason in option.reasons):
            assert reason.text.split(": ")[0] != reason.feature.replace("_", " "), reason.feature
            assert not math.isnan(reason.value)
            seen += 1
    assert seen > 20


def test_a_trace_changes_nothing(extraction: Extraction) -> None:
    assert extract(MADE.reading, INVOICE, trace=Trace()) == extraction


def test_only_its_own_findings_are_told(extraction: Extraction) -> None:
    mine = Finding("due-before-issue", Severity.ERROR, "Too early.", ("due_date", "issue_date"))
    other = Finding("totals-differ", Severity.ERROR, "No sum.", ("gross_total",))
    assert explained("due_date", extraction, MADE.reading, mine, other).findings == (mine,)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (Field("due_date", "2025-01-01", source=Source.REVIEWER), "A person typed or confirmed it."),
        (Field("due_date", "2025-01-01", source=Source.XML), "It is taken from the e-invoice data."),
        (Field("due_date", "2025-01-01", source=Source.CODE), "It is taken from the code on the page."),
        (Field("due_date", "2025-01-01", confidence=0.996), "It is 99 % sure, enough to go on without a person (85%)."),
        (
            Field("due_date", "2025-01-01", confidence=0.3),
            "It is 30 % sure, too little to go on without a person (85%).",
        ),
    ],
)
def test_the_verdict_says_where_the_value_is_from(field: Field, said: str) -> None:
    assert explained("due_date", Extraction((field,))).verdict == said


def test_an_empty_field_says_why(extraction: Extraction, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = Extraction(tuple(field for field in extraction.fields if field.name != "due_date"))
    today = extraction.value("due_date")
    assert explained("due_date", empty).verdict.endswith(f"read today, it would be “{today}”.")
    assert explained("due_date", Extraction(), Reading("application/pdf")).verdict == "It was not found."

    weak = Tried("2025-01-09", "9. 1. 2025", 1, (1.0, 2.0, 3.0, 4.0), 0.12, {"label": 0.2}, {})
    taken = replace(weak, chosen=True, probability=0.9)

    def traced(*_: object, trace: Trace, **__: object) -> Extraction:
        trace.fields.update(options)
        return Extraction()

    monkeypatch.setattr(explaining, "extract", traced)
    options = {"due_date": [weak]}
    assert explained("due_date", Extraction()).verdict == (
        "The best value for it, “2025-01-09”, is only 12 % likely: too little to fill it in."
    )
    options = {"due_date": [weak], "issue_date": [taken]}
    found = explained("due_date", Extraction())
    assert found.verdict == "The best value for it, “2025-01-09”, is that of Issue date."
    assert found.options[0].given_to == "Issue date"
    options = {"issue_date": [taken]}
    assert explained("due_date", Extraction()).verdict == "Nothing on the pages could be its value."


def test_reasons_come_by_their_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = Tried("1", "1", 1, None, 0.8, {"x": 0.5, "label": 0.9, "ocr": math.nan}, {"x": -2.0, "label": 1.5, "": 0.1})
    monkeypatch.setattr(explaining, "extract", lambda *_, trace, **__: trace.fields.update(due_date=[tried]))
    (option,) = explained("due_date", Extraction()).options
    assert [(one.feature, one.weight) for one in option.reasons] == [("x", -2.0), ("label", 1.5)]


@pytest.mark.parametrize(
    ("feature", "value", "text"),
    [
        ("alone", 1.0, "nothing else stands on its line"),
        ("alone", 0.0, "not so: nothing else stands on its line"),
        ("likeness", 0.93, "how alike the words on the page and the label are: 0.93"),
        ("kind", 1.0, "looked for as: identifier"),
        ("valid", -1.0, "one speaks against it"),
        ("something_new", 2.0, "something new: 2"),
    ],
)
def test_features_in_words(feature: str, value: float, text: str) -> None:
    assert in_words(feature, value, FEATURES) == text


def test_features_of_the_rules_in_words() -> None:
    assert in_words("check_digit", 1.0, rules.FEATURES) == "its check digit is right"
    assert in_words("check_digit", -1.0, rules.FEATURES) == "it is wrong"
    assert in_words("order", -1.0, rules.FEATURES).startswith("not: it agrees with the other dates")


def test_a_field_that_the_type_lacks_is_named_with_a_guess() -> None:
    with pytest.raises(NotFound, match="Invoice has no field 'gros_total'; did you mean gross_total"):
        explained("gros_total", Extraction())


def test_there_are_words_for_every_source_and_witness() -> None:
    assert set(SOURCE_WORDS) == set(Source)
    assert set(WITNESS_WORDS) == set(Witness)


def test_a_finding_comes_before_how_sure_a_value_is(extraction: Extraction) -> None:
    field = next(one for one in extraction.fields if one.source is Source.TEXT)
    sure = Extraction((replace(field, confidence=0.99),))
    said = "The page and the e-invoice differ."
    finding = Finding("differs", Severity.WARNING, said, (field.name,))
    verdict = explained(field.name, sure, MADE.reading, finding).verdict
    assert verdict == f"{said} So a person must look, though its reading is 99 % sure."
    assert "enough" in explained(field.name, sure, MADE.reading, replace(finding, severity=Severity.INFO)).verdict
    assert "enough" in explained(field.name, sure, MADE.reading, replace(finding, fields=())).verdict
