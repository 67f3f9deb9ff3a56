"""Trains the invoice scorer: one booster that says how probable the options of an invoice's header are.

The experts of `extractors.invoice` find the options and their order; gradient boosted trees (Ke and others 2017) on the
readable features of `extractors.invoice.features` say which are right. Among the features is the probability by weights
set by hand, so that there is nothing to unlearn. Scores become probabilities on layouts and senders that the booster
that scored them had not seen (`pipeline.learn.crossed`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import lightgbm
import numpy as np
from rapidfuzz import fuzz

from extractors.invoice.features import FEATURES, measure
from extractors.invoice.fields import MODEL, InvoiceFields
from extractors.page.addresses import has_legal_form
from extractors.scoring import Model
from extractors.scoring.model import Facts, Floats, rows_of
from models.document_types import Kind, document_types
from models.records import Reading
from pipeline.evaluate import metrics
from pipeline.evaluate.compare import ALIKE, implied, same
from pipeline.learn.crossed import FOLDS, Sheet, chosen, crossed, curve_of, held_out
from pipeline.learn.factory import LANGUAGES, LAYOUTS, Made, make_invoice
from pipeline.learn.factory.trade import seeded
from pipeline.learn.invoice_card import Figures, write_card
from pipeline.learn.row_card import SURE
from pipeline.learn.scorer_card import Sure
from pipeline.learn.scorer_papers import CLEAN, MISREAD, REAL, Paper, worn

ROUNDS = 500
THRESHOLD = 0.2
REAL_COUNTS = 4.0
"""Generated values that a real one counts for."""
_FALSE = 0.04  # share of the generated documents whose totals do not add up
_TOTALS = ("net_total", "tax_total", "gross_total")
_PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.06,
    "num_leaves": 31,
    "min_data_in_leaf": 30,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 6.0,
    "path_smooth": 4.0,
    "max_cat_to_onehot": 8,
    "cat_smooth": 20.0,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
_UP = (
    "rules", "label", "sum", "check_digit", "block", "heading", "read_least", "read_document", "lead", "tied",
)  # fmt: skip
_DOWN = ("rival", "other_label", "either", "values", "signs", "mixed")


def papers(seed: int, count: int) -> Iterator[Paper]:
    """``count`` generated invoices and credit notes of each language, every other one misread."""
    layouts = sorted(LAYOUTS)
    for language in LANGUAGES:
        for number in range(count):
            name, layout = f"header-{seed}-{number}", layouts[number % len(layouts)]
            kind = "credit_note" if number % 5 == 4 else "invoice"
            made = make_invoice(name, kind, language, layout)
            rng = seeded("header", seed, language, number)
            state = MISREAD if rng.random() < 0.6 else CLEAN
            whole = falsified(made, rng) if rng.random() < _FALSE else made.reading
            reading = worn(whole, rng) if state == MISREAD else whole
            yield Paper(made.id, made.type, language, layout, state, reading, made.fields, made.boxes)


def falsified(made: Made, rng: Random) -> Reading:
    """The reading with a digit of one of the totals changed, so that they no longer add up."""
    reading = made.reading
    place = made.boxes.get(rng.choice(_TOTALS))
    if place is None:
        return reading
    number, (x0, y0, x1, y1) = place
    page = next(one for one in reading.pages if one.number == number)
    words = list(page.words)
    for index, word in enumerate(words):
        x, y = (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
        digits = [at for at, sign in enumerate(word.text) if sign.isdigit()]
        if x0 <= x <= x1 and y0 <= y <= y1 and digits:
            at = rng.choice(digits)
            other = rng.choice([sign for sign in "123456789" if sign != word.text[at]])
            words[index] = replace(word, text=word.text[:at] + other + word.text[at + 1 :])
            break
    pages = tuple(replace(one, words=tuple(words)) if one is page else one for one in reading.pages)
    return replace(reading, pages=pages)


def measured(some: Iterable[Paper]) -> Iterator[Sheet]:
    """The papers with their options; of a real one only the fields that its truth names are judged."""
    for paper in some:
        kind = document_types()[paper.type]
        view = InvoiceFields(paper.reading, kind)
        if not view.layout.lines:
            continue
        view.decide()
        truth = {**implied(paper.fields), **paper.fields}
        names, places, features, right, weights = [], [], [], [], []
        for name, options in measure(view).items():
            value = view.offers[name].value
            for place, one in enumerate(options):
                names.append(name)
                places.append(place)
                features.append(one.features)
                right.append(
                    _right(
                        kind.fields[name].kind, truth.get(name), value if place == 0 and value else one.candidate.value
                    )
                )
                weights.append(0.0 if name not in truth and paper.state == REAL else 1.0)
        if names:
            count = REAL_COUNTS if paper.state == REAL else 1.0
            yield Sheet(paper.group, paper.state, tuple(names), tuple(places), rows_of(features, tuple(FEATURES)),
                        np.array(right, np.float64), np.array(weights, np.float64) * count)  # fmt: skip


def _right(kind: Kind, truth: str | None, found: str) -> bool:
    """Whether a value is right; a name may have the legal form that the page prints and the truth leaves out."""
    if truth is None or same(kind, truth, found):
        return truth is not None
    if kind is Kind.ADDRESS:  # the town and its code in either order
        return fuzz.token_sort_ratio(truth.casefold(), found.casefold()) >= ALIKE
    return kind is Kind.PARTY and has_legal_form(found) and same(kind, truth, found.rsplit(" ", 1)[0])


def fit(sheets: Sequence[Sheet], seed: int, rounds: int = ROUNDS) -> Any:
    """A booster trained on the options of ``sheets``."""
    rows = np.concatenate([sheet.rows for sheet in sheets])
    right = np.concatenate([sheet.right for sheet in sheets])
    weights = np.concatenate([sheet.weights for sheet in sheets])
    keep = weights > 0
    names = list(FEATURES)
    data = lightgbm.Dataset(
        rows[keep], right[keep], weight=weights[keep], feature_name=names, categorical_feature=["field", "expert"],
    )  # fmt: skip
    ways = [1 if name in _UP else -1 if name in _DOWN else 0 for name in names]
    return lightgbm.train({**_PARAMETERS, "seed": seed, "monotone_constraints": ways}, data, num_boost_round=rounds)


def train(
    folder: Path,
    seed: int,
    documents: int,
    truth: Iterable[Paper] = (),
    say: Callable[[str], None] = lambda _: None,
) -> Figures:
    """Train the invoice scorer, and write its weights and their card to ``folder``.

    Args:
        folder: where ``invoice.txt``, ``invoice.json`` and ``INVOICE_CARD.md`` go.
        seed: decides the documents, their misreadings and the training.
        documents: how many generated documents of every language.
        truth: real documents with their truth, read; those that are no invoices or credit notes are left out.
        say: told what is being done.

    Raises:
        MissingTool: a font is not installed.
    """
    generated = list(measured(papers(seed, documents)))
    real = list(measured(by_sender(truth)))
    say(f"{len(generated)} generated and {len(real)} real documents measured")
    sheets = [*generated, *real]
    found = held_out(sheets, lambda some: fit(some, seed), say)
    model = Model(fit(sheets, seed), Facts(curve_of(found), THRESHOLD))
    rules = list(FEATURES).index("rules")
    states = [state for state in (CLEAN, MISREAD, REAL) if any(s.state == state for s in sheets)]
    measured_now = crossed(found)
    figures = Figures(
        documents=len(generated), real=len(real), options=sum(len(sheet.names) for sheet in sheets),
        by_hand={s: Sure.of(*chosen([(one, one.rows[:, rules]) for one, _ in found], [s])) for s in states},
        learned={s: Sure.of(*chosen(measured_now, [s])) for s in states},
        sure={s: _sure(*chosen(measured_now, [s])) for s in states}, importance=model.importance(),
    )  # fmt: skip
    model.save(MODEL, folder)
    write_card(folder / "INVOICE_CARD.md", figures, seed=seed, documents=documents, folds=FOLDS, threshold=THRESHOLD)
    return figures


def _sure(chances: Floats, right: metrics.Rights) -> tuple[float, int]:
    """The share of values that are `SURE`, and how many of these are wrong."""
    sure = chances >= SURE
    return float(sure.mean()), int((~right[sure]).sum())


def by_sender(truth: Iterable[Paper]) -> Iterator[Paper]:
    """The invoices and credit notes among real documents, grouped by who sent them."""
    for one in truth:
        if one.type in ("invoice", "credit_note"):
            sender = one.fields.get("seller_vat_id") or one.fields.get("seller_name") or one.group
            yield replace(one, group=f"real {sender}")
