"""Why does a PDF show nothing? Perhaps because a stream in it inflates beyond all measure and PDFium gave up.

Looked for only in files whose pages are all blank, for it costs up to a second: every deflated stream, wherever
it stands in the file, is inflated in steps until it ends or the limit is passed.
"""

from __future__ import annotations

import mmap
import re
import zlib
from pathlib import Path

from models.errors import UnreadableDocument
from models.messages import say
from models.settings import Limits

_STREAM = re.compile(rb"stream\r?\n")
_STEP = 1 << 22
_STREAMS = 2000
_INPUT = 1 << 16


def refuse_bombs(path: Path, limits: Limits) -> None:
    """Inflate the streams of a PDF without keeping anything.

    Raises:
        UnreadableDocument: one is larger than ``limits.inflated_bytes`` (``limit:inflated_bytes``).
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        total = 0
        for count, start in enumerate(_STREAM.finditer(data)):
            total += _inflated(data, start.end(), limits.inflated_bytes - total)
            if total >= limits.inflated_bytes:
                size = limits.inflated_bytes // 2**20
                message = say(
                    "What is compressed in the PDF grows to more than {size} MB, which is over the limit.", size=size
                )
                raise UnreadableDocument("limit:inflated_bytes", message)
            if count >= _STREAMS:
                return


def _inflated(data: mmap.mmap, start: int, most: int) -> int:
    """How many bytes the deflated stream at ``start`` gives, counted to ``most``; 0 where none is there."""
    engine = zlib.decompressobj()
    size, place = 0, start
    waiting = b""
    try:
        while size < most and not engine.eof:
            if not waiting:
                waiting, place = data[place : place + _INPUT], place + _INPUT
                if not waiting:
                    return size
            size += len(engine.decompress(waiting, _STEP))
            waiting = engine.unconsumed_tail
    except zlib.error:
        return size
    return size
