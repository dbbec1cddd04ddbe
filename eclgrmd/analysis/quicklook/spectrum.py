"""A coarse spectral fit of a cutoff power law to the few bands of the packets."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from eclgrmd.analysis.spectral.fit_interval import fit_spectra
from eclgrmd.analysis.spectral.results import IntervalFits
from eclgrmd.analysis.spectral.spectra.intervals import SpectrumInterval
from eclgrmd.analysis.temporal.background.fit import fit_background
from eclgrmd.errors import PermanentError
from eclgrmd.model.configuration.sections import SpectralChoice
from eclgrmd.model.intervals import Interval, bins_inside, union
from eclgrmd.model.observation import Background, Channels, Floats, Response, Spectrum

from .bins import Bins
from .instrument import InstrumentStream

__all__ = ["coarse_spectrum", "response_in_bands"]

_CHOICE = SpectralChoice(models=("cpl",), flux_bands_kev=((10.0, 1000.0),), goodness_spectra=0)
"""Settings of the fit: a cutoff power law, the flux in 10-1000 keV, no simulated spectra."""
_LEAST_CHANNELS = 4
"""Smallest number of bands of all detectors: one more than the parameters of the model."""


def coarse_spectrum(
    streams: Sequence[InstrumentStream],
    responses: Mapping[str, Response],
    background_s: Mapping[str, tuple[Floats, int]],
    interval_s: Interval,
    offset_s: float,
) -> tuple[IntervalFits | None, tuple[str, ...]]:
    """Fit a cutoff power law to all detectors jointly.

    Parameters
    ----------
    streams
        Instruments with data.
    responses
        Response of each detector, by name.
    background_s
        Background intervals, seconds after t0, shape (k, 2), and order of the background, by
        instrument.
    interval_s
        Interval of the spectrum, seconds after t0.
    offset_s
        t0, seconds after the streams' origin.

    Returns
    -------
    tuple
        The fit, or None, and flags that say why there is none.
    """
    spectra: list[Spectrum] = []
    for stream in streams:
        if stream.instrument in background_s:
            intervals, order = background_s[stream.instrument]
            spectra += _spectra(stream, responses, intervals, order, interval_s, offset_s)
    if not spectra:
        return None, ("no spectrum: no response of these detectors",)
    fits = fit_spectra(spectra, SpectrumInterval(*interval_s, "t100"), _CHOICE)
    used = sum(int(mask.sum()) for mask in fits.used)
    if not fits.models or used < _LEAST_CHANNELS:
        return None, (f"no spectrum: {used} bands, at least {_LEAST_CHANNELS} are needed",)
    return fits, ()


def response_in_bands(response: Response, bands_kev: Sequence[Interval]) -> Response:
    """Return a response with its channels summed over bands, by the centre of each channel."""
    centre = np.sqrt(np.maximum(response.channels.e_min_kev, 1e-3) * response.channels.e_max_kev)
    columns = [
        response.matrix_cm2[:, (centre >= low) & (centre < high)].sum(axis=1)
        for low, high in bands_kev
    ]
    return replace(response, matrix_cm2=np.column_stack(columns), channels=_channels_of(bands_kev))


def _channels_of(bands_kev: Sequence[Interval]) -> Channels:
    edges = np.array(bands_kev, dtype=np.float64)
    return Channels(np.arange(len(edges)), edges[:, 0], edges[:, 1])


def _spectra(
    stream: InstrumentStream,
    responses: Mapping[str, Response],
    intervals_s: Floats,
    order: int,
    interval_s: Interval,
    offset_s: float,
) -> list[Spectrum]:
    bins = stream.bins()
    moved = replace(bins, start_s=bins.start_s - offset_s, stop_s=bins.stop_s - offset_s)
    return [
        spectrum
        for i, detector in enumerate(stream.detectors)
        if detector in responses
        and (
            spectrum := _spectrum(
                stream, i, responses[detector], moved, intervals_s, order, interval_s
            )
        )
        is not None
    ]


def _spectrum(
    stream: InstrumentStream,
    index: int,
    response: Response,
    bins: Bins,
    intervals_s: Floats,
    order: int,
    interval_s: Interval,
) -> Spectrum | None:
    """Return the spectrum of one detector, or None without data in the interval or background."""
    inside = bins_inside(bins.start_s, bins.stop_s, union([interval_s]))
    live = (bins.stop_s - bins.start_s) * bins.live
    counts = bins.counts[:, index, :]
    try:
        fit = fit_background(
            stream.instrument, stream.detectors[index], bins.start_s, bins.stop_s, counts, live,
            intervals_s, order=order,
        )  # fmt: skip
    except PermanentError:
        return None
    if not inside.any():
        return None
    expected, error = fit.total(bins.start_s[inside], bins.stop_s[inside], live[inside])
    folded = response_in_bands(response, stream.bands_kev)
    return Spectrum(
        instrument=stream.instrument,
        detector=stream.detectors[index],
        start_s=interval_s[0],
        stop_s=interval_s[1],
        counts=counts[inside].sum(axis=0),
        exposure_s=float(live[inside].sum()),
        background=Background(expected, error),
        response=folded,
        channels=folded.channels,
    )
