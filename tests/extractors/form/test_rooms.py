"""The parts of form reading: labels in other words, words beside labels, crosses, columns, the joint decision."""

from __future__ import annotations

import pytest

from extractors.candidates.base import make
from extractors.form.decode import decide
from extractors.form.fields import prepare
from extractors.form.measure import Measure
from extractors.form.phrases import SOFT, is_firm
from extractors.form.spans import spans
from extractors.page.labels import LabelHit
from extractors.scoring import Option
from models.document_types import DocumentType, Kind, document_types
from models.records import Reading
from tests.extractors.form.made_up import CARD, library_card
from tests.extractors.readings import reading


def hits(made: Reading, kind: DocumentType) -> dict[str, LabelHit]:
    return {hit.text: hit for hit in prepare(made, kind)[1].hits}


def values(made: Reading, kind: DocumentType, field: str) -> set[str]:
    """The values of all candidates beside a field's labels."""
    layout, labels = prepare(made, kind)
    own = [hit for hit in labels.hits if field in hit.names]
    return {span.value for span in spans(kind.fields[field].kind, own, layout, labels)}


def test_a_label_in_other_words_is_found_but_not_firm() -> None:
    found = hits(
        reading([(50, 100, "Reader's name:"), (50, 130, "Annual library fee"), (200, 130, "5.00")]), library_card()
    )
    assert "reader_name" in found["Reader's name:"].names
    assert "fee" in found["Annual library fee"].names
    assert SOFT in found["Annual library fee"].names
    assert not is_firm(found["Annual library fee"])
    assert found["Annual library fee"].likeness < 0.95


def test_a_phrase_like_none_of_ours_keeps_its_value_from_our_labels() -> None:
    found = hits(reading([(50, 100, "Shoe size:"), (200, 100, "44")]), library_card())
    assert found["Shoe size:"].is_other()


def test_a_bare_number_is_the_documents_own() -> None:
    kind = document_types()["bank_statement"]
    found = hits(reading([(50, 100, "Nummer:"), (200, 100, "2025/01")]), kind)
    assert "statement_number" in found["Nummer:"].names
    assert found["Nummer:"].likeness < 1


def test_words_right_of_below_and_over_a_label() -> None:
    kind = library_card()
    assert "Old Harbour" in values(reading([(50, 100, "Branch: Old Harbour")]), kind, "branch")
    assert "Old Harbour" in values(reading([(50, 100, "Branch"), (300, 100, "Old Harbour")]), kind, "branch")
    assert "Old Harbour" in values(reading([(50, 100, "Branch"), (50, 114, "Old Harbour")]), kind, "branch")
    assert "Old Harbour" in values(reading([(50, 100, "Old Harbour"), (50, 113, "Branch")]), kind, "branch")


def test_a_value_in_two_lines_ends_at_the_next_label() -> None:
    rows = [(50, 100, "Branch:"), (150, 100, "Old Harbour"), (150, 113, "at the pier"), (50, 126, "Deposit:")]
    found = values(reading(rows), library_card(), "branch")
    assert "Old Harbour at the pier" in found
    assert not any("Deposit" in value for value in found)


@pytest.mark.parametrize("line", ["Branch: Harbour X Pier", "Branch: Harbour ☒ Pier"])
def test_beside_a_cross_stands_what_was_chosen(line: str) -> None:
    assert {"Harbour", "Pier"} <= values(reading([(50, 100, line)]), library_card(), "branch")


def test_empty_boxes_part_what_was_chosen_from_what_was_not() -> None:
    found = values(reading([(50, 100, "Branch: 冈 Old Harbour □ Pier □ Hill")]), library_card(), "branch")
    assert "Old Harbour" in found
    assert not any("□" in value for value in found)


def test_a_sentence_goes_on_after_the_name() -> None:
    found = values(reading([(50, 100, "my reader is Margaret Hill and she is tall.")]), library_card(), "reader_name")
    assert "Margaret Hill" in found


def features(made: Reading, kind: DocumentType, field: str, value: str) -> dict[str, float]:
    layout, labels = prepare(made, kind)
    return next(
        dict(one.features)
        for one in Measure(layout, labels, kind).options()
        if one.field == field and one.candidate.value == value
    )


def test_the_sum_of_a_column_is_seen() -> None:
    rows = [
        (50, 100, "Books lent"),
        *((50, 115 + 13 * n, str(n + 1)) for n in range(3)),
        (50, 160, "6"),
        (50, 175, "7"),
    ]
    assert features(reading(rows), library_card(), "books", "6")["column_sum"] == 1
    assert features(reading(rows), library_card(), "books", "7")["column_sum"] == 0


def test_the_sums_that_the_type_declares() -> None:
    assert features(reading(CARD), library_card(), "total", "32.50")["sums"] == 1
    wrong = [row if row[2] != "£32.50" else (200, 270, "£33.50") for row in CARD]
    assert features(reading(wrong), library_card(), "total", "33.50")["sums"] == 0


def test_the_ends_of_a_period_share_its_label() -> None:
    kind = library_card()
    first = features(reading(CARD), kind, "open_from", "2025-03-03")
    last = features(reading(CARD), kind, "open_to", "2025-03-31")
    assert (first["label_turn"], first["label_nth"], first["range_first"], first["range_second"]) == (0, 0, 1, 0)
    assert (last["label_turn"], last["label_nth"], last["range_first"], last["range_second"]) == (1, 1, 0, 1)


# --- the joint decision ------------------------------------------------------------------------------------------


def option(field: str, text: str, chance: float, kind: Kind = Kind.TEXT, value: str = "") -> Option:
    """An option at the place of ``text`` on one line."""
    layout, _ = prepare(reading([(50, 100, "one two three four")]), library_card())
    start = layout.lines[0].text.index(text)
    return Option(make(kind, value or text, layout.lines[0], start, start + len(text), "test"), field, {}, chance)


def test_no_two_fields_take_one_place_and_the_likelier_wins() -> None:
    some = [option("fee", "one", 0.7), option("deposit", "one", 0.9), option("fee", "two", 0.6)]
    chosen = decide(some, library_card(), 0.5)
    assert {name: one.candidate.value for name, one in chosen.items()} == {"deposit": "one", "fee": "two"}


def test_a_currency_stands_within_an_amount() -> None:
    chosen = decide([option("fee", "one", 0.9), option("currency", "one", 0.8)], library_card(), 0.5)
    assert set(chosen) == {"fee", "currency"}


def test_what_is_not_likely_enough_is_left_out() -> None:
    assert not decide([option("fee", "one", 0.49)], library_card(), 0.5)


def test_a_period_does_not_end_before_it_starts() -> None:
    early, late = "2025-03-01", "2025-03-31"
    some = [
        option("open_from", "two", 0.8, Kind.DATE, late),
        option("open_from", "one", 0.7, Kind.DATE, early),
        option("open_to", "two", 0.9, Kind.DATE, late),
        option("open_to", "one", 0.2, Kind.DATE, early),
    ]
    chosen = decide(some, library_card(), 0.5)
    assert {name: one.candidate.value for name, one in chosen.items()} == {"open_from": early, "open_to": late}


def claimed(rows: list[tuple[float, float, str]], field: str) -> set[str]:
    kind = library_card()
    layout, labels = prepare(reading(rows), kind)
    return {one.candidate.value for one in Measure(layout, labels, kind).options() if one.field == field}


def test_a_caption_may_stand_in_the_middle_of_its_part_of_the_line_or_at_its_end() -> None:
    rows = [(50, 100, "Margaret Hill"), (300, 100, "Old Harbour"), (150, 113, "Reader"), (400, 113, "Branch")]
    assert claimed(rows, "branch") == {"Old Harbour"}
    assert claimed(rows, "reader_name") == {"Margaret Hill"}


def test_where_dates_and_amounts_stand_from_their_labels_tells_of_the_others() -> None:
    kind = library_card()
    rows = [(50, 100, "£12.50"), (50, 113, "Annual fee"), (50, 140, "3 March 2025"), (50, 153, "Lent from")]
    rows += [(50, 180, "Old Harbour"), (50, 193, "Branch"), (50, 220, "LC-20418"), (50, 233, "Card number")]
    layout, labels = prepare(reading(rows), kind)
    ways = {
        o.candidate.value: o.features["way"] for o in Measure(layout, labels, kind).options() if o.field == "branch"
    }
    assert ways["Old Harbour"] > 0.5 > ways["LC-20418"]


def test_a_value_may_begin_with_a_word_that_is_a_label() -> None:
    kind = document_types()["timesheet"]
    assert "Cost centre 120" in values(
        reading([(50, 100, "Department"), (300, 100, "Cost centre 120")]), kind, "department"
    )


def test_what_a_sentence_says_ends_with_its_clause() -> None:
    kind = library_card()
    told = values(reading([(50, 100, "The branch is Old Harbour, as agreed.")]), kind, "branch")
    assert "Old Harbour" in told
