"""Figure of a burst in the Amati and Yonetoku planes."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from eclgrmd.model.measurement import Measurement
from eclgrmd.model.result import RestFrame

from .style import (
    BOTTOM_PT,
    COLOURS,
    HEAD_WIDTH_PT,
    HEIGHT_PT,
    LEFT_PT,
    MUTED,
    WIDTH_PT,
    log_axis,
    png,
    titles_that_fit,
)

__all__ = ["amati_epeak_kev", "planes_figure", "yonetoku_epeak_kev"]

_DISPERSION_DEX = 0.15
"""Extra scatter of log Epeak about the Amati relation (Amati 2006, MNRAS 372, 233)."""
_HEAD_PT, _GAP_PT = 50.0, 70.0
"""Height of the head and width of the gap between the axes, points."""
_LABELLED = (0.1, 0.5, 1.0, 3.0, 10.0)
"""Assumed redshifts that are labelled."""


def amati_epeak_kev(eiso_erg: float) -> float:
    """Return Epeak,i = 94 keV (Eiso / 1e52 erg)**0.57 (Amati et al. 2008, MNRAS 391, 577)."""
    return float(94.0 * (eiso_erg / 1e52) ** 0.57)


def yonetoku_epeak_kev(liso_erg_s: float) -> float:
    """Return Epeak,i, keV, from the relation of Yonetoku et al. 2004 (ApJ 609, 935).

    The relation is L / 1e52 erg/s = 2.34e-5 (Epeak,i / keV)**2.
    """
    return float((liso_erg_s / 1e52 / 2.34e-5) ** 0.5)


def planes_figure(
    burst_id: str, whole: Sequence[RestFrame], peak: Sequence[RestFrame], model: str
) -> bytes:
    """Return a PNG of both planes with the burst as a point, or a track over assumed redshifts.

    Parameters
    ----------
    burst_id
        Title.
    whole
        Rest-frame values of the spectrum of the whole burst, for Eiso.
    peak
        Rest-frame values of the spectrum of the peak, for Liso. If empty, those of the whole burst
        are used, a lower limit.
    model
        Name of the photon model, for the subtitle.
    """

    def draw(figure: Figure) -> None:
        figure.subplots_adjust(
            left=LEFT_PT / WIDTH_PT,
            right=1 - 12 / WIDTH_PT,
            bottom=(BOTTOM_PT + 4) / HEIGHT_PT,
            top=1 - _HEAD_PT / HEIGHT_PT,
            wspace=2 * _GAP_PT / (WIDTH_PT - LEFT_PT - _GAP_PT),
        )
        left, right = figure.subplots(1, 2)
        _relation(left, "Amati et al. 2008", _DISPERSION_DEX)
        _relation(right, "Yonetoku et al. 2004", None)
        _burst(left, whole, [frame.eiso_erg for frame in whole])
        frames = peak or whole
        _burst(right, frames, [frame.liso_erg_s for frame in frames])
        left.set_xlabel(r"$E_\mathrm{iso}$, 1 keV to 10 MeV (erg)")
        right.set_xlabel(r"$L_\mathrm{iso}$, 1 keV to 10 MeV (erg/s)")
        left.set_ylabel(r"$E_\mathrm{peak}(1+z)$ (keV)")
        over = "1-s peak" if peak else "mean over the burst: the peak is brighter"
        title, subtitle, size = titles_that_fit(
            figure, burst_id, f"{model}; luminosity: {over}", HEAD_WIDTH_PT
        )
        left.set_title(title, loc="left", fontsize=14, fontweight="bold", pad=14, y=1.0)
        right.set_title(subtitle, loc="right", fontsize=size, color=MUTED, pad=14, y=1.0)

    return png(draw)


def _relation(axes: Axes, label: str, dispersion: float | None) -> None:
    amati = dispersion is not None
    x = np.geomspace(1e48, 1e56, 50)
    y = np.array([amati_epeak_kev(v) if amati else yonetoku_epeak_kev(v) for v in x])
    axes.plot(x, y, color=MUTED, linewidth=1.2, label=label)
    if dispersion is not None:
        spread = 10 ** (2 * dispersion)
        axes.fill_between(
            x, y / spread, y * spread, color=MUTED, alpha=0.15, linewidth=0, label="2σ scatter"
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(1e48, 1e56)
    axes.xaxis.set_major_locator(LogLocator(base=100.0))
    axes.set_ylim(3, 3e4)
    log_axis(axes.yaxis, 3, 3e4)


def _burst(axes: Axes, frames: Sequence[RestFrame], values: Sequence[Measurement]) -> None:
    known = [
        (frame, found)
        for frame, found in zip(frames, values, strict=True)
        if frame.epeak_kev.value is not None and found.value is not None
    ]
    _crosses(axes, [found for _, found in known], [frame.epeak_kev for frame, _ in known])
    for frame, found in known:
        if frame.redshift in _LABELLED or not frame.assumed:
            axes.annotate(
                f"z = {frame.redshift:g}",
                (found.value or 0.0, frame.epeak_kev.value or 0.0),
                xytext=(8, -14),
                textcoords="offset points",
                fontsize=10,
            )
    if any(frame.assumed for frame, _ in known):
        axes.plot(
            [found.value or 0.0 for _, found in known],
            [frame.epeak_kev.value or 0.0 for frame, _ in known],
            color=COLOURS[1],
            linewidth=1.0,
            linestyle=":",
            label="this burst, redshift unknown",
        )
    axes.legend(loc="upper left")


def _crosses(axes: Axes, x: Sequence[Measurement], y: Sequence[Measurement]) -> None:
    axes.errorbar(
        [each.value or 0.0 for each in x],
        [each.value or 0.0 for each in y],
        xerr=_errors(x),
        yerr=_errors(y),
        fmt="o",
        color=COLOURS[1],
        markersize=4,
        elinewidth=1.2,
    )


def _errors(values: Sequence[Measurement]) -> list[list[float]]:
    return [
        [each.err_minus or 0.0 for each in values],
        [each.err_plus or 0.0 for each in values],
    ]
