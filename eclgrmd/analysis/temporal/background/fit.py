"""Fit of the background: polynomials in time, averaged over their order."""

from dataclasses import replace

import numpy as np

from eclgrmd.analysis.temporal.kernels.orders import fit_averaged, order_chances
from eclgrmd.errors import PermanentError
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import after_gaps, bins_inside, outside
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats, LightCurve

from .polynomial import BackgroundFit, design_matrix

__all__ = ["MAXIMUM_ORDER", "fit_background", "fit_curve", "quality_flags"]

MAXIMUM_ORDER = 4
"""Highest order of a polynomial; a choice."""
_FIT_BINS = 300
"""Approximate number of bins that a fit uses; a choice, fine enough for order 4."""
_POOR_FIT_SIGMA = 5.0
"""Excess of the deviance, in units of its standard deviation, that makes a fit poor; a choice."""
_SHORT_S = 5.0
"""Fitted time, seconds, below which a background is flagged as short; a choice."""
_MOST_LEVERAGE = 3.0
"""Largest allowed error between the intervals, in units of the rms error inside; a choice."""
_GAP_CELLS = 200
"""Number of points in each gap at which the error is evaluated."""


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
    """Fit polynomials in time to the counts of each channel inside background intervals.

    Without a given order, the fits of all orders that the intervals support (`_supported_order`)
    are averaged. The weights are the posterior probabilities of the orders for the curve summed
    over channels (`order_chances`), and the spread between the orders enters the covariance.

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
        Order of the polynomials; None to average over orders.
    maximum_order
        Highest order of the average; at most 1 is used if only one interval contains data.
    error
        1-sigma Gaussian errors of the counts, shape (n, channels); None for Poisson counts.

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


def quality_flags(fit: BackgroundFit, intervals: int) -> tuple[Flag, ...]:
    """Return the flags of a fit.

    `background fit poor`: the deviance of the summed curve exceeds its degrees of freedom by more
    than 5 standard deviations. `background short`: less than 5 s were fitted. `background on one
    side`: only one interval contains data, so the fit is extrapolated over the burst.

    Parameters
    ----------
    fit
        The fit.
    intervals
        Number of intervals that contain data.
    """
    flags = []
    if fit.statistic_sum is not None and fit.dof > 0:
        excess = (fit.statistic_sum - fit.dof) / np.sqrt(2.0 * fit.dof)
        if excess > _POOR_FIT_SIGMA:
            flags.append(Flag(FlagCode.POOR_BACKGROUND))
    if np.diff(fit.intervals_s, axis=1).sum() < _SHORT_S:
        flags.append(Flag(FlagCode.SHORT_BACKGROUND))
    if intervals == 1:
        flags.append(Flag(FlagCode.ONE_SIDED_BACKGROUND))
    return tuple(flags)


def _holding(intervals_s: Floats, times_s: Floats) -> Floats:
    """Return the intervals that contain at least one of the times, shape (k, 2)."""
    low, high = intervals_s[:, :1], intervals_s[:, 1:]
    held = ((times_s >= low - 1e-9) & (times_s < high)).any(axis=1)
    return np.asarray(intervals_s[held])


def _supported_order(design: Floats, gaps: Floats) -> int:
    """Return the highest order that the intervals constrain in the gaps between them.

    A polynomial of too high an order is undetermined in a gap. For constant rates its error depends
    only on the position of the intervals. An order is supported if the largest error in the gaps is
    at most 3 times the rms error inside the intervals.

    Parameters
    ----------
    design
        Model matrix of the fitted bins, seconds, shape (n, orders).
    gaps
        Gaps between the intervals, in units of x, shape (k, 2).
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
    """Return the index of the first bin of each of about 300 wider bins, none spanning a gap."""
    width = max((stop_s - start_s).sum() / _FIT_BINS, 1e-9)
    elapsed = np.concatenate([[0.0], np.cumsum(stop_s - start_s)[:-1]])
    slot = np.floor(elapsed / width + 1e-9)
    new = np.concatenate([[True], np.diff(slot) > 0])
    new[after_gaps(start_s, stop_s)] = True
    return np.flatnonzero(new)
