"""Bin edges at the change points of events, which give blocks the precision of events."""

from collections.abc import Sequence

import numpy as np

from eclgrmd.analysis.temporal.blocks import segment_counts
from eclgrmd.analysis.temporal.curve.bands import band_mask, common_band
from eclgrmd.model.intervals import Interval
from eclgrmd.model.observation import EventList, Floats

from .prior import false_alarm_prior

__all__ = ["change_points", "snapped"]

_MOST_EVENTS = 1_000_000
"""Largest number of events that are segmented; it takes about 0.7 s."""


def change_points(
    lists: Sequence[EventList], window_s: Interval, band_kev: Interval | None, false_alarm: float
) -> Floats:
    """Return the change points of the events of several detectors together.

    There are none if a detector did not observe the whole window or if there are more than a
    million events; the change points of bins are used then.

    Parameters
    ----------
    lists
        Events of each detector.
    window_s
        Start and stop of the segmented time, seconds after t0.
    band_kev
        Energy band; None for all channels.
    false_alarm
        Probability of a change point in a constant rate.

    Returns
    -------
    Floats
        Times half way between two events, seconds after t0, shape (k,).
    """
    low, high = window_s
    if not all(_seen_throughout(events, low, high) for events in lists):
        return np.empty(0)
    band = common_band(lists, band_kev)
    time = np.sort(np.concatenate([_inside(events, low, high, band) for events in lists]))
    if not 2 < len(time) <= _MOST_EVENTS:
        return np.empty(0)
    edges = np.concatenate([[low], 0.5 * (time[1:] + time[:-1]), [high]])
    prior = false_alarm_prior(len(time), false_alarm, events=True)
    starts = segment_counts(np.ones(len(time)), np.maximum(np.diff(edges), 1e-9), prior)
    return np.asarray(edges[starts[1:]])


def snapped(edges_s: Floats, points_s: Floats) -> Floats:
    """Return bin edges with the nearest edge moved to each inner change point; they stay sorted.

    An edge is moved once. Further change points that are nearest to it become edges of their own,
    so that a spike shorter than a bin keeps both its ends.
    """
    moved = edges_s.copy()
    inner = points_s[(points_s > edges_s[1]) & (points_s < edges_s[-2])]
    right = np.searchsorted(edges_s, inner)
    nearest = np.where(inner - edges_s[right - 1] < edges_s[right] - inner, right - 1, right)
    moved[nearest] = inner
    return np.union1d(moved, inner)


def _seen_throughout(events: EventList, low: float, high: float) -> bool:
    return bool(np.any((events.gti_s[:, 0] <= low) & (events.gti_s[:, 1] >= high)))


def _inside(events: EventList, low: float, high: float, band_kev: Interval | None) -> Floats:
    part = slice(*np.searchsorted(events.time_s, [low, high]))
    time = events.time_s[part]
    if events.channels is None or band_kev is None:
        return time
    return time[band_mask(events.channels, band_kev)[events.channel[part]]]
