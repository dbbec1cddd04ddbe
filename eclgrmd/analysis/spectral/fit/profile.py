"""Profile-likelihood errors: where the statistic, minimised over all else, has risen enough."""

import math

import numpy as np

from eclgrmd.analysis._jit import fast_kernel
from eclgrmd.model.observation import Floats

from .likelihood import Likelihood, Workspace, workspace
from .scoring import Box, descend

__all__ = ["BETTER_MINIMUM", "BOUNDED", "FAILED", "UNBOUNDED", "profile"]

BOUNDED = 0
UNBOUNDED = 1
"""The statistic does not rise enough before the parameter's limit."""
BETTER_MINIMUM = 2
"""A lower statistic was met: the fit had not found the minimum."""
FAILED = 3
_SEARCHING = 4
_BETTER = -1e-2
_LOOSE = 0.25
_REFIT_TOLERANCE = 2e-3
_ACCURACY = 0.02
_STEPS = 40


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
    """Minimise with parameter k held at x, from where the last point and the covariance lead.

    Where `second` differs from the best point, it is a second start: a parameter that stands
    where the likelihood is flat would not find its way out.
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
    value, _, _ = descend(like, box, theta, _REFIT_TOLERANCE, 60, work, other)
    if _differs(second, best, k):
        elsewhere = second.copy()
        elsewhere[k] = x
        there, _, _ = descend(like, box, elsewhere, _REFIT_TOLERANCE, 60, work, other)
        if there < value:
            return there, elsewhere
    return value, theta


@fast_kernel
def _differs(second: Floats, best: Floats, k: int) -> bool:
    """Tell whether anything but parameter k differs."""
    elsewhere = 0
    for i in range(best.size):
        elsewhere += i != k and second[i] != best[i]
    return elsewhere > 0


@fast_kernel
def _second_start(box: Box, best: Floats, cov: Floats) -> Floats:
    """Put the parameters about which little is known into the middle of their range."""
    second = best.copy()
    for k in range(best.size):
        reach = box.high[k] - box.low[k]
        loose = cov[k, k] <= 0.0 or cov[k, k] > (_LOOSE * reach) ** 2
        if loose and box.fixed[k] == 0.0:
            second[k] = 0.5 * (box.low[k] + box.high[k])
    return second


@fast_kernel
def _next(best: float, x: float, z: float, goal: float, bracket: Floats) -> float:
    """Where to look next: farther out until the goal is bracketed, then between.

    `bracket` holds the last point inside and its root of the rise, then the first one outside.
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
    """Search one side; the sign of `sigma` says which. Returns the edge and how it ended."""
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
            met[:] = theta
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
    """Find both edges of every free parameter's interval.

    Parameters
    ----------
    like, box
        The fit.
    best, minimum
        Parameters (p,) and statistic at the minimum.
    cov
        Covariance there, shape (p, p); where it has nothing to say the search starts blindly.
    rise
        Rise of the statistic at the edge: 1 for 68.3 %, 2.706 for 90 %.

    Returns
    -------
    tuple
        Lower and upper edges (p,), how each ended (p, 2), and the better minimum met, if any.
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
        direction[:] = cov[k] / cov[k, k] if known else 0.0 * cov[k]
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
