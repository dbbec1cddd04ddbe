"""The global optimum of a Band fit by brute force: a dense grid of shapes, then MIGRAD from many.

The grid is evaluated in plain numpy (dense folding, its own Band function and PGSTAT), so that it
does not depend on the start values, the search or the statistic of the package.
"""

from collections.abc import Sequence
from functools import cache
from itertools import product

import numpy as np

from eclgrmd.analysis.spectral.fit.minimum import migrad
from eclgrmd.analysis.spectral.fit.problem import Measured, Problem
from eclgrmd.model.observation import Floats
from testbench.bench.plain_numpy import band_photons, pgstat_of

__all__ = ["lowest_statistic"]

_ALPHAS = np.array([-1.9, -1.6, -1.3, -1.0, -0.7, -0.4, 0.0, 0.5, 1.2, 2.0, 3.0, 4.5])
"""Low-energy indices of the grid."""
_PEAKS_KEV = np.geomspace(3.0, 30000.0, 28)
"""Peak energies of the grid, keV."""
_BETAS = np.array([-9.5, -4.0, -3.0, -2.5, -2.2, -2.0, -1.8, -1.65])
"""High-energy indices of the grid."""
_STARTS = 16
"""Shapes of the grid from which MIGRAD starts."""


def lowest_statistic(problem: Problem) -> float:
    """Return the lowest statistic of a Band fit without free area constants."""
    amplitude, value = _fitted_amplitudes(problem.spectra)
    found = [
        migrad(problem, problem.model.internal(np.array([amplitude[index], *_shapes()[index]])))[1]
        for index in _promising(value)
    ]
    return min(found)


@cache
def _shapes() -> list[tuple[float, float, float]]:
    """Return alpha, Epeak and beta of each shape of the grid; beta is always below alpha."""
    grid = product(_ALPHAS.tolist(), _PEAKS_KEV.tolist(), _BETAS.tolist())
    return [(alpha, epeak, min(beta, alpha - 0.1)) for alpha, epeak, beta in grid]


@cache
def _unit_photons(low_kev: bytes, high_kev: bytes) -> Floats:
    """Integrate every shape with amplitude 1 over photon bins, shape (shapes, m)."""
    low, high = np.frombuffer(low_kev), np.frombuffer(high_kev)
    return np.array([band_photons(low, high, 1.0, *shape) for shape in _shapes()])


def _fitted_amplitudes(spectra: Sequence[Measured]) -> tuple[Floats, Floats]:
    """Return the least-squares amplitude of every shape and the resulting statistic."""
    unit = [
        _unit_photons(s.response.energy_low_kev.tobytes(), s.response.energy_high_kev.tobytes())
        @ s.response.matrix
        for s in spectra
    ]
    weight = [1.0 / (s.counts + s.spread + 1.0) for s in spectra]
    parts = list(zip(spectra, unit, weight, strict=True))
    pull = np.sum([u @ (w * (s.counts - s.background)) for s, u, w in parts], axis=0)
    power = np.sum([(u * u) @ w for _, u, w in parts], axis=0)
    amplitude = np.maximum(pull, 0.1 * np.sqrt(power)) / power
    values = [pgstat_of(s, amplitude[:, None] * u) for s, u, _ in parts]
    return amplitude, np.asarray(np.sum(values, axis=0))


def _promising(value: Floats) -> list[int]:
    """Return indices of the best shape for every Epeak and every alpha, lowest statistic first."""
    cube = value.reshape(len(_ALPHAS), len(_PEAKS_KEV), len(_BETAS))
    numbers = np.arange(value.size).reshape(cube.shape)
    indices = {
        int(numbers[:, j][np.unravel_index(cube[:, j].argmin(), cube[:, j].shape)])
        for j in range(len(_PEAKS_KEV))
    }
    indices |= {
        int(numbers[i][np.unravel_index(cube[i].argmin(), cube[i].shape)])
        for i in range(len(_ALPHAS))
    }
    return sorted(indices, key=lambda index: float(value[index]))[:_STARTS]
