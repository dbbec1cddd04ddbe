"""Kernels for the posterior of net counts, and of a ratio of net counts, by quadrature."""

from math import exp, log

import numpy as np

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = ["CELLS", "gaussian_posterior", "poisson_posterior", "quantile", "ratio_quantile"]

CELLS = 400
"""Number of cells of the grid in source counts."""

_NODES = 31
"""Number of quadrature nodes in the background; a choice."""
_REACH = 5.0
"""Range of the quadrature on either side of the expected background, in its errors."""
_BISECTIONS = 45
"""Number of bisections of a ratio; 2**-45 of the interval is far below any error."""


@kernel
def _log_likelihood(counts: float, expected: float) -> float:
    if counts <= 0.0:
        return -expected
    return counts * log(expected) - expected if expected > 0.0 else -np.inf


@kernel
def _cumulate(log_density: Floats) -> Floats:
    """Convert the log density at cell centres to the distribution function at cell edges."""
    density = np.exp(log_density - log_density.max())
    total = np.zeros(density.size + 1)
    for i in range(density.size):
        total[i + 1] = total[i] + density[i]
    normed: Floats = total / total[-1]
    return normed


@kernel
def poisson_posterior(
    counts: float, background: float, error: float, index: float, edges: Floats
) -> Floats:
    """Return the posterior of source counts, marginalised over the background.

    Parameters
    ----------
    counts
        Observed counts.
    background, error
        Expected background counts and their Gaussian error, truncated at 0.
    index
        Index of the prior: source counts s have the prior density s**(index - 1).
    edges
        Grid in source counts, increasing from 0 or above, shape (n + 1,).

    Returns
    -------
    Floats
        Posterior probability below each edge, shape (n + 1,).
    """
    low = max(0.0, background - _REACH * error)
    high = background + _REACH * error
    nodes = _NODES if error > 0.0 else 1
    step = (high - low) / nodes
    log_density = np.empty(edges.size - 1)
    terms = np.empty(nodes)
    for i in range(edges.size - 1):
        source = 0.5 * (edges[i] + edges[i + 1])
        largest = -np.inf
        for k in range(nodes):
            b = low + (k + 0.5) * step if error > 0.0 else background
            pull = (b - background) / error if error > 0.0 else 0.0
            terms[k] = _log_likelihood(counts, source + b) - 0.5 * pull * pull
            largest = max(largest, terms[k])
        total = 0.0
        for k in range(nodes):
            total += exp(terms[k] - largest)
        log_density[i] = largest + log(total) + (index - 1.0) * log(source)
    return _cumulate(log_density)


@kernel
def gaussian_posterior(net: float, error: float, edges: Floats) -> Floats:
    """Return the posterior of source counts with Gaussian error and a uniform prior above 0.

    Parameters
    ----------
    net, error
        Net counts and their 1-sigma error.
    edges
        Grid in source counts, shape (n + 1,).

    Returns
    -------
    Floats
        Posterior probability below each edge, shape (n + 1,).
    """
    pull = (0.5 * (edges[:-1] + edges[1:]) - net) / error
    return _cumulate(-0.5 * pull * pull)


@kernel
def quantile(edges: Floats, below: Floats, fraction: float) -> float:
    """Return the value below which a fraction of a distribution lies.

    Parameters
    ----------
    edges, below
        Values, and the probability below each, shape (n + 1,); interpolated linearly.
    fraction
        Between 0 and 1.
    """
    i = 0
    while i < edges.size - 2 and below[i + 1] < fraction:
        i += 1
    rise = below[i + 1] - below[i]
    part = (fraction - below[i]) / rise if rise > 0.0 else 0.5
    return float(edges[i] + part * (edges[i + 1] - edges[i]))


@kernel
def _probability_below(
    ratio: float, s_edges: Floats, s_below: Floats, h_edges: Floats, h_below: Floats
) -> float:
    """Return the probability that hard / soft is below a ratio."""
    total, last = 0.0, h_edges.size - 1
    step = (h_edges[last] - h_edges[0]) / last
    for i in range(s_edges.size - 1):
        hard = ratio * 0.5 * (s_edges[i] + s_edges[i + 1])
        place = min(max((hard - h_edges[0]) / step, 0.0), float(last))
        j = min(int(place), last - 1)
        below = h_below[j] + (place - j) * (h_below[j + 1] - h_below[j])
        total += (s_below[i + 1] - s_below[i]) * below
    return total


@kernel
def ratio_quantile(
    fraction: float, s_edges: Floats, s_below: Floats, h_edges: Floats, h_below: Floats
) -> float:
    """Return the ratio hard / soft below which a fraction of the joint posterior lies.

    Parameters
    ----------
    fraction
        Between 0 and 1.
    s_edges, s_below, h_edges, h_below
        Evenly spaced grids of soft and hard counts and their distribution functions, (n + 1,).
    """
    low = h_edges[0] / s_edges[-1]
    high = h_edges[-1] / (0.5 * (s_edges[0] + s_edges[1]))
    for _ in range(_BISECTIONS):
        middle = (low * high) ** 0.5 if low > 0.0 else 0.01 * high
        if _probability_below(middle, s_edges, s_below, h_edges, h_below) < fraction:
            low = middle
        else:
            high = middle
    return float(0.5 * (low + high))
