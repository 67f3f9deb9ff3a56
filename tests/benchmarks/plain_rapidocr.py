"""RapidOCR as its package ships it, for comparison: its own defaults, one thread, its lines one below the other.

Of ours it gets the pictures only, those that reading gets, decoded. It is loaded once and forked for each file, as our
engines are, so that loading costs none of them.
"""

from __future__ import annotations

import functools
import multiprocessing
import resource
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.settings import Limits
from pipeline.reading.pages import PDF
from pipeline.reading.pdf.pages import scan_dpi
from pipeline.tools import images, pdfium

NAME = "rapidocr-defaults"


@dataclass(frozen=True)
class PlainReading:
    text: str
    pages: int
    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int


@functools.cache
def engine() -> Any:
    from rapidocr import RapidOCR

    runtime = "EngineConfig.onnxruntime."
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            runtime + "intra_op_num_threads": 1,
            runtime + "inter_op_num_threads": 1,
        }
    )


def pictures(path: Path, media_type: str, limits: Limits):
    if media_type == PDF:
        with pdfium.open_pdf(path, limits) as document:
            for number in range(1, len(document) + 1):
                with pdfium.open_page(document, number, limits) as page:
                    dpi = scan_dpi(pdfium.pictures(page, limits))
                    yield pdfium.render(page, dpi, limits, grey=False)[0]
        return
    with images.open_image(path, media_type, limits) as image:
        for number in range(1, images.frame_count(image, limits) + 1):
            yield images.decode(image, number, limits).pixels


def _child(pipe, path: Path, media_type: str, limits: Limits) -> None:
    lines: list[str] = []
    pages = 0
    for picture in pictures(path, media_type, limits):
        lines += engine()(picture[..., ::-1] if picture.ndim == 3 else picture).txts or ()  # it expects OpenCV's BGR
        pages += 1
    used = resource.getrusage(resource.RUSAGE_SELF)
    pipe.send(("\n".join(lines), pages, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024))


def read(path: Path, media_type: str, limits: Limits) -> PlainReading:
    """Read a file in a child of its own."""
    engine()
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    start = time.perf_counter()
    child = context.Process(target=_child, args=(sender, path, media_type, limits))
    child.start()
    sender.close()
    text, pages, cpu, peak = receiver.recv()
    child.join()
    return PlainReading(text, pages, cpu, time.perf_counter() - start, peak)
