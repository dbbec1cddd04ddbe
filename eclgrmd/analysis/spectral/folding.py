"""Folding: photons in energy bins become counts in the channels that are fitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis._jit import fast_kernel
from eclgrmd.model.observation import Floats

from .shapes import PIVOT_KEV

__all__ = ["Folding", "Matrix", "fold", "make_folding"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """Response of one spectrum, reduced to the (grouped) channels that are fitted."""

    energy_low_kev: Floats
    """Shape (m,)."""
    energy_high_kev: Floats
    """Shape (m,)."""
    matrix: Floats
    """Photons/cm2/s in a bin times this gives counts, shape (m, n)."""


class Folding(NamedTuple):
    """All spectra's responses end to end, each channel keeping only the bins it sees.

    Spectra that share their photon bins share the evaluation of the model.
    """

    edges: Floats
    """Lower and upper edges of the photon bins, keV, shape (2, m)."""
    energy: Floats
    """Gauss-Legendre points, keV, shape (m, 3)."""
    weight: Floats
    """Their weights, keV, shape (m, 3)."""
    log_energy: Floats
    """ln(energy / 100 keV), shape (m, 3)."""
    matrix: Floats
    """Non-zero runs of all channels, end to end."""
    offset: Ints
    """Where each channel's run starts in `matrix`, shape (n,)."""
    first: Ints
    """First photon bin of each run, shape (n,)."""
    length: Ints
    """Length of each run, shape (n,)."""
    spectrum: Ints
    """Spectrum of each channel, shape (n,)."""


def make_folding(matrices: Sequence[Matrix]) -> Folding:
    """Put the responses of all spectra end to end."""
    grids: dict[bytes, int] = {}
    lows: list[Floats] = []
    highs: list[Floats] = []
    runs: list[Floats] = []
    first: list[int] = []
    for response in matrices:
        key = response.energy_low_kev.tobytes() + response.energy_high_kev.tobytes()
        if key not in grids:
            grids[key] = sum(len(low) for low in lows)
            lows.append(response.energy_low_kev)
            highs.append(response.energy_high_kev)
        for column in response.matrix.T:
            run = _run(column)
            first.append(grids[key] + run.start)
            runs.append(column[run])
    length = np.array([len(run) for run in runs], dtype=np.int64)
    edges = np.ascontiguousarray(np.stack([np.concatenate(lows), np.concatenate(highs)]))
    energy, weight = _quadrature(edges)
    sizes = [response.matrix.shape[1] for response in matrices]
    return Folding(
        edges=edges,
        energy=energy,
        weight=weight,
        log_energy=np.log(energy / PIVOT_KEV),
        matrix=np.concatenate(runs).astype(np.float64),
        offset=np.cumsum(length) - length,
        first=np.array(first, dtype=np.int64),
        length=length,
        spectrum=np.repeat(np.arange(len(sizes), dtype=np.int64), sizes),
    )


def _run(column: Floats) -> slice:
    seen = np.flatnonzero(column)
    return slice(int(seen[0]), int(seen[-1]) + 1) if len(seen) else slice(0, 0)


def _quadrature(edges: Floats) -> tuple[Floats, Floats]:
    points, weights = np.polynomial.legendre.leggauss(3)
    centre, half = 0.5 * (edges[1] + edges[0]), 0.5 * (edges[1] - edges[0])
    return (
        np.ascontiguousarray(centre[:, None] + half[:, None] * points),
        np.ascontiguousarray(half[:, None] * weights),
    )


@fast_kernel
def _fold_four(
    y: Floats, x0: Floats, x1: Floats, x2: Floats, x3: Floats, m: Floats, j: int
) -> None:
    s0 = s1 = s2 = s3 = 0.0
    for k in range(y.size):
        s0 += y[k] * x0[k]
        s1 += y[k] * x1[k]
        s2 += y[k] * x2[k]
        s3 += y[k] * x3[k]
    m[0, j] = s0
    m[1, j] = s1
    m[2, j] = s2
    m[3, j] = s3


@fast_kernel
def _fold_two(y: Floats, x0: Floats, x1: Floats, m: Floats, j: int) -> None:
    s0 = s1 = 0.0
    for k in range(y.size):
        s0 += y[k] * x0[k]
        s1 += y[k] * x1[k]
    m[0, j] = s0
    m[1, j] = s1


@fast_kernel
def _fold_one(y: Floats, x0: Floats, m: Floats, j: int) -> None:
    s0 = 0.0
    for k in range(y.size):
        s0 += y[k] * x0[k]
    m[0, j] = s0


@fast_kernel
def fold(folding: Folding, rows: Floats, out: Floats) -> None:
    """Multiply rows of photons (p, m) by the responses: counts (p, n) go into `out`."""
    p = rows.shape[0]
    for j in range(folding.first.size):
        a, n, o = folding.first[j], folding.length[j], folding.offset[j]
        y = folding.matrix[o : o + n]
        k = 0
        while p - k >= 4:
            _fold_four(
                y,
                rows[k, a : a + n],
                rows[k + 1, a : a + n],
                rows[k + 2, a : a + n],
                rows[k + 3, a : a + n],
                out[k:],
                j,
            )
            k += 4
        if p - k >= 2:
            _fold_two(y, rows[k, a : a + n], rows[k + 1, a : a + n], out[k:], j)
            k += 2
        if p - k >= 1:
            _fold_one(y, rows[k, a : a + n], out[k:], j)
