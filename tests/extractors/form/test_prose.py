"""Letters: names without a label, labels behind their values, phrases that other words or the end of a line part."""

from __future__ import annotations

from extractors.form.fields import prepare
from extractors.form.measure import Measure
from extractors.scoring import Option
from models.document_types import DocumentType, document_types
from tests.extractors.readings import reading


def _kind(**spec: object) -> DocumentType:
    fields = {
        "reader": {"kind": "person", "labels": {"en": ["reader"]}},
        "helper": {"kind": "person", "labels": {"en": ["helper"]}, "phrases": {"en": ["my neighbour"]}},
        "wish": {"kind": "text", "labels": {"en": ["wish"]}, "phrases": {"en": ["apply for"]}},
        "school": {"kind": "party", "labels": {"en": ["school"]}},
        "month": {"kind": "text", "labels": {"en": ["month"]}, "phrases": {"en": ["the lessons of"]}},
    }
    named = {name: {"title": {"en": name}, **one} for name, one in fields.items()}
    return DocumentType.model_validate(
        {"name": "wish", "title": {"en": "Wish"}, "table": "wishes", "fields": named, **spec}
    )


def _options(*rows: tuple[float, float, str], kind: DocumentType | None = None) -> list[Option]:
    layout, labels = prepare(reading(list(rows)), kind or _kind())
    return Measure(layout, labels, kind or _kind()).options()


def _of(options: list[Option], field: str) -> dict[str, dict[str, float]]:
    return {one.candidate.value: dict(one.features) for one in options if one.field == field}


def test_a_name_in_a_sentence_is_a_candidate_without_a_label() -> None:
    found = _of(_options((50, 100, "With this letter Ann Hill turns to you with a request.")), "reader")
    assert found["Ann Hill"]["label"] == 0
    assert not _of(_options((50, 100, "Ann Hill")), "reader"), "no sentence"


def test_a_company_in_a_sentence_ends_with_its_legal_form() -> None:
    found = _of(_options((50, 100, "At present I learn at Northern Dance Limited every Monday.")), "school")
    assert "Northern Dance Limited" in found


def test_a_label_may_follow_its_value() -> None:
    found = _of(_options((50, 100, "The books go to John Lake, my neighbour, as we agreed.")), "helper")
    assert found["John Lake"]["label_after"] == 1
    assert found["John Lake"]["label"] > 0.5


def test_a_phrase_in_other_endings_and_with_words_between() -> None:
    found = _of(_options((50, 100, "Our daughter applies to the school for dance lessons, please.")), "wish")
    assert found["dance lessons"]["label"] > 0.5
    other = _of(_options((50, 100, "We apply here. It is all for dance lessons now.")), "wish")
    assert "dance lessons" not in other, "another sentence"


_LONG = "It has been a great joy for all of us to come to your house every week and so please let me pay the lessons"


def test_a_phrase_that_the_end_of_a_line_parts() -> None:
    found = _of(_options((40, 100, _LONG), (40, 112, "of 03/2025 only.")), "month")
    assert found["03/2025"]["label"] > 0.7


def test_what_stands_before_and_behind() -> None:
    found = _of(_options((50, 100, "The wish is dance lessons, nothing else matters to us.")), "wish")
    assert (found["dance lessons"]["before"], found["dance lessons"]["behind"]) == (4, 2)


def test_whose_paper_it_is() -> None:
    kind = _kind(issued_by="school")
    found = _of(_options((50, 60, "Northern Dance Limited"), kind=kind), "school")
    assert found["Northern Dance Limited"]["issuer"] == 1
    assert "issuer" not in _of(_options((50, 60, "Northern Dance Limited")), "school")["Northern Dance Limited"]


def test_every_type_says_who_issues_it_by_a_party_or_a_field_of_its_own() -> None:
    for kind in document_types().values():
        if kind.issued_by:
            assert any(name == kind.issued_by or name.startswith(f"{kind.issued_by}_") for name in kind.fields)
