"""How well and how dearly pages are read: ``EVAL_DIR=... python tests/benchmarks/reading.py [--every N]``.

Prints a table: words found (of the text layer of the same document's page, for scans), word F1 and amounts found
(receipts), CPU seconds and peak memory of a child. Needs the truth sets; prints that they are absent otherwise.
"""

from __future__ import annotations

import argparse
import collections
import csv
import os
import re
import statistics
import sys
import time
from pathlib import Path

from models.records import Reading, from_json
from models.settings import load_settings
from pipeline.tools.cage import run_measured

AMOUNT = re.compile(r"\d+[.,]\d{2}\b")


def tokens(text: str) -> collections.Counter[str]:
    return collections.Counter(re.findall(r"\w+", text.casefold()))


def found(truth: collections.Counter[str], seen: collections.Counter[str]) -> float:
    return sum((truth & seen).values()) / max(1, sum(truth.values()))


def f1(truth: collections.Counter[str], seen: collections.Counter[str]) -> float:
    return 2 * sum((truth & seen).values()) / max(1, sum(truth.values()) + sum(seen.values()))


def read(path: Path, media_type: str):
    settings = load_settings()
    start = time.perf_counter()
    answer, usage = run_measured(
        "pipeline.caged:_read",
        str(path.absolute()),
        media_type,
        settings.model_dump(mode="json"),
        limits=settings.limits,
    )
    return from_json(Reading, answer), usage, time.perf_counter() - start


def scans(folder: Path, every: int, verbose: bool) -> list[dict]:
    rows = []
    for path in sorted((folder / "scan").iterdir())[::every]:
        truth, _, _ = read(folder / "page" / f"{path.stem}.pdf", "application/pdf")
        media_type = "image/tiff" if path.suffix.startswith(".tif") else "application/pdf"
        seen, usage, seconds = read(path, media_type)
        row = {
            "set": "scan",
            "id": path.stem,
            "engine": "+".join(sorted({page.source.value for page in seen.pages})),
            "turned": sorted({page.turned for page in seen.pages}),
            "found": found(tokens(truth.text), tokens(seen.text)),
            "f1": f1(tokens(truth.text), tokens(seen.text)),
            "cpu": usage.cpu_seconds / max(1, len(seen.pages)),
            "wall": seconds,
            "peak": usage.peak_bytes / 2**20,
            "pages": len(seen.pages),
        }
        rows.append(row)
        if verbose:
            report(row)
    return rows


def receipts(folder: Path, every: int, verbose: bool) -> list[dict]:
    rows = []
    for path in sorted((folder / "img").iterdir())[::every]:
        with (folder / "box" / f"{path.stem}.csv").open(encoding="utf-8", errors="replace") as file:
            truth = " ".join(",".join(line[8:]) for line in csv.reader(file, quoting=csv.QUOTE_NONE))
        seen, usage, seconds = read(path, "image/jpeg")
        wanted = collections.Counter(AMOUNT.findall(truth))
        row = {
            "set": "receipt",
            "id": path.stem,
            "engine": "+".join(sorted({page.source.value for page in seen.pages})),
            "turned": sorted({page.turned for page in seen.pages}),
            "found": found(tokens(truth), tokens(seen.text)),
            "f1": f1(tokens(truth), tokens(seen.text)),
            "amounts": found(wanted, collections.Counter(AMOUNT.findall(seen.text))),
            "cpu": usage.cpu_seconds,
            "wall": seconds,
            "peak": usage.peak_bytes / 2**20,
            "pages": 1,
        }
        rows.append(row)
        if verbose:
            report(row)
    return rows


def report(row: dict) -> None:
    print("  ".join(f"{k} {v:.2f}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()), flush=True)


def table(rows: list[dict]) -> None:
    groups = collections.defaultdict(list)
    for row in rows:
        groups[row["set"], "all"].append(row)
        groups[row["set"], row["engine"]].append(row)
    print(
        f"{'set':10} {'engine':20} {'files':>5} {'found':>6} {'F1':>6} {'amounts':>8} {'CPU s/page':>10} {'peak MB':>8}"
    )
    for (name, engine), members in sorted(groups.items()):
        mean = {k: statistics.mean(m[k] for m in members) for k in ("found", "f1", "cpu")}
        amounts = [m["amounts"] for m in members if "amounts" in m]
        print(
            f"{name:10} {engine:20} {len(members):5} {mean['found']:6.1%} {mean['f1']:6.1%}"
            f" {statistics.mean(amounts) if amounts else float('nan'):8.1%} {mean['cpu']:10.2f}"
            f" {max(m['peak'] for m in members):8.0f}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="take only every Nth file")
    parser.add_argument("--only", choices=["scan", "receipt"])
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    if not os.environ.get("EVAL_DIR"):
        print("EVAL_DIR is not set: the truth sets are absent, nothing was measured.")
        return 0
    folder = Path(os.environ["EVAL_DIR"])
    rows = []
    if options.only != "receipt":
        rows += scans(folder / "invoices", options.every, options.verbose)
    if options.only != "scan":
        rows += receipts(folder / "receipts", options.every, options.verbose)
    table(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
