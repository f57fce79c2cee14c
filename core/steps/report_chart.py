"""Curves as inline SVG, drawn here without scripts: for a report that is one file."""
from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 760, 260
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 12, 40
N_TICKS = 5


@dataclass(frozen=True)
class Line:
    """One curve: what it is called, how it looks (a class of the style sheet), and its points."""

    label: str
    css: str
    x: Sequence[float]
    y: Sequence[float]
    has_dots: bool = False


@dataclass(frozen=True)
class _Frame:
    """From values to places on the picture."""

    left: float
    right: float
    low: float
    high: float

    def across(self, x: float) -> float:
        span = (self.right - self.left) or 1.0
        return LEFT + (x - self.left) / span * (WIDTH - LEFT - RIGHT)

    def down(self, y: float) -> float:
        span = (self.high - self.low) or 1.0
        return HEIGHT - BOTTOM - (y - self.low) / span * (HEIGHT - TOP - BOTTOM)


def chart(title: str, across: str, lines: Sequence[Line], meaning: str = "") -> str:
    """An SVG with its axes and legend, and what its figures mean below it; nothing where no line has a point.
    `title` is for screen readers."""
    drawn = [line for line in lines if line.x]
    if not drawn:
        return ""
    ticks = _ticks(min(0.0, *(min(line.y) for line in drawn)), max(max(line.y) for line in drawn))
    first, last = min(min(line.x) for line in drawn), max(max(line.x) for line in drawn)
    steps = _ticks(first, last)
    frame = _Frame(first, last, ticks[0], ticks[-1])
    grid = "".join(_row(frame, tick) for tick in ticks)
    grid += "".join(_column(frame, tick) for tick in steps if frame.left <= tick <= frame.right)
    named = (f'<text class="axis" x="{WIDTH / 2:.0f}" y="{HEIGHT - 4}" text-anchor="middle">'
             f"{escape(across)}</text>")
    curves = "".join(_curve(frame, line) for line in drawn)
    legend = "".join(f'<li class="{line.css}">{escape(line.label)}</li>' for line in drawn)
    below = f"<figcaption>{escape(meaning)}</figcaption>" if meaning else ""
    return (f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
            f"{grid}{named}{curves}</svg><ul class=\"legend\">{legend}</ul>{below}</figure>")


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers from at most `low` to at least `high`."""
    span = (high - low) or abs(high) or 1.0
    rough = span / (N_TICKS - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    size = next(power * times for times in (1, 2, 5, 10) if power * times >= rough)
    first = math.floor(low / size + 1e-9)
    last = max(first + 1, math.ceil(high / size - 1e-9))
    return [size * n for n in range(first, last + 1)]


def _row(frame: _Frame, tick: float) -> str:
    y = frame.down(tick)
    return (f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="axis" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tick:.6g}</text>')


def _column(frame: _Frame, tick: float) -> str:
    x = frame.across(tick)
    return f'<text class="axis" x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{tick:.6g}</text>'


def _curve(frame: _Frame, line: Line) -> str:
    places = [(frame.across(x), frame.down(y)) for x, y in zip(line.x, line.y, strict=True)]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "".join(f'<circle class="{line.css}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places)
    return f'<polyline class="{line.css}" points="{points}"/>{dots if line.has_dots else ""}'
