"""Figure of the spectral evolution: Epeak and alpha against time, below the light curve."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.result import EvolutionPoint
from eclgrmd.products.formatting import model_name

from .curve import ShownCurve, draw_background, draw_data, rate_label
from .duration import who
from .style import COLOURS, Stack, log_axis, png

__all__ = ["evolution_figure"]

BINS_SHOWN = 320
"""Approximate number of bins of the light curve in the window."""
_ENOUGH = 2
"""Number of values with bounded errors from which they alone determine the axis."""
_FACTOR, _LOG_MARGIN, _STEP = 3.0, 1.15, 1.0
"""Longest errors that the axis must show (a factor of Epeak, a step of an index), and the margin of
a logarithmic axis (a factor)."""


def evolution_figure(
    burst_id: str, points: Sequence[EvolutionPoint], duration: DurationMeasurement | None
) -> bytes:
    """Return a PNG of the spectral evolution.

    Parameters
    ----------
    burst_id
        Title.
    points
        At least two, in order of time.
    duration
        Measurement whose light curve is drawn above; None if there is none.
    """

    def draw(figure: Figure) -> None:
        rows = 3 if duration is not None else 2
        stack = Stack.of(figure, rows, gap_pt=10)
        axes = stack.axes
        first, last = points[0].interval_s[0], points[-1].interval_s[1]
        margin = 0.08 * (last - first)
        window = (first - margin, last + margin)
        if duration is not None:
            _light_curve(axes[0], duration, window)
        axes[-2].set_ylabel(r"$E_\mathrm{peak}$ (keV)")
        axes[-2].set_yscale("log")
        _values(axes[-2], points, [p.epeak_kev for p in points], COLOURS[0])
        log_axis(axes[-2].yaxis, *axes[-2].get_ylim())
        _values(axes[-1], points, [p.alpha for p in points], COLOURS[1])
        axes[-1].set_ylabel("alpha" if points[0].epeak_kev else "photon index")
        axes[-1].set_xlabel("Seconds after t0")
        axes[-1].set_xlim(window)
        stack.head(burst_id, _subtitle(points, duration), legend=False)

    return png(draw)


def _subtitle(points: Sequence[EvolutionPoint], duration: DurationMeasurement | None) -> str:
    what = f"{model_name(points[0].model)} in {len(points)} intervals, 1σ errors"
    if duration is None:
        return what
    return f"{what}; {who(duration)}"


def _light_curve(axes: Axes, duration: DurationMeasurement, window: tuple[float, float]) -> None:
    shown = ShownCurve.of(
        duration.curve, duration.background_counts, duration.background_error_counts, window
    )
    if len(shown.inside):
        draw_data(axes, shown, (window[1] - window[0]) / BINS_SHOWN)
        draw_background(axes, shown)
    axes.set_ylabel(rate_label(duration.curve))


def _values(
    axes: Axes,
    points: Sequence[EvolutionPoint],
    values: Sequence[Measurement | None],
    colour: str,
) -> None:
    """Draw a cross per interval; unbounded errors and values off the axis are open arrows."""
    known = [
        (point.interval_s, found, found.value)
        for point, found in zip(points, values, strict=True)
        if found is not None and found.value is not None
    ]
    limits = _limits([(found, value) for _, found, value in known], axes.get_yscale() == "log")
    if limits is not None:
        axes.set_ylim(limits)
    for (start, stop), found, value in known:
        middle = 0.5 * (start + stop)
        low, high = axes.get_ylim() if limits is not None else (value, value)
        shown = min(max(value, low), high)
        axes.plot([start, stop], [shown] * 2, color=colour, linewidth=1.6)
        ends = [value - (found.err_minus or 0.0), value + (found.err_plus or 0.0)]
        axes.plot([middle] * 2, ends, color=colour, linewidth=1.2)
        for mark, missing in (
            ("v", found.err_minus is None or value < low),
            ("^", found.err_plus is None or value > high),
        ):
            if missing:
                axes.plot(
                    middle,
                    shown,
                    mark,
                    color=colour,
                    markersize=6,
                    fillstyle="none",
                    clip_on=False,
                )


def _limits(
    values: Sequence[tuple[Measurement, float]], logarithmic: bool
) -> tuple[float, float] | None:
    """Return the limits of the axis from values with bounded errors, or None if there are few.

    Values with very long errors do not compress the others.
    """
    bounded = [(f, v) for f, v in values if f.err_minus is not None and f.err_plus is not None]
    if len(bounded) < _ENOUGH:
        return None
    lows = [v - (f.err_minus or 0.0) for f, v in bounded]
    highs = [v + (f.err_plus or 0.0) for f, v in bounded]
    if logarithmic:
        lowest = min(max(low, v / _FACTOR) for low, (_, v) in zip(lows, bounded, strict=True))
        highest = max(min(high, v * _FACTOR) for high, (_, v) in zip(highs, bounded, strict=True))
        return lowest / _LOG_MARGIN, highest * _LOG_MARGIN
    lowest = min(max(low, v - _STEP) for low, (_, v) in zip(lows, bounded, strict=True))
    highest = max(min(high, v + _STEP) for high, (_, v) in zip(highs, bounded, strict=True))
    margin = 0.08 * (highest - lowest)
    return lowest - margin, highest + margin
