"""Kernels for minimisation by damped Fisher scoring within limits."""

from typing import NamedTuple

import numpy as np

from eclgrmd.analysis._copy import copy_matrix, copy_to
from eclgrmd.analysis._jit import fast_kernel
from eclgrmd.analysis._linear import cholesky, solve
from eclgrmd.model.observation import Floats

from .likelihood import Likelihood, Workspace, evaluate

__all__ = ["Box", "descend", "gain_of", "held_parameters", "move", "step_in_box"]

_LONGEST_STEP = 1.5
"""Largest step in any internal parameter; farther away the quadratic approximation is poor."""

_LEAST_CURVATURE = 10.0
"""Second derivative that the damping assumes at least, so that it also acts on flat directions."""


class Box(NamedTuple):
    """The limits of the internal parameters."""

    low: Floats
    """Lower limits, shape (p,)."""
    high: Floats
    """Upper limits, shape (p,)."""
    fixed: Floats
    """1.0 for fixed parameters, else 0.0, shape (p,)."""


@fast_kernel
def held_parameters(box: Box, theta: Floats, gradient: Floats, held: Floats) -> None:
    """Set `held` to 1.0 for parameters that are fixed or pushed against a limit, else to 0.0."""
    for k in range(theta.size):
        at_low = theta[k] <= box.low[k] and gradient[k] > 0.0
        at_high = theta[k] >= box.high[k] and gradient[k] < 0.0
        held[k] = 1.0 if box.fixed[k] > 0.0 or at_low or at_high else 0.0


@fast_kernel
def _newton_step(
    A: Floats, g: Floats, damping: float, held: Floats, step: Floats, M: Floats, L: Floats
) -> bool:
    """Fill `step` for the free parameters, given the steps of the held ones already in it.

    Returns False if the damped matrix is not positive definite.
    """
    n = g.size
    for i in range(n):
        for j in range(n):
            M[i, j] = A[i, j]
        M[i, i] = A[i, i] + damping * max(A[i, i], _LEAST_CURVATURE) + 1e-14
    for i in range(n):
        if held[i] > 0.0:
            continue
        from_held = 0.0
        for j in range(n):
            if held[j] > 0.0:
                from_held += A[i, j] * step[j]
        step[i] = -g[i] - from_held
    for i in range(n):
        if held[i] > 0.0:
            M[i, :] = 0.0
            M[:, i] = 0.0
            M[i, i] = 1.0
    if not cholesky(M, L):
        return False
    solve(L, step)
    return True


@fast_kernel
def _hit_limit(box: Box, theta: Floats, step: Floats, held: Floats) -> bool:
    """Shorten steps that leave the box or are too long, and hold those parameters there.

    Returns True if any step was shortened.
    """
    hit = False
    for k in range(theta.size):
        if held[k] > 0.0:
            continue
        shortest = max(box.low[k] - theta[k], -_LONGEST_STEP)
        longest = min(box.high[k] - theta[k], _LONGEST_STEP)
        if step[k] < shortest or step[k] > longest:
            step[k] = shortest if step[k] < shortest else longest
            held[k] = 1.0
            hit = True
    return hit


@fast_kernel
def step_in_box(
    box: Box, theta: Floats, work: Workspace, damping: float, step: Floats, M: Floats, L: Floats
) -> bool:
    """Fill `step` with the step to the minimum of the quadratic form in `work` within the box.

    `M` and `L` are scratch matrices, shape (p, p). Returns False if the form has no minimum.
    """
    held = np.empty(theta.size)
    held_parameters(box, theta, work.gradient, held)
    step[:] = 0.0
    for _ in range(theta.size + 1):
        if not _newton_step(work.fisher, work.gradient, damping, held, step, M, L):
            return False
        if not _hit_limit(box, theta, step, held):
            return True
    return True


@fast_kernel
def gain_of(A: Floats, g: Floats, step: Floats) -> float:
    """Return the decrease of the statistic that the quadratic form predicts for a step."""
    gain = 0.0
    for i in range(g.size):
        gain -= g[i] * step[i]
        for j in range(g.size):
            gain -= 0.5 * step[i] * A[i, j] * step[j]
    return gain


@fast_kernel
def move(box: Box, theta: Floats, step: Floats, out: Floats) -> None:
    """Fill `out` with `theta` plus a step, clipped to the limits because of rounding."""
    for k in range(theta.size):
        out[k] = min(max(theta[k] + step[k], box.low[k]), box.high[k])


@fast_kernel
def _adapted(damping: float, gained: float, predicted: float) -> float:
    """Return the next damping, by the ratio of the actual to the predicted decrease."""
    if gained < 0.25 * predicted:
        return max(4.0 * damping, 0.2)
    return max(0.1 * damping, 1e-9) if gained > 0.6 * predicted else damping


@fast_kernel
def descend(
    like: Likelihood,
    box: Box,
    theta: Floats,
    tolerance: float,
    iterations: int | np.int64,
    work: Workspace,
    other: Workspace,
) -> tuple[float, bool, int]:
    """Minimise the statistic from `theta`, which is moved to the minimum.

    Returns
    -------
    tuple
        The statistic at the minimum, whether the predicted decrease fell below `tolerance`, and the
        number of evaluations. `work` belongs to the returned point, except for a last step whose
        predicted decrease is below the tolerance.
    """
    n = theta.size
    step, trial = np.empty(n), np.empty(n)
    M, L = np.empty((n, n)), np.zeros((n, n))
    value = evaluate(like, theta, work)
    calls, damping = 1, 1e-4
    for _ in range(iterations):
        solved = step_in_box(box, theta, work, damping, step, M, L)
        gain = gain_of(work.fisher, work.gradient, step) if solved else 0.0
        if solved and damping < 1.0 and abs(gain) < tolerance:
            move(box, theta, step, theta)
            return value - max(gain, 0.0), True, calls
        move(box, theta, step, trial)
        # a step cut at several limits may lead upwards
        new = evaluate(like, trial, other) if solved and gain > 0.0 else np.inf
        calls += 1
        if new <= value:
            # accept a step even if rounding hides its gain: the tolerance ends the descent
            damping = _adapted(damping, value - new, gain)
            copy_to(theta, trial)
            value = new
            copy_to(work.gradient, other.gradient)
            copy_matrix(work.fisher, other.fisher)
        else:
            damping = max(10.0 * damping, 0.1)
            if damping > 1e9:
                return value, abs(gain) < 1e-3, calls
    return value, False, calls
