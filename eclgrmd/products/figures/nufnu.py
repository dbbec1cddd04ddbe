"""The spectral energy distribution of an interval: what each fitted model says was emitted."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eclgrmd.analysis.spectral.results import IntervalFits, NuFnu
from eclgrmd.model.observation import Floats
from eclgrmd.products.words import detectors_text, model_name

from .counts import shown_spectra
from .style import MUTED, Stack, colours, log_axis, png, signed

__all__ = ["nufnu_figure"]

DECADES_SHOWN = 3.0


def nufnu_figure(burst_id: str, interval: IntervalFits) -> bytes:
    """Draw E^2 N(E) of every model with its 1-sigma band, as PNG.

    Raises
    ------
    ValueError
        When no model has one.
    """
    shown = [(fit.name, fit.nufnu) for fit in interval.fits if fit.nufnu is not None]
    if not shown:
        raise ValueError("a figure needs a spectral energy distribution")

    def draw(figure: Figure) -> None:
        stack = Stack.of(figure, 1, gap_pt=0)
        (axes,) = stack.axes
        for (name, nufnu), colour in zip(shown, colours(len(shown)), strict=True):
            _draw(axes, nufnu, colour, model_name(name))
        _finish(axes, [nufnu for _, nufnu in shown])
        _draw_unfolded(axes, interval)
        start, stop = interval.interval_s
        detectors = detectors_text([spectrum.detector for spectrum in interval.spectra])
        stack.head(burst_id, f"{detectors}, {signed(start)} to {signed(stop)} s, 1σ bands")

    return png(draw)


def _draw_unfolded(axes: Axes, interval: IntervalFits) -> None:
    """Draw the data as the preferred model unfolds them: its E^2 N(E) times data over folded model.

    Such points move with the model, and are no measurement beside it; the label says so.
    """
    fit = interval.preferred
    if fit.nufnu is None:
        return
    label = f"data unfolded by the {model_name(fit.name)} (model-dependent)"
    low_erg, high_erg = axes.get_ylim()
    for spectrum in shown_spectra(interval, fit):
        x = spectrum.middle_kev
        value = np.exp(np.interp(np.log(x), *_logarithms(fit.nufnu), left=np.nan, right=np.nan))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            factor = np.where(spectrum.model > 0, value / spectrum.model, np.nan)
        y, error = spectrum.net * factor, spectrum.net_error * factor
        drawn = (spectrum.net > spectrum.net_error) & (y > low_erg) & (y < high_erg)
        if not drawn.any():
            continue
        axes.errorbar(
            x[drawn],
            y[drawn],
            xerr=(x[drawn] - spectrum.low_kev[drawn], spectrum.high_kev[drawn] - x[drawn]),
            yerr=error[drawn],
            fmt="none",
            ecolor=MUTED,
            elinewidth=0.8,
            alpha=0.7,
            zorder=1,
            label=label,
        )
        label = "_"


def _logarithms(nufnu: NuFnu) -> tuple[Floats, Floats]:
    positive = nufnu.value_erg > 0
    return np.log(nufnu.energy_kev[positive]), np.log(nufnu.value_erg[positive])


def _draw(axes: Axes, nufnu: NuFnu, colour: str, label: str) -> None:
    axes.fill_between(
        nufnu.energy_kev, nufnu.low_erg, nufnu.high_erg, color=colour, alpha=0.25, linewidth=0
    )
    axes.plot(nufnu.energy_kev, nufnu.value_erg, color=colour, linewidth=1.8, label=label)


def _finish(axes: Axes, shown: list[NuFnu]) -> None:
    """Show the bright decades: a cutoff's tail would squeeze everything else."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    top = max(float(np.max(nufnu.high_erg)) for nufnu in shown)
    values = np.concatenate([nufnu.value_erg for nufnu in shown])
    axes.set_ylim(max(values[values > 0].min() / 2, top * 10**-DECADES_SHOWN), top * 2)
    low = min(float(nufnu.energy_kev[0]) for nufnu in shown)
    high = max(float(nufnu.energy_kev[-1]) for nufnu in shown)
    axes.set_xlim(low, high)
    log_axis(axes.xaxis, low, high)
    axes.set_xlabel("Energy (keV)")
    axes.set_ylabel(r"$\nu F_\nu$ (erg / cm² / s)")
