"""Memory of a worker while it reads long files: ``python tests/benchmarks/memory.py [text|tesseract|rapidocr ...]``.

Prints the resident set of the one child that reads, at page 10, in the middle and at the end, and its peak. What may
grow is the words alone, which the reading keeps; pictures of pages may not.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from models.records import Reading, from_json
from models.settings import Engine, Limits, Settings
from pipeline.learn.factory import make_invoice, make_other, make_receipt
from pipeline.learn.factory.spoil import Scan, image_pdf, render, scan
from pipeline.tools import cage

MEBIBYTE = 2**20
PDF = "application/pdf"


def text_pages(count: int) -> bytes:
    """Pages of 40 lines with ten words each, all different."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    for page in range(count):
        canvas.setFont("Helvetica", 9)
        for line in range(40):
            words = " ".join(f"{(page * 40 + line) * 7 + word * 13:05}word" for word in range(8))
            canvas.drawString(50, 790 - line * 18, f"{words} total {page * line / 100:.2f}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def scanned_pages(count: int) -> bytes:
    """Scans of invoices and letters at 300 dpi, ten of them over and over."""
    sheets = []
    for number in range(10):
        kind = make_invoice if number % 2 else make_other
        made = kind(f"memory-{number}", language="cs")
        sheets.append(scan(render(made.pdf, 300)[0], Scan(dpi=300, noise=3.0, blur=0.6), np.random.default_rng(number)))
    return image_pdf([sheets[number % 10] for number in range(count)], 300, 75)


def receipts(count: int) -> bytes:
    """Receipts as a worn scanner gives them."""
    state = Scan(dpi=200, noise=14.0, uneven=50.0, blur=1.4, specks=60, ink=90, paper=215)
    sheets = []
    for number in range(10):
        made = make_receipt(f"memory-{number}")
        sheets.append(scan(render(made.pdf, 200)[0], state, np.random.default_rng(number)))
    return image_pdf([sheets[number % 10] for number in range(count)], 200, 60)


CASES = {
    "text": ("text layer", 1000, text_pages, 700, Engine.POLICY),
    "tesseract": ("scans", 60, scanned_pages, 700, Engine.TESSERACT),
    "rapidocr": ("worn receipts", 20, receipts, 1300, Engine.RAPIDOCR),
    "policy": ("scans by policy", 30, scanned_pages, 1300, Engine.POLICY),
}


def _child() -> psutil.Process:
    assert cage._server.process is not None
    (child,) = psutil.Process(cage._server.process.pid).children()
    return child


def measure(name: str) -> None:
    title, count, make, limit, engine = CASES[name]
    settings = Settings(cache_bytes=0, engine=engine, limits=Limits(pages=count))
    seen: dict[int, int] = {}

    def progress(page: int) -> None:
        if page in (1, 10, count // 2, count):
            seen[page] = _child().memory_info().rss

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.pdf"
        path.write_bytes(make(count))
        values = settings.model_dump(mode="json", exclude={"database_url"})
        warm = {key: values[key] for key in ("languages", "tesseract")}
        start = time.perf_counter()
        answer, usage = cage.run_measured(
            "pipeline.caged:_read", str(path), PDF, values, limits=settings.limits, progress=progress, warm=warm
        )
        seconds = time.perf_counter() - start
    reading = from_json(Reading, answer)
    engines = "+".join(sorted({page.source.value for page in reading.pages}))
    words = sum(len(page.words) for page in reading.pages)
    at = ", ".join(f"page {page}: {size / MEBIBYTE:.0f}" for page, size in sorted(seen.items()))
    grown = (seen[count] - seen[10]) / MEBIBYTE
    per_word = grown * MEBIBYTE / max(1, words)
    print(
        f"{title}, {count} pages, {engines}, {words} words: peak {usage.peak_bytes / MEBIBYTE:.0f} MB (under {limit}); "
        f"{at}; grown after page 10 by {grown:.0f} MB, {per_word:.0f} bytes a word; "
        f"{usage.cpu_seconds / count * 1000:.1f} ms of CPU a page, {seconds:.0f} s",
        flush=True,
    )


if __name__ == "__main__":
    for case in sys.argv[1:] or CASES:
        measure(case)
    cage.stop()
