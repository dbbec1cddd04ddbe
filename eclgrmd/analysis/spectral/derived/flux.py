"""Fluxes in energy bands, with profile-likelihood errors.

A flux is a linear functional of the photon spectrum, like the counts of a channel. Its profile is
traced by repeated fits in which a chi-square term of a pseudo-channel pulls the flux away from its
best value. Each fit reaches the constrained minimum for the flux that it has, whatever the strength
of the pull.
"""

import math
from collections.abc import Sequence

import numpy as np

from eclgrmd.analysis.spectral.fit.folding import Matrix
from eclgrmd.analysis.spectral.fit.likelihood import source_counts, workspace
from eclgrmd.analysis.spectral.fit.minimum import Minimum
from eclgrmd.analysis.spectral.fit.problem import Measured, Problem, pseudo_channel
from eclgrmd.analysis.spectral.fit.scoring import descend
from eclgrmd.model.interval import Interval
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.observation import Floats
from eclgrmd.model.result import Fluence, Flux

__all__ = ["ERG_PER_KEV", "band_flux", "fluence", "flux_channel", "fluxes"]

ERG_PER_KEV = 1.602176634e-9
"""Energy of 1 keV in erg; exact in the SI."""
_PER_DECADE = 60
"""Photon bins per decade of energy in the integral of a flux; a choice."""
_SOFTNESS = 0.5
"""Error of the pseudo-channel, in units of the flux error; a choice."""
_ACCURACY = 0.01
"""Accuracy of the root of the rise at the edge of the interval, where it is 1."""
_STEPS = 25
"""Limit on the fits on one side of the profile."""
_TOLERANCE = 1e-4
"""Tolerance in the statistic of each fit; small against the rise of 1."""
_ITERATIONS = 100
"""Limit on the iterations of each fit."""
_BETTER = 1e-2
"""Decrease of the statistic that shows that the fit was not at its minimum."""
_ALL = 0.999
"""Fraction of the flux from which a lower error is all of it."""


def flux_channel(band_kev: tuple[float, float], *, energy: bool) -> Measured:
    """Return a pseudo-channel that gives photons/cm2/s, or keV/cm2/s, in a band."""
    low, high = band_kev
    steps = max(8, math.ceil(_PER_DECADE * math.log10(high / low)))
    edges = np.geomspace(low, high, steps + 1)
    middle = np.sqrt(edges[:-1] * edges[1:])
    weight = middle if energy else np.ones(steps)
    return pseudo_channel(Matrix(edges[:-1], edges[1:], weight[:, None]))


def _gradient_error(problem: Problem, minimum: Minimum) -> tuple[float, float]:
    """Return the flux of the last channel and its 1-sigma error from the covariance."""
    like, size = problem.likelihood, problem.size
    work = workspace(like, size)
    value = float(source_counts(like, minimum.theta, work)[-1])
    slope = np.zeros(size)
    slope[: like.model_size] = work.folded[:, -1]
    return value, math.sqrt(max(float(slope @ minimum.covariance @ slope), 0.0))


def _pulled(
    problem: Problem, minimum: Minimum, near: Floats, aim: float, sigma: float
) -> tuple[Floats, float, float]:
    """Fit with the flux of the last channel pulled to `aim`, starting from `near`.

    Returns the internal parameters, the flux there and the rise of the statistic of the data.
    """
    like = problem.likelihood
    counts, spread = like.counts.copy(), like.spread.copy()
    counts[-1], spread[-1] = aim, sigma**2
    drawn = like._replace(counts=counts, spread=spread)
    work, other = workspace(drawn, problem.size), workspace(drawn, problem.size)
    theta = near.copy()
    value, _, _ = descend(drawn, problem.box, theta, _TOLERANCE, _ITERATIONS, work, other)
    reached = float(source_counts(drawn, theta, work)[-1])
    return theta, reached, value - (reached - aim) ** 2 / sigma**2 - minimum.statistic


def _edge(
    problem: Problem, minimum: Minimum, value: float, sigma: float, sign: float
) -> float | None:
    """Return the distance from the best flux to where the statistic has risen by 1, or None.

    The strength of the pull is searched, starting from the one for a parabola of width sigma.
    """
    aim, near = 1.0 + _SOFTNESS**2, minimum.theta
    inner = (0.0, 0.0, 0.0)
    outer: tuple[float, float, float] | None = None
    for _ in range(_STEPS):
        goal = value + sign * aim * sigma
        near, reached, rise = _pulled(problem, minimum, near, goal, _SOFTNESS * sigma)
        distance, z = sign * (reached - value), math.sqrt(max(rise, 0.0))
        if not math.isfinite(z) or rise < -_BETTER:
            return None
        if abs(z - 1.0) < _ACCURACY:
            return distance / z
        if sign < 0.0 and z < 1.0 and distance > _ALL * value:
            return value
        if z < 1.0:
            inner = (aim, distance, z)
        else:
            outer = (aim, distance, z)
        aim = _next_aim(inner, outer)
    # the flux jumps between two valleys of the likelihood: the outer point is conservative
    return None if outer is None else outer[1]


def _next_aim(inner: tuple[float, float, float], outer: tuple[float, float, float] | None) -> float:
    """Return the next aim: farther out until the edge is bracketed, then interpolated."""
    if outer is None:
        return inner[0] * min(max(1.05 / max(inner[2], 1e-3), 1.2), 3.0)
    share = (1.0 - inner[2]) / (outer[2] - inner[2])
    return inner[0] + min(max(share, 0.05), 0.95) * (outer[0] - inner[0])


def band_flux(
    problem: Problem, minimum: Minimum, band_kev: Interval, *, energy: bool
) -> tuple[Measurement, bool]:
    """Return the photon flux (photons/cm2/s) or energy flux (erg/cm2/s) in a band.

    Parameters
    ----------
    problem, minimum
        The fit and its minimum.
    band_kev
        Lower and upper energy.
    energy
        True for the energy flux, False for the photon flux.

    Returns
    -------
    tuple
        The flux, and whether its errors are the 1-sigma profile-likelihood interval. If the profile
        cannot be traced, they are those of the covariance, or None without covariance.
    """
    wider = problem.with_constraint(flux_channel(band_kev, energy=energy))
    value, sigma = _gradient_error(wider, minimum)
    unit = ERG_PER_KEV if energy else 1.0
    if not sigma > 0.0 or not math.isfinite(sigma) or not math.isfinite(value):
        return Measurement(value * unit if math.isfinite(value) else None, None, None), True
    sides = [_edge(wider, minimum, value, min(sigma, value), sign) for sign in (-1.0, 1.0)]
    down, up = (sigma if side is None else side for side in sides)
    return Measurement(value * unit, min(down, value) * unit, up * unit), None not in sides


def fluxes(
    problem: Problem, minimum: Minimum, bands_kev: Sequence[Interval]
) -> tuple[tuple[Flux, ...], bool]:
    """Return photon and energy flux in every band, and whether all profiles were traced."""
    found: list[Flux] = []
    all_traced = True
    for band in bands_kev:
        photon, traced = band_flux(problem, minimum, band, energy=False)
        energy, energy_traced = band_flux(problem, minimum, band, energy=True)
        found.append(Flux(band, photon, energy))
        all_traced = all_traced and traced and energy_traced
    return tuple(found), all_traced


def fluence(band_kev: Interval, flux: Measurement, duration_s: float) -> Fluence:
    """Return the fluence in a band: a mean flux times the length of the interval, seconds."""
    total = flux.times(duration_s)
    return Fluence(band_kev, total.value, total.err_minus, total.err_plus)
