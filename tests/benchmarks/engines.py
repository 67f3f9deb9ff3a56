"""Engine against engine on the same pictures: ``[EVAL_DIR=...] python tests/benchmarks/engines.py [--pages N]``.

Every engine reads the same upright, level, flat pictures (what Tesseract gets in production), each in a process of its
own, one thread, warm, with the page's own language. Profiles: clean generated pages; with the truth sets also scanned
invoices and receipts. Words are compared as bags; amounts are those with two decimals. A field crop is a line of a
clean page. Compare CPU by its ratio: on a shared machine seconds differ from run to run.
"""

from __future__ import annotations

import argparse
import collections
import csv
import importlib.util
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from models.settings import Settings

AMOUNT = re.compile(r"\d+[.,]\d{2}\b")
CODES = {"cs": "ces", "de": "deu", "en": "eng"}
ENGINES = {
    "tesserocr": {"tesseract": "in-process"},
    "pytesseract": {"tesseract": "program"},
    "rapidocr onnxruntime": {"rapidocr": "onnxruntime"},
    "rapidocr openvino": {"rapidocr": "openvino"},
}
CROPS = 30


def tokens(text):
    return collections.Counter(re.findall(r"\w+", text.casefold()))


def prepare(pixels):
    from pipeline.reading.ocr import cleanup
    from pipeline.reading.ocr.stand import look_at, stand_up

    grey = cleanup.grey(pixels)
    stand = stand_up(grey, look_at(grey, photo=False))
    picture = cleanup.level(stand.grey, stand.skew, stand.letters)
    return np.ascontiguousarray(picture.picture), picture.factor


def clean(count):
    """Generated invoices at 200 dpi: what stands on them is known."""
    from pipeline.learn.factory import make_invoice, spoil

    for number in range(count):
        language = list(CODES)[number % 3]
        made = make_invoice(f"engines-{number}", "invoice", language)
        page = made.reading.pages[0]
        pixels = spoil.render(made.pdf, 200)[0]
        scale = 200 / 72
        long = [w for w in page.words if len(w.text) > 5]
        crops = [
            (w.text, [round(side * scale) + more for side, more in zip(w.box, (-6, -5, 6, 5), strict=True)])
            for w in long[:: max(1, len(long) * count // CROPS)]
        ]
        yield pixels, 200, " ".join(word.text for word in page.words), CODES[language], crops


def scans(folder, count):
    """Scanned invoices; the truth is the text layer of the same page."""
    from pipeline.reading import read
    from pipeline.tools import images, pdfium

    settings = Settings()
    language = {one["id"]: one["language"] for one in map(json.loads, (folder / "truth.jsonl").open())}
    paths = sorted((folder / "scan").iterdir())
    for path in paths[:: max(1, len(paths) // count)][:count]:
        truth = read(folder / "page" / f"{path.stem}.pdf", "application/pdf", settings, lambda _: None)
        if path.suffix.startswith(".tif"):
            with images.open_image(path, "image/tiff", settings.limits) as image:
                picture = images.decode(image, 1, settings.limits)
                pixels, dpi = picture.pixels, picture.dpi
        else:
            with (
                pdfium.open_pdf(path, settings.limits) as document,
                pdfium.open_page(document, 1, settings.limits) as page,
            ):
                pixels, dpi = pdfium.render(page, 200, settings.limits)
        text = " ".join(word.text for word in truth.pages[0].words)
        yield pixels, dpi, text, CODES.get(language.get(path.stem), "eng"), []


def receipts(folder, count):
    """Scanned till receipts with the text of their lines."""
    from pipeline.tools import images

    limits = Settings().limits
    paths = sorted((folder / "img").iterdir())
    for path in paths[:: max(1, len(paths) // count)][:count]:
        with (folder / "box" / f"{path.stem}.csv").open(encoding="utf-8", errors="replace") as file:
            truth = " ".join(",".join(line[8:]) for line in csv.reader(file, quoting=csv.QUOTE_NONE))
        with images.open_image(path, "image/jpeg", limits) as image:
            yield images.decode(image, 1, limits).pixels, 200, truth, "eng", []


def make(folder, count):
    """Write the ready-made pictures and return what is known of them."""
    profiles = {"clean": clean(count)}
    if named := os.environ.get("EVAL_DIR"):
        profiles |= {
            "scans": scans(Path(named) / "invoices", count),
            "receipts": receipts(Path(named) / "receipts", count),
        }
    else:
        print("EVAL_DIR is not set: only generated pages are read.")
    jobs = []
    for profile, pages in profiles.items():
        for pixels, dpi, truth, code, crops in pages:
            picture, factor = prepare(pixels)
            names = [str(folder / f"{len(jobs)}-{kind}.npy") for kind in ("level", "raw")]
            np.save(names[0], picture)
            np.save(names[1], pixels)
            jobs.append({"profile": profile, "pixels": names, "dpi": round(dpi * factor), "truth": truth,
                         "code": code, "crops": crops})  # fmt: skip
    return jobs


def work(name, jobs):
    """In the child: read everything with one engine."""
    from models.records import Source
    from pipeline.tools import engines

    engines.use(Settings(**ENGINES[name]))
    engine = engines.ENGINES[Source.RAPIDOCR if name.startswith("rapidocr") else Source.TESSERACT]
    first = np.load(jobs[0]["pixels"][0])[:600]
    start = cpu()
    for code in {job["code"] for job in jobs}:
        engine.words(first, (code,), dpi=200)
    answer = {"version": engine.version(), "start": cpu() - start, "pages": [], "crops": []}
    for job in jobs:
        picture = np.load(job["pixels"][0])
        start = cpu()
        seen = engine.words(picture, (job["code"],), dpi=job["dpi"])
        spent = cpu() - start
        sure = [word.text for word in seen if word.confidence >= 0.5]
        answer["pages"].append({"text": " ".join(sure), "cpu": spent})
        raw = np.load(job["pixels"][1])
        for text, (x0, y0, x1, y1) in job["crops"]:
            crop = np.ascontiguousarray(raw[max(0, y0) : y1, max(0, x0) : x1])
            start = cpu()
            right = engine.line(crop, (job["code"],)).text == text
            answer["crops"].append((right, cpu() - start))
    answer["peak"] = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return answer


def cpu():
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def table(jobs, answers):
    print(
        f"{'engine':22}{'profile':10}{'pages':>6}{'found':>8}{'F1':>8}{'amounts':>9}{'CPU s/page':>12}{'of first':>10}"
    )
    for profile in dict.fromkeys(job["profile"] for job in jobs):
        base = None
        for name, answer in answers.items():
            rows = [(j, p) for j, p in zip(jobs, answer["pages"], strict=True) if j["profile"] == profile]
            hit = wanted = given = right = amounts = 0
            for job, page in rows:
                truth, seen = tokens(job["truth"]), tokens(page["text"])
                hit, wanted, given = hit + (truth & seen).total(), wanted + truth.total(), given + seen.total()
                known, read = (collections.Counter(AMOUNT.findall(text)) for text in (job["truth"], page["text"]))
                right, amounts = right + (known & read).total(), amounts + known.total()
            spent = statistics.mean(page["cpu"] for _, page in rows)
            base = base or spent
            print(
                f"{name:22}{profile:10}{len(rows):6}{hit / max(1, wanted):8.1%}{2 * hit / max(1, wanted + given):8.1%}"
                f"{right / max(1, amounts):9.1%}{spent:12.2f}{spent / base:10.2f}"
            )
    print()
    for name, answer in answers.items():
        crops = answer["crops"]
        each = 1000 * statistics.mean(spent for _, spent in crops)
        print(
            f"{name:22}{answer['version']:40} start {answer['start']:.2f} s, peak {answer['peak'] / 1024:.0f} MB,"
            f" field crop {each:.0f} ms, {sum(right for right, _ in crops)} of {len(crops)} right"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=12, help="of each profile")
    parser.add_argument("--engine", choices=ENGINES, action="append", help="only this one; may be repeated")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        json.dump(work(options.child, json.load(sys.stdin)), sys.stdout)
        return 0
    names = options.engine or [n for n in ENGINES if n != "rapidocr openvino" or importlib.util.find_spec("openvino")]
    one_thread = dict.fromkeys(("OMP_THREAD_LIMIT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    with tempfile.TemporaryDirectory() as folder:
        jobs = make(Path(folder), options.pages)
        answers = {}
        for name in names:
            done = subprocess.run(
                [sys.executable, __file__, "--child", name], input=json.dumps(jobs), text=True, stdout=subprocess.PIPE,
                env={**os.environ, **one_thread}, check=True,
            )  # fmt: skip
            answers[name] = json.loads(done.stdout)
    table(jobs, answers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
