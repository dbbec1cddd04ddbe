"""Goodness of fit by parametric bootstrap: spectra simulated from the fit and fitted again."""

import numpy as np

from eclgrmd.model.observation import Floats

from .likelihood import Likelihood, source_counts, workspace
from .minimum import Minimum
from .problem import Problem
from .results import GoodnessOfFit
from .search import search
from .statistics import CHI2, PGSTAT, WSTAT, background_pgstat, background_wstat

__all__ = ["goodness_of_fit"]

_TOLERANCE = 1e-3


def goodness_of_fit(
    problem: Problem, minimum: Minimum, number: int, rng: np.random.Generator
) -> GoodnessOfFit:
    """Tell how often spectra drawn from the best fit would fit worse than the measured ones.

    Source and background are drawn anew as each channel's statistic supposes, from the best fit's
    own expectations, and the model is fitted again to each.

    Parameters
    ----------
    problem, minimum
        The fit.
    number
        Spectra to simulate, at least 1.
    rng
        Source of randomness.
    """
    like = problem.likelihood
    source = source_counts(like, minimum.theta, workspace(like, problem.size))
    level = _background(like, source)
    values = np.empty(number)
    for i in range(number):
        drawn = _draw(like, source, level, rng)
        values[i] = search(drawn, problem.box, minimum.theta[None, :], _TOLERANCE)[1]
    worse = int(np.count_nonzero(values >= minimum.statistic))
    return GoodnessOfFit(
        p_value=(worse + 1) / (number + 1),
        simulated=number,
        statistic_mean=float(values.mean()),
        statistic_std=float(values.std()),
    )


def _background(like: Likelihood, source: Floats) -> Floats:
    """Background counts that the fit expects in each channel, shape (n,)."""
    level = like.background.copy()
    for j, kind in enumerate(like.kind):
        arguments = (like.counts[j], source[j], like.background[j], like.spread[j])
        if kind == PGSTAT and like.spread[j] > 0.0:
            level[j] = background_pgstat(*arguments)
        elif kind == WSTAT:
            level[j] = background_wstat(*arguments)
    return level


def _draw(like: Likelihood, source: Floats, level: Floats, rng: np.random.Generator) -> Likelihood:
    """Draw counts and background of every channel."""
    counts = rng.poisson(source + level).astype(np.float64)
    gaussian = level + np.sqrt(like.spread) * rng.standard_normal(len(level))
    background = np.where(like.kind == PGSTAT, np.maximum(gaussian, 0.0), like.background)
    poisson = like.kind == WSTAT
    scale = np.where(poisson, like.spread, 1.0)
    background = np.where(poisson, scale * rng.poisson(level / scale), background)
    net = source + np.sqrt(like.spread) * rng.standard_normal(len(level))
    counts = np.where(like.kind == CHI2, net + like.background, counts)
    return like._replace(counts=counts, background=background)
