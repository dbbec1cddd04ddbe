"""Bins of light curves and histories: regular edges, whole frames, and what several share."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.observation import EventList, Floats, History, LightCurve

__all__ = [
    "common_bins",
    "frame_of",
    "matching_bins",
    "part_of",
    "regular_edges",
    "same_bins",
    "whole_frames",
]

Indices = NDArray[np.intp]

_FULL = 1e-6
"""Relative tolerance, for rounding, of a window's end that lies at an edge of a bin."""
_SAME_BIN = 0.02
"""Fraction of a bin's width by which the edges of the same bin may differ between detectors."""


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


def same_bins(first: LightCurve, other: LightCurve) -> bool:
    """Return whether two light curves have the same bins (within 2 %)."""
    if len(first.start_s) != len(other.start_s):
        return False
    slack = _SAME_BIN * (first.stop_s - first.start_s)
    return bool(
        np.all(np.abs(first.start_s - other.start_s) <= slack)
        and np.all(np.abs(first.stop_s - other.stop_s) <= slack)
    )
