"""The part of a light curve around the burst, laid out for cumulating: cells without holes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.observation import Floats, LightCurve

from .search import Finding

__all__ = ["Cells", "cells_around"]

_PLATEAU_NEAR = 0.15
_PLATEAU_FAR = 0.35
_GAP_FRACTION = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Adjacent cells from the plateau before the burst to the plateau after it."""

    time_s: Floats
    """Edges, shape (n + 1,)."""
    counts: Floats
    """Observed counts, 0 in gaps, shape (n,)."""
    model: Floats
    """Counts expected from the blocks of the burst and the background, shape (n,)."""
    error: Floats
    """Gaussian errors of the counts, shape (n,); empty: Poisson."""
    offset: Floats
    """What a cell adds to the curve beside its scaled counts, shape (n,)."""
    scale: Floats
    """Duration over live time, shape (n,); 0 in gaps."""
    background_modes: Floats
    """Independent 1-sigma deviations of the background, counts, shape (modes, n)."""
    before: int
    """Cells of the plateau before."""
    after: int
    """Cells of the plateau after."""
    gaps: bool
    """Part of the burst was not observed."""

    def curve(self, counts: Floats) -> Floats:
        """Cumulate net counts, shape (n + 1,)."""
        return np.concatenate([[0.0], np.cumsum(self.offset + self.scale * counts)])


def cells_around(curve: LightCurve, finding: Finding, t100_s: tuple[float, float]) -> Cells:
    """Cut out the burst and the plateaus, fill gaps with the rates of the blocks beside them.

    The plateaus lie outside the burst, 15 to 35 % of its extent away: cutting the curve at the
    last block would lose the tail that is too weak for a block of its own.
    """
    first, last, before, after = _window(curve, t100_s)
    part = slice(first, last)
    net_rate = _burst_rate(curve, finding)[part]
    start, stop, live = curve.start_s[part], curve.stop_s[part], curve.exposure_s[part]
    expected = finding.expected[part]
    modes = _background_modes(curve, finding, part)
    hole = np.flatnonzero(start[1:] - stop[:-1] > _GAP_FRACTION * (stop - start)[1:]) + 1
    fill = 0.5 * (net_rate[hole - 1] + net_rate[hole]) * (start[hole] - stop[hole - 1])
    scale = (stop - start) / live
    error = np.empty(0) if curve.error is None else np.insert(curve.error[part], hole, 0.0)
    inside = (start[hole] > t100_s[0]) & (stop[hole - 1] < t100_s[1])
    return Cells(
        time_s=np.append(np.insert(start, hole, stop[hole - 1]), stop[-1]),
        counts=np.insert(curve.counts[part], hole, 0.0),
        model=np.insert(net_rate * live + expected, hole, 0.0),
        error=error,
        offset=np.insert(-expected * scale, hole, fill),
        scale=np.insert(scale, hole, 0.0),
        background_modes=np.insert(modes, hole, 0.0, axis=1),
        before=before,
        after=after,
        gaps=bool(inside.any()),
    )


def _window(curve: LightCurve, t100_s: tuple[float, float]) -> tuple[int, int, int, int]:
    """Give first and last + 1 bin, and the bins of the plateaus before and after."""
    width = t100_s[1] - t100_s[0]
    near, far = _PLATEAU_NEAR * width, _PLATEAU_FAR * width
    first = int(np.searchsorted(curve.stop_s, t100_s[0] - far, side="right"))
    burst = int(np.searchsorted(curve.stop_s, t100_s[0] - near, side="right"))
    tail = int(np.searchsorted(curve.start_s, t100_s[1] + near, side="left"))
    last = int(np.searchsorted(curve.start_s, t100_s[1] + far, side="left"))
    return first, last, burst - first, last - tail


def _burst_rate(curve: LightCurve, finding: Finding) -> Floats:
    """Net rate of the burst's blocks in each bin, 0 outside it, shape (n,)."""
    starts = finding.starts
    net = np.add.reduceat(curve.counts - finding.expected, starts)
    rate = net / np.add.reduceat(curve.exposure_s, starts)
    extent = np.flatnonzero(finding.burst)
    keep = np.zeros(len(starts), dtype=bool)
    keep[extent[0] : extent[-1] + 1] = True
    blocks = np.repeat(np.where(keep, rate, 0.0), np.diff(np.append(starts, len(curve.counts))))
    if curve.error is not None:
        return np.asarray(blocks)
    return np.asarray(np.maximum(blocks, -0.9 * finding.expected / curve.exposure_s))


def _background_modes(curve: LightCurve, finding: Finding, part: slice) -> NDArray[np.float64]:
    fit = finding.background
    if fit is None:
        return np.empty((0, len(curve.start_s[part])))
    root = np.linalg.cholesky(fit.covariance[0])
    design = fit.design(curve.start_s[part], curve.stop_s[part], curve.exposure_s[part])
    return np.ascontiguousarray((design @ root).T)
