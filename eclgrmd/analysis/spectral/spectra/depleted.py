"""Detection of channels that lost most of their counts, as at the seam of two gain ranges.

Their counts are no measure of the photons, so a fit must leave them out.
"""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.observation import Floats

__all__ = ["depleted_channels"]

_INNER, _OUTER = 5, 10
"""Range of distances, in channels, of the neighbours that give the expected counts; a seam is up to
5 channels wide."""
_QUARTER = 25.0
"""Percentile of the neighbours' counts that is expected: lower than the median because adjacent
channels of a response may alternate."""
_SHARE = 0.5
"""Fraction of the expected counts below which a channel is depleted; a choice."""
_SIGMA = 8.0
"""Significance of the deficit that is required; a choice, high because every channel is tested."""


def depleted_channels(counts: Floats) -> NDArray[np.bool_]:
    """Return a mask of the channels with less than half of the counts of their neighbours.

    Parameters
    ----------
    counts
        All counts of the detector, burst and background, in each channel, shape (n,).

    Returns
    -------
    array of shape (n,)
        True only where the deficit exceeds 8 sigma, so that sparse data give no such channels.
    """
    depleted = np.zeros(len(counts), dtype=bool)
    channel = np.arange(_OUTER, len(counts) - _OUTER)
    if not len(channel):
        return depleted
    windows = np.lib.stride_tricks.sliding_window_view(counts, _OUTER - _INNER + 1)
    beside = np.percentile(windows, _QUARTER, axis=1)
    expected = np.minimum(beside[channel - _OUTER], beside[channel + _INNER])
    missing = expected - counts[channel]
    few = counts[channel] < _SHARE * expected
    depleted[channel] = few & (missing > _SIGMA * np.sqrt(np.maximum(expected, 1.0)))
    return depleted
