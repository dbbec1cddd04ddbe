"""Kernels for profile-likelihood intervals of the fitted parameters."""

import math

import numpy as np

from eclgrmd.analysis._copy import copy_to
from eclgrmd.analysis._jit import fast_kernel
from eclgrmd.model.observation import Floats

from .likelihood import Likelihood, Workspace, workspace
from .scoring import Box, descend

__all__ = ["BETTER_MINIMUM", "BOUNDED", "FAILED", "UNBOUNDED", "profile"]

BOUNDED = 0
"""The edge of the interval was found."""
UNBOUNDED = 1
"""The statistic does not rise enough before the parameter's limit."""
BETTER_MINIMUM = 2
"""A lower statistic was found: the fit had not reached the minimum."""
FAILED = 3
"""The statistic was NaN, or the search did not converge."""
_SEARCHING = 4
"""The search goes on."""
_BETTER = -1e-2
"""Change of the statistic that shows a better minimum; above the tolerance of the refits."""
_LOOSE = 0.25
"""Error, as a fraction of the range, from which a parameter gets a second start; a choice."""
_REFIT_TOLERANCE = 2e-3
"""Tolerance in the statistic of each refit; small against the rise of 1 at the edge."""
_REFIT_STEPS = np.int64(60)
"""Limit on the iterations of each refit. Numba would compile `descend` once for each Python
integer."""
_ACCURACY = 0.02
"""Relative accuracy of the root of the rise at the edge, before a last interpolation."""
_STEPS = 40
"""Limit on the refits on one side, after which the search has failed."""


@fast_kernel
def _refit(
    like: Likelihood,
    box: Box,
    best: Floats,
    direction: Floats,
    k: int,
    x: float,
    near: Floats,
    near_x: float,
    second: Floats,
    work: Workspace,
    other: Workspace,
) -> tuple[float, Floats]:
    """Minimise with parameter k held at x; return the statistic and the parameters.

    The start is extrapolated from the last point, or from the covariance. Where `second` differs
    from the best point it is a second start: from a place where the likelihood is flat, a descent
    would not move.
    """
    theta = np.empty(best.size)
    reach = (x - best[k]) / (near_x - best[k]) if near_x != best[k] else 0.0
    for i in range(best.size):
        if near_x == best[k]:
            theta[i] = best[i] + direction[i] * (x - best[k])
        else:
            theta[i] = best[i] + (near[i] - best[i]) * reach
        theta[i] = min(max(theta[i], box.low[i]), box.high[i])
    theta[k] = x
    value, _, _ = descend(like, box, theta, _REFIT_TOLERANCE, _REFIT_STEPS, work, other)
    if _differs(second, best, k):
        elsewhere = second.copy()
        elsewhere[k] = x
        there, _, _ = descend(like, box, elsewhere, _REFIT_TOLERANCE, _REFIT_STEPS, work, other)
        if there < value:
            return there, elsewhere
    return value, theta


@fast_kernel
def _differs(second: Floats, best: Floats, k: int) -> bool:
    """Return True if any parameter other than k differs."""
    elsewhere = 0
    for i in range(best.size):
        elsewhere += i != k and second[i] != best[i]
    return elsewhere > 0


@fast_kernel
def _second_start(box: Box, best: Floats, cov: Floats) -> Floats:
    """Return the best point with poorly constrained parameters at the middle of their range."""
    second = best.copy()
    for k in range(best.size):
        reach = box.high[k] - box.low[k]
        loose = cov[k, k] <= 0.0 or cov[k, k] > (_LOOSE * reach) ** 2
        if loose and box.fixed[k] == 0.0:
            second[k] = 0.5 * (box.low[k] + box.high[k])
    return second


@fast_kernel
def _next(best: float, x: float, z: float, goal: float, bracket: Floats) -> float:
    """Return the next x to try: farther out until the goal is bracketed, then inside the bracket.

    `bracket`, which is updated, holds x and the root of the rise, z, of the last point inside the
    interval, then of the last point outside it (z = -1 while there is none).
    """
    if z < goal:
        bracket[0], bracket[1] = x, z
    else:
        bracket[2], bracket[3] = x, z
    if bracket[3] < 0.0:
        grow = goal / max(z, 0.2 * goal)
        return best + (x - best) * min(max(1.02 * grow, 1.1), 4.0)
    # the root of the rise is nearly linear in x
    share = (goal - bracket[1]) / (bracket[3] - bracket[1])
    return float(bracket[0] + min(max(share, 0.02), 0.98) * (bracket[2] - bracket[0]))


@fast_kernel
def _verdict(rise: float, z: float, goal: float, at_limit: bool, bracket: Floats) -> int:
    if np.isnan(rise):
        return FAILED
    if rise < _BETTER:
        return BETTER_MINIMUM
    if abs(z - goal) < _ACCURACY * goal or abs(bracket[2] - bracket[0]) < 1e-9:
        return BOUNDED
    if at_limit and z < goal:
        return UNBOUNDED
    return _SEARCHING


@fast_kernel
def _side(
    like: Likelihood,
    box: Box,
    best: Floats,
    minimum: float,
    direction: Floats,
    k: int,
    sigma: float,
    goal: float,
    second: Floats,
    work: Workspace,
    other: Workspace,
    met: Floats,
) -> tuple[float, int]:
    """Search one side of the interval, above for positive `sigma`, below for negative.

    Returns the edge and how the search ended. A better minimum, if found, is put into `met`.
    """
    limit = box.high[k] if sigma > 0.0 else box.low[k]
    bracket = np.array([best[k], 0.0, np.inf, -1.0])
    near, near_x = best.copy(), best[k]
    x = best[k] + sigma * goal
    for _ in range(_STEPS):
        at_limit = (x - limit) * sigma >= 0.0
        if at_limit:
            x = limit
        value, theta = _refit(like, box, best, direction, k, x, near, near_x, second, work, other)
        rise = value - minimum
        z = math.sqrt(max(rise, 0.0))
        verdict = _verdict(rise, z, goal, at_limit, bracket)
        if verdict == BETTER_MINIMUM:
            copy_to(met, theta)
        if verdict == BOUNDED:
            return bracket[0] + (x - bracket[0]) * (goal - bracket[1]) / (z - bracket[1]), BOUNDED
        if verdict != _SEARCHING:
            return x, verdict
        near, near_x = theta, x
        x = _next(best[k], x, z, goal, bracket)
    return x, FAILED


@fast_kernel
def profile(
    like: Likelihood, box: Box, best: Floats, minimum: float, cov: Floats, rise: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Compute the profile-likelihood interval of every free parameter.

    The search stops at the first parameter for which a better minimum is found.

    Parameters
    ----------
    like, box
        The data with their model, and the limits of its parameters.
    best, minimum
        Internal parameters, shape (p,), and statistic at the minimum.
    cov
        Covariance at the minimum, shape (p, p), which sets the first step. Where its diagonal is 0
        the first step is 0.3.
    rise
        Rise of the statistic at the edge: 1 for 68.3 %, 2.706 for 90 %.

    Returns
    -------
    tuple
        Lower and upper edges, shape (p,) each; how each search ended (BOUNDED, UNBOUNDED,
        BETTER_MINIMUM or FAILED), shape (p, 2); and the parameters of the better minimum, or
        `best` if there is none, shape (p,).
    """
    n = best.size
    work, other = workspace(like, n), workspace(like, n)
    low, high = best.copy(), best.copy()
    ended, met = np.zeros((n, 2)), best.copy()
    goal = math.sqrt(rise)
    second = _second_start(box, best, cov)
    held = Box(box.low, box.high, box.fixed.copy())
    direction = np.zeros(n)
    for k in range(n):
        if box.fixed[k] > 0.0:
            continue
        known = cov[k, k] > 0.0
        sigma = min(math.sqrt(cov[k, k]), 2.0) if known else 0.3
        for i in range(n):
            direction[i] = cov[k, i] / cov[k, k] if known else 0.0 * cov[k, i]
        held.fixed[k] = 1.0
        low[k], down = _side(
            like, held, best, minimum, direction, k, -sigma, goal, second, work, other, met
        )
        high[k], up = _side(
            like, held, best, minimum, direction, k, sigma, goal, second, work, other, met
        )
        held.fixed[k] = box.fixed[k]
        ended[k, 0], ended[k, 1] = down, up
        if BETTER_MINIMUM in (down, up):
            break
    return low, high, ended, met
