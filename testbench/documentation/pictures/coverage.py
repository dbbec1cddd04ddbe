"""How often the intervals of T90 and T50 hold the truth, from the committed table."""

import re
from collections.abc import Iterator
from math import sqrt

from msgspec import Struct

from testbench.checkout import CHECKOUT

from .svg import document, dot, label, line

__all__ = ["Covered", "coverage_rows", "coverage_svg"]

_TABLE = CHECKOUT / "testbench" / "accuracy" / "temporal_coverage.txt"
_LINE = re.compile(r"^(\S.*?) +(t90|t50) +(\d+) +([01]\.\d+) +([01]\.\d+) ", re.MULTILINE)
_PROMISED = (0.683, 0.954)
"""How often 68 % and 95 % intervals should hold the truth."""
_WIDTH, _ROW, _TOP, _LEFT, _RIGHT = 780.0, 30.0, 56.0, 190.0, 20.0
_LOWEST, _HIGHEST = 0.5, 1.0
_TICKS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_COLOURS = {"t90": "#0072b2", "t50": "#d55e00"}


class Covered(Struct, frozen=True):
    """How often the intervals of one duration held the truth, in a group of bursts."""

    group: str
    """Name of the group."""
    duration: str
    """t90 or t50."""
    bursts: int
    """Number of bursts."""
    shares: tuple[float, float]
    """Shares of the bursts whose 68 % and 95 % interval held the truth."""


def coverage_rows(table: str) -> list[Covered]:
    """Return the rows of a table of `testbench/accuracy/temporal`."""
    return [
        Covered(group, duration, int(bursts), (float(narrow), float(wide)))
        for group, duration, bursts, narrow, wide in _LINE.findall(table)
    ]


def coverage_svg() -> str:
    """Return the picture: a line for each group, with binomial errors, beside what is promised."""
    rows = coverage_rows(_TABLE.read_text(encoding="utf-8"))
    groups = list(dict.fromkeys(row.group for row in rows))
    bottom = _TOP + len(groups) * _ROW
    parts = [*_legend(), *_scale(bottom)]
    for row in rows:
        middle = _TOP + (groups.index(row.group) + 0.5) * _ROW
        if row.duration == "t90":
            parts.append(label(_LEFT - 10.0, middle + 4.5, row.group, anchor="end"))
        parts += _marks(row, middle + (-5.0 if row.duration == "t90" else 5.0))
    title = "How often the 68 % and 95 % intervals of T90 and T50 hold the truth"
    return document(_WIDTH, bottom + 30.0, title, parts)


def _x(share: float) -> float:
    return _LEFT + (share - _LOWEST) / (_HIGHEST - _LOWEST) * (_WIDTH - _LEFT - _RIGHT)


def _legend() -> Iterator[str]:
    for place, (duration, colour) in enumerate(_COLOURS.items()):
        x = _LEFT + 70.0 * place
        yield dot(x, 15.0, colour)
        yield label(x + 10.0, 19.5, duration.upper(), anchor="start")
    for promised, name in zip(_PROMISED, ("68 % interval", "95 % interval"), strict=True):
        yield label(_x(promised), 44.0, name)


def _scale(bottom: float) -> Iterator[str]:
    yield line([(_x(_LOWEST), bottom), (_x(_HIGHEST), bottom)])
    for share in _TICKS:
        yield line([(_x(share), bottom), (_x(share), bottom + 5.0)])
        yield label(_x(share), bottom + 21.0, f"{share:.0%}", size=11)
    for promised in _PROMISED:
        yield line([(_x(promised), _TOP - 6.0), (_x(promised), bottom)], dashed=True)


def _marks(row: Covered, y: float) -> Iterator[str]:
    colour = _COLOURS[row.duration]
    for share in row.shares:
        error = sqrt(share * (1.0 - share) / row.bursts)
        ends = (max(share - error, _LOWEST), min(share + error, _HIGHEST))
        yield line([(_x(end), y) for end in ends], colour=colour)
        yield dot(_x(share), y, colour)
