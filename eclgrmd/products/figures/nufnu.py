"""Figure of the spectral energy distribution of each fitted model of an interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from eclgrmd.analysis.spectral.results import IntervalFits, NuFnu
from eclgrmd.model.observation import Floats
from eclgrmd.products.formatting import detectors_text, model_name
from eclgrmd.products.shown_spectra import ShownSpectrum, shown_spectra

from .style import MUTED, Stack, colours, log_axis, png, signed

__all__ = ["nufnu_figure"]

DECADES_SHOWN = 3.0
"""Largest range of the vertical axis, decades; a choice."""


def nufnu_figure(burst_id: str, interval: IntervalFits) -> bytes:
    """Return a PNG of E^2 N(E) of every model with its 1-sigma band.

    Raises
    ------
    ValueError
        If no model has a spectral energy distribution.
    """
    shown = [(fit.name, fit.nufnu) for fit in interval.models if fit.nufnu is not None]
    if not shown:
        raise ValueError("a figure needs a spectral energy distribution")

    def draw(figure: Figure) -> None:
        stack = Stack.of(figure, 1, gap_pt=0)
        (axes,) = stack.axes
        for (name, nufnu), colour in zip(shown, colours(len(shown)), strict=True):
            _draw(axes, nufnu, colour, model_name(name))
        points = _unfolded(interval)
        _finish(axes, [nufnu for _, nufnu in shown], [each.value_erg for each in points])
        _draw_unfolded(axes, points, interval.best.name)
        start, stop = interval.interval_s
        detectors = detectors_text([spectrum.detector for spectrum in interval.spectra])
        stack.head(burst_id, f"{detectors}, {signed(start)} to {signed(stop)} s, 1σ bands")

    return png(draw)


@dataclass(frozen=True, slots=True, eq=False)
class _Unfolded:
    """The unfolded data of one detector: E^2 N(E) of the model times data over folded model."""

    bins: ShownSpectrum
    seen: NDArray[np.bool_]
    """Mask of the bins with a signal inside the energies of the model, shape (n,)."""
    value_erg: Floats
    """Unfolded data of the bins in `seen`, erg/cm2/s."""
    error_erg: Floats
    """1-sigma errors of `value_erg`."""


def _unfolded(interval: IntervalFits) -> list[_Unfolded]:
    """Return the data of each detector, unfolded with the preferred model."""
    fit = interval.best
    if fit.nufnu is None:
        return []
    positive = fit.nufnu.value_erg > 0
    curve = np.log(fit.nufnu.energy_kev[positive]), np.log(fit.nufnu.value_erg[positive])
    found = []
    for bins in shown_spectra(interval, fit):
        at = np.interp(np.log(bins.middle_kev), *curve, left=np.nan, right=np.nan)
        seen = (bins.net > bins.net_error) & (bins.model > 0) & np.isfinite(at)
        factor = np.exp(at[seen]) / bins.model[seen]
        found.append(_Unfolded(bins, seen, bins.net[seen] * factor, bins.net_error[seen] * factor))
    return [each for each in found if each.seen.any()]


def _draw_unfolded(axes: Axes, points: Sequence[_Unfolded], model: str) -> None:
    """Draw the unfolded data, labelled as model-dependent."""
    label = f"data unfolded by the {model_name(model)} (model-dependent)"
    for each in points:
        x, low, high = (
            values[each.seen]
            for values in (each.bins.middle_kev, each.bins.low_kev, each.bins.high_kev)
        )
        axes.errorbar(
            x,
            each.value_erg,
            xerr=(x - low, high - x),
            yerr=each.error_erg,
            fmt="none",
            ecolor=MUTED,
            elinewidth=0.8,
            alpha=0.7,
            zorder=1,
            label=label,
        )
        label = "_"


def _draw(axes: Axes, nufnu: NuFnu, colour: str, label: str) -> None:
    axes.fill_between(
        nufnu.energy_kev, nufnu.low_erg, nufnu.high_erg, color=colour, alpha=0.25, linewidth=0
    )
    axes.plot(nufnu.energy_kev, nufnu.value_erg, color=colour, linewidth=1.8, label=label)


def _finish(axes: Axes, shown: list[NuFnu], points: Sequence[Floats]) -> None:
    """Set the axes, with a range that the tail of a cutoff does not extend."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    top = max(float(np.max(values)) for values in (*(n.high_erg for n in shown), *points))
    values = np.concatenate([nufnu.value_erg for nufnu in shown])
    axes.set_ylim(max(values[values > 0].min() / 2, top * 10**-DECADES_SHOWN), top * 2)
    low = min(float(nufnu.energy_kev[0]) for nufnu in shown)
    high = max(float(nufnu.energy_kev[-1]) for nufnu in shown)
    axes.set_xlim(low, high)
    log_axis(axes.xaxis, low, high)
    axes.set_xlabel("Energy (keV)")
    axes.set_ylabel(r"$\nu F_\nu$ (erg / cm² / s)")
