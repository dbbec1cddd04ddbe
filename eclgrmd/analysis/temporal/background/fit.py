"""Fit of the background in time: a smooth curve, or polynomials of a given order."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.kernels.roughness import fit_averaged, roughness_chances
from eclgrmd.errors import PermanentError
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import bins_inside
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats, LightCurve

from .basis import Basis, polynomials, smooth_basis, supported_roughness, template_choices
from .bins import FittedBins, group_bins
from .spline import BackgroundFit
from .template import Template

__all__ = ["fit_background", "fit_curve", "quality_flags"]

_POOR_FIT_SIGMA = 5.0
"""Excess of chi-square, in units of its standard deviation, that makes a fit poor; a choice."""
_SHORT_S = 5.0
"""Fitted time, seconds, below which a background is flagged as short; a choice."""


def fit_background(
    instrument: Instrument,
    detector: str,
    start_s: Floats,
    stop_s: Floats,
    counts: Floats,
    exposure_s: Floats,
    intervals_s: Floats,
    *,
    order: int | None = None,
    error: Floats | None = None,
    subtracted: bool = False,
    templates: tuple[Template, ...] = (),
) -> BackgroundFit:
    """Fit a rate in time to the counts of each channel inside background intervals.

    Without a given order the rate is a smooth curve. It is a Gaussian process: a straight line plus
    twice integrated white noise (Wahba 1978, J. R. Stat. Soc. B 40, 364), piecewise linear between
    knots. The fits for all values of `ROUGHNESS` are averaged, weighted by their evidence for the
    curve summed over channels, and the spread between them enters the covariance. Errors therefore
    grow with the distance from the fitted data, beside them and in gaps. On one side of the burst
    the curve is almost a straight line.

    Parameters
    ----------
    instrument, detector
        Origin of the data.
    start_s, stop_s, exposure_s
        Bin edges and live time, seconds, shape (n,).
    counts
        Observed counts, shape (n, channels).
    intervals_s
        Intervals without burst emission, seconds, shape (k, 2); bins fully inside are fitted.
    order
        Order of the polynomials; None for a smooth curve.
    error
        1-sigma Gaussian errors of the counts, shape (n, channels); None for Poisson counts.
    subtracted
        Whether a background was subtracted before. What is left of it is a straight line.
    templates
        Known functions of time that a smooth curve may contain, with free scales. Fits with and
        without each of them are averaged, too. Not used with an order, or if `subtracted`.

    Raises
    ------
    PermanentError
        If no bin with exposure lies inside the intervals.
    """
    used = bins_inside(start_s, stop_s, intervals_s) & (exposure_s > 0)
    if not used.any():
        raise PermanentError(f"background of {detector}: no data inside {intervals_s.tolist()} s")
    bins = group_bins(
        start_s[used],
        stop_s[used],
        exposure_s[used],
        counts[used],
        None if error is None else np.square(error[used]),
    )
    sides = len(_holding(intervals_s, bins.start_s))
    if order is None:
        data_s = (float(start_s[0]), float(stop_s[-1]))
        roughness = supported_roughness(sides, subtracted=subtracted)
        used_templates = () if subtracted else templates
        basis = smooth_basis(bins, roughness, data_s if sides == 1 else None, used_templates)
    else:
        basis = polynomials(bins, order)
    design = basis.design(bins)
    poisson, whole = error is None, bins.summed()
    chances = np.ones(1)
    if order is None:
        precisions = basis.precisions / whole.scale(subtracted=subtracted) ** 2
        chances = roughness_chances(design, whole.counts, whole.variance, poisson, precisions)

    def fitted(data: FittedBins) -> tuple[Floats, Floats, Floats]:
        scale = data.scale(subtracted=subtracted)
        return fit_averaged(
            design, data.counts, data.variance, poisson, basis.precisions, scale, chances
        )

    coefficients, covariance, statistic = fitted(bins)
    # A single channel is its own sum.
    covariance_sum = covariance if len(bins.counts) == 1 else fitted(whole)[1]
    expected = design @ coefficients.sum(axis=0)
    return BackgroundFit(
        instrument=instrument,
        detector=detector,
        intervals_s=intervals_s,
        order=None if order is None else basis.degree,
        chances=_of_roughness(chances, basis) if order is None else None,
        origin_s=basis.origin_s,
        unit_s=basis.unit_s,
        knots_s=basis.knots_s,
        coefficients=coefficients,
        covariance=covariance,
        statistic=statistic,
        dof=len(design) - _effective(design, whole.variance[0], covariance_sum[0]),
        flags=quality_flags(intervals_s, whole, expected, poisson=poisson),
        templates=basis.templates,
        template_chances=_of_templates(chances, basis),
    )


def _of_roughness(chances: Floats, basis: Basis) -> Floats:
    """Return the probability of each roughness, whatever the templates."""
    return np.asarray(chances.reshape(2 ** len(basis.templates), -1).sum(axis=0))


def _of_templates(chances: Floats, basis: Basis) -> tuple[float, ...]:
    """Return the probability that each template is in the background, whatever the roughness."""
    of_choice = chances.reshape(2 ** len(basis.templates), -1).sum(axis=1)
    chosen = template_choices(len(basis.templates))
    return tuple(float(of_choice[chosen[:, k]].sum()) for k in range(len(basis.templates)))


def fit_curve(
    curve: LightCurve,
    intervals_s: Floats,
    *,
    order: int | None = None,
    templates: tuple[Template, ...] = (),
) -> BackgroundFit:
    """Fit a rate in time to a light curve inside the intervals.

    Parameters and errors are those of `fit_background`.
    """
    return fit_background(
        curve.instrument,
        "+".join(curve.detectors),
        curve.start_s,
        curve.stop_s,
        curve.counts[:, None],
        curve.exposure_s,
        intervals_s,
        order=order,
        error=None if curve.error is None else curve.error[:, None],
        subtracted=curve.background_subtracted,
        templates=templates,
    )


def quality_flags(
    intervals_s: Floats, whole: FittedBins, expected: Floats, *, poisson: bool
) -> tuple[Flag, ...]:
    """Return the flags of a fit.

    `background fit poor`: over all bins or in one interval, which is named, chi-square exceeds its
    expectation by more than 5 standard deviations. `background short`: less than 5 s were fitted.
    `background on one side`: only one interval contains data, so the fit is extrapolated over the
    burst.

    Parameters
    ----------
    intervals_s
        Intervals of the fit, shape (k, 2).
    whole
        Fitted bins, summed over channels.
    expected
        Counts of the fit in each of them, shape (n,).
    poisson
        Whether the counts are Poisson.
    """
    expected = np.maximum(expected, 1e-6) if poisson else expected
    variance = expected if poisson else whole.variance[0]
    excess = np.square(whole.counts[0] - expected) / variance - 1.0
    spread = 2.0 + (1.0 / expected if poisson else 0.0)  # variance of chi-square of one bin
    spread = np.broadcast_to(spread, excess.shape)

    def poor(part: NDArray[np.bool_]) -> bool:
        return bool(excess[part].sum() > _POOR_FIT_SIGMA * np.sqrt(spread[part].sum()))

    held = _holding(intervals_s, whole.start_s)
    parts = [(whole.start_s >= low - 1e-9) & (whole.start_s < high) for low, high in held]
    flags = [
        Flag(FlagCode.POOR_BACKGROUND, detail=f"{low:.6g} to {high:.6g} s")
        for (low, high), part in zip(held, parts, strict=True)
        if poor(part)
    ]
    if not flags and poor(np.ones(len(excess), dtype=bool)):
        flags.append(Flag(FlagCode.POOR_BACKGROUND))
    if np.diff(intervals_s, axis=1).sum() < _SHORT_S:
        flags.append(Flag(FlagCode.SHORT_BACKGROUND))
    if len(held) == 1:
        flags.append(Flag(FlagCode.ONE_SIDED_BACKGROUND))
    return tuple(flags)


def _holding(intervals_s: Floats, times_s: Floats) -> Floats:
    """Return the intervals that contain at least one of the times, shape (k, 2)."""
    low, high = intervals_s[:, :1], intervals_s[:, 1:]
    held = ((times_s >= low - 1e-9) & (times_s < high)).any(axis=1)
    return np.asarray(intervals_s[held])


def _effective(design: Floats, variance: Floats, covariance: Floats) -> int:
    """Return the effective number of coefficients: the trace of the smoothing matrix."""
    weight = 1.0 / np.maximum(variance, 1.0)
    trace = np.einsum("nk,kl,nl,n->", design, covariance, design, weight)
    return int(np.clip(round(float(trace)), 1, design.shape[1]))
