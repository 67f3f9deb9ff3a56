"""A confidence is a measured probability: the curves, and the one place where they are applied."""

from __future__ import annotations

from itertools import pairwise

import pytest
from pydantic import ValidationError

from extractors import extract, extract_scored
from extractors.calibrate import calibrated, is_ocr
from models.calibration import LINE_ITEMS, Calibration, Curve, calibration, dumps, loads
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


def test_the_field_comes_before_its_kind_and_the_score_is_the_last_resort() -> None:
    curves = Calibration(text={"issue_date": FLAT, "kind:date": STEEP}, ocr={})
    assert curves.chance(0.8, "issue_date", "date", ocr=False) == 0.7
    assert curves.chance(0.8, "due_date", "date", ocr=False) == 0.9
    assert curves.chance(0.8, "iban", "iban", ocr=False) == 0.8
    assert curves.chance(0.8, "issue_date", "date", ocr=True) == 0.8


def test_curves_survive_their_file_and_a_falling_one_does_not() -> None:
    curves = Calibration(text={"issue_date": STEEP}, ocr={LINE_ITEMS: FLAT})
    assert loads(dumps(curves)) == curves
    with pytest.raises(ValidationError):
        loads(b'{"text": {"total": {"scores": [0.1, 0.2], "chances": [0.9, 0.1]}}, "ocr": {}}')


def test_only_confidences_change_each_by_the_curve_of_its_source() -> None:
    reading = Reading("image/tiff", (Page(1, 595, 842, Source.TESSERACT), Page(2, 595, 842, Source.TEXT)))
    before = Extraction(
        (
            Field("issue_date", "2025-01-02", "2.1.2025", 0.8, 1, (1, 2, 3, 4), Source.TESSERACT),
            Field("due_date", "2025-02-02", "2.2.2025", 0.8, 2, None, Source.TEXT),
            Field("tax_total", "2.10", "", 0.8, 1, None, Source.DERIVED),
        ),
        (LineItem("A", net_amount="1.00", page=2, confidence=0.8),),
    )
    curves = Calibration(
        text={"kind:date": STEEP, LINE_ITEMS: FLAT}, ocr={"kind:date": Curve((0.5,), (0.3,)), "tax_total": FLAT}
    )
    after = calibrated(before, reading, document_types()["invoice"], curves)
    assert [field.confidence for field in after.fields] == [0.3, 0.9, 0.7]
    assert after.line_items[0].confidence == 0.7
    assert [(f.name, f.value, f.box, f.source) for f in after.fields] == [
        (f.name, f.value, f.box, f.source) for f in before.fields
    ]
    assert is_ocr(Source.DERIVED, 1, reading)
    assert not is_ocr(Source.DERIVED, 2, reading)


def test_what_ships_is_monotone_promises_nothing_certain_and_trusts_ocr_less() -> None:
    curves = calibration()
    names = {"issue_date", "invoice_number", "gross_total", "kind:date", "kind:amount", LINE_ITEMS}
    assert names <= set(curves.text)
    assert {"kind:date", "kind:amount", LINE_ITEMS} <= set(curves.ocr)
    for by_name in (curves.text, curves.ocr):
        for curve in by_name.values():
            marks = [curve(step / 50) for step in range(51)]
            assert all(a <= b for a, b in pairwise(marks))
            assert marks[-1] <= 0.99
    assert curves.ocr[LINE_ITEMS](0.8) < curves.text[LINE_ITEMS](0.8)


def test_extract_gives_rows_the_chances_of_their_scores_and_leaves_the_fields() -> None:
    reading = readings.reading(readings.CZECH_INVOICE)
    kind = document_types()["invoice"]
    scored, found = extract_scored(reading, kind), extract(reading, kind)
    assert scored.line_items
    for before, after in zip(scored.line_items, found.line_items, strict=True):
        assert after.confidence == calibration().chance(before.confidence, LINE_ITEMS, LINE_ITEMS, ocr=False)
    # the model of the header has measured its probabilities itself
    assert [field.confidence for field in found.fields] == [field.confidence for field in scored.fields]
