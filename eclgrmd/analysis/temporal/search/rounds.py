"""Iterative search of a light curve: background fit and blocks, until they are consistent."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.background.baseline import SMOOTH_S, baseline
from eclgrmd.analysis.temporal.background.fit import fit_curve
from eclgrmd.analysis.temporal.background.spline import BackgroundFit
from eclgrmd.analysis.temporal.background.template import Template
from eclgrmd.analysis.temporal.blocks import segment_counts, segment_values
from eclgrmd.analysis.temporal.kernels.excess import excess_sigma
from eclgrmd.model.configuration.sections import BackgroundChoice
from eclgrmd.model.intervals import (
    Interval,
    bins_inside,
    intersection,
    outside,
    total_length,
    union,
)
from eclgrmd.model.observation import Floats, LightCurve

from .decay import NO_DECAY, Decay, fit_decay
from .episodes import burst_blocks, episodes, free_intervals, high_blocks
from .holes import split_at_gaps
from .prior import false_alarm_prior
from .significance import significance_gaussian_background

__all__ = [
    "Finding",
    "block_prior",
    "find_burst",
    "judge_blocks",
    "reach_of",
    "significance_of",
    "slow_decay",
]

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
_ITERATIONS = 8
"""Limit on the iterations of background and blocks, which usually agree after two or three."""
_LEAST_PART = 0.25
"""Fraction of the background time that must remain when unsteady times are removed; a choice."""
_HIGHEST_ORDER = 4
"""Highest order of a polynomial over all data; a choice."""
_EVERYWHERE = (-np.inf, np.inf)
"""Time range without limits."""
_NOWHERE = np.empty((0, 2))
"""No times."""
_LEAST_CHANCE = 0.5
"""Probability of a slow decay from which it is searched for: more likely than not."""
_DECAY_TIMES = 3.0
"""Time that the background then avoids after the burst, in decay times; a choice."""


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """Consistent background, blocks and extent of the burst in one light curve."""

    background: BackgroundFit | None
    """The background model; None for the smooth baseline of the first estimate."""
    expected: Floats
    """Expected background counts of each bin, shape (n,)."""
    expected_error: Floats
    """1-sigma errors of `expected`, fully correlated between bins, shape (n,)."""
    starts: NDArray[np.int64]
    """First bin of each block, shape (b,)."""
    sigma: Floats
    """Significance of the excess of each block, shape (b,)."""
    high: Bools
    """Blocks with significant emission, shape (b,)."""
    burst: Bools
    """The high blocks that form the burst, shape (b,)."""
    t100_s: Interval | None
    """Start of the first and stop of the last block of the burst, seconds after t0; None if there
    is no burst."""
    limits_s: Interval = _EVERYWHERE
    """Edges of the configured background intervals next to the burst, seconds after t0: its tails
    end there, too."""


def find_burst(
    curve: LightCurve,
    choice: BackgroundChoice,
    window_s: Interval,
    false_alarm: float,
    unsteady_s: Floats | None = None,
    given: BackgroundFit | None = None,
    templates: tuple[Template, ...] = (),
) -> Finding:
    """Find the burst in a light curve, together with the background outside it.

    Without configured intervals the search starts from the blocks that are significant above a
    smooth baseline. Then it repeats: fit the background outside these blocks, segment the light
    curve, and select the significant blocks, until they no longer change.

    Parameters
    ----------
    curve
        Bins with positive exposure; Poisson counts, or Gaussian ones if `error` is set. A
        background-subtracted curve may have a small residual offset, so a background of order 1 at
        most is fitted to it.
    choice
        Configured or automatic background intervals, and the order.
    window_s
        Time in which the burst may lie, seconds after t0.
    false_alarm
        Probability of a change point in a constant rate.
    unsteady_s
        Times that automatic background intervals avoid if enough time remains, shape (k, 2).
    given
        A known background; None to fit it.
    templates
        Known functions of time that the background may contain.
    """
    search = _Search(curve, choice.order, window_s, false_alarm, templates)
    if given is not None:
        return search.above_background(given, _EVERYWHERE)
    if choice.mode == "intervals":
        given_s = union(choice.intervals_s)
        finding = search.above_fit_in(given_s)
        return replace(finding, limits_s=_limits(given_s, finding.t100_s))
    finding = search.above_baseline()
    if not finding.high.any():
        finding = search.above_polynomial()
    finding = search.repeated(finding, unsteady_s)
    if choice.order is not None:
        return finding
    return search.with_slow_emission(finding, unsteady_s)


def slow_decay(curve: LightCurve, finding: Finding) -> Decay:
    """Return the comparison of backgrounds with and without a slow decay after the burst."""
    if finding.t100_s is None or finding.background is None:
        return NO_DECAY
    inside = (curve.start_s >= finding.t100_s[0] - 1e-9) & (
        curve.stop_s <= finding.t100_s[1] + 1e-9
    )
    net = float((curve.counts - finding.expected)[inside].sum())
    fitted = finding.background.intervals_s
    spans = episodes(curve, finding.starts, finding.high)
    free = outside(spans, float(fitted[0, 0]), float(fitted[-1, 1]))
    templates = finding.background.templates
    return fit_decay(curve, finding.expected, free, finding.t100_s, net, templates)


def block_prior(curve: LightCurve, false_alarm: float) -> float:
    """Return the cost of a block in a light curve, see `false_alarm_prior`."""
    mean = float(curve.counts.mean()) if curve.error is None else None
    return false_alarm_prior(len(curve.counts), false_alarm, mean)


def judge_blocks(
    curve: LightCurve, fit: BackgroundFit, starts: Ints, window_s: Interval
) -> Finding:
    """Return which of the given blocks form the burst, above a known background.

    Parameters
    ----------
    curve, fit
        The light curve and its background.
    starts
        First bin of each block, shape (b,).
    window_s
        Time in which the burst may lie, seconds after t0.
    """
    return _Search(curve, None, window_s, 0.0).above_background(fit, _EVERYWHERE, starts)


def significance_of(curve: LightCurve, finding: Finding) -> float | None:
    """Return the significance of the burst over T100, in sigma, or None if there is no burst."""
    t100 = finding.t100_s
    if t100 is None:
        return None
    inside = (curve.start_s >= t100[0] - 1e-9) & (curve.stop_s <= t100[1] + 1e-9)
    counts = float(curve.counts[inside].sum())
    background = float(finding.expected[inside].sum())
    if curve.error is not None:
        return (counts - background) / float(np.sqrt(np.square(curve.error[inside]).sum()))
    error = float(finding.expected_error[inside].sum())
    return float(significance_gaussian_background(counts, background, error))


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """The search of one light curve, with the settings that stay the same in all iterations."""

    curve: LightCurve
    order: int | None
    window_s: Interval
    false_alarm: float
    templates: tuple[Template, ...] = ()

    def above_baseline(self) -> Finding:
        """Find the burst above a smooth baseline, as a first estimate.

        The error of the baseline is the Poisson error of the counts in its smoothing time.
        """
        curve = self.curve
        expected = self._positive(baseline(curve))
        variance = expected if curve.error is None else np.square(curve.error)
        error = variance.sum() / curve.exposure_s.sum() / SMOOTH_S
        return self._found(
            None, expected, curve.exposure_s[:, None], np.array([[error]]), _EVERYWHERE
        )

    def above_polynomial(self) -> Finding:
        """Find a burst that the smooth baseline follows because it is as slow, as a first estimate.

        The background is the polynomial over all data with the lowest Bayesian information
        criterion (Schwarz 1978, Ann. Stat. 6, 461). A smooth curve would follow the burst, too.
        """
        curve = self.curve
        everything = union([(float(curve.start_s[0]), float(curve.stop_s[-1]))])
        highest = 1 if curve.background_subtracted else _HIGHEST_ORDER
        orders = range(highest + 1) if self.order is None else [self.order]
        fits = [fit_curve(curve, everything, order=order) for order in orders]
        return self.above_background(min(fits, key=_information), _EVERYWHERE)

    def above_fit_in(self, intervals_s: Floats, around_s: Interval | None = None) -> Finding:
        """Fit the background in the intervals and find the burst above it.

        Blocks beyond the intervals are not part of the burst, because the fit is extrapolated
        there. A side of the previous burst (`around_s`) without an interval is not restricted.
        """
        return self.above_background(self._fit(intervals_s), reach_of(intervals_s, around_s))

    def repeated(
        self, finding: Finding, unsteady_s: Floats | None, slow_s: Floats = _NOWHERE
    ) -> Finding:
        """Fit the background outside the burst and find the burst above it, until they agree.

        Parameters
        ----------
        finding
            A first estimate.
        unsteady_s
            Times that the background avoids if enough time remains, shape (k, 2).
        slow_s
            Times that the background avoids, shape (k, 2).
        """
        seen: list[bytes] = []
        while len(seen) < _ITERATIONS:
            seen.append(finding.high.tobytes() + finding.starts.tobytes())
            free = free_intervals(self.curve, finding.starts, finding.high, finding.burst)
            free = _steady_part(free, unsteady_s)
            if len(slow_s):
                free = intersection(free, outside(slow_s))
            finding = self.above_fit_in(free, finding.t100_s)
            if finding.high.tobytes() + finding.starts.tobytes() in seen:
                break
        return finding

    def with_slow_emission(self, finding: Finding, unsteady_s: Floats | None) -> Finding:
        """Search again with a background that avoids the decay after the burst, if there is one.

        The longer burst is used if blocks of it are significant above that background.
        """
        decay = slow_decay(self.curve, finding)
        if finding.t100_s is None or decay.chance < _LEAST_CHANCE:
            return finding
        stop_s = finding.t100_s[1]
        slow_s = np.array([[stop_s, stop_s + _DECAY_TIMES * decay.tau_s]])
        again = self.repeated(finding, unsteady_s, slow_s)
        longer = again.t100_s is not None and again.t100_s[1] > stop_s + 1e-9
        return again if longer else finding

    def above_background(
        self, fit: BackgroundFit, reach_s: Interval, starts: Ints | None = None
    ) -> Finding:
        """Find the burst above a background, among given blocks or those of a new segmentation."""
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
            starts = split_at_gaps(self.curve, self._segment(expected))
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
        return fit_curve(self.curve, intervals_s, order=self.order, templates=self.templates)

    def _segment(self, expected: Floats) -> Ints:
        curve = self.curve
        prior = block_prior(curve, self.false_alarm)
        if curve.error is None:
            return segment_counts(curve.counts, expected, prior)
        rate = (curve.counts - expected) / curve.exposure_s
        return segment_values(rate, curve.error / curve.exposure_s, prior)

    def _eligible(self, starts: Ints, reach_s: Interval) -> Bools:
        """Mark the blocks in the range of the background fit with a bin in the window, (b,)."""
        stops = np.append(starts[1:], len(self.curve.counts)) - 1
        near = (self.curve.stop_s[stops] > reach_s[0]) & (self.curve.start_s[starts] < reach_s[1])
        return np.asarray(near & np.logical_or.reduceat(self._searched, starts))

    @property
    def _searched(self) -> Bools:
        """The bins that lie completely in the window, shape (n,)."""
        return bins_inside(self.curve.start_s, self.curve.stop_s, union([self.window_s]))

    def _extent(self, starts: Ints, burst: Bools) -> Interval | None:
        """Return the extent of the bins of the burst that lie completely in the window."""
        if not burst.any():
            return None
        stops = np.append(starts[1:], len(self.curve.counts))
        first, last = np.flatnonzero(burst)[[0, -1]]
        bins = np.flatnonzero(self._searched[starts[first] : stops[last]]) + starts[first]
        return float(self.curve.start_s[bins[0]]), float(self.curve.stop_s[bins[-1]])


def _information(fit: BackgroundFit) -> float:
    """Return the Bayesian information criterion of a polynomial."""
    coefficients = fit.coefficients.shape[1]
    return float(fit.statistic.sum() + coefficients * np.log(fit.dof + coefficients))


def _steady_part(free_s: Floats, unsteady_s: Floats | None) -> Floats:
    """Remove unsteady times from background intervals, unless less than a quarter would remain."""
    if unsteady_s is None or len(unsteady_s) == 0 or len(free_s) == 0:
        return free_s
    part = intersection(free_s, outside(unsteady_s))
    return part if total_length(part) >= _LEAST_PART * total_length(free_s) else free_s


def _limits(given_s: Floats, t100_s: Interval | None) -> Interval:
    """Return the end of the last interval before the burst and the start of the first one after."""
    if t100_s is None:
        return _EVERYWHERE
    before = given_s[given_s[:, 1] <= t100_s[0] + 1e-9, 1]
    after = given_s[given_s[:, 0] >= t100_s[1] - 1e-9, 0]
    return float(before.max(initial=-np.inf)), float(after.min(initial=np.inf))


def reach_of(intervals_s: Floats, around_s: Interval | None) -> Interval:
    """Return the time range, seconds after t0, in which a fit in the intervals is valid.

    Parameters
    ----------
    intervals_s
        Fitted intervals, shape (k, 2); with fewer than two the range is unlimited.
    around_s
        The burst found so far; a side of it without an interval is unlimited. None to end the range
        at the outer edges of the intervals.
    """
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
    """Return the significance of each block, including the background error, sigma, shape (b,)."""
    counts = np.add.reduceat(curve.counts, starts)
    background = np.add.reduceat(expected, starts)
    columns = np.add.reduceat(design, starts, axis=0)
    uncertain = np.einsum("bk,kl,bl->b", columns, covariance, columns)
    variance = np.zeros(len(starts))
    if curve.error is not None:
        variance = np.add.reduceat(np.square(curve.error), starts)
    return excess_sigma(counts, background, uncertain, variance)
