"""A page after each step of the clean-up, and the command that writes it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from flows.cli import app
from models.errors import UnreadableDocument
from models.settings import Settings
from pipeline.learn.factory.camera import View, snapshot
from pipeline.reading.shown import STAGES, stage

from . import making


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    """A scan of 150 dpi that lies on its side, is skewed, shaded and ruled."""
    ruled = making.picture(making.pdf(draw=lambda canvas: canvas.line(50, 500, 545, 500)), 150)
    image = Image.fromarray(ruled).rotate(2, expand=False, fillcolor=255)
    shade = np.linspace(150, 255, ruled.shape[1])[None, :] / 255
    spoilt = np.rot90((np.asarray(image) * shade).astype(np.uint8))
    path = tmp_path_factory.mktemp("shown") / "scan.pdf"
    path.write_bytes(making.scanned(np.ascontiguousarray(spoilt), size=(841.89, 595.28)))
    return path


@pytest.fixture(scope="module")
def shown(scan):
    names = [name for name in STAGES if name != "words"]
    return {name: stage(scan, "application/pdf", 1, name, Settings()) for name in names}


def test_each_step_does_its_own_work(shown):
    assert shown["stored"].shape[1] > shown["stored"].shape[0]
    assert shown["grey"].ndim == 2
    assert shown["upright"].shape[0] > shown["upright"].shape[1]
    assert np.percentile(shown["level"], 60) < 235  # still shaded
    assert np.percentile(shown["flat"], 60) > 250
    line = (shown["straight"] < 128).sum(axis=1).max()
    assert line > 0.5 * shown["straight"].shape[1]  # the ruled line is level
    assert (shown["read"] < 128).sum(axis=1).max() < 0.5 * shown["read"].shape[1]  # and gone
    assert (shown["read"] < 128).sum() > 0.6 * (shown["straight"] < 128).sum()  # the letters are not


def test_the_sheet_of_a_photo_is_shown_alone(tmp_path):
    photo, _ = snapshot(making.picture(making.pdf(), 100), View(tilt=10, roll=3), np.random.default_rng(5))
    path = tmp_path / "photo.png"
    Image.fromarray(photo[..., ::-1]).save(path)
    whole, sheet = (stage(path, "image/png", 1, name, Settings()) for name in ("stored", "sheet"))
    assert whole.shape == photo.shape
    assert sheet[:, :5].mean() > whole[:, :5].mean() + 40  # paper to the rim


def test_a_page_or_step_that_is_not_there_is_refused(scan):
    with pytest.raises(UnreadableDocument, match="no page 2: the file has one page"):
        stage(scan, "application/pdf", 2, "grey", Settings())
    with pytest.raises(UnreadableDocument, match="no page 9") as told:
        stage(scan, "application/pdf", 9, "words", Settings())
    assert told.value.code == "no-page", "the file is well"
    with pytest.raises(ValueError, match="nonsense"):
        stage(scan, "application/pdf", 1, "nonsense", Settings())


def test_show_writes_a_picture_in_the_cage(scan, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["show", str(scan), "1", "--stage", "words"])
    assert done.exit_code == 0, done.output
    with Image.open(tmp_path / "scan-1-words.png") as image:
        pixels = np.asarray(image)
    red, green = (pixels == (210, 0, 0)).all(axis=2).sum(), (pixels == (0, 140, 0)).all(axis=2).sum()
    assert red + green > 500


def test_show_says_what_is_wrong(scan, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    assert "straight" in runner.invoke(app, ["show", "--stage", "list"]).output
    assert runner.invoke(app, ["show", str(scan), "--stage", "nonsense"]).exit_code == 2
    assert runner.invoke(app, ["show"]).exit_code == 2
    assert runner.invoke(app, ["show", str(scan), "-o", str(scan)]).exit_code == 2
    missing = runner.invoke(app, ["show", str(scan), "9", "--stage", "grey"])
    assert isinstance(missing.exception, UnreadableDocument)
    text = tmp_path / "note.txt"
    text.write_text("nothing")
    assert isinstance(runner.invoke(app, ["show", str(text)]).exception, UnreadableDocument)
    assert not list(tmp_path.glob("*.png"))


def test_the_picture_is_a_png(scan):
    from pipeline.caged import show_caged

    data = show_caged(scan, "application/pdf", 1, "ink", Settings())
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "PNG"
        assert set(np.unique(np.asarray(image)).tolist()) == {0, 255}
