"""Counts of a burst by detector, band and bin, from events, histories or light curves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eclgrmd.model.intervals import Interval
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import EventList, Floats, History, LightCurve, Observation

__all__ = ["BANDS_KEV", "FineCounts", "fine_counts"]

FINE_S = 0.064
"""Width of the bins for events, seconds."""
_MOST_BANDS = 16
"""Most bands of a packet."""
BANDS_KEV: dict[Instrument, tuple[Interval, ...]] = {
    Instrument.ECLAIRS: ((4.0, 8.0), (8.0, 20.0), (20.0, 50.0), (50.0, 120.0)),
    Instrument.GRM: ((8.54, 17.08), (17.08, 51.24), (51.24, 264.7), (264.7, 5000.0)),
    Instrument.GBM: ((8.0, 25.0), (25.0, 50.0), (50.0, 300.0), (300.0, 1000.0)),
}
"""Bands in keV. GRM: those of its trigger and all above; others: our choice."""


@dataclass(frozen=True, slots=True, eq=False)
class FineCounts:
    """Counts of one instrument in bins of one width; t0 is an edge of a bin."""

    instrument: Instrument
    """Instrument."""
    detectors: tuple[str, ...]
    """Names of its detectors."""
    bands_kev: tuple[Interval, ...]
    """Lower and upper edges of the bands, keV."""
    start_s: float
    """Start of the first bin, seconds after t0."""
    counts: Floats
    """Counts, shape (bins, detectors, bands)."""
    live: Floats
    """Live fraction of each bin, shape (bins,)."""
    bin_s: float = FINE_S
    """Width of a bin, seconds."""


def fine_counts(observation: Observation, window_s: Interval) -> list[FineCounts]:
    """Return the binned counts of each instrument that has usable counts."""
    first, last = int(np.ceil(window_s[0] / FINE_S)), int(np.floor(window_s[1] / FINE_S))
    edges: Floats = np.arange(first, last + 1, dtype=np.float64) * FINE_S
    found = []
    for instrument in dict.fromkeys(e.instrument for e in observation.events):
        lists = [e for e in observation.events if e.instrument == instrument]
        lists = [e for e in lists if not e.detector.startswith("b")] or lists
        if instrument in BANDS_KEV and all(e.channels is not None for e in lists):
            found.append(_of_events(lists, edges))
    for instrument in dict.fromkeys(h.instrument for h in observation.histories):
        histories = [h for h in observation.histories if h.instrument == instrument]
        found += _of_series([_series_of(h) for h in histories], window_s)
    for instrument in dict.fromkeys(c.instrument for c in observation.light_curves):
        curves = [c for c in observation.light_curves if c.instrument == instrument]
        if all(curve.error is None for curve in curves):
            found += _of_series([_series_of(curve) for curve in curves], window_s)
    return found


def _of_events(lists: Sequence[EventList], edges: Floats) -> FineCounts:
    bands = BANDS_KEV[lists[0].instrument]
    counts = np.zeros((len(edges) - 1, len(lists), len(bands)))
    dead = np.zeros(len(edges) - 1)
    for i, events in enumerate(lists):
        dead += events.dead_time_s * np.diff(np.searchsorted(events.time_s, edges))
        channels = events.channels
        if channels is None:
            raise ValueError(f"{events.detector} has no energies")
        centre = np.sqrt(np.maximum(channels.e_min_kev, 1e-3) * channels.e_max_kev)
        for j, (low, high) in enumerate(bands):
            mine = events.time_s[((centre >= low) & (centre < high))[events.channel]]
            counts[:, i, j] = np.diff(np.searchsorted(mine, edges))
    start = max(float(events.gti_s[0, 0]) for events in lists)
    stop = min(float(events.gti_s[-1, 1]) for events in lists)
    full = (edges[:-1] >= start) & (edges[1:] <= stop)
    live = np.clip(1.0 - dead / len(lists) / FINE_S, 1e-3, 1.0)
    return FineCounts(
        lists[0].instrument,
        tuple(events.detector for events in lists),
        bands,
        float(edges[:-1][full][0]),
        counts[full],
        live[full],
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Series:
    """Counts of one detector in bins of any width."""

    instrument: Instrument
    detector: str
    bands_kev: tuple[Interval, ...]
    start_s: Floats
    stop_s: Floats
    counts: Floats
    """Shape (bins, bands)."""
    live_s: Floats


def _series_of(data: History | LightCurve) -> _Series:
    if isinstance(data, LightCurve):
        if data.band_kev is None:
            raise ValueError("a light curve without a band cannot be sent in packets")
        bands: tuple[Interval, ...] = (data.band_kev,)
        detector, counts = "+".join(data.detectors), data.counts[:, None]
    else:
        low, high = data.channels.e_min_kev, data.channels.e_max_kev
        bands = tuple((float(a), float(b)) for a, b in zip(low, high, strict=True))
        detector, counts = data.detector, data.counts
    return _Series(
        data.instrument, detector[:8], bands, data.start_s, data.stop_s, counts, data.exposure_s
    )


def _of_series(series: Sequence[_Series], window_s: Interval) -> list[FineCounts]:
    """Rebin series of the same bands into bins as wide as the widest.

    Edges of wide bins agree with edges of fine ones to some ms; fractions of counts are rounded.
    """
    first = series[0]
    same = [s for s in series if s.bands_kev == first.bands_kev]
    if len(first.bands_kev) > _MOST_BANDS:
        return []
    width = max(float(np.max(s.stop_s - s.start_s)) for s in same)
    start = max(window_s[0], *(float(s.start_s[0]) for s in same))
    stop = min(window_s[1], *(float(s.stop_s[-1]) for s in same))
    before = int(np.floor(-start / width + 1e-6))
    after = int(np.floor(stop / width + 1e-6))
    if before < 1 or after < 1:
        return []
    edges: Floats = np.arange(-before, after + 1, dtype=np.float64) * width
    counts = np.stack([np.diff(_cumulated(s, s.counts, edges), axis=0) for s in same], axis=1)
    live = np.mean(
        [np.diff(_cumulated(s, s.live_s[:, None], edges), axis=0)[:, 0] for s in same], axis=0
    )
    names = tuple(s.detector for s in same)
    return [
        FineCounts(
            first.instrument,
            names,
            first.bands_kev,
            float(edges[0]),
            np.round(counts),
            np.clip(live / width, 1e-3, 1.0),
            width,
        )
    ]


def _cumulated(series: _Series, values: Floats, edges: Floats) -> Floats:
    """Return the cumulative sum at each edge, shape (edges, columns)."""
    known = np.append(series.start_s, series.stop_s[-1])
    summed = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    return np.stack([np.interp(edges, known, column) for column in summed.T], axis=1)
