"""Tables with rules and without, on text layers and on scans whose words are known."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.records import PageKind, Reading, Source, Word, from_json, to_json
from models.records import Tables as TableSet
from models.settings import Settings
from pipeline.learn.factory import make_invoice, spoil
from pipeline.reading import read
from pipeline.reading.layout import arrange
from pipeline.reading.tables import find_tables, unruled

from . import making

PDF = "application/pdf"
SETTINGS = Settings(languages=("eng",))
A4 = (595.28, 841.89)
XS, YS = (60, 200, 300, 420, 540), (300, 330, 360, 390, 420)
WRITTEN = (
    ("Article number 7", "Quantity", "Price each", "Amount due"),
    ("Paper A4 white", "10 boxes", "123.45", "1,234.50"),
    ("Toner black", "2 pieces", "382.75", "765.50"),
    ("Delivery and insurance", "", "", "20.00"),
)


def text(canvas, words, x, y, size=9):
    canvas.setFont("Helvetica", size)
    canvas.drawString(x + 4, A4[1] - y - 19, words)


def grid(canvas):
    """Four rows and columns with all rules, but for two columns of the last row that are one cell."""
    for y in YS:
        canvas.line(XS[0], A4[1] - y, XS[-1], A4[1] - y)
    for x in XS:
        low = YS[-2] if x == XS[2] else YS[-1]
        canvas.line(x, A4[1] - YS[0], x, A4[1] - low)
    for row, y in zip(WRITTEN, YS, strict=False):
        for words, x in zip(row, XS, strict=False):
            text(canvas, words, x, y)


def columns_only(canvas):
    """Rules around the table, under its head and between columns; the rows have none."""
    for y in (YS[0], YS[1], YS[-1]):
        canvas.line(XS[0], A4[1] - y, XS[-1], A4[1] - y)
    for x in XS:
        canvas.line(x, A4[1] - YS[0], x, A4[1] - YS[-1])
    for row, y in zip(WRITTEN, YS, strict=False):
        for words, x in zip(row, XS, strict=False):
            text(canvas, words, x, y)


def bare(canvas):
    for row, y in zip(WRITTEN, YS, strict=False):
        for words, x in zip(row, XS, strict=False):
            text(canvas, words, x, y)


def find(data, tmp_path):
    path = tmp_path / "page.pdf"
    path.write_bytes(data)
    return find_tables(path, PDF, read(path, PDF, SETTINGS, lambda page: None), SETTINGS)


def scanned(data, tmp_path, skew=0.0, noise=5.0):
    """The tables of a scan of the page, with the words of its text layer moved to where the scanner put them."""
    path = tmp_path / "page.pdf"
    path.write_bytes(data)
    page = read(path, PDF, SETTINGS, lambda number: None).pages[0]
    state = spoil.Scan(dpi=150, skew=skew, noise=noise, blur=0.6)
    image = spoil.scan(spoil.render(data, 150)[0], state, np.random.default_rng(2))
    spin = cv2.getRotationMatrix2D((image.shape[1] / 2, image.shape[0] / 2), skew, 1.0)
    words = []
    for word in page.words:
        x0, y0, x1, y1 = (side * 150 / 72 for side in word.box)
        ends = spin @ np.array([[x0, x1], [(y0 + y1) / 2] * 2, [1, 1]])
        half = (y1 - y0) / 2
        (ax, bx), (ay, by) = ends.tolist()
        box = (ax, min(ay, by) - half, bx, max(ay, by) + half)
        words.append(Word(word.text, tuple(side * 72 / 150 for side in box), 0.9))
    ordered, blocks = arrange(words)
    seen = replace(page, source=Source.TESSERACT, words=ordered, blocks=blocks, kind=PageKind.SCAN)
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(spoil.image_pdf([image], 150, 70))
    return find_tables(scan, PDF, Reading(PDF, (seen,)), SETTINGS)


def texts(table):
    return [[cell.text for cell in row] for row in table.rows]


def check_grid(tables, slack):
    (table,) = tables
    assert table.ruled
    assert texts(table) == [list(row) for row in WRITTEN[:3]] + [["Delivery and insurance", "", "20.00"]]
    assert table.box == pytest.approx((XS[0], YS[0], XS[-1], YS[-1]), abs=slack)
    last = table.rows[-1]
    assert [(cell.column, cell.columns, cell.rows) for cell in last] == [(0, 1, 1), (1, 2, 1), (3, 1, 1)]
    assert table.rows[1][1].box == pytest.approx((XS[1], YS[1], XS[2], YS[2]), abs=slack)


def test_rules_of_a_text_page(tmp_path):
    tables = find(making.pdf(lines=making.LINES[:3], draw=grid), tmp_path)
    check_grid(tables, 1)
    assert from_json(TableSet, to_json(TableSet(tables))).tables == tables


@pytest.mark.parametrize("skew", [0.0, 1.5, -2.5])
def test_rules_of_a_scan(tmp_path, skew):
    tables = scanned(making.pdf(lines=making.LINES[:5], draw=grid), tmp_path, skew)
    if skew:  # the boxes are those on the page as it lies
        (table,) = tables
        assert texts(table)[:3] == [list(row) for row in WRITTEN[:3]]
        assert table.ruled
    else:
        check_grid(tables, 3)


def test_rules_that_part_columns_only(tmp_path):
    (table,) = find(making.pdf(lines=(), draw=columns_only), tmp_path)
    assert table.ruled
    assert texts(table) == [list(row) for row in WRITTEN]


def test_no_rules(tmp_path):
    (table,) = find(making.pdf(lines=making.LINES[:3], draw=bare), tmp_path)
    assert not table.ruled
    assert texts(table) == [[words for words in row if words] for row in WRITTEN]
    assert [cell.column for cell in table.rows[-1]] == [0, 3]


def words_of(rows, pitch=14.0):
    words = []
    for number, row in enumerate(rows):
        for x, cell in row:
            for part in cell.split():
                words.append(Word(part, (x, 100 + pitch * number, x + 5.0 * len(part), 109 + pitch * number)))
                x += 5.0 * len(part) + 2.5
    return words


def test_the_second_line_of_a_cell_belongs_to_its_row():
    rows = [
        [(60, "Description"), (250, "Qty"), (320, "Amount")],
        [(60, "Paper A4, white and"), (250, "10"), (320, "12.50")],
        [(60, "without any chlorine")],
        [(60, "Toner"), (250, "2"), (320, "80.00")],
    ]
    (table,) = unruled(words_of(rows), 1)
    assert texts(table)[1] == ["Paper A4, white and without any chlorine", "10", "12.50"]
    assert len(table.rows) == 3


def test_totals_that_stand_across_the_columns_are_not_of_the_table():
    rows = [
        [(60, "Description"), (250, "Qty"), (320, "Price"), (400, "Amount")],
        [(60, "Paper"), (250, "10"), (320, "1.25"), (400, "12.50")],
        [(60, "Toner"), (250, "2"), (320, "40.00"), (400, "80.00")],
        [(255, "Total to pay without any tax"), (400, "92.50")],
    ]
    (table,) = unruled(words_of(rows), 1)
    assert len(table.rows) == 3


def test_two_columns_of_prose_are_no_table():
    rows = [[(60, "some words of the left column"), (320, "and more in the right one")]] * 8
    assert unruled(words_of(rows), 1) == []
    assert unruled([], 1) == []


def rows_with(made, tables):
    """How many line items have their amount and the first word of their description in two cells of one row."""
    rows = [[cell.text for cell in row] for table in tables for row in table.rows]
    digits = lambda text: "".join(char for char in text if char.isdigit())  # noqa: E731
    right = 0
    for item in made.line_items:
        amount, first = digits(f"{float(item['net_amount']):.2f}"), item["description"].split()[0]
        fits = [row for row in rows if any(digits(text) == amount for text in row)]
        right += any(first in text.split() and digits(text) != amount for row in fits for text in row)
    return right


@pytest.mark.parametrize("seed", ["tables3", "tables16", "tables22", "tables24", "tables31", "tables51"])
def test_line_items_of_generated_invoices_are_rows(tmp_path, seed):
    number = int(seed.removeprefix("tables"))
    made = make_invoice(seed, language=("cs", "de", "en", "fr")[number % 4], lines=3 + number % 5)
    assert len(made.line_items) >= 3
    assert rows_with(made, find(made.pdf, tmp_path)) == len(made.line_items)


def test_the_command_line(tmp_path):
    path = tmp_path / "page.pdf"
    path.write_bytes(making.pdf(lines=making.LINES[:3], draw=grid))
    command = [str(Path(sys.executable).with_name("podatelna")), "tables", str(path)]
    environment = {**os.environ, "PODATELNA_HOME": str(tmp_path / "home"), "PODATELNA_LANGUAGES": '["eng"]'}

    def run(option):
        done = subprocess.run(
            [*command, option], capture_output=True, text=True, timeout=120, env=environment, cwd=tmp_path, check=True
        )
        return done.stdout

    (line,) = run("--jsonl").splitlines()
    table = json.loads(line)
    assert table["rows"][3][1] == {"text": "", "box": [200, 390, 420, 420], "column": 1, "columns": 2, "rows": 1}
    rows = list(csv.reader(io.StringIO(run("--csv"))))
    assert rows == [list(row) for row in WRITTEN[:3]] + [["Delivery and insurance", "", "", "20.00"]]
