"""Channels that lost most of their counts, as a few do at the seam of two gains.

What is left in them is no measure of the photons: a fit must leave them out.
"""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.observation import Floats

__all__ = ["depleted_channels"]

_INNER, _OUTER = 5, 10
"""Neighbours at these distances, in channels, tell what to expect: a seam is up to 5 wide."""
_QUARTER = 25.0
"""Percentile of the neighbours that is expected: a response may have teeth."""
_SHARE = 0.5
_SIGMA = 8.0


def depleted_channels(counts: Floats) -> NDArray[np.bool_]:
    """Tell which channels have less than half of what the neighbours on both sides have.

    Parameters
    ----------
    counts
        All counts of the detector, burst and background, shape (n,).

    Returns
    -------
    array of shape (n,)
        True only where Poisson noise cannot explain it (8 sigma), so that poor data give none.
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
