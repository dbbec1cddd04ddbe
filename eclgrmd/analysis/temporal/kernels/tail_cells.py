"""Kernel that groups what lies outside one end of the burst into cells that widen outwards."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = ["Series", "TailCells", "tail_cells"]

_FIRST_CELL = 0.02
"""Extent of the burst that the nearest cell spans."""
_GROWTH = 1.18
_EDGES: NDArray[np.float64] = (np.power(_GROWTH, np.arange(26.0)) - 1.0) / (_GROWTH - 1.0)
"""First cells from the edge at which cells end: each is 18 % wider than the one before."""
_FARTHEST = 6.0
"""Extents of the burst beyond which nothing is looked for."""
_LEAST_TAIL = 0.1
"""Extents that must have been observed, else there is no tail at all."""


class Series(NamedTuple):
    """Adjacent cells of a light curve, n of them."""

    time_s: Floats
    """Edges, shape (n + 1,)."""
    live_s: Floats
    """Live time, shape (n,); 0 where nothing was observed."""
    variance: Floats
    """Gaussian variance of the counts, shape (n,); 0: Poisson."""


class TailCells(NamedTuple):
    """The cells outside one end of the burst, nearest first, m of them."""

    distance_s: Floats
    """Edges, seconds from the end of the burst, shape (m + 1,)."""
    counts: Floats
    background: Floats
    variance: Floats
    modes: Floats
    """Independent 1-sigma deviations of the background, shape (modes, m)."""
    live: Floats
    """Live time over duration, shape (m,); 0 where nothing was observed."""


@kernel
def tail_cells(
    series: Series,
    counts: Floats,
    background: Floats,
    modes: Floats,
    edge: int,
    outwards: int,
    extent_s: float,
    limit_s: float,
) -> TailCells:
    """Group the cells on one side of an edge, up to 6 extents away.

    Cells without observation follow where the data do not reach that far; there are none at all
    where the data end with the burst.

    Parameters
    ----------
    series
        The light curve.
    counts, background
        Observed and expected background counts, shape (n,).
    modes
        Independent 1-sigma deviations of the background, shape (modes, n).
    edge
        Index of the edge of the burst.
    outwards
        1: the cells after the edge, -1: those before it.
    extent_s
        Of the burst, seconds.
    limit_s
        Distance from the edge beyond which there is no tail, seconds.
    """
    most = _EDGES.size - 1
    edges, reach = extent_s * _FIRST_CELL * _EDGES, min(_FARTHEST * extent_s, limit_s)
    distance, live = np.zeros(most + 1), np.zeros(most)
    counted, expected, variance = np.zeros(most), np.zeros(most), np.zeros(most)
    deviations = np.zeros((modes.shape[0], most))
    m, wanted, seen_to, far = 0, 1, 0.0, 0.0
    i = edge if outwards > 0 else edge - 1
    while wanted <= most and 0 <= i < series.live_s.size:
        end = abs(series.time_s[i + 1 if outwards > 0 else i] - series.time_s[edge])
        if end > reach + 1e-9:
            break
        far = end
        counted[m] += counts[i]
        expected[m] += background[i]
        variance[m] += series.variance[i]
        deviations[:, m] += modes[:, i]
        live[m] += series.live_s[i]
        if series.live_s[i] > 0.0:
            seen_to = far
        if far >= edges[wanted]:
            live[m] /= far - distance[m]
            m += 1
            distance[m] = far
            while wanted <= most and edges[wanted] <= far:
                wanted += 1
        i += outwards
    if far > distance[m]:
        live[m] /= far - distance[m]
        m += 1
        distance[m] = far
    if seen_to < _LEAST_TAIL * extent_s:
        m = 0
    while 0 < m < most and wanted <= most and edges[wanted] <= reach:
        if edges[wanted] > far + edges[1]:
            m += 1
            distance[m] = edges[wanted]
        wanted += 1
    return TailCells(
        distance[: m + 1],
        counted[:m],
        expected[:m],
        variance[:m],
        np.ascontiguousarray(deviations[:, :m]),
        live[:m],
    )
