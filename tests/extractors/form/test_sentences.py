"""Values in the sentences of a letter: phrases count there alone, and a value may go on in the next line."""

from __future__ import annotations

from extractors.form.fields import prepare
from extractors.form.measure import Measure
from models.document_types import DocumentType
from tests.extractors.readings import reading


def _letter() -> DocumentType:
    fields = {
        "fee": {"kind": "amount", "labels": {"en": ["annual fee"]}, "phrases": {"en": ["in the sum of"]}},
        "home": {"kind": "address", "labels": {"en": ["address"]}, "phrases": {"en": ["residing at"]}},
        "day": {"kind": "date", "labels": {"en": ["date"]}, "phrases": {"en": ["starting on"]}},
        "account": {"kind": "iban", "labels": {"en": ["account"]}},
    }
    named = {name: {"title": {"en": name}, **spec} for name, spec in fields.items()}
    return DocumentType.model_validate(
        {"name": "letter", "title": {"en": "Letter"}, "table": "letters", "fields": named}
    )


def _values(rows: list[tuple[float, float, str]], field: str, least: float = 0.6) -> set[str]:
    """The values of the candidates that a label of ``field`` governs."""
    layout, labels = prepare(reading(rows), _letter())
    options = Measure(layout, labels, _letter()).options()
    return {one.candidate.value for one in options if one.field == field and one.features["label"] > least}


def test_a_phrase_counts_in_a_sentence_and_not_in_a_form() -> None:
    assert "250.00" in _values([(60, 100, "I kindly ask for a loan in the sum of 250.00 GBP today.")], "fee")
    assert not _values([(60, 100, "in the sum of"), (200, 100, "250.00 GBP")], "fee")


def test_a_value_ends_within_its_sentence() -> None:
    row = (60.0, 100.0, "I am Ann Hill residing at Mill Lane 4, Oldham and would like to have a card from you.")
    assert "Mill Lane 4, Oldham" in _values([row], "home")


_FIRST = "Dear all, I have been a member of your library for years and now and then forget my books, so starting on"


def test_a_label_governs_what_the_end_of_its_line_parts_from_it() -> None:
    rows: list[tuple[float, float, str]] = [
        (40, 100, _FIRST),
        (40, 112, "4 May 2025 please remind me of them by a letter."),
    ]
    assert _values(rows, "day") == {"2025-05-04"}
    assert not _values([rows[0], (40, 160, rows[1][2])], "day")
    assert not _values([rows[0], (40, 112, "Thank you. With regards, 4 May 2025")], "day")


def test_a_value_goes_on_in_the_next_line() -> None:
    first = _FIRST.replace("so starting on", "so take the fee from my account GB53 BARC 4244")
    rows: list[tuple[float, float, str]] = [(40, 100, first), (40, 112, "1665 4894 53 every month, as we agreed.")]
    assert "GB53BARC42441665489453" in _values(rows, "account", 0.3)
    first = _FIRST.replace("so starting on", "who is residing at Mill Lane 4,")
    assert "Mill Lane 4, Oldham" in _values([(40, 100, first), (40, 112, "Oldham and would like a card.")], "home")
