"""Epeak and alpha of the reference model against time, under the light curve."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.result import EvolutionPoint
from eclgrmd.products.words import model_name

from .curve import ShownCurve, draw_background, draw_data
from .duration import subtitle_of
from .style import COLOURS, MUTED, panels, png

__all__ = ["evolution_figure"]

BINS_SHOWN = 320


def evolution_figure(
    burst_id: str, points: Sequence[EvolutionPoint], duration: DurationMeasurement | None
) -> bytes:
    """Draw the evolution of a spectrum, as PNG.

    Parameters
    ----------
    burst_id
        For the title.
    points
        At least two, in order of time.
    duration
        Whose light curve goes above; None: spectra without a light curve.
    """

    def draw(figure: Figure) -> None:
        rows = 3 if duration is not None else 2
        axes = panels(figure, rows, head_pt=50, gap_pt=10)
        first, last = points[0].interval_s[0], points[-1].interval_s[1]
        margin = 0.08 * (last - first)
        window = (first - margin, last + margin)
        if duration is not None:
            _light_curve(axes[0], duration, window)
        _values(axes[-2], points, [p.epeak_kev for p in points], COLOURS[0])
        _values(axes[-1], points, [p.alpha for p in points], COLOURS[1])
        _finish_epeak(axes[-2])
        axes[-1].set_ylabel("alpha" if points[0].epeak_kev else "photon index")
        axes[-1].set_xlabel("Seconds after t0")
        axes[-1].set_xlim(window)
        axes[0].set_title(burst_id, loc="left", fontsize=14, fontweight="bold", pad=14)
        axes[0].set_title(
            _subtitle(points, duration), loc="right", fontsize=11, color=MUTED, pad=14
        )

    return png(draw)


def _subtitle(points: Sequence[EvolutionPoint], duration: DurationMeasurement | None) -> str:
    what = f"{model_name(points[0].model)} in {len(points)} intervals, 1σ errors"
    if duration is None:
        return what
    return f"{what}; {subtitle_of(duration, 0.0).split(',')[0]}"


def _light_curve(axes: Axes, duration: DurationMeasurement, window: tuple[float, float]) -> None:
    shown = ShownCurve.of(duration.curve, duration.background, duration.background_error, window)
    if len(shown.inside):
        draw_data(axes, shown, (window[1] - window[0]) / BINS_SHOWN)
        draw_background(axes, shown)
    axes.set_ylabel("Counts / s")


def _values(
    axes: Axes,
    points: Sequence[EvolutionPoint],
    values: Sequence[Measurement | None],
    colour: str,
) -> None:
    """Draw a cross per interval; an error without bound is drawn as an open arrow."""
    for point, found in zip(points, values, strict=True):
        if found is None or found.value is None:
            continue
        start, stop = point.interval_s
        middle = 0.5 * (start + stop)
        axes.plot([start, stop], [found.value] * 2, color=colour, linewidth=1.6)
        low, high = found.err_minus, found.err_plus
        axes.plot(
            [middle] * 2,
            [found.value - (low or 0.0), found.value + (high or 0.0)],
            color=colour,
            linewidth=1.2,
        )
        if low is None:
            axes.plot(middle, found.value, "v", color=colour, markersize=6, fillstyle="none")
        if high is None:
            axes.plot(middle, found.value, "^", color=colour, markersize=6, fillstyle="none")


def _finish_epeak(axes: Axes) -> None:
    axes.set_ylabel(r"$E_\mathrm{peak}$ (keV)")
    low, high = axes.get_ylim()
    if low > 0 and np.log10(high / low) > 0.5:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
