"""Kernels of T90 and T50 between plateaus: the measurement, and its parametric bootstrap."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis._copy import copy_to
from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

from .crossings import FRACTIONS, crossing_times

__all__ = ["PlateauCells", "plateau_crossings", "plateau_curve", "plateau_replicas"]

Bools = NDArray[np.bool_]


class PlateauCells(NamedTuple):
    """The n adjacent cells of a light curve with a plateau on both sides of the burst."""

    edges_s: Floats
    """Edges, seconds after t0, shape (n + 1,)."""
    live: Floats
    """Live time as a fraction of the duration, shape (n,)."""
    background: Floats
    """Expected background counts, shape (n,)."""
    net: Floats
    """Net counts of the block model, shape (n,)."""
    variance: Floats
    """Gaussian variance of the counts, shape (n,); 0 for Poisson counts."""
    modes: Floats
    """Independent 1-sigma deviations of the fitted background, counts, shape (modes, n)."""
    before: Bools
    """Which edges lie in the plateau before the burst, shape (n + 1,)."""
    after: Bools
    """Which edges lie in the plateau after the burst, shape (n + 1,)."""
    first: int
    """Index of the last edge of the plateau before the burst, where the curve begins to rise."""
    last: int
    """Index of the first edge of the plateau after the burst."""


@kernel
def plateau_curve(cells: PlateauCells, counts: Floats, background: Floats) -> Floats:
    """Return the cumulative net counts from one plateau to the other, shape (last - first + 1,).

    The first and the last point are the levels of the plateaus. The edges are
    ``cells.edges_s[cells.first : cells.last + 1]``.

    Parameters
    ----------
    cells
        The light curve.
    counts, background
        Observed and expected background counts, shape (n,).
    """
    cumulative = np.zeros(counts.size + 1)
    for i in range(counts.size):
        cumulative[i + 1] = cumulative[i] + (counts[i] - background[i]) / cells.live[i]
    between = cumulative[cells.first : cells.last + 1].copy()
    between[0] = cumulative[cells.before].mean()
    between[between.size - 1] = cumulative[cells.after].mean()
    return between


@kernel
def plateau_crossings(cells: PlateauCells, counts: Floats, background: Floats) -> Floats:
    """Return the times at which the curve crosses `FRACTIONS`, s; NaN if it does not rise, (4,).

    Parameters
    ----------
    cells, counts, background
        See `plateau_curve`.
    """
    between = plateau_curve(cells, counts, background)
    if between[between.size - 1] <= between[0]:
        return np.full(FRACTIONS.size, np.nan)
    return crossing_times(cells.edges_s[cells.first : cells.last + 1], between, FRACTIONS)


@kernel
def plateau_replicas(cells: PlateauCells, number: int, rng: np.random.Generator) -> Floats:
    """Return crossing times of replicas minus those of their truth, s, shape (number, 4).

    Rows are NaN where the curve of a replica, or that of the truth, does not rise.
    """
    truth = cells.net + cells.background
    true = plateau_crossings(cells, truth, cells.background)
    deviations = np.empty((number, FRACTIONS.size))
    counts = np.empty(truth.size)
    for r in range(number):
        for i in range(truth.size):
            if cells.variance[i] > 0.0:
                counts[i] = truth[i] + np.sqrt(cells.variance[i]) * rng.standard_normal()
            else:
                counts[i] = float(rng.poisson(max(truth[i], 0.0)))
        background = cells.background.copy()
        for m in range(cells.modes.shape[0]):
            background += rng.standard_normal() * cells.modes[m]
        copy_to(deviations[r], plateau_crossings(cells, counts, background) - true)
    return deviations
