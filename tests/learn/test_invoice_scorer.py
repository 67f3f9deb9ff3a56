"""Training of the invoice scorer: its documents, its curve and its folds."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import numpy as np

from pipeline.learn.crossed import Sheet, curve_of, folds
from pipeline.learn.factory import make_invoice
from pipeline.learn.invoice_scorer import falsified, measured, papers


def sheet(group: str, right: list[bool]) -> Sheet:
    count = len(right)
    return Sheet(group, "clean", ("net_total",) * count, (0,) * count, np.zeros((count, 1)),
                 np.array(right, np.float64), np.ones(count))  # fmt: skip


def test_one_digit_of_a_total_is_changed() -> None:
    made = make_invoice(1, "invoice", "cs", "framed", 2)
    changed = [
        (a.text, b.text)
        for page, other in zip(made.reading.pages, falsified(made, Random(3)).pages, strict=True)
        for a, b in zip(page.words, other.words, strict=True)
        if a.text != b.text
    ]
    assert len(changed) == 1
    before, after = changed[0]
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


def test_the_curve_rises_everywhere_and_promises_no_certainty() -> None:
    scores = np.linspace(0.01, 0.99, 400)
    right = [bool(score > 0.3 or index % 3 == 0) for index, score in enumerate(scores)]
    curve = curve_of([(sheet("a", right), scores)])
    chances = [curve(score / 100) for score in range(101)]
    assert all(before < after for before, after in pairwise(chances))
    assert chances[-1] < 1


def test_a_layout_or_sender_is_never_on_both_sides() -> None:
    for some, rest in folds([sheet(str(number % 7), [True]) for number in range(21)]):
        assert not {one.group for one in some} & {one.group for one in rest}


def test_generated_documents_are_measured_with_what_is_right() -> None:
    (one, *_) = measured(papers(1, 1))
    assert set(np.unique(one.right)) <= {0.0, 1.0}
    assert one.right[[place == 0 for place in one.places]].mean() > 0.7
    assert (one.weights == 1).all()
