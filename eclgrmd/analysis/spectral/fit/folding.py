"""Folding: conversion of photons in energy bins to counts in the fitted channels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis._jit import fast_kernel
from eclgrmd.model.observation import Floats

from .shapes import PIVOT_KEV

__all__ = ["Folding", "Matrix", "extended", "fold", "make_folding"]

Ints = NDArray[np.int64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(3)
"""Gauss-Legendre nodes and weights on -1 to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """The response matrix of one spectrum, reduced to the fitted (grouped) channels."""

    energy_low_kev: Floats
    """Lower edges of the photon bins, shape (m,)."""
    energy_high_kev: Floats
    """Upper edges of the photon bins, shape (m,)."""
    matrix: Floats
    """Counts per photon/cm2/s (effective area times exposure, cm2 s), shape (m, n)."""


class Folding(NamedTuple):
    """The response matrices of all spectra, concatenated, without leading and trailing zeros.

    For each channel only the photon bins from the first to the last non-zero one are stored.
    Spectra with the same photon bins share the evaluation of the model. Adjacent channels form a
    pair, because their photon bins are nearly the same: a pair reads the photons only once.
    """

    edges: Floats
    """Lower and upper edges of the photon bins, keV, shape (2, m)."""
    energy: Floats
    """Gauss-Legendre nodes of each photon bin, keV, shape (m, 3)."""
    weight: Floats
    """Weights of the nodes, keV, shape (m, 3)."""
    log_energy: Floats
    """ln(energy / 100 keV), shape (m, 3)."""
    matrix: Floats
    """Stored matrix elements of all channels, cm2 s, concatenated; equal lengths within a pair."""
    offset: Ints
    """Index in `matrix` at which each pair starts, shape (pairs,)."""
    first: Ints
    """First photon bin of each pair, shape (pairs,)."""
    length: Ints
    """Number of photon bins of each pair, shape (pairs,)."""
    channel: Ints
    """The two channels of each pair, shape (pairs, 2); equal for an odd channel at the end."""
    spectrum: Ints
    """Index of the spectrum of each channel, shape (n,)."""


def make_folding(matrices: Sequence[Matrix]) -> Folding:
    """Concatenate the response matrices of all spectra."""
    grids: dict[bytes, int] = {}
    lows: list[Floats] = []
    highs: list[Floats] = []
    pairs: list[_Pair] = []
    sizes = [response.matrix.shape[1] for response in matrices]
    for response, before in zip(matrices, np.cumsum([0, *sizes]).tolist(), strict=False):
        key = response.energy_low_kev.tobytes() + response.energy_high_kev.tobytes()
        if key not in grids:
            grids[key] = sum(len(low) for low in lows)
            lows.append(response.energy_low_kev)
            highs.append(response.energy_high_kev)
        pairs += _pairs(response.matrix, grids[key], before)
    length = np.array([pair.matrix.shape[1] for pair in pairs], dtype=np.int64)
    edges = np.ascontiguousarray(np.stack([np.concatenate(lows), np.concatenate(highs)]))
    energy, weight = _quadrature(edges)
    return Folding(
        edges=edges,
        energy=energy,
        weight=weight,
        log_energy=np.log(energy / PIVOT_KEV),
        matrix=np.concatenate([pair.matrix.ravel() for pair in pairs]).astype(np.float64),
        offset=2 * (np.cumsum(length) - length),
        first=np.array([pair.first for pair in pairs], dtype=np.int64),
        length=length,
        channel=np.array([pair.channels for pair in pairs], dtype=np.int64),
        spectrum=np.repeat(np.arange(len(sizes), dtype=np.int64), sizes),
    )


def extended(folding: Folding, response: Matrix) -> Folding:
    """Return a folding with the response of one more spectrum, on photon bins of its own."""
    more = make_folding([response])
    return Folding(
        edges=np.concatenate([folding.edges, more.edges], axis=1),
        energy=np.concatenate([folding.energy, more.energy]),
        weight=np.concatenate([folding.weight, more.weight]),
        log_energy=np.concatenate([folding.log_energy, more.log_energy]),
        matrix=np.concatenate([folding.matrix, more.matrix]),
        offset=np.concatenate([folding.offset, more.offset + folding.matrix.size]),
        first=np.concatenate([folding.first, more.first + folding.energy.shape[0]]),
        length=np.concatenate([folding.length, more.length]),
        channel=np.concatenate([folding.channel, more.channel + folding.spectrum.size]),
        spectrum=np.concatenate([folding.spectrum, more.spectrum + folding.spectrum[-1] + 1]),
    )


class _Pair(NamedTuple):
    matrix: Floats
    first: int
    channels: tuple[int, int]


def _pairs(matrix: Floats, grid: int, before: int) -> list[_Pair]:
    """Split one response into pairs of channels, each with the photon bins that either needs."""
    found = []
    for j in range(0, matrix.shape[1], 2):
        both = matrix[:, j : j + 2].T
        seen = np.flatnonzero(both.any(axis=0))
        run = slice(int(seen[0]), int(seen[-1]) + 1) if len(seen) else slice(0, 0)
        if len(both) == 1:
            both = np.concatenate([both, np.zeros_like(both)])
        last = min(j + 1, matrix.shape[1] - 1)
        found.append(_Pair(both[:, run], grid + run.start, (before + j, before + last)))
    return found


def _quadrature(edges: Floats) -> tuple[Floats, Floats]:
    centre, half = 0.5 * (edges[1] + edges[0]), 0.5 * (edges[1] - edges[0])
    return (
        np.ascontiguousarray(centre[:, None] + half[:, None] * _NODES),
        np.ascontiguousarray(half[:, None] * _WEIGHTS),
    )


@fast_kernel
def _fold_four(folding: Folding, rows: Floats, out: Floats) -> None:
    """Fold four rows at a time: the sums of two channels by four rows fit the CPU's registers."""
    for pair in range(folding.first.size):
        a, n, o = folding.first[pair], folding.length[pair], folding.offset[pair]
        y, z = folding.matrix[o : o + n], folding.matrix[o + n : o + 2 * n]
        x0, x1 = rows[0, a : a + n], rows[1, a : a + n]
        x2, x3 = rows[2, a : a + n], rows[3, a : a + n]
        s0 = s1 = s2 = s3 = t0 = t1 = t2 = t3 = 0.0
        for k in range(n):
            s0 += y[k] * x0[k]
            s1 += y[k] * x1[k]
            s2 += y[k] * x2[k]
            s3 += y[k] * x3[k]
            t0 += z[k] * x0[k]
            t1 += z[k] * x1[k]
            t2 += z[k] * x2[k]
            t3 += z[k] * x3[k]
        # an odd channel at the end is paired with itself: the first result overwrites the second
        j = folding.channel[pair, 1]
        out[0, j], out[1, j], out[2, j], out[3, j] = t0, t1, t2, t3
        j = folding.channel[pair, 0]
        out[0, j], out[1, j], out[2, j], out[3, j] = s0, s1, s2, s3


@fast_kernel
def _fold_one(folding: Folding, row: Floats, out: Floats) -> None:
    for pair in range(folding.first.size):
        a, n, o = folding.first[pair], folding.length[pair], folding.offset[pair]
        y, z, x = folding.matrix[o : o + n], folding.matrix[o + n : o + 2 * n], row[a : a + n]
        s = t = 0.0
        for k in range(n):
            s += y[k] * x[k]
            t += z[k] * x[k]
        out[folding.channel[pair, 1]] = t
        out[folding.channel[pair, 0]] = s


@fast_kernel
def fold(folding: Folding, rows: Floats, out: Floats) -> None:
    """Fill `out`, shape (p, n), with rows of photons, shape (p, m), times the responses."""
    k = 0
    while rows.shape[0] - k >= 4:
        _fold_four(folding, rows[k : k + 4], out[k : k + 4])
        k += 4
    while k < rows.shape[0]:
        _fold_one(folding, rows[k], out[k])
        k += 1
