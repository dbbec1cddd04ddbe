"""The door of the temporal analysis: an observation goes in, durations and backgrounds come out."""

from dataclasses import replace

import numpy as np

from eclgrmd.errors import InputError
from eclgrmd.model.configuration import TaskConfiguration
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import EventList, Floats, LightCurve, Observation

from .curves import (
    DEFAULT_BANDS_KEV,
    bin_events,
    curve_from_histories,
    curve_of_light_curves,
    regular_edges,
    select,
)
from .detectors import detector_backgrounds
from .durations import measure_curve
from .results import DurationMeasurement, TemporalAnalysis

__all__ = ["measure"]

Interval = tuple[float, float]

_BIN_S = 0.064
_FINEST_S = 0.001
_BINS_PER_BURST = 150
_MAXIMUM_BINS = 100_000


def measure(observation: Observation, configuration: TaskConfiguration) -> TemporalAnalysis:
    """Measure the durations of a burst, per instrument, and its background, per detector.

    Every instrument is measured in the configured band, or in its own (`DEFAULT_BANDS_KEV`). The
    reference result, which comes first, is the most significant one; spectra are to be integrated
    over its T100.

    Raises
    ------
    InputError
        If the observation holds no events, histories or light curves of the wanted detectors, or
        none inside the band.
    """
    measured = [
        _measure_instrument(observation, configuration, instrument)
        for instrument in _instruments(observation, configuration)
    ]
    if not measured:
        raise InputError(
            "nothing to measure durations with: the observation holds no events, histories or "
            "light curves of the wanted detectors"
        )
    measured.sort(key=lambda m: -np.inf if m.significance is None else m.significance, reverse=True)
    reference = measured[0]
    return TemporalAnalysis(
        durations=tuple(measured),
        backgrounds=detector_backgrounds(observation, configuration, reference),
        t100_s=reference.t100_s,
        flags=() if reference.t100_s else ("no significant excess",),
    )


def _instruments(observation: Observation, configuration: TaskConfiguration) -> list[Instrument]:
    present = [
        *(data.instrument for data in observation.events),
        *(data.instrument for data in observation.histories),
        *(data.instrument for data in observation.light_curves),
    ]
    return [
        instrument
        for instrument in dict.fromkeys(present)
        if any(select(observation, instrument, configuration.detectors))
    ]


def _measure_instrument(
    observation: Observation, configuration: TaskConfiguration, instrument: Instrument
) -> DurationMeasurement:
    events, histories, curves = select(observation, instrument, configuration.detectors)
    band = configuration.duration.band_kev or DEFAULT_BANDS_KEV.get(instrument)
    if events:
        return _measure_events(events, configuration, band)
    if histories:
        return measure_curve(_checked(curve_from_histories(histories, band)), configuration)
    return measure_curve(_checked(curve_of_light_curves(curves, band)), configuration)


def _measure_events(
    lists: list[EventList], configuration: TaskConfiguration, band_kev: Interval | None
) -> DurationMeasurement:
    """Measure in 64 ms bins, and again in finer ones around a burst that asks for them."""
    edges = _edges(lists, configuration.duration.bin_s or _BIN_S)
    measured = measure_curve(_checked(bin_events(lists, edges, band_kev)), configuration)
    if configuration.duration.bin_s is not None or measured.t100_s is None:
        return measured
    finer = _finer_edges(edges, measured.t100_s)
    if finer is None:
        return measured
    again = measure_curve(bin_events(lists, finer, band_kev), configuration)
    return measured if again.t100_s is None else again


def _edges(lists: list[EventList], bin_s: float) -> Floats:
    start = max(float(events.gti_s[0, 0]) for events in lists)
    stop = min(float(events.gti_s[-1, 1]) for events in lists)
    if stop - start > _MAXIMUM_BINS * bin_s:
        bin_s *= float(np.ceil((stop - start) / (_MAXIMUM_BINS * bin_s)))
    return regular_edges(start, stop, bin_s)


def _finer_edges(edges_s: Floats, t100_s: Interval) -> Floats | None:
    """Split the bins in and beside a short burst by a power of two; None: they are fine enough."""
    width = t100_s[1] - t100_s[0]
    bin_s = float(edges_s[1] - edges_s[0])
    wanted = max(_FINEST_S, width / _BINS_PER_BURST)
    split = 2 ** int(np.floor(np.log2(max(1.0, bin_s / wanted))))
    if split == 1:
        return None
    low, high = t100_s[0] - width - bin_s, t100_s[1] + width + bin_s
    inside = (edges_s[:-1] >= low) & (edges_s[1:] <= high)
    steps = np.arange(split) * (bin_s / split)
    fine = (edges_s[:-1][inside][:, None] + steps).ravel()
    return np.unique(np.concatenate([edges_s, fine]))


def _checked(curve: LightCurve) -> LightCurve:
    if len(curve.counts) < 3:
        raise InputError(
            f"{curve.instrument}: {len(curve.counts)} time bins with exposure, at least 3 are "
            "needed to measure a duration"
        )
    return replace(curve, flags=tuple(dict.fromkeys(curve.flags)))
