"""Goodness of fit by parametric bootstrap: spectra are simulated from the fit and fitted again."""

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
from eclgrmd.analysis.spectral.results import SpectralFit
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.observation import Floats
from eclgrmd.model.result import GoodnessOfFit

__all__ = ["goodness_of_fit", "poor_fit_flag"]

_TOLERANCE = 1e-3
"""Tolerance in the statistic of fits to simulated spectra."""
_SIGMA = 3.0
"""Excess over the simulated statistics, in their standard deviations, of a poor fit; a choice."""
_CHANCE = 2.7e-3
"""Probability of chi-square below which a fit is poor: the two-sided probability of 3 sigma."""
_RATIO = 1.5
"""Statistic per degree of freedom that low counts alone do not cause (Kaastra 2017, fig. 1)."""
_MANY_SIGMA = 5.0
"""Excess of a Poisson statistic, in standard deviations of chi-square, of a poor fit; a choice."""
_LEAST_EXCESS = 1.0
"""Smallest excess of a poor fit: without any counts all simulated statistics are nearly 0."""


def goodness_of_fit(
    problem: Problem, minimum: Minimum, number: int, rng: np.random.Generator
) -> GoodnessOfFit:
    """Return the fraction of simulated spectra that the model fits worse than the measured ones.

    Source and background counts are drawn from the expectations of the best fit, with the noise
    that each channel's statistic assumes, and the model is fitted to each simulated data set.

    Parameters
    ----------
    problem, minimum
        The fit and its minimum.
    number
        Number of simulated data sets, at least 1.
    rng
        Random number generator.
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


def poor_fit_flag(fit: SpectralFit, statistics: Sequence[str]) -> Flag | None:
    """Return a flag that describes a poor fit, or None if the fit is not poor.

    The simulated spectra decide if there are any, otherwise the chi-square distribution. Poisson
    statistics follow it only approximately, so for them a larger excess is required.

    Parameters
    ----------
    fit
        The fit.
    statistics
        Names of the statistics of all spectra.
    """
    value, dof = fit.statistic_value, fit.dof
    if value is None or dof < 1:
        return None
    name = "+".join(dict.fromkeys(name.upper() for name in statistics))
    found, text = fit.goodness, f"{name} {value:.4g} for {dof} dof"
    if found is not None:
        if found.statistic_mean is None or found.statistic_std is None:
            return None
        excess = value - found.statistic_mean
        beyond = excess > max(_SIGMA * found.statistic_std, _LEAST_EXCESS)
        none_worse = found.p_value * (found.simulated + 1) < 1.5
        text = f"{text}, chance below {found.p_value:.2g}"
        return _poor_fit(text) if beyond and none_worse else None
    if set(statistics) == {"chi2"}:
        chance = float(gammaincc(0.5 * dof, 0.5 * value))
        return _poor_fit(f"{text}, chance {chance:.2g}") if chance < _CHANCE else None
    beyond = value > dof + _MANY_SIGMA * math.sqrt(2.0 * dof)
    return _poor_fit(text) if beyond and value > _RATIO * dof else None


def _poor_fit(detail: str) -> Flag:
    return Flag(FlagCode.POOR_FIT, detail=detail)


def _background(like: Likelihood, source: Floats) -> Floats:
    """Return the background counts that the fit expects in each channel, shape (n,)."""
    level = like.background.copy()
    for j, kind in enumerate(like.kind):
        arguments = (like.counts[j], source[j], like.background[j], like.spread[j])
        if kind == PGSTAT and like.spread[j] > 0.0:
            level[j] = background_pgstat(*arguments)
        elif kind == WSTAT:
            level[j] = background_wstat(*arguments)
    return level


def _draw(like: Likelihood, source: Floats, level: Floats, rng: np.random.Generator) -> Likelihood:
    """Return the likelihood with simulated counts and background in every channel."""
    counts = rng.poisson(source + level).astype(np.float64)
    gaussian = level + np.sqrt(like.spread) * rng.standard_normal(len(level))
    background = np.where(like.kind == PGSTAT, np.maximum(gaussian, 0.0), like.background)
    poisson = like.kind == WSTAT
    scale = np.where(poisson, like.spread, 1.0)
    background = np.where(poisson, scale * rng.poisson(level / scale), background)
    net = source + np.sqrt(like.spread) * rng.standard_normal(len(level))
    counts = np.where(like.kind == CHI2, net + like.background, counts)
    return like._replace(counts=counts, background=background)
