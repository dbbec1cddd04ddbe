"""Blocks and gaps in the data: no block reaches across a gap longer than its own data beyond it."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.intervals import after_gaps
from eclgrmd.model.observation import LightCurve

__all__ = ["split_at_gaps"]

Ints = NDArray[np.int64]


def split_at_gaps(curve: LightCurve, starts: Ints) -> Ints:
    """Return the first bin of each block, with a new block after each gap that is too long.

    A gap is too long if it exceeds the time that its block lasts before or after it. A few bins
    beyond a gap do not cost a block of their own, so that the segmentation appends them to the
    block before it, and the burst would seem to last throughout the gap.

    Parameters
    ----------
    curve
        The light curve.
    starts
        First bin of each block, shape (b,).
    """
    gaps = after_gaps(curve.start_s, curve.stop_s)
    stops = np.append(starts[1:], len(curve.counts)) - 1
    block = np.searchsorted(starts, gaps, side="right") - 1
    before = curve.stop_s[gaps - 1] - curve.start_s[starts[block]]
    after = curve.stop_s[stops[block]] - curve.start_s[gaps]
    long = curve.start_s[gaps] - curve.stop_s[gaps - 1] > np.minimum(before, after)
    return np.union1d(starts, gaps[long])
