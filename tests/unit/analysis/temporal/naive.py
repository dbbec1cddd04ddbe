"""Slow and simple versions of the kernels, with which the fast ones must agree."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def poisson_cost(count: float, exposure: float) -> float:
    """Return minus the Poisson log likelihood of a block at its best rate."""
    return count - count * float(np.log(count / exposure)) if count > 0 else 0.0


def gaussian_cost(count: float, weight: float) -> float:
    """Return minus the Gaussian log likelihood of a block at its best mean."""
    return -0.5 * count**2 / weight


def partition(
    count: Floats,
    weight: Floats,
    prior: float,
    cost: Callable[[float, float], float] = poisson_cost,
) -> tuple[list[int], float]:
    """Return starts and cost of the best blocks, trying every last change point of every length."""
    N = np.concatenate([[0.0], np.cumsum(count)])
    T = np.concatenate([[0.0], np.cumsum(weight)])
    best, last = [0.0], [0]
    for s in range(1, len(N)):
        costs = [best[r] + cost(N[s] - N[r], T[s] - T[r]) for r in range(s)]
        last.append(int(np.argmin(costs)))
        best.append(min(costs) + prior)
    starts, s = [], len(N) - 1
    while s > 0:
        s = last[s]
        starts.append(s)
    return starts[::-1], best[-1]


def cost_of(
    starts: list[int],
    count: Floats,
    weight: Floats,
    prior: float,
    cost: Callable[[float, float], float] = poisson_cost,
) -> float:
    """Return the cost of a given partition."""
    edges = [*starts, len(count)]
    return sum(
        cost(float(count[a:b].sum()), float(weight[a:b].sum())) + prior for a, b in pairwise(edges)
    )


def connected_blocks_twin(
    low_s: Floats, high_s: Floats, sigma: Floats, high: NDArray[np.bool_]
) -> list[bool]:
    """Grow the burst from its most significant block by all high blocks within 150 s."""
    blocks = [i for i in range(len(sigma)) if high[i]]
    near = [i for i in blocks if low_s[i] < 150.0 and high_s[i] > -150.0]
    if not blocks:
        return [False] * len(sigma)
    burst = {max(near or blocks, key=lambda i: sigma[i])}
    while True:
        first, last = low_s[min(burst)], high_s[max(burst)]
        more = {i for i in blocks if first - high_s[i] <= 150.0 and low_s[i] - last <= 150.0}
        if more <= burst:
            return [i in burst for i in range(len(sigma))]
        burst |= more
