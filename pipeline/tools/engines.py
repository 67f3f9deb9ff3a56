"""The engines that read pictures, behind one contract, and how a process is prepared for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.records import Source
from models.settings import Settings, TesseractWay
from pipeline.tools import rapidocr
from pipeline.tools import tesseract as _tesseract
from pipeline.tools.seen import LineText, Seen

Pixels = NDArray[np.uint8]


class Engine(Protocol):
    """What reads pictures. A module with these functions is an engine; ours are `tesseract` and `rapidocr`.

    The engine SHALL

    - take pictures as arrays of 8-bit grey (height, width) or RGB (height, width, 3), never as files or bytes of a
      stranger, and leave them unchanged;
    - answer in pixels of the picture that it was given, from its top left, x to the right and y down;
    - give confidences from 0 to 1, its own and not calibrated: they rank its words and nothing more;
    - answer a picture without text, or too small for it, with nothing (no words, an empty text), not with an error;
    - give the same answer to the same picture, whatever it read before;
    - use one thread, and start none when it is imported, warmed or used, for the cage's server forks afterwards
      (OpenVINO does, so it is not warmed: every child loads it anew);
    - tell nobody outside of this machine what it does;
    - write nothing to standard output or standard error while all is well, and nothing to disk but in the folder for
      temporary files, which it leaves as it was;
    - raise `MissingTool` where it or a language is not installed, with the command that helps, and
      `UnreadableDocument` (``timeout``, ``crash``) where it failed on this picture; nothing else for any picture.

    The caller SHALL call it from one thread of a process at a time, and in the cage wherever the picture shows a
    stranger's document: an engine MAY kill its process when memory runs out, and is stopped from outside when
    it takes too long.
    """

    def version(self) -> str:
        """Versions of the engine and its models: two that are equal read alike.

        Raises:
            MissingTool: it is not installed.
        """

    def words(self, image: Pixels, codes: tuple[str, ...], *, dpi: int) -> list[Seen]:
        """The words of an upright page or a part of it, those that it is unsure of among them.

        ``codes`` are Tesseract's languages; an engine that reads all of them alike ignores them. A word has no blanks
        in it, and its box lies in the picture, upright, left before right and top before bottom.
        """

    def line(self, crop: Pixels, codes: tuple[str, ...]) -> LineText:
        """The text of the picture of one upright line, words parted by one blank."""


ENGINES: Mapping[Source, Engine] = {Source.TESSERACT: _tesseract, Source.RAPIDOCR: rapidocr}


def use(settings: Settings) -> None:
    """Let this process read as the settings say."""
    _tesseract.use(settings.tesseract)
    rapidocr.use(settings.rapidocr)


def warm(languages: list[str], tesseract: str) -> None:
    """Load what reads these languages, so that forked children share it; arguments as JSON knows the settings.

    Raises:
        MissingTool: Tesseract is not installed.
    """
    _tesseract.use(TesseractWay(tesseract))
    _tesseract.warm(tuple(languages))
