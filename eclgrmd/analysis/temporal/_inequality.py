"""Exact optimal partitioning of several series at once, with inequality pruning (PELT)."""

from math import log

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = ["partition_together"]

Ints = NDArray[np.int64]


@kernel
def _cost_together(T: Floats, N: Floats, r: int, s: int) -> float:
    cost = 0.0
    for k in range(T.shape[0]):
        n = N[k, s] - N[k, r]
        if n > 0.0:
            cost += n - n * log(n / (T[k, s] - T[k, r]))
    return cost


@kernel
def partition_together(counts: Floats, exposure: Floats, prior: float) -> tuple[Floats, Ints]:
    """Partition cells so that the summed Poisson cost of all series is lowest.

    Functional pruning needs one rate per block; with several, a candidate is dropped when even a
    free new block after it is cheaper (Killick et al. 2012, JASA 107, 1590).

    Parameters
    ----------
    counts, exposure
        Shape (series, cells).
    prior
        Cost of a block.

    Returns
    -------
    tuple
        Cost of the first s cells, and start of their last block, each of shape (cells + 1,).
    """
    series, cells = counts.shape
    T, N = np.zeros((series, cells + 1)), np.zeros((series, cells + 1))
    for k in range(series):
        for i in range(cells):
            T[k, i + 1] = T[k, i] + exposure[k, i]
            N[k, i + 1] = N[k, i] + counts[k, i]
    best, last = np.zeros(cells + 1), np.zeros(cells + 1, np.int64)
    candidate, value = np.empty(cells + 1, np.int64), np.empty(cells + 1)
    alive = 0
    for s in range(1, cells + 1):
        candidate[alive] = s - 1
        alive += 1
        lowest = np.inf
        for i in range(alive):
            value[i] = best[candidate[i]] + _cost_together(T, N, candidate[i], s)
            if value[i] < lowest:
                lowest = value[i]
                last[s] = candidate[i]
        best[s] = lowest + prior
        limit = best[s] + 1e-9 * (1.0 + abs(best[s]))
        kept = 0
        for i in range(alive):
            if value[i] <= limit:
                candidate[kept] = candidate[i]
                kept += 1
        alive = kept
    return best, last
