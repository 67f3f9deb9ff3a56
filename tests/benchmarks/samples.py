"""Speed and memory of the main job on the samples: ``python tests/benchmarks/samples.py [RUNS]``.

Prints, per run of ``podatelna run`` in an empty home: wall and CPU seconds of the whole process tree, the largest
resident set of any single process, and what became of the documents. Then, for the scanned pages alone, how
much of the CPU of ``podatelna extract`` is not the OCR engines' own: the engines are timed on the very images that
the reading handed to them, in the same run.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "data" / "samples" / "documents"
EXECUTABLE = str(Path(sys.executable).with_name("podatelna"))


def _cpu_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measured(command: list[str], environment: dict[str, str]) -> tuple[float, float, dict[str, int], str]:
    """Run a command; return wall and CPU seconds of its whole tree, peak resident bytes by program, and its output."""
    before, start = _cpu_of_children(), time.perf_counter()
    child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    peaks: dict[str, int] = {}
    tree = psutil.Process(child.pid)
    while child.poll() is None:
        try:
            for process in [tree, *tree.children(recursive=True)]:
                name = "main" if process.pid == child.pid else process.name()
                peaks[name] = max(peaks.get(name, 0), process.memory_info().rss)
        except psutil.Error:
            pass
        time.sleep(0.02)
    assert child.stdout
    text = child.stdout.read()
    return time.perf_counter() - start, _cpu_of_children() - before, peaks, text


def whole_runs(runs: int) -> None:
    walls, cpus = [], []
    print("podatelna run on the samples, 2 workers")
    print(f"{'run':>4} {'wall s':>8} {'CPU s':>8}  peak MB by program")
    for number in range(1, runs + 1):
        with tempfile.TemporaryDirectory() as folder:
            environment = os.environ | {
                "PODATELNA_HOME": folder,
                "PODATELNA_SETTLE_SECONDS": "0",
                "PODATELNA_PATIENCE_SECONDS": "0",
                "PODATELNA_WORKERS": "2",
            }
            inbox = Path(folder) / "inbox"
            inbox.mkdir()
            for sample in SAMPLES.iterdir():
                (inbox / sample.name).write_bytes(sample.read_bytes())
            wall, cpu, peaks, text = measured([EXECUTABLE, "run"], environment)
            walls.append(wall)
            cpus.append(cpu)
            words = ", ".join(f"{name} {size / 2**20:.0f}" for name, size in sorted(peaks.items()))
            print(f"{number:>4} {wall:>8.1f} {cpu:>8.1f}  {words}\n     {text.splitlines()[0]}")
    print(f"median wall {statistics.median(walls):.1f} s (limit 60), CPU {statistics.median(cpus):.1f} s")


SHARE = """
import json, resource, sys, time
from pathlib import Path
import pipeline.reading
from pipeline.tools import rapidocr, tesseract
from models.settings import load_settings
from pipeline.intake import sniff
from pipeline.stages import understand

def cpu():
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))

spent = {"engines": 0.0}
depth = 0

def timed(function):
    def inner(*arguments, **options):
        global depth
        start = cpu()
        depth += 1
        try:
            return function(*arguments, **options)
        finally:
            depth -= 1
            if not depth:
                spent["engines"] += cpu() - start
    return inner

for module, names in ((tesseract, %(tesseract)r), (rapidocr, %(rapidocr)r)):
    for name in names:
        setattr(module, name, timed(getattr(module, name)))
settings = load_settings()
rows = []
for path in map(Path, sys.argv[1:]):
    understand(path, sniff(path), settings)  # warm: models loaded once a worker
    spent["engines"], start = 0.0, cpu()
    result = understand(path, sniff(path), settings)
    total = cpu() - start
    rows.append([path.name, sorted({page.source.value for page in result.reading.pages}), total, spent["engines"]])
print(json.dumps(rows))
"""


def overhead(tesseract_names: tuple[str, ...], rapidocr_names: tuple[str, ...]) -> None:
    pictures = (".jpg", ".png", ".tiff")
    scanned = (path for path in SAMPLES.iterdir() if path.suffix in pictures or path.stem.endswith(("sken", "gedreht")))
    scans = sorted(map(str, scanned))
    script = SHARE % {"tesseract": tesseract_names, "rapidocr": rapidocr_names}
    done = subprocess.run([sys.executable, "-c", script, *scans], capture_output=True, text=True, check=True, cwd=ROOT)
    rows = json.loads(done.stdout.splitlines()[-1])
    print(f"\n{'scanned sample':<36} {'engine':<12} {'CPU s':>7} {'OCR s':>7} {'else':>6}")
    for name, sources, total, engines in rows:
        print(f"{name:<36} {'+'.join(sources):<12} {total:>7.2f} {engines:>7.2f} {1 - engines / total:>6.0%}")
    total, engines = sum(row[2] for row in rows), sum(row[3] for row in rows)
    print(f"{'all':<36} {'':<12} {total:>7.2f} {engines:>7.2f} {1 - engines / total:>6.0%} (limit 20%)")


if __name__ == "__main__":
    whole_runs(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
    overhead(("words", "line"), ("words", "line", "detect", "upside_down", "read_line", "sureness"))
