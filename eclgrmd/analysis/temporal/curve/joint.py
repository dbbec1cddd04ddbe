"""Sum detectors whose data came in different bins: events, and histories of finer bins."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from eclgrmd.model.intervals import Interval
from eclgrmd.model.observation import EventList, Floats, History, LightCurve, Observation

from .chosen import OTHER_BINS, Chosen, choose
from .curves import history_of

__all__ = ["choose_for", "joint_choice"]

_BINS_PER_BURST = 50
"""At least so many bins T100 must have: then they add less than 1 % of it to the error of T90."""
_MOST_TIME = 0.9
"""Part of the time of the light curve so far that a detector must have been observed in."""
_SAME_EDGE = 0.02
"""Part of the finer bin by which an edge of both may differ."""


def choose_for(observation: Observation, curve: LightCurve) -> Chosen:
    """Choose the data that a light curve was made of.

    Detectors with other bins were summed in those of the curve (`joint_choice`).
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
    """Add the detectors that were left out for their bins, all summed in the coarsest of these.

    Parameters
    ----------
    observation
        Of the burst.
    chosen
        What is summed so far.
    curve
        Its sum: added detectors must have been observed for nine tenths of its time.
    t100_s
        The burst in it: bins of more than a fiftieth of it would make its duration worse.

    Returns
    -------
    Chosen or None
        None: no detector can be added.
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
    """Yield the histories of detectors that only their bins keep out."""
    owners = {(data.instrument, data.maker) for data in _series(chosen)}
    for history in observation.histories:
        known = (history.instrument, history.maker) in owners
        if known and chosen.reasons.get(history.detector) in OTHER_BINS:
            yield history


def _bin_s(history: History, t100_s: Interval) -> float:
    """Return the widest bin of a history in the burst, seconds; 0: it does not cover it."""
    inside = (history.stop_s > t100_s[0]) & (history.start_s < t100_s[1])
    covered = history.start_s[0] <= t100_s[0] and history.stop_s[-1] >= t100_s[1]
    if not covered or not inside.any():
        return 0.0
    return float((history.stop_s - history.start_s)[inside].max())


def _rebinned(data: EventList | History, start_s: Floats, stop_s: Floats) -> History | None:
    """Return the counts of a detector in those of some bins that it observed; None: it cannot."""
    if len(start_s) == 0:
        return None
    if isinstance(data, EventList):
        return None if data.frame_s else history_of(data, start_s, stop_s)
    return _regrouped(data, start_s, stop_s)


def _regrouped(history: History, start_s: Floats, stop_s: Floats) -> History:
    """Add up the bins of a history that together fill a bin each."""
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
