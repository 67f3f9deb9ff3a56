"""A score becomes a probability by a curve that never falls."""

from __future__ import annotations

import pytest

from models.calibration import Curve

STEEP = Curve((0.2, 0.8), (0.1, 0.9))
FLAT = Curve((0.5,), (0.7,))


def test_a_curve_is_linear_inside_level_above_and_falls_to_nothing_below() -> None:
    assert STEEP(0.0) == FLAT(0.0) == 0.0
    assert STEEP(0.1) == pytest.approx(0.05)
    assert STEEP(0.5) == pytest.approx(0.5)
    assert STEEP(0.8) == STEEP(1.0) == 0.9
    assert FLAT(0.1) == pytest.approx(0.14)
    assert FLAT(0.5) == FLAT(0.9) == 0.7


@pytest.mark.parametrize(
    ("scores", "chances"),
    [((), ()), ((0.1,), ()), ((0.5, 0.5), (0.1, 0.2)), ((0.1, 0.2), (0.5, 0.4)), ((0.1,), (1.2,))],
)
def test_what_is_no_curve_is_refused(scores: tuple[float, ...], chances: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=r"curve|chances|scores"):
        Curve(scores, chances)
