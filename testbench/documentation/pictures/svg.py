"""Elements of SVG, in colours that are readable on light and dark pages."""

from collections.abc import Iterable
from html import escape

__all__ = ["arrow", "box", "document", "dot", "label", "line"]

_INK, _LINE, _FILL = "#1f2937", "#4b5563", "#e8f0f8"
_FONT = "font-family='DejaVu Sans, Verdana, sans-serif'"
_HEAD = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' "
    "role='img' aria-label='{title}'><title>{title}</title>"
    "<defs><marker id='tip' viewBox='0 0 10 10' refX='9' refY='5' markerWidth='7' markerHeight='7' "
    "orient='auto-start-reverse'><path d='M0 0 L10 5 L0 10 z' fill='"
    + _LINE
    + "'/></marker></defs>"
    "<rect width='{width}' height='{height}' fill='#ffffff'/>"
)


def document(width: float, height: float, title: str, parts: Iterable[str]) -> str:
    """Return a picture of these elements."""
    head = _HEAD.format(width=round(width), height=round(height), title=escape(title, quote=True))
    return "\n".join([head, *parts, "</svg>", ""])


def box(
    x: float,
    y: float,
    width: float,
    height: float,
    text: str,
    *,
    bold: bool = False,
    size: float = 13,
) -> str:
    """Return a rounded box with a text in its middle."""
    shape = (
        f"<rect x='{x:g}' y='{y:g}' width='{width:g}' height='{height:g}' rx='6' fill='{_FILL}' "
        f"stroke='{_LINE}'/>"
    )
    return shape + label(x + width / 2, y + height / 2 + 0.35 * size, text, bold=bold, size=size)


def label(
    x: float, y: float, text: str, *, bold: bool = False, size: float = 13, anchor: str = "middle"
) -> str:
    """Return a line of text."""
    weight = " font-weight='bold'" if bold else ""
    return (
        f"<text x='{x:g}' y='{y:g}' font-size='{size:g}' text-anchor='{anchor}' fill='{_INK}' "
        f"{_FONT}{weight}>{escape(text)}</text>"
    )


def arrow(points: Iterable[tuple[float, float]], *, dashed: bool = False) -> str:
    """Return a line along points with a tip at its end."""
    return line(points, dashed=dashed, tip=True)


def dot(x: float, y: float, colour: str) -> str:
    """Return a filled circle."""
    return f"<circle cx='{x:g}' cy='{y:g}' r='4' fill='{colour}'/>"


def line(
    points: Iterable[tuple[float, float]],
    *,
    dashed: bool = False,
    tip: bool = False,
    colour: str = _LINE,
) -> str:
    """Return a line along points."""
    path = " ".join(f"{x:g},{y:g}" for x, y in points)
    style = " stroke-dasharray='5 4'" if dashed else ""
    end = " marker-end='url(#tip)'" if tip else ""
    return (
        f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='1.4'{style}{end}/>"
    )
