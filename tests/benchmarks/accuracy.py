"""Accuracy of ``extract`` on truth that others wrote: ``EVAL_DIR=... python tests/benchmarks/accuracy.py [SET ...]``.

SET is ``page``, ``scan``, ``hybrid`` (invoices) or ``receipts``; all of them by default. Runs the command over every
file, turns its lines into the scorers' form, runs the scorers, and prints their tables. Predictions stay in a
folder that is named at the end, so that errors can be looked at (``--errors`` of the scorers).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

EXECUTABLE = str(Path(sys.executable).with_name("podatelna"))
HEADER = (
    "invoice_number,issue_date,due_date,delivery_date,seller_name,seller_vat_id,seller_tax_number,seller_address,"
    "buyer_name,buyer_vat_id,buyer_reference,order_number,currency,net_total,tax_total,gross_total,amount_due,iban,bic,"
    "payment_terms"
)


def extracted(files: list[Path]) -> list[dict[str, Any]]:
    """The lines of ``podatelna extract --jsonl`` over the files."""
    start = time.perf_counter()
    done = subprocess.run(
        [EXECUTABLE, "extract", "--jsonl", *map(str, files)], stdout=subprocess.PIPE, text=True, check=False
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(files), f"{len(files)} files, {len(answers)} answers (exit code {done.returncode})"
    seconds = time.perf_counter() - start
    routes = dict(Counter(answer["route"] for answer in answers))
    types = dict(Counter(answer["type"] for answer in answers))
    codes = dict(Counter(finding["code"] for answer in answers for finding in answer["findings"]))
    print(f"{len(files)} files, {seconds:.0f} s, exit code {done.returncode}; routes {routes}; types {types}")
    print(f"findings {codes}")
    return answers


def predictions(answers: list[dict[str, Any]], target: Path) -> Path:
    """Write the scorers' form of the answers."""
    with target.open("w", encoding="utf-8") as out:
        for answer in answers:
            row = {
                "id": Path(answer["file"]).stem,
                "fields": {name: field["value"] for name, field in answer["fields"].items()},
                "confidence": {name: field["confidence"] for name, field in answer["fields"].items()},
                "line_items": answer["line_items"],
                "route": answer["route"],
            }
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return target


def main(sets: list[str]) -> None:
    root = Path(os.environ["EVAL_DIR"])
    results = Path(tempfile.mkdtemp(prefix="podatelna-accuracy-"))
    for one in sets:
        print(f"\n=== {one}", flush=True)
        if one == "receipts":
            folder = root / "receipts"
            made = predictions(extracted(sorted((folder / "img").iterdir())), results / "receipts.jsonl")
            options = ["--key", str(folder / "key"), "--split", str(folder / "split.json"), "--side", "dev"]
            command = [sys.executable, str(folder / "score.py"), str(made), *options]
        else:
            folder = root / "invoices"
            made = predictions(extracted(sorted((folder / one).iterdir())), results / f"{one}.jsonl")
            options = ["--truth", str(folder / "truth.jsonl"), "--fields", HEADER, "--only-predicted"]
            command = [sys.executable, str(folder / "score.py"), "--pred", str(made), *options]
            command += ["--errors", str(results / f"{one}.errors.jsonl")]
        subprocess.run(command, check=True)
    print(f"\nPredictions: {results}")


if __name__ == "__main__":
    if "EVAL_DIR" not in os.environ:
        sys.exit("Set EVAL_DIR to the folder with invoices/ and receipts/; without it there is nothing to measure.")
    main(sys.argv[1:] or ["page", "scan", "hybrid", "receipts"])
