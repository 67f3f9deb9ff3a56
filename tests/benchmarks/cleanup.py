"""What each step of the clean-up costs: ``python tests/benchmarks/cleanup.py [--dpi 300]``.

CPU milliseconds (medians of several runs) on two generated A4 pages of the same resolution: one from a good scanner,
and one from a bad one: skewed, shaded, noisy. Prints a table; the classifier of lines is RapidOCR's.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from pipeline.learn.factory import LAYOUTS, make_invoice, spoil
from pipeline.reading.ocr import bleeding, cleanup, photo
from pipeline.reading.ocr.cleanup.level import moved_background, turned_and_scaled
from pipeline.reading.ocr.stand import look_at, stand_up

Steps = dict[str, float]


def timed(steps: Steps, name: str, run: Callable[[], Any], times: int = 7) -> Any:
    result = run()
    spent = []
    for _ in range(times):
        start = time.process_time()
        result = run()
        spent.append(time.process_time() - start)
    steps[name] = 1000 * statistics.median(spent)
    return result


def measure(grey: np.ndarray) -> Steps:
    steps: Steps = {}
    colour = np.repeat(grey[:, :, None], 3, axis=2)
    timed(steps, "(grey from RGB, where the file is in colour)", lambda: cleanup.grey(colour))
    timed(steps, "(sheet, photos only)", lambda: photo.sheet(colour))
    timed(steps, "blank?", lambda: cleanup.is_blank(grey))
    look = timed(steps, "first look: ink, letters, quality", lambda: look_at(grey, photo=False))
    timed(steps, "back shining through?", lambda: bleeding.front(grey, look))
    stand = timed(steps, "stand up: turn, skew, classifier", lambda: stand_up(grey, look))
    factor = cleanup.letter_scale(stand.letters)
    height = (stand.letters or cleanup.USUAL_LETTERS) * factor
    picture, matrix = timed(steps, "scale and level", lambda: turned_and_scaled(stand.grey, stand.skew, factor))
    paper = timed(steps, "background", lambda: moved_background(stand.grey, matrix, picture.shape))
    picture = timed(steps, "divide", lambda: cleanup.divide(picture, paper))
    bend = timed(steps, "bend?", lambda: cleanup.bend_of(picture, height))
    if bend is not None:
        picture = timed(steps, "straighten", lambda: cleanup.straighten(picture, bend))
    timed(steps, "ruled lines", lambda: cleanup.without_lines(picture, height))
    return steps


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dpi", type=int, default=300)
    options = parser.parse_args()
    page = spoil.render(make_invoice("cleanup", "invoice", "cs", next(iter(LAYOUTS)), 8).pdf, options.dpi)[0]
    bad = spoil.Scan(dpi=options.dpi, skew=1.3, noise=8.0, uneven=60.0, specks=40, blur=0.6, paper=225)
    columns = [measure(page), measure(spoil.scan(page, bad, np.random.default_rng(1)))]
    print(f"{'CPU ms a page of ' + str(options.dpi) + ' dpi':46} {'clean':>7} {'bad':>7}")
    for name in dict.fromkeys([*columns[0], *columns[1]]):
        print(f"{name:46} " + " ".join(f"{column.get(name, 0.0):7.1f}" for column in columns))
    totals = [sum(value for name, value in column.items() if name[0] != "(") for column in columns]
    print(f"{'together':46} " + " ".join(f"{total:7.1f}" for total in totals))
    return 0


if __name__ == "__main__":
    sys.exit(main())
