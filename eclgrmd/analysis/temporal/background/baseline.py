"""A first estimate of the background, which needs no knowledge of where the burst is."""

from typing import cast

import numpy as np
from scipy.linalg import LinAlgError, solveh_banded

from eclgrmd.model.observation import Floats, LightCurve

__all__ = ["SMOOTH_S", "baseline"]

_BINS = 400
"""Largest number of bins that the light curve is rebinned to; a choice."""
_BIN_S = 1.0
"""Smallest width of these bins, seconds; a choice."""
_PERIOD_S = 200.0
"""Period, seconds, at which the smoother damps a wave to half its amplitude; a choice."""
SMOOTH_S = 0.5 * _PERIOD_S
"""Time-scale, seconds, below which the baseline does not follow the light curve."""
_ITERATIONS = 50
"""Limit on the reweighting iterations."""
_SETTLED = 1e-3
"""Relative change of the weights at which the iteration has converged."""


def baseline(curve: LightCurve) -> Floats:
    """Return the expected counts of a slowly varying background in each bin, shape (n,).

    The method is asymmetrically reweighted penalised least squares (Baek et al. 2015, Analyst 140,
    250): a smooth curve is fitted repeatedly, and data significantly above it lose their weight.
    The curve does not follow features shorter than about 100 s.
    """
    first = _groups(curve)
    counts = np.add.reduceat(curve.counts, first)
    live = np.add.reduceat(curve.exposure_s, first)
    rate = counts / live
    if curve.error is None:
        sigma = np.sqrt(np.maximum(counts, 1.0)) / live
    else:
        sigma = np.sqrt(np.add.reduceat(np.square(curve.error), first)) / live
    middle = 0.5 * (
        curve.start_s[first] + curve.stop_s[np.append(first[1:], len(curve.counts)) - 1]
    )
    smooth = _reweighted(rate, sigma, float(np.median(live)))
    here = 0.5 * (curve.start_s + curve.stop_s)
    return np.interp(here, middle, smooth) * curve.exposure_s


def _reweighted(rate: Floats, sigma: Floats, bin_s: float) -> Floats:
    """Return smoothed rates, from which significantly higher rates have been excluded."""
    if len(rate) < 3:
        return np.full(len(rate), float(np.median(rate)))
    stiffness = (_PERIOD_S / (2.0 * np.pi * bin_s)) ** 4
    scale = 1.0 / np.median(sigma) ** 2
    weight = np.ones(len(rate))
    smooth = rate
    for _ in range(_ITERATIONS):
        try:
            smooth = _smoothed(rate, weight / sigma**2 / scale, stiffness)
        except LinAlgError:  # the rates scatter so widely that no bin has any weight left
            break
        pull = (rate - smooth) / sigma
        fresh = 1.0 / (1.0 + np.exp(np.clip(2.0 * (pull - 2.0), -50.0, 50.0)))
        settled = np.abs(fresh - weight).sum() < _SETTLED * weight.sum()
        weight = fresh
        if settled:
            break
    return smooth


def _smoothed(rate: Floats, weight: Floats, stiffness: float) -> Floats:
    """Minimise the weighted squares plus stiffness times squared second differences (Whittaker)."""
    n = len(rate)
    bands = np.zeros((3, n))
    for k, step in enumerate((1.0, -2.0, 1.0)):
        for m, other in enumerate((1.0, -2.0, 1.0)):
            if m >= k:
                bands[2 - (m - k), m : n - 2 + m] += stiffness * step * other
    bands[2] += weight
    return cast("Floats", solveh_banded(bands, weight * rate))


def _groups(curve: LightCurve) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the index of the first bin of each wider bin."""
    observed = float((curve.stop_s - curve.start_s).sum())
    width = max(_BIN_S, observed / _BINS)
    slot = np.floor((curve.start_s - curve.start_s[0]) / width + 1e-9)
    return np.flatnonzero(np.concatenate([[True], np.diff(slot) > 0]))
