"""Fit statistics per channel: value, and first and second derivative in the source counts.

All are minus twice the logarithm of a likelihood ratio, profiled analytically over the background,
a nuisance parameter that is never negative. They follow appendix B of the XSPEC manual (Arnaud,
Dorman & Gordon; W-stat: Wachter, Leach & Kellogg 1979; Cstat: Cash 1979).
"""

import math

from eclgrmd.analysis._jit import fast_kernel
from eclgrmd.model.observation import Floats

__all__ = [
    "CHI2",
    "PGSTAT",
    "WSTAT",
    "background_pgstat",
    "background_wstat",
    "channel_statistic",
    "sum_statistic",
]

PGSTAT = 0
"""Poisson counts with a Gaussian background; without background error it is Cstat."""
WSTAT = 1
"""Poisson counts with a background estimated from scaled Poisson counts."""
CHI2 = 2
"""Gaussian net counts."""
_TINY = 1e-150
"""Lower bound on expected counts, which keeps the logarithm finite."""


@fast_kernel
def _deviance(counts: float, expected: float) -> float:
    if counts <= 0.0:
        return expected
    return expected - counts + counts * math.log(counts / expected)


@fast_kernel
def background_pgstat(counts: float, source: float, background: float, variance: float) -> float:
    """Return the expected background counts that maximise the likelihood of PGSTAT.

    The total t = source + background solves t^2 + t (v - c) - S v = 0, with S the observed counts,
    v the variance and c = source + measured background. The positive root is computed in the form
    without cancellation.
    """
    difference = source + background - variance
    root = math.sqrt(difference * difference + 4.0 * counts * variance)
    if difference >= 0.0:
        total = 0.5 * (difference + root)
    else:
        total = 2.0 * counts * variance / (root - difference)
    return max(total - source, 0.0)


@fast_kernel
def _pgstat_parts(
    counts: float, source: float, background: float, variance: float
) -> tuple[float, float, float, float]:
    """Return expected total counts, penalty of the background, first and second derivative.

    These are the parts of PGSTAT without a logarithm. The conditions choose between two values
    rather than two code paths, so that the compiler can vectorise the loop over channels.
    """
    expected = background_pgstat(counts, source, background, variance)
    total = max(source + expected, _TINY)
    ratio = counts / total
    # at the maximum, shift / variance = counts / total - 1: exact where the difference cancels
    cancels = expected > 0.0 and variance < 1e-3 * background
    shift = variance * (ratio - 1.0) if cancels else expected - background
    penalty = 0.5 * shift * shift / variance if variance > 0.0 else 0.0
    width = variance if expected > 0.0 else 0.0
    return total, penalty, 2.0 * (1.0 - ratio), 2.0 / (total + width)


@fast_kernel
def _pgstat(
    counts: float, source: float, background: float, variance: float
) -> tuple[float, float, float]:
    total, penalty, slope, curve = _pgstat_parts(counts, source, background, variance)
    return 2.0 * (_deviance(counts, total) + penalty), slope, curve


@fast_kernel
def background_wstat(counts: float, source: float, background: float, scale: float) -> float:
    """Return the expected background counts that maximise the likelihood of W-stat.

    `background` is the scaled background: `scale` times the counts of the background spectrum.
    """
    k = scale / (1.0 + scale)
    other = background / scale
    difference = k * (counts + other) - source
    product = k * other * source
    root = math.sqrt(difference * difference + 4.0 * product)
    if difference >= 0.0:
        return 0.5 * (difference + root)
    return 2.0 * product / (root - difference)


@fast_kernel
def _wstat(
    counts: float, source: float, background: float, scale: float
) -> tuple[float, float, float]:
    expected = background_wstat(counts, source, background, scale)
    total = max(source + expected, _TINY)
    value = _deviance(counts, total) + _deviance(background / scale, max(expected / scale, _TINY))
    return 2.0 * value, 2.0 * (1.0 - counts / total), 2.0 / (total + scale * expected)


@fast_kernel
def channel_statistic(
    kind: int, counts: float, source: float, background: float, spread: float
) -> tuple[float, float, float]:
    """Evaluate the statistic of one channel.

    Parameters
    ----------
    kind
        PGSTAT, WSTAT or CHI2.
    counts, background
        Observed counts, and background counts scaled to the same exposure.
    source
        Expected source counts.
    spread
        Variance of the background (PGSTAT), its scale (WSTAT), or the variance of
        counts - background (CHI2).

    Returns
    -------
    tuple
        The statistic, its derivative with respect to `source`, and its expected second derivative.
    """
    if kind == PGSTAT:
        return _pgstat(counts, source, background, spread)
    if kind == WSTAT:
        return _wstat(counts, source, background, spread)
    residual = source - (counts - background)
    return residual * residual / spread, 2.0 * residual / spread, 2.0 / spread


@fast_kernel
def _sum_pgstat(
    counts: Floats,
    source: Floats,
    background: Floats,
    variance: Floats,
    slope: Floats,
    curve: Floats,
) -> float:
    value = 0.0
    for j in range(counts.size):
        total, penalty, slope[j], curve[j] = _pgstat_parts(
            counts[j], source[j], background[j], variance[j]
        )
        source[j] = total
        value += penalty
    for j in range(counts.size):
        value += _deviance(counts[j], source[j])
    return 2.0 * value


@fast_kernel
def sum_statistic(
    kind: int,
    counts: Floats,
    source: Floats,
    background: Floats,
    spread: Floats,
    slope: Floats,
    curve: Floats,
) -> float:
    """Return the sum of the statistic over channels of one kind, see `channel_statistic`.

    `slope` and `curve` (first and second derivative, shape (n,)) are filled; `source` is
    overwritten.
    """
    if kind == PGSTAT:
        return _sum_pgstat(counts, source, background, spread, slope, curve)
    value = 0.0
    for j in range(counts.size):
        part, slope[j], curve[j] = channel_statistic(
            kind, counts[j], source[j], background[j], spread[j]
        )
        value += part
    return value
