"""Brightness of the two ends of a burst, on which depends how much of its tails is seen."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.kernels.excess import excess_sigma
from eclgrmd.analysis.temporal.search.rounds import Finding
from eclgrmd.model.observation import LightCurve

__all__ = ["end_significances"]

Ints = NDArray[np.int64]
_SPIKE = 0.1
"""Part of an episode's time, the brightest, that does not count; a choice."""
_REST = 0.88
"""Typical part of the significance that an episode has without it, read off simulated bursts."""


def end_significances(curve: LightCurve, finding: Finding) -> tuple[float, float]:
    """Return the significance of the first and of the last episode of the burst, in sigma.

    The brightest tenth of an episode's time is left out: a spike makes the tail of the weak
    emission that follows it no easier to see. The rest is scaled so that it is the significance of
    the episode in typical cases.
    """
    burst = np.flatnonzero(finding.burst)
    stops = np.append(finding.starts[1:], len(curve.counts))
    joined = curve.start_s[finding.starts[burst[1:]]] <= curve.stop_s[stops[burst[:-1]] - 1] + 1e-9
    episodes = np.split(burst, np.flatnonzero(~joined) + 1)
    first, last = (_rest(curve, finding, stops, each) for each in (episodes[0], episodes[-1]))
    return first, last


def _rest(curve: LightCurve, finding: Finding, stops: Ints, blocks: Ints) -> float:
    """Return the scaled significance of an episode without its brightest tenth."""
    sums = np.array(
        [
            [values[finding.starts[k] : stops[k]].sum() for k in blocks]
            for values in (
                curve.counts,
                finding.expected,
                finding.expected_error,
                np.zeros(len(curve.counts)) if curve.error is None else np.square(curve.error),
                curve.exposure_s,
            )
        ]
    )
    sums = sums[:, np.argsort((sums[0] - sums[1]) / sums[4])[::-1]]
    live = sums[4]
    left_out = np.clip(_SPIKE * live.sum() - (np.cumsum(live) - live), 0.0, live)
    counts, expected, error, variance, _ = sums @ (1.0 - left_out / live)
    sigma = excess_sigma(*(np.array([each]) for each in (counts, expected, error**2, variance)))
    return float(sigma[0]) / _REST
