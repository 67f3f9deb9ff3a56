"""Tesseract as a program, through pytesseract: the way where tesserocr is not installed.

One thread (``OMP_THREAD_LIMIT=1``): four to six times less CPU than letting it fight for the cores.
"""

from __future__ import annotations

import functools
import os
import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pytesseract
from numpy.typing import NDArray
from PIL import Image

from models.errors import MissingTool, UnreadableDocument

_LISTED = re.compile(r'"([^"]+)"')
_PROBE_SECONDS = 20
os.environ.setdefault("OMP_THREAD_LIMIT", "1")


@functools.cache
def version() -> str:
    """Version of the installed program.

    Raises:
        MissingTool: it is not installed.
    """
    try:
        return str(pytesseract.get_tesseract_version())
    except (pytesseract.TesseractNotFoundError, SystemExit) as error:
        raise MissingTool("Tesseract is not installed. Install it with: sudo apt-get install tesseract-ocr") from error


@functools.cache
def languages() -> tuple[str, ...]:
    """Codes of the languages that it finds.

    Raises:
        MissingTool: Tesseract is not installed.
    """
    version()
    return tuple(sorted(pytesseract.get_languages()))


@functools.cache
def tessdata() -> Path | None:
    """The folder where the program finds its languages; None where there is no program."""
    try:
        listed = subprocess.run(
            ["tesseract", "--list-langs"], capture_output=True, text=True, timeout=_PROBE_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    named = _LISTED.search(listed.stdout)
    return Path(named.group(1)) if named else None


def tsv(image: NDArray[np.uint8], codes: tuple[str, ...], *, dpi: int, mode: int, seconds: float) -> str:
    """What Tesseract sees on a grey image, in its own table of tab-separated values.

    Raises:
        UnreadableDocument: it took longer than ``seconds`` (``timeout``) or failed (``crash``).
    """
    handle, name = tempfile.mkstemp(suffix=".pgm", prefix="page-")
    os.close(handle)
    try:
        Image.fromarray(image).save(name, "PPM")  # pytesseract would compress a PNG first, for 0.1 s
        table: str = pytesseract.image_to_data(
            name, lang="+".join(codes), config=f"--psm {mode} --dpi {dpi}", timeout=seconds
        )
        return table
    except pytesseract.TesseractError as error:
        raise UnreadableDocument("crash", f"Tesseract failed (status {error.status}).") from error
    except RuntimeError as error:
        raise UnreadableDocument("timeout", f"Tesseract took longer than {seconds:g} s.") from error
    finally:
        Path(name).unlink(missing_ok=True)
