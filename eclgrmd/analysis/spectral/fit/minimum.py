"""Minimisation from several starts (MIGRAD where scoring fails), covariance and profile errors."""

from dataclasses import dataclass, replace

import numpy as np
from iminuit import Minuit

from eclgrmd.model.observation import Floats

from .likelihood import evaluate, workspace
from .problem import Problem
from .profile import BETTER_MINIMUM, BOUNDED, profile
from .search import search
from .starts import Templates, make_templates, starting_points

__all__ = ["Edges", "Minimum", "find_minimum", "fit_with_edges", "migrad", "profile_edges"]

_TOLERANCE = 1e-6
"""Expected decrease of the statistic at which a fit has converged; far below any error."""
_RESTARTS = 3
"""Limit on new fits from better minima found by the profiles; a choice."""


@dataclass(frozen=True, slots=True, eq=False)
class Minimum:
    """The minimum of the statistic of a fit, in internal parameters."""

    theta: Floats
    """Best-fitting internal parameters, shape (p,)."""
    statistic: float
    """Minus twice the log likelihood at the minimum, up to a constant."""
    converged: bool
    """Whether the minimisation converged."""
    evaluations: int
    """Number of evaluations of the statistic."""
    covariance: Floats
    """Shape (p, p); zero rows for parameters at a limit or not constrained by the data."""
    held: Floats
    """1.0 for parameters that are fixed, at a limit or unconstrained, else 0.0, shape (p,)."""
    information: int
    """OBSERVED or EXPECTED, the information matrix of the covariance; SINGULAR if it has none."""


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """The profile-likelihood interval of every internal parameter; NaN where it is unbounded."""

    low: Floats
    """Lower edges, shape (p,)."""
    high: Floats
    """Upper edges, shape (p,)."""


def migrad(problem: Problem, start: Floats) -> tuple[Floats, float, bool]:
    """Minimise with MIGRAD (James & Roos 1975); return parameters, statistic and validity."""
    like, box = problem.likelihood, problem.box
    work = workspace(like, problem.size)

    def value(theta: Floats) -> float:
        return evaluate(like, np.asarray(theta, dtype=np.float64), work)

    def gradient(theta: Floats) -> Floats:
        evaluate(like, np.asarray(theta, dtype=np.float64), work)
        return work.gradient.copy()

    minuit = Minuit(value, np.clip(start, box.low, box.high), grad=gradient)
    minuit.errordef = 1.0
    minuit.limits = list(zip(box.low, box.high, strict=True))
    minuit.fixed = list(box.fixed > 0.0)
    minuit.migrad()
    return np.array(minuit.values), float(minuit.fval or 0.0), bool(minuit.valid)


def find_minimum(
    problem: Problem,
    *,
    templates: Templates | None = None,
    starts: Floats | None = None,
    attempts: int = 4,
) -> Minimum:
    """Find the minimum of the statistic of a fit.

    Parameters
    ----------
    problem
        Model and spectra.
    templates
        Folded template shapes of the same model and folding; None to compute them.
    starts
        Additional starting points, internal parameters, shape (s, p). A bad one does no harm.
    attempts
        Largest number of templates used as starting points, best first.
    """
    like, box = problem.likelihood, problem.box
    known = make_templates(problem.model, like.folding) if templates is None else templates
    tried = starting_points(known, like, problem.size, attempts)
    if starts is not None:
        tried = np.concatenate([starts, tried])
    minimum = Minimum(*search(like, box, np.clip(tried, box.low, box.high), _TOLERANCE))
    if minimum.converged:
        return minimum
    theta, statistic, valid = migrad(problem, minimum.theta)
    if statistic > minimum.statistic + 1e-3:
        return minimum
    again = Minimum(*search(like, box, theta[None, :], _TOLERANCE))
    return replace(again, converged=again.converged or valid)


def profile_edges(problem: Problem, minimum: Minimum, rise: float = 1.0) -> Edges | Floats:
    """Return the profile-likelihood intervals, or a better minimum if one was found.

    Parameters
    ----------
    problem, minimum
        The fit and its minimum.
    rise
        Rise of the statistic at the edges: 1 for 68.3 %.

    Returns
    -------
    Edges or Floats
        The intervals, or the internal parameters of the better minimum, shape (p,).
    """
    low, high, ended, met = profile(
        problem.likelihood,
        problem.box,
        minimum.theta,
        minimum.statistic,
        minimum.covariance,
        rise,
    )
    if (ended == BETTER_MINIMUM).any():
        return met
    low[(ended[:, 0] != BOUNDED) | (low < problem.box.low)] = np.nan
    high[(ended[:, 1] != BOUNDED) | (high > problem.box.high)] = np.nan
    return Edges(low, high)


def fit_with_edges(problem: Problem, minimum: Minimum) -> tuple[Minimum, Edges]:
    """Return the minimum and the profile intervals, fitting again from any better minimum.

    If better minima keep appearing, the minimum is marked as not converged, without intervals.
    """
    for _ in range(_RESTARTS):
        edges = profile_edges(problem, minimum)
        if isinstance(edges, Edges):
            return minimum, edges
        minimum = find_minimum(problem, starts=edges[None, :])
    unknown = np.full(problem.size, np.nan)
    flagged = replace(minimum, converged=False)
    return flagged, Edges(unknown, unknown.copy())
