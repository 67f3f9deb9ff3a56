"""Tesseract inside this process, through tesserocr: the same words for two thirds of the CPU.

Its wheel carries a Tesseract without OpenMP but no languages; those are Debian's. One engine a set of languages is kept
and never changed, so that children forked from a warmed process share it copy on write and start in no time.
"""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import MissingTool, UnreadableDocument
from pipeline.tools import tesseract_program

_SETS = 8  # kept; three languages take 42 MB, one about 10
_USUAL = "usr/share/tesseract-ocr/*/tessdata"  # Debian


@functools.cache
def tessdata() -> Path | None:
    """The folder of the languages: ``TESSDATA_PREFIX``, the one that the program uses, or Debian's; None if none."""
    named = os.environ.get("TESSDATA_PREFIX", "")
    prefix = [Path(named), Path(named) / "tessdata"] if named else []
    program = tesseract_program.tessdata()
    usual = sorted(Path("/").glob(_USUAL), reverse=True)
    folders = [*prefix, *([program] if program else []), *usual]
    return next((folder for folder in folders if any(folder.glob("*.traineddata"))), None)


@functools.cache
def available() -> bool:
    """Whether tesserocr is installed and finds languages."""
    return importlib.util.find_spec("tesserocr") is not None and tessdata() is not None


def version() -> str:
    """Versions of the Tesseract in the wheel and of the wheel.

    Raises:
        MissingTool: it is not installed, or there are no languages.
    """
    return f"{_library().tesseract_version().split()[1]} (tesserocr {importlib.metadata.version('tesserocr')})"


@functools.cache
def languages() -> tuple[str, ...]:
    """Codes of the languages that it finds.

    Raises:
        MissingTool: as `version`.
    """
    _library()
    folder = tessdata()
    assert folder is not None
    return tuple(
        sorted(str(one.relative_to(folder).with_suffix("")) for one in folder.rglob("*.traineddata") if one.is_file())
    )


@functools.cache
def _library() -> Any:
    if not available():
        raise MissingTool(
            "Tesseract can't run in process: tesserocr or the languages are missing. Install them with: make setup; "
            "or set PODATELNA_TESSERACT=program."
        )
    import tesserocr

    return tesserocr


@functools.lru_cache(_SETS)
def _engine(codes: tuple[str, ...]) -> Any:
    library = _library()
    try:
        engine = library.PyTessBaseAPI(path=f"{tessdata()}{os.sep}", lang="+".join(codes))
    except RuntimeError as error:
        raise MissingTool(f"Tesseract can't load the languages {', '.join(codes)}: reinstall them.") from error
    engine.SetVariable("debug_file", os.devnull)  # it would tell of every empty page
    return engine


def warm(codes: tuple[str, ...]) -> None:
    """Load a set of languages, so that forked children find it."""
    _engine(codes)


def tsv(image: NDArray[np.uint8], codes: tuple[str, ...], *, dpi: int, mode: int, seconds: float) -> str:
    """What Tesseract sees on a grey image, in its own table of tab-separated values.

    Raises:
        UnreadableDocument: recognising took longer than ``seconds`` (``timeout``). Finding the lines is not stopped;
            the cage's clock is there for it.
    """
    engine = _engine(codes)
    height, width = image.shape
    engine.SetPageSegMode(mode)
    engine.SetImageBytes(np.ascontiguousarray(image).tobytes(), width, height, 1, width)
    engine.SetSourceResolution(dpi)
    try:
        if not engine.Recognize(max(1, round(seconds * 1000))):
            raise UnreadableDocument("timeout", f"Tesseract took longer than {seconds:g} s.")
        table: str = engine.GetTSVText(0)
        return table
    finally:
        engine.Clear()
