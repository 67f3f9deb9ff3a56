"""The two curves of the report as SVG, drawn from the figures; colours come from the page's style. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.evaluate.figures import Sureness

_WIDTH, _HEIGHT = 440, 300
_LEFT, _TOP, _RIGHT, _BOTTOM = 60, 14, 20, 40
_WIDE, _HIGH = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_CEILINGS = (0.004, 0.008, 0.02, 0.04, 0.08, 0.12, 0.2, 0.4, 0.6, 0.8, 1.0)
_SPREAD = 40  # the widest bar of the histogram, in pixels of its height


def reliability(sure: Sureness) -> str:
    """A reliability diagram: each bin's share of right values, the diagonal of a kept promise, the fitted curve.

    The small bars at the bottom say how many values a bin holds.
    """
    parts = [_frame("promised probability", "share that is right", [_percent(tick) for tick in _TICKS])]
    most = max(one.count for one in sure.bins)
    for one in sure.bins:
        x, width = _x(one.low) + 2, _WIDE * (one.high - one.low) - 4
        title = f"promised {one.chance:.1%}, right {one.right:.1%}, {one.count} values"
        tall = _HIGH * one.right
        parts.append(_rect("bar", x, width, tall, title))
        many = _SPREAD * one.count / most
        parts.append(_rect("many", x, width, many, title))
        parts.append(f'<circle class="dot" cx="{_x(one.chance):.1f}" cy="{_y(one.right):.1f}" r="3.5"/>')
    parts.append(f'<path class="ideal" d="M{_x(0):.1f} {_y(0):.1f}L{_x(1):.1f} {_y(1):.1f}"/>')
    parts.append(_path("line", ((_x(x), _y(y)) for x, y in sure.monotone)))
    return _svg(parts, f"Reliability of {sure.values} values; calibration error {sure.error:.3f}")


def risk_coverage(sure: Sureness) -> str:
    """The risk-coverage curve, with a mark where each bound of `Sureness.acceptable` is met."""
    top = _ceiling([risk for _, risk in sure.curve])
    parts = [_frame("share accepted, the surest first", "wrong among them", [_percent(top * t) for t in _TICKS])]
    points = list(sure.curve)
    corners = [(_x(points[0][0]), _y(points[0][1] / top))]
    corners += [(_x(coverage), _y(risk / top)) for coverage, risk in points[1:]]
    area = [(corners[0][0], _y(0)), *corners, (corners[-1][0], _y(0))]
    parts.append(_path("area", area))
    parts.append(_path("line", corners))
    for one in sure.acceptable:
        if one.threshold is None:
            continue
        x, y = _x(one.of_found), _y(min(1.0, one.wrong / one.accepted / top))
        title = f"{one.of_found:.1%} with at most {one.risk:.1%} wrong, from a confidence of {one.threshold:.3f}"
        parts.append(f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="4.5"><title>{title}</title></circle>')
    return _svg(parts, f"Risk and coverage of {sure.values} values; area under the curve {sure.aurc:.4f}")


def _ceiling(risks: Sequence[float]) -> float:
    """A round number over the highest risk that matters: single surest values that are wrong would flatten the rest."""
    high = max([*risks[len(risks) // 10 :], risks[-1], 0.001])
    return next((one for one in _CEILINGS if high <= one), 1.0)


def _percent(share: float) -> str:
    digits = 0 if share == round(share, 2) else 1
    return f"{share * 100:.{digits}f} %"


def _x(share: float) -> float:
    return _LEFT + _WIDE * share


def _y(share: float) -> float:
    return _TOP + _HIGH * (1 - min(1.0, share))


def _rect(name: str, x: float, width: float, height: float, title: str) -> str:
    size = f'x="{x:.1f}" y="{_TOP + _HIGH - height:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect class="{name}" {size} rx="2"><title>{title}</title></rect>'


def _path(name: str, points: Iterable[tuple[float, float]]) -> str:
    way = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path class="{name}" d="M{way}"/>'


def _frame(across: str, up: str, ticks: Sequence[str]) -> str:
    parts = []
    for share, label in zip(_TICKS, ticks, strict=True):
        x, y = _x(share), _y(share)
        parts.append(f'<path class="grid" d="M{_LEFT} {y:.1f}h{_WIDE}"/>')
        parts.append(f'<text class="tick" x="{_LEFT - 7}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
        parts.append(
            f'<text class="tick" x="{x:.1f}" y="{_TOP + _HIGH + 16}" text-anchor="middle">{_percent(share)}</text>'
        )
    parts.append(f'<text class="axis" x="{_x(0.5):.1f}" y="{_HEIGHT - 5}" text-anchor="middle">{across}</text>')
    turned = f'transform="translate(11 {_y(0.5):.1f}) rotate(-90)"'
    parts.append(f'<text class="axis" {turned} text-anchor="middle">{up}</text>')
    return "".join(parts)


def _svg(parts: Iterable[str], title: str) -> str:
    inner = "".join(parts)
    return f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">{inner}</svg>'
