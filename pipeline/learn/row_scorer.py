"""Trains the rows' scorer: a booster that says how probable it is that all cells of a table's row are right.

Gradient boosted trees (Ke and others 2017) on the readable features of `extractors.table.features`; a row that stands
nowhere on the document is wrong. Probabilities are measured on layouts and senders unseen (`pipeline.learn.crossed`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from extractors import extract
from extractors.scoring import Model, Trace
from extractors.scoring.model import Facts, rows_of
from extractors.table.features import DOWN, FEATURES, UP
from extractors.table.line_items import MODEL
from models.document_types import document_types
from pipeline.evaluate.compare import same_row
from pipeline.learn import ROWS_SEED
from pipeline.learn.crossed import FOLDS, Sheet, chosen, crossed, curve_of, held_out
from pipeline.learn.row_card import Figures, Share, write_card
from pipeline.learn.row_papers import SCANNED, TablePaper, papers, scanned
from pipeline.learn.scorer_papers import CLEAN, MISREAD, REAL

ROUNDS = 400
COUNTS = {SCANNED: 4.0, REAL: 8.0}
"""Rows of generated papers that one of these counts for."""
_PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "path_smooth": 8.0,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


def measured(some: Iterable[TablePaper]) -> Iterator[Sheet]:
    """The papers with the rows that are found on them, each judged by the truth."""
    for paper in some:
        trace = Trace()
        printed = replace(paper.reading, einvoice=None)  # its rows would come from the XML
        found = extract(printed, document_types()[paper.type], trace=trace).line_items
        left, right = list(paper.rows), []
        for item in found:
            twin = next((row for row in left if same_row(row, item, partial=paper.partial)), None)
            if twin is not None:
                left.remove(twin)
            right.append(float(twin is not None))
        if found:
            count = COUNTS.get(paper.state, 1.0)
            yield Sheet(paper.group, paper.state, (MODEL,) * len(found), (0,) * len(found),
                        rows_of(trace.rows, tuple(FEATURES)), np.array(right), np.full(len(found), count))  # fmt: skip


def fit(sheets: Sequence[Sheet], seed: int, rounds: int = ROUNDS) -> Any:
    """A booster trained on the rows of ``sheets``."""
    names = list(FEATURES)
    data = lightgbm.Dataset(
        np.concatenate([sheet.rows for sheet in sheets]), np.concatenate([sheet.right for sheet in sheets]),
        weight=np.concatenate([sheet.weights for sheet in sheets]), feature_name=names,
    )  # fmt: skip
    ways = [1 if name in UP else -1 if name in DOWN else 0 for name in names]
    return lightgbm.train({**_PARAMETERS, "seed": seed, "monotone_constraints": ways}, data, num_boost_round=rounds)


def train(
    folder: Path,
    seed: int = ROWS_SEED,
    *,
    count: int,
    scans: int,
    truth: Iterable[TablePaper] = (),
    say: Callable[[str], None] = lambda _: None,
) -> Figures:
    """Train the rows' scorer, and write its weights and their card to ``folder``.

    Args:
        folder: where ``rows.txt``, ``rows.json`` and ``ROWS_CARD.md`` go.
        seed: decides the documents, their misreadings and the training.
        count: how many generated documents of every language.
        scans: how many of them are scanned and read besides.
        truth: real documents with their rows.
        say: told what is being done.

    Raises:
        MissingTool: a font, Tesseract or one of its languages is not installed.
    """
    sheets = list(measured(papers(seed, count)))
    say(f"{len(sheets)} generated documents measured")
    sheets += measured(scanned(seed, scans))
    sheets += measured(truth)
    say(f"{len(sheets)} with scans and real ones")
    found = held_out(sheets, lambda some: fit(some, seed), say)
    model = Model(fit(sheets, seed), Facts(curve_of(found), 0.0))
    states = [state for state in (CLEAN, MISREAD, SCANNED, REAL) if any(s.state == state for s in sheets)]
    on_unseen = crossed(found)
    figures = Figures(
        documents={state: sum(sheet.state == state for sheet in sheets) for state in states},
        rows=sum(len(sheet.names) for sheet in sheets),
        learned={state: Share.of(*chosen(on_unseen, [state])) for state in states},
        importance=model.importance(),
    )
    model.save(MODEL, folder)
    write_card(folder / "ROWS_CARD.md", figures, seed=seed, count=count, scans=scans, folds=FOLDS)
    return figures
