"""Forms of any type: from the labels alone, whatever the names, with abstention, and why."""

from __future__ import annotations

from extractors import extract
from extractors.form import extract_form
from extractors.form.fields import prepare
from extractors.form.measure import Measure
from extractors.scoring import FEATURES, Trace
from models.document_types import document_types
from models.records import Reading, Witness
from pipeline.learn.factory.forms import make_form
from tests.extractors.form.made_up import CARD, TRUTH, library_card
from tests.extractors.readings import reading


def test_a_type_that_nobody_trained_for_works_from_its_labels() -> None:
    found = extract_form(reading(CARD), library_card())
    assert {field.name: field.value for field in found.fields} == TRUTH


def test_no_name_of_a_field_or_type_counts() -> None:
    other = library_card(type="x", card_number="invoice_number", fee="gross_total", reader_name="zzz", open_to="a")
    options = []
    for kind in (library_card(), other):
        layout, labels = prepare(reading(CARD), kind)
        options.append([(o.candidate.value, dict(o.features)) for o in Measure(layout, labels, kind).options()])
    assert options[0] == options[1]
    assert len(options[0]) > len(TRUTH)


def test_every_feature_is_described() -> None:
    for name in ("timesheet", "purchase_order", "identity_document"):
        kind = document_types()[name]
        layout, labels = prepare(reading(CARD), kind)
        assert {key for o in Measure(layout, labels, kind).options() for key in o.features} <= set(FEATURES)


def test_a_label_without_a_value_leaves_the_field_empty() -> None:
    rows = [row for row in CARD if row[2] not in ("LC-20418", "Margaret Hill", "Old Harbour")]
    names = {field.name for field in extract_form(reading(rows), library_card()).fields}
    assert not names & {"card_number", "reader_name"}


def test_values_say_where_they_stand_and_what_vouches_for_them() -> None:
    found = {field.name: field for field in extract_form(reading(CARD), library_card()).fields}
    total = found["total"]
    assert (total.page, total.box and total.box[0]) == (1, 200)
    assert {Witness.LABEL, Witness.SUM} <= set(total.witnesses)
    assert Witness.SUM not in found["card_number"].witnesses
    assert all(0 < field.confidence <= 0.995 for field in found.values())


def test_labels_under_their_values() -> None:
    rows = []
    for number, (label, value) in enumerate(
        (("Reader", "Margaret Hill"), ("Card number", "LC-20418"), ("Branch", "Old Harbour"), ("Annual fee", "£12.50"))
    ):
        rows += [(60 + 200 * (number % 2), 100 + 60 * (number // 2), value)]
        rows += [(60 + 200 * (number % 2), 113 + 60 * (number // 2), label)]
    found = {field.name: field.value for field in extract_form(reading(rows), library_card()).fields}
    assert found["reader_name"] == "Margaret Hill"
    assert found["card_number"] == "LC-20418"


def test_the_trace_has_the_chosen_option_first_and_its_reasons() -> None:
    trace = Trace()
    kind = library_card()
    told = extract_form(reading(CARD), kind, trace=trace)
    assert told == extract_form(reading(CARD), kind)
    first, *others = trace.fields["fee"]
    assert first.chosen and first.value == "12.50"
    assert not any(one.chosen for one in others)
    assert first.contributions["label_nth"] != 0
    assert first.features["label"] > 0.9


def test_generated_forms_are_read_and_all_confidences_are_probabilities() -> None:
    right = total = 0
    for number, name in enumerate(("timesheet", "payroll_request", "bank_statement", "card_application") * 3):
        made = make_form(f"form-test-{number}", name, ("cs", "de", "en")[number % 3])
        found = {field.name: field.value for field in extract(made.reading, document_types()[name]).fields}
        total += len(made.fields)
        right += sum(found.get(field) == value for field, value in made.fields.items())
    assert right / total > 0.9


def test_an_empty_page_has_nothing() -> None:
    assert not extract_form(Reading("application/pdf"), library_card()).fields
    assert not extract_form(reading([]), library_card()).fields


def test_endless_numbers_do_no_harm() -> None:
    for label in ("Annual fee", "Number of books", "Card number", "Loan period"):
        for digits in ("9" * 36, "9" * 36 + ".5", "1 " * 40):
            extract_form(reading([(50, 100, f"{label}: {digits}"), (50, 120, f"Deposit: {digits}")]), library_card())
