"""Kernels of exact optimal partitioning with functional pruning (FPOP).

The cost of a block whose cells sum to weight T and count N is ``min over x of T a(x) - N x``, with
``a(x) = exp(x)`` for Poisson counts (T: exposure, x: log rate) and ``a(x) = x**2 / 2`` for Gaussian
values (T: sum of 1/error**2, N: sum of value/error**2, x: mean). Both are the negative fitness of
Scargle et al. 2013 (ApJ 764, 167). The optimal-partitioning recursion (Jackson et al. 2005, IEEE
SPL 12, 105) needs to keep only those last change points that are the best for some x (Maidstone et
al. 2017, Stat. Comput. 27, 519). They form the lower envelope of the costs as functions of x. The
envelope consists of pieces; the "owner" of a piece is the change point that is cheapest there.
"""

from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = ["GAUSS", "POISSON", "extend", "first_pieces", "starts_of_blocks"]

Ints = NDArray[np.int64]

POISSON = 0
"""Cells hold Poisson counts."""
GAUSS = 1
"""Cells hold Gaussian values."""
_EDGE = (80.0, 1e12)
"""Range of x, -edge to edge, for POISSON (log rate) and GAUSS (mean); wide enough for any data."""
_SLACK = 1e-9
"""Relative tolerance, for rounding, in the test of where a cost has its minimum."""
_LAST_STEP = 1e-7
"""Relative size of the last step towards a root: the error after it is that of rounding."""


def first_pieces(kind: int) -> tuple[Ints, Floats]:
    """Return the envelope before the first cell: one piece over all x, owned by change point 0.

    Returns
    -------
    tuple
        Owners (candidate change points), shape (1,), and the bounds of their pieces, shape (1, 4):
        low and high x, and exp(x) of both (0 for GAUSS).
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
    """Return the x at which the cost has its minimum."""
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
    """Return True if the cost decreases at x (within rounding)."""
    if kind == POISSON:
        return T * exp_x * (1.0 - slack) <= N
    return T * (x - slack * abs(x)) <= N


@kernel
def _root(kind: int, T: float, N: float, centre: float, depth: float, side: float) -> float:
    """Return the x, left (side < 0) or right of the minimum, where the cost is `depth` above it."""
    if kind == GAUSS:
        return centre + side * sqrt(2.0 * depth / T)
    if N <= 0.0:
        return log(depth / T) if depth > 0.0 else -_EDGE[POISSON]
    # with y = x - centre: exp(y) - y - 1 = h; Newton from the series for small h, or from outside
    h = depth / N
    r = sqrt(2.0 * h)
    if h < 1.0:
        y = side * r - h / 3.0 + side * r * h / 18.0
    else:
        y = log(1.0 + h + r) if side > 0.0 else -(h + 1.0)
    for _ in range(60):
        e = exp(y)
        if e == 1.0:
            break
        step = (e - y - 1.0 - h) / (e - 1.0)
        y -= step
        if abs(step) < _LAST_STEP * (1e-3 + abs(y)):
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
    """Return the lowest cost of cells 0..s-1 and the last change point that attains it."""
    lowest = np.inf
    chosen = 0
    for i in range(m):
        r = owner[i]
        t = T[s] - T[r]
        n = N[s] - N[r]
        # the minimum of the envelope is the minimum of a piece that lies inside that piece
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
    """Append a piece, or extend the last one if it has the same owner; return the piece count."""
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
    """Return the part of a piece where its cost is at most `limit`; low >= high if empty.

    The cost exceeds the limit at one end of the piece, or at both.
    """
    over_low = base + _cost(kind, t, n, low, e_low) > limit
    over_high = base + _cost(kind, t, n, high, e_high) > limit
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
    """Replace the parts of the envelope where opening a new block at cell s is cheaper.

    Fills `new_owner` and `new_bounds` and returns the number of pieces.
    """
    limit = best[s]
    j = 0
    for i in range(m):
        r = owner[i]
        low, high, e_low, e_high = bounds[i, 0], bounds[i, 1], bounds[i, 2], bounds[i, 3]
        t, n, base = T[s] - T[r], N[s] - N[r], best[r]
        if (
            base + _cost(kind, t, n, low, e_low) <= limit
            and base + _cost(kind, t, n, high, e_high) <= limit
        ):
            j = _put(new_owner, new_bounds, j, r, low, high, e_low, e_high)
            continue
        left, right = _cheaper_part(kind, t, n, base, limit, low, high, e_low, e_high)
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
    """Continue the optimal-partitioning recursion over the cells after `known`.

    Parameters
    ----------
    kind
        POISSON or GAUSS.
    prior
        Cost of each block, in units of log likelihood.
    known
        Number of cells already processed; `best` and `last` are valid up to this index.
    T, N
        Cumulative weights and counts, shape (cells + 1,), first element 0.
    best, last
        Element s: lowest cost of cells 0..s-1, and first cell of their last block; shape
        (cells + 1,). Filled in place.
    owner, bounds
        Envelope after `known` cells, see `first_pieces`.

    Returns
    -------
    tuple
        Owners and bounds of the envelope after all cells.
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
    """Return the first cell of each block, shape (blocks,), by following `last` backwards."""
    starts = np.empty(last.size, np.int64)
    k = 0
    s = last.size - 1
    while s > 0:
        s = last[s]
        starts[k] = s
        k += 1
    return starts[:k][::-1].copy()
