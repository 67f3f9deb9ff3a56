"""Tesseract (through pytesseract): words of an image, and which way a page is turned.

One thread (``OMP_THREAD_LIMIT=1``): four to six times less CPU than letting it fight for the cores. It only gets
images that we wrote ourselves, uncompressed, into the cage's folder; its TIFF reader can be made to spin.
"""

from __future__ import annotations

import functools
import os
import re
import tempfile
from pathlib import Path

import numpy as np
import pytesseract
from numpy.typing import NDArray
from PIL import Image

from models.errors import MissingTool, UnreadableDocument
from pipeline.tools.seen import Seen

SECONDS = 100
"""One call may take so long; the cage's clock for a page is a little longer."""

_LANGUAGE = re.compile(r"[a-zA-Z_]{3,}(?:/[a-zA-Z_]+)?")
_MODES = (3, 4, 6, 7, 11)
_SIDES = (10, 32_000)  # pixels; Tesseract refuses more than 32,767
os.environ.setdefault("OMP_THREAD_LIMIT", "1")


@functools.cache
def version() -> str:
    """Version of the installed Tesseract.

    Raises:
        MissingTool: it is not installed.
    """
    try:
        return str(pytesseract.get_tesseract_version())
    except (pytesseract.TesseractNotFoundError, SystemExit) as error:
        raise MissingTool("Tesseract is not installed. Install it with: sudo apt-get install tesseract-ocr") from error


@functools.cache
def languages() -> tuple[str, ...]:
    """Codes of the installed languages.

    Raises:
        MissingTool: Tesseract is not installed.
    """
    version()
    return tuple(sorted(pytesseract.get_languages()))


def require(codes: tuple[str, ...]) -> None:
    """Check that the languages are installed.

    Raises:
        MissingTool: one is not; the message names the Debian packages that have them.
    """
    for code in codes:
        if not _LANGUAGE.fullmatch(code):
            raise MissingTool(f"{code!r} is not a Tesseract language code such as 'ces' or 'deu'.")
    missing = [code for code in codes if code not in languages()]
    if missing:
        packages = " ".join(f"tesseract-ocr-{code.lower().replace('_', '-')}" for code in missing)
        raise MissingTool(
            f"Tesseract lacks the languages {', '.join(missing)}. Install them with: sudo apt-get install {packages}"
        )


def words(image: NDArray[np.uint8], codes: tuple[str, ...], *, dpi: int, mode: int = 3) -> list[Seen]:
    """The words of a grey image, in Tesseract's reading order, those it is unsure of among them.

    ``mode`` is Tesseract's page segmentation mode: 3 a page, 4 a column, 6 a block, 7 a line, 11 sparse text.

    Raises:
        MissingTool: Tesseract or a language is not installed.
        UnreadableDocument: it took too long (``timeout``) or failed (``crash``).
    """
    require(codes)
    if mode not in _MODES:
        raise ValueError(f"Tesseract has no page segmentation mode {mode} that we use.")
    height, width = image.shape[:2]
    if not (_SIDES[0] <= height <= _SIDES[1] and _SIDES[0] <= width <= _SIDES[1]):
        return []
    config = f"--psm {mode} --dpi {max(70, min(2400, dpi))}"
    table = _run(image, "+".join(codes), config)
    found = []
    for text, left, top, wide, high, confidence in zip(
        table["text"], table["left"], table["top"], table["width"], table["height"], table["conf"], strict=True
    ):
        if (mark := str(text).strip()) and float(confidence) >= 0:
            box = (float(left), float(top), float(left + wide), float(top + high))
            found.append(Seen(mark, box, float(confidence) / 100.0))
    return found


def _run(image: NDArray[np.uint8], language: str, config: str) -> dict[str, list[int | str]]:
    handle, name = tempfile.mkstemp(suffix=".pgm", prefix="page-")
    os.close(handle)
    try:
        Image.fromarray(image).save(name, "PPM")  # pytesseract would compress a PNG first, for 0.1 s
        table: dict[str, list[int | str]] = pytesseract.image_to_data(
            name, lang=language, config=config, timeout=SECONDS, output_type=pytesseract.Output.DICT
        )
        return table
    except pytesseract.TesseractError as error:
        raise UnreadableDocument("crash", f"Tesseract failed (status {error.status}).") from error
    except RuntimeError as error:
        raise UnreadableDocument("timeout", f"Tesseract took longer than {SECONDS} s.") from error
    finally:
        Path(name).unlink(missing_ok=True)
