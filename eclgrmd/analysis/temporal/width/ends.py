"""Brightness of the two ends of a burst, on which depends how much of its tails is seen."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.kernels.excess import excess_sigma
from eclgrmd.analysis.temporal.search.rounds import Finding
from eclgrmd.model.observation import LightCurve

__all__ = ["BurstEnd", "burst_ends"]

Ints = NDArray[np.int64]
_SPIKE = 0.1
"""Part of an episode's time, the brightest, that does not count; a choice."""
_REST = 0.88
"""Typical part of the significance, and of the counts, that an episode has without it, read off
simulated bursts."""


class BurstEnd(NamedTuple):
    """The first or the last episode of a burst, without the brightest tenth of its time.

    A spike makes the tail of the weak emission that follows it no easier to see. Both numbers are
    scaled so that they are those of the whole episode in typical cases.
    """

    significance: float
    """Significance, in sigma."""
    share: float
    """Part of the net counts of the burst, 0 to 1."""


def burst_ends(curve: LightCurve, finding: Finding) -> tuple[BurstEnd, BurstEnd]:
    """Return the first and the last episode of the burst."""
    burst = np.flatnonzero(finding.burst)
    stops = np.append(finding.starts[1:], len(curve.counts))
    joined = curve.start_s[finding.starts[burst[1:]]] <= curve.stop_s[stops[burst[:-1]] - 1] + 1e-9
    episodes = np.split(burst, np.flatnonzero(~joined) + 1)
    net = curve.counts - finding.expected
    total = sum(float(net[finding.starts[k] : stops[k]].sum()) for k in burst)
    first, last = (
        _rest(curve, finding, stops, each, total) for each in (episodes[0], episodes[-1])
    )
    return first, last


def _rest(curve: LightCurve, finding: Finding, stops: Ints, blocks: Ints, total: float) -> BurstEnd:
    """Return an episode without its brightest tenth; `total` is the net counts of the burst."""
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
    share = float(counts - expected) / (_REST * total) if total > 0.0 else 1.0
    return BurstEnd(float(sigma[0]) / _REST, min(max(share, 0.0), 1.0))
