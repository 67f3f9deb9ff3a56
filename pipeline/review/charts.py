"""Bars as SVG, measured here so that a template only writes them down. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720.0, 170.0
_LEFT, _BOTTOM, _TOP = 44.0, 22.0, 8.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One piece of a stacked bar, in the units of the picture; ``part`` names its class."""

    x: float
    y: float
    width: float
    height: float
    part: str
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Stacked bars with a scale: ``ticks`` are heights and their words, ``labels`` places below and theirs."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    labels: tuple[tuple[float, str], ...]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = _LEFT


def stacked(columns: Sequence[tuple[str, Sequence[tuple[str, float, str]]]], every: int = 7) -> Chart:
    """Bars of parts ``(class, value, title)`` from below, each column labelled at ``every`` so many from the last.

    The scale ends at a round number (1, 2 or 5 times a power of ten) at or above the highest column.
    """
    top = _round_up(max((sum(value for _, value, _ in parts) for _, parts in columns), default=0.0))
    step = (WIDTH - _LEFT) / max(1, len(columns))
    unit = (HEIGHT - _BOTTOM - _TOP) / top
    bars, labels = [], []
    for number, (label, parts) in enumerate(columns):
        x, y = _LEFT + number * step + step * 0.12, HEIGHT - _BOTTOM
        for part, value, title in parts:
            if value > 0:
                y -= value * unit
                bars.append(Bar(round(x, 1), round(y, 1), round(step * 0.76, 1), round(value * unit, 1), part, title))
        if (len(columns) - 1 - number) % every == 0:
            labels.append((round(_LEFT + (number + 0.5) * step, 1), label))
    ticks = [(round(HEIGHT - _BOTTOM - top * share * unit, 1), f"{top * share:g}") for share in (0, 0.5, 1)]
    return Chart(tuple(bars), tuple(ticks), tuple(labels))


def _round_up(value: float) -> float:
    power = 1.0
    while power * 10 <= value:
        power *= 10
    return next((power * factor for factor in (1, 2, 5, 10) if power * factor >= value), power * 10)
