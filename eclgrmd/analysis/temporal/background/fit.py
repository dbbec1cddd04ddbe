"""Fit of the background in time: a smooth curve, or polynomials of a given order."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.kernels.roughness import fit_averaged, roughness_chances
from eclgrmd.errors import PermanentError
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import Interval, after_gaps, bins_inside
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats, LightCurve

from .spline import BackgroundFit, design_matrix

__all__ = ["ROUGHNESS", "fit_background", "fit_curve", "quality_flags"]

ROUGHNESS = np.array([0.001, 0.01, 0.03, 0.1, 0.3, 1.0])
"""Roughness of a smooth background: the standard deviation of the change of its slope in 100 s.

The slope is in units of the rate per 100 s. With the lowest value the background is a straight
line, with the highest one it can double in 100 s; the values between are a choice."""
_ROUGHEST_ON_ONE_SIDE = 0.03
"""Largest roughness of a background that is fitted on one side of the burst; a choice. A rougher
curve follows the decay of the burst, because nothing on the other side holds it."""
_SCALE_S = 100.0
"""Unit of time of the roughness, seconds."""
_KNOTS = 16
"""Number of knots; twice as many change predictions on real backgrounds by little."""
_REACH_S = 200.0
"""Distance from a single interval, seconds, within which the background may bend; a choice."""
_FIT_BINS = 300
"""Approximate number of bins that a fit uses; a choice, fine enough for order 4."""
_POOR_FIT_SIGMA = 5.0
"""Excess of chi-square, in units of its standard deviation, that makes a fit poor; a choice."""
_SHORT_S = 5.0
"""Fitted time, seconds, below which a background is flagged as short; a choice."""


@dataclass(frozen=True, slots=True, eq=False)
class _Bins:
    """The bins of a fit, n of them."""

    start_s: Floats
    """Lower edges, seconds after t0, shape (n,)."""
    stop_s: Floats
    """Upper edges, seconds after t0, shape (n,)."""
    live_s: Floats
    """Live time, seconds, shape (n,)."""
    counts: Floats
    """Observed counts, shape (channels, n)."""
    variance: Floats
    """Variance of the counts, shape (channels, n)."""

    def summed(self) -> "_Bins":
        """Return the sum of all channels as one channel."""
        return replace(
            self,
            counts=self.counts.sum(axis=0, keepdims=True),
            variance=self.variance.sum(axis=0, keepdims=True),
        )

    def scale(self, *, subtracted: bool) -> Floats:
        """Return the rate to which the prior is relative, counts/s, shape (channels,).

        It is the mean rate. A background that was subtracted before is only known to vary by less
        than the noise: then it is the error of the rate in 100 s.
        """
        total = self.live_s.sum()
        error = np.sqrt(np.maximum(self.variance.sum(axis=1), 1.0)) / total
        if subtracted:
            return np.asarray(error * np.sqrt(total / _SCALE_S))
        return np.asarray(np.maximum(np.abs(self.counts.sum(axis=1)) / total, error))


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

    Raises
    ------
    PermanentError
        If no bin with exposure lies inside the intervals.
    """
    used = bins_inside(start_s, stop_s, intervals_s) & (exposure_s > 0)
    if not used.any():
        raise PermanentError(f"background of {detector}: no data inside {intervals_s.tolist()} s")
    bins = _grouped(
        start_s[used],
        stop_s[used],
        exposure_s[used],
        counts[used],
        None if error is None else np.square(error[used]),
    )
    sides = len(_holding(intervals_s, bins.start_s))
    if order is None:
        data_s = (float(start_s[0]), float(stop_s[-1]))
        roughness = _supported(sides, subtracted=subtracted)
        basis = _smooth_basis(bins, roughness, data_s if sides == 1 else None)
    else:
        basis = _polynomials(bins, order)
    design = design_matrix(
        bins.start_s,
        bins.stop_s,
        bins.live_s,
        order=basis.degree,
        origin_s=basis.origin_s,
        unit_s=basis.unit_s,
        knots_s=basis.knots_s,
    )
    poisson, whole = error is None, bins.summed()
    chances = np.ones(1)
    if order is None:
        precisions = basis.precisions / whole.scale(subtracted=subtracted) ** 2
        chances = roughness_chances(design, whole.counts, whole.variance, poisson, precisions)

    def fitted(data: _Bins) -> tuple[Floats, Floats, Floats]:
        scale = data.scale(subtracted=subtracted)
        return fit_averaged(
            design, data.counts, data.variance, poisson, basis.precisions, scale, chances
        )

    coefficients, covariance, statistic = fitted(bins)
    _, covariance_sum, _ = fitted(whole)
    expected = design @ coefficients.sum(axis=0)
    return BackgroundFit(
        instrument=instrument,
        detector=detector,
        intervals_s=intervals_s,
        order=None if order is None else basis.degree,
        chances=chances if order is None else None,
        origin_s=basis.origin_s,
        unit_s=basis.unit_s,
        knots_s=basis.knots_s,
        coefficients=coefficients,
        covariance=covariance,
        statistic=statistic,
        dof=len(design) - _effective(design, whole.variance[0], covariance_sum[0]),
        flags=quality_flags(intervals_s, whole, expected, poisson=poisson),
    )


def fit_curve(
    curve: LightCurve,
    intervals_s: Floats,
    *,
    order: int | None = None,
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
    )


def quality_flags(
    intervals_s: Floats, whole: _Bins, expected: Floats, *, poisson: bool
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


def _grouped(
    start_s: Floats, stop_s: Floats, exposure_s: Floats, counts: Floats, variance: Floats | None
) -> _Bins:
    """Return the bins grouped as `_groups` says; counts and variance have shape (n, channels)."""
    group = _groups(start_s, stop_s)
    data = np.ascontiguousarray(np.add.reduceat(counts, group, axis=0).T)
    return _Bins(
        start_s=start_s[group],
        stop_s=stop_s[np.append(group[1:], len(start_s)) - 1],
        live_s=np.add.reduceat(exposure_s, group),
        counts=data,
        variance=data
        if variance is None
        else np.ascontiguousarray(np.add.reduceat(variance, group, axis=0).T),
    )


def _supported(sides: int, *, subtracted: bool) -> Floats:
    """Return the values of the roughness that the position of the intervals supports, rising."""
    if subtracted:
        return ROUGHNESS[:1]
    return ROUGHNESS[ROUGHNESS <= _ROUGHEST_ON_ONE_SIDE] if sides == 1 else ROUGHNESS


@dataclass(frozen=True, slots=True, eq=False)
class _Basis:
    """Functions of time whose sum the background is, and the prior of their coefficients."""

    origin_s: float
    """Time at which x is 0, seconds after t0."""
    unit_s: float
    """Unit of x, seconds."""
    degree: int
    """Highest power of x."""
    knots_s: Floats
    """Knots, seconds after t0, shape (m,)."""
    precisions: Floats
    """Prior precision of each coefficient, in units of the rate; 0: free. One row for each
    roughness, shape (k, degree + 1 + m)."""


def _polynomials(bins: _Bins, order: int) -> _Basis:
    degree = min(order, len(bins.live_s) - 1)
    return _Basis(*_scaling(bins), degree, np.empty(0), np.zeros((1, degree + 1)))


def _smooth_basis(bins: _Bins, roughness: Floats, data_s: Interval | None) -> _Basis:
    """Return a straight line and knots, with the prior of each roughness.

    Knots are equidistant over the fitted bins. Beyond a single interval they go on over the data
    (`data_s`; None: there are intervals on both sides), because the burst lies there. The level is
    free. Per 100 s, the slope is 0 with a standard deviation of the whole rate.
    """
    origin, unit = _scaling(bins)
    low, high = bins.start_s[0], bins.stop_s[-1]
    if data_s is not None:
        beyond = max(_REACH_S, high - low)
        low, high = max(data_s[0], low - beyond), min(data_s[1], high + beyond)
    spacing = (high - low) / _KNOTS
    knots = low + (np.arange(_KNOTS) + 0.5) * spacing
    slope = 1.0 / (unit / _SCALE_S) ** 2
    precisions = np.zeros((len(roughness), 2 + _KNOTS))
    precisions[:, 1] = slope
    precisions[:, 2:] = (slope / (np.square(roughness) * spacing / _SCALE_S))[:, None]
    return _Basis(origin, unit, 1, knots, precisions)


def _scaling(bins: _Bins) -> tuple[float, float]:
    """Return origin and unit of x: the middle and half of the fitted time, seconds."""
    low, high = float(bins.start_s[0]), float(bins.stop_s[-1])
    return 0.5 * (low + high), max(0.5 * (high - low), 1e-6)


def _effective(design: Floats, variance: Floats, covariance: Floats) -> int:
    """Return the effective number of coefficients: the trace of the smoothing matrix."""
    weight = 1.0 / np.maximum(variance, 1.0)
    trace = np.einsum("nk,kl,nl,n->", design, covariance, design, weight)
    return int(np.clip(round(float(trace)), 1, design.shape[1]))


def _groups(start_s: Floats, stop_s: Floats) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the index of the first bin of each of about 300 wider bins, none spanning a gap."""
    width = max((stop_s - start_s).sum() / _FIT_BINS, 1e-9)
    elapsed = np.concatenate([[0.0], np.cumsum(stop_s - start_s)[:-1]])
    slot = np.floor(elapsed / width + 1e-9)
    new = np.concatenate([[True], np.diff(slot) > 0])
    new[after_gaps(start_s, stop_s)] = True
    return np.flatnonzero(new)
