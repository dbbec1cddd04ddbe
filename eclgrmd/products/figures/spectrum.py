"""The counts spectrum of an interval with its folded model and the residuals."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from eclgrmd.analysis.spectral.results import FittedParameter, IntervalFits, SpectralFit
from eclgrmd.model.observation import Floats
from eclgrmd.products.words import model_name, plain

from .counts import ShownSpectrum, shown_spectrum
from .style import COLOURS, INK, MUTED, legend_above, panels, png, signed, value_text

__all__ = ["spectrum_figure"]

SYMBOLS = {
    "epeak_kev": r"$E_\mathrm{peak}$",
    "ebreak_kev": r"$E_\mathrm{break}$",
    "kt_kev": "$kT$",
    "alpha": r"$\alpha$",
    "beta": r"$\beta$",
    "index": "index",
}
MOST_SIGMA_SHOWN = 8.0


def spectrum_figure(burst_id: str, interval: IntervalFits) -> bytes:
    """Draw the spectra of all detectors with the reference model, as PNG.

    Raises
    ------
    ValueError
        Without any fit.
    """
    if not interval.fits:
        raise ValueError("a figure needs a fitted spectrum")
    fit = interval.fits[0]
    shown = [
        shown_spectrum(spectrum, folded, used)
        for spectrum, folded, used in zip(interval.spectra, fit.folded, interval.used, strict=True)
    ]
    shown = [spectrum for spectrum in shown if len(spectrum.net)]

    def draw(figure: Figure) -> None:
        top, bottom = panels(figure, 2, head_pt=70, gap_pt=10, ratios=(3, 1))
        for spectrum, colour in zip(shown, _colours(len(shown)), strict=True):
            _draw_rates(top, spectrum, colour)
            _draw_residuals(bottom, spectrum, colour)
        _finish_rates(top, shown)
        _finish_residuals(bottom, shown)
        _head(top, burst_id, interval, fit)

    return png(draw)


def _colours(count: int) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(count)]


def _stairs(axes: Axes, spectrum: ShownSpectrum, values: Floats, **style: Any) -> None:
    """Draw a step line, broken where bins do not touch."""
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


def _draw_residuals(axes: Axes, spectrum: ShownSpectrum, colour: str) -> None:
    x = spectrum.middle_kev
    axes.errorbar(
        x,
        spectrum.residual_sigma,
        xerr=(x - spectrum.low_kev, spectrum.high_kev - x),
        yerr=1.0,
        fmt="none",
        ecolor=colour,
        elinewidth=1.0,
        alpha=0.75,
    )


def _finish_rates(axes: Axes, shown: list[ShownSpectrum]) -> None:
    """Choose axes on which neither a faint channel nor a strong background hides the data."""
    axes.set_xscale("log")
    axes.set_yscale("log")
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
    legend_above(axes)


def _finish_residuals(axes: Axes, shown: list[ShownSpectrum]) -> None:
    axes.axhline(0.0, color=INK, linewidth=1.0)
    largest = max(float(np.max(np.abs(s.residual_sigma))) for s in shown) + 1.0
    most = min(max(largest, 3.5), MOST_SIGMA_SHOWN)
    axes.set_ylim(-most, most)
    axes.set_xlim(
        min(s.low_kev[0] for s in shown) * 0.95, max(s.high_kev[-1] for s in shown) * 1.05
    )
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_ylabel("Residuals (σ)")
    axes.set_xlabel("Energy (keV)")


def _head(axes: Axes, burst_id: str, interval: IntervalFits, fit: SpectralFit) -> None:
    axes.set_title(burst_id, loc="left", fontsize=14, fontweight="bold", pad=50)
    start, stop = interval.interval_s
    parts = [
        model_name(fit.name),
        f"{signed(start)} to {signed(stop)} s",
    ]
    if fit.statistic_value is not None:
        statistic = " + ".join(dict.fromkeys(name.upper() for name in interval.statistics))
        parts.append(f"{statistic} {fit.statistic_value:.1f} / {fit.dof}")
    axes.set_title(", ".join(parts), loc="right", fontsize=11, color=MUTED, pad=50)
    texts = [text for parameter in fit.parameters if (text := _parameter_text(parameter))]
    axes.annotate(
        "     ".join(texts),
        (0, 1),
        xycoords="axes fraction",
        xytext=(4, 29),
        textcoords="offset points",
        fontsize=11,
    )


def _parameter_text(parameter: FittedParameter) -> str:
    name = SYMBOLS.get(parameter.name)
    if name is None or parameter.value is None:
        return ""
    unit = f" {parameter.unit}" if parameter.unit else ""
    if not parameter.free:
        return f"{name} = {plain(parameter.value)}{unit} (fixed)"
    return f"{name} = {value_text(parameter.value, parameter.err_minus, parameter.err_plus)}{unit}"
