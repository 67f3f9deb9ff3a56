"""The ticked choice is the value, wherever its box stands."""

from __future__ import annotations

import pytest

from extractors.form.fields import prepare
from extractors.form.measure import Measure
from extractors.form.ticks import checked, is_marked
from tests.extractors.form.made_up import library_card
from tests.extractors.readings import reading

Rows = list[tuple[float, float, str]]


def choice(rows: Rows) -> set[str]:
    """The values of the branch that count as ticked."""
    layout, labels = prepare(reading(rows), library_card())
    options = Measure(layout, labels, library_card()).options()
    return {one.candidate.value for one in options if one.field == "branch" and one.features.get("checked") == 1}


@pytest.mark.parametrize(
    "rows",
    [
        [(50, 100, "Branch: [ ] Riverside [x] Old Harbour [ ] Hill")],
        [(50, 100, "Branch"), (50, 114, "☐ Riverside"), (50, 128, "☒ Old Harbour"), (50, 142, "☐ Hill")],
        [(50, 100, "Branch"), (200, 100, "Riverside"), (200, 114, "X Old Harbour"), (200, 128, "Hill")],
        [(50, 100, "☐ Riverside"), (250, 100, "☑ Old Harbour"), (50, 113, "Branch")],
        [(50, 100, "Branch"), (60, 114, "( ) Riverside"), (250, 114, "(x) Old Harbour"), (420, 114, "( ) Hill")],
    ],
)
def test_the_ticked_choice_is_a_candidate_and_said_to_be_ticked(rows: Rows) -> None:
    assert "Old Harbour" in choice(rows)
    assert not choice(rows) & {"Riverside", "Hill"}


def test_two_ticks_choose_nothing() -> None:
    assert not choice([(50, 100, "Branch: [x] Riverside [x] Old Harbour")])


def test_choices_end_at_the_next_label() -> None:
    rows: Rows = [(50, 100, "Branch"), (50, 114, "Deposit:"), (50, 128, "☒ Old Harbour")]
    assert "Old Harbour" not in choice(rows)


def test_where_a_cross_stands() -> None:
    assert checked("[x] ", "") == 1
    assert checked("", " ☒") == 0.5
    assert checked("Riverside ", " ☐ Hill ☒ Harbour") == -1
    assert checked("Exeter ", "") == 0
    assert is_marked("Old Harbour [x]") and is_marked("X Old Harbour") and not is_marked("Oxford")
