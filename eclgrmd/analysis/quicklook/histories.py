"""Packets as histories, and responses in their bands: what every analysis of a burst takes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels, History, Response

from .bins import Bins

__all__ = ["histories_of", "response_in_bands", "responses_in_bands"]

_LEAST_CENTRE_KEV = 1e-3
"""Lower edge that a channel from 0 keV gets, so that it has a logarithmic centre."""


def histories_of(
    bins: Bins,
    instrument: Instrument,
    detectors: Sequence[str],
    bands_kev: Sequence[Interval],
    offset_s: float,
) -> tuple[History, ...]:
    """Return the counts of each detector in the bands of its packets.

    Parameters
    ----------
    bins
        Counts of shape (n, detectors, bands).
    instrument, detectors, bands_kev
        What the counts are of; the bands become the channels.
    offset_s
        Time of t0 in the bins, seconds; the times of the histories are seconds after t0.
    """
    start, stop = bins.start_s - offset_s, bins.stop_s - offset_s
    live, channels = (bins.stop_s - bins.start_s) * bins.live, _channels_of(bands_kev)
    return tuple(
        History(instrument, detector, start, stop, bins.counts[:, index, :], live, channels)
        for index, detector in enumerate(detectors)
    )


def responses_in_bands(
    responses: Mapping[str, Response], histories: Sequence[History]
) -> tuple[Response, ...]:
    """Return the responses of the detectors that have one, with the channels of their histories."""
    return tuple(
        response_in_bands(responses[each.detector], each.channels)
        for each in histories
        if each.detector in responses
    )


def response_in_bands(response: Response, bands: Channels) -> Response:
    """Sum the channels of a response over bands: a channel belongs where its centre lies."""
    low, high = response.channels.e_min_kev, response.channels.e_max_kev
    centre = np.sqrt(np.maximum(low, _LEAST_CENTRE_KEV) * high)
    columns = [
        response.matrix_cm2[:, (centre >= start) & (centre < stop)].sum(axis=1)
        for start, stop in zip(bands.e_min_kev, bands.e_max_kev, strict=True)
    ]
    return replace(response, matrix_cm2=np.column_stack(columns), channels=bands)


def _channels_of(bands_kev: Sequence[Interval]) -> Channels:
    edges = np.array(bands_kev, dtype=np.float64)
    return Channels(np.arange(len(edges)), edges[:, 0], edges[:, 1])
