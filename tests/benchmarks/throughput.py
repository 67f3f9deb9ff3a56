"""CPU of reading clean scans, ours beside its peers': ``python tests/benchmarks/throughput.py [--help]``.

All are measured in the same rounds, interleaved, on the same pages with two workers, and compared by ratios of CPU
seconds: on a machine that others use, nothing else holds. What counts as ours is everything that runs: this
process, the server of the cage, and every child. It is warm on both sides (one page is read before the clock starts),
because a worker starts once and then reads all day; what the start costs is printed too.

    a  our reading by the cheap engine alone, a child a file; and all pages as one file
    b  tesserocr alone on the ready-made pixels: with all languages of the settings, and with the right one only
    c  ocrmypdf --jobs 2 --skip-text --output-type pdf -O0, one file of all pages, the same languages
    d  ours on that file, and its searchable PDF written
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
from clean_pages import CleanPage, make_pages

from models.settings import Engine, Settings
from pipeline.caged import read_caged, searchable_caged
from pipeline.tools import cage

ROOT = Path(__file__).resolve().parents[2]
EXECUTABLE = str(Path(sys.executable).with_name("podatelna"))
WORKERS = 2
PDF = "application/pdf"

PEER = """
import json, resource, sys
import numpy as np
import tesserocr
from pipeline.tools.tesseract_in_process import tessdata

jobs = json.loads(sys.stdin.read())
engines = {}
def read(pixels, languages):
    if languages not in engines:
        engines[languages] = tesserocr.PyTessBaseAPI(path=f"{tessdata()}/", lang=languages)
    api = engines[languages]
    high, wide = pixels.shape
    api.SetImageBytes(pixels.tobytes(), wide, high, 1, wide)
    api.SetSourceResolution(300)
    api.Recognize()
    return len(api.GetTSVText(0))
loaded = [(np.ascontiguousarray(np.load(path)), languages) for path, languages in jobs]
for languages in {languages for _, languages in loaded}:
    read(loaded[0][0], languages)
start = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
for pixels, languages in loaded:
    read(pixels, languages)
print(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - start)
"""


def _cpu() -> float:
    """CPU seconds of this process and of the cage's server with all children that it has buried."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    total = own.ru_utime + own.ru_stime
    if cage._server.process is not None:
        times = psutil.Process(cage._server.process.pid).cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def ours(files: list[Path], settings: Settings, engines: collections.Counter[str]) -> float:
    start = _cpu()
    with ThreadPoolExecutor(WORKERS) as pool:
        for reading in pool.map(lambda path: read_caged(path, PDF, settings), files):
            engines.update(page.source.value for page in reading.pages)
    return _cpu() - start


def tesserocr_alone(pages: list[CleanPage], languages: Callable[[CleanPage], str]) -> float:
    def half(part: list[CleanPage]) -> float:
        jobs = json.dumps([(str(page.pixels), languages(page)) for page in part])
        environment = os.environ | {"OMP_THREAD_LIMIT": "1", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", PEER]
        done = subprocess.run(command, input=jobs, env=environment, capture_output=True, text=True, check=True)
        return float(done.stdout)

    with ThreadPoolExecutor(WORKERS) as pool:
        return sum(pool.map(half, [pages[number::WORKERS] for number in range(WORKERS)]))


def ocrmypdf(program: str, whole: Path, settings: Settings) -> tuple[float, int]:
    out = whole.with_name("ocrmypdf.pdf")
    command = [program, "--jobs", str(WORKERS), "--skip-text", "--output-type", "pdf", "-O0", "--quiet"]
    start = _cpu_of_children()
    subprocess.run([*command, "-l", "+".join(settings.languages), str(whole), str(out)], check=True)
    return _cpu_of_children() - start, out.stat().st_size


def ours_searchable(whole: Path, settings: Settings) -> tuple[float, int]:
    out = whole.with_name("ours.pdf")
    start = _cpu()
    with out.open("wb") as file:
        searchable_caged(whole, PDF, settings, file)
    return _cpu() - start, out.stat().st_size


def cold(pages: list[CleanPage]) -> float:
    start = _cpu_of_children()
    files = [str(page.pdf) for page in pages]
    environment = os.environ | {"PODATELNA_CACHE_BYTES": "0"}
    command = [EXECUTABLE, "read", "--jsonl", "--workers", str(WORKERS), *files]
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return _cpu_of_children() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pages", type=int, default=24)
    parser.add_argument("--only", default="abcd", help="letters of what is to be measured")
    parser.add_argument("--ocrmypdf", default=shutil.which("ocrmypdf"), help="the program; found by PATH")
    given = parser.parse_args()
    settings = Settings(cache_bytes=0, workers=WORKERS, engine=Engine.TESSERACT)
    spent: dict[str, list[float]] = collections.defaultdict(list)
    sizes: dict[str, int] = {}
    every = "+".join(settings.languages)
    engines: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pages, whole = make_pages(folder, given.pages)
        words = statistics.mean(page.words for page in pages)
        print(f"{len(pages)} pages at 300 dpi, {words:.0f} words a page, {WORKERS} workers; CPU seconds a page")
        read_caged(pages[0].pdf, PDF, settings)  # the server starts and loads its models
        for number in range(given.rounds):
            began = time.perf_counter()
            if "a" in given.only:
                spent["a ours"].append(ours([page.pdf for page in pages], settings, engines))
                spent["a ours, one file of all pages"].append(ours([whole], settings, engines))
            if "b" in given.only:
                spent["b tesserocr, all languages"].append(tesserocr_alone(pages, lambda _: every))
                spent["b tesserocr, the right language"].append(tesserocr_alone(pages, lambda page: page.language))
            if "c" in given.only and given.ocrmypdf:
                seconds, sizes["c"] = ocrmypdf(given.ocrmypdf, whole, settings)
                spent["c ocrmypdf"].append(seconds)
            if "d" in given.only:
                seconds, sizes["d"] = ours_searchable(whole, settings)
                spent["d ours, searchable PDF"].append(seconds)
            if "a" in given.only and number == 0:
                spent["a ours, with the start of everything"].append(cold(pages))
            print(f"  round {number + 1}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
        size = whole.stat().st_size
    cage.stop()
    for what, seconds in spent.items():
        line = " ".join(f"{one / len(pages):.3f}" for one in seconds)
        print(f"  {what:<38} median {statistics.median(seconds) / len(pages):.3f}   ({line})")
    if "a" in given.only:
        print(f"  pages read by: {', '.join(f'{engine} {count}' for engine, count in engines.items())}")

    def ratio(above: str, below: str, limit: str) -> None:
        if above in spent and below in spent:
            ratios = [one / other for one, other in zip(spent[above], spent[below], strict=False)]
            print(f"  {above} / {below}: {statistics.median(ratios):.2f} ({limit})")

    ratio("a ours", "b tesserocr, all languages", "at most 1.10: both may use all languages of the settings")
    ratio("a ours, one file of all pages", "b tesserocr, all languages", "one child, one language told")
    ratio("a ours", "b tesserocr, the right language", "for comparison: the peer is told each page's language")
    if "c" in given.only and not given.ocrmypdf:
        print("  c ocrmypdf is not installed: not measured. Give it by PATH or --ocrmypdf.")
    ratio("d ours, searchable PDF", "c ocrmypdf", "at most 0.40")
    for letter, one in sizes.items():
        print(f"  {letter}: the searchable PDF has {one / size:.3f} of the file's size")


if __name__ == "__main__":
    main()
