"""How well and how dearly pages are read: ``EVAL_DIR=... python tests/benchmarks/reading.py [--every N]``.

Prints a table for each ``--engine`` (``policy``, ``tesseract``, ``rapidocr``, and ``rapidocr-defaults``, which is its
package as it ships; all by default) and set: generated clean
scans in three languages, the truth set's scans of invoices (upright and turned) and its receipts; words found (of the
text layer of the same document's page), precision, word F1, amounts found, CPU seconds a page and peak memory of a
child. With two engines or more the last lines compare them on all sets together. ``--curve`` prints instead
how the policy's threshold moves word F1 and CPU, every document judged by weights that were learnt without it.
Without the truth sets only the generated pages are read, and it says so.
"""

from __future__ import annotations

import argparse
import collections
import csv
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.records import Reading, from_json
from models.settings import Engine, load_settings
from pipeline.learn import READING_PAGES, READING_SEED, read_pages, reading_card, train_reading
from pipeline.learn.factory import LAYOUTS, make_invoice, spoil
from pipeline.tools.cage import run_measured
from tests.benchmarks import plain_rapidocr

CLEAN = 24
NO_SOURCE = "-"
AMOUNT = re.compile(r"\d+[.,]\d{2}\b")


def tokens(text: str) -> collections.Counter[str]:
    return collections.Counter(re.findall(r"\w+", text.casefold()))


def found(truth: collections.Counter[str], seen: collections.Counter[str]) -> float:
    return sum((truth & seen).values()) / max(1, sum(truth.values()))


def f1(truth: collections.Counter[str], seen: collections.Counter[str]) -> float:
    return 2 * sum((truth & seen).values()) / max(1, sum(truth.values()) + sum(seen.values()))


def precision(truth: collections.Counter[str], seen: collections.Counter[str]) -> float:
    return sum((truth & seen).values()) / max(1, sum(seen.values()))


def read(path: Path, media_type: str, engine: str = "policy"):
    settings = load_settings(engine=engine)
    start = time.perf_counter()
    answer, usage = run_measured(
        "pipeline.caged:_read",
        str(path.absolute()),
        media_type,
        settings.model_dump(mode="json"),
        limits=settings.limits,
    )
    return from_json(Reading, answer), usage, time.perf_counter() - start


@dataclass(frozen=True)
class Case:
    """A file to read and the words on it."""

    set: str
    ident: str
    truth: str
    path: Path
    media_type: str


def row_of(case: Case, engine: str) -> dict:
    if engine == plain_rapidocr.NAME:
        plain = plain_rapidocr.read(case.path, case.media_type, load_settings().limits)
        text, pages, cpu, wall, peak = (
            plain.text, plain.pages, plain.cpu_seconds, plain.wall_seconds, plain.peak_bytes,
        )  # fmt: skip
        by, turned = NO_SOURCE, "0"
    else:
        seen, usage, wall = read(case.path, case.media_type, engine)
        text, pages, cpu, peak = seen.text, max(1, len(seen.pages)), usage.cpu_seconds, usage.peak_bytes
        by = "+".join(sorted({page.source.value for page in seen.pages}))
        turned = "+".join(str(turned) for turned in sorted({page.turned for page in seen.pages}))
    wanted, got = tokens(case.truth), tokens(text)
    amounts = collections.Counter(AMOUNT.findall(case.truth))
    row = {
        "engine": engine,
        "set": "scan, turned" if case.set == "scan" and turned != "0" else case.set,
        "id": case.ident,
        "by": by,
        "turned": turned,
        "found": found(wanted, got),
        "precision": precision(wanted, got),
        "f1": f1(wanted, got),
        "cpu": cpu / pages,
        "wall": wall,
        "peak": peak / 2**20,
        "pages": pages,
    }
    if amounts:
        row["amounts"] = found(amounts, collections.Counter(AMOUNT.findall(text)))
    return row


def clean(every: int) -> Iterator[Case]:
    """Generated pages as a good scanner gives them, eight in each of three languages."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(0, CLEAN, every):
            language = ("cs", "de", "en")[number % 3]
            layout = tuple(LAYOUTS)[number // 3 % len(LAYOUTS)]
            made = make_invoice(f"clean-{number}", "invoice", language, layout, 2 + number % 7)
            state = spoil.Scan(dpi=300, noise=2, ink=20, skew=0.2 * (number % 3 - 1))
            page = spoil.scan(spoil.render(made.pdf, 300)[0], state, np.random.default_rng(number))
            path, born = Path(folder) / "scan.pdf", Path(folder) / "born.pdf"
            path.write_bytes(spoil.image_pdf([page], 300, 60))
            born.write_bytes(made.pdf)
            truth, _, _ = read(born, "application/pdf")
            text = " ".join(word.text for word in truth.pages[0].words)
            yield Case(f"clean {language}", str(number), text, path, "application/pdf")


def scans(folder: Path, every: int) -> Iterator[Case]:
    for path in sorted((folder / "scan").iterdir())[::every]:
        truth, _, _ = read(folder / "page" / f"{path.stem}.pdf", "application/pdf")
        media_type = "image/tiff" if path.suffix.startswith(".tif") else "application/pdf"
        yield Case("scan", path.stem, truth.text, path, media_type)


def receipts(folder: Path, every: int) -> Iterator[Case]:
    for path in sorted((folder / "img").iterdir())[::every]:
        with (folder / "box" / f"{path.stem}.csv").open(encoding="utf-8", errors="replace") as file:
            truth = " ".join(",".join(line[8:]) for line in csv.reader(file, quoting=csv.QUOTE_NONE))
        yield Case("receipt", path.stem, truth, path, "image/jpeg")


def report(row: dict) -> None:
    print("  ".join(f"{k} {v:.2f}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()), flush=True)


def table(rows: list[dict]) -> None:
    groups = collections.defaultdict(list)
    for row in rows:
        whole = row["set"].split()[0].rstrip(",")
        for name in {row["set"], whole}:
            groups[row["engine"], name, "all"].append(row)
        groups[row["engine"], whole, row["by"]].append(row)
    print(
        f"{'engine':17} {'set':13} {'read by':20} {'files':>5} {'found':>7} {'prec.':>7} {'F1':>7} {'amounts':>8}"
        f" {'CPU s/page':>10} {'peak MB':>8}"
    )
    for (engine, name, by), members in sorted(groups.items()):
        mean = {k: statistics.mean(m[k] for m in members) for k in ("found", "precision", "f1", "cpu")}
        amounts = [m["amounts"] for m in members if "amounts" in m]
        print(
            f"{engine:17} {name:13} {by:20} {len(members):5} {mean['found']:7.1%} {mean['precision']:7.1%}"
            f" {mean['f1']:7.1%} {statistics.mean(amounts) if amounts else float('nan'):8.1%} {mean['cpu']:10.2f}"
            f" {max(m['peak'] for m in members):8.0f}"
        )
    mixed(rows)


def mixed(rows: list[dict]) -> None:
    """All pages of all sets together, each engine against the strong one."""
    totals = {}
    for engine in sorted({row["engine"] for row in rows}):
        mine = [row for row in rows if row["engine"] == engine]
        pages = sum(row["pages"] for row in mine)
        totals[engine] = (
            sum(row["f1"] * row["pages"] for row in mine) / pages,
            sum(row["cpu"] * row["pages"] for row in mine) / pages,
        )
    strong_ones = {"RapidOCR's": totals.get(Engine.RAPIDOCR.value), "its defaults'": totals.get(plain_rapidocr.NAME)}
    for engine, (score, cpu) in totals.items():
        ratios = (
            f", {100 * (score - strong[0]):+.1f} points and {cpu / strong[1]:.2f} of {whose}"
            for whose, strong in strong_ones.items()
            if strong
        )
        print(f"mixed, {engine}: word F1 {score:.1%}, {cpu:.2f} CPU s a page{''.join(ratios)}")


def print_curve(folder: Path, every: int) -> None:
    letters = train_reading.spelt(READING_SEED)
    sheets = (*read_pages.generated(READING_SEED, READING_PAGES // every), *read_pages.of_folder(folder, every))
    held = train_reading.held_out(train_reading.read_all(sheets, letters), letters)
    print(reading_card.table(train_reading.judge(held)))
    print()
    print(reading_card.curve_table(train_reading.curve(held)))


def main() -> int:
    engines = [*(one.value for one in Engine), plain_rapidocr.NAME]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="take only every Nth file")
    parser.add_argument("--only", choices=["clean", "scan", "receipt"])
    parser.add_argument("--engine", action="append", choices=engines, help="may be repeated")
    parser.add_argument("--curve", action="store_true", help="print threshold, word F1 and CPU of the policy")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    folder = Path(os.environ["EVAL_DIR"]) if os.environ.get("EVAL_DIR") else None
    if folder is None:
        print("EVAL_DIR is not set: the truth sets are absent, only generated pages are measured.")
    if options.curve:
        if folder is not None:
            print_curve(folder, options.every)
        return 0
    rows = []
    sets = {"clean": clean(options.every)}
    if folder is not None:
        sets |= {
            "scan": scans(folder / "invoices", options.every), "receipt": receipts(folder / "receipts", options.every),
        }  # fmt: skip
    for name, cases in sets.items():
        for case in cases if options.only in (None, name) else ():
            for engine in options.engine or engines:  # in turns, so that a busy machine hinders all of them alike
                rows.append(row_of(case, engine))
                if options.verbose:
                    report(rows[-1])
    table(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
