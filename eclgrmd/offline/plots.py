"""Plots for a notebook: what the figures among the products show, on axes of matplotlib."""

from typing import Any

import matplotlib.pyplot as plt
from matplotlib import rc_context
from matplotlib.axes import Axes

from eclgrmd.analysis.spectral.results import IntervalFits, SpectralFit
from eclgrmd.errors import InputError
from eclgrmd.model.intervals import Interval
from eclgrmd.model.observation import LightCurve
from eclgrmd.pipeline.pictures import StoredTask
from eclgrmd.products.figures.duration import window_of
from eclgrmd.products.figures.light_curve import draw_light_curve
from eclgrmd.products.figures.spectrum import draw_spectrum
from eclgrmd.products.figures.style import MUTED, SETTINGS

__all__ = ["plot_light_curve", "plot_spectrum"]

_SIZE = (9.0, 4.5)
"""Size of a new figure, inches."""


def plot_light_curve(
    task: StoredTask, axes: Axes | None, instrument: str, window_s: Interval | None
) -> Axes:
    """Plot the light curve of one instrument.

    Raises
    ------
    InputError
        If nothing was measured, or not with this instrument or in this window.
    """
    found = {str(each.instrument): each for each in reversed(task.measured.durations)}
    durations = task.measured.durations
    if not durations:
        raise InputError("no light curve: the data are spectra, or no durations were asked for")
    if instrument and instrument not in found:
        raise InputError(f"instrument is {instrument!r}: must be one of {', '.join(sorted(found))}")
    duration = found[instrument] if instrument else durations[0]
    window = window_of(duration) if window_s is None else _checked(window_s, duration.curve)
    axes = _new_axes(1)[0] if axes is None else axes
    with rc_context(SETTINGS):
        subtitle = draw_light_curve(axes, duration, window, task.result.slews_s)
        axes.set_xlim(window)
        axes.set_xlabel("Seconds after t0")
        _label(axes, task.result.burst.id, subtitle)
    return axes


def _checked(window_s: Interval, curve: LightCurve) -> Interval:
    """Return a window as numbers, if it shows something of a light curve."""
    start, stop = map(float, window_s)
    first, last = float(curve.start_s[0]), float(curve.stop_s[-1])
    if not (start < stop and start < last and stop > first):
        raise InputError(
            f"window_s is ({start:g}, {stop:g}): must be rising and meet the light curve, "
            f"which is from {first:g} to {last:g} s"
        )
    return start, stop


def plot_spectrum(task: StoredTask, axes: tuple[Axes, Axes] | None, kind: str, model: str) -> Axes:
    """Plot the spectra of one interval with a folded model, and the residuals below.

    Raises
    ------
    InputError
        If there is no fit, or none of this kind and model.
    """
    interval = _interval(task, kind)
    fit = _fit(interval, model)
    top, bottom = axes or _new_axes(2)
    with rc_context(SETTINGS):
        subtitle = draw_spectrum(top, bottom, interval, fit)
        _label(top, task.result.burst.id, subtitle)
    return top


def _interval(task: StoredTask, kind: str) -> IntervalFits:
    fitted = [each for each in task.fitted if each.models]
    if not fitted:
        raise InputError("no spectrum: there is no response, or no spectra were asked for")
    for each in fitted:
        if kind in ("", each.kind):
            return each
    kinds = ", ".join(dict.fromkeys(each.kind for each in fitted))
    raise InputError(f"interval is {kind!r}: must be one of {kinds}")


def _fit(interval: IntervalFits, model: str) -> SpectralFit:
    for each in interval.models:
        if model in ("", each.name):
            return each
    names = ", ".join(each.name for each in interval.models)
    raise InputError(f"model is {model!r}: must be one of {names}")


def _new_axes(rows: int) -> Any:
    # The first figure loads the backend. That of a notebook then makes matplotlib interactive, and
    # rc_context would take that back: a notebook showed the first plot only.
    figure = plt.figure(figsize=_SIZE, layout="constrained")
    ratios = [3, 1][:rows]
    with rc_context(SETTINGS):
        return figure.subplots(rows, sharex=True, squeeze=False, height_ratios=ratios)[:, 0]


def _label(axes: Axes, title: str, subtitle: str) -> None:
    axes.set_title(title, loc="left", fontweight="bold")
    axes.set_title(subtitle, loc="right", fontsize=9.0, color=MUTED)
    axes.legend(fontsize=9.0)
