"""Fit of the background in time: Poisson likelihood, averaged over the orders it may have."""

from dataclasses import replace

import numpy as np

from eclgrmd.analysis.temporal.kernels.orders import fit_averaged, order_chances
from eclgrmd.errors import PermanentError
from eclgrmd.model.flags import POOR_BACKGROUND
from eclgrmd.model.intervals import after_gaps, bins_inside, outside
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats, LightCurve

from .polynomial import BackgroundFit, design_matrix

__all__ = ["MAXIMUM_ORDER", "fit_background", "fit_curve", "quality_flags"]

MAXIMUM_ORDER = 4
_FIT_BINS = 300
_POOR_FIT_SIGMA = 5.0
_SHORT_S = 5.0
_MOST_LEVERAGE = 3.0
"""Largest error between the intervals, in units of the rms error inside them."""
_GAP_CELLS = 200


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

    Where no order is given, the fits of all orders that the intervals support
    (`_supported_order`) are averaged by the chance that the summed curve gives each of them
    (`order_chances`), so that their disagreement is part of the covariance.

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
        Order of the polynomials; None: averaged.
    maximum_order
        Highest order of the average; 1 where only one of the intervals holds data.
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
    with_data = _holding(intervals_s, low)
    if order is None and len(with_data) < 2:
        maximum_order = min(maximum_order, 1)
    highest = min(maximum_order if order is None else order, len(low) - 1)
    design = design_matrix(low, high, live, order=highest, origin_s=origin, unit_s=unit)
    if order is None:
        gaps = (outside(with_data, low[0], high[-1]) - origin) / unit
        highest = _supported_order(design, gaps)
        design = np.ascontiguousarray(design[:, : highest + 1])
    total, total_variance = data.sum(axis=0)[None], np.asarray(variance).sum(axis=0)[None]
    least, penalty = (1 if order is None else highest + 1), float(np.log(len(low)))
    chances = order_chances(design, total, total_variance, poisson, least, penalty)
    coefficients, covariance, statistic = fit_averaged(design, data, variance, poisson, chances)
    _, _, summed = fit_averaged(design, total, total_variance, poisson, chances)
    best = int(np.argmax(chances))
    fit = BackgroundFit(
        instrument=instrument,
        detector=detector,
        intervals_s=intervals_s,
        order=best,
        chances=chances,
        origin_s=float(origin),
        unit_s=float(unit),
        coefficients=coefficients,
        covariance=covariance,
        statistic=statistic,
        dof=len(low) - best - 1,
        statistic_sum=float(summed[0]),
    )
    return replace(fit, flags=quality_flags(fit, len(with_data)))


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


def quality_flags(fit: BackgroundFit, intervals: int) -> tuple[str, ...]:
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
    if intervals == 1:
        flags.append("background on one side")
    return tuple(flags)


def _holding(intervals_s: Floats, times_s: Floats) -> Floats:
    """Return the intervals that hold any of some times, shape (k, 2)."""
    low, high = intervals_s[:, :1], intervals_s[:, 1:]
    held = ((times_s >= low - 1e-9) & (times_s < high)).any(axis=1)
    return np.asarray(intervals_s[held])


def _supported_order(design: Floats, gaps: Floats) -> int:
    """Return the highest order that intervals hold down between them, too.

    A polynomial that is free to swing in a gap between the intervals says nothing about it. With
    equal counts everywhere its errors follow from the place of the intervals alone; an order is
    supported if the largest in the gaps is at most 3 times their rms inside the intervals.

    Parameters
    ----------
    design
        Of what is fitted, shape (n, orders).
    gaps
        Between the intervals, in units of x, shape (k, 2).
    """
    if len(gaps) == 0:
        return int(design.shape[1] - 1)
    times = np.concatenate([np.linspace(low, high, _GAP_CELLS) for low, high in gaps])
    between = times[:, None] ** np.arange(design.shape[1])
    weighted = design / np.sqrt(design[:, :1])
    for order in range(1, design.shape[1]):
        information = weighted[:, : order + 1].T @ weighted[:, : order + 1]
        columns = between[:, : order + 1]
        variance = np.einsum("nk,nk->n", columns, np.linalg.solve(information, columns.T).T)
        mean = (order + 1) / design[:, 0].sum()
        if variance.max() > _MOST_LEVERAGE**2 * mean:
            return order - 1
    return int(design.shape[1] - 1)


def _groups(start_s: Floats, stop_s: Floats) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Group bins into about 300 wider ones that span no gap: index of the first of each."""
    width = max((stop_s - start_s).sum() / _FIT_BINS, 1e-9)
    elapsed = np.concatenate([[0.0], np.cumsum(stop_s - start_s)[:-1]])
    slot = np.floor(elapsed / width + 1e-9)
    new = np.concatenate([[True], np.diff(slot) > 0])
    new[after_gaps(start_s, stop_s)] = True
    return np.flatnonzero(new)
