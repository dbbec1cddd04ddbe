"""Store of the bins of one instrument, which packets deliver in any order and several widths."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.model.intervals import live_time, union
from eclgrmd.model.observation import Floats
from eclgrmd.model.quicklook.packet import LightCurvePacket

__all__ = ["BinStore", "Bins"]

_MOST_WIDTHS = 8
"""Largest number of bin widths; real streams have two. The work of merging grows with it."""
_MOST_BINS = 50_000
"""Largest number of bins of all widths; real streams have about 10,000."""
_MOST_COUNTS = 4_000_000
"""Largest number of stored counts over all bins, detectors and bands (32 MB); real streams have
about 150,000."""
_SAME = 0.01
"""Fraction of a bin's width by which the starts of the same bin may differ."""
_FULL = 1e-3
"""Missing fraction of a bin up to which it counts as covered in full."""
_ROUNDING_S = 1e-6
"""Largest difference between equal times, seconds; a mission time of 3e8 s has a precision of
6e-8 s."""


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """Non-overlapping bins in order of time."""

    start_s: Floats
    """Starts, seconds after the store's origin, shape (n,)."""
    stop_s: Floats
    """Stops, seconds after the store's origin, shape (n,)."""
    counts: Floats
    """Counts, shape (n, detectors, bands)."""
    live: Floats
    """Live fraction, shape (n,)."""

    def only(self, chosen: NDArray[np.bool_] | NDArray[np.int64] | slice) -> "Bins":
        """Return a selection of the bins."""
        return Bins(
            self.start_s[chosen], self.stop_s[chosen], self.counts[chosen], self.live[chosen]
        )


class BinStore:
    """Stores bins by width, and merges them so that the finest ones at each time are used.

    Parameters
    ----------
    origin_met_s
        Zero point of all times, mission elapsed time in seconds.
    """

    def __init__(self, origin_met_s: float) -> None:
        self._origin_met_s = origin_met_s
        self._levels: dict[float, Bins] = {}
        self._held = 0

    def add(self, packet: LightCurvePacket) -> bool:
        """Add the bins of a packet, and return False if all of them were known.

        Known bins are not replaced, so a repeated packet changes nothing.

        Raises
        ------
        InputError
            If there would be too many bin widths, bins or counts.
        """
        if packet.bin_s not in self._levels and len(self._levels) >= _MOST_WIDTHS:
            raise InputError(f"bins of more than {_MOST_WIDTHS} widths")
        if self._held + packet.bins > _MOST_BINS:
            raise InputError(f"more than {_MOST_BINS} bins")
        each = len(packet.detectors) * len(packet.bands_kev)
        if (self._held + packet.bins) * each > _MOST_COUNTS:
            raise InputError(f"more than {_MOST_COUNTS} counts")
        n = packet.bins
        start: Floats = (
            packet.start_s - self._origin_met_s + np.arange(n, dtype=np.float64) * packet.bin_s
        )
        new = Bins(
            start_s=start,
            stop_s=start + packet.bin_s,
            counts=np.moveaxis(np.array(packet.counts, dtype=np.float64), 2, 0),
            live=np.array(packet.live) if packet.live else np.ones(n),
        )
        known = self._levels.get(packet.bin_s)
        if known is None:
            self._levels[packet.bin_s] = new
            self._held += n
            return True
        nearest = np.searchsorted(known.start_s, start - _SAME * packet.bin_s)
        here = np.append(known.start_s, np.inf)[nearest]
        fresh = here > start + _SAME * packet.bin_s
        if not fresh.any():
            return False
        self._levels[packet.bin_s] = _joined(known, new.only(fresh))
        self._held += int(fresh.sum())
        return True

    def merged(self) -> Bins:
        """Return the finest bins at each time.

        Finer bins replace a coarse bin only when they cover it in full.
        """
        widths = sorted(self._levels)
        merged = self._levels[widths[0]]
        for width in widths[1:]:
            merged = _merge(merged, self._levels[width], width)
        return _adjacent(merged)


def _merge(fine: Bins, coarse: Bins, width_s: float) -> Bins:
    covered = _overlap(coarse, fine) >= width_s * (1.0 - _FULL)
    kept = coarse.only(~covered)
    waiting = _overlap(fine, kept) > _FULL * (fine.stop_s - fine.start_s)
    return _joined(fine.only(~waiting), kept)


def _adjacent(bins: Bins) -> Bins:
    """Return the bins with equal edges of adjacent ones, which differ by rounding."""
    stop = bins.stop_s.copy()
    touching = np.abs(bins.start_s[1:] - stop[:-1]) < _ROUNDING_S
    stop[:-1][touching] = bins.start_s[1:][touching]
    return replace(bins, stop_s=stop)


def _overlap(bins: Bins, others: Bins) -> Floats:
    """Return the time of each bin that other bins cover, seconds, shape (n,)."""
    if not len(others.start_s):
        return np.zeros(len(bins.start_s))
    spans = union(np.column_stack([others.start_s, others.stop_s + 1e-9]))
    edges = np.column_stack([bins.start_s, bins.stop_s]).ravel()
    order = np.argsort(edges, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(live_time(edges[order], spans))])
    place = np.empty(len(edges))
    place[order] = before
    return np.asarray(place[1::2] - place[::2])


def _joined(first: Bins, second: Bins) -> Bins:
    both = Bins(
        np.concatenate([first.start_s, second.start_s]),
        np.concatenate([first.stop_s, second.stop_s]),
        np.concatenate([first.counts, second.counts]),
        np.concatenate([first.live, second.live]),
    )
    return both.only(np.argsort(both.start_s, kind="stable"))
