"""The plots of a report, as SVG of our own: readable in black and white, and without eyes."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 360, 190
LEFT, RIGHT, TOP, BOTTOM = 42, 14, 24, 40
INK, QUIET, LINE, FILL, LATE = "#1b1b1b", "#4a5260", "#d5dae1", "#3d6ca3", "#9a4a00"
FONT = "'Segoe UI','Noto Sans','DejaVu Sans',Arial,'Libertinus Serif',sans-serif"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label below the axis, its height, what stands above it, whether it is late."""

    label: str
    value: int
    text: str
    late: bool


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a line: its label below the axis ("" for none), its height from 0 to 1."""

    label: str
    share: float


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot: what it shows in a few words, and in a sentence for who does not see it."""

    title: str
    desc: str
    svg: str


def bars_plot(title: str, desc: str, bars: Sequence[Bar], limit: str, axis: str) -> Plot:
    """Bars from old (left) to young, those past the limit hatched, the limit as a line."""
    step = (WIDTH - LEFT - RIGHT) / max(len(bars), 1)
    highest = max((each.value for each in bars), default=0) or 1
    drawn = [_base_line()]
    for position, bar in enumerate(bars):
        x = LEFT + position * step
        tall = (_floor() - TOP - 14) * bar.value / highest
        y = _floor() - tall
        if bar.value:
            look = f'fill="url(#late)" stroke="{LATE}"' if bar.late else f'fill="{FILL}"'
            tall = max(tall, 1.5)
            drawn.append(
                f'<rect x="{x + 3:.1f}" y="{_floor() - tall:.1f}" width="{step - 6:.1f}" '
                f'height="{tall:.1f}" {look}/>'
            )
        drawn.append(_text(x + step / 2, min(y, _floor() - 1.5) - 4, bar.text, size=10))
        drawn.append(_text(x + step / 2, _floor() + 14, bar.label, size=9.5, colour=QUIET))
    late = sum(each.late for each in bars)
    drawn += _limit(LEFT + late * step, limit)
    drawn.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, axis, size=10, colour=QUIET))
    return Plot(title, desc, _svg(title, desc, drawn))


def line_plot(title: str, desc: str, points: Sequence[Point], aim: str, axis: str) -> Plot:
    """A share that rises from left to right, with the aim of 100 % as a dashed line."""
    step = (WIDTH - LEFT - RIGHT - 14) / max(len(points) - 1, 1)
    drawn = [_base_line()]
    for percent in (0, 25, 50, 75, 100):
        y = _height_of(percent / 100)
        if 0 < percent < 100:
            drawn.append(_stroke(LEFT, y, WIDTH - RIGHT, y, LINE))
        drawn.append(_text(LEFT - 6, y + 3.5, f"{percent}", size=9.5, colour=QUIET, anchor="end"))
    drawn.append(_text(LEFT - 6, TOP - 7, "%", size=9.5, colour=QUIET, anchor="end"))
    top = _height_of(1)
    drawn.append(_stroke(LEFT, top, WIDTH - RIGHT, top, INK, "5 3"))
    drawn.append(_text(LEFT + 4, top - 5, aim, size=10, anchor="start"))
    places = [(LEFT + at * step, _height_of(each.share)) for at, each in enumerate(points)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    drawn.append(
        f'<polyline points="{path}" fill="none" stroke="{FILL}" stroke-width="2.5" '
        'stroke-linejoin="round"/>'
    )
    for (x, y), point in zip(places, points, strict=True):
        drawn.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.2" fill="#fff" stroke="{FILL}"'
                     ' stroke-width="2"/>')  # fmt: skip
        if point.label:
            drawn.append(_text(x, _floor() + 14, point.label, size=9.5, colour=QUIET))
    drawn.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, axis, size=10, colour=QUIET))
    return Plot(title, desc, _svg(title, desc, drawn))


def _svg(title: str, desc: str, drawn: Sequence[str]) -> str:
    hatch = (
        '<defs><pattern id="late" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<rect width="6" height="6" fill="#fff"/>'
        f'<path d="M-1 1L1 -1M0 6L6 0M5 7L7 5" stroke="{LATE}" stroke-width="1.4"/>'
        "</pattern></defs>"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="{FONT}"><title>{escape(title)}</title><desc>{escape(desc)}</desc>'
        f"{hatch}{''.join(drawn)}</svg>"
    )


def _limit(x: float, text: str) -> list[str]:
    right = x < WIDTH / 2
    return [
        _stroke(x, TOP - 12, x, _floor() + 4, INK, "5 3"),
        _text(x + (5 if right else -5), TOP - 4, text, size=10,
              anchor="start" if right else "end"),
    ]  # fmt: skip


def _base_line() -> str:
    return _stroke(LEFT, _floor(), WIDTH - RIGHT, _floor(), INK)


def _stroke(  # noqa: PLR0913, PLR0917 - a line has two ends, a colour and a dash
    x1: float, y1: float, x2: float, y2: float, colour: str, dash: str = ""
) -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="1"{dashed}/>'
    )


def _text(  # noqa: PLR0913 - what a text in a drawing has
    x: float,
    y: float,
    text: str,
    *,
    size: float,
    colour: str = INK,
    anchor: str = "middle",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )


def _floor() -> float:
    return HEIGHT - BOTTOM


def _height_of(share: float) -> float:
    return _floor() - (_floor() - TOP - 6) * share
