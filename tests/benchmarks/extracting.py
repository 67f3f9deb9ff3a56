"""What classifying and extracting cost: ``python tests/benchmarks/extracting.py [--readings FOLDER ...] [--made N]``.

Prints CPU milliseconds a page by type, median and 95th percentile of documents, on one core with everything loaded
once, and the megabytes that each model takes. The documents are N generated ones of each type; the text layers of
``EVAL_DIR/invoices/page`` where that is set; and readings kept as JSON (`models.records.Reading`) in folders.

Aims: 60 ms a page at the median, 150 MB of models.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

PDF = "application/pdf"
MEBIBYTE = 2**20
MODELS = {
    "classifier": "from pipeline.classify import warm; warm()",
    "scorers": "from extractors.scoring.model import WEIGHTS, load\n"
    "for path in sorted(WEIGHTS.glob('*.txt')): load(path.stem)",
    "vocabulary": "from extractors.page.labels import label_index; from models.document_types import document_types\n"
    "for kind in document_types().values(): label_index(kind)",
}
"""What is loaded for each model, in this order, in a process that has imported the stages."""


def documents(made: int, folders: list[Path]) -> Iterator[tuple[str, object]]:
    """Where a reading is from, and the reading."""
    from models.records import Reading, from_json
    from models.settings import Settings
    from pipeline.learn.factory import FORM_LAYOUTS, LANGUAGES, make_form, make_invoice, make_other, make_receipt
    from pipeline.reading import read

    for number in range(made):
        seed, language = f"cost{number}", LANGUAGES[number % len(LANGUAGES)]
        for kind in ("invoice", "credit_note", "order", "delivery_note"):
            yield "made", make_invoice(seed, kind, language).reading
        for kind in FORM_LAYOUTS:
            yield "made", make_form(seed, kind, language).reading
        yield "made", make_receipt(seed, ("cz", "de", "gb", "my")[number % 4]).reading
        yield "made", make_other(seed, "letter", language).reading
    for folder in folders:
        for path in sorted(folder.glob("*.json")):
            yield folder.name, from_json(Reading, path.read_bytes())
    if "EVAL_DIR" in os.environ and not folders:
        for path in sorted((Path(os.environ["EVAL_DIR"]) / "invoices" / "page").glob("*.pdf")):
            yield "EVAL_DIR page", read(path, PDF, Settings(), lambda _page: None)


def speed(made: int, folders: list[Path]) -> None:
    from extractors import extract
    from models.document_types import document_types
    from models.records import Reading
    from pipeline.classify import classify, warm

    warm()
    costs: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    seen: set[str] = set()
    for source, reading in documents(made, folders):
        assert isinstance(reading, Reading)
        if not reading.pages:
            continue
        if source not in seen:  # the first one pays for tables that a worker builds once
            seen.add(source)
            for kind in document_types().values():
                extract(reading, kind)
        start = time.thread_time()
        told = classify(reading)
        middle = time.thread_time()
        extract(reading, document_types()[told.type])
        end = time.thread_time()
        pages = len(reading.pages)
        costs[source, told.type].append(((middle - start) * 1000 / pages, (end - middle) * 1000 / pages))
    print(f"{'documents':32} {'count':>5} {'classify':>9} {'extract':>9} {'both':>9} {'95 %':>9}   ms a page")
    for source in dict.fromkeys(source for source, _ in costs):
        rows = {name: one for (where, name), one in sorted(costs.items()) if where == source}
        for name, one in {**rows, "all": [cost for some in rows.values() for cost in some]}.items():
            both = sorted(a + b for a, b in one)
            parts = [statistics.median(part) for part in (*zip(*one, strict=True), both)]
            worst = both[min(len(both) - 1, int(0.95 * len(both)))]
            print(f"{source + ' ' + name:32} {len(one):5} " + " ".join(f"{cost:9.1f}" for cost in (*parts, worst)))


def memory() -> None:
    """Resident megabytes before and after each model is loaded, in a process of its own."""
    steps = "\n".join(f"{code}\nprint({name!r}, size())" for name, code in MODELS.items())
    code = (
        "import psutil, pipeline.stages\n"
        f"def size(): return psutil.Process().memory_info().rss / {MEBIBYTE}\n"
        f"print('stages', size())\n{steps}"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    sizes = [(name, float(size)) for name, size in (line.split() for line in out.splitlines())]
    parts = [f"{name} {size - before:.0f}" for (_, before), (name, size) in pairwise(sizes)]
    print(f"models: {sizes[-1][1] - sizes[0][1]:.0f} MB ({', '.join(parts)}) beside {sizes[0][1]:.0f} MB of code")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readings", type=Path, nargs="*", default=[], help="folders of readings as JSON")
    parser.add_argument("--made", type=int, default=8, help="generated documents of each type")
    options = parser.parse_args()
    memory()
    speed(options.made, options.readings)
