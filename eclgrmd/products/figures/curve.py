"""Elements of light-curve figures: data, background and blocks."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from eclgrmd.model.observation import Floats, LightCurve
from eclgrmd.products.binning import grouped, time_groups

from .style import COLOURS

__all__ = ["SHADE", "ShownCurve", "draw_background", "draw_blocks", "draw_data", "rate_label"]

DATA, BACKGROUND, BLOCKS = "#4d4d4d", COLOURS[1], COLOURS[0]
"""Colours of the data, the background and the Bayesian blocks."""
SHADE = COLOURS[5]
"""Colour of the shade of T90."""


@dataclass(frozen=True, slots=True, eq=False)
class ShownCurve:
    """A light curve with the m bins that lie in the window of a figure."""

    curve: LightCurve
    """The whole light curve."""
    inside: NDArray[np.intp]
    """Indices of the bins in the window, shape (m,)."""
    background: Floats
    """Background rate in these bins, counts/s, shape (m,)."""
    background_error: Floats
    """1-sigma error of `background`, counts/s, shape (m,)."""

    @classmethod
    def of(
        cls,
        curve: LightCurve,
        background: Floats,
        background_error: Floats,
        window_s: tuple[float, float],
    ) -> "ShownCurve":
        """Return the bins of a light curve in a window.

        Parameters
        ----------
        curve
            The light curve, n bins.
        background, background_error
            Background counts of every bin and their 1-sigma errors, shape (n,).
        window_s
            Start and stop of the window, seconds after t0.
        """
        inside = np.flatnonzero(
            (curve.stop_s > window_s[0]) & (curve.start_s < window_s[1]) & (curve.exposure_s > 0)
        )
        live_s = curve.exposure_s[inside]
        return cls(curve, inside, background[inside] / live_s, background_error[inside] / live_s)


def _steps(start_s: Floats, stop_s: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return the corners of a step line that is interrupted at gaps."""
    gap = start_s[1:] - stop_s[:-1] > 1e-3 * float(np.min(stop_s - start_s))
    x = np.column_stack([start_s, stop_s]).ravel()
    y = np.repeat(values, 2)
    where = 2 * (np.flatnonzero(gap) + 1)
    return np.insert(x, where, np.nan), np.insert(y, where, np.nan)


def draw_data(axes: Axes, shown: ShownCurve, width_s: float) -> float:
    """Draw the rates in bins of about `width_s`, and return their median width, seconds."""
    curve, inside = shown.curve, shown.inside
    groups = time_groups(curve.start_s[inside], curve.stop_s[inside], width_s)
    start = curve.start_s[inside][groups]
    stop = curve.stop_s[inside][np.append(groups[1:], len(inside)) - 1]
    exposure = grouped(curve.exposure_s[inside], groups)
    rate = grouped(curve.counts[inside], groups) / exposure
    x, y = _steps(start, stop, rate)
    axes.plot(x, y, color=DATA, linewidth=0.9, label="data")
    if curve.error is not None:
        error = np.sqrt(grouped(curve.error[inside] ** 2, groups)) / exposure
        axes.errorbar(
            (start + stop) / 2, rate, error, fmt="none", ecolor=DATA, elinewidth=0.5, alpha=0.5
        )
    return float(np.median(stop - start))


def draw_background(axes: Axes, shown: ShownCurve) -> None:
    """Draw the background with its error, or the zero line of a background-subtracted curve."""
    if shown.curve.background_subtracted:
        axes.axhline(0.0, color=BACKGROUND, linewidth=1.0)
        return
    start, stop = shown.curve.start_s[shown.inside], shown.curve.stop_s[shown.inside]
    x, y = _steps(start, stop, shown.background)
    _, error = _steps(start, stop, shown.background_error)
    axes.plot(x, y, color=BACKGROUND, linewidth=1.6, zorder=3, label="background ±1σ")
    axes.fill_between(x, y - error, y + error, color=BACKGROUND, alpha=0.3, linewidth=0)


def draw_blocks(axes: Axes, shown: ShownCurve, edges: Floats, net_rates: Floats) -> None:
    """Draw the net rates of blocks, shape (b,), between edges, (b + 1,), above the background."""
    if len(net_rates) == 0:
        return
    start, stop = shown.curve.start_s[shown.inside], shown.curve.stop_s[shown.inside]
    block = np.searchsorted(edges, (start + stop) / 2, side="right") - 1
    in_block = (block >= 0) & (block < len(net_rates))
    rate = np.where(in_block, net_rates[np.clip(block, 0, len(net_rates) - 1)], np.nan)
    x, y = _steps(start, stop, rate + shown.background)
    axes.plot(x, y, color=BLOCKS, linewidth=1.5, zorder=2.5, label="Bayesian blocks")


def rate_label(curve: LightCurve) -> str:
    """Return the axis label of the rate of a light curve."""
    return "Net counts / s" if curve.background_subtracted else "Counts / s"
