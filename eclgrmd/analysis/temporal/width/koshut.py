"""Analytic errors of durations, reported in addition to those of the bootstrap."""

import numpy as np

from eclgrmd.analysis.temporal.kernels.crossings import crossing_times
from eclgrmd.analysis.temporal.kernels.replicas import Cells
from eclgrmd.model.observation import Floats

__all__ = ["crossing_errors"]


def crossing_errors(
    cells: Cells, core: slice, counts: Floats, cumulative: Floats, fractions: Floats
) -> Floats:
    """Return the 1-sigma errors of crossing times, after Koshut et al. 1996 (ApJ 463, 570).

    Each level is shifted up and down by the error of the cumulative counts relative to it; half the
    time between the two crossings is the error. The error of the counts contains the noise before
    and after the crossing, which shifts curve and level relative to each other, and the covariance
    of the background.

    Parameters
    ----------
    cells
        The n cells of the burst and its tails.
    core
        The cells of the burst without tails.
    counts
        Observed counts, shape (n,).
    cumulative
        Cumulative net counts at each edge, shape (n + 1,).
    fractions
        Fractions of the fluence, shape (k,).

    Returns
    -------
    Floats
        Seconds, shape (k,).
    """
    seen = np.zeros(len(counts), dtype=bool)
    seen[core] = cells.live[core] > 0.0
    live = np.where(seen, cells.live, 1.0)
    noise = np.where(cells.variance > 0.0, cells.variance, np.maximum(counts, 1.0))
    variance = np.concatenate([[0.0], np.cumsum(np.where(seen, noise / live**2, 0.0))])
    modes = np.where(seen, cells.modes / live, 0.0)
    drift = np.concatenate([np.zeros((len(modes), 1)), np.cumsum(modes, axis=1)], axis=1)
    at = np.searchsorted(cells.time_s, crossing_times(cells.time_s, cumulative, fractions))
    at = np.clip(at, 0, len(counts))
    before, after = variance[at], variance[-1] - variance[at]
    pulled = drift[:, at] - fractions * drift[:, -1:]
    moved = (1.0 - fractions) ** 2 * before + fractions**2 * after + np.sum(pulled**2, axis=0)
    relative = np.sqrt(moved) / max(float(cumulative[-1] - cumulative[0]), 1e-300)
    later = crossing_times(cells.time_s, cumulative, np.minimum(fractions + relative, 1.0))
    earlier = crossing_times(cells.time_s, cumulative, np.maximum(fractions - relative, 0.0))
    return np.asarray(0.5 * (later - earlier))
