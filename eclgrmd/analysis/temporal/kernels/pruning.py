"""Kernels of exact optimal partitioning with functional pruning (FPOP).

The cost of a block whose cells sum to weight T and count N is ``min over x of T a(x) - N x``, with
``a(x) = exp(x)`` for Poisson counts (T: exposure, x: log rate) and ``a(x) = x**2 / 2`` for Gaussian
values (T: sum of 1/error**2, N: sum of value/error**2, x: mean). Both are Scargle et al. 2013
(ApJ 764, 167) fitnesses with the sign turned. Of the optimal-partitioning recursion (Jackson et
al. 2005, IEEE SPL 12, 105) only those last change points need be kept that are the best for some
x (Maidstone et al. 2017, Stat. Comput. 27, 519): the lower envelope of their costs along x, made
of pieces.
"""

from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = ["GAUSS", "POISSON", "extend", "first_pieces", "starts_of_blocks"]

Ints = NDArray[np.int64]

POISSON = 0
GAUSS = 1
_EDGE = (80.0, 1e12)
_SLACK = 1e-9


def first_pieces(kind: int) -> tuple[Ints, Floats]:
    """Open the envelope: the first block may have any x.

    Returns
    -------
    tuple
        Owners (candidate change points) of shape (1,), and their ranges of shape (1, 4): low and
        high x, and exp(x) of both.
    """
    edge = _EDGE[kind]
    bounds = np.array([[-edge, edge, 0.0, 0.0]])
    if kind == POISSON:
        bounds[0, 2:] = np.exp(bounds[0, :2])
    return np.zeros(1, dtype=np.int64), bounds


@kernel
def _cost(kind: int, T: float, N: float, x: float, exp_x: float) -> float:
    if kind == POISSON:
        return T * exp_x - N * x
    return 0.5 * T * x * x - N * x


@kernel
def _centre(kind: int, T: float, N: float) -> float:
    """Tell where the cost is lowest."""
    if kind == GAUSS:
        return N / T
    return log(N / T) if N > 0.0 else -_EDGE[POISSON]


@kernel
def _lowest(kind: int, N: float, centre: float) -> float:
    if kind == GAUSS:
        return -0.5 * N * centre
    return N - N * centre if N > 0.0 else 0.0


@kernel
def _falls_at(kind: int, T: float, N: float, x: float, exp_x: float, slack: float) -> bool:
    """Tell whether the cost still falls (within rounding) as x grows."""
    if kind == POISSON:
        return T * exp_x * (1.0 - slack) <= N
    return T * (x - slack * abs(x)) <= N


@kernel
def _root(kind: int, T: float, N: float, centre: float, depth: float, side: float) -> float:
    """Find x where the cost is `depth` above its lowest value, left (side < 0) or right of it."""
    if kind == GAUSS:
        return centre + side * sqrt(2.0 * depth / T)
    if N <= 0.0:
        return log(depth / T) if depth > 0.0 else -_EDGE[POISSON]
    # with y = x - centre: exp(y) - y - 1 = h; Newton from outside the root converges monotonically
    h = depth / N
    r = sqrt(2.0 * h)
    y = min(r, log(1.0 + h + r)) if side > 0.0 else -(r + h if r < 1.0 else h + 1.0)
    for _ in range(60):
        e = exp(y)
        if e == 1.0:
            break
        step = (e - y - 1.0 - h) / (e - 1.0)
        y -= step
        if abs(step) < 1e-13 * (1e-3 + abs(y)):
            break
    return centre + y


@kernel
def _best_candidate(
    kind: int,
    s: int,
    T: Floats,
    N: Floats,
    best: Floats,
    owner: Ints,
    bounds: Floats,
    m: int,
) -> tuple[float, int]:
    """Find the last change point that makes cells 0..s-1 cheapest, and that cost."""
    lowest = np.inf
    chosen = 0
    for i in range(m):
        r = owner[i]
        t = T[s] - T[r]
        n = N[s] - N[r]
        # the envelope is lowest where some piece's own minimum lies inside that piece
        if kind == POISSON and n <= 0.0:
            if i > 0:
                continue
        elif _falls_at(kind, t, n, bounds[i, 1], bounds[i, 3], -_SLACK) or not _falls_at(
            kind, t, n, bounds[i, 0], bounds[i, 2], _SLACK
        ):
            continue
        value = best[r] + _lowest(kind, n, _centre(kind, t, n))
        if value < lowest or (value == lowest and r < chosen):
            lowest = value
            chosen = r
    return lowest, chosen


@kernel
def _put(
    owner: Ints,
    bounds: Floats,
    j: int,
    r: int,
    low: float,
    high: float,
    e_low: float,
    e_high: float,
) -> int:
    """Append a piece, or lengthen the last one if it has the same owner."""
    if j > 0 and owner[j - 1] == r:
        bounds[j - 1, 1] = high
        bounds[j - 1, 3] = e_high
        return j
    owner[j] = r
    bounds[j, 0] = low
    bounds[j, 1] = high
    bounds[j, 2] = e_low
    bounds[j, 3] = e_high
    return j + 1


@kernel
def _cheaper_part(
    kind: int,
    t: float,
    n: float,
    base: float,
    limit: float,
    low: float,
    high: float,
    e_low: float,
    e_high: float,
) -> tuple[float, float]:
    """Cut a piece down to where its cost is at most `limit`; an empty part has low >= high."""
    over_low = base + _cost(kind, t, n, low, e_low) > limit
    over_high = base + _cost(kind, t, n, high, e_high) > limit
    if not over_low and not over_high:
        return low, high
    if over_low and not _falls_at(kind, t, n, low, e_low, 0.0):
        return low, low
    if over_high and _falls_at(kind, t, n, high, e_high, 0.0):
        return low, low
    centre = _centre(kind, t, n)
    depth = limit - base - _lowest(kind, n, centre)
    if depth < 0.0:
        return low, low
    left = max(low, _root(kind, t, n, centre, depth, -1.0)) if over_low else low
    right = min(high, _root(kind, t, n, centre, depth, 1.0)) if over_high else high
    return left, right


@kernel
def _prune(
    kind: int,
    s: int,
    T: Floats,
    N: Floats,
    best: Floats,
    owner: Ints,
    bounds: Floats,
    m: int,
    new_owner: Ints,
    new_bounds: Floats,
) -> int:
    """Give the parts of the envelope where a block opened at s is cheaper to s."""
    limit = best[s]
    j = 0
    for i in range(m):
        r = owner[i]
        low, high, e_low, e_high = bounds[i, 0], bounds[i, 1], bounds[i, 2], bounds[i, 3]
        left, right = _cheaper_part(
            kind, T[s] - T[r], N[s] - N[r], best[r], limit, low, high, e_low, e_high
        )
        if right <= left:
            j = _put(new_owner, new_bounds, j, s, low, high, e_low, e_high)
            continue
        e_left, e_right = e_low, e_high
        if left > low:
            e_left = exp(left) if kind == POISSON else 0.0
            j = _put(new_owner, new_bounds, j, s, low, left, e_low, e_left)
        if right < high:
            e_right = exp(right) if kind == POISSON else 0.0
        j = _put(new_owner, new_bounds, j, r, left, right, e_left, e_right)
        if right < high:
            j = _put(new_owner, new_bounds, j, s, right, high, e_right, e_high)
    return j


@kernel
def extend(
    kind: int,
    prior: float,
    known: int,
    T: Floats,
    N: Floats,
    best: Floats,
    last: Ints,
    owner: Ints,
    bounds: Floats,
) -> tuple[Ints, Floats]:
    """Continue the recursion over the cells after `known`.

    Parameters
    ----------
    kind
        POISSON or GAUSS.
    prior
        Cost of a block.
    known
        Cells that are done; `best` and `last` hold up to this index.
    T, N
        Cumulated weights and counts, shape (cells + 1,), first element 0.
    best, last
        Cost of cells 0..s-1 and start of their last block, shape (cells + 1,); filled in.
    owner, bounds
        Envelope after `known` cells, see `first_pieces`.

    Returns
    -------
    tuple
        The envelope after all cells.
    """
    m = owner.size
    here, ranges = np.empty(4 * m + 64, np.int64), np.empty((4 * m + 64, 4))
    for i in range(m):
        here[i] = owner[i]
        for k in range(4):
            ranges[i, k] = bounds[i, k]
    there, fresh = np.empty_like(here), np.empty_like(ranges)
    for s in range(known + 1, T.size):
        lowest, last[s] = _best_candidate(kind, s, T, N, best, here, ranges, m)
        best[s] = lowest + prior
        if 3 * m > there.size:
            there, fresh = np.empty(6 * m, np.int64), np.empty((6 * m, 4))
        m = _prune(kind, s, T, N, best, here, ranges, m, there, fresh)
        here, there = there, here
        ranges, fresh = fresh, ranges
    return here[:m].copy(), ranges[:m].copy()


@kernel
def starts_of_blocks(last: Ints) -> Ints:
    """Follow the last change points back to the first cell, shape (blocks,)."""
    starts = np.empty(last.size, np.int64)
    k = 0
    s = last.size - 1
    while s > 0:
        s = last[s]
        starts[k] = s
        k += 1
    return starts[:k][::-1].copy()
