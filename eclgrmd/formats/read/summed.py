"""Sum of the matrices of one response that is split into several."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from eclgrmd.model.observation import Floats, Response

__all__ = ["summed_response"]

SAME_EDGE = 1e-6
"""Relative difference of edges that counts as rounding of float32."""


def summed_response(responses: Sequence[Response]) -> Response:
    """Return the sum of responses with the same channels, on the union of their photon bins.

    Each part of a split photon bin has the row of that bin. Therefore folding a spectrum through
    the sum equals the sum of folding it through each matrix.
    """
    first = responses[0]
    if len(responses) == 1:
        return first
    edges = _merged(
        np.concatenate([np.append(r.energy_low_kev, r.energy_high_kev) for r in responses])
    )
    low, high = edges[:-1], edges[1:]
    matrix = np.zeros((len(low), first.matrix_cm2.shape[1]))
    for response in responses:
        matrix += _resampled(response, 0.5 * (low + high))
    return replace(first, energy_low_kev=low, energy_high_kev=high, matrix_cm2=matrix)


def _merged(edges: Floats) -> Floats:
    """Return the sorted edges, one for all that differ by rounding only."""
    edges = np.unique(edges)
    apart = np.diff(edges) > SAME_EDGE * edges[1:]
    return np.asarray(edges[np.append(True, apart)])


def _resampled(response: Response, energy_kev: Floats) -> Floats:
    """Return the matrix row of the photon bin of each energy; 0 outside all bins."""
    low, high = response.energy_low_kev, response.energy_high_kev
    index = np.clip(np.searchsorted(low, energy_kev, side="right") - 1, 0, len(low) - 1)
    inside = (energy_kev >= low[index]) & (energy_kev <= high[index])
    return np.asarray(np.where(inside[:, None], response.matrix_cm2[index], 0.0))
