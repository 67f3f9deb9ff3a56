"""Tesseract: words of a page, the text of a line. In process where tesserocr is installed, else as a program.

Both ways read with the same languages and answer in the same table, so that they differ by their versions only. It
only gets images that we drew or decoded ourselves; its own TIFF reader can be made to spin.
"""

from __future__ import annotations

import re
from types import ModuleType

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import MissingTool
from models.settings import TesseractWay
from pipeline.tools import ink, tesseract_in_process, tesseract_program
from pipeline.tools.seen import LineText, Seen

SECONDS = 100
"""One call may take so long; the cage's clock for a page is a little longer."""

_LANGUAGE = re.compile(r"[a-zA-Z_]{3,}(?:/[a-zA-Z_]+)?")
_MODES = (3, 4, 6, 7, 11)
_LINE = 7
_SIDES = (10, 32_000)  # pixels; Tesseract refuses more than 32,767
_SMALLEST, _CONTRAST = 4, 16  # pixels and grey levels; a line with less shows no letter, but Tesseract would see one
_LINE_DPI = 200
_LINE_BORDER = 10  # pixels of paper around a line's picture, without which Tesseract loses its ends
_WORD_LEVEL = "5"
_way = TesseractWay.AUTO


def use(way: TesseractWay) -> None:
    """Choose how Tesseract runs, for this process."""
    global _way  # noqa: PLW0603 - a process reads for one settings object
    _way = way


def _runner() -> ModuleType:
    if _way is TesseractWay.PROGRAM or (_way is TesseractWay.AUTO and not tesseract_in_process.available()):
        return tesseract_program
    return tesseract_in_process


def version() -> str:
    """Version of the Tesseract that reads, and how it runs.

    Raises:
        MissingTool: it is not installed.
    """
    runner = _runner()
    return f"{runner.version()}{', as a program' if runner is tesseract_program else ''}"


def languages() -> tuple[str, ...]:
    """Codes of the installed languages.

    Raises:
        MissingTool: Tesseract is not installed.
    """
    installed: tuple[str, ...] = _runner().languages()
    return installed


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


def warm(codes: tuple[str, ...] = ()) -> None:
    """Load what reads these languages, so that forked children find it; those that are not installed don't matter."""
    there = tuple(code for code in codes if code in languages())
    if there and _runner() is tesseract_in_process:
        for one in {there, *((code,) for code in there)}:
            tesseract_in_process.warm(one)


def words(image: NDArray[np.uint8], codes: tuple[str, ...], *, dpi: int, mode: int = 3) -> list[Seen]:
    """The words of a picture (grey or RGB), in Tesseract's reading order, those it is unsure of among them.

    Blanks that it lost are put back by what the picture shows.

    ``mode`` is Tesseract's page segmentation mode: 3 a page, 4 a column, 6 a block, 7 a line, 11 sparse text.

    Raises:
        MissingTool: Tesseract or a language is not installed.
        UnreadableDocument: it took too long (``timeout``) or failed (``crash``).
    """
    require(codes)
    if mode not in _MODES:
        raise ValueError(f"Tesseract has no page segmentation mode {mode} that we use.")
    grey = _grey(image)
    height, width = grey.shape
    if not (_SIDES[0] <= height <= _SIDES[1] and _SIDES[0] <= width <= _SIDES[1]):
        return []
    table: str = _runner().tsv(grey, codes, dpi=max(70, min(2400, dpi)), mode=mode, seconds=SECONDS)
    return ink.mended(grey, _seen(table))


def line(crop: NDArray[np.uint8], codes: tuple[str, ...]) -> LineText:
    """Read the picture (grey or RGB) of one line, in about 10 ms where Tesseract runs in process.

    Raises:
        MissingTool: Tesseract or a language is not installed.
        UnreadableDocument: it took too long (``timeout``) or failed (``crash``).
    """
    found = line_words(crop, codes)
    letters = sum(len(word.text) for word in found)
    sure = sum(word.confidence * len(word.text) for word in found)
    return LineText(" ".join(word.text for word in found), sure / max(1, letters))


def line_words(crop: NDArray[np.uint8], codes: tuple[str, ...]) -> list[Seen]:
    """The words of the picture of one line, as `line` reads it; boxes are those of the picture with a border."""
    grey = _grey(crop)
    if min(grey.shape) < _SMALLEST or np.ptp(grey) < _CONTRAST:
        return []
    paper = int(np.median(grey))
    border = _LINE_BORDER
    framed = cv2.copyMakeBorder(grey, border, border, border, border, cv2.BORDER_CONSTANT, value=(paper,))
    return words(np.asarray(framed, np.uint8), codes, dpi=_LINE_DPI, mode=_LINE)


def _grey(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8) if image.ndim == 3 else image


def _seen(table: str) -> list[Seen]:
    """The words of Tesseract's table: level, four numbers of the place, left, top, width, height, confidence, text."""
    found = []
    for row in table.splitlines():
        cells = row.split("\t", 11)
        if len(cells) < 12 or cells[0] != _WORD_LEVEL:
            continue
        left, top, wide, high, confidence = map(float, cells[6:11])
        if (mark := cells[11].strip()) and confidence >= 0:
            found.append(Seen(mark, (left, top, left + wide, top + high), min(1.0, confidence / 100.0)))
    return found
