"""Conversion of net counts of a light curve to photons, with the evolving spectrum.

The burst is cut into intervals of sufficient signal and a photon model is fitted to each. The ratio
of the photon flux in the band of the light curve to the count rate that the fit predicts is the
number of photons per count.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.spectral.fit.folding import Matrix
from eclgrmd.analysis.spectral.fit.likelihood import source_counts, workspace
from eclgrmd.analysis.spectral.fit.minimum import find_minimum
from eclgrmd.analysis.spectral.fit.models import photon_model
from eclgrmd.analysis.spectral.fit.problem import Measured, make_problem, measured, pseudo_channel
from eclgrmd.analysis.spectral.spectra.extraction import extract_spectra
from eclgrmd.analysis.spectral.spectra.selection import used_channels
from eclgrmd.analysis.temporal.background.spline import BackgroundFit
from eclgrmd.analysis.temporal.curve.bands import own_band
from eclgrmd.analysis.temporal.curve.joint import choose_for
from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.model.configuration.sections import SpectralChoice, TaskConfiguration
from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import EventList, Floats, Observation, Spectrum

from .flux import flux_channel

__all__ = ["Conversion", "convert", "cut_burst"]

MODEL = "cpl"
"""Photon model, the one used in the Fermi-GBM catalogue (Goldstein et al. 2012, ApJS 199, 19)."""
_LEAST_SIGMA = 20.0
"""Signal-to-noise ratio that an interval needs to constrain its spectral shape; a choice."""
_MOST_INTERVALS = 20
"""Approximate limit on the number of intervals, which bounds the time; a choice."""
_MARGIN_S = 100.0
"""Time before and after the burst, seconds, for which events are kept; a choice."""
_LARGEST_ERROR = 0.5
"""Relative error from which the fit of the whole burst replaces that of an interval; a choice."""


@dataclass(frozen=True, slots=True, eq=False)
class Conversion:
    """The number of photons per count in each of k intervals of a burst."""

    edges_s: Floats
    """Edges of the intervals, seconds after t0, shape (k + 1,)."""
    photons_per_count: Floats
    """Photons/cm2 per net count, shape (k,)."""
    relative_error: Floats
    """1-sigma relative error of `photons_per_count`, shape (k,)."""
    replaced: int
    """Number of intervals that use the spectrum of the whole burst."""
    band_kev: Interval
    """Band of the photons: the requested one, as far as the counted channels reach."""
    files: tuple[str, ...]
    """Names of the files whose spectra were fitted."""


def convert(
    observation: Observation,
    duration: DurationMeasurement,
    backgrounds: Sequence[BackgroundFit],
    configuration: TaskConfiguration,
) -> Conversion | None:
    """Fit the spectrum of every interval of a burst and return the photons per count.

    Parameters
    ----------
    observation
        Events or histories, and responses.
    duration
        The measurement whose counts are converted; its light curve sets the band of the photons.
    backgrounds
        Background model of each detector, with all channels.
    configuration
        Energy ranges of the fits.

    Returns
    -------
    Conversion or None
        None if nothing is significant, or if no spectrum of the instrument can be fitted well.
    """
    if duration.t100_s is None or duration.band_kev is None or not observation.responses:
        return None
    near = _near(observation, *duration.t100_s)
    band = _photon_band(duration.band_kev, duration.curve.asked_kev)
    converter = _Converter(near, duration, band, backgrounds, configuration)
    whole = converter.ratio(*duration.t100_s)
    if whole is None or whole[1] > _LARGEST_ERROR:
        return None
    edges = cut_burst(duration, duration.t100_s)
    found = [converter.ratio(float(a), float(b)) for a, b in pairwise(edges)]
    used = [each if each is not None and each[1] <= _LARGEST_ERROR else whole for each in found]
    return Conversion(
        edges,
        np.array([ratio for ratio, _ in used]),
        np.array([error for _, error in used]),
        sum(each is whole for each in used),
        converter.band_kev,
        tuple(sorted(converter.files)),
    )


def _photon_band(counted_kev: Interval, asked_kev: Interval | None) -> Interval:
    """Return the requested band, as far as the counted channels reach, keV."""
    if asked_kev is None:
        return counted_kev
    return max(counted_kev[0], asked_kev[0]), min(counted_kev[1], asked_kev[1])


def cut_burst(duration: DurationMeasurement, t100_s: tuple[float, float]) -> Floats:
    """Return the edges of intervals of joined blocks, seconds after t0, shape (k + 1,).

    Each interval has a signal-to-noise ratio of at least 20; in bright bursts more, so that there
    are about 20 intervals at most.
    """
    curve = duration.curve
    inside = (curve.start_s >= t100_s[0] - 1e-9) & (curve.stop_s <= t100_s[1] + 1e-9)
    net = np.where(inside, curve.counts - duration.background_counts, 0.0)
    noise = np.where(inside, curve.counts if curve.error is None else curve.error**2, 0.0)
    total = float(net.sum()) / math.sqrt(max(float(noise.sum()), 1.0))
    least = max(_LEAST_SIGMA, total / math.sqrt(_MOST_INTERVALS))
    edges = np.unique(np.clip(duration.block_edges_s, *t100_s))
    at = np.searchsorted(curve.start_s, edges[:-1] - 1e-9)
    kept, signal, variance = [edges[0]], 0.0, 0.0
    for stop, s, v in zip(
        edges[1:], np.add.reduceat(net, at), np.add.reduceat(noise, at), strict=True
    ):
        signal, variance = signal + float(s), variance + float(v)
        if signal > least * math.sqrt(max(variance, 1.0)):
            kept.append(stop)
            signal, variance = 0.0, 0.0
    # the rest after the last complete interval is added to it
    return np.array([*kept[: max(len(kept) - 1, 1)], edges[-1]])


def _near(observation: Observation, start_s: float, stop_s: float) -> Observation:
    """Return the data without events far from the burst, which every interval would search."""
    return replace(
        observation,
        events=tuple(_cut(e, start_s - _MARGIN_S, stop_s + _MARGIN_S) for e in observation.events),
    )


def _cut(events: EventList, start_s: float, stop_s: float) -> EventList:
    part = slice(*np.searchsorted(events.time_s, (start_s, stop_s)))
    return replace(events, time_s=events.time_s[part], channel=events.channel[part])


@dataclass(frozen=True, eq=False)
class _Converter:
    observation: Observation
    duration: DurationMeasurement
    band_kev: Interval
    backgrounds: Sequence[BackgroundFit]
    configuration: TaskConfiguration
    files: set[str] = field(default_factory=set)
    """Names of the files of all extracted spectra so far."""

    def ratio(self, start_s: float, stop_s: float) -> tuple[float, float] | None:
        """Return photons/cm2 per count of an interval and its relative error, or None."""
        spectra = extract_spectra(
            self.observation, (start_s, stop_s), self.backgrounds, self.configuration.detectors
        ).spectra
        own = [s for s in spectra if self._is_own(s)]
        self.files.update(name for spectrum in own for name in spectrum.files)
        fitted = [m for s in own if (m := _measured(s, self.configuration.spectral)) is not None]
        counted = [m for s in own if (m := self._counted(s)) is not None]
        if not fitted or len(counted) != len(self.duration.detectors):
            return None
        return _ratio(fitted, counted, self.band_kev)

    @cached_property
    def own_kev(self) -> dict[str, Interval]:
        """Nominal edges, keV, of the channels in the light curve, by detector."""
        chosen = choose_for(self.observation, self.duration.curve)
        asked = self.duration.curve.asked_kev
        channels = {e.detector: e.channels for e in chosen.events} | {
            h.detector: h.channels for h in chosen.histories
        }
        bands = {name: own_band(c, asked) for name, c in channels.items() if c is not None}
        return {name: band for name, band in bands.items() if band is not None}

    def _is_own(self, spectrum: Spectrum) -> bool:
        """Return True if a spectrum belongs to the instrument; unknown ones compare detectors."""
        if spectrum.instrument is Instrument.OTHER:
            return spectrum.detector in self.duration.detectors
        return spectrum.instrument == self.duration.instrument

    def _counted(self, spectrum: Spectrum) -> Measured | None:
        """Return a pseudo-channel with the counts of the light curve in one detector, or None."""
        response, own = spectrum.response, self.own_kev.get(spectrum.detector)
        if spectrum.detector not in self.duration.detectors or response is None or own is None:
            return None
        channels = spectrum.channels or response.channels
        band = channels.nearest(*own)
        if len(band) != response.matrix_cm2.shape[1] or not band.any():
            return None
        column = response.matrix_cm2[:, band].sum(axis=1, keepdims=True)
        return pseudo_channel(Matrix(response.energy_low_kev, response.energy_high_kev, column))


def _measured(spectrum: Spectrum, choice: SpectralChoice) -> Measured | None:
    response = spectrum.response
    if response is None or spectrum.background is None:
        return None
    if response.matrix_cm2.shape[1] != len(spectrum.counts):
        return None
    used = used_channels(spectrum, choice.energy_kev, ready_made=False)
    return measured(spectrum, used, "auto") if used.any() else None


def _ratio(
    fitted: list[Measured], counted: list[Measured], band_kev: tuple[float, float]
) -> tuple[float, float] | None:
    """Return the ratio of photon flux (1/cm2/s) to count rate of a fit, and its relative error.

    None if the fit did not converge or predicts no photons or counts.
    """
    model = photon_model(MODEL)
    minimum = find_minimum(make_problem(model, fitted))
    flux = flux_channel(band_kev, energy=False)
    wider = make_problem(model, (*fitted, *counted, flux))
    like = wider.likelihood
    work = workspace(like, wider.size)
    rates = source_counts(like, minimum.theta, work)[-len(counted) - 1 :]
    slopes = work.folded[:, -len(counted) - 1 :]
    photons, counts = float(rates[-1]), float(rates[:-1].sum())
    if not (minimum.converged and photons > 0.0 and counts > 0.0):
        return None
    relative: NDArray[np.float64] = slopes[:, -1] / photons - slopes[:, :-1].sum(axis=1) / counts
    variance = float(relative @ minimum.covariance @ relative)
    return photons / counts, math.sqrt(max(variance, 0.0))
