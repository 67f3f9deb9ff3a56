"""How fast, how flat and how rightly text layers are read: ``EVAL_DIR=... python tests/benchmarks/text_layer.py``.

Prints pages a second of one core (words, judgement and all; the engines are warm, as in the cage), its ratio to PDFium
alone (open the page, extract its text) on the same pages, resident memory at page 100 and 1,000 of one file, and how
far the words agree with ``pdftotext`` (Debian's poppler-utils), page by page. ``--plumber`` compares pdfminer's
glyphs through the same word builder as well, which takes a minute.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import html
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import unicodedata
from pathlib import Path

import pikepdf

from models.records import PageKind
from models.settings import Limits, load_settings
from pipeline.reading import read_pages
from pipeline.reading.pdf import digits
from pipeline.reading.pdf.textlayer import look_at, text_layer
from pipeline.tools import pdfium, pdfium_text, plumber, rapidocr
from pipeline.tools.text import clean

PDF = "application/pdf"
AGREES = 0.97


def tokens(words) -> collections.Counter[str]:
    return collections.Counter(clean(unicodedata.normalize("NFKC", word)) for word in words)


def f1(one, other) -> float:
    one, other = tokens(one), tokens(other)
    return 2 * sum((one & other).values()) / max(1, sum(one.values()) + sum(other.values())) if one or other else 1.0


def mended(torn, whole) -> list[str]:
    """The words ``torn``, where a run of them that makes one word of ``whole`` is that word."""
    known, words, index = set(tokens(whole)), [clean(word) for word in torn], 0
    made = []
    while index < len(words):
        ends = [end for end in range(index + 5, index + 1, -1) if "".join(words[index:end]) in known]
        end = ends[0] if ends and words[index] not in known else index + 1
        made.append("".join(words[index:end]))
        index = end
    return made


def by_pdftotext(path: Path) -> list[list[str]]:
    """The words of each page."""
    answer = subprocess.run(["pdftotext", "-bbox", str(path), "-"], capture_output=True, check=True, text=True).stdout
    return [
        [html.unescape(word) for word in re.findall(r"<word [^>]*>(.*?)</word>", page)]
        for page in answer.split("<page ")[1:]
    ]


def alone(path: Path) -> tuple[int, float]:
    """Pages, and the seconds that PDFium needs for no more than opening them and extracting their text."""
    start = time.process_time()
    with pdfium.open_pdf(path, Limits()) as document:
        for number in range(1, len(document) + 1):
            with pdfium.open_page(document, number, Limits()) as page:
                text = page.get_textpage()
                text.get_text_range()
                text.close()
        return len(document), time.process_time() - start


def speed(paths: list[Path]) -> None:
    settings = load_settings()
    ours = collections.defaultdict(list)
    bare = pages = 0.0
    for path in paths:
        number, seconds = alone(path)
        bare += seconds
        pages += number
        start = time.process_time()
        for page, _ in read_pages(path, PDF, settings):
            now = time.process_time()
            ours[page.kind].append(now - start)
            start = now
    total = sum(map(sum, ours.values()))
    print(f"pages {pages:.0f}; PDFium alone {1000 * bare / pages:.1f} ms a page; ours {1000 * total / pages:.1f}")
    for kind in PageKind:
        if ours[kind]:
            mean, median = (1000 * measure(ours[kind]) for measure in (statistics.mean, statistics.median))
            print(
                f"  {kind.value:6s} {len(ours[kind]):4d} pages, mean {mean:.1f} ms, median {median:.1f} ms"
                f" = {1000 / mean:.0f} and {1000 / median:.0f} a second"
            )
    text = statistics.mean(ours[PageKind.TEXT])
    print(f"text pages: {1 / text:.0f} a second of a core; {text / (bare / pages):.1f} times PDFium alone")


def resident() -> float:
    """This process's memory now, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def memory(paths: list[Path], pages: int = 1000) -> None:
    settings = load_settings(limits=Limits(pages=pages, file_bytes=2**40))
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack, pikepdf.new() as book:
        sources = [stack.enter_context(pikepdf.open(path)) for path in paths]
        every = [page for source in sources for page in source.pages]
        for index in range(pages):
            book.pages.append(every[index % len(every)])
        path = Path(folder, "book.pdf")
        book.save(path)
        marks = [
            (page.number, resident())
            for page, _ in read_pages(path, PDF, settings)
            if page.number in (1, 100, pages // 2, pages)
        ]
    print("memory: " + ", ".join(f"page {number} {size:.0f} MB" for number, size in marks))


def agreement(paths: list[Path], with_plumber: bool, verbose: bool) -> None:
    scores, letters, second, between = [], [], [], []
    for path in paths:
        theirs = by_pdftotext(path)
        with pdfium.open_pdf(path, Limits()) as document:
            for number in range(1, len(document) + 1):
                with pdfium.open_page(document, number, Limits()) as page:
                    width, height = pdfium.size(page)
                    glyphs = pdfium_text.glyphs(page)
                    whole, bare, _ = pdfium_text.draw_twice(page, 120, Limits(), glyphs.objects)
                look = look_at(whole, bare)
                ours = [word.text for word in text_layer(glyphs, width, height, look).words]
                scores.append(f1(ours, theirs[number - 1]))
                letters.append(f1(ours, mended(theirs[number - 1], ours)))
                if verbose and scores[-1] < AGREES:
                    only, lost = tokens(ours) - tokens(theirs[number - 1]), tokens(theirs[number - 1]) - tokens(ours)
                    print(f"  {path.name} {number}: {scores[-1]:.3f} ours {list(only)[:8]} theirs {list(lost)[:8]}")
                other = plumber.glyphs(path, number, width, height) if with_plumber else None
                if other is not None:
                    words = [word.text for word in text_layer(other, width, height, look).words]
                    second.append(f1(words, theirs[number - 1]))
                    between.append(f1(words, ours))
    for name, values in (
        ("PDFium's words and pdftotext's", scores),
        ("the same, words that pdftotext tears mended", letters),
        ("pdfminer's and pdftotext's", second),
        ("PDFium's and pdfminer's", between),
    ):
        if values:
            share = sum(value >= AGREES for value in values) / len(values)
            mean = sum(values) / len(values)
            print(f"{name}: F1 at least {AGREES} on {100 * share:.0f} % of {len(values)} pages; mean {mean:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plumber", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    if "EVAL_DIR" not in os.environ:
        sys.exit("The truth sets are absent: set EVAL_DIR.")
    paths = sorted((Path(os.environ["EVAL_DIR"]) / "invoices" / "page").glob("*.pdf"))
    digits.warm()
    rapidocr.warm()
    speed(paths)
    memory(paths)
    agreement(paths, options.plumber, options.verbose)


if __name__ == "__main__":
    main()
