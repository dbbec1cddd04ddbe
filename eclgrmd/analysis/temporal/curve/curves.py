"""Light curves from events, histories and light curves, summed over detectors."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.model.flags import band_flags
from eclgrmd.model.intervals import Interval, intersection, live_time
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels, EventList, Floats, History, LightCurve

__all__ = [
    "DEFAULT_BANDS_KEV",
    "add_curves",
    "band_mask",
    "bin_events",
    "common_band",
    "common_bins",
    "curve_from_histories",
    "curve_of_light_curves",
    "frame_of",
    "history_of",
    "hull",
    "in_band",
    "matching_bins",
    "own_band",
    "part_of",
    "regular_edges",
    "whole_frames",
]
Bools = NDArray[np.bool_]
Indices = NDArray[np.intp]

DEFAULT_BANDS_KEV: dict[Instrument, Interval] = {
    Instrument.ECLAIRS: (4.0, 120.0),
    Instrument.GRM: (15.0, 5000.0),
    Instrument.GBM: (50.0, 300.0),
}
"""Energy bands, keV, in which durations are measured; other instruments use all channels."""

_FULL = 1e-6
"""Relative tolerance, for rounding, of a bin that was observed in full."""
_LEAST_LIVE = 1e-3
"""Smallest live fraction of a bin, however much dead time its events imply."""
_SAME_BIN = 0.02
"""Fraction of a bin's width by which the edges of the same bin may differ between detectors."""
_ROUNDING = 1e-6
"""Relative error of an edge in single precision."""


def band_mask(channels: Channels, band_kev: Interval | None) -> Bools:
    """Return a mask of the channels that approximate a band best, shape (n,).

    Parameters
    ----------
    channels
        The n channels.
    band_kev
        The band, keV; None for all usable channels.

    Raises
    ------
    InputError
        If no channel lies by more than half inside the band.
    """
    if band_kev is None:
        return channels.usable
    mask = channels.nearest(*band_kev)
    if not mask.any():
        low, high = channels.e_min_kev.min(), channels.e_max_kev.max()
        raise InputError(
            f"no channel lies by more than half inside {band_kev[0]:g}-{band_kev[1]:g} keV: "
            f"the data span {low:g}-{high:g} keV in {len(mask)} channels"
        )
    return mask


def own_band(channels: Channels, band_kev: Interval | None) -> Interval | None:
    """Return the nominal edges, keV, of the channels of `band_mask`, or None if not known."""
    return channels.edges_of(band_mask(channels, band_kev))


def hull(bands_kev: Iterable[Interval | None]) -> Interval | None:
    """Return the band that covers several bands, keV, or None if one of them is not known."""
    known = []
    for band in bands_kev:
        if band is None:
            return None
        known.append(band)
    return min(low for low, _ in known), max(high for _, high in known)


def files_of(parts: Sequence[EventList | History | LightCurve]) -> tuple[str, ...]:
    """Return the names of the files of several data sets, each once."""
    return tuple(dict.fromkeys(name for part in parts for name in part.files))


def common_band(lists: Sequence[EventList], band_kev: Interval | None) -> Interval | None:
    """Return the band if all event lists have channel energies, or None (count all events)."""
    return None if any(events.channels is None for events in lists) else band_kev


def regular_edges(start_s: float, stop_s: float, bin_s: float) -> Floats:
    """Return bin edges at multiples of the bin width after t0, inside a window, seconds."""
    first, last = np.ceil(start_s / bin_s - _FULL), np.floor(stop_s / bin_s + _FULL)
    return np.arange(int(first), int(last) + 1, dtype=np.float64) * bin_s


def frame_of(lists: Sequence[EventList]) -> float:
    """Return the longest frame time of several event lists, seconds; 0 if events have own times."""
    return max((events.frame_s for events in lists), default=0.0)


def whole_frames(lists: Sequence[EventList], start_s: float, stop_s: float, bin_s: float) -> Floats:
    """Return regular bin edges inside a window that coincide with frame boundaries, seconds.

    If events have the time of their frame, the bin width is the smallest multiple of the frame that
    is not below `bin_s`; otherwise the edges are those of `regular_edges`.
    """
    framed = max(lists, key=lambda events: events.frame_s)
    frame = framed.frame_s
    if not frame or not len(framed.time_s):
        return regular_edges(start_s, stop_s, bin_s)
    width = frame * max(1.0, float(np.ceil(bin_s / frame - _FULL)))
    edge = float(framed.time_s[0]) - 0.5 * frame
    edge -= width * float(np.round(edge / width))  # close to 0, because large values lose digits
    return regular_edges(start_s - edge, stop_s - edge, width) + edge


def part_of(curve: LightCurve, mask: NDArray[np.bool_]) -> LightCurve:
    """Return the bins of a light curve that a mask selects, shape (n,)."""
    return replace(
        curve,
        start_s=curve.start_s[mask],
        stop_s=curve.stop_s[mask],
        counts=curve.counts[mask],
        exposure_s=curve.exposure_s[mask],
        error=None if curve.error is None else curve.error[mask],
    )


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
        every = _histogram(events.time_s, edges_s)
        dead += events.dead_time_s * every
        if events.overflow_dead_time_s and events.channels is not None:
            top = events.channel == len(events.channels.number) - 1
            longer = events.overflow_dead_time_s - events.dead_time_s
            dead += longer * _histogram(events.time_s[top], edges_s)
        mask = None if events.channels is None else band_mask(events.channels, band_kev)
        if mask is None or mask.all():
            counts += every
        else:
            counts += _histogram(events.time_s[mask[events.channel]], edges_s)
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
        files=files_of(lists),
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
        files=files_of(curves),
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
        files=files_of(histories),
        maker=first.maker,
    )


def common_bins(histories: Sequence[History]) -> list[Indices]:
    """Return the rows, in each history, of the bins that all histories share (within 2 %)."""
    rows = [np.arange(len(histories[0].start_s))]
    for other in histories[1:]:
        mine, theirs = matching_bins(histories[0], other)
        kept = np.isin(rows[0], mine)
        place = np.searchsorted(mine, rows[0][kept])
        rows = [each[kept] for each in rows] + [theirs[place]]
    return rows


def matching_bins(first: History, other: History) -> tuple[Indices, Indices]:
    """Return the rows, in either history, of the bins that both share, in order of time."""
    if other.start_s is first.start_s and other.stop_s is first.stop_s:
        rows = np.arange(len(first.start_s))  # of one packet or file: nothing to compare
        return rows, rows
    slack = _SAME_BIN * (first.stop_s - first.start_s)
    at = np.searchsorted(other.start_s, first.start_s - slack)
    there = np.flatnonzero(at < len(other.start_s))
    at = at[there]
    same = np.abs(other.start_s[at] - first.start_s[there]) <= slack[there]
    same &= np.abs(other.stop_s[at] - first.stop_s[there]) <= slack[there]
    return there[same], at[same]


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
    same = [c for c in inside if _same_bins(finest, c)]
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
        files=files_of(parts),
    )


def in_band(curves: Sequence[LightCurve], band_kev: Interval | None) -> list[LightCurve]:
    """Return the light curves whose band lies inside the given one; all of them if it is None."""
    if band_kev is None:
        return list(curves)
    return [c for c in curves if c.band_kev is not None and _within(c.band_kev, band_kev)]


def _within(inner_kev: Interval, outer_kev: Interval) -> bool:
    low, high = outer_kev[0] * (1.0 - _ROUNDING), outer_kev[1] * (1.0 + _ROUNDING)
    return inner_kev[0] >= low and inner_kev[1] <= high


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
    low = max(one.band_kev[0], other.band_kev[0])
    return low * (1.0 + _ROUNDING) < min(one.band_kev[1], other.band_kev[1])


def _same_bins(first: LightCurve, other: LightCurve) -> bool:
    if len(first.start_s) != len(other.start_s):
        return False
    slack = _SAME_BIN * (first.stop_s - first.start_s)
    return bool(
        np.all(np.abs(first.start_s - other.start_s) <= slack)
        and np.all(np.abs(first.stop_s - other.stop_s) <= slack)
    )


def _histogram(time_s: Floats, edges_s: Floats) -> Floats:
    """Return the number of sorted times in each bin between increasing edges, shape (n,)."""
    return np.diff(np.searchsorted(time_s, edges_s)).astype(np.float64)
