"""Sums of detectors whose data have different time bins: events, and finer histories."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from eclgrmd.model.intervals import Interval
from eclgrmd.model.observation import EventList, Floats, History, LightCurve, Observation

from .chosen import OTHER_BINS, Chosen, choose
from .curves import history_of

__all__ = ["choose_for", "joint_choice"]

_BINS_PER_BURST = 50
"""Smallest number of bins in T100; their width then adds less than 1 % of T100 to the error of
T90 (bin / sqrt(12) at either end)."""
_MOST_TIME = 0.9
"""Fraction of the light curve's time that an added detector must cover; a choice."""
_SAME_EDGE = 0.02
"""Difference between two edges, as a fraction of the finer bin, up to which they are the same."""


def choose_for(observation: Observation, curve: LightCurve) -> Chosen:
    """Return the data that a light curve was made of.

    Detectors with other bins that were added by `joint_choice` are rebinned to those of the curve.
    """
    chosen = choose(observation, curve.instrument, curve.detectors, curve.maker)
    known = {data.detector for data in _series(chosen)}
    if chosen.curves or known >= set(curve.detectors):
        return chosen
    found: dict[str, History] = {}
    every: list[EventList | History] = [*observation.events, *observation.histories]
    for data in every:
        owned = (data.instrument, data.maker) == (curve.instrument, curve.maker)
        if owned and data.detector in curve.detectors and set(data.files) & set(curve.files):
            part = _rebinned(data, curve.start_s, curve.stop_s)
            if part is not None:
                found.setdefault(data.detector, part)
    return Chosen(histories=tuple(found[name] for name in curve.detectors if name in found))


def joint_choice(
    observation: Observation, chosen: Chosen, curve: LightCurve, t100_s: Interval
) -> Chosen | None:
    """Return the data with detectors added that were left out only because of their time bins.

    All detectors are rebinned to the coarsest of the usable bins.

    Parameters
    ----------
    observation
        The data of the burst.
    chosen
        The data summed so far.
    curve
        Their light curve; added detectors must cover 90 % of its time.
    t100_s
        Extent of the burst, seconds after t0; bins wider than a fiftieth of it are not used,
        because they would degrade the duration.

    Returns
    -------
    Chosen or None
        None if no detector can be added.
    """
    needed_s = (t100_s[1] - t100_s[0]) / _BINS_PER_BURST
    left = [h for h in _left_out(observation, chosen) if 0.0 < _bin_s(h, t100_s) <= needed_s]
    least_s = _MOST_TIME * float((curve.stop_s - curve.start_s).sum())
    for reference in sorted(left, key=lambda h: _bin_s(h, t100_s), reverse=True):
        within = (reference.start_s >= curve.start_s[0]) & (reference.stop_s <= curve.stop_s[-1])
        start_s, stop_s = reference.start_s[within], reference.stop_s[within]
        parts: dict[str, History] = {}
        for data in (*_series(chosen), *left):
            part = _rebinned(data, start_s, stop_s)
            if part is not None and (part.stop_s - part.start_s).sum() >= least_s:
                parts.setdefault(data.detector, part)
        added = [name for name in parts if name in chosen.reasons]
        if added and {d.detector for d in _series(chosen)} <= parts.keys():
            reasons = {k: v for k, v in chosen.reasons.items() if k not in added}
            return Chosen(histories=tuple(parts.values()), reasons=reasons)
    return None


def _series(chosen: Chosen) -> list[EventList | History]:
    return [*chosen.events, *chosen.histories]


def _left_out(observation: Observation, chosen: Chosen) -> Iterator[History]:
    """Yield the histories of detectors that were left out only because of their bins."""
    owners = {(data.instrument, data.maker) for data in _series(chosen)}
    for history in observation.histories:
        known = (history.instrument, history.maker) in owners
        if known and chosen.reasons.get(history.detector) in OTHER_BINS:
            yield history


def _bin_s(history: History, t100_s: Interval) -> float:
    """Return the widest bin of a history inside the burst, seconds, or 0."""
    inside = (history.stop_s > t100_s[0]) & (history.start_s < t100_s[1])
    covered = history.start_s[0] <= t100_s[0] and history.stop_s[-1] >= t100_s[1]
    if not covered or not inside.any():
        return 0.0
    return float((history.stop_s - history.start_s)[inside].max())


def _rebinned(data: EventList | History, start_s: Floats, stop_s: Floats) -> History | None:
    """Return the counts of a detector in those of the bins that it observed, or None."""
    if len(start_s) == 0:
        return None
    if isinstance(data, EventList):
        return None if data.frame_s else history_of(data, start_s, stop_s)
    return _regrouped(data, start_s, stop_s)


def _regrouped(history: History, start_s: Floats, stop_s: Floats) -> History:
    """Return the sums of the bins of a history that together fill each of the given bins."""
    slack = _SAME_EDGE * (history.stop_s - history.start_s)
    first = np.searchsorted(history.start_s, start_s - slack.min(), side="left")
    last = np.searchsorted(history.stop_s, stop_s + slack.min(), side="right")
    gaps = np.concatenate([[0.0], np.cumsum(history.start_s[1:] - history.stop_s[:-1])])
    found = np.flatnonzero((first < last) & (last <= len(history.start_s)))
    a, b = first[found], last[found] - 1
    fills = np.abs(history.start_s[a] - start_s[found]) <= slack[a]
    fills &= np.abs(history.stop_s[b] - stop_s[found]) <= slack[b]
    fills &= gaps[b] - gaps[a] <= slack[a]
    a, b, found = a[fills], b[fills], found[fills]
    counts = np.vstack([np.zeros(history.counts.shape[1]), np.cumsum(history.counts, axis=0)])
    live = np.concatenate([[0.0], np.cumsum(history.exposure_s)])
    return replace(
        history,
        start_s=start_s[found],
        stop_s=stop_s[found],
        counts=np.rint(counts[b + 1] - counts[a]) if _whole(history) else counts[b + 1] - counts[a],
        exposure_s=live[b + 1] - live[a],
    )


def _whole(history: History) -> bool:
    return bool((history.counts == np.rint(history.counts)).all())
