"""The light curve of a burst with its background, its Bayesian blocks, T90 and T50."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.results import DurationMeasurement, MeasuredWidth, TemporalAnalysis
from eclgrmd.model.observation import Floats, LightCurve
from eclgrmd.products.words import plain

from .binning import grouped, time_groups
from .duration import subtitle_of, window_of
from .style import COLOURS, MUTED, legend_above, panels, png, value_text

__all__ = ["light_curve_figure"]

DATA, BACKGROUND, BLOCKS = "#4d4d4d", COLOURS[1], COLOURS[0]
SHADE = COLOURS[5]
BINS_SHOWN = 320
COMMON_LABELS = ("data", "background ±1σ", "Bayesian blocks")


def light_curve_figure(burst_id: str, analysis: TemporalAnalysis) -> bytes:
    """Draw every light curve that was measured, the reference result on top, as PNG.

    Raises
    ------
    ValueError
        Without any measured light curve.
    """
    durations = analysis.durations
    if not durations:
        raise ValueError("a figure needs a light curve")

    def draw(figure: Figure) -> None:
        stack = panels(figure, len(durations), head_pt=50, gap_pt=34)
        window = window_of(durations[0])
        for axes, duration in zip(stack, durations, strict=True):
            _panel(axes, duration, window, first=axes is stack[0])
        stack[0].set_title(burst_id, loc="left", fontsize=14, fontweight="bold", pad=30)
        stack[-1].set_xlabel("Seconds after t0")
        stack[-1].set_xlim(window)

    return png(draw)


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """The bins of a curve that lie in the window."""

    curve: LightCurve
    inside: NDArray[np.intp]
    background: Floats
    background_error: Floats


def _panel(
    axes: Axes, duration: DurationMeasurement, window: tuple[float, float], *, first: bool
) -> None:
    curve = duration.curve
    inside = np.flatnonzero(
        (curve.stop_s > window[0]) & (curve.start_s < window[1]) & (curve.exposure_s > 0)
    )
    shown = _Shown(
        curve,
        inside,
        duration.background[inside] / curve.exposure_s[inside],
        duration.background_error[inside] / curve.exposure_s[inside],
    )
    width = _draw_data(axes, shown, (window[1] - window[0]) / BINS_SHOWN)
    _draw_background(axes, shown)
    _draw_blocks(axes, shown, duration)
    _mark_t90(axes, duration.t90)
    _mark_t50(axes, duration.t50)
    if duration.t100_s is None:
        axes.plot([], [], " ", label=_nothing(duration))
    axes.set_ylabel("Net rate / s" if curve.background_subtracted else "Counts / s")
    axes.margins(y=0.08)
    _head(axes, subtitle_of(duration, width), first=first)


def _head(axes: Axes, subtitle: str, *, first: bool) -> None:
    """Write the legend and what is shown above the axes, where no data are.

    Only the first panel explains its lines; the others need no more than their own numbers.
    """
    axes.set_title(subtitle, loc="right", fontsize=11, color=MUTED, pad=30 if first else 8)
    legend_above(axes, hidden=() if first else COMMON_LABELS)


def _steps(start_s: Floats, stop_s: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Turn bins into the corners of a step line that is broken at gaps."""
    gap = start_s[1:] - stop_s[:-1] > 1e-3 * float(np.min(stop_s - start_s))
    x = np.column_stack([start_s, stop_s]).ravel()
    y = np.repeat(values, 2)
    where = 2 * (np.flatnonzero(gap) + 1)
    return np.insert(x, where, np.nan), np.insert(y, where, np.nan)


def _draw_data(axes: Axes, shown: _Shown, width_s: float) -> float:
    """Draw the rates, and tell the typical width of the bins drawn, seconds."""
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


def _draw_background(axes: Axes, shown: _Shown) -> None:
    if shown.curve.background_subtracted:
        axes.axhline(0.0, color=BACKGROUND, linewidth=1.0)
        return
    start, stop = shown.curve.start_s[shown.inside], shown.curve.stop_s[shown.inside]
    x, y = _steps(start, stop, shown.background)
    _, error = _steps(start, stop, shown.background_error)
    axes.plot(x, y, color=BACKGROUND, linewidth=1.6, zorder=3, label="background ±1σ")
    axes.fill_between(x, y - error, y + error, color=BACKGROUND, alpha=0.3, linewidth=0)


def _draw_blocks(axes: Axes, shown: _Shown, duration: DurationMeasurement) -> None:
    edges = duration.block_edges_s
    if len(duration.block_rates) == 0:
        return
    start, stop = shown.curve.start_s[shown.inside], shown.curve.stop_s[shown.inside]
    block = np.searchsorted(edges, (start + stop) / 2, side="right") - 1
    in_block = (block >= 0) & (block < len(duration.block_rates))
    rate = np.where(
        in_block, duration.block_rates[np.clip(block, 0, len(duration.block_rates) - 1)], np.nan
    )
    x, y = _steps(start, stop, rate + shown.background)
    axes.plot(x, y, color=BLOCKS, linewidth=1.5, zorder=2.5, label="Bayesian blocks")


def _mark_t90(axes: Axes, width: MeasuredWidth) -> None:
    if width.start_s is not None and width.stop_s is not None:
        axes.axvspan(
            width.start_s,
            width.stop_s,
            color=SHADE,
            alpha=0.2,
            linewidth=0,
            zorder=0,
            label=_width_text("T90", width),
        )


def _mark_t50(axes: Axes, width: MeasuredWidth) -> None:
    """Draw a bracket along the bottom, where no data are."""
    if width.start_s is None or width.stop_s is None:
        return
    axes.plot(
        [width.start_s, width.start_s, width.stop_s, width.stop_s],
        [0.045, 0.025, 0.025, 0.045],
        color=COLOURS[2],
        linewidth=2.2,
        transform=axes.get_xaxis_transform(),
        label=_width_text("T50", width),
    )


def _nothing(duration: DurationMeasurement) -> str:
    if duration.upper_limit_counts is None:
        return "no significant excess"
    limit = plain(duration.upper_limit_counts)
    return f"no significant excess, fewer than {limit} counts (3σ)"


def _width_text(name: str, width: MeasuredWidth) -> str:
    if width.value_s is None:
        return name
    return f"{name} = {value_text(width.value_s, width.err_minus_s, width.err_plus_s)} s"
