"""Bins of one instrument as its packets brought them: in any order, in several widths."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eclgrmd.errors import InputError
from eclgrmd.model.intervals import live_time, union
from eclgrmd.model.observation import Floats
from eclgrmd.model.quicklook.packet import LightCurvePacket

__all__ = ["BinStore", "Bins"]

_MOST_WIDTHS = 8
"""Real streams have two: the work of merging grows with the number of widths."""
_MOST_BINS = 50_000
"""Bins of all widths together; real streams have some 10,000."""
_MOST_COUNTS = 4_000_000
"""Counts of all detectors and bands: 32 MB; real streams have some 150,000."""
_SAME = 0.01
"""Part of a bin's width by which the starts of two may differ that are one."""
_FULL = 1e-3
_ROUNDING_S = 1e-6
"""Mission time, 3e8 s, is known to 6e-8 s."""


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """Bins that do not overlap, in order of time."""

    start_s: Floats
    """Seconds after the store's origin, shape (n,)."""
    stop_s: Floats
    """Shape (n,)."""
    counts: Floats
    """Shape (n, detectors, bands)."""
    live: Floats
    """Live fraction, shape (n,)."""

    def only(self, chosen: NDArray[np.bool_] | NDArray[np.int64] | slice) -> "Bins":
        """Take some of them."""
        return Bins(
            self.start_s[chosen], self.stop_s[chosen], self.counts[chosen], self.live[chosen]
        )

    def begins_with(self, other: "Bins") -> bool:
        """Tell whether nothing but an end was added to another."""
        n = len(other.start_s)
        return (
            len(self.start_s) >= n
            and np.array_equal(self.start_s[:n], other.start_s)
            and np.allclose(self.stop_s[:n], other.stop_s, rtol=0.0, atol=_ROUNDING_S)
        )


class BinStore:
    """Keeps bins by width; the finest that are there at a time count.

    Parameters
    ----------
    origin_met_s
        Zero of all times, seconds of the mission.
    """

    def __init__(self, origin_met_s: float) -> None:
        self._origin_met_s = origin_met_s
        self._levels: dict[float, Bins] = {}
        self._held = 0

    def add(self, packet: LightCurvePacket) -> bool:
        """Take the bins of a packet in; False: all of them were known.

        What was known is not replaced, so that a repeated packet changes nothing.

        Raises
        ------
        InputError
            When it has one width too many, or there are too many bins or counts.
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
        """Give the finest bins of each time.

        A coarse bin gives way where finer ones cover it in full; else they wait for the rest.
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
    """Let each bin stop where the next one starts, which rounding of mission times blurs."""
    stop = bins.stop_s.copy()
    touching = np.abs(bins.start_s[1:] - stop[:-1]) < _ROUNDING_S
    stop[:-1][touching] = bins.start_s[1:][touching]
    return replace(bins, stop_s=stop)


def _overlap(bins: Bins, others: Bins) -> Floats:
    """Tell how much of each bin others cover, seconds, shape (n,)."""
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
