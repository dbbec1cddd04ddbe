"""Search of a light curve for the burst: background and blocks, in turns, until they agree."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.configuration import BackgroundChoice
from eclgrmd.model.observation import Floats, LightCurve

from .background import MAXIMUM_ORDER, fit_background
from .blocks import segment_counts, segment_values
from .intervals import as_intervals, intersect, outside
from .polynomial import BackgroundFit
from .prior import false_alarm_prior

__all__ = ["Finding", "find_burst"]

Bools = NDArray[np.bool_]
Interval = tuple[float, float]

_TURNS = 8
_CLIP_SIGMA = 3.0
_CLIP_SCALES = (1, 4, 16)
_STRONG_SIGMA = 5.0
_WEAK_SIGMA = 3.0
_PAD_FRACTION = 0.25
_PAD_S = 1.0
_REACH_S = 100.0
_REACH_WIDTHS = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """Background, blocks and extent of the burst that fit each other."""

    background: BackgroundFit | None
    """None: the curve came background-subtracted."""
    expected: Floats
    """Background counts of each bin, shape (n,)."""
    expected_error: Floats
    """Their 1-sigma errors, fully correlated, shape (n,)."""
    starts: NDArray[np.int64]
    """First bin of each block, shape (b,)."""
    sigma: Floats
    """Significance of the excess of each block, shape (b,)."""
    burst: Bools
    """Blocks that belong to the burst, shape (b,)."""
    t100_s: Interval | None
    """From the first to the last of them; None: there is none."""
    flags: tuple[str, ...]


def find_burst(
    curve: LightCurve, choice: BackgroundChoice, window_s: Interval, false_alarm: float
) -> Finding:
    """Fit the background outside the burst and find the burst over the background.

    Parameters
    ----------
    curve
        Bins with exposure; Poisson counts, or Gaussian where `error` is given.
    choice
        Given background intervals or automatic ones, and the order.
    window_s
        Where the burst may be.
    false_alarm
        Of a change point.
    """
    if curve.background_subtracted:
        zero = np.zeros(len(curve.counts))
        return _segmented(curve, None, zero, zero, window_s, false_alarm)
    if choice.mode == "intervals":
        given = as_intervals(choice.intervals_s)
        return _with_background(curve, given, choice.order, MAXIMUM_ORDER, window_s, false_alarm)
    return _in_turns(curve, choice.order, window_s, false_alarm)


def _in_turns(
    curve: LightCurve, order: int | None, window_s: Interval, false_alarm: float
) -> Finding:
    spans = _clipped(curve, window_s)
    seen: list[Interval | None] = []
    while True:
        free = _background_intervals(curve, spans)
        highest = MAXIMUM_ORDER if len(free) > 1 else 1
        finding = _with_background(curve, free, order, highest, window_s, false_alarm)
        if finding.t100_s in seen or len(seen) == _TURNS:
            return finding
        seen.append(finding.t100_s)
        spans = as_intervals([] if finding.t100_s is None else [finding.t100_s])


def _with_background(
    curve: LightCurve,
    intervals_s: Floats,
    order: int | None,
    maximum_order: int,
    window_s: Interval,
    false_alarm: float,
) -> Finding:
    fit = fit_background(
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
    bins = (curve.start_s, curve.stop_s, curve.exposure_s)
    return _segmented(
        curve, fit, fit.counts(*bins)[:, 0], fit.errors(*bins)[:, 0], window_s, false_alarm
    )


def _segmented(
    curve: LightCurve,
    fit: BackgroundFit | None,
    expected: Floats,
    error: Floats,
    window_s: Interval,
    false_alarm: float,
) -> Finding:
    prior = false_alarm_prior(len(curve.counts), false_alarm)
    if curve.error is None:
        starts = segment_counts(curve.counts, np.maximum(expected, 1e-6), prior)
    else:
        rate = (curve.counts - expected) / curve.exposure_s
        starts = segment_values(rate, curve.error / curve.exposure_s, prior)
    sigma = _excess_sigma(curve, expected, starts)
    stops = np.append(starts[1:], len(curve.counts)) - 1
    inside = (curve.stop_s[stops] > window_s[0]) & (curve.start_s[starts] < window_s[1])
    burst = _burst_blocks(np.where(inside, sigma, 0.0))
    t100 = None
    if burst.any():
        first, last = np.flatnonzero(burst)[[0, -1]]
        t100 = (
            max(float(curve.start_s[starts[first]]), window_s[0]),
            min(float(curve.stop_s[stops[last]]), window_s[1]),
        )
    flags = () if fit is None else fit.flags
    return Finding(fit, expected, error, starts, sigma, burst, t100, flags)


def _excess_sigma(curve: LightCurve, expected: Floats, starts: NDArray[np.int64]) -> Floats:
    """Significance of each block's excess over a known background (Li & Ma 1983, no off error)."""
    counts = np.add.reduceat(curve.counts, starts)
    background = np.add.reduceat(expected, starts)
    if curve.error is not None:
        variance = np.add.reduceat(np.square(curve.error), starts)
        return np.asarray((counts - background) / np.sqrt(variance))
    background = np.maximum(background, 1e-6)
    ratio = np.where(counts > 0, counts * np.log(np.maximum(counts, 1e-9) / background), 0.0)
    deviance = 2.0 * (ratio - counts + background)
    return np.asarray(np.sign(counts - background) * np.sqrt(np.maximum(deviance, 0.0)))


def _burst_blocks(sigma: Floats) -> Bools:
    """Take blocks above 5 sigma, and those above 3 sigma that touch them directly or in a chain."""
    burst = sigma >= _STRONG_SIGMA
    weak = sigma >= _WEAK_SIGMA
    for order in (range(1, len(sigma)), range(len(sigma) - 2, -1, -1)):
        step = order.step
        for i in order:
            burst[i] |= weak[i] & burst[i - step]
    return burst


def _background_intervals(curve: LightCurve, spans: Floats) -> Floats:
    """Give the times outside the burst, some way off it, and not beyond reach."""
    low, high = float(curve.start_s[0]), float(curve.stop_s[-1])
    if len(spans) == 0:
        return as_intervals([(low, high)])
    first, last = float(spans[0, 0]), float(spans[-1, 1])
    width = last - first
    pad = max(_PAD_S, _PAD_FRACTION * width)
    reach = max(_REACH_S, _REACH_WIDTHS * width) + pad
    padded = spans + np.array([-pad, pad])
    free = outside(as_intervals(padded), max(low, first - reach), min(high, last + reach))
    if np.diff(free, axis=1).sum() < 0.05 * (high - low):
        free = outside(spans, low, high)
    return free if len(free) else as_intervals([(low, high)])


def _clipped(curve: LightCurve, window_s: Interval) -> Floats:
    """Find where the curve stays high above a low-order fit, for a first guess."""
    coarse = _coarse(curve)
    source = np.zeros(len(coarse.counts), dtype=bool)
    for _ in range(_TURNS):
        spans = as_intervals(np.column_stack([coarse.start_s, coarse.stop_s])[source])
        free = outside(spans, float(coarse.start_s[0]), float(coarse.stop_s[-1]))
        if len(free) == 0:
            break
        finding = _expected(coarse, free)
        high = (
            _high(coarse, finding) & (coarse.stop_s > window_s[0]) & (coarse.start_s < window_s[1])
        )
        if not (high & ~source).any():
            break
        source |= high
    return intersect(
        as_intervals(np.column_stack([coarse.start_s, coarse.stop_s])[source]),
        as_intervals([window_s]),
    )


def _expected(curve: LightCurve, free: Floats) -> Floats:
    fit = fit_background(
        curve.instrument,
        "clip",
        curve.start_s,
        curve.stop_s,
        curve.counts[:, None],
        curve.exposure_s,
        free,
        maximum_order=1,
        error=None if curve.error is None else curve.error[:, None],
    )
    return fit.counts(curve.start_s, curve.stop_s, curve.exposure_s)[:, 0]


def _high(curve: LightCurve, expected: Floats) -> Bools:
    """Tell which bins lie in a running sum that is significantly high."""
    variance = expected if curve.error is None else np.square(curve.error)
    high = np.zeros(len(expected), dtype=bool)
    for scale in _CLIP_SCALES:
        window = np.ones(min(scale, len(expected)))
        excess = np.convolve(curve.counts - expected, window, mode="same")
        spread = np.sqrt(np.convolve(np.maximum(variance, 1e-6), window, mode="same"))
        high |= excess > _CLIP_SIGMA * spread
    return high


def _coarse(curve: LightCurve) -> LightCurve:
    """Rebin to about 300 bins."""
    group = np.arange(0, len(curve.counts), max(1, len(curve.counts) // 300))
    return LightCurve(
        instrument=curve.instrument,
        detectors=curve.detectors,
        band_kev=curve.band_kev,
        start_s=curve.start_s[group],
        stop_s=curve.stop_s[np.append(group[1:], len(curve.counts)) - 1],
        counts=np.add.reduceat(curve.counts, group),
        exposure_s=np.add.reduceat(curve.exposure_s, group),
        error=None
        if curve.error is None
        else np.sqrt(np.add.reduceat(np.square(curve.error), group)),
    )
