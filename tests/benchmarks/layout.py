"""Reading order, tables and codes: ``python tests/benchmarks/layout.py [--scans N]``; EVAL_DIR adds real pages.

Prints how well our reading order agrees with that of pdftotext (Kendall's tau over the words that both have), the share
of line items of generated invoices that come out as rows of a table (text layer, and N scans a kind of ruling read by
the real engine), and what codes, order and the searchable PDF cost a page in CPU.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

import pipeline.searchable
from models.errors import UnreadableDocument
from models.records import Page, Reading, Table
from models.settings import Settings
from pipeline.learn.factory import make_invoice, spoil
from pipeline.learn.factory.records import Made
from pipeline.learn.factory.style import make_style
from pipeline.reading import codes, read
from pipeline.reading.known import NoMemory
from pipeline.reading.layout import arrange
from pipeline.reading.tables import find_tables

PDF = "application/pdf"
SETTINGS = Settings(languages=("ces", "deu", "eng"))
WORD = re.compile(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>')


def median_ms(call: Callable[[], object], times: int = 5) -> float:
    """CPU milliseconds of a call, the median of some."""
    costs = []
    for _ in range(times):
        start = time.thread_time()
        call()
        costs.append(time.thread_time() - start)
    return 1000 * statistics.median(costs)


# -- reading order ------------------------------------------------------------------------------------------------


def pdftotext_order(path: Path, page: int) -> list[tuple[str, float, float]]:
    """Words of pdftotext's default order with the middles of their boxes."""
    command = ["pdftotext", "-bbox", "-f", str(page), "-l", str(page), str(path), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = []
    for x0, y0, x1, y1, word in WORD.findall(text):
        word = re.sub("&(amp|lt|gt|quot|#39);", lambda m: {"amp": "&", "lt": "<", "gt": ">"}.get(m[1], '"'), word)
        found.append((word, (float(x0) + float(x1)) / 2, (float(y0) + float(y1)) / 2))
    return found


def agreement(page: Page, others: list[tuple[str, float, float]]) -> float | None:
    """Kendall's tau (1 the same order, 0 no relation) over words of the same text at the same place."""
    places = defaultdict(list)
    for rank, (text, x, y) in enumerate(others):
        places[text].append((rank, x, y))
    ranks = []
    for word in page.words:
        x, y = (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
        near = [one for one in places[word.text] if abs(one[1] - x) < 4 and abs(one[2] - y) < 6]
        if near:
            ranks.append(min(near, key=lambda one: abs(one[1] - x))[0])
    if len(ranks) < 10:
        return None
    order = np.array(ranks)
    signs = np.sign(order[None, :] - order[:, None])[np.triu_indices(len(order), 1)]
    return float(signs.mean())


def by_height(page: Page) -> Page:
    """The page in plain lines from the top, which is what there was before blocks."""
    from dataclasses import replace

    return replace(page, words=tuple(sorted(page.words, key=lambda word: (round(word.box[3] / 6), word.box[0]))))


def reading_order(folder: Path) -> None:
    if shutil.which("pdftotext") is None:
        print("reading order: pdftotext is not installed; skipped")
        return
    files = []
    if "EVAL_DIR" in os.environ:
        files += sorted((Path(os.environ["EVAL_DIR"]) / "invoices" / "page").glob("*.pdf"))[::4]
    for seed in range(12):
        files.append(folder / f"order{seed}.pdf")
        files[-1].write_bytes(make_invoice(f"order{seed}", language=("cs", "de", "en", "fr")[seed % 4]).pdf)
    ours, plain, costs, words = [], [], [], 0
    for path in files:
        try:
            pages = read(path, PDF, SETTINGS, lambda number: None).pages
        except UnreadableDocument:  # the samples have a broken one
            continue
        for page in pages:
            if page.source.value != "text":
                continue
            others = pdftotext_order(path, page.number)
            one, other = agreement(page, others), agreement(by_height(page), others)
            if one is None or other is None:
                continue
            ours.append(one)
            plain.append(other)
            costs.append(median_ms(lambda page=page: arrange(page.words)))  # type: ignore[misc]
            words += len(page.words)
    print(
        f"reading order on {len(ours)} text pages, tau with pdftotext: mean {statistics.mean(ours):.3f}, median "
        f"{statistics.median(ours):.3f} (plain lines {statistics.mean(plain):.3f}, {statistics.median(plain):.3f}); "
        f"{300 * sum(costs) / words:.2f} ms for 300 words"
    )


# -- tables -------------------------------------------------------------------------------------------------------


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def recovered(made: Made, tables: tuple[Table, ...]) -> tuple[int, int]:
    """How many line items are a table row: the net amount in one cell, the description's first word in another."""
    rows = [[cell.text for cell in row] for table in tables for row in table.rows]
    right = 0
    for item in made.line_items:
        amount = digits(f"{abs(float(item['net_amount'])):.2f}") if "net_amount" in item else None
        first = item.get("description", "").split()[:1]
        for row in rows:
            with_amount = [at for at, text in enumerate(row) if amount and digits(text) == amount]
            with_word = [at for at, text in enumerate(row) if first and first[0] in text.split()]
            if any(a != b for a in with_amount for b in with_word):
                rows.remove(row)
                right += 1
                break
    return right, len(made.line_items)


def ruling_of(seed: str, language: str, layout: str) -> str:
    from pipeline.learn.factory.trade import seeded

    return make_style(seeded("style", seed, "invoice", language, layout), language, "invoice").ruling


def invoices(count: int) -> Iterator[tuple[str, Made]]:
    """So many generated invoices of each kind of ruling."""
    left = dict.fromkeys(("grid", "lines", "header", "zebra", "none"), count)
    for number in range(2000):
        if not any(left.values()):
            return
        language = ("cs", "de", "en", "fr")[number % 4]
        made = make_invoice(f"tables{number}", language=language, lines=3 + number % 5)
        if made.layout in ("prose", "listing"):
            continue
        ruling = ruling_of(f"tables{number}", language, made.layout)
        if left.get(ruling):
            left[ruling] -= 1
            yield ruling, made


def tables(folder: Path, scans: int) -> None:
    score: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    costs: dict[str, list[float]] = defaultdict(list)

    def count(kind: str, ruling: str, made: Made, path: Path, reading: Reading) -> None:
        start = time.thread_time()
        found = find_tables(path, PDF, reading, SETTINGS)
        costs[kind].append((time.thread_time() - start) / len(reading.pages))
        right, all_ = recovered(made, found)
        score[kind, ruling][0] += right
        score[kind, ruling][1] += all_
        if os.environ.get("SHOW") and right < all_:
            print(f"{made.id} {kind} {ruling}: {right} of {all_}")

    seen: dict[str, int] = defaultdict(int)
    for ruling, made in invoices(8):
        path = folder / "page.pdf"
        path.write_bytes(made.pdf)
        count("text layer", ruling, made, path, read(path, PDF, SETTINGS, lambda number: None))
        if seen[ruling] < scans:
            seen[ruling] += 1
            state = spoil.Scan(dpi=200, skew=(-0.8, 0.0, 0.6)[seen[ruling] % 3], noise=5.0, blur=0.5)
            chance = np.random.default_rng(seen[ruling])
            images = [spoil.scan(image, state, chance) for image in spoil.render(made.pdf, 200)]
            path = folder / "scan.pdf"
            path.write_bytes(spoil.image_pdf(images, 200, 70))
            count("scan", ruling, made, path, read(path, PDF, SETTINGS, lambda number: None))
    for kind in ("text layer", "scan"):
        parts = [f"{ruling} {a / b:.0%}" for (k, ruling), (a, b) in sorted(score.items()) if k == kind and b]
        right = sum(a for (k, _), (a, _) in score.items() if k == kind)
        every = sum(b for (k, _), (_, b) in score.items() if k == kind)
        if every:
            cost = 1000 * statistics.median(costs[kind])
            print(f"line items as table rows, {kind}: {right} of {every} ({right / every:.0%}; {', '.join(parts)}), "
                  f"{cost:.0f} ms a page")  # fmt: skip


# -- costs --------------------------------------------------------------------------------------------------------


def costs_a_page(folder: Path) -> None:
    made = make_invoice("cost", language="en", lines=6)
    images = spoil.render(made.pdf, 300)
    print(f"codes on a clean page of 300 dpi without any: {median_ms(lambda: codes.find(images[0], 300)):.1f} ms")
    path, target = folder / "cost.pdf", folder / "searchable.pdf"
    path.write_bytes(spoil.image_pdf(images, 300, 70))
    pages = read(path, PDF, SETTINGS, lambda number: None).pages

    def write() -> None:
        target.unlink(missing_ok=True)
        pipeline.searchable.write(path, PDF, target, SETTINGS, lambda number: None, NoMemory())

    reader = pipeline.searchable.read_pages
    pipeline.searchable.read_pages = lambda *arguments: iter([(page, []) for page in pages])  # type: ignore[assignment]
    try:
        cost = median_ms(write) / len(pages)
    finally:
        pipeline.searchable.read_pages = reader
    growth = target.stat().st_size / path.stat().st_size
    print(f"searchable PDF, beside the reading: {cost:.1f} ms a page, {growth:.3f} of the size")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scans", type=int, default=2, help="scans a kind of ruling; each page costs the engine 1 s")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reading_order(folder)
        tables(folder, arguments.scans)
        costs_a_page(folder)


if __name__ == "__main__":
    sys.exit(main())
