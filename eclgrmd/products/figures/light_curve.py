"""Figure of the light curves of a burst with background, Bayesian blocks, T90 and T50."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eclgrmd.analysis.temporal.results import DurationMeasurement, TemporalAnalysis
from eclgrmd.model.intervals import Interval
from eclgrmd.model.result import Width
from eclgrmd.products.formatting import plain

from .curve import SHADE, ShownCurve, draw_background, draw_blocks, draw_data, rate_label
from .duration import subtitle_of, window_of
from .style import COLOURS, MUTED, Stack, png, value_text, write_flags

__all__ = ["draw_light_curve", "light_curve_figure"]

BINS_SHOWN = 320
"""Approximate number of bins in the window of the figure; a choice for its width."""
COMMON_LABELS = ("data", "background ±1σ", "Bayesian blocks", "slew")
"""Labels that only the legend of the first panel explains."""


def light_curve_figure(burst_id: str, analysis: TemporalAnalysis) -> bytes:
    """Return a PNG with every measured light curve, the reference result on top.

    Raises
    ------
    ValueError
        If there is no measured light curve.
    """
    durations = analysis.durations
    if not durations:
        raise ValueError("a figure needs a light curve")

    def draw(figure: Figure) -> None:
        stack = Stack.of(figure, len(durations), gap_pt=54)
        window = window_of(durations[0])
        subtitles = []
        for axes, duration in zip(stack.axes, durations, strict=True):
            subtitles.append(draw_light_curve(axes, duration, window, analysis.slews_s))
        stack.heads(burst_id, subtitles, hidden=COMMON_LABELS)
        stack.axes[-1].set_xlabel("Seconds after t0")
        stack.axes[-1].set_xlim(window)

    return png(draw)


def draw_light_curve(
    axes: Axes,
    duration: DurationMeasurement,
    window: Interval,
    slews_s: Sequence[Interval] = (),
) -> str:
    """Draw a measured light curve, with what was found in it, into axes.

    Parameters
    ----------
    axes
        The axes.
    duration
        The measurement.
    window
        What is shown, seconds after t0.
    slews_s
        When the satellite turned, seconds after t0.

    Returns
    -------
    str
        Instrument, band, width of the bins and significance, as a subtitle.
    """
    _mark_slews(axes, slews_s)
    curve = duration.curve
    shown = ShownCurve.of(
        curve, duration.background_counts, duration.background_error_counts, window
    )
    width = draw_data(axes, shown, (window[1] - window[0]) / BINS_SHOWN)
    draw_background(axes, shown)
    draw_blocks(axes, shown, duration.block_edges_s, duration.block_rates)
    _mark_t90(axes, duration.t90)
    _mark_t50(axes, duration.t50)
    if duration.t100_s is None:
        axes.plot([], [], " ", label=_nothing(duration))
    axes.set_ylabel(rate_label(curve))
    axes.margins(y=0.08)
    if duration.flags:
        write_flags(axes, duration.flags, above_data=True)
    return subtitle_of(duration, width)


def _mark_t90(axes: Axes, width: Width) -> None:
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


def _mark_slews(axes: Axes, slews_s: Sequence[Interval]) -> None:
    for number, (start, stop) in enumerate(slews_s):
        axes.axvspan(
            start,
            stop,
            facecolor="none",
            edgecolor=MUTED,
            hatch="//",
            alpha=0.35,
            label="_" if number else "slew",
        )


def _mark_t50(axes: Axes, width: Width) -> None:
    """Draw a bracket along the bottom of the axes, where there are no data."""
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


def _width_text(name: str, width: Width) -> str:
    if width.value_s is None:
        return name
    return f"{name} = {value_text(width.value_s, width.err_minus_s, width.err_plus_s)} s"
