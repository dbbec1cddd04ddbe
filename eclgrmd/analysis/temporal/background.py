"""Fit of the background in time: Poisson likelihood, order by an information criterion."""

from dataclasses import replace

import numpy as np

from eclgrmd.errors import PermanentError
from eclgrmd.model.flags import POOR_BACKGROUND
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats, LightCurve

from ._likelihood import fit_channels
from .intervals import bins_inside
from .polynomial import BackgroundFit, design_matrix

__all__ = ["MAXIMUM_ORDER", "fit_background", "fit_curve", "quality_flags"]

MAXIMUM_ORDER = 4
_FIT_BINS = 300
_POOR_FIT_SIGMA = 5.0
_SHORT_S = 5.0


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
    maximum_order: int = MAXIMUM_ORDER,
    error: Floats | None = None,
) -> BackgroundFit:
    """Fit polynomials in time to the counts of each channel inside the intervals.

    The order, where it is not given, is the one that minimises the Bayesian information criterion
    (Schwarz 1978, Ann. Stat. 6, 461) of the curve summed over all channels.

    Parameters
    ----------
    instrument, detector
        Whose background it is.
    start_s, stop_s, exposure_s
        Bins and their live time, seconds, shape (n,).
    counts
        Shape (n, channels).
    intervals_s
        Intervals without burst, shape (k, 2); bins fully inside are fitted.
    order
        Order of the polynomials; None: chosen.
    maximum_order
        Highest order that may be chosen.
    error
        1-sigma Gaussian errors of the counts, shape (n, channels); None: they are Poisson.

    Raises
    ------
    PermanentError
        If no bin with exposure lies inside the intervals.
    """
    used = bins_inside(start_s, stop_s, intervals_s) & (exposure_s > 0)
    if not used.any():
        raise PermanentError(f"background of {detector}: no data inside {intervals_s.tolist()} s")
    group = _groups(start_s[used], stop_s[used])
    low, high = start_s[used][group], stop_s[used][np.append(group[1:], len(start_s[used])) - 1]
    live = np.add.reduceat(exposure_s[used], group)
    data = np.ascontiguousarray(np.add.reduceat(counts[used], group, axis=0).T)
    poisson = error is None
    variance = (
        data if error is None else np.add.reduceat(np.square(error[used]), group, axis=0).T.copy()
    )
    origin = 0.5 * (low[0] + high[-1])
    unit = max(0.5 * (high[-1] - low[0]), 1e-6)
    highest = min(maximum_order if order is None else order, len(low) - 1)
    design = design_matrix(low, high, live, order=highest, origin_s=origin, unit_s=unit)
    total, total_variance = data.sum(axis=0)[None], np.asarray(variance).sum(axis=0)[None]
    chosen = highest if order is not None else _choose(design, total, total_variance, poisson)
    part = np.ascontiguousarray(design[:, : chosen + 1])
    coefficients, covariance, statistic = fit_channels(part, data, variance, poisson)
    _, _, summed = fit_channels(part, total, total_variance, poisson)
    fit = BackgroundFit(
        instrument=instrument,
        detector=detector,
        intervals_s=intervals_s,
        order=chosen,
        origin_s=float(origin),
        unit_s=float(unit),
        coefficients=coefficients,
        covariance=covariance,
        statistic=statistic,
        dof=len(low) - chosen - 1,
        statistic_sum=float(summed[0]),
    )
    return replace(fit, flags=quality_flags(fit))


def fit_curve(
    curve: LightCurve,
    intervals_s: Floats,
    *,
    order: int | None = None,
    maximum_order: int = MAXIMUM_ORDER,
) -> BackgroundFit:
    """Fit a polynomial in time to a light curve inside the intervals.

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
        maximum_order=maximum_order,
        error=None if curve.error is None else curve.error[:, None],
    )


def quality_flags(fit: BackgroundFit) -> tuple[str, ...]:
    """Tell what is doubtful about a fit.

    `background fit poor`: the deviance of the summed curve exceeds its degrees of freedom by more
    than 5 sigma; `background short`: less than 5 s were fitted; `background on one side`: one
    interval has to carry the fit over the burst.
    """
    flags = []
    if fit.statistic_sum is not None and fit.dof > 0:
        excess = (fit.statistic_sum - fit.dof) / np.sqrt(2.0 * fit.dof)
        if excess > _POOR_FIT_SIGMA:
            flags.append(POOR_BACKGROUND)
    if np.diff(fit.intervals_s, axis=1).sum() < _SHORT_S:
        flags.append("background short")
    if len(fit.intervals_s) == 1:
        flags.append("background on one side")
    return tuple(flags)


def _choose(design: Floats, counts: Floats, variance: Floats, poisson: bool) -> int:
    """Give the order with the lowest BIC, deviance + coefficients * ln(bins)."""
    penalty = np.log(len(design))
    scores = []
    for p in range(1, design.shape[1] + 1):
        part = np.ascontiguousarray(design[:, :p])
        _, _, statistic = fit_channels(part, counts, variance, poisson)
        scores.append(float(statistic[0]) + p * penalty)
    return int(np.argmin(scores))


def _groups(start_s: Floats, stop_s: Floats) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Group bins into about 300 wider ones that span no gap: index of the first of each."""
    width = max((stop_s - start_s).sum() / _FIT_BINS, 1e-9)
    elapsed = np.concatenate([[0.0], np.cumsum(stop_s - start_s)[:-1]])
    gap = np.concatenate([[0], np.cumsum(start_s[1:] > stop_s[:-1] + 1e-6)])
    slot = np.floor(elapsed / width + 1e-9)
    new = np.concatenate([[True], (np.diff(slot) > 0) | (np.diff(gap) > 0)])
    return np.flatnonzero(new)
