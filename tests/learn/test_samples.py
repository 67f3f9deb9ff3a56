"""The samples in the repository are what the generator makes from its seed."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.learn.factory.spoil import render
from pipeline.learn.samples import write_samples

SHIPPED = Path(__file__).parents[2] / "data" / "samples"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder)
    return folder


def rows(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()]


def pixels(path: Path) -> list[np.ndarray]:
    if path.suffix == ".pdf":
        return render(path.read_bytes(), 60)
    image = Image.open(io.BytesIO(path.read_bytes()))
    frames = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        frames.append(np.asarray(image.convert("L")))
    return frames


def test_truth_is_that_of_the_seed(made):
    assert rows(made) == rows(SHIPPED)


def test_documents_are_those_of_the_seed(made):
    """Byte for byte; where another version of an image or font library differs, the pages must still look the same."""
    names = sorted(path.name for path in (made / "documents").iterdir())
    assert names == sorted(path.name for path in (SHIPPED / "documents").iterdir())
    for row in rows(made):
        fresh, shipped = made / "documents" / row["file"], SHIPPED / "documents" / row["file"]
        if fresh.read_bytes() == shipped.read_bytes():
            continue
        assert row["outcome"] in ("read", "duplicate") and fresh.suffix != ".xml", f"{row['file']} differs"
        for ours, theirs in zip(pixels(fresh), pixels(shipped), strict=True):
            assert ours.shape == theirs.shape
            assert np.abs(ours.astype(int) - theirs).mean() < 3, f"{row['file']} looks different"


def test_another_seed_makes_other_documents(made, tmp_path):
    other = write_samples(tmp_path, seed=77)
    same = {path.name for path in other if path.read_bytes() == (made / "documents" / path.name).read_bytes()}
    assert same == {"poznamka.pdf"}


def test_every_document_has_one_truth_and_the_folder_is_small(made):
    files = sorted(path.name for path in (made / "documents").iterdir())
    assert files == sorted(row["file"] for row in rows(made))
    assert sum(path.stat().st_size for path in (made / "documents").iterdir()) < 5_000_000
    outcomes = {row["outcome"] for row in rows(made)}
    assert outcomes == {"read", "duplicate", "incomplete", "password", "type"}


def test_the_sad_ones_are_sad(made):
    import pypdfium2

    documents = made / "documents"
    with pytest.raises(pypdfium2.PdfiumError, match="password"):
        pypdfium2.PdfDocument(documents / "vyplatni-paska-heslo.pdf")
    assert b"%%EOF" not in (documents / "invoice-cut-off.pdf").read_bytes()[-2048:]
    assert not (documents / "poznamka.pdf").read_bytes().startswith(b"%PDF")
    assert (documents / "faktura-kopie.pdf").read_bytes() == (documents / "faktura.pdf").read_bytes()
