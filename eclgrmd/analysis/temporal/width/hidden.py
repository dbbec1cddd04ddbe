"""Effect on durations of a slow decay after the burst that the background may have absorbed."""

import numpy as np
from scipy.special import log_ndtr, ndtri_exp

from eclgrmd.analysis.temporal.kernels.crossings import FRACTIONS, crossing_times
from eclgrmd.analysis.temporal.search.decay import Decay
from eclgrmd.model.observation import Floats

from .cumulative import Layout

__all__ = ["hidden_shifts"]

_REACH = 6.0
"""Decay times up to which hidden emission is followed; a choice."""
_CELLS = 24
"""Number of cells in that time; a choice."""


def hidden_shifts(
    decay: Decay, layout: Layout, cumulative: Floats, number: int, rng: np.random.Generator
) -> Floats:
    """Return by how much later the crossings are with drawn slow emission, s, shape (number, 4).

    Slow emission is there with its probability. Its counts and decay time are drawn from their
    posterior. Only what exceeds the tail of the curve moves the crossings.
    """
    shifts = np.zeros((number, len(FRACTIONS)))
    there = np.flatnonzero(rng.random(number) < decay.chance)
    if len(there) == 0:
        return shifts
    edge_s = float(layout.cells.time_s[layout.after.first])
    precision = 1.0 / np.square(decay.errors) + 1.0 / decay.scale**2
    mean, spread = decay.counts / np.square(decay.errors) / precision, np.sqrt(1.0 / precision)
    chosen = rng.choice(len(decay.taus_s), len(there), p=decay.weights)
    positive = log_ndtr(mean / spread)  # logarithms, since it may be smaller than any float
    below = np.log(rng.random(len(there))) + positive[chosen]
    counts = mean[chosen] - spread[chosen] * ndtri_exp(below)
    tail = float(cumulative[-1] - cumulative[layout.after.first])
    counts = np.maximum(counts - tail, 0.0)
    before = crossing_times(layout.cells.time_s, cumulative, FRACTIONS)
    for row, k, more in zip(there, chosen, counts, strict=True):
        later = edge_s + np.linspace(0.0, _REACH * decay.taus_s[k], _CELLS)
        time_s = np.union1d(layout.cells.time_s, later)
        curve = np.interp(time_s, layout.cells.time_s, cumulative)
        decayed = 1.0 - np.exp(-np.maximum(time_s - edge_s, 0.0) / decay.taus_s[k])
        shifts[row] = crossing_times(time_s, curve + more * decayed, FRACTIONS) - before
    return shifts
