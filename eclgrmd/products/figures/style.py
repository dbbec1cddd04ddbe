"""How all figures look, and how they become bytes."""

from collections.abc import Callable, Container, Sequence
from io import BytesIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from eclgrmd.products.words import plain

__all__ = [
    "BOTTOM_PT",
    "COLOURS",
    "HEIGHT_PT",
    "INK",
    "LEFT_PT",
    "MUTED",
    "WIDTH_PT",
    "legend_above",
    "panels",
    "png",
    "signed",
    "value_text",
    "write_flags",
]

INK = "#222222"
MUTED = "#6b6b6b"
WARNING = "#A0320A"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D31")
"""Told apart by colour-blind readers too (Okabe & Ito 2008), most distinct first."""

WIDTH_PT, HEIGHT_PT = 720.0, 450.0
LEFT_PT, RIGHT_PT, BOTTOM_PT = 64.0, 10.0, 42.0
MOST_AT_EASE = 6
"""Entries of a legend that a row holds at ease."""

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
    """Let `draw` fill a 1600 x 1000 figure and encode it; no user setting or date gets in."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(SETTINGS)
        figure = Figure(figsize=(WIDTH_PT / 72, HEIGHT_PT / 72), dpi=160)
        FigureCanvasAgg(figure)
        draw(figure)
        content = BytesIO()
        figure.savefig(content, format="png", metadata={"Software": None})
        return content.getvalue()


def value_text(value: float, err_minus: float | None, err_plus: float | None) -> str:
    """Write a value with its asymmetric errors, two digits of the smaller one; ? is unbounded."""
    errors = [error for error in (err_minus, err_plus) if error is not None and error > 0]
    if not errors:
        return plain(value)
    digits = max(0, 1 - int(np.floor(np.log10(min(errors)))))
    minus, plus = (
        "?" if error is None else f"{error:.{digits}f}" for error in (err_minus, err_plus)
    )
    return rf"${value:.{digits}f}^{{+{plus}}}_{{-{minus}}}$"


def panels(
    figure: Figure, rows: int, *, head_pt: float, gap_pt: float, ratios: Sequence[float] = ()
) -> list[Axes]:
    """Lay out axes above each other that share their x axis.

    Fixed margins take half the time of a layout that measures every text.

    Parameters
    ----------
    figure
        Empty figure.
    rows
        Number of axes.
    head_pt
        Room above the first axes, for titles and legend, points.
    gap_pt
        Room between axes, points.
    ratios
        Relative heights; empty: equal.
    """
    room = HEIGHT_PT - head_pt - BOTTOM_PT
    figure.subplots_adjust(
        left=LEFT_PT / WIDTH_PT,
        right=1 - RIGHT_PT / WIDTH_PT,
        bottom=BOTTOM_PT / HEIGHT_PT,
        top=1 - head_pt / HEIGHT_PT,
        hspace=gap_pt * rows / (room - gap_pt * (rows - 1)),
    )
    axes = figure.subplots(rows, 1, sharex=True, squeeze=False, height_ratios=list(ratios) or None)[
        :, 0
    ]
    figure.align_ylabels(axes)
    return list(axes)


def legend_above(axes: Axes, hidden: Container[str] = ()) -> None:
    """Explain the lines in a row above the axes, where no data are; leave out labels `hidden`."""
    entries = [
        (handle, label)
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
        if label not in hidden
    ]
    crowded = len(entries) > MOST_AT_EASE
    axes.legend(
        [handle for handle, _ in entries],
        [label for _, label in entries],
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=len(entries),
        borderaxespad=0.3,
        borderpad=0,
        fontsize=9 if crowded else 10.5,
        handlelength=1.1 if crowded else 1.5,
        handletextpad=0.4 if crowded else 0.8,
        columnspacing=1.0 if crowded else 1.8,
    )


def write_flags(axes: Axes, flags: Sequence[str]) -> None:
    """Write what is doubtful into the upper right corner, a line each."""
    axes.annotate(
        "\n".join(f"! {flag}" for flag in flags),
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


def signed(value: float) -> str:
    """Write a number with a true minus sign."""
    return plain(value).replace("-", "−")
