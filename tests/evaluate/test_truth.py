"""Truth is read strictly: what is wrong with it is said, all of it at once, with the place and what was meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.errors import InvalidTruth
from pipeline.evaluate.truth import read_truth

ROOT = Path(__file__).parents[2]
GOOD = {"id": "a", "file": "a.pdf", "type": "invoice", "fields": {"gross_total": "121.00"}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    documents = tmp_path / "documents"
    documents.mkdir()
    for name in ("a.pdf", "b.pdf", "b.png"):
        (documents / name).write_bytes(b"%PDF-")
    (tmp_path / "secret.pdf").write_bytes(b"%PDF-")
    return documents


def problems(folder: Path, *rows: object) -> str:
    source = folder.parent / "truth.jsonl"
    texts = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    source.write_text("\n".join(texts), encoding="utf-8")
    with pytest.raises(InvalidTruth) as caught:
        read_truth(source, folder)
    assert caught.value.exit_code == 3
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"file": "c.pdf"}, "there is no file 'c.pdf'"),
        ({"file": "../secret.pdf"}, "outside of"),
        ({"file": None, "id": "b"}, "more than one document called 'b'"),
        ({"type": "bill"}, "there is no type 'bill'; these are: "),
        ({"type": None}, "the type is missing; these are: "),
        ({"fields": {"gros_total": "1.00"}}, "invoice has no field 'gros_total'; did you mean 'gross_total'?"),
        ({"fields": {"gross_total": "1.234,50"}}, "'1.234,50', which is not the normal form of amount, like 1234.50"),
        ({"fields": {"gross_total": 121}}, "field gross_total is 121; values stand in quotes"),
        ({"fields": {"issue_date": "31. 1. 2026"}}, "not the normal form of date, like 2026-01-31"),
        ({"fields": {"issue_date": "2026-02-30"}}, "not the normal form of date"),
        ({"fields": {"iban": "CZ65 0800 0000"}}, "not the normal form of iban"),
        ({"fields": {"seller_name": " Gastro"}}, "no blanks at its ends"),
        ({"fields": ["gross_total"]}, "fields is an object"),
        ({"fields": None}, "fields is an object"),
        ({"line_items": [{"price": "1.00"}]}, "row 1 has no column 'price'"),
        ({"line_items": [{"quantity": "1 ks"}]}, "row 1, quantity is '1 ks'"),
        ({"line_items": {"quantity": "1"}}, "line_items is a list"),
        ({"type": "receipt", "fields": {}, "line_items": [{"quantity": "1"}]}, "receipt has no line items"),
        ({"partial": "yes"}, "partial is true or false"),
    ],
)
def test_every_mistake_is_named(folder: Path, change: dict[str, object], said: str) -> None:
    message = problems(folder, GOOD | change)
    assert said in message
    assert "line 1: " in message


def test_all_mistakes_are_told_at_once_and_broken_json_with_its_column(folder: Path) -> None:
    message = problems(folder, GOOD | {"fields": {"x": "1", "gross_total": "1,5"}}, '{"id": "b"', "[]", GOOD)
    assert "line 1: invoice has no field 'x'" in message
    assert "line 1: field gross_total" in message
    assert "line 2: this is no JSON" in message
    assert "line 3: a document is an object" in message
    assert "line 4" not in message


def test_many_mistakes_are_cut_short(folder: Path) -> None:
    message = problems(folder, *[GOOD | {"file": f"{number}.pdf"} for number in range(50)])
    assert message.endswith("and 30 more")


def test_the_same_document_twice_and_no_document(folder: Path) -> None:
    assert "'a.pdf' is the document of line 1 too" in problems(folder, GOOD, GOOD | {"id": "other"})
    assert "There is no document in" in problems(folder)


def test_a_folder_of_files_needs_no_names_inside(folder: Path) -> None:
    truths = folder.parent / "truths"
    truths.mkdir()
    row = {"type": "credit_note", "fields": {"due_date": None, "net_total": "1"}, "partial": True}
    (truths / "a.json").write_text(json.dumps(row))
    (one,) = read_truth(truths, folder)
    assert (one.id, one.file, one.type, one.partial, one.line_items) == ("a", "a.pdf", "credit_note", True, None)
    assert one.fields == {"due_date": None, "net_total": "1"}


def test_wrong_check_digits_are_the_truth_where_they_are_printed(folder: Path) -> None:
    source = folder.parent / "truth.jsonl"
    source.write_text(json.dumps(GOOD | {"fields": {"iban": "DE75123456780000001234"}}))
    assert read_truth(source, folder)[0].fields == {"iban": "DE75123456780000001234"}


def test_the_samples_are_in_this_form() -> None:
    truths = read_truth(ROOT / "data" / "samples" / "truth.jsonl", ROOT / "data" / "samples" / "documents")
    assert {one.refusal for one in truths} == {None, "incomplete", "password", "type"}
