"""Kernels that select the Bayesian blocks that belong to the burst."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = ["connected_blocks", "end_extents", "high_blocks"]

Bools = NDArray[np.bool_]

_STRONG_SIGMA = 5.0
"""Significance from which a block counts as emission by itself; a choice."""
_WEAK_SIGMA = 3.0
"""Significance from which a block counts as emission beside a significant one; a choice."""
_QUIET_S = 150.0
"""Quiet time, seconds, that still joins two episodes, and the search radius around t0; a choice."""


@kernel
def high_blocks(sigma: Floats) -> Bools:
    """Mark blocks above 5 sigma, and those above 3 sigma adjacent to them directly or in a chain.

    Parameters
    ----------
    sigma
        Significance of each block's excess, shape (b,).

    Returns
    -------
    Bools
        Shape (b,).
    """
    high = sigma >= _STRONG_SIGMA
    weak = sigma >= _WEAK_SIGMA
    for i in range(1, sigma.size):
        high[i] |= weak[i] & high[i - 1]
    for i in range(sigma.size - 2, -1, -1):
        high[i] |= weak[i] & high[i + 1]
    return high


@kernel
def _core(low_s: Floats, high_s: Floats, sigma: Floats, high: Bools) -> int:
    """Return the most significant high block within 150 s of t0, else of all, or -1."""
    core, core_near = -1, False
    for i in range(sigma.size):
        near = low_s[i] < _QUIET_S and high_s[i] > -_QUIET_S
        better = core < 0 or (near and not core_near) or sigma[i] > sigma[core]
        if high[i] and better and (near or not core_near):
            core, core_near = i, near
    return core


@kernel
def connected_blocks(low_s: Floats, high_s: Floats, sigma: Floats, high: Bools) -> Bools:
    """Mark the high blocks that form the burst.

    The burst is the most significant episode within 150 s of t0 (or else of all), and every
    episode that a quiet time of at most 150 s separates from it, directly or in a chain.

    Parameters
    ----------
    low_s, high_s
        Start and stop of each block, seconds after t0, shape (b,).
    sigma
        Significance of each block's excess, shape (b,).
    high
        Blocks with significant emission, from `high_blocks`, shape (b,).

    Returns
    -------
    Bools
        Shape (b,); all False if no block is high.
    """
    burst = np.zeros(high.size, np.bool_)
    core = _core(low_s, high_s, sigma, high)
    if core < 0:
        return burst
    burst[core] = True
    edge = high_s[core]
    for i in range(core + 1, high.size):
        if low_s[i] - edge > _QUIET_S:
            break
        if high[i]:
            burst[i] = True
            edge = high_s[i]
    edge = low_s[core]
    for i in range(core - 1, -1, -1):
        if edge - high_s[i] > _QUIET_S:
            break
        if high[i]:
            burst[i] = True
            edge = low_s[i]
    return burst


@kernel
def end_extents(low_s: Floats, high_s: Floats) -> Floats:
    """Return the lengths of the first and the last episode: the time-scales of rise and decay.

    An episode is a run of blocks without a gap between them.

    Parameters
    ----------
    low_s, high_s
        Start and stop of each block of the burst, seconds, shape (b,).

    Returns
    -------
    Floats
        Seconds, shape (2,).
    """
    last = low_s.size - 1
    first_stop, last_start = 0, last
    while first_stop < last and low_s[first_stop + 1] <= high_s[first_stop] + 1e-9:
        first_stop += 1
    while last_start > 0 and low_s[last_start] <= high_s[last_start - 1] + 1e-9:
        last_start -= 1
    return np.array([high_s[first_stop] - low_s[0], high_s[last] - low_s[last_start]])
