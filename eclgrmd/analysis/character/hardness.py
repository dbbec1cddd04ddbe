"""Hardness ratio of two bands, with Bayesian errors that are valid for any number of counts."""

from dataclasses import dataclass

import numpy as np

from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import Interval
from eclgrmd.model.measurement import Measurement
from eclgrmd.model.observation import Floats
from eclgrmd.model.result import HardnessRatio

from .kernels.posterior import (
    CELLS,
    gaussian_posterior,
    poisson_posterior,
    quantile,
    ratio_quantile,
)
from .series import Sum
from .significance import sigma_of

__all__ = ["hardness_ratio"]

_FRACTIONS = (0.158655, 0.5, 0.841345)
"""Quantiles of a normal distribution at -1, 0 and 1 sigma."""
_REACH_SIGMA = 8.0
"""Range of the grid of source counts on either side of the net counts, in their errors."""
_LEAST_REACH = 15.0
"""Counts added to that range for Poisson data, so that it covers the posterior of few counts."""
_WEAK_SIGMA = 3.0
"""Significance of a band below which it is flagged; a choice."""
_PRIOR_INDEX = 1.0
"""Index of the prior of source counts; 1 is the uniform prior, see `poisson_posterior`."""


@dataclass(frozen=True, slots=True, eq=False)
class _CountPosterior:
    edges: Floats
    """Evenly spaced source counts, shape (n + 1,)."""
    below: Floats
    """Posterior probability below each edge, shape (n + 1,)."""

    def quantiles(self) -> list[float]:
        return [quantile(self.edges, self.below, fraction) for fraction in _FRACTIONS]


def hardness_ratio(
    soft: Sum,
    hard: Sum,
    soft_band_kev: Interval,
    hard_band_kev: Interval,
    interval_s: Interval,
) -> HardnessRatio:
    """Return the hardness ratios hard / soft and (hard - soft) / (hard + soft).

    The method is the Poisson treatment of Park et al. 2006 (ApJ 652, 610): the source counts of
    each band have a uniform prior, the background (here Gaussian, from its fit) is marginalised,
    and the posterior of the ratio is integrated numerically. Bands with Gaussian errors are treated
    in the same way.

    Parameters
    ----------
    soft, hard
        Counts of the same detectors over the same interval.
    soft_band_kev, hard_band_kev
        Bands of the counts.
    interval_s
        Interval of the counts, seconds after t0.
    """
    s, h = _posterior_of(soft), _posterior_of(hard)
    ratios = [ratio_quantile(f, s.edges, s.below, h.edges, h.below) for f in _FRACTIONS]
    flags = [
        Flag(FlagCode.WEAK_BAND, subject=name)
        for name, total in (("soft", soft), ("hard", hard))
        if sigma_of(total) < _WEAK_SIGMA
    ]
    return HardnessRatio(
        soft_band_kev=soft_band_kev,
        hard_band_kev=hard_band_kev,
        interval_s=interval_s,
        soft_counts=_estimate(s.quantiles()),
        hard_counts=_estimate(h.quantiles()),
        ratio=_estimate(ratios),
        # the difference increases with the ratio, so its quantiles follow from those of the ratio
        difference=_estimate([(r - 1.0) / (r + 1.0) for r in ratios]),
        flags=tuple(flags),
    )


def _posterior_of(total: Sum) -> _CountPosterior:
    net = max(total.counts - total.background, 0.0)
    spread = float(np.hypot(np.sqrt(max(total.variance, 0.0)), total.background_error))
    reach = _REACH_SIGMA * spread + (_LEAST_REACH if total.poisson else 0.0)
    edges = np.linspace(max(0.0, net - reach), net + reach, CELLS + 1)
    if not total.poisson:
        below = gaussian_posterior(total.counts - total.background, spread, edges)
        return _CountPosterior(edges, below)
    below = poisson_posterior(
        total.counts, total.background, total.background_error, _PRIOR_INDEX, edges
    )
    return _CountPosterior(edges, below)


def _estimate(quantiles: list[float]) -> Measurement:
    low, middle, high = quantiles
    return Measurement(middle, middle - low, high - middle)
