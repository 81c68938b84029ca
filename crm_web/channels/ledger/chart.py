"""Forty-eight hours as shapes: where each bar and each point of the line stands in a drawing of 960 by 200."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_web.channels.ledger.queries import Hour

WIDTH, HEIGHT, GROUND = 960, 200, 176


@dataclass(frozen=True)
class Bar:
    hour: Hour
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Chart:
    """`lag` is the line's points as SVG writes them, one piece per stretch of hours that have one."""

    bars: Sequence[Bar]
    lag: Sequence[str]
    most_events: int
    most_lag: float


def draw(hours: Sequence[Hour]) -> Chart:
    """Bars for events, a line for the lag; each to its own scale, both from zero."""
    most_events = max((hour.events for hour in hours), default=0)
    most_lag = max((hour.lag for hour in hours if hour.lag is not None), default=0.0)
    step = WIDTH / max(1, len(hours))
    bars = [_bar(hour, number * step, step, most_events) for number, hour in enumerate(hours)]
    return Chart(bars, _pieces(hours, step, most_lag), most_events, most_lag)


def _bar(hour: Hour, x: float, step: float, most: int) -> Bar:
    height = GROUND * hour.events / most if most else 0.0
    height = max(height, 2.0) if hour.events else 0.0
    return Bar(hour, round(x + 2, 1), round(GROUND - height, 1), round(step - 4, 1), round(height, 1))


def _pieces(hours: Sequence[Hour], step: float, most: float) -> list[str]:
    pieces: list[list[str]] = [[]]
    for number, hour in enumerate(hours):
        if hour.lag is None:
            pieces.append([])
        else:
            y = GROUND - (GROUND - 8) * hour.lag / most if most else GROUND
            pieces[-1].append(f"{(number + 0.5) * step:.1f},{y:.1f}")
    return [" ".join(piece) for piece in pieces if piece]
