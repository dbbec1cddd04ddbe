"""Figure of the light curves of a burst in several energy bands."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.formats import CurveWithBackground
from eclgrmd.model.observation import Floats
from eclgrmd.model.result import Width
from eclgrmd.products.formatting import band_name, plain

from .curve import SHADE, ShownCurve, draw_background, draw_blocks, draw_data, rate_label
from .duration import who, window_of
from .style import INK, Stack, png, value_text, write_flags

__all__ = ["BINS_SHOWN", "bands_figure"]

BINS_SHOWN = 320
"""Approximate number of bins in the window of the figure; a choice for its width."""
T90_ALPHA, T50_ALPHA = 0.2, 0.35
"""Opacity of the shades of T90 and T50."""
BOTH_ALPHA = 1.0 - (1.0 - T90_ALPHA) * (1.0 - T50_ALPHA)
"""Opacity of both shades together, as seen where T50 lies within T90."""


def bands_figure(
    burst_id: str, duration: DurationMeasurement, curves: Sequence[CurveWithBackground]
) -> bytes:
    """Return a PNG with a panel per band: rates, background and mean rates in the burst's blocks.

    Parameters
    ----------
    burst_id
        Title.
    duration
        Measurement with the window, the edges of the blocks, T90 and T50.
    curves
        Light curves with background, from top to bottom.

    Raises
    ------
    ValueError
        If there is no light curve.
    """
    if not curves:
        raise ValueError("a figure needs a light curve")
    window = window_of(duration)

    def draw(figure: Figure) -> None:
        stack = Stack.of(figure, len(curves), gap_pt=9)
        widths_s = [
            _panel(axes, each, duration, window)
            for axes, each in zip(stack.axes, curves, strict=True)
        ]
        stack.head(burst_id, f"{who(duration)}, bins of {plain(widths_s[0])} s")
        if duration.flags:
            write_flags(stack.axes[0], duration.flags, above_data=True)
        stack.axes[-1].set_xlabel("Seconds after t0")
        stack.axes[-1].set_xlim(window)

    return png(draw)


def _panel(
    axes: Axes,
    each: CurveWithBackground,
    duration: DurationMeasurement,
    window: tuple[float, float],
) -> float:
    """Draw one band, and return the median width of the drawn bins, seconds."""
    curve, zero = each.curve, np.zeros(len(each.curve.counts))
    background = zero if each.background is None else each.background
    error = zero if each.background_error is None else each.background_error
    shown = ShownCurve.of(curve, background, error, window)
    width_s = draw_data(axes, shown, (window[1] - window[0]) / BINS_SHOWN)
    if each.background is not None:
        draw_background(axes, shown)
        rates = _block_rates(each, background, duration.block_edges_s)
        draw_blocks(axes, shown, duration.block_edges_s, rates)
    _shade(axes, "T90", duration.t90, T90_ALPHA, T90_ALPHA)
    _shade(axes, "T50", duration.t50, T50_ALPHA, BOTH_ALPHA)
    axes.annotate(
        _band(curve.band_kev),
        (0, 1),
        xycoords="axes fraction",
        xytext=(6, -4),
        textcoords="offset points",
        va="top",
        fontsize=11,
        color=INK,
    )
    axes.set_ylabel(rate_label(curve))
    axes.margins(y=0.12)
    axes.locator_params(axis="y", nbins=4)
    return width_s


def _band(band_kev: tuple[float, float] | None) -> str:
    return band_name(band_kev) if band_kev is None else f"{'–'.join(map(_energy, band_kev))} keV"


def _energy(energy_kev: float) -> str:
    """Return an edge of a band as text, rounded because channels are wide."""
    return plain(energy_kev) if energy_kev < 10.0 else f"{energy_kev:.0f}"


def _block_rates(each: CurveWithBackground, background: Floats, edges: Floats) -> Floats:
    """Return the mean net rate of a band in each block, NaN without data, counts/s, shape (b,)."""
    curve, number = each.curve, max(len(edges) - 1, 0)
    block = np.searchsorted(edges, (curve.start_s + curve.stop_s) / 2, side="right") - 1
    inside = (block >= 0) & (block < number)
    net, live_s = (
        np.bincount(block[inside], values[inside], number)
        for values in (curve.counts - background, curve.exposure_s)
    )
    return np.asarray(net / np.where(live_s > 0, live_s, np.nan), dtype=np.float64)


def _shade(axes: Axes, name: str, width: Width, alpha: float, alpha_seen: float) -> None:
    if width.value_s is None or width.start_s is None or width.stop_s is None:
        return
    text = f"{name} = {value_text(width.value_s, width.err_minus_s, width.err_plus_s)} s"
    axes.axvspan(width.start_s, width.stop_s, color=SHADE, alpha=alpha, linewidth=0, zorder=0)
    axes.fill_between([], [], [], color=SHADE, alpha=alpha_seen, linewidth=0, label=text)
