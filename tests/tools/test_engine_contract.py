"""What `pipeline.tools.engines.Engine` promises, of each engine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.records import Source
from models.settings import Settings
from pipeline.learn.factory import invoices, spoil
from pipeline.tools import engines
from pipeline.tools.engines import ENGINES
from tests.tools.pictures import line

CODES = ("eng",)
TEXT = "Invoice number 2026-0042"


@pytest.fixture(params=[pytest.param(source, id=source.value) for source in ENGINES])
def engine(request):
    return ENGINES[request.param]


@pytest.fixture(scope="module")
def page():
    whole = spoil.render(invoices.make_invoice("contract", "invoice", "en", layout="prose").pdf, 150)[0]
    return np.ascontiguousarray(whole[: whole.shape[0] // 5])


def test_the_words_of_a_page_in_its_pixels(engine, page):
    before = page.copy()
    seen = engine.words(page, CODES, dpi=150)
    height, width = page.shape
    assert len(seen) > 5
    for word in seen:
        x0, y0, x1, y1 = word.box
        assert 0 <= x0 < x1 <= width
        assert 0 <= y0 < y1 <= height
        assert 0 <= word.confidence <= 1
        assert word.text
        assert len(word.text.split()) == 1
    sure = [word for word in seen if word.confidence > 0.8 and len(word.text) > 3]
    assert all(page[int(w.box[1]) : int(w.box[3]) + 1, int(w.box[0]) : int(w.box[2]) + 1].min() < 128 for w in sure)
    assert np.array_equal(page, before)


def test_the_same_picture_gives_the_same_answer(engine, page):
    first = engine.words(page, CODES, dpi=150)
    engine.line(line("something else"), CODES)
    assert engine.words(page, CODES, dpi=150) == first


def test_grey_and_colour_read_alike(engine):
    picture = line(TEXT)
    colour = np.repeat(picture[:, :, None], 3, axis=2)
    assert engine.line(picture, CODES) == engine.line(colour, CODES)
    assert engine.line(picture, CODES).text == TEXT
    assert engine.line(picture, CODES).confidence > 0.7
    assert [w.text for w in engine.words(colour, CODES, dpi=150)] == [
        w.text for w in engine.words(picture, CODES, dpi=150)
    ]


@pytest.mark.parametrize("shape", [(0, 0), (0, 50), (1, 1), (3, 400), (400, 3), (12, 12), (60, 60), (900, 700)])
@pytest.mark.parametrize("level", [0, 255])
def test_a_picture_without_text_is_answered_with_nothing(engine, shape, level):
    picture = np.full(shape, level, np.uint8)
    assert engine.words(picture, CODES, dpi=150) == []
    assert engine.line(picture, CODES).text == ""
    assert engine.line(picture, CODES).confidence == 0


def test_noise_is_no_error(engine):
    noise = np.random.default_rng(1).integers(0, 256, (300, 400), np.uint8)
    assert all(0 <= word.confidence <= 1 for word in engine.words(noise, CODES, dpi=150))
    engine.line(noise[:40], CODES)


@pytest.mark.parametrize("source", ENGINES, ids=lambda source: source.value)
def test_quiet_single_threaded_and_tidy(source, tmp_path):
    code = (
        "import os; from tests.tools.pictures import line; from models.records import Source;"
        "from pipeline.tools.engines import ENGINES, warm; from pipeline.tools import rapidocr;"
        f"warm(['eng'], 'auto'); rapidocr.warm(); engine = ENGINES[Source('{source.value}')];"
        "engine.words(line('Total 12.50'), ('eng',), dpi=200); engine.line(line('Total'), ('eng',));"
        "os.write(3, str(len(os.listdir('/proc/self/task'))).encode())"
    )
    reader, writer = os.pipe()
    environment = {**os.environ, "TMPDIR": str(tmp_path), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    script = f'exec 3>&{writer}; exec {sys.executable} -c "$0"'
    done = subprocess.run(
        ["bash", "-c", script, code], capture_output=True, cwd=Path(__file__).parents[2], pass_fds=[writer],
        env=environment, check=True,
    )  # fmt: skip
    os.close(writer)
    assert (done.stdout, done.stderr) == (b"", b"")
    assert os.read(reader, 10) == b"1"  # ONNX Runtime's telemetry would be a second
    os.close(reader)
    assert list(tmp_path.iterdir()) == []


def test_a_forked_child_reads_on(engine):
    assert engine.line(line("Total"), CODES).text == "Total"
    reader, writer = os.pipe()
    if (pid := os.fork()) == 0:
        os.write(writer, engine.line(line("Invoice"), CODES).text.encode())
        os._exit(0)
    os.waitpid(pid, 0)
    assert os.read(reader, 100) == b"Invoice"
    os.close(reader)
    os.close(writer)


def test_both_engines_have_a_version_and_the_settings_choose():
    assert set(ENGINES) == {Source.TESSERACT, Source.RAPIDOCR}
    assert all(any(map(str.isdigit, engine.version())) for engine in ENGINES.values())
    before = ENGINES[Source.TESSERACT].version()
    engines.use(Settings(tesseract="program"))
    try:
        assert ENGINES[Source.TESSERACT].version().endswith("as a program")
    finally:
        engines.use(Settings())
    assert ENGINES[Source.TESSERACT].version() == before
