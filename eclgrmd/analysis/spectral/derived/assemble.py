"""Assembly of the result of a fit: parameters with errors, fluxes, curves and flags."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincc

from eclgrmd.analysis.spectral.fit.minimum import Edges, Minimum, fit_with_edges, profile_edges
from eclgrmd.analysis.spectral.fit.models import PhotonModel, density_rows
from eclgrmd.analysis.spectral.fit.problem import Problem
from eclgrmd.analysis.spectral.fit.search import EXPECTED, SINGULAR
from eclgrmd.analysis.spectral.results import NuFnu, SpectralFit
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import Interval
from eclgrmd.model.observation import Floats, Spectrum
from eclgrmd.model.result import Parameter

from .comparison import information_criteria
from .flux import ERG_PER_KEV, fluence, fluxes

__all__ = ["make_fit", "source_spectrum"]
_RISE_90 = 2.705543454
"""Rise of the statistic at the edges of a 90 % interval: quantile of chi-square with 1 dof."""
_CURVE_POINTS = 160
"""Number of energies of the spectral energy distribution; a choice."""
_AT_LIMIT = 1e-6
"""Fraction of a parameter's range within which it is at its limit."""
_CHANCE = 2.7e-3
"""Chance probability below which a signal is significant: the two-sided probability of 3 sigma."""


@dataclass(frozen=True, slots=True, eq=False)
class _Interval90:
    low: Floats
    high: Floats


def _optional(x: float) -> float | None:
    return float(x) if math.isfinite(x) else None


def _parameter(
    problem: Problem, minimum: Minimum, edges: Edges, wide: _Interval90, k: int
) -> Parameter:
    rule, theta = problem.rules[k], float(minimum.theta[k])
    value = rule.external(theta)

    collapsed = k in problem.collapsed

    def away(edge: float) -> float | None:
        known = math.isfinite(edge) and not collapsed
        return abs(rule.external(edge) - value) if known else None

    sigma = math.sqrt(max(minimum.covariance[k, k], 0.0)) * rule.stretch(theta)
    return Parameter(
        value=_optional(value),
        err_minus=away(float(edges.low[k])),
        err_plus=away(float(edges.high[k])),
        free=bool(problem.free[k]),
        unit=rule.unit,
        at_limit=collapsed or _at_limit(problem, theta, k),
        err_symmetric=_optional(sigma) if sigma > 0.0 else None,
        err_minus_90=away(float(wide.low[k])),
        err_plus_90=away(float(wide.high[k])),
    )


def _at_limit(problem: Problem, theta: float, k: int) -> bool:
    low, high = problem.box.low[k], problem.box.high[k]
    room = _AT_LIMIT * (high - low)
    return bool(theta <= low + room or theta >= high - room)


def _bound_flags(parameters: Mapping[str, Parameter]) -> list[Flag]:
    flags = []
    for name, p in parameters.items():
        if not p.free:
            continue
        if p.at_limit:
            flags.append(Flag(FlagCode.AT_LIMIT, subject=name))
        if p.err_minus is None:
            flags.append(Flag(FlagCode.UNBOUNDED_BELOW, subject=name))
        if p.err_plus is None:
            flags.append(Flag(FlagCode.UNBOUNDED_ABOVE, subject=name))
    return flags


def _shape_flags(parameters: Mapping[str, Parameter], band_kev: Interval) -> list[Flag]:
    values = {name: p.value for name, p in parameters.items() if p.value is not None}
    flags = [
        Flag(FlagCode.OUTSIDE_BAND, subject=name)
        for name in ("epeak_kev", "ebreak_kev")
        if name in values and not band_kev[0] <= values[name] <= band_kev[1]
    ]
    if "epeak_kev" in values and values.get("beta", -3.0) > -2.0:
        flags.append(Flag(FlagCode.NO_PEAK))
    if "epeak_kev" in values and values.get("alpha", 0.0) - values.get("beta", -9.0) < 0.05:
        flags.append(Flag(FlagCode.EQUAL_INDICES))
    return flags


def _signal_flags(problem: Problem, minimum: Minimum) -> list[Flag]:
    """Return flags if the fit is not significantly better than no source (Wilks 1938)."""
    like = problem.likelihood
    nothing = minimum.theta.copy()
    for place in problem.model.amplitudes:
        nothing[place] = problem.box.low[place]
    from_nothing = problem.statistic(nothing) - minimum.statistic
    chance = float(gammaincc(0.5 * len(problem.model.low), 0.5 * max(from_nothing, 0.0)))
    flags = [Flag(FlagCode.NO_SIGNAL)] if chance > _CHANCE else []
    if len(like.counts) <= problem.size:
        flags.append(Flag(FlagCode.FEW_CHANNELS))
    return flags


def _fit_flags(minimum: Minimum) -> list[Flag]:
    flags = [] if minimum.converged else [Flag(FlagCode.NOT_CONVERGED)]
    if minimum.information == SINGULAR:
        flags.append(Flag(FlagCode.COVARIANCE_SINGULAR))
    elif minimum.information == EXPECTED:
        flags.append(Flag(FlagCode.COVARIANCE_EXPECTED))
    return flags


def _external_covariance(problem: Problem, minimum: Minimum) -> tuple[tuple[float, ...], ...]:
    pairs = zip(problem.rules, minimum.theta.tolist(), strict=True)
    scale = np.array([rule.stretch(x) for rule, x in pairs])
    free = problem.free
    covariance = (minimum.covariance * np.outer(scale, scale))[np.ix_(free, free)]
    return tuple(map(tuple, covariance.tolist()))


def _curve(problem: Problem, minimum: Minimum, band_kev: Interval) -> NuFnu:
    """Return E^2 N(E) with the 1-sigma band of the covariance, symmetric in the logarithm."""
    energy = np.geomspace(band_kev[0], band_kev[1], _CURVE_POINTS)
    q = len(problem.model.low)
    density, rows = density_rows(problem.model, minimum.theta[:q], energy)
    slope = rows / np.maximum(density, 1e-300)
    cov = minimum.covariance[:q, :q]
    sigma = np.sqrt(np.maximum(np.einsum("ik,ij,jk->k", slope, cov, slope), 0.0))
    spread = np.exp(np.minimum(sigma, 50.0))
    value = energy**2 * density * ERG_PER_KEV
    return NuFnu(energy, value, value / spread, value * spread)


def source_spectrum(model: PhotonModel, theta: Floats, spectrum: Spectrum, area: float) -> Floats:
    """Return the counts of a model in all channels of a spectrum, shape (channels,).

    Parameters
    ----------
    model, theta
        The photon model and its internal parameters, shape (p,).
    spectrum
        The spectrum with its response; without one the counts are 0.
    area
        Effective-area constant.
    """
    response = spectrum.response
    if response is None:
        return np.zeros(len(spectrum.counts))
    points, weights = np.polynomial.legendre.leggauss(3)
    half = 0.5 * (response.energy_high_kev - response.energy_low_kev)
    middle = 0.5 * (response.energy_high_kev + response.energy_low_kev)
    flux = np.zeros(len(half))
    for point, weight in zip(points, weights, strict=True):
        density = density_rows(model, theta[: len(model.low)], middle + half * point)[0]
        flux += weight * half * density
    return np.asarray((flux @ response.matrix_cm2) * (spectrum.exposure_s * area))


def _areas(
    problem: Problem, minimum: Minimum, edges: Edges, wide: _Interval90
) -> dict[str, Parameter]:
    areas: dict[str, Parameter] = {}
    for spectrum, place in zip(problem.spectra, problem.area_places, strict=True):
        if place >= 0:
            areas[spectrum.detector] = _parameter(problem, minimum, edges, wide, place)
        else:
            areas[spectrum.detector] = Parameter(1.0, 0.0, 0.0, free=False)
    return areas


def make_fit(
    problem: Problem,
    minimum: Minimum,
    spectra: Sequence[Spectrum],
    *,
    bands_kev: Sequence[Interval],
    energy_kev: Interval,
    duration_s: float,
) -> tuple[SpectralFit, Minimum]:
    """Compute the errors of a fit and return its result, with the final minimum.

    The minimum differs from the given one if the search for errors has found a better one.

    Parameters
    ----------
    problem, minimum
        The fit and its minimum.
    spectra
        The spectra without grouping, in the order of the problem.
    bands_kev
        Bands of the fluxes.
    energy_kev
        Range of the fitted energies.
    duration_s
        Length of the interval, seconds, for fluences.
    """
    minimum, edges = fit_with_edges(problem, minimum)
    wide = profile_edges(problem, minimum, _RISE_90)
    if isinstance(wide, Edges):
        outer = _Interval90(wide.low, wide.high)
    else:
        unknown = np.full(problem.size, np.nan)
        outer = _Interval90(unknown, unknown)
    parameters = {
        rule.name: _parameter(problem, minimum, edges, outer, k)
        for k, rule in enumerate(problem.rules[: len(problem.model.low)])
    }
    flags = [
        *_fit_flags(minimum),
        *_signal_flags(problem, minimum),
        *_shape_flags(parameters, energy_kev),
        *_bound_flags(parameters),
    ]
    areas = _areas(problem, minimum, edges, outer)
    flags += [Flag(FlagCode.AREA_AT_LIMIT, subject=n) for n, a in areas.items() if a.at_limit]
    flux, traced = fluxes(problem, minimum, bands_kev)
    if not traced:
        flags.append(Flag(FlagCode.ROUGH_FLUX_ERRORS))
    free = int(problem.free.sum())
    aic, bic = information_criteria(minimum.statistic, free, problem.channels)
    fit = SpectralFit(
        name=problem.model.name,
        preferred=False,
        reason="",
        statistic_value=_optional(minimum.statistic),
        dof=problem.channels - free,
        parameters=parameters,
        covariance=_external_covariance(problem, minimum),
        area=areas,
        flux=flux,
        fluence_erg=tuple(fluence(f.band_kev, f.energy_erg, duration_s) for f in flux),
        fluence_photon=tuple(fluence(f.band_kev, f.photon, duration_s) for f in flux),
        folded=tuple(
            source_spectrum(problem.model, minimum.theta, s, areas[s.detector].value or 1.0)
            for s in spectra
        ),
        nufnu=_curve(problem, minimum, energy_kev),
        flags=tuple(flags),
        aic=_optional(aic),
        bic=_optional(bic),
    )
    return fit, minimum
