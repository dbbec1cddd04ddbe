"""How all figures look, and how they become bytes."""

from collections.abc import Callable, Container
from io import BytesIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from eclgrmd.products.words import plain

__all__ = ["COLOURS", "INK", "MUTED", "legend_above", "png", "signed", "value_text"]

INK = "#222222"
MUTED = "#6b6b6b"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D31")
"""Told apart by colour-blind readers too (Okabe & Ito 2008), most distinct first."""

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
        figure = Figure(figsize=(10, 6.25), dpi=160, layout="constrained")
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
    ).set_in_layout(False)  # a long row must not narrow the axes


def signed(value: float) -> str:
    """Write a number with a true minus sign."""
    return plain(value).replace("-", "−")
