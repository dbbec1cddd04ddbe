"""The statistic of a joint fit with its gradient and Fisher matrix, computed in one pass."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis._copy import copy_to
from eclgrmd.analysis._jit import fast_kernel
from eclgrmd.model.observation import Floats

from .folding import Folding, fold
from .shapes import photons
from .statistics import sum_statistic

__all__ = ["Likelihood", "Workspace", "evaluate", "source_counts", "workspace"]

Ints = NDArray[np.int64]


class Likelihood(NamedTuple):
    """The data and the model: everything that the statistic depends on besides the parameters.

    The parameters are those of the photon model, followed by the logarithm of one effective-area
    constant for each spectrum that has a free one.
    """

    codes: Ints
    """Kernel code and index of the first parameter of each model component, shape (c, 2)."""
    model_size: int
    """Number of parameters of the photon model."""
    folding: Folding
    """Responses of all spectra, for n channels in total."""
    kind: Ints
    """Statistic of each channel (PGSTAT, WSTAT or CHI2), shape (n,)."""
    counts: Floats
    """Observed counts, shape (n,)."""
    background: Floats
    """Background counts scaled to the same exposure, shape (n,)."""
    spread: Floats
    """Variance or scale that the statistic needs, see `channel_statistic`, shape (n,)."""
    area: Ints
    """Index of each spectrum's area constant among the parameters; -1 if it is fixed at 1."""


class Workspace(NamedTuple):
    """The arrays that `evaluate` fills; they are reused between calls."""

    rows: Floats
    """Derivatives of the photons by each of q model parameters, photons/cm2/s, shape (q, m)."""
    folded: Floats
    """Derivatives of the counts by each model parameter, shape (q, n)."""
    gradient: Floats
    """Derivatives of the statistic by all parameters, shape (p,)."""
    fisher: Floats
    """Expected second derivatives of the statistic, shape (p, p)."""
    slope: Floats
    """Derivative of the statistic by each channel's model counts, shape (n,)."""
    curve: Floats
    """Expected second derivative by each channel's model counts, shape (n,)."""
    source: Floats
    """Expected source counts, shape (n,); overwritten by the statistic."""


@fast_kernel
def workspace(like: Likelihood, size: int) -> Workspace:
    """Allocate the arrays that `evaluate` fills, for `size` parameters in total."""
    return Workspace(
        np.empty((like.model_size, like.folding.energy.shape[0])),
        np.empty((like.model_size, like.counts.size)),
        np.empty(size),
        np.empty((size, size)),
        np.empty(like.counts.size),
        np.empty(like.counts.size),
        np.empty(like.counts.size),
    )


@fast_kernel
def _fold_model(like: Likelihood, theta: Floats, work: Workspace) -> None:
    f = like.folding
    components = like.codes.shape[0]
    for c in range(components):
        first = like.codes[c, 1]
        last = like.codes[c + 1, 1] if c + 1 < components else like.model_size
        photons(
            like.codes[c, 0],
            f.edges,
            f.energy,
            f.weight,
            f.log_energy,
            theta[first:last],
            work.rows[first:last],
        )
    fold(f, work.rows, work.folded)


@fast_kernel
def _add_sources(like: Likelihood, theta: Floats, folded: Floats, out: Floats) -> None:
    """Fill `out` with the sum of the components' counts, scaled by the area constants."""
    copy_to(out, folded[0])
    for c in range(1, like.codes.shape[0]):
        out += folded[like.codes[c, 1]]
    if theta.size > like.model_size:
        for j in range(out.size):
            place = like.area[like.folding.spectrum[j]]
            out[j] *= np.exp(theta[place]) if place >= 0 else 1.0


@fast_kernel
def _add_statistics(like: Likelihood, theta: Floats, work: Workspace) -> float:
    """Return the statistic; fill `work.slope` and `work.curve`, and the terms of area constants."""
    _add_sources(like, theta, work.folded, work.source)
    spectrum, n = like.folding.spectrum, like.counts.size
    value, a = 0.0, 0
    while a < n:
        b = a + 1
        while b < n and spectrum[b] == spectrum[a]:
            b += 1
        value += sum_statistic(
            like.kind[a],
            like.counts[a:b],
            work.source[a:b],
            like.background[a:b],
            like.spread[a:b],
            work.slope[a:b],
            work.curve[a:b],
        )
        place = like.area[spectrum[a]]
        if place >= 0:
            _add_area(like, work, a, b, place, np.exp(theta[place]))
        a = b
    return value


@fast_kernel
def _add_area(
    like: Likelihood, work: Workspace, a: int, b: int, place: int, constant: float
) -> None:
    """Add the derivatives by one spectrum's area constant, and scale its slope and curvature."""
    for j in range(a, b):
        work.slope[j] *= constant
        work.curve[j] *= constant * constant
        counts = 0.0
        for c in range(like.codes.shape[0]):
            counts += work.folded[like.codes[c, 1], j]
        work.gradient[place] += work.slope[j] * counts
        for i in range(like.model_size):
            work.fisher[place, i] += work.curve[j] * counts * work.folded[i, j]


@fast_kernel
def _weighted_sum(w: Floats, x: Floats) -> float:
    total = 0.0
    for j in range(w.size):
        total += w[j] * x[j]
    return total


@fast_kernel
def _weighted_product(w: Floats, x: Floats, y: Floats) -> float:
    total = 0.0
    for j in range(w.size):
        total += w[j] * x[j] * y[j]
    return total


@fast_kernel
def _finish_area(like: Likelihood, work: Workspace) -> None:
    """Fill the diagonal of the area constants: each scales all amplitudes of its spectrum."""
    for place in range(like.model_size, work.gradient.size):
        total = 0.0
        for c in range(like.codes.shape[0]):
            total += work.fisher[place, like.codes[c, 1]]
        work.fisher[place, place] = total


@fast_kernel
def evaluate(like: Likelihood, theta: Floats, work: Workspace) -> float:
    """Return the statistic at `theta`, and leave its gradient and Fisher matrix in `work`."""
    _fold_model(like, theta, work)
    work.gradient[:] = 0.0
    work.fisher[:] = 0.0
    value = _add_statistics(like, theta, work)
    _finish_area(like, work)
    for k in range(like.model_size):
        work.gradient[k] = _weighted_sum(work.slope, work.folded[k])
        for i in range(k + 1):
            work.fisher[k, i] = _weighted_product(work.curve, work.folded[k], work.folded[i])
    for k in range(theta.size):
        for i in range(k):
            work.fisher[i, k] = work.fisher[k, i]
    return value


@fast_kernel
def source_counts(like: Likelihood, theta: Floats, work: Workspace) -> Floats:
    """Return the expected source counts at `theta`, area constants included, shape (n,)."""
    _fold_model(like, theta, work)
    out = np.empty(like.counts.size)
    _add_sources(like, theta, work.folded, out)
    return out
