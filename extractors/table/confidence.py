"""How sure a row is, from what vouches for it: a score that the calibration turns into a probability."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from extractors.table.columns import AMOUNTS
from extractors.table.money import row_fits
from extractors.table.rows import Row

_LETTERS = 2
_FAINT = 0.6  # a number read with less confidence is doubtful
#: by what ties out: quantity times price in the row, the rows' sum with the document's total
_TIED = {(True, True): 0.95, (True, False): 0.88, (False, True): 0.6, (False, False): 0.5}
_SUM_ALONE = 0.9  # the rows have no prices: all that can tie out does
_UNPRICED = 0.75  # a quantity and words, and nothing that could tie out
_LACKING = 0.4  # times this where the row lacks a number that most rows have
_SPEECHLESS = 0.2  # times this where it has no description
DERIVED = 0.3
"""At most this where the quantity was worked out: what was computed from price and amount is no witness of itself."""
_DOUBTFUL = 0.85  # times this where a number was hardly read


def expected(rows: Sequence[Row]) -> frozenset[str]:
    """The columns that most rows fill."""
    counts = Counter(role for row in rows for role in row.cells if role != "position")
    return frozenset(role for role, count in counts.items() if 2 * count >= len(rows))


def confidence(row: Row, role: str, usual: frozenset[str], *, tied: bool, derived: bool) -> float:
    """The score of a row, 0..1.

    Args:
        row: the row as read.
        role: the column of its amount.
        usual: the columns that most rows fill.
        tied: whether the sum of all rows is the document's.
        derived: whether its quantity is not on the page.
    """
    fits = row_fits(row.cells, role)
    score = _TIED[fits, tied]
    if not usual & set(AMOUNTS):
        score = _UNPRICED
    elif tied and not {"quantity", "unit_price"} <= usual:
        score = _SUM_ALONE
    if not usual <= set(row.cells):
        score *= _LACKING
    if sum(c.isalpha() for c in row.description) < _LETTERS:
        score *= _SPEECHLESS
    if min((cell.confidence for cell in row.cells.values()), default=0.0) < _FAINT:
        score *= _DOUBTFUL
    return min(score, DERIVED) if derived else score
