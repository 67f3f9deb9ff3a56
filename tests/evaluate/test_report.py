"""The report: one page that needs nothing else, shows what is wrong, and lets no document write into it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from models.records import Field, LineItem, Page, Source
from models.settings import Settings
from pipeline.evaluate import report
from pipeline.evaluate.figures import figures
from pipeline.evaluate.judge import Judged, PageSize, judge_refused
from pipeline.evaluate.metrics import Score
from tests.evaluate.test_judge import RIGHT, ROWS, TRUTH, judged

EVIL = "<script>alert('x')</script>\"'&"


def page_of(some: list[Judged], monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[int]]:
    drawn: list[int] = []

    def draw(_path: Path, _media_type: str, number: int, _settings: Settings, **_: int) -> bytes:
        drawn.append(number)
        return b"\x89PNG"

    monkeypatch.setattr(report, "render_page_caged", draw)
    return report.html(some, figures(some), Settings(), "truth.jsonl"), drawn


def test_it_stands_alone_and_escapes_what_strangers_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = replace(RIGHT[0], value=EVIL, raw=EVIL, page=1, box=(10.0, 20.0, 60.0, 30.0))
    truth = replace(TRUTH, file=f"{EVIL}.pdf", fields={**TRUTH.fields, "invoice_number": EVIL[::-1]})
    rows = (LineItem(EVIL, "1"), ROWS[1])
    html, _ = page_of([judged(truth, fields=(wrong, *RIGHT[1:]), rows=rows)], monkeypatch)
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 3
    leads = re.findall(r"""(?:src|href)=["']?([^"'>]*)""", html.replace("&#39;", "'"))
    assert leads
    assert all(one.startswith("data:image/png;base64,") for one in leads)
    assert "default-src 'none'" in html
    assert "@import" not in html
    assert "url(" not in html


def test_wrong_fields_have_numbered_boxes_and_missing_ones_none(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = replace(RIGHT[0], value="8", page=2, box=(10.0, 20.0, 60.0, 30.0))
    right = replace(RIGHT[1], page=2, box=(10.0, 50.0, 60.0, 60.0))
    one = judged(fields=(wrong, right))
    pages = tuple(PageSize(number, 595, 842, 0) for number in (1, 2, 3))
    html, drawn = page_of([replace(one, pages=pages)], monkeypatch)
    assert drawn == [2]
    assert html.count('<rect class="wrong"') == 1
    assert html.count('<rect class="right"') == 1
    assert html.count('<span class="number">') == 1
    assert 'x="8.0" y="18.0" width="54.0" height="14.0"' in html
    assert html.count("not found") == 2
    assert html.count("not in the words that were read") == 3


def test_the_place_of_what_was_missed_is_framed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    one = judged(fields=RIGHT[:3])
    fields = tuple(
        replace(field, stands=(1, (100.0, 5.0, 150.0, 15.0))) if not field.found else field for field in one.fields
    )
    html, drawn = page_of([replace(one, fields=fields)], monkeypatch)
    assert drawn == [1]
    assert html.count('<rect class="expected"') == 1
    assert "stands in the words" in html


def test_without_faults_there_is_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    html, drawn = page_of([judged()], monkeypatch)
    assert drawn == []
    assert "every document is fully right" in html


def test_a_file_that_was_not_read_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    some = [
        judge_refused(TRUTH, "", "damaged", "It is broken."),
        judged(replace(TRUTH, file="b.pdf", refusal="password")),
    ]
    html, _ = page_of(some, monkeypatch)
    assert "refused: damaged" in html
    assert "It is broken." in html
    assert "should have been refused as “password”" in html


def test_nothing_to_judge_makes_a_page_too(monkeypatch: pytest.MonkeyPatch) -> None:
    html, _ = page_of([], monkeypatch)
    assert "The truth names no field." in html


def test_no_share_is_rounded_up_to_all() -> None:
    assert report._percent(0.99999) == "99.9 %"
    assert report._percent(1.0) == "100.0 %"
    assert report._percent(None) == "–"
    assert 'width="80.00"' in report._bar(Score(right=2, wrong=1))


def test_the_picture_of_a_real_page_is_in_it(tmp_path: Path) -> None:
    sample = Path(__file__).parents[2] / "data" / "samples" / "documents" / "faktura.pdf"
    field = Field("invoice_number", "8", page=1, box=(10.0, 20.0, 60.0, 30.0), source=Source.TEXT)
    one = judged(replace(TRUTH, path=sample), fields=(field,))
    one = replace(one, pages=(PageSize(1, Page(1, 595, 842, Source.TEXT).width, 842, 0),))
    html = report.html([one], figures([one]), Settings(home=tmp_path), "truth.jsonl")
    assert html.count("data:image/png;base64,iVBOR") == 1
