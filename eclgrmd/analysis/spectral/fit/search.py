"""Minimise from several starts and compute the covariance, in one compiled pass.

Fisher scoring is robust far from the minimum, but converges only linearly near it. There the
observed information takes over, which the covariance needs anyway: a few chord steps (Newton steps
with a fixed matrix) complete the search.
"""

import numpy as np

from eclgrmd.analysis._copy import copy_matrix, copy_to
from eclgrmd.analysis._jit import fast_kernel
from eclgrmd.analysis._linear import invert
from eclgrmd.model.observation import Floats

from .likelihood import Likelihood, Workspace, evaluate, workspace
from .scoring import Box, descend, gain_of, held_parameters, move, step_in_box

__all__ = ["EXPECTED", "OBSERVED", "SINGULAR", "search"]

SINGULAR, EXPECTED, OBSERVED = range(3)
"""Information matrix that the covariance is the inverse of: none, expected or observed."""
_ROUGH = 3e-4
"""Tolerance in the statistic of the first descent from each start; `search` refines the best."""
_ROUGH_STEPS = np.int64(15)
"""Limit on the iterations of that descent; a choice. Numba would compile `descend` once for each
Python integer."""
_STEPS = np.int64(300)
"""Limit on the iterations of the last descent; a choice."""
_CHORDS = 8
"""Limit on chord steps, after which Fisher scoring takes over again; a choice."""
_LOOSE = 0.2
"""Error, as a fraction of the parameter's range, from which another minimum may lie far away."""
_NEAR, _FAR = 0.25, 0.55
"""Positions, as fractions of the range, at which a parameter without error starts again."""
_LOWER = 1e-4
"""Decrease of the statistic that makes another minimum the better one."""
_VALLEYS = 3
"""Limit on the repetitions of the search for a lower minimum; a choice."""
_NOTHING = 0.1
"""Change of the statistic over a parameter's whole range, by its curvature, below which the
parameter is treated as unconstrained."""
_DRIFT = 1e-3
"""Total decrease of the statistic by chord steps from which their matrix is computed again."""


@fast_kernel
def _differentiated(
    like: Likelihood, box: Box, theta: Floats, work: Workspace, other: Workspace, H: Floats
) -> float:
    """Fill `H` with second derivatives by differences of the analytic gradient.

    Returns the statistic at `theta`; `work` holds the gradient and Fisher matrix there.
    """
    n = theta.size
    value = evaluate(like, theta, work)
    moved = theta.copy()
    for k in range(n):
        information = work.fisher[k, k]
        sigma = min(np.sqrt(2.0 / information), 1.0) if information > 0.0 else 1.0
        h = 1e-3 * sigma if theta[k] + 1e-3 * sigma <= box.high[k] else -1e-3 * sigma
        moved[k] = theta[k] + h
        evaluate(like, moved, other)
        moved[k] = theta[k]
        for i in range(n):
            H[k, i] = (other.gradient[i] - work.gradient[i]) / h
    for k in range(n):
        for i in range(k):
            H[k, i] = 0.5 * (H[k, i] + H[i, k])
            H[i, k] = H[k, i]
    return value


@fast_kernel
def _chord(
    like: Likelihood,
    box: Box,
    theta: Floats,
    tolerance: float,
    H: Floats,
    work: Workspace,
    other: Workspace,
) -> tuple[float, bool, int]:
    """Descend with the observed information until the expected decrease is below the tolerance.

    Returns the statistic, whether the descent converged, and the number of evaluations.
    """
    n = theta.size
    step, trial, drift, calls = np.empty(n), np.empty(n), 0.0, n + 1
    M, L = np.empty((n, n)), np.zeros((n, n))
    value = _differentiated(like, box, theta, work, other, H)
    for _ in range(_CHORDS):
        copy_matrix(work.fisher, H)
        if not step_in_box(box, theta, work, 0.0, step, M, L):
            return value, False, calls
        gain = gain_of(work.fisher, work.gradient, step)
        if abs(gain) < tolerance:
            move(box, theta, step, theta)
            if drift > _DRIFT:
                value = _differentiated(like, box, theta, work, other, H)
                calls += n + 1
            return value - max(gain, 0.0), True, calls
        move(box, theta, step, trial)
        new = evaluate(like, trial, other)
        calls += 1
        if not new <= value:
            return value, False, calls
        copy_to(theta, trial)
        value = new
        drift += gain
        copy_to(work.gradient, other.gradient)
    return value, False, calls


@fast_kernel
def _hold_unconstrained(box: Box, theta: Floats, fisher: Floats, H: Floats, held: Floats) -> None:
    """Mark as held the parameters at a limit, and those that hardly change the statistic."""
    for k in range(theta.size):
        reach = box.high[k] - box.low[k]
        information = max(fisher[k, k], H[k, k])
        at_limit = theta[k] <= box.low[k] or theta[k] >= box.high[k]
        if at_limit or information * reach * reach < _NOTHING:
            held[k] = 1.0


@fast_kernel
def _inverted(information: Floats, held: Floats, out: Floats) -> bool:
    """Fill `out` with the covariance of the free parameters, zero for held ones.

    Returns False if the information matrix is not positive definite.
    """
    free = np.flatnonzero(held == 0.0)
    m = free.size
    A, C = np.empty((m, m)), np.empty((m, m))
    for i in range(m):
        for j in range(m):
            A[i, j] = information[free[i], free[j]]
    if not invert(A, C):
        return False
    for i in range(m):
        for j in range(m):
            out[free[i], free[j]] = 2.0 * C[i, j]
    return True


@fast_kernel
def _finish(
    like: Likelihood, box: Box, best: Floats, tolerance: float, work: Workspace, other: Workspace
) -> tuple[float, bool, int, Floats, Floats, int]:
    """Descend to the minimum and invert the information matrix there; `best` is moved to it.

    Returns
    -------
    tuple
        The same as `search`, without the parameters.
    """
    n = best.size
    H, held, cov = np.zeros((n, n)), np.zeros(n), np.zeros((n, n))
    value, converged, calls = _chord(like, box, best, tolerance, H, work, other)
    if not converged:
        _, converged, used = descend(like, box, best, tolerance, _STEPS, work, other)
        value = _differentiated(like, box, best, work, other, H)
        calls += used + n + 1
    held_parameters(box, best, work.gradient, held)
    _hold_unconstrained(box, best, work.fisher, H, held)
    if _inverted(H, held, cov):
        return value, converged, calls, cov, held, OBSERVED
    evaluate(like, best, work)
    if _inverted(work.fisher, held, cov):
        return value, converged, calls, cov, held, EXPECTED
    return value, converged, calls, cov, held, SINGULAR


@fast_kernel
def _elsewhere(
    like: Likelihood,
    box: Box,
    best: Floats,
    value: float,
    cov: Floats,
    work: Workspace,
    other: Workspace,
) -> tuple[Floats, bool, int]:
    """Look for a lower minimum along each poorly constrained parameter.

    A long valley of the statistic can have several shallow minima, such as one at a limit and one
    before it. Returns the lower point (or `best`), whether one was found, and the evaluations.
    """
    calls = 0
    for k in range(best.size):
        reach, sigma = box.high[k] - box.low[k], np.sqrt(cov[k, k])
        if box.fixed[k] > 0.0 or 0.0 < sigma < _LOOSE * reach:
            continue
        for side in range(2):
            theta = best.copy()
            if sigma > 0.0:
                move(box, best, cov[k] * ((2.0 * side - 1.0) / sigma), theta)
            else:
                theta[k] = box.low[k] + reach * (_NEAR if side == 0 else _FAR)
            reached, _, used = descend(like, box, theta, _ROUGH, _ROUGH_STEPS, work, other)
            calls += used
            if reached < value - _LOWER:
                return theta, True, calls
    return best, False, calls


@fast_kernel
def search(
    like: Likelihood, box: Box, starts: Floats, tolerance: float
) -> tuple[Floats, float, bool, int, Floats, Floats, int]:
    """Minimise the statistic from every start and refine the best result.

    Parameters
    ----------
    like, box
        The data with their model, and the limits of its parameters.
    starts
        Internal parameters, shape (s, p), inside the box.
    tolerance
        Expected decrease of the statistic below which the search has converged.

    Returns
    -------
    tuple
        Parameters (p,); the statistic; whether the search converged; number of evaluations;
        covariance (p, p), zero for held parameters; 1.0 for each held parameter, else 0.0, (p,);
        and OBSERVED, EXPECTED or SINGULAR.
    """
    n = starts.shape[1]
    work, other = workspace(like, n), workspace(like, n)
    best, value, calls = starts[0].copy(), np.inf, 0
    for s in range(starts.shape[0]):
        theta = starts[s].copy()
        reached, _, used = descend(like, box, theta, _ROUGH, _ROUGH_STEPS, work, other)
        calls += used
        if reached < value:
            best, value = theta, reached
    value, converged, used, cov, held, kind = _finish(like, box, best, tolerance, work, other)
    calls += used
    for _ in range(_VALLEYS):
        theta, lower, used = _elsewhere(like, box, best, value, cov, work, other)
        calls += used
        if not lower:
            break
        best = theta
        value, converged, used, cov, held, kind = _finish(like, box, best, tolerance, work, other)
        calls += used
    return best, value, converged, calls, cov, held, kind
