"""The fit itself: multi-start scoring, MIGRAD where scoring fails, covariance, profile errors."""

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
_RESTARTS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Minimum:
    """The best parameters of a problem, as the fit sees them."""

    theta: Floats
    """Shape (p,)."""
    statistic: float
    converged: bool
    evaluations: int
    covariance: Floats
    """Shape (p, p); zero rows for parameters at a limit or without any information."""
    held: Floats
    """1.0 where a parameter is fixed or pressed against a limit, shape (p,)."""
    information: int
    """OBSERVED or EXPECTED: where the covariance comes from; SINGULAR: there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Edges of the profile-likelihood interval of every parameter; NaN: not bounded."""

    low: Floats
    """Shape (p,)."""
    high: Floats
    """Shape (p,)."""


def migrad(problem: Problem, start: Floats) -> tuple[Floats, float, bool]:
    """Minimise with MIGRAD (James & Roos 1975): parameters, statistic, validity."""
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
    """Fit a problem.

    Parameters
    ----------
    problem
        Model and spectra.
    templates
        Folded start shapes, made before for the same model and folding; None: made here.
    starts
        Internal parameters to start from, too, shape (s, p): a bad start does no harm.
    attempts
        Number of the templates' starts at most, the best taken.
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
    """Find the edges of every interval, or return the better minimum that was met on the way."""
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
    """Profile every parameter, starting again wherever a lower statistic turns up."""
    for _ in range(_RESTARTS):
        edges = profile_edges(problem, minimum)
        if isinstance(edges, Edges):
            return minimum, edges
        minimum = find_minimum(problem, starts=edges[None, :])
    unknown = np.full(problem.size, np.nan)
    flagged = replace(minimum, converged=False)
    return flagged, Edges(unknown, unknown.copy())
