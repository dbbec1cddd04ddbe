"""Common style and layout of figures, and their encoding as PNG."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, Self, cast

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure, SubFigure
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from eclgrmd.model.flags import FlagText
from eclgrmd.products.formatting import plain
from eclgrmd.products.png import encode_png

from .ticks import draw_ticks

__all__ = [
    "BOTTOM_PT",
    "COLOURS",
    "HEAD_WIDTH_PT",
    "HEIGHT_PT",
    "INK",
    "LEFT_PT",
    "MUTED",
    "WIDTH_PT",
    "Stack",
    "colours",
    "log_axis",
    "png",
    "signed",
    "titles_that_fit",
    "value_text",
    "write_flags",
]

INK = "#222222"
"""Colour of text and main lines."""
MUTED = "#6b6b6b"
"""Colour of secondary text, axes and lines."""
WARNING = "#A0320A"
"""Colour of flags."""
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D31")
"""Colours that colour-blind readers can distinguish (Okabe & Ito 2008), most distinct first."""

WIDTH_PT, HEIGHT_PT = 720.0, 450.0
"""Size of figures, points."""
DPI = 160
"""Resolution of figures, pixels per inch."""
LEFT_PT, RIGHT_PT, BOTTOM_PT = 64.0, 10.0, 42.0
"""Margins of figures, points."""
HEAD_WIDTH_PT = WIDTH_PT - LEFT_PT - RIGHT_PT
"""Width of the head above the axes, points."""
LINE_PT, TITLE_PT = 21.0, 29.0
"""Height of a line in the head, and of the title, points."""
MOST_OF_TITLE, MOST_OF_FLAG = 40, 90
"""Largest number of characters of a burst's name, and of a flag."""
FLAG_PT, FLAGS_SHARE = 13.0, 0.4
"""Height of a line of flags, points, and the fraction of the axes' height that flags may cover."""
SMALLEST = 8.5
"""Smallest font size of a subtitle, points."""
FEW_DECADES, MANY_DECADES = 0.6, 3.2
"""Below the first number of decades a logarithmic axis is labelled in equal steps, above the second
only at decades."""
LONG_NUMBER = 1e4
"""Number from which digits are grouped in threes."""


class LegendStyle(NamedTuple):
    """The widths of a legend; lengths are in units of the font size."""

    size: float
    """Font size, points."""
    handle: float
    """Length of a handle."""
    pad: float
    """Space between handle and label."""
    gap: float
    """Space between columns."""


LEGENDS = (LegendStyle(10.5, 1.5, 0.8, 1.8), LegendStyle(9.0, 1.1, 0.4, 1.0))
"""Styles of legends; the first one that fits into a row is used."""

SETTINGS: dict[Any, Any] = {
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.labelsize": 11.5,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.family": "DejaVu Sans",
    "font.size": 10.5,
    "legend.fontsize": 10.5,
    "legend.frameon": False,
    "text.color": INK,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
}


def png(draw: Callable[[Figure], None]) -> bytes:
    """Return a 1600 x 1000 figure, filled by `draw`, as PNG, without user settings or dates."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)
        figure = Figure(figsize=(WIDTH_PT / 72, HEIGHT_PT / 72), dpi=DPI)
        canvas = _canvas()
        canvas.figure = figure
        figure.set_canvas(canvas)
        draw(figure)
        draw_ticks(figure)
        canvas.draw()
        return encode_png(np.asarray(canvas.buffer_rgba()), DPI)


@cache
def _canvas() -> Any:
    """Return the canvas of all figures, which remembers how large the texts of earlier ones are.

    It is untyped in matplotlib.
    """
    return FigureCanvasAgg(Figure())


def value_text(value: float, err_minus: float | None, err_plus: float | None) -> str:
    """Return a value with asymmetric errors as mathtext; an error of None is written as `?`."""
    errors = [error for error in (err_minus, err_plus) if error is not None and error > 0]
    if not errors:
        return plain(value)
    digits = max(0, 1 - int(np.floor(np.log10(min(errors)))))
    minus, plus = (
        "?" if error is None else f"{error:.{digits}f}" for error in (err_minus, err_plus)
    )
    return rf"${value:.{digits}f}^{{+{plus}}}_{{-{minus}}}$"


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """A column of axes with a common x axis, below a head whose height adapts to its text.

    Its margins are fixed, which takes half the time of a layout that measures every text.
    """

    figure: Figure
    """The figure that contains the axes."""
    axes: tuple[Axes, ...]
    """The axes from top to bottom."""
    gap_pt: float
    """Space between axes, points."""

    @classmethod
    def of(cls, figure: Figure, rows: int, *, gap_pt: float, ratios: Sequence[float] = ()) -> Self:
        """Return `rows` axes in an empty figure.

        Parameters
        ----------
        figure
            The figure.
        rows
            Number of axes.
        gap_pt
            Space between axes, points.
        ratios
            Relative heights; empty for equal ones.
        """
        axes = figure.subplots(
            rows, 1, sharex=True, squeeze=False, height_ratios=list(ratios) or None
        )[:, 0]
        figure.align_ylabels(axes)
        for each in axes:
            each.set_title("", y=1.0)  # otherwise all ticks are measured, to place no title
        stack = cls(figure, tuple(axes), gap_pt)
        stack.make_room(LINE_PT + TITLE_PT)
        return stack

    def make_room(self, head_pt: float) -> None:
        """Leave `head_pt` points free above the first axes."""
        rows = len(self.axes)
        room = HEIGHT_PT - head_pt - BOTTOM_PT
        self.figure.subplots_adjust(
            left=LEFT_PT / WIDTH_PT,
            right=1 - RIGHT_PT / WIDTH_PT,
            bottom=BOTTOM_PT / HEIGHT_PT,
            top=1 - head_pt / HEIGHT_PT,
            hspace=self.gap_pt * rows / (room - self.gap_pt * (rows - 1)),
        )

    def head(self, title: str, subtitle: str, line: str = "", *, legend: bool = True) -> None:
        """Write title, subtitle, a line of numbers and the legend above the first axes."""
        first = self.axes[0]
        above_pt = LINE_PT * _legend_above(first) if legend else 0.0
        if line:
            above_pt += LINE_PT
            _write_line(first, line, above_pt - LINE_PT)
        self.make_room(above_pt + TITLE_PT)
        _titles_above(first, title, subtitle, above_pt)

    def heads(self, title: str, subtitles: Sequence[str], hidden: Container[str] = ()) -> None:
        """Write the head, and a subtitle with a legend above each further axes.

        Labels in `hidden` appear only in the first legend.
        """
        self.head(title, subtitles[0])
        for axes, subtitle in zip(self.axes[1:], subtitles[1:], strict=True):
            _legend_above(axes, hidden)
            _titles_above(axes, "", subtitle, LINE_PT)


def _titles_above(axes: Axes, title: str, subtitle: str, above_pt: float) -> None:
    """Write title and subtitle in one line above the axes, at a distance in points."""
    pad = above_pt + 8.0
    title, subtitle, size = titles_that_fit(axes.figure, title, subtitle, HEAD_WIDTH_PT)
    axes.set_title(title, loc="left", fontsize=14, fontweight="bold", pad=pad, y=1.0)
    axes.set_title(subtitle, loc="right", fontsize=size, color=MUTED, pad=pad, y=1.0)


def titles_that_fit(
    figure: Figure | SubFigure, title: str, subtitle: str, width_pt: float
) -> tuple[str, str, float]:
    """Return a title of 14 points, a subtitle and its font size, which fit into one line.

    The subtitle becomes smaller down to 8.5 points; then its middle is left out.
    """
    title = shortened(title, MOST_OF_TITLE)
    free = width_pt - (_width_pt(figure, title, 14, weight="bold") + 18.0 if title else 0.0)
    while _size_in(figure, subtitle, free) < SMALLEST and len(subtitle) > 1:
        subtitle = shortened(subtitle, len(subtitle) - 2)
    return title, subtitle, _size_in(figure, subtitle, free)


def _size_in(figure: Figure | SubFigure, text: str, width_pt: float) -> float:
    """Return the font size, at most 11 points, at which a text fits into a width."""
    return 11.0 * min(1.0, width_pt / _width_pt(figure, text, 11)) if text else 11.0


def shortened(text: str, most: int) -> str:
    """Return a text without its middle if it has more than `most` characters."""
    if len(text) <= most:
        return text
    kept = max(most - 1, 2)
    return f"{text[: -(-kept // 2)]}…{text[len(text) - kept // 2 :]}"


def _write_line(axes: Axes, text: str, above_pt: float) -> None:
    """Write a line of text above the axes, as large as its length allows."""
    axes.annotate(
        text,
        (0, 1),
        xycoords="axes fraction",
        xytext=(4, above_pt + 8.0),
        textcoords="offset points",
        fontsize=_size_in(axes.figure, text, HEAD_WIDTH_PT),
    )


def _legend_above(axes: Axes, hidden: Container[str] = ()) -> int:
    """Write a legend in rows above the axes, without labels in `hidden`; return its rows."""
    entries = [
        (handle, label)
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
        if label not in hidden
    ]
    if not entries:
        return 0
    labels = [label for _, label in entries]
    style = next((s for s in LEGENDS if _legend_pt(axes, labels, s) <= HEAD_WIDTH_PT), LEGENDS[-1])
    columns = len(entries)
    while columns > 1 and _legend_pt(axes, labels, style, columns) > HEAD_WIDTH_PT:
        columns -= 1
    rows = -(-len(entries) // columns)
    columns = -(-len(entries) // rows)
    axes.legend(
        # matplotlib fills a legend by columns, but it is read by rows
        [handle for handle, _ in _by_columns(entries, columns)],
        [label for _, label in _by_columns(entries, columns)],
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=columns,
        borderaxespad=0.3,
        borderpad=0,
        labelspacing=0.2,
        fontsize=style.size,
        handlelength=style.handle,
        handletextpad=style.pad,
        columnspacing=style.gap,
    )
    return rows


def _by_columns(entries: list[Any], columns: int) -> list[Any]:
    return [entry for column in range(columns) for entry in entries[column::columns]]


def _legend_pt(axes: Axes, labels: Sequence[str], style: LegendStyle, columns: int = 0) -> float:
    """Return the width of a legend, points; 0 columns for a single row."""
    columns = columns or len(labels)
    widths = [_width_pt(axes.figure, label, style.size) for label in labels]
    inks = sum(max(widths[column::columns], default=0.0) for column in range(columns))
    spaces = columns * (style.handle + style.pad) + (columns - 1) * style.gap
    return inks + spaces * style.size


def _width_pt(figure: Figure | SubFigure, text: str, size: float, weight: str = "normal") -> float:
    """Return the width of a text, points, at least 1."""
    renderer = cast(Any, figure.canvas).get_renderer()
    font = FontProperties(size=size, weight=weight)
    pixels, _, _ = renderer.get_text_width_height_descent(text, font, ismath="$" in text)
    return max(float(pixels) * 72.0 / figure.dpi, 1.0)


def write_flags(axes: Axes, flags: Sequence[FlagText], *, above_data: bool = False) -> None:
    """Write flags into the upper right corner of the axes, as many as there is room for.

    Parameters
    ----------
    axes
        Axes in which everything else is drawn.
    flags
        The flags.
    above_data
        Whether to extend a linear vertical axis, so that the flags hide no data.
    """
    height = axes.get_position().height * HEIGHT_PT
    room = int(FLAGS_SHARE * height / FLAG_PT)
    most = len(flags) if len(flags) <= room else max(room - 1, 1)
    lines = [f"! {shortened(flag.text, MOST_OF_FLAG)}" for flag in flags[:most]]
    if len(flags) > most:
        lines.append(f"and {len(flags) - most} more, see summary")
    if above_data:
        low, high = axes.get_ylim()
        axes.set_ylim(low, low + (high - low) / (1.0 - len(lines) * FLAG_PT / height))
    axes.annotate(
        "\n".join(lines),
        (1, 1),
        xycoords="axes fraction",
        xytext=(-6, -5),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=9.5,
        color=WARNING,
        bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 1.5},
    )


def log_axis(axis: Axis, low: float, high: float) -> None:
    """Label a logarithmic axis with plain numbers, at intervals that suit its range."""
    decades = np.log10(high / low)
    if decades < FEW_DECADES:
        axis.set_major_locator(MaxNLocator(5))
    else:
        subs = (1.0,) if decades > MANY_DECADES else (1.0, 2.0, 5.0)
        axis.set_major_locator(LogLocator(subs=subs, numticks=16))
    axis.set_major_formatter(FuncFormatter(lambda value, _: _number(value)))
    axis.set_minor_formatter(NullFormatter())


def _number(value: float) -> str:
    return f"{value:g}" if value < LONG_NUMBER else f"{value:,.0f}".replace(",", "\u2009")


def colours(count: int) -> list[str]:
    """Return a number of different colours."""
    if count <= len(COLOURS):
        return list(COLOURS[:count])
    return [to_hex(colour) for colour in mpl.colormaps["turbo"](np.linspace(0.05, 0.95, count))]


def signed(value: float) -> str:
    """Return a number as text with a typographic minus sign."""
    return plain(value).replace("-", "−")
