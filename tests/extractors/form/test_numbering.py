"""Numbers of questions go, whatever else is numbered stays."""

from __future__ import annotations

from extractors.form.numbering import without_numbers
from models.records import Reading
from tests.extractors.readings import reading


def texts(made: Reading) -> list[str]:
    return [word.text for word in without_numbers(made).pages[0].words]


def numbered(*signs: str) -> Reading:
    questions = ("Reader", "Branch", "Annual fee", "Deposit")
    return reading(
        [
            (50, 100 + 30 * row, f"{sign} {question}")
            for row, (sign, question) in enumerate(zip(signs, questions, strict=False))
        ]
    )


def test_questions_that_are_counted_lose_their_numbers() -> None:
    assert texts(numbered("1.", "2.", "3.", "4.")) == ["Reader", "Branch", "Annual", "fee", "Deposit"]
    assert texts(numbered("A1", "A2", "A3"))[:2] == ["Reader", "Branch"]
    assert texts(numbered("1.4", "1.5", "1.6"))[:2] == ["Reader", "Branch"]


def test_numbers_that_count_nothing_stay() -> None:
    made = numbered("1.", "5.", "12.", "3.")
    assert without_numbers(made) is made
    assert texts(numbered("1.", "2.")) == ["1.", "Reader", "2.", "Branch"], "two are no list"
    days = reading([(50, 100 + 20 * day, f"Paid on {day}. March") for day in range(1, 5)])
    assert without_numbers(days) is days, "they stand within a line"
    plain = reading([(50, 100 + 20 * row, f"{row} books") for row in range(1, 5)])
    assert without_numbers(plain) is plain, "a bare number is a value"
