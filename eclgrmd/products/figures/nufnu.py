"""The spectral energy distribution of an interval: what each fitted model says was emitted."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eclgrmd.analysis.spectral.results import IntervalFits, NuFnu
from eclgrmd.products.words import model_name

from .style import COLOURS, MUTED, legend_above, panels, png, signed

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
        (axes,) = panels(figure, 1, head_pt=50, gap_pt=0)
        for (name, nufnu), colour in zip(shown, COLOURS, strict=False):
            _draw(axes, nufnu, colour, model_name(name))
        _finish(axes, [nufnu for _, nufnu in shown])
        start, stop = interval.interval_s
        detectors = " + ".join(spectrum.detector for spectrum in interval.spectra)
        axes.set_title(burst_id, loc="left", fontsize=14, fontweight="bold", pad=30)
        axes.set_title(
            f"{detectors}, {signed(start)} to {signed(stop)} s, 1σ bands",
            loc="right",
            fontsize=11,
            color=MUTED,
            pad=30,
        )

    return png(draw)


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
    axes.set_xlim(
        min(nufnu.energy_kev[0] for nufnu in shown), max(nufnu.energy_kev[-1] for nufnu in shown)
    )
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("Energy (keV)")
    axes.set_ylabel(r"$\nu F_\nu$ (erg / cm² / s)")
    legend_above(axes)
