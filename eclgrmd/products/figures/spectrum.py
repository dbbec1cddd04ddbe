"""Figure of the counts spectra of an interval with folded model and residuals."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eclgrmd.analysis.spectral.results import IntervalFits, SpectralFit
from eclgrmd.model.flags import FlagCode
from eclgrmd.model.observation import Floats
from eclgrmd.model.result import Parameter
from eclgrmd.products.formatting import model_name, plain, statistic_name
from eclgrmd.products.shown_spectra import ShownSpectrum, shown_spectra

from .style import (
    INK,
    MUTED,
    Stack,
    colours,
    log_axis,
    png,
    signed,
    value_text,
    write_flags,
)

__all__ = ["draw_spectrum", "spectrum_figure"]

# Symbols of the parameters; parameters without a symbol are not written.
SYMBOLS = {
    "epeak_kev": r"$E_\mathrm{peak}$",
    "ebreak_kev": r"$E_\mathrm{break}$",
    "kt_kev": "$kT$",
    "alpha": r"$\alpha$",
    "beta": r"$\beta$",
    "index": "index",
}
MOST_SIGMA_SHOWN = 8.0
"""Largest residual, in sigma, that the axis of residuals includes; a choice."""


def spectrum_figure(burst_id: str, interval: IntervalFits) -> bytes:
    """Return a PNG of the spectra of all detectors with the preferred model.

    Raises
    ------
    ValueError
        If there is no fit.
    """
    if not interval.models:
        raise ValueError("a figure needs a fitted spectrum")
    fit = interval.best

    def draw(figure: Figure) -> None:
        stack = Stack.of(figure, 2, gap_pt=10, ratios=(3, 1))
        top, bottom = stack.axes
        subtitle = draw_spectrum(top, bottom, interval, fit)
        if fit.flags:
            write_flags(top, fit.flags)
        stack.head(burst_id, subtitle, _parameters(fit))

    return png(draw)


def draw_spectrum(top: Axes, bottom: Axes, interval: IntervalFits, fit: SpectralFit) -> str:
    """Draw the spectra of all detectors with a folded model, and the residuals, into axes.

    Parameters
    ----------
    top, bottom
        Axes of the rates and of the residuals.
    interval
        The spectra.
    fit
        The model.

    Returns
    -------
    str
        Model, interval and statistic, as a subtitle.
    """
    shown = shown_spectra(interval, fit)
    most_sigma = _most_sigma(shown)
    for spectrum, colour in zip(shown, colours(len(shown)), strict=True):
        _draw_rates(top, spectrum, colour)
        _draw_residuals(bottom, spectrum, colour, most_sigma)
    _finish_rates(top, shown)
    _finish_residuals(bottom, shown, most_sigma)
    return _subtitle(interval, fit)


def _stairs(axes: Axes, spectrum: ShownSpectrum, values: Floats, **style: Any) -> None:
    """Draw a step line that is interrupted where bins are not adjacent."""
    gap = np.flatnonzero(spectrum.low_kev[1:] > spectrum.high_kev[:-1] * 1.001) + 1
    x = np.column_stack([spectrum.low_kev, spectrum.high_kev]).ravel()
    axes.plot(
        np.insert(x, 2 * gap, np.nan), np.insert(np.repeat(values, 2), 2 * gap, np.nan), **style
    )


def _draw_rates(axes: Axes, spectrum: ShownSpectrum, colour: str) -> None:
    seen = spectrum.net > spectrum.net_error
    x, low, high = spectrum.middle_kev, spectrum.low_kev, spectrum.high_kev
    axes.errorbar(
        x[seen],
        spectrum.net[seen],
        xerr=(x[seen] - low[seen], high[seen] - x[seen]),
        yerr=spectrum.net_error[seen],
        fmt="none",
        ecolor=colour,
        elinewidth=1.0,
        alpha=0.6,
        label=spectrum.detector,
    )
    limit = (spectrum.net + 2 * spectrum.net_error)[~seen]
    shown = limit > 0
    axes.plot(x[~seen][shown], limit[shown], "v", color=colour, markersize=4, fillstyle="none")
    _stairs(axes, spectrum, spectrum.model, color=colour, linewidth=1.5, zorder=3)
    if spectrum.background is not None:
        _stairs(axes, spectrum, spectrum.background, color=colour, linewidth=1.0, linestyle=":")


def _draw_residuals(axes: Axes, spectrum: ShownSpectrum, colour: str, most: float) -> None:
    """Draw the residuals; those beyond the axis are filled arrows at its edge."""
    x, sigma = spectrum.middle_kev, spectrum.residual_sigma
    for mark, sign in (("^", 1.0), ("v", -1.0)):
        beyond = sign * sigma > most
        edge = np.full(np.count_nonzero(beyond), sign * most * 0.94)
        axes.plot(x[beyond], edge, mark, color=colour, markersize=5)
    axes.errorbar(
        x,
        sigma,
        xerr=(x - spectrum.low_kev, spectrum.high_kev - x),
        yerr=1.0,
        fmt="none",
        ecolor=colour,
        elinewidth=1.0,
        alpha=0.75,
    )


def _finish_rates(axes: Axes, shown: list[ShownSpectrum]) -> None:
    """Set the axes so that neither faint channels nor a strong background compress the data."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    if not shown:
        return
    seen = np.concatenate([s.net[s.net > s.net_error] for s in shown])
    model = np.concatenate([s.model for s in shown])
    backgrounds = [s.background for s in shown if s.background is not None]
    if len(seen) and np.any(model > 0):
        floor = min(seen.min(), max(model[model > 0].min(), seen.min() / 30))
        tops = [seen.max(), model.max(), *(background.max() for background in backgrounds)]
        axes.set_ylim(floor / 2, max(tops) * 2)
    axes.set_ylabel("Counts / s / keV")
    axes.plot([], [], color=MUTED, linewidth=1.5, label="folded model")
    if backgrounds:
        axes.plot([], [], color=MUTED, linewidth=1.0, linestyle=":", label="background")
    if any(np.any(s.net <= s.net_error) for s in shown):
        axes.plot([], [], "v", color=MUTED, markersize=4, fillstyle="none", label="2σ limit")


def _most_sigma(shown: list[ShownSpectrum]) -> float:
    """Return the range of the axis of residuals, limited so that outliers do not compress it."""
    largest = max((float(np.max(np.abs(s.residual_sigma))) for s in shown), default=0.0) + 1.0
    return min(max(largest, 3.5), MOST_SIGMA_SHOWN)


def _finish_residuals(axes: Axes, shown: list[ShownSpectrum], most: float) -> None:
    axes.axhline(0.0, color=INK, linewidth=1.0)
    axes.set_ylim(-most, most)
    low = min((s.low_kev[0] for s in shown), default=1.0) * 0.95
    high = max((s.high_kev[-1] for s in shown), default=1000.0) * 1.05
    axes.set_xlim(low, high)
    log_axis(axes.xaxis, low, high)
    axes.set_ylabel("Residuals (σ)")
    axes.set_xlabel("Energy (keV)")


def _subtitle(interval: IntervalFits, fit: SpectralFit) -> str:
    start, stop = interval.interval_s
    parts = [model_name(fit.name), f"{signed(start)} to {signed(stop)} s"]
    if fit.statistic_value is not None:
        names = dict.fromkeys(statistic_name(name) for name in interval.statistics.values())
        parts.append(f"{' + '.join(names)} {fit.statistic_value:.1f} / {fit.dof}")
    if fit.poor_fit:
        parts.append(FlagCode.POOR_FIT.phrase)
    return ", ".join(parts)


def _parameters(fit: SpectralFit) -> str:
    texts = [text for named in fit.parameters.items() if (text := _parameter_text(*named))]
    return "     ".join(texts)


def _parameter_text(name: str, parameter: Parameter) -> str:
    symbol = SYMBOLS.get(name)
    if symbol is None or parameter.value is None:
        return ""
    unit = f" {parameter.unit}" if parameter.unit else ""
    if not parameter.free:
        return f"{symbol} = {plain(parameter.value)}{unit} (fixed)"
    value = value_text(parameter.value, parameter.err_minus, parameter.err_plus)
    return f"{symbol} = {value}{unit}"
