"""Fitted spectra in display bins: rates, folded model and residuals."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.spectral.results import IntervalFits, SpectralFit
from eclgrmd.model.observation import Channels, Floats, Spectrum

from .binning import grouped, significant_groups

__all__ = ["ShownSpectrum", "shown_spectra", "shown_spectrum"]

SIGMA_SHOWN = 5.0
"""Significance of the signal in a display bin; a choice."""
WIDEST_LN_E = 0.25
"""Largest width of a display bin in ln(energy); a choice."""


@dataclass(frozen=True, slots=True, eq=False)
class ShownSpectrum:
    """The spectrum of one detector in n display bins."""

    detector: str
    """Name of the detector."""
    low_kev: Floats
    """Lower edges, keV, shape (n,)."""
    high_kev: Floats
    """Upper edges, keV, shape (n,)."""
    net: Floats
    """Net rate, counts/s/keV, shape (n,)."""
    net_error: Floats
    """1-sigma error of `net`, shape (n,)."""
    model: Floats
    """Folded model, counts/s/keV, shape (n,)."""
    background: Floats | None
    """Background rate, counts/s/keV, shape (n,); None without background."""
    residual_sigma: Floats
    """Data minus model and background, over the error expected from the model, shape (n,)."""

    @property
    def middle_kev(self) -> Floats:
        """Geometric centre of each bin, keV, shape (n,)."""
        return np.asarray(np.sqrt(self.low_kev * self.high_kev))


def shown_spectra(interval: IntervalFits, fit: SpectralFit) -> list[ShownSpectrum]:
    """Return every spectrum of an interval with one of its fits, in display bins."""
    shown = [
        shown_spectrum(spectrum, folded, used)
        for spectrum, folded, used in zip(interval.spectra, fit.folded, interval.used, strict=True)
    ]
    return [spectrum for spectrum in shown if len(spectrum.net)]


def shown_spectrum(spectrum: Spectrum, folded: Floats, used: NDArray[np.bool_]) -> ShownSpectrum:
    """Return a spectrum with its folded model, in display bins of the fitted channels.

    Parameters
    ----------
    spectrum
        Counts, with background and channel energies.
    folded
        Source counts of the model in each channel, shape (channels,).
    used
        Mask of the fitted channels, shape (channels,).
    """
    channels = _channels(spectrum)
    background, background_variance = _background(spectrum)
    net = spectrum.counts - background
    data_variance = _data_variance(spectrum, spectrum.counts)
    model_variance = _data_variance(spectrum, folded + background)
    index = np.flatnonzero(used & (channels.e_max_kev > channels.e_min_kev))
    starts = _starts(
        net[index],
        (data_variance + background_variance)[index],
        np.log(channels.e_max_kev[index] / np.maximum(channels.e_min_kev[index], 1e-3)),
        _breaks(index, spectrum.grouping),
    )
    ends = (np.append(starts, len(index)) - 1)[1:]
    low, high = channels.e_min_kev[index][starts], channels.e_max_kev[index][ends]
    low = np.where(low > 0, low, high / 2)  # a logarithmic axis has no zero

    def total(values: Floats) -> Floats:
        return grouped(values[index], starts)

    per = spectrum.exposure_s * (high - low)
    expected_error = np.sqrt(np.maximum(total(model_variance + background_variance), 1e-300))
    return ShownSpectrum(
        detector=spectrum.detector,
        low_kev=low,
        high_kev=high,
        net=total(net) / per,
        net_error=np.sqrt(total(data_variance + background_variance)) / per,
        model=total(folded) / per,
        background=None if spectrum.background is None else total(background) / per,
        residual_sigma=total(net - folded) / expected_error,
    )


def _channels(spectrum: Spectrum) -> Channels:
    if spectrum.response is not None:
        return spectrum.response.channels
    if spectrum.channels is not None:
        return spectrum.channels
    raise ValueError(f"the spectrum of {spectrum.detector} has no channel energies")


def _background(spectrum: Spectrum) -> tuple[Floats, Floats]:
    """Return counts and variance of the background in each channel."""
    background = spectrum.background
    if background is None:
        return np.zeros(len(spectrum.counts)), np.zeros(len(spectrum.counts))
    if background.error is None:
        return background.counts, background.channel_scale * background.counts
    return background.counts, background.error**2


def _data_variance(spectrum: Spectrum, poisson_counts: Floats) -> Floats:
    """Return the variance of the counts: that of the file, or that of Poisson counts."""
    if spectrum.error is not None:
        return np.asarray(spectrum.error**2)
    return np.maximum(poisson_counts, 0.0)


def _breaks(index: NDArray[np.intp], grouping: NDArray[np.int16] | None) -> NDArray[np.intp]:
    """Return where a display bin must begin (after holes) or may begin (at OGIP groups).

    The values are 2 where a bin must begin, 1 where it may, 0 where it must not; shape of `index`.
    """
    may = np.ones(len(index), dtype=np.intp)
    if grouping is not None:
        may[grouping[index] == -1] = 0
    may[np.flatnonzero(np.diff(index, prepend=-2) > 1)] = 2
    return may


def _starts(
    net: Floats, variance: Floats, ln_width: Floats, breaks: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return the first channel of each display bin; bins do not span holes."""
    if len(net) == 0:
        return np.empty(0, dtype=np.intp)
    units = np.flatnonzero(breaks > 0)
    sums = [grouped(values, units) for values in (net, variance, ln_width)]
    runs = [*np.flatnonzero(breaks[units] == 2), len(units)]
    found = [
        units[
            first
            + significant_groups(
                *(values[first:last] for values in sums), sigma=SIGMA_SHOWN, most=WIDEST_LN_E
            )
        ]
        for first, last in pairwise(runs)
    ]
    return np.concatenate(found)
