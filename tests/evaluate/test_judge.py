"""One document against its truth, and the figures of several."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from models.records import (
    Classification,
    Decision,
    Extraction,
    Field,
    LineItem,
    Page,
    Reading,
    Route,
    Source,
    Understanding,
    Word,
)
from models.settings import Settings
from pipeline.evaluate.figures import figures
from pipeline.evaluate.judge import Judged, Verdict, judge, judge_refused
from pipeline.evaluate.metrics import Score
from pipeline.evaluate.truth import Truth

PATH = Path("a.pdf")
TRUTH = Truth(
    "a",
    "a.pdf",
    PATH,
    "invoice",
    {"invoice_number": "7", "net_total": "100.00", "gross_total": "121.00", "currency": "CZK"},
    ({"description": "Paper", "quantity": "2", "net_amount": "40.00"}, {"description": "Ink", "net_amount": "60.00"}),
)
RIGHT = (
    Field("invoice_number", "7", confidence=0.99),
    Field("net_total", "100.00", confidence=0.9),
    Field("gross_total", "121.00", confidence=0.9),
    Field("currency", "CZK", confidence=0.8),
)
ROWS = (
    LineItem("Paper", "2", "ks", "20.00", "40.00", confidence=0.9),
    LineItem("Ink", None, None, None, "60.00", confidence=0.8),
)


def made(
    fields: tuple[Field, ...] = RIGHT,
    rows: tuple[LineItem, ...] = ROWS,
    kind: str = "invoice",
    sure: float = 0.95,
    route: Route = Route.REVIEW,
) -> Understanding:
    reading = Reading("application/pdf", (Page(1, 595, 842, Source.TEXT),))
    return Understanding(reading, Classification(kind, sure), Extraction(fields, rows), (), Decision(route))


def judged(truth: Truth = TRUTH, **found: object) -> Judged:
    return judge(truth, "application/pdf", made(**found), Settings())  # type: ignore[arg-type]


def verdicts(one: Judged) -> dict[str, str]:
    return {field.name: field.verdict.value for field in one.fields}


def test_all_right() -> None:
    one = judged()
    assert set(verdicts(one).values()) == {"right"}
    assert one.right
    assert one.badness == 0


def test_wrong_missing_and_invented() -> None:
    fields = (replace(RIGHT[0], value="8"), RIGHT[1], RIGHT[3], Field("iban", "CZ65", confidence=0.7))
    one = judged(fields=fields)
    assert verdicts(one) == {
        "invoice_number": "wrong",
        "net_total": "right",
        "gross_total": "missing",
        "currency": "right",
        "iban": "invented",
    }
    assert one.score == Score(right=2, wrong=2, missing=2)
    assert not one.right


def test_a_miss_is_told_where_it_stands() -> None:
    words = (Word("Celkem", (5, 5, 40, 15)), Word("121,00", (50, 5, 80, 15)))
    found = replace(made(fields=()), reading=Reading("application/pdf", (Page(1, 595, 842, Source.TEXT, words),)))
    one = judge(TRUTH, "application/pdf", found, Settings())
    assert {field.name: field.stands for field in one.fields if field.stands} == {"gross_total": (1, (50, 5, 80, 15))}
    sums = figures([one])
    assert (sums.missed, sums.missed_in_words) == (4, 1)


def test_what_follows_from_the_totals_may_be_found_but_must_agree() -> None:
    assert verdicts(judged(fields=(*RIGHT, Field("tax_total", "21.00"))))["tax_total"] == "right"
    assert verdicts(judged(fields=(*RIGHT, Field("tax_total", "22.00"))))["tax_total"] == "invented"
    assert "tax_total" not in verdicts(judged())


def test_data_may_say_more_than_the_page() -> None:
    more = Field("buyer_reference", "Ref", source=Source.XML)
    assert "buyer_reference" not in verdicts(judged(fields=(*RIGHT, more)))
    denied = replace(TRUTH, fields={**TRUTH.fields, "buyer_reference": None})
    assert verdicts(judged(denied, fields=(*RIGHT, more)))["buyer_reference"] == "invented"


def test_a_partial_truth_judges_only_what_it_names() -> None:
    truth = replace(TRUTH, fields={"invoice_number": "7", "iban": None}, partial=True)
    fields = (*RIGHT, Field("iban", "CZ65"))
    assert verdicts(judged(truth, fields=fields)) == {"invoice_number": "right", "iban": "invented"}
    long = replace(ROWS[0], description="A-17 Paper, white, 80 g, 500 sheets")
    rows = (long, ROWS[1])
    assert judged(truth, rows=rows).rows_right
    assert not judged(rows=rows).rows_right


def test_a_field_that_the_true_type_does_not_have_is_invented() -> None:
    one = judged(kind="receipt", fields=(*RIGHT, Field("company", "Gastro")))
    assert verdicts(one)["company"] == "invented"
    assert not one.right


def test_what_is_listed_of_an_unknown_document_is_no_claim() -> None:
    one = judged(kind="other", fields=(Field("text", "Faktura 7"), Field("dates", "2026-01-31")), rows=())
    assert set(verdicts(one).values()) == {"missing"}
    letter = replace(TRUTH, type="other", fields={}, line_items=None)
    assert judged(letter, kind="other", fields=(Field("text", "Hello"),), rows=()).right


def test_rows_are_paired_by_what_they_say_not_by_their_place() -> None:
    one = judged(rows=(ROWS[1], ROWS[0]))
    assert one.rows is not None
    assert [row.right for row in one.rows] == [True, True]
    extra = judged(rows=(*ROWS, LineItem("Total", None, None, None, "100.00")))
    assert extra.rows is not None
    assert [row.right for row in extra.rows] == [True, True, False]
    assert [cell for row in extra.rows for cell in row.cells()][-2:] == [
        ("description", Score(wrong=1)),
        ("net_amount", Score(wrong=1)),
    ]


def test_cells_count_what_is_named_and_a_missing_row_misses_all_of_it() -> None:
    wrong = judged(rows=(replace(ROWS[0], quantity="3"),))
    assert wrong.rows is not None
    cells = [cell for row in wrong.rows for cell in row.cells()]
    assert ("quantity", Score(wrong=1, missing=1)) in cells
    assert cells[-2:] == [("description", Score(missing=1)), ("net_amount", Score(missing=1))]


def test_rows_that_the_truth_does_not_tell_are_not_judged() -> None:
    assert judged(replace(TRUTH, line_items=None)).rows is None
    assert judged(replace(TRUTH, line_items=())).rows_right is False
    assert judged(replace(TRUTH, line_items=(), partial=True)).rows is None


def test_a_file_that_cannot_be_read_misses_everything() -> None:
    one = judge_refused(TRUTH, "application/pdf", "damaged", "broken")
    assert one.score == Score(missing=4)
    assert not one.right
    refusal = replace(TRUTH, refusal="password")
    assert judge_refused(refusal, "application/pdf", "password", "locked").right
    assert not judge_refused(refusal, "application/pdf", "damaged", "broken").right
    assert not judged(refusal).right


def test_the_worst_is_what_was_loaded_wrong_and_sure() -> None:
    wrong = (*RIGHT[:3], replace(RIGHT[3], value="EUR", confidence=0.99))
    modest = (*RIGHT[:3], replace(RIGHT[3], value="EUR", confidence=0.4))
    loaded, sure = judged(fields=wrong, route=Route.AUTO), judged(fields=wrong)
    assert loaded.badness > sure.badness > judged(fields=modest).badness > 0


def test_figures() -> None:
    others = [replace(TRUTH, file=f"{name}.pdf") for name in "bcde"]
    wrong = (*RIGHT[:3], replace(RIGHT[3], value="EUR", confidence=0.6))
    some = [
        judged(route=Route.AUTO),
        judged(others[0], fields=wrong, route=Route.AUTO),
        judged(others[1], fields=RIGHT[:3], route=Route.AUTO),
        judged(others[2], kind="credit_note", sure=0.5),
        judge_refused(others[3], "", "damaged", "broken"),
        judge_refused(replace(TRUTH, file="f.pdf", refusal="type"), "", "type", "no"),
    ]
    sums = figures(some)
    assert (sums.documents, sums.to_refuse, sums.refused_right) == (5, 1, 1)
    assert sums.fields == Score(right=14, wrong=1, missing=6)
    assert sums.by_field["invoice"]["currency"] == Score(right=2, wrong=1, missing=3)
    assert next(iter(sums.by_field["invoice"])) == "invoice_number"
    assert (sums.documents_right, sums.headers_right) == (1, 2)
    assert (sums.types.documents, sums.types.right, sums.types.decided, sums.types.decided_right) == (4, 3, 3, 3)
    assert (sums.straight.through, sums.straight.wrong, sums.straight.incomplete) == (3, ("b.pdf",), ("c.pdf",))
    assert sums.unreadable == (("e.pdf", "damaged"),)
    assert sums.rows is not None
    assert (sums.rows.documents, sums.rows.tables_right) == (5, 4)
    assert sums.rows.whole == Score(right=8, missing=2)
    assert sums.sureness is not None
    assert (sums.sureness.values, sums.sureness.right, sums.sureness.auroc) == (15, 14, 1.0)
    assert sums.worst[0] == "e.pdf"
    assert "a.pdf" not in sums.worst


def test_reasons_are_counted_without_their_numbers() -> None:
    said = (
        "Due date is doubtful (61%)",
        "Line 3: 2 × 5.00 is 10.00",
        "IBAN CZ6508 is not valid",
        "IBAN DE12 is not valid",
    )
    some = [replace(judged(), decision=Decision(Route.REVIEW, said)), judged()]
    assert figures(some).reasons[0][1] == 1
    assert dict(figures(some).reasons) == {
        "Due date is doubtful (…%)": 1,
        "Line …: … × … is …": 1,
        "IBAN … is not valid": 1,
    }


def test_figures_are_told_apart_by_language_where_the_truth_tells_it() -> None:
    german, czech = (replace(TRUTH, file=f"{name}.pdf", language=name) for name in ("de", "cs"))
    sums = figures([judged(german), judged(czech, fields=RIGHT[:3]), judged()])
    assert sums.by_language == {"invoice": {"cs": Score(right=3, missing=1), "de": Score(right=4)}}


def test_a_wrong_type_that_was_sure_is_a_mistake() -> None:
    sums = figures([judged(kind="credit_note")])
    assert sums.types.mistakes == (("invoice", "credit_note", 1),)


@pytest.mark.parametrize("some", [[], [judge_refused(replace(TRUTH, refusal="type"), "", "type", "no")]])
def test_nothing_to_judge_is_no_error(some: list[Judged]) -> None:
    sums = figures(some)
    assert sums.fields.f1 is None
    assert sums.rows is sums.sureness is None


def test_verdicts_are_those_that_the_report_has_words_for() -> None:
    from pipeline.evaluate.report import _VERDICTS

    assert set(_VERDICTS) == set(Verdict) - {Verdict.RIGHT}
