"""Samples of the posterior of a fit, drawn with the ensemble sampler of emcee."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis._jit import fast_kernel
from eclgrmd.analysis.spectral.fit.likelihood import Likelihood, evaluate, workspace
from eclgrmd.analysis.spectral.fit.minimum import Minimum
from eclgrmd.analysis.spectral.fit.problem import Problem
from eclgrmd.analysis.spectral.fit.scoring import Box
from eclgrmd.analysis.spectral.results import PosteriorSamples
from eclgrmd.model.observation import Floats
from eclgrmd.model.result import PosteriorParameter

__all__ = ["posterior_quantiles", "sample_posterior"]

Ints = NDArray[np.int64]

_WALKERS_EACH = 8
"""Walkers per free parameter; a choice (emcee needs at least two)."""
_FIRST_STEPS = 500
"""Steps of the burn-in, and of the first run after it; a choice."""
_LONG_ENOUGH = 50
"""Chain length in autocorrelation times that the authors of emcee recommend."""
_MOST_STEPS = 20_000
"""Limit on the chain length, which bounds the time of a chain that does not converge; a choice."""
_PRIOR = (
    "flat within the limits in alpha, photon index, 1/beta and the logarithms of amplitudes,"
    " energies, temperatures and area constants"
)
_SHARES = (0.5, 0.15865, 0.84135, 0.05, 0.95)
"""Quantiles that are published: the median, the edges of the central 68.3 and 90 %."""


@fast_kernel
def _log_probabilities(like: Likelihood, box: Box, thetas: Floats, out: Floats) -> None:
    """Fill `out` with minus half the statistic of each row, minus infinity outside the limits."""
    work = workspace(like, thetas.shape[1])
    for i in range(thetas.shape[0]):
        inside = True
        for k in range(thetas.shape[1]):
            inside = inside and box.low[k] <= thetas[i, k] <= box.high[k]
        value = evaluate(like, thetas[i], work) if inside else np.inf
        out[i] = -0.5 * value if np.isfinite(value) else -np.inf


def sample_posterior(
    problem: Problem, minimum: Minimum, number: int, rng: np.random.Generator
) -> PosteriorSamples:
    """Sample the posterior by affine-invariant moves (Goodman & Weare 2010; emcee).

    The prior is uniform within the limits of the internal parameters: logarithms of amplitude,
    energies and area constants, alpha itself, and 1/beta.

    Parameters
    ----------
    problem, minimum
        The fit, and its minimum, around which the walkers start.
    number
        Number of samples wanted. They are thinned by the autocorrelation time, so that they are
        nearly independent; there are fewer if the limit on the chain length is reached.
    rng
        Random number generator.
    """
    import emcee  # noqa: PLC0415 - takes half a second, which other tasks' workers need not pay

    like, box = problem.likelihood, problem.box
    free = np.flatnonzero(box.fixed == 0.0)

    def log_probability(points: Floats) -> Floats:
        thetas = np.repeat(minimum.theta[None, :], len(points), axis=0)
        thetas[:, free] = points
        out = np.empty(len(points))
        _log_probabilities(like, box, thetas, out)
        return out

    walkers = _WALKERS_EACH * len(free)
    sampler = emcee.EnsembleSampler(walkers, len(free), log_probability, vectorize=True)
    # emcee accepts a random state in this form only
    seeded = np.random.RandomState(int(rng.integers(2**32))).get_state()
    start = _around(minimum.theta[free], minimum.covariance[np.ix_(free, free)], walkers, box, rng)
    state = sampler.run_mcmc(emcee.State(start, random_state=seeded), _FIRST_STEPS)
    sampler.reset()
    steps, tau = _FIRST_STEPS, np.inf
    while True:
        sampler.run_mcmc(state, steps)
        state = None
        tau = float(np.max(sampler.get_autocorr_time(tol=0)))
        done = len(sampler.get_log_prob())
        wanted = max(number * tau / walkers, _LONG_ENOUGH * tau)
        if done >= min(wanted, _MOST_STEPS):
            break
        steps = int(min(max(wanted - done, 100), _MOST_STEPS - done))
    thin = max(1, int(tau))
    samples = sampler.get_chain(flat=True, thin=thin)[-max(number, 1) :]
    chain = _external(problem, free, samples)
    return PosteriorSamples(
        samples=len(chain),
        autocorrelation_steps=tau,
        acceptance=float(np.mean(sampler.acceptance_fraction)),
        converged=done >= _LONG_ENOUGH * tau,
        prior=_PRIOR,
        parameters=dict(zip(_names(problem, free), posterior_quantiles(chain), strict=True)),
        chain=chain,
    )


def posterior_quantiles(chain: Floats) -> list[PosteriorParameter]:
    """Return the median and the central 68.3 and 90 % of every column of samples, shape (n, p)."""
    return [
        PosteriorParameter(median, (low, high), (lower, higher))
        for median, low, high, lower, higher in np.quantile(chain, _SHARES, axis=0).T.tolist()
    ]


def _around(best: Floats, cov: Floats, walkers: int, box: Box, rng: np.random.Generator) -> Floats:
    """Scatter the walkers by the standard errors, or a tenth of the range where there is none."""
    free = box.fixed == 0.0
    low, high = box.low[free], box.high[free]
    variance = np.diag(cov)
    known = np.where(variance > 0.0, np.sqrt(np.maximum(variance, 0.0)), 0.1 * (high - low))
    width = np.minimum(known, 0.25 * (high - low))
    points = best + width * rng.standard_normal((walkers, len(best)))
    # reflect points outside at the limit
    points = np.where(points < low, 2.0 * low - points, points)
    points = np.where(points > high, 2.0 * high - points, points)
    return np.asarray(np.clip(points, low, high))


def _names(problem: Problem, free: Ints) -> tuple[str, ...]:
    """Return the names of the free parameters; an area constant is named after its detector."""
    detectors = {
        place: spectrum.detector
        for spectrum, place in zip(problem.spectra, problem.area_places, strict=True)
        if place >= 0
    }
    names = [rule.name for rule in problem.rules]
    return tuple(f"area_{detectors[k]}" if k in detectors else names[k] for k in free.tolist())


def _external(problem: Problem, free: Ints, samples: Floats) -> Floats:
    columns = [
        [problem.rules[k].external(x) for x in samples[:, i].tolist()]
        for i, k in enumerate(free.tolist())
    ]
    return np.array(columns).T
