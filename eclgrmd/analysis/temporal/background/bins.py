"""The bins of a background fit: wider ones than those of the data, and the scale of their rates."""

from dataclasses import dataclass, replace

import numpy as np

from eclgrmd.model.intervals import after_gaps
from eclgrmd.model.observation import Floats

__all__ = ["SCALE_S", "FittedBins", "group_bins"]

SCALE_S = 100.0
"""Unit of time of the roughness, seconds."""
_FIT_BINS = 300
"""Approximate number of bins that a fit uses; a choice, fine enough for order 4."""


@dataclass(frozen=True, slots=True, eq=False)
class FittedBins:
    """The bins of a fit, n of them."""

    start_s: Floats
    """Lower edges, seconds after t0, shape (n,)."""
    stop_s: Floats
    """Upper edges, seconds after t0, shape (n,)."""
    live_s: Floats
    """Live time, seconds, shape (n,)."""
    counts: Floats
    """Observed counts, shape (channels, n)."""
    variance: Floats
    """Variance of the counts, shape (channels, n)."""

    def summed(self) -> "FittedBins":
        """Return the sum of all channels as one channel."""
        return replace(
            self,
            counts=self.counts.sum(axis=0, keepdims=True),
            variance=self.variance.sum(axis=0, keepdims=True),
        )

    def scale(self, *, subtracted: bool) -> Floats:
        """Return the rate to which the prior is relative, counts/s, shape (channels,).

        It is the mean rate. A background that was subtracted before is only known to vary by less
        than the noise: then it is the error of the rate in 100 s.
        """
        total = self.live_s.sum()
        error = np.sqrt(np.maximum(self.variance.sum(axis=1), 1.0)) / total
        if subtracted:
            return np.asarray(error * np.sqrt(total / SCALE_S))
        return np.asarray(np.maximum(np.abs(self.counts.sum(axis=1)) / total, error))


def group_bins(
    start_s: Floats, stop_s: Floats, exposure_s: Floats, counts: Floats, variance: Floats | None
) -> FittedBins:
    """Return the bins grouped as `_groups` says; counts and variance have shape (n, channels)."""
    group = _groups(start_s, stop_s)
    data = np.ascontiguousarray(np.add.reduceat(counts, group, axis=0).T)
    return FittedBins(
        start_s=start_s[group],
        stop_s=stop_s[np.append(group[1:], len(start_s)) - 1],
        live_s=np.add.reduceat(exposure_s, group),
        counts=data,
        variance=data
        if variance is None
        else np.ascontiguousarray(np.add.reduceat(variance, group, axis=0).T),
    )


def _groups(start_s: Floats, stop_s: Floats) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the index of the first bin of each of about 300 wider bins, none spanning a gap."""
    width = max((stop_s - start_s).sum() / _FIT_BINS, 1e-9)
    elapsed = np.concatenate([[0.0], np.cumsum(stop_s - start_s)[:-1]])
    slot = np.floor(elapsed / width + 1e-9)
    new = np.concatenate([[True], np.diff(slot) > 0])
    new[after_gaps(start_s, stop_s)] = True
    return np.flatnonzero(new)
