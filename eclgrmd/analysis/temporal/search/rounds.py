"""Search of a light curve for the burst: background and blocks, in turns, until they agree."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.background.baseline import SMOOTH_S, baseline
from eclgrmd.analysis.temporal.background.fit import MAXIMUM_ORDER, fit_curve
from eclgrmd.analysis.temporal.background.polynomial import BackgroundFit
from eclgrmd.analysis.temporal.blocks import segment_counts, segment_values
from eclgrmd.analysis.temporal.kernels.excess import excess_sigma
from eclgrmd.model.configuration.sections import BackgroundChoice
from eclgrmd.model.intervals import Interval, intersection, outside, total_length, union
from eclgrmd.model.observation import Floats, LightCurve

from .episodes import burst_blocks, free_intervals, high_blocks
from .prior import false_alarm_prior
from .significance import significance_gaussian_background

__all__ = [
    "Finding",
    "block_prior",
    "find_burst",
    "judge_blocks",
    "reach_of",
    "significance_of",
]

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
_TURNS = 8
"""Most turns of background and blocks, which agree after two or three."""
_LEAST_PART = 0.25
"""Least part of the free times that must remain without the unsteady ones."""
_EVERYWHERE = (-np.inf, np.inf)


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """Background, blocks and extent of the burst that fit each other."""

    background: BackgroundFit | None
    """None: a smooth baseline instead, for a first guess."""
    expected: Floats
    """Background counts of each bin, shape (n,)."""
    expected_error: Floats
    """Their 1-sigma errors, fully correlated, shape (n,)."""
    starts: NDArray[np.int64]
    """First bin of each block, shape (b,)."""
    sigma: Floats
    """Significance of the excess of each block, shape (b,)."""
    high: Bools
    """Blocks that stand out above the background, shape (b,)."""
    burst: Bools
    """Those of them that belong to the burst, shape (b,)."""
    t100_s: Interval | None
    """From the first to the last of them; None: there is none."""
    limits_s: Interval = _EVERYWHERE
    """Where the given background intervals next to it begin, which are free of its tails too."""


def find_burst(
    curve: LightCurve,
    choice: BackgroundChoice,
    window_s: Interval,
    false_alarm: float,
    unsteady_s: Floats | None = None,
    given: BackgroundFit | None = None,
) -> Finding:
    """Fit the background outside the burst and find the burst over the background.

    Without given intervals this starts from what stands out above a smooth baseline and goes on in
    turns: fit the background on both sides, segment, take what stands out as the burst.

    Parameters
    ----------
    curve
        Bins with exposure; Poisson counts, or Gaussian where `error` is given. A curve that came
        background-subtracted may still have a small offset: an order of at most 1 is fitted.
    choice
        LoadedSettings background intervals or automatic ones, and the order.
    window_s
        Where the burst may be.
    false_alarm
        Of a change point.
    unsteady_s
        Times that automatic background intervals leave out where they can, shape (k, 2).
    given
        A background that is known already.
    """
    search = _Search(curve, choice.order, window_s, false_alarm)
    if given is not None:
        return search.judged(given, _EVERYWHERE)
    if choice.mode == "intervals":
        given_s = union(choice.intervals_s)
        finding = search.over(given_s)
        return replace(finding, limits_s=_limits(given_s, finding.t100_s))
    finding = search.over_baseline()
    seen: list[bytes] = []
    while len(seen) < _TURNS:
        seen.append(finding.high.tobytes() + finding.starts.tobytes())
        free = free_intervals(curve, finding.starts, finding.high, finding.burst)
        finding = search.over(_steady_part(free, unsteady_s), finding.t100_s)
        if finding.high.tobytes() + finding.starts.tobytes() in seen:
            break
    return finding


def block_prior(curve: LightCurve, false_alarm: float) -> float:
    """Give the prior of a block in a light curve."""
    mean = float(curve.counts.mean()) if curve.error is None else None
    return false_alarm_prior(len(curve.counts), false_alarm, mean)


def judge_blocks(
    curve: LightCurve, fit: BackgroundFit, starts: Ints, window_s: Interval
) -> Finding:
    """Tell which of some blocks are the burst, over a background that is known."""
    return _Search(curve, None, window_s, 0.0).judged(fit, _EVERYWHERE, starts)


def significance_of(curve: LightCurve, finding: Finding) -> float | None:
    """Tell the significance of the burst over T100, in sigma; None: there is none."""
    t100 = finding.t100_s
    if t100 is None:
        return None
    inside = (curve.start_s >= t100[0] - 1e-9) & (curve.stop_s <= t100[1] + 1e-9)
    counts = float(curve.counts[inside].sum())
    background = float(finding.expected[inside].sum())
    if curve.error is not None:
        return (counts - background) / float(np.sqrt(np.square(curve.error[inside]).sum()))
    error = float(finding.expected_error[inside].sum())
    return significance_gaussian_background(counts, background, error)


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """What stays the same from turn to turn."""

    curve: LightCurve
    order: int | None
    window_s: Interval
    false_alarm: float

    def over_baseline(self) -> Finding:
        """Find the burst over a smooth baseline, for a first guess.

        The baseline is known no better than the counts of its own smoothness tell.
        """
        curve = self.curve
        expected = self._positive(baseline(curve))
        variance = expected if curve.error is None else np.square(curve.error)
        error = variance.sum() / curve.exposure_s.sum() / SMOOTH_S
        return self._found(
            None, expected, curve.exposure_s[:, None], np.array([[error]]), _EVERYWHERE
        )

    def over(self, intervals_s: Floats, around_s: Interval | None = None) -> Finding:
        """Fit the background in the intervals and find the burst over it.

        Blocks beyond the intervals are no burst: there the fit is extrapolated. But a side of the
        burst known so far (`around_s`) on which no interval lies stays open.
        """
        return self.judged(self._fit(intervals_s), reach_of(intervals_s, around_s))

    def judged(self, fit: BackgroundFit, reach_s: Interval, starts: Ints | None = None) -> Finding:
        """Find the burst among given blocks, or among those that the background makes."""
        design = fit.design(self.curve.start_s, self.curve.stop_s, self.curve.exposure_s)
        expected = self._positive(design @ fit.coefficients[0])
        return self._found(fit, expected, design, fit.covariance[0], reach_s, starts)

    def _positive(self, expected: Floats) -> Floats:
        return np.maximum(expected, 1e-6) if self.curve.error is None else expected

    def _found(
        self,
        fit: BackgroundFit | None,
        expected: Floats,
        design: Floats,
        covariance: Floats,
        reach_s: Interval,
        starts: Ints | None = None,
    ) -> Finding:
        if starts is None:
            starts = self._segment(expected)
        sigma = _excess_sigma(self.curve, expected, starts, design, covariance)
        high = high_blocks(np.where(self._eligible(starts, reach_s), sigma, 0.0))
        burst = burst_blocks(self.curve, starts, sigma, high)
        variance = np.einsum("nk,kl,nl->n", design, covariance, design)
        return Finding(
            background=fit,
            expected=expected,
            expected_error=np.sqrt(np.maximum(variance, 0.0)),
            starts=starts,
            sigma=sigma,
            high=high,
            burst=burst,
            t100_s=self._extent(starts, burst),
        )

    def _fit(self, intervals_s: Floats) -> BackgroundFit:
        curve = self.curve
        return fit_curve(
            curve,
            intervals_s,
            order=self.order,
            maximum_order=1 if curve.background_subtracted else MAXIMUM_ORDER,
        )

    def _segment(self, expected: Floats) -> Ints:
        curve = self.curve
        prior = block_prior(curve, self.false_alarm)
        if curve.error is None:
            return segment_counts(curve.counts, expected, prior)
        rate = (curve.counts - expected) / curve.exposure_s
        return segment_values(rate, curve.error / curve.exposure_s, prior)

    def _eligible(self, starts: Ints, reach_s: Interval) -> Bools:
        """Tell which blocks may be the burst: inside the window and where the fit holds."""
        stops = np.append(starts[1:], len(self.curve.counts)) - 1
        low, high = max(self.window_s[0], reach_s[0]), min(self.window_s[1], reach_s[1])
        eligible = (self.curve.stop_s[stops] > low) & (self.curve.start_s[starts] < high)
        return np.asarray(eligible)

    def _extent(self, starts: Ints, burst: Bools) -> Interval | None:
        if not burst.any():
            return None
        stops = np.append(starts[1:], len(self.curve.counts)) - 1
        first, last = np.flatnonzero(burst)[[0, -1]]
        return (
            max(float(self.curve.start_s[starts[first]]), self.window_s[0]),
            min(float(self.curve.stop_s[stops[last]]), self.window_s[1]),
        )


def _steady_part(free_s: Floats, unsteady_s: Floats | None) -> Floats:
    """Take unsteady times out of free ones, unless less than a quarter would be left."""
    if unsteady_s is None or len(unsteady_s) == 0 or len(free_s) == 0:
        return free_s
    part = intersection(free_s, outside(unsteady_s))
    return part if total_length(part) >= _LEAST_PART * total_length(free_s) else free_s


def _limits(given_s: Floats, t100_s: Interval | None) -> Interval:
    """Give the stop of the last interval before the burst and the start of the first one after."""
    if t100_s is None:
        return _EVERYWHERE
    before = given_s[given_s[:, 1] <= t100_s[0] + 1e-9, 1]
    after = given_s[given_s[:, 0] >= t100_s[1] - 1e-9, 0]
    return float(before.max(initial=-np.inf)), float(after.min(initial=np.inf))


def reach_of(intervals_s: Floats, around_s: Interval | None) -> Interval:
    """Tell from when to when a fit in the intervals holds."""
    if len(intervals_s) < 2:
        return _EVERYWHERE
    low, high = float(intervals_s[0, 0]), float(intervals_s[-1, 1])
    if around_s is None:
        return low, high
    return (
        low if low < around_s[0] else -np.inf,
        high if high > around_s[1] else np.inf,
    )


def _excess_sigma(
    curve: LightCurve, expected: Floats, starts: Ints, design: Floats, covariance: Floats
) -> Floats:
    """Significance of each block's excess, the error of the background included, shape (b,)."""
    counts = np.add.reduceat(curve.counts, starts)
    background = np.add.reduceat(expected, starts)
    columns = np.add.reduceat(design, starts, axis=0)
    uncertain = np.einsum("bk,kl,bl->b", columns, covariance, columns)
    variance = np.zeros(len(starts))
    if curve.error is not None:
        variance = np.add.reduceat(np.square(curve.error), starts)
    return excess_sigma(counts, background, uncertain, variance)
