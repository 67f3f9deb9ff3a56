"""Training of the rows' scorer: its documents, how rows are judged, and the command's files."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random

import numpy as np
import pytest

from extractors.page.labels import find_labels
from extractors.page.layout import lay_out
from extractors.scoring import load
from extractors.table.features import FEATURES
from extractors.table.line_items import MODEL, find_line_items
from models.document_types import document_types
from models.records import EInvoice, LineItem
from pipeline.learn import read_documents, row_papers
from pipeline.learn.crossed import Sheet
from pipeline.learn.factory import make_invoice
from pipeline.learn.row_card import Share
from pipeline.learn.row_papers import SCANNED, TablePaper, disturbed, papers
from pipeline.learn.row_scorer import fit, measured, train
from pipeline.learn.scorer_papers import CLEAN, REAL


def paper(seed: int, *, rows: int = 4) -> TablePaper:
    made = make_invoice(seed, "invoice", "cs", "framed", rows)
    return TablePaper(made.type, made.layout, CLEAN, made.reading, tuple(made.line_items))


def test_rows_are_judged_by_the_truth_of_their_document() -> None:
    one, other = paper(3), paper(4)
    (right,), (wrong,) = measured([one]), measured([replace(other, reading=one.reading)])
    assert right.right.tolist() == [1.0] * 4
    assert wrong.right.tolist() == [0.0] * 4
    assert np.array_equal(right.rows, wrong.rows, equal_nan=True)


def test_no_row_is_right_twice_and_real_ones_count_more() -> None:
    one = paper(3)
    (sheet,) = measured([replace(one, rows=one.rows[:1], state=REAL)])
    assert sheet.right.sum() == 1
    assert set(sheet.weights) == {8.0}


def test_rows_of_the_page_are_judged_and_not_those_of_an_einvoice() -> None:
    one = paper(3)
    xml = EInvoice("x.xml", "ubl", "invoice", (), (LineItem("Oak shelf"),))
    (sheet,) = measured([replace(one, reading=replace(one.reading, einvoice=xml))])
    assert sheet.right.tolist() == [1.0] * len(sheet.rows) == [1.0] * 4


def test_papers_are_the_same_for_a_seed_and_of_all_types() -> None:
    first, again = (list(islice(papers(5, 12), 12)) for _ in range(2))
    assert first == again
    assert len({one.type for one in first}) >= 3
    assert {one.state for one in first} == {"clean", "misread"}


def test_disturbed_pages_are_others_with_the_same_numbers() -> None:
    made = make_invoice(11, "invoice", "de", "banner", 5)
    before = made.reading.pages[0].words
    numbers = {word.text for word in before if word.text[:1].isdigit()}
    pages = [disturbed(made.reading, made.type, "de", Random(seed)).pages[0].words for seed in range(12)]
    assert sum(after != before for after in pages) >= 8
    assert all(numbers <= {word.text for word in after} for after in pages)


def test_scans_are_the_same_for_a_seed() -> None:
    first, again = (list(read_documents.documents(5, 1)) for _ in range(2))
    assert [one.reading for one in first] == [one.reading for one in again]
    assert first[0].reading.pages[0].source.is_ocr


def test_more_doubt_never_makes_a_row_more_probable() -> None:
    chance = np.random.default_rng(1)
    rows = chance.random((600, len(FEATURES)))
    lacking = list(FEATURES).index("lacking")
    right = (rows[:, lacking] + chance.normal(0, 0.4, 600) < 0.6).astype(float)
    sheet = Sheet("a", CLEAN, ("rows",) * 600, (0,) * 600, rows, right, np.ones(600))
    booster = fit([sheet], 1, 20)
    some = np.repeat(rows[:1], 5, axis=0)
    some[:, lacking] = np.linspace(0, 1, 5)
    found = booster.predict(some)
    assert (np.diff(found) <= 0).all()
    assert found[0] > found[-1]


def test_what_pairs_of_promise_and_outcome_come_to() -> None:
    share = Share.of(np.array([0.9, 0.9, 0.9, 0.9, 0.2]), np.array([True, True, True, False, True]))
    assert (share.rows, share.sure, share.sure_wrong) == (5, 0.8, 0.25)


def test_training_writes_weights_that_load_and_a_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def layouts(state: str) -> list[TablePaper]:
        made = [
            make_invoice(n, "invoice", "cs", layout, 6) for n in range(7) for layout in ("framed", "strip", "banner")
        ]
        return [TablePaper(one.type, one.layout, state, one.reading, tuple(one.line_items)) for one in made]

    monkeypatch.setattr("pipeline.learn.row_scorer.papers", lambda _seed, _count: iter(layouts(CLEAN)))
    monkeypatch.setattr("pipeline.learn.row_scorer.scanned", lambda _seed, _count: iter(layouts(SCANNED)[:3]))
    figures = train(tmp_path, 5, count=21, scans=3)
    assert figures.documents == {CLEAN: 21, SCANNED: 3}
    assert load(MODEL, tmp_path).names == tuple(FEATURES)
    card = (tmp_path / "ROWS_CARD.md").read_text(encoding="utf-8")
    assert "--seed 5 --documents 21 --scans 3" in card
    assert "21 clean, 3 scanned" in card


def test_remarks_stand_below_the_rows_they_were_put_under() -> None:
    made = make_invoice(11, "invoice", "de", "banner", 5)
    layout = lay_out(made.reading)
    rows = find_line_items(layout, find_labels(layout, document_types()["invoice"])).found
    changed = row_papers._with_remarks(made.reading, rows, "de", Random(2))
    more = len(changed.pages[0].words) - len(made.reading.pages[0].words)
    assert more > 0
    assert changed.pages[0].words[:-more] != made.reading.pages[0].words  # what stood below was moved down
