"""The same reading through the cage, as the pipeline and the command line ask for it."""

from __future__ import annotations

import pytest

from models.errors import MissingTool, UnreadableDocument
from models.records import Source
from models.settings import Limits, Settings
from pipeline.caged import read_caged, render_page_caged

from . import making

PDF = "application/pdf"


@pytest.fixture
def drop(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def put(data, name="drop.pdf"):
        (tmp_path / name).write_bytes(data)
        return (tmp_path / name).relative_to(tmp_path)  # the child works elsewhere

    return put


def test_a_reading_crosses_the_border_whole(drop):
    seen = []
    reading = read_caged(drop(making.pdf(pages=3)), PDF, Settings(), seen.append)
    assert seen == [1, 2, 3]
    assert [page.source for page in reading.pages] == [Source.TEXT] * 3
    assert reading.text.startswith("Invoice 2026-0042")


def test_explicit_settings_reach_the_child(drop):
    scan = making.scanned(making.picture(making.pdf()))
    with pytest.raises(MissingTool, match="tesseract-ocr-tlh"):
        read_caged(drop(scan), PDF, Settings(languages=("tlh",)))
    with pytest.raises(UnreadableDocument) as caught:
        read_caged(drop(making.pdf(pages=3)), PDF, Settings(limits=Limits(pages=2)))
    assert caught.value.code == "limit:pages"


def test_a_locked_file_is_refused_with_its_code(drop):
    with pytest.raises(UnreadableDocument) as caught:
        read_caged(drop(making.pdf(encrypt="secret")), PDF, Settings())
    assert caught.value.code == "password"


def test_a_page_that_needs_too_much_memory_kills_only_its_child(drop):
    huge = making.scanned(making.picture(making.pdf()), size=(4000, 4000))
    limits = Limits(memory_bytes=420 * 1024 * 1024)
    with pytest.raises(UnreadableDocument) as caught:
        read_caged(drop(huge), PDF, Settings(limits=limits))
    assert caught.value.code in ("memory", "crash")
    assert read_caged(drop(making.pdf()), PDF, Settings()).pages


def test_a_page_is_drawn(drop):
    assert render_page_caged(drop(making.pdf()), PDF, 1, Settings(), turned=90, dpi=50).startswith(b"\x89PNG")
