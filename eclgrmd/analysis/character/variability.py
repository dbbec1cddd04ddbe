"""Minimum variability time-scale: the shortest time in which a burst varies significantly."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.measurement import NOT_MEASURED, Measurement
from eclgrmd.model.observation import Floats
from eclgrmd.model.result import VariabilityScale

from .kernels.haar import structure_function
from .series import NetCurve

__all__ = ["scale_of_curve", "variability_scale"]

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_REPLICAS = 50
"""Number of replicas for the error; a choice between precision and time."""
_ONE_SIGMA = (15.8655, 84.1345)
"""Percentiles of a normal distribution at -1 and 1 sigma."""
_DETECTED_SIGMA = 3.0
"""Significance of the structure function from which variation is detected; a choice."""
_PER_OCTAVE = 2
"""Number of window widths per factor of two; a choice."""
_STEEPNESS = np.array([0.35, 0.5, 0.75, 1.0, 1.5, 2.5])
"""Exponents of the fitted shape, see `scale_of_curve`; a choice that spans slow to sharp bends."""
_TRIALS = 20
"""Number of trial scales per factor of two."""
_FLOOR = 0.1
"""Relative error added to each point of the structure function, for the approximate shape."""
_DEPTH = 0.25
"""Fraction of the highest point below which detected points are not fitted: far below the first
rise the shape no longer holds; a choice."""
_UNSEEN = 0.5
"""Relative error downwards: noise hides sharp rises, so the true scale may be shorter; set from the
median ratio of 1.4 in ``python -m testbench accuracy/character``."""
_MODEL_ERROR = 0.1
"""Relative error upwards, for the approximate shape; a choice."""


def variability_scale(net: NetCurve, seed: int) -> VariabilityScale:
    """Return the minimum variability time-scale of a light curve.

    It is measured on the noise-subtracted structure function of undecimated Haar wavelets (Golkhou
    & Butler 2014, ApJ 787, 90), here of net counts divided by their mean square, so that empty bins
    can be included. On short time-scales every curve is smooth and the function increases in
    proportion to the scale. The result is the scale at which its square has fallen to half of that
    increase. For a single pulse it is about the full width at half maximum of its fastest feature.

    The error combines three parts. The first is the spread of replicas to which Poisson noise was
    added a second time (with twice the noise subtracted), which is conservative. The second is 10 %
    upwards for the approximate shape. The third is 50 % downwards, because noise hides part of the
    sharp rises: for bursts of Norris pulses the scale is 1.4 times too long in the median
    (``python -m testbench accuracy/character``).

    Parameters
    ----------
    net
        Bins of equal width over the burst; missing bins count as 0.
    seed
        Seed of the noise.

    Returns
    -------
    VariabilityScale
        With an upper limit (2 sigma) instead of a value if the rise is hidden by noise or below the
        bin width. Without either, and flagged `no variability detected`, if nothing is significant.
    """
    counts, background, variance = _grid(net)
    widths = _widths(len(counts))
    value, error = structure_function(counts - background, variance, widths)
    detected = _detected(value, error)
    if not detected.any():
        return VariabilityScale(NOT_MEASURED, None, None, (Flag(FlagCode.NO_VARIABILITY),))
    shortest = float(widths[np.argmax(detected)])
    scale = scale_of_curve(value, error, widths)
    replicas = _replicas(net, counts, background, variance, widths, seed)
    low, high = np.percentile(replicas - np.median(replicas), _ONE_SIGMA)
    if scale < shortest:
        limit = max(shortest, scale + 2.0 * float(high))
        return VariabilityScale(NOT_MEASURED, limit * net.bin_s, shortest * net.bin_s)
    return VariabilityScale(
        Measurement(
            scale * net.bin_s,
            float(np.hypot(high, _UNSEEN * scale)) * net.bin_s,
            float(np.hypot(low, _MODEL_ERROR * scale)) * net.bin_s,
        ),
        None,
        shortest * net.bin_s,
    )


def scale_of_curve(value: Floats, error: Floats, widths: Ints) -> float:
    """Return the scale at which the squared structure function falls to half of its initial rise.

    The function divided by the scale squared is fitted by
    ``height * (1 + (2**(1/a) - 1) * (x / scale)**2)**-a`` for several exponents a.

    Parameters
    ----------
    value, error
        Squared fractional variation and its 1-sigma error, shape (k,).
    widths
        Widths of the windows in bins, shape (k,).

    Returns
    -------
    float
        The scale, bins.
    """
    flat = value / widths**2
    detected = _detected(value, error)
    top = flat[detected].max() if detected.any() else np.inf
    used = np.isfinite(flat) & (~detected | (flat > _DEPTH * top))
    used &= widths <= widths[np.argmax(np.where(np.isfinite(value), value, -np.inf))]
    x, y = widths[used].astype(np.float64), flat[used]
    weight = 1.0 / (np.square(error[used] / x**2) + np.square(_FLOOR * y))
    scales = np.geomspace(0.5, 4.0 * x[-1], int(_TRIALS * np.log2(8.0 * x[-1])))
    bend = (2.0 ** (1.0 / _STEEPNESS) - 1.0)[:, None, None]
    shape = (1.0 + bend * np.square(x / scales[:, None])) ** -_STEEPNESS[:, None, None]
    height = (shape * y * weight).sum(axis=2) / (np.square(shape) * weight).sum(axis=2)
    misfit = (np.square(y - height[:, :, None] * shape) * weight).sum(axis=2)
    return float(scales[np.argmin(misfit.min(axis=0))])


def _detected(value: Floats, error: Floats) -> Bools:
    """Mark the widths where the variation there and at the next width is significant, (k,)."""
    clear = np.where(np.isfinite(value), value, 0.0) > _DETECTED_SIGMA * np.where(
        np.isfinite(error), error, np.inf
    )
    strong: Bools = clear & np.append(clear[1:], True)
    return strong


def _grid(net: NetCurve) -> tuple[Floats, Floats, Floats]:
    """Return counts, background and variance on a regular grid, with 0 in gaps."""
    start = net.curve.start_s
    slot = np.rint((start - start[0]) / net.bin_s).astype(np.int64)
    counts, background, variance = (np.zeros(int(slot[-1]) + 1) for _ in range(3))
    counts[slot], background[slot], variance[slot] = net.curve.counts, net.background, net.variance
    return counts, background, variance


def _widths(bins: int) -> Ints:
    octaves = np.arange(0.0, np.log2(max(bins / 4.0, 1.0)) + 1e-9, 1.0 / _PER_OCTAVE)
    return np.unique(np.rint(2.0**octaves)).astype(np.int64)


def _replicas(
    net: NetCurve,
    counts: Floats,
    background: Floats,
    variance: Floats,
    widths: Ints,
    seed: int,
) -> Floats:
    rng = np.random.default_rng(seed)
    found = np.empty(_REPLICAS)
    for k in range(_REPLICAS):
        if net.curve.error is None:
            noisy = rng.poisson(np.maximum(counts, 0.0)).astype(np.float64)
            noise = noisy + variance
        else:
            noisy = rng.normal(counts, np.sqrt(variance))
            noise = 2.0 * variance
        found[k] = scale_of_curve(*structure_function(noisy - background, noise, widths), widths)
    return found
