"""The measures, against cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.evaluate.metrics import (
    Score,
    acceptable,
    aurc,
    auroc,
    calibration_error,
    interval,
    monotone,
    reliability,
    risk_coverage,
    sums,
    upper95,
)


def judged(*pairs: tuple[float, bool]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([one[0] for one in pairs], float), np.array([one[1] for one in pairs], bool)


def test_a_wrong_value_in_the_place_of_another_counts_against_both() -> None:
    score = sums([Score(right=3), Score(wrong=1, missing=1)])
    assert (score.precision, score.recall, score.f1) == (0.75, 0.75, 0.75)
    assert Score(right=1, missing=1).precision == 1
    assert Score().f1 is Score().precision is Score().recall is None


def test_the_error_is_the_gap_between_promise_and_outcome() -> None:
    assert calibration_error(*judged((0.75, True), (0.75, True), (0.75, True), (0.75, False))) == pytest.approx(0)
    assert calibration_error(*judged(*[(0.95, False)] * 10)) == pytest.approx(0.95)
    assert calibration_error(*judged((1.0, True), (0.0, False))) == 0
    assert calibration_error(*judged()) == 0


def test_the_table_of_a_reliability_diagram_has_the_bins_that_hold_something() -> None:
    low, high = reliability(*judged((0.31, False), (0.35, True), (1.0, True)))
    assert (low.low, low.count, low.chance, low.right) == (0.3, 2, pytest.approx(0.33), 0.5)
    assert (high.low, high.high, high.count, high.right) == (0.9, 1.0, 1, 1.0)


def test_order_is_measured_with_ties_halved() -> None:
    assert auroc(*judged((0.1, False), (0.2, False), (0.9, True))) == 1.0
    assert auroc(*judged((0.5, False), (0.5, True))) == 0.5
    assert auroc(*judged((0.9, False), (0.1, True))) == 0.0


def test_violators_are_pooled() -> None:
    points = monotone(*judged((0.2, False), (0.4, True), (0.6, False), (0.8, True)))
    assert points == ((0.2, 0.0), (0.4, 0.5), (0.6, 0.5), (0.8, 1.0))


def test_risk_rises_as_more_is_accepted_and_ties_come_together() -> None:
    values = judged((0.9, True), (0.9, True), (0.8, False), (0.5, True))
    assert risk_coverage(*values) == ((0.5, 0.0), (0.75, pytest.approx(1 / 3)), (1.0, 0.25))
    assert aurc(*values) == pytest.approx(0.5 * 0 + 0.25 / 3 + 0.25 * 0.25)
    assert aurc(*judged((0.9, False), (0.1, True))) > aurc(*judged((0.9, True), (0.1, False)))


def test_what_may_be_accepted_is_the_most_within_the_bound() -> None:
    values = judged(*[(0.99, True)] * 99, (0.98, False), *[(0.5, False)] * 10)
    one = acceptable(*values, wanted=200, risk=0.01)
    assert (one.threshold, one.accepted, one.wrong) == (0.98, 100, 1)
    assert (one.of_found, one.of_wanted) == (pytest.approx(100 / 110), pytest.approx(99 / 200))
    assert one.upper95 == pytest.approx(0.0466, abs=1e-3)
    none = acceptable(*judged((0.9, False), (0.5, True)), wanted=2, risk=0.01)
    assert (none.threshold, none.accepted, none.of_wanted) == (None, 0, 0.0)


def test_a_few_right_ones_prove_little() -> None:
    assert upper95(0, 1) == pytest.approx(0.95)
    assert upper95(0, 300) == pytest.approx(0.01, abs=1e-3)
    assert upper95(0, 0) == 1


def test_where_f1_lies_is_told_by_drawing_documents_again() -> None:
    alike = interval([Score(right=9, missing=1)] * 50)
    assert alike == (pytest.approx(18 / 19), pytest.approx(18 / 19))
    mixed = interval([Score(right=10), Score(missing=10)] * 25)
    assert mixed is not None
    assert 0.4 < mixed[0] < sums([Score(right=10), Score(missing=10)]).f1 < mixed[1] < 0.85
    assert interval([Score()]) is None
    assert interval([]) is None
