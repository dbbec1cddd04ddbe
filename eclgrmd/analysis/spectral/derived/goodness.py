"""Goodness of fit by parametric bootstrap: spectra simulated from the fit and fitted again."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import gammaincc

from eclgrmd.analysis.spectral.fit.likelihood import Likelihood, source_counts, workspace
from eclgrmd.analysis.spectral.fit.minimum import Minimum
from eclgrmd.analysis.spectral.fit.problem import Problem
from eclgrmd.analysis.spectral.fit.search import search
from eclgrmd.analysis.spectral.fit.statistics import (
    CHI2,
    PGSTAT,
    WSTAT,
    background_pgstat,
    background_wstat,
)
from eclgrmd.analysis.spectral.results import GoodnessOfFit, SpectralFit
from eclgrmd.model.flags import POOR_FIT
from eclgrmd.model.observation import Floats

__all__ = ["goodness_of_fit", "poor_fit_flag"]

_TOLERANCE = 1e-3
_SIGMA = 3.0
_CHANCE = 2.7e-3
"""Two-sided probability of 3 sigma."""
_RATIO = 1.5
"""Statistic per degree of freedom that low counts alone do not make (Kaastra 2017, fig. 1)."""
_MANY_SIGMA = 5.0
_LEAST_EXCESS = 1.0
"""Statistics of spectra without any count are all nearly 0."""


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


def poor_fit_flag(fit: SpectralFit, statistics: Sequence[str]) -> str:
    """Describe a poor fit; empty where the fit is good, or nothing can be said.

    The simulated spectra decide. Without them the distribution of chi-square does, which Poisson
    statistics follow only roughly: for them the statistic must be far beyond it.
    """
    value, dof = fit.statistic_value, fit.dof
    if value is None or dof < 1:
        return ""
    name = "+".join(dict.fromkeys(name.upper() for name in statistics))
    flag = f"{POOR_FIT}: {name} {value:.4g} for {dof} dof"
    if fit.goodness is not None:
        found = fit.goodness
        excess = value - found.statistic_mean
        beyond = excess > max(_SIGMA * found.statistic_std, _LEAST_EXCESS)
        none_worse = found.p_value * (found.simulated + 1) < 1.5
        return f"{flag}, chance below {found.p_value:.2g}" if beyond and none_worse else ""
    if set(statistics) == {"chi2"}:
        chance = float(gammaincc(0.5 * dof, 0.5 * value))
        return f"{flag}, chance {chance:.2g}" if chance < _CHANCE else ""
    beyond = value > dof + _MANY_SIGMA * math.sqrt(2.0 * dof)
    return flag if beyond and value > _RATIO * dof else ""


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
