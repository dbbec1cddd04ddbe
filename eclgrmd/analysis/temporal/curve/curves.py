"""Light curves from events, histories and light curves, summed over detectors."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.model.flags import band_flags
from eclgrmd.model.intervals import Interval, intersection, live_time
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import EventList, Floats, History, LightCurve

from .bands import band_mask, common_band, hull, in_band, overlap, own_band
from .bins import common_bins, same_bins

__all__ = [
    "add_curves",
    "bin_events",
    "curve_from_histories",
    "curve_of_light_curves",
    "history_of",
]

_FULL = 1e-6
"""Relative tolerance, for rounding, of a bin that was observed in full."""
_LEAST_LIVE = 1e-3
"""Smallest live fraction of a bin, however much dead time its events imply."""


def bin_events(
    lists: Sequence[EventList], edges_s: Floats, band_kev: Interval | None
) -> LightCurve:
    """Return the light curve of the events of several detectors, summed.

    Only bins that all detectors observed in full are kept. The live time is the mean over the
    detectors, so that counts / exposure is the rate of their sum.

    Parameters
    ----------
    lists
        Events of each detector.
    edges_s
        Bin edges, seconds after t0, shape (n + 1,).
    band_kev
        Energy band; None for all channels.
    """
    band_kev = common_band(lists, band_kev)
    good = intersection(*(events.gti_s for events in lists))
    width = np.diff(edges_s)
    full = live_time(edges_s, good) >= width * (1.0 - _FULL)
    counts, dead = np.zeros(len(width)), np.zeros(len(width))
    for events in lists:
        position = np.searchsorted(events.time_s, edges_s)
        first, last = (position[0], position[-1]) if position.size else (0, 0)
        channel = events.channel[first:last]
        every = np.diff(position).astype(np.float64)
        dead += events.dead_time_s * every
        if events.overflow_dead_time_s and events.channels is not None:
            top = channel == len(events.channels.number) - 1
            longer = events.overflow_dead_time_s - events.dead_time_s
            dead += longer * _counted(top, position - first)
        mask = None if events.channels is None else band_mask(events.channels, band_kev)
        if mask is None or mask.all():
            counts += every
        else:
            counts += _counted(mask[channel], position - first)
    exposure = np.maximum(width - dead / len(lists), _LEAST_LIVE * width)
    own = {
        e.detector: None if e.channels is None else own_band(e.channels, band_kev) for e in lists
    }
    flags = dict.fromkeys(flag for events in lists for flag in events.flags)
    return LightCurve(
        instrument=lists[0].instrument,
        detectors=tuple(events.detector for events in lists),
        band_kev=hull(own.values()),
        start_s=edges_s[:-1][full],
        stop_s=edges_s[1:][full],
        counts=counts[full],
        exposure_s=exposure[full],
        flags=(*flags, *band_flags(own, band_kev)),
        asked_kev=band_kev,
        files=_files_of(lists),
        maker=lists[0].maker,
    )


def history_of(events: EventList, start_s: Floats, stop_s: Floats) -> History | None:
    """Return the events of one detector binned in time and channel.

    Parameters
    ----------
    events
        Events of the detector.
    start_s, stop_s
        Bin edges in order of time, seconds after t0, shape (n,).

    Returns
    -------
    History or None
        Only the bins that were observed in full; None if the events have no channels.
    """
    if events.channels is None:
        return None
    width, n = stop_s - start_s, len(events.channels.number)
    observed = live_time(np.column_stack([start_s, stop_s]).ravel(), events.gti_s)[::2]
    full = observed >= width * (1.0 - _FULL)
    place = np.searchsorted(start_s, events.time_s, side="right") - 1
    inside = (place >= 0) & (events.time_s < stop_s[np.maximum(place, 0)])
    cell = place[inside] * n + events.channel[inside]
    counts = np.bincount(cell, minlength=len(width) * n).reshape(-1, n).astype(float)
    dead = events.dead_time_s * counts.sum(axis=1)
    if events.overflow_dead_time_s:
        dead += (events.overflow_dead_time_s - events.dead_time_s) * counts[:, -1]
    exposure = np.maximum(width - dead, _LEAST_LIVE * width)
    return History(
        events.instrument,
        events.detector,
        start_s[full],
        stop_s[full],
        counts[full],
        exposure[full],
        events.channels,
        events.flags,
        events.files,
        maker=events.maker,
    )


def add_curves(instrument: Instrument, curves: Sequence[LightCurve]) -> LightCurve:
    """Return the sum of the light curves of several instruments, in the bins that all have.

    The live time is the mean over all detectors, so that counts / exposure is the rate of their
    sum if their dead times are similar.
    """
    start = curves[0].start_s
    for curve in curves[1:]:
        start = np.intersect1d(start, curve.start_s, assume_unique=True)
    bins = [np.searchsorted(curve.start_s, start) for curve in curves]
    weights = [len(curve.detectors) for curve in curves]
    live = [curve.exposure_s[i] for curve, i in zip(curves, bins, strict=True)]
    return LightCurve(
        instrument=instrument,
        detectors=tuple(name for curve in curves for name in curve.detectors),
        band_kev=hull(c.band_kev for c in curves),
        start_s=start,
        stop_s=curves[0].stop_s[bins[0]],
        counts=np.sum([curve.counts[i] for curve, i in zip(curves, bins, strict=True)], axis=0),
        exposure_s=np.average(live, axis=0, weights=weights),
        flags=tuple(dict.fromkeys(flag for curve in curves for flag in curve.flags)),
        files=_files_of(curves),
    )


def curve_from_histories(histories: Sequence[History], band_kev: Interval | None) -> LightCurve:
    """Return the sum of the histories of several detectors, in the bins that all have.

    Raises
    ------
    InputError
        If a detector has no channel in the band, or if there is no common bin.
    """
    bins = common_bins(histories)
    if len(bins[0]) == 0:
        names = ", ".join(h.detector for h in histories)
        raise InputError(f"the histories of {names} have no time bin in common")
    first = histories[0]
    live = np.mean([h.exposure_s[i] for h, i in zip(histories, bins, strict=True)], axis=0)
    counts = np.sum(
        [
            h.counts[i][:, band_mask(h.channels, band_kev)].sum(axis=1)
            for h, i in zip(histories, bins, strict=True)
        ],
        axis=0,
    )
    good = live > 0
    own = {h.detector: own_band(h.channels, band_kev) for h in histories}
    flags = [*(flag for h in histories for flag in h.flags), *band_flags(own, band_kev)]
    return LightCurve(
        instrument=first.instrument,
        detectors=tuple(h.detector for h in histories),
        band_kev=hull(own.values()),
        start_s=first.start_s[bins[0]][good],
        stop_s=first.stop_s[bins[0]][good],
        counts=counts[good],
        exposure_s=live[good],
        flags=tuple(dict.fromkeys(flags)),
        asked_kev=band_kev,
        files=_files_of(histories),
        maker=first.maker,
    )


def curve_of_light_curves(curves: Sequence[LightCurve], band_kev: Interval | None) -> LightCurve:
    """Return the finest light curve inside a band, plus those of other bands with its bins.

    Parameters
    ----------
    curves
        Light curves of one instrument.
    band_kev
        Wanted band, keV; None for all. If no curve lies inside it, all are considered.
    """
    inside = in_band(curves, band_kev) or list(curves)
    finest = min(inside, key=lambda c: float(np.median(c.stop_s - c.start_s)))
    same = [c for c in inside if same_bins(finest, c)]
    parts = _counted_once(same)
    widest = parts[0]
    band = hull(c.band_kev for c in parts)
    detectors = tuple(dict.fromkeys(d for c in parts for d in c.detectors))
    flags = dict.fromkeys(flag for c in parts for flag in c.flags)
    good = (widest.exposure_s > 0) & np.all([np.isfinite(c.counts) for c in parts], axis=0)
    error = None
    if all(c.error is not None for c in parts):
        error = np.sqrt(np.sum([np.square(c.error) for c in parts if c.error is not None], axis=0))
        good &= error > 0
    return replace(
        widest,
        detectors=detectors,
        band_kev=band,
        start_s=widest.start_s[good],
        stop_s=widest.stop_s[good],
        counts=np.sum([c.counts for c in parts], axis=0)[good],
        exposure_s=widest.exposure_s[good],
        error=None if error is None else error[good],
        flags=(*flags, *band_flags({"+".join(detectors): band}, band_kev)),
        files=_files_of(parts),
    )


def _band_width(curve: LightCurve) -> float:
    """Return the width of a curve's band, keV; infinite if unknown: it may cover everything."""
    return np.inf if curve.band_kev is None else curve.band_kev[1] - curve.band_kev[0]


def _counted_once(curves: Sequence[LightCurve]) -> list[LightCurve]:
    """Return curves, the widest band first, that share no photons.

    An unknown band is assumed to overlap with all others, because counting photons twice would be
    worse than leaving some out.
    """
    chosen: list[LightCurve] = []
    for curve in sorted(curves, key=lambda c: (-_band_width(c), -len(c.detectors))):
        if not any(_share_photons(curve, other) for other in chosen):
            chosen.append(curve)
    return chosen


def _share_photons(one: LightCurve, other: LightCurve) -> bool:
    if not set(one.detectors) & set(other.detectors):
        return False
    if one.band_kev is None or other.band_kev is None:
        return True
    return overlap(one.band_kev, other.band_kev)


def _files_of(parts: Sequence[EventList | History | LightCurve]) -> tuple[str, ...]:
    """Return the names of the files of several data sets, each once."""
    return tuple(dict.fromkeys(name for part in parts for name in part.files))


def _counted(chosen: NDArray[np.bool_], position: NDArray[np.intp]) -> Floats:
    """Return the number of chosen events in each bin, shape (n,).

    Parameters
    ----------
    chosen
        Whether each event between the first and the last edge is counted.
    position
        Number of events between the first edge and each edge, shape (n + 1,).
    """
    before = np.searchsorted(np.flatnonzero(chosen), position)
    counts: Floats = np.diff(before).astype(np.float64)
    return counts
