"""Kernel that rebins the data outside one end of the burst into cells that widen outwards."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis._jit import kernel
from eclgrmd.model.observation import Floats

__all__ = ["CellSeries", "TailCells", "tail_cells"]

_FIRST_CELL = 0.02
"""Width of the nearest cell, as a fraction of the episode's length; a choice."""
_GROWTH = 1.18
"""Ratio of the widths of adjacent cells; a choice: fine near the edge, few cells in all."""
_EDGES: NDArray[np.float64] = (np.power(_GROWTH, np.arange(26.0)) - 1.0) / (_GROWTH - 1.0)
"""Cell edges in units of the width of the first cell."""
_FARTHEST = 6.0
"""Largest distance of a cell from the burst, in episode lengths; the longest decay time of the
prior (0.8 of a length) leaves exp(-7.5) there."""
_LEAST_TAIL = 0.1
"""Observed distance, in episode lengths, below which no tail is estimated; a choice."""


class CellSeries(NamedTuple):
    """The n adjacent cells of a light curve."""

    time_s: Floats
    """Edges, seconds after t0, shape (n + 1,)."""
    live_s: Floats
    """Live time, seconds, shape (n,); 0 where nothing was observed."""
    variance: Floats
    """Gaussian variance of the counts, shape (n,); 0 for Poisson counts."""


class TailCells(NamedTuple):
    """The m cells outside one end of the burst, nearest first."""

    distance_s: Floats
    """Edges, seconds from the edge of the burst, shape (m + 1,)."""
    counts: Floats
    """Observed counts, shape (m,)."""
    background: Floats
    """Expected background counts, shape (m,)."""
    variance: Floats
    """Gaussian variance of the counts, shape (m,); 0 for Poisson counts."""
    modes: Floats
    """Independent 1-sigma deviations of the background, counts, shape (modes, m)."""
    live: Floats
    """Live time as a fraction of the duration, shape (m,); 0 where nothing was observed."""


@kernel
def _add_column(target: Floats, to: int, source: Floats, column: int) -> None:
    for k in range(source.shape[0]):
        target[k, to] += source[k, column]


@kernel
def tail_cells(
    series: CellSeries,
    counts: Floats,
    background: Floats,
    modes: Floats,
    edge: int,
    outwards: int,
    extent_s: float,
    limit_s: float,
) -> TailCells:
    """Rebin the cells on one side of an edge, up to 6 episode lengths away.

    Where the data end sooner, cells without live time fill the rest. If less than 0.1 of the
    episode length was observed, there are no cells at all.

    Parameters
    ----------
    series
        The light curve.
    counts, background
        Observed and expected background counts, shape (n,).
    modes
        Independent 1-sigma deviations of the background, counts, shape (modes, n).
    edge
        Index of the edge of the burst in `series.time_s`.
    outwards
        1 for the cells after the edge, -1 for those before it.
    extent_s
        Length of the first or last episode of the burst, seconds.
    limit_s
        Largest distance of a tail from the edge, seconds.
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
        _add_column(deviations, m, modes, i)
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
