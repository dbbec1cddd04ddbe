"""Figure of the cumulative curve of a burst, with its plateaus and the crossings of T90 and T50."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eclgrmd.analysis.temporal.results import (
    CumulativeCurve,
    DurationMeasurement,
    PhotonDuration,
    TemporalAnalysis,
)
from eclgrmd.model.result import Width

from .duration import subtitle_of, window_of
from .style import COLOURS, INK, Stack, png, value_text

__all__ = ["cumulative_figure"]

WIDTHS = (("T90", 0.05, COLOURS[5]), ("T50", 0.25, COLOURS[2]))
"""Name, fraction of the fluence outside at either end, and colour of each duration."""


def cumulative_figure(burst_id: str, analysis: TemporalAnalysis) -> bytes:
    """Return a PNG with the cumulative curve of every significant measurement.

    Raises
    ------
    ValueError
        If nothing is significant.
    """
    found = [(each, each.cumulative) for each in analysis.durations if each.cumulative is not None]
    if not found:
        raise ValueError("a figure needs a cumulative curve")

    def draw(figure: Figure) -> None:
        stack = Stack.of(figure, len(found), gap_pt=54)
        subtitles = [
            _panel(axes, duration, cumulative)
            for axes, (duration, cumulative) in zip(stack.axes, found, strict=True)
        ]
        stack.heads(burst_id, subtitles)
        stack.axes[-1].set_xlabel("Seconds after t0")
        stack.axes[-1].set_xlim(window_of(found[0][0]))

    return png(draw)


def _panel(axes: Axes, duration: DurationMeasurement, cumulative: CumulativeCurve) -> str:
    """Draw one cumulative curve and return its subtitle."""
    axes.plot(cumulative.time_s, cumulative.counts, color=INK, linewidth=1.2, label="net counts")
    low, high, error = cumulative.level_low, cumulative.level_high, cumulative.level_high_error
    for level in (low, high):
        axes.axhline(level, color=COLOURS[1], linewidth=1.4)
    axes.axhspan(high - error, high + error, color=COLOURS[1], alpha=0.2, linewidth=0)
    axes.plot([], [], color=COLOURS[1], linewidth=1.4, label="plateaus, ±1σ of their difference")
    for name, fraction, colour in WIDTHS:
        width = duration.t90 if name == "T90" else duration.t50
        _crossings(axes, cumulative, width, fraction, name=name, colour=colour)
    axes.set_ylabel("Cumulative net counts")
    if duration.photon_fluence is not None:
        _photons(axes, cumulative, duration.photon_fluence)
    bin_s = float(np.median(np.diff(cumulative.time_s)))
    return subtitle_of(duration, bin_s)


def _photons(axes: Axes, counts: CumulativeCurve, photon: PhotonDuration) -> None:
    """Draw the cumulative photons, scaled so that both curves end at the same height."""
    scale = counts.level_high / photon.cumulative.level_high
    width = photon.t90
    t90 = value_text(width.value_s or 0.0, width.err_minus_s, width.err_plus_s)
    axes.plot(
        photon.cumulative.time_s,
        scale * photon.cumulative.counts,
        color=COLOURS[0],
        linewidth=1.2,
        linestyle="--",
    )
    axes.text(
        0.985,
        0.18,
        f"dashed: photons, scaled, T90 = {t90} s",
        color=COLOURS[0],
        ha="right",
        transform=axes.transAxes,
    )


def _crossings(
    axes: Axes,
    cumulative: CumulativeCurve,
    width: Width,
    fraction: float,
    *,
    name: str,
    colour: str,
) -> None:
    """Mark the points where the curve crosses its levels, and their times."""
    if width.value_s is None or width.start_s is None or width.stop_s is None:
        return
    text = f"{name} = {value_text(width.value_s, width.err_minus_s, width.err_plus_s)} s"
    times = [width.start_s, width.stop_s]
    levels = [cumulative.level(fraction), cumulative.level(1 - fraction)]
    axes.plot(times, levels, "o", color=colour, markersize=6, label=text, zorder=3)
    bottom = axes.get_xaxis_transform()
    for time in times:
        axes.plot(
            [time, time], [0, 1], color=colour, linewidth=1.2, linestyle=":", transform=bottom
        )
