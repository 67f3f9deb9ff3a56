"""What the model of rows sees: money, columns, what was joined to a description, and how it was read."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

import pytest

from extractors import extract
from extractors.scoring import Trace
from extractors.table.features import DOWN, FEATURES, UP
from models.document_types import document_types
from models.records import Page, Reading, Source
from tests.extractors.readings import words

HEAD = [(50, 100, "Popis"), (260, 100, "Množství"), (360, 100, "Cena za MJ"), (480, 100, "Celkem")]
FIRST = [(50, 116, "Židle dřevěná"), (270, 116, "3"), (375, 116, "40,00"), (480, 116, "120,00")]
SECOND = [(50, 146, "Stůl"), (270, 146, "1"), (370, 146, "250,00"), (480, 146, "250,00")]
TOTAL = [(360, 190, "Základ daně"), (480, 190, "370,00")]
Lines = list[tuple[float, float, str]]


def measured(lines: Lines, source: Source = Source.TEXT, confidence: float = 1.0) -> list[Mapping[str, float]]:
    found = [word for x, y, text in lines for word in words(x, y, text, confidence=confidence)]
    trace = Trace()
    items = extract(Reading("", (Page(1, 595, 842, source, tuple(found)),)), document_types()["invoice"], trace=trace)
    assert len(items.line_items) == len(trace.rows)
    return trace.rows


def test_every_feature_is_described_and_given() -> None:
    rows = measured([*HEAD, *FIRST, *SECOND, *TOTAL])
    assert {name for row in rows for name in row} <= set(FEATURES)
    assert set(FEATURES) - set(rows[0]) <= {name for name in FEATURES if name.startswith(("joined_", "left_"))}
    assert {*UP, *DOWN} <= set(FEATURES)
    assert not {*UP} & {*DOWN}


def test_money_that_ties_out_and_money_that_does_not() -> None:
    first, second = measured([*HEAD, *FIRST, *SECOND, *TOTAL])
    assert (first["product"], first["products"], first["tied"], first["summed"]) == (1, 1, 1, 1)
    assert second["one"] == 1
    odd = [(480, 116, "121,00") if text == "120,00" else (x, y, text) for x, y, text in FIRST]
    first, second = measured([*HEAD, *odd, *SECOND, *TOTAL])
    assert (first["product"], second["product"], first["products"], first["tied"]) == (0, 1, 0.5, 0)


def test_a_number_that_is_not_there_and_one_beside_its_column() -> None:
    first, second = measured([*HEAD, *FIRST, *[w for w in SECOND if w[2] != "1"], *TOTAL])
    assert isnan(second["one"])
    assert (first["derived"], second["derived"], second["lacking"]) == (0, 1, 1)
    moved = [(x + 18, y, text) if text == "250,00" and x > 400 else (x, y, text) for x, y, text in SECOND]
    first, second = measured([*HEAD, *FIRST, *moved, *TOTAL])
    assert second["stray"] > 0.5


def test_lines_joined_and_lines_left_out() -> None:
    near, far = (58.0, 128.0, "s opěradlem"), (50.0, 138.0, "záruka dva roky")
    first, second = measured([*HEAD, *FIRST, near, *SECOND, *TOTAL])
    assert (first["joined"], second["joined"]) == (1, 0)
    assert first["joined_gap"] == pytest.approx(0.2)
    assert first["joined_indent"] == pytest.approx(0.8)
    first, _ = measured([*HEAD, *FIRST, far, *SECOND, *TOTAL])
    assert first["joined"] == 0
    assert first["left_gap"] == pytest.approx(1.2)


def test_what_was_read_badly() -> None:
    first, _ = measured([*HEAD, *FIRST, *SECOND, *TOTAL], Source.TESSERACT, 0.7)
    assert (first["ocr"], first["read_least"], first["read_numbers"]) == (1, 0.7, 0.7)
    assert first["read_wrong"] == pytest.approx(5 * 0.3)
