"""The measures, on plain numbers; each with the paper that defines it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rights = NDArray[np.bool_]
BINS = 10
_DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Score:
    """How many values were right, how many of those found were wrong, how many of those wanted are not there.

    Another value than the true one counts twice: it is wrong, and the true one is missing (as in MUC and CoNLL).
    """

    right: int = 0
    wrong: int = 0
    missing: int = 0

    def __add__(self, other: Score) -> Score:
        """Both together."""
        return Score(self.right + other.right, self.wrong + other.wrong, self.missing + other.missing)

    @property
    def wanted(self) -> int:
        """How many there are to find."""
        return self.right + self.missing

    @property
    def precision(self) -> float | None:
        """Share of what was found that is right; None where nothing was found."""
        return _share(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float | None:
        """Share of what is there that was found right; None where nothing is there."""
        return _share(self.right, self.wanted)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall (van Rijsbergen 1979); None where there is nothing to judge."""
        return _share(2 * self.right, 2 * self.right + self.wrong + self.missing)


@dataclass(frozen=True, slots=True)
class Bin:
    """Values whose confidence lies in ``low`` .. ``high``: how many, their mean confidence, the share that is right."""

    low: float
    high: float
    count: int
    chance: float
    right: float


@dataclass(frozen=True, slots=True)
class Acceptable:
    """What may be accepted without looking while at most ``risk`` of it is wrong.

    ``threshold`` is the lowest confidence that is enough (None: nothing may be accepted), ``accepted`` the number of
    values at or over it and ``wrong`` the wrong ones among them; ``upper95`` is the bound of their share that holds
    with 95 % (Clopper and Pearson 1934, one-sided). ``of_found`` is the accepted share of what was found,
    ``of_wanted`` the share of what there was to find that was accepted and is right.
    """

    risk: float
    threshold: float | None
    accepted: int
    wrong: int
    upper95: float
    of_found: float
    of_wanted: float


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def interval(scores: Sequence[Score]) -> tuple[float, float] | None:
    """Where the F1 of all documents lies with 95 %, were others of the same sort drawn; None where F1 is not defined.

    Percentile bootstrap over documents (Efron 1979), always with the same seed; ``scores`` has one a document.
    """
    if sums(scores).f1 is None:
        return None
    counts = np.array([(2 * one.right, 2 * one.right + one.wrong + one.missing) for one in scores], float)
    chance = np.random.default_rng(1)
    drawn = [counts[chance.integers(len(counts), size=len(counts))].sum(axis=0) for _ in range(_DRAWS)]
    good, whole = np.array(drawn).T
    low, high = np.percentile(good[whole > 0] / whole[whole > 0], (2.5, 97.5))
    return float(low), float(high)


def sums(scores: Iterable[Score]) -> Score:
    """All of them together (the micro average)."""
    return sum(scores, Score())


def calibration_error(chances: Floats, right: Rights) -> float:
    """Expected calibration error over ten bins of equal width (Guo, Pleiss, Sun, Weinberger 2017, equation 3)."""
    places = _bins(chances)
    gaps = (abs(float(chances[places == k].sum()) - float(right[places == k].sum())) for k in range(BINS))
    return sum(gaps) / max(1, len(right))


def auroc(chances: Floats, right: Rights) -> float:
    """The chance that a right value has a higher number than a wrong one (Hanley and McNeil 1982), ties halved.

    0 where all are right or all are wrong: then there is nothing to tell apart.
    """
    _, place, count = np.unique(chances, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    good = int(right.sum())
    return float((ranks[right].sum() - good * (good + 1) / 2) / max(1, good * (len(right) - good)))


def reliability(chances: Floats, right: Rights) -> tuple[Bin, ...]:
    """The table behind a reliability diagram (DeGroot and Fienberg 1983): those bins that hold something."""
    places = _bins(chances)
    return tuple(
        Bin(k / BINS, (k + 1) / BINS, int(mine.sum()), float(chances[mine].mean()), float(right[mine].mean()))
        for k in range(BINS)
        if (mine := places == k).any()
    )


def monotone(chances: Floats, right: Rights) -> tuple[tuple[float, float], ...]:
    """The share that is right as a never falling function of the confidence: the corners of its steps, ascending.

    Fitted by pooling adjacent violators (Ayer and others 1955); as a reliability curve it needs no bins (the CORP
    diagram of Dimitriadis, Gneiting and Jordan 2021).
    """
    if not len(chances):
        return ()
    from scipy.optimize import isotonic_regression

    values, place, count = np.unique(chances, return_inverse=True, return_counts=True)
    shares = np.bincount(place, weights=right) / count
    fitted = isotonic_regression(shares, weights=count).x
    points = [(float(x), float(y)) for x, y in zip(values, fitted, strict=True)]
    inner = (
        one for before, one, after in zip(points, points[1:], points[2:], strict=False)
        if not before[1] == one[1] == after[1]
    )  # fmt: skip
    return tuple(dict.fromkeys((points[0], *inner, points[-1])))


def risk_coverage(chances: Floats, right: Rights) -> tuple[tuple[float, float], ...]:
    """Points ``(coverage, risk)`` of accepting the surest values first, equally sure ones together.

    Coverage is the accepted share, risk the share of wrong ones among them (El-Yaniv and Wiener 2010).
    """
    accepted, wrong, _ = _accepting(chances, right)
    return tuple((float(n) / len(right), float(e) / float(n)) for n, e in zip(accepted, wrong, strict=True))


def aurc(chances: Floats, right: Rights) -> float:
    """Area under the risk-coverage curve (Geifman and El-Yaniv 2017; Geifman, Uziel, El-Yaniv 2019): less is better.

    The mean risk over all coverages; equally sure values are accepted together.
    """
    before, area = 0.0, 0.0
    for coverage, risk in risk_coverage(chances, right):
        area += (coverage - before) * risk
        before = coverage
    return area


def acceptable(chances: Floats, right: Rights, wanted: int, risk: float) -> Acceptable:
    """The most that may be accepted without looking at a share of at most ``risk`` wrong.

    The threshold is chosen on the very values that it is judged by, which flatters it where there are few; ``upper95``
    is what to believe. ``wanted`` is how many values there were to find.
    """
    accepted, wrong, limits = _accepting(chances, right)
    allowed = np.flatnonzero(wrong <= risk * accepted)
    if not len(allowed):
        return Acceptable(risk, None, 0, 0, 1.0, 0.0, 0.0)
    last = int(allowed[-1])
    taken, bad = int(accepted[last]), int(wrong[last])
    good = taken - bad
    return Acceptable(
        risk, float(limits[last]), taken, bad, upper95(bad, taken), taken / len(right), good / max(1, wanted)
    )


def upper95(wrong: int, of: int) -> float:
    """The share of wrong ones that is exceeded with a probability of 5 % at most (Clopper and Pearson 1934)."""
    if wrong >= of:
        return 1.0
    from scipy.stats import beta

    return float(beta.ppf(0.95, wrong + 1, of - wrong))


def _bins(chances: Floats) -> NDArray[np.intp]:
    return np.clip((chances * BINS).astype(np.intp), 0, BINS - 1)


def _accepting(chances: Floats, right: Rights) -> tuple[Floats, Floats, Floats]:
    """For each confidence, the highest first: how many have it or more, the wrong ones among them, and it itself."""
    values, place, count = np.unique(chances, return_inverse=True, return_counts=True)
    bad = np.bincount(place, weights=~right, minlength=len(values))
    return np.cumsum(count[::-1]).astype(float), np.cumsum(bad[::-1]), values[::-1]
