"""Counts of a burst by detector, band and bin, from whatever recorded it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import EventList, Floats, LightCurve, Observation

__all__ = ["BANDS_KEV", "FineCounts", "fine_counts"]

Interval = tuple[float, float]

FINE_S = 0.064
"""All bins of packets are multiples of this."""
BANDS_KEV: dict[Instrument, tuple[Interval, ...]] = {
    Instrument.ECLAIRS: ((4.0, 8.0), (8.0, 20.0), (20.0, 50.0), (50.0, 120.0)),
    Instrument.GRM: ((8.54, 17.08), (17.08, 51.24), (51.24, 264.7), (264.7, 5000.0)),
    Instrument.GBM: ((8.0, 25.0), (25.0, 50.0), (50.0, 300.0), (300.0, 1000.0)),
}
"""GRM: the bands of its trigger and all above; others: our own choice."""


@dataclass(frozen=True, slots=True, eq=False)
class FineCounts:
    """Counts of one instrument in bins of 64 ms; t0 is an edge of a bin."""

    instrument: Instrument
    detectors: tuple[str, ...]
    bands_kev: tuple[Interval, ...]
    start_s: float
    """Of the first bin, seconds after t0."""
    counts: Floats
    """Shape (bins, detectors, bands)."""
    live: Floats
    """Live fraction, shape (bins,)."""


def fine_counts(observation: Observation, window_s: Interval) -> list[FineCounts]:
    """Bin what an observation holds; instruments without usable counts are left out."""
    first, last = int(np.ceil(window_s[0] / FINE_S)), int(np.floor(window_s[1] / FINE_S))
    edges: Floats = np.arange(first, last + 1, dtype=np.float64) * FINE_S
    found = []
    for instrument in dict.fromkeys(e.instrument for e in observation.events):
        lists = [e for e in observation.events if e.instrument == instrument]
        lists = [e for e in lists if not e.detector.startswith("b")] or lists
        if instrument in BANDS_KEV and all(e.channels is not None for e in lists):
            found.append(_of_events(lists, edges))
    for instrument in dict.fromkeys(c.instrument for c in observation.light_curves):
        curves = [c for c in observation.light_curves if c.instrument == instrument]
        found += _of_curves(curves, edges)
    return found


def _of_events(lists: Sequence[EventList], edges: Floats) -> FineCounts:
    bands = BANDS_KEV[lists[0].instrument]
    counts = np.zeros((len(edges) - 1, len(lists), len(bands)))
    dead = np.zeros(len(edges) - 1)
    for i, events in enumerate(lists):
        dead += events.dead_time_s * np.diff(np.searchsorted(events.time_s, edges))
        channels = events.channels
        if channels is None:
            raise ValueError(f"{events.detector} tells no energies")
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


def _of_curves(curves: Sequence[LightCurve], edges: Floats) -> list[FineCounts]:
    """Take light curves of 64 ms Poisson counts whose bands do not overlap."""
    first = curves[0]
    plain = [
        c
        for c in sorted(curves, key=lambda c: c.band_kev)
        if c.error is None
        and len(c.counts) == len(first.counts)
        and abs(float(np.median(c.stop_s - c.start_s)) - FINE_S) < 1e-3
    ]
    fine = [c for c, below in zip(plain, [None, *plain], strict=False) if _above(c, below)]
    if not fine:
        return []
    inside = (fine[0].start_s >= edges[0]) & (fine[0].stop_s <= edges[-1])
    inside &= np.abs(fine[0].stop_s - fine[0].start_s - FINE_S) < 1e-3
    start = fine[0].start_s[inside]
    if not len(start) or np.abs(np.diff(start) - FINE_S).max() > 1e-3:
        return []
    return [
        FineCounts(
            first.instrument,
            ("+".join(first.detectors)[:8],),
            tuple(c.band_kev for c in fine),
            float(start[0]),
            np.stack([c.counts[inside] for c in fine], axis=1)[:, None, :],
            np.clip(fine[0].exposure_s[inside] / FINE_S, 1e-3, 1.0),
        )
    ]


def _above(curve: LightCurve, below: LightCurve | None) -> bool:
    return below is None or curve.band_kev[0] >= below.band_kev[1] - 1e-6
