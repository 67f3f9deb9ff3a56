"""A confidence is a measured probability: the curves, and the one place where they are applied."""

from __future__ import annotations

from itertools import pairwise

import pytest
from pydantic import ValidationError

from extractors import extract, extract_scored
from extractors.calibrate import calibrated, is_ocr
from models.calibration import Calibration, Curve, calibration, dumps, loads
from models.document_types import document_types
from models.records import Extraction, Field, LineItem, Page, Reading, Source
from tests.extractors import readings

STEEP = Curve((0.2, 0.8), (0.1, 0.9))
FLAT = Curve((0.5,), (0.7,))


def test_a_curve_is_linear_inside_level_above_and_falls_to_nothing_below() -> None:
    assert STEEP(0.0) == FLAT(0.0) == 0.0
    assert STEEP(0.1) == pytest.approx(0.05)
    assert STEEP(0.5) == pytest.approx(0.5)
    assert STEEP(0.8) == STEEP(1.0) == 0.9
    assert FLAT(0.1) == pytest.approx(0.14)
    assert FLAT(0.5) == FLAT(0.9) == 0.7


@pytest.mark.parametrize(
    ("scores", "chances"),
    [((), ()), ((0.1,), ()), ((0.5, 0.5), (0.1, 0.2)), ((0.1, 0.2), (0.5, 0.4)), ((0.1,), (1.2,))],
)
def test_what_is_no_curve_is_refused(scores: tuple[float, ...], chances: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=r"curve|chances|scores"):
        Curve(scores, chances)


def test_curves_survive_their_file_and_a_falling_one_does_not() -> None:
    curves = Calibration(text=STEEP, ocr=FLAT)
    assert loads(dumps(curves)) == curves
    with pytest.raises(ValidationError):
        loads(b'{"text": {"scores": [0.1, 0.2], "chances": [0.9, 0.1]}, "ocr": {"scores": [0.5], "chances": [0.7]}}')


def test_only_confidences_of_rows_change_each_by_the_curve_of_its_page() -> None:
    reading = Reading("image/tiff", (Page(1, 595, 842, Source.TESSERACT), Page(2, 595, 842, Source.TEXT)))
    before = Extraction(
        (Field("issue_date", "2025-01-02", "2.1.2025", 0.8, 1, (1, 2, 3, 4), Source.TESSERACT),),
        (
            LineItem("A", net_amount="1.00", page=2, confidence=0.8),
            LineItem("B", net_amount="2.00", page=1, confidence=0.8),
            LineItem("C", net_amount="3.00", confidence=0.8),
        ),
    )
    after = calibrated(before, reading, Calibration(text=STEEP, ocr=FLAT))
    assert after.fields == before.fields
    assert [row.confidence for row in after.line_items] == [0.9, 0.7, 0.7]
    assert [(row.description, row.net_amount) for row in after.line_items] == [
        ("A", "1.00"),
        ("B", "2.00"),
        ("C", "3.00"),
    ]
    assert [is_ocr(row, reading) for row in before.line_items] == [False, True, True]


def test_what_ships_is_monotone_promises_nothing_certain_and_trusts_ocr_less() -> None:
    curves = calibration()
    for curve in (curves.text, curves.ocr):
        marks = [curve(step / 50) for step in range(51)]
        assert all(a <= b for a, b in pairwise(marks))
        assert marks[-1] <= 0.99
    assert curves.ocr(0.8) < curves.text(0.8)


def test_extract_gives_rows_the_chances_of_their_scores_and_leaves_the_fields() -> None:
    reading = readings.reading(readings.CZECH_INVOICE)
    kind = document_types()["invoice"]
    scored, found = extract_scored(reading, kind), extract(reading, kind)
    assert scored.line_items
    for before, after in zip(scored.line_items, found.line_items, strict=True):
        assert after.confidence == calibration().chance(before.confidence, ocr=False)
    # the model of the header has measured its probabilities itself
    assert [field.confidence for field in found.fields] == [field.confidence for field in scored.fields]
