"""Dates and amounts of receipts: which there are, and what is seen of them. All of it is invented."""

from __future__ import annotations

import pytest

from extractors import extract
from extractors.candidates.amounts import amount_candidates
from extractors.page.layout import Layout, lay_out
from extractors.receipt.amounts import NAMES, Amounts
from extractors.receipt.day import days
from extractors.receipt.lines import head_lines, line_features
from extractors.receipt.model import Choice, Surety, receipt_models
from extractors.scoring import Trace
from models.document_types import document_types
from models.errors import MissingTool
from models.records import Source, Witness
from tests.extractors.readings import RECEIPT, reading

KIND = document_types()["receipt"]
Rows = list[tuple[float, float, str]]


def layout(rows: Rows) -> Layout:
    return lay_out(reading(rows, source=Source.RAPIDOCR, width=300, height=500))


def features(rows: Rows) -> dict[str, dict[str, float]]:
    """What is seen of each amount, by its value; of the last place where it stands."""
    made = layout(rows)
    money = Amounts(made, amount_candidates(made))
    assert all(set(row) == set(NAMES) for row in money.features)
    return {one.value: row for one, row in zip(money.money, money.features, strict=True)}


def test_arithmetic_speaks_for_the_total() -> None:
    seen = features(RECEIPT)
    assert seen["31.45"]["paid"] == 1 and seen["31.45"]["rounded_from"] == 1 and seen["31.45"]["says_total"] == 1
    assert seen["31.47"]["paid"] == 0 and seen["31.47"]["rounded_to"] == 1 and seen["31.47"]["count"] == 2
    assert seen["18.55"]["says_change"] == 1
    assert seen["50.00"]["says_cash"] == 1


def test_words_that_an_engine_misread_are_still_alike() -> None:
    rows = [(20, 20, "TQTAI RM"), (240, 20, "9.90"), (20, 40, "CHANCE"), (240, 40, "0.10")]
    seen = features(rows)
    assert seen["9.90"]["like_total"] >= 0.6 > seen["0.10"]["like_total"]
    assert seen["0.10"]["like_change"] >= 0.8


def test_amounts_of_rows_sum_up() -> None:
    rows = [(20, 20 + 14 * n, f"ROW {n}") for n in range(3)] + [
        (240, 20 + 14 * n, text) for n, text in enumerate(("1.10", "2.20", "3.30"))
    ]
    rows += [(20, 80, "TOTAL"), (240, 80, "6.60")]
    assert features(rows)["6.60"]["items"] == 1


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Date : 12/05/201814:33:10", "2018-05-12"),
        ("02:49PM 565287 05~05-17", "2017-05-05"),
        ("INV NO/DATE: K1-001(06/12/2016)", "2016-12-06"),
    ],
)
def test_days_glued_to_a_time_or_with_lost_separators(text: str, day: str) -> None:
    assert day in {one.value for one in days(layout([(20, 20, "SHOP"), (20, 40, text)]))}


def test_the_features_of_a_line_are_those_that_are_described() -> None:
    made = layout(RECEIPT)
    rows = line_features(made, head_lines(made))
    assert rows[1]["legal"] == 1 and rows[1]["bracketed_number"] == 1 and rows[1]["continues"] == 1
    assert rows[0]["legal_later"] == 1 and rows[0]["own_words"] == 2
    assert rows[3]["postcode"] == 1 and rows[5]["phone"] == 1 and rows[6]["title"] == 1
    assert rows[6]["phone_before"] == 1 and rows[2]["phone_before"] == 0


def test_every_decision_can_be_explained() -> None:
    trace = Trace()
    extraction = extract(reading(RECEIPT, source=Source.RAPIDOCR, width=300, height=500), KIND, trace=trace)
    total = trace.fields["total"]
    assert total[0].chosen and total[0].value == extraction.value("total") == "31.45"
    assert {one.value for one in total[1:]} & {"31.47", "50.00"}
    assert total[0].contributions and total[0].box is not None
    assert trace.fields["company"][0].value == extraction.value("company")


def test_a_total_that_ties_out_has_its_witnesses() -> None:
    found = {f.name: f for f in extract(reading(RECEIPT, source=Source.RAPIDOCR, width=300, height=500), KIND).fields}
    assert {Witness.LABEL, Witness.SUM} <= set(found["total"].witnesses)
    assert found["company"].raw == "GREEN LEAF STATIONERY SDN. BHD. (123456-X)"


def test_a_surety_falls_with_doubtful_words_and_near_rivals() -> None:
    surety = Surety(-0.5, (0.6, 0.2, 1.0, -0.5))
    clear = surety.chance(Choice(0.95, 0.02, 0.99, 0.05))
    assert 0 < surety.chance(Choice(0.95, 0.9, 0.99, 0.05)) < clear < 1
    assert surety.chance(Choice(0.95, 0.02, 0.6, 2.0)) < clear


def test_missing_weights_name_the_command(tmp_path) -> None:
    with pytest.raises(MissingTool, match="podatelna train"):
        receipt_models(tmp_path)
