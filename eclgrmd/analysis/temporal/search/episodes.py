"""Episodes of the burst, and background intervals free of it."""

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.kernels.episodes import connected_blocks, high_blocks
from eclgrmd.model.flags import Flag, FlagCode
from eclgrmd.model.intervals import outside, union
from eclgrmd.model.observation import Floats, LightCurve

__all__ = ["burst_blocks", "episode_flags", "episodes", "free_intervals", "high_blocks"]

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_PAD_FRACTION = 0.25
"""Distance of background from an episode, as a fraction of its length; a choice."""
_PAD_S = 1.0
"""Smallest distance of background from an episode, seconds; a choice."""
_PAD_SHARE = 0.5
"""Largest part of the data beside the burst that this distance may take; a choice."""
_REACH_S = 200.0
"""Reach of the background before and after the burst, seconds; a choice."""
_REACH_WIDTHS = 2.0
"""The same in units of the length of the burst; the larger reach applies; a choice."""
_LEAST_FREE_S = 5.0
"""Shortest background interval, seconds (shorter for a burst that is shorter itself); a choice."""


def episodes(curve: LightCurve, starts: Ints, high: Bools) -> Floats:
    """Return start and stop of each run of adjacent high blocks, seconds after t0, shape (k, 2).

    Parameters
    ----------
    curve
        The light curve.
    starts
        First bin of each block, shape (b,).
    high
        Blocks with significant emission, shape (b,).
    """
    stops = np.append(starts[1:], len(curve.counts)) - 1
    pairs = np.column_stack([curve.start_s[starts], curve.stop_s[stops]])[high]
    return union(pairs)


def burst_blocks(curve: LightCurve, starts: Ints, sigma: Floats, high: Bools) -> Bools:
    """Return the high blocks that form the burst, shape (b,); see `connected_blocks`."""
    stops = np.append(starts[1:], len(curve.counts)) - 1
    return connected_blocks(curve.start_s[starts], curve.stop_s[stops], sigma, high)


def episode_flags(burst: Bools, rates: Floats, counts: Floats) -> tuple[Flag, ...]:
    """Return flags for a burst of several episodes, and for a precursor.

    A precursor is an earlier episode with a lower peak rate and fewer counts than the main one
    (Koshut et al. 1995, ApJ 452, 145, without their condition on the length of the quiet time).

    Parameters
    ----------
    burst
        Blocks of the burst, shape (b,).
    rates, counts
        Net rate (counts/s) and net counts of each block, shape (b,).
    """
    steps = np.diff(np.concatenate([[0], burst.astype(np.int64), [0]]))
    runs = list(zip(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1), strict=True))
    if len(runs) < 2:
        return ()
    main = int(np.argmax([rates[a:b].max() for a, b in runs]))
    content = [counts[a:b].sum() for a, b in runs]
    precursor = any(content[k] < content[main] for k in range(main))
    several = Flag(FlagCode.SEVERAL_EPISODES)
    return (several, Flag(FlagCode.PRECURSOR)) if precursor else (several,)


def free_intervals(curve: LightCurve, starts: Ints, high: Bools, burst: Bools) -> Floats:
    """Return the background intervals, seconds after t0, shape (k, 2).

    They keep a distance from all episodes and reach at most 200 s, or twice the length of the
    burst, beyond it. Long enough quiet times between episodes are included, because they constrain
    the background during the burst.

    Parameters
    ----------
    curve
        The light curve.
    starts
        First bin of each block, shape (b,).
    high, burst
        Blocks with significant emission, and those of them that form the burst, shape (b,).
    """
    low, stop = float(curve.start_s[0]), float(curve.stop_s[-1])
    if not high.any():
        return union([(low, stop)])
    spans = episodes(curve, starts, high)
    extent = episodes(curve, starts, burst if burst.any() else high)
    first, last = float(extent[0, 0]), float(extent[-1, 1])
    reach = max(_REACH_S, _REACH_WIDTHS * (last - first))
    pad = np.maximum(_PAD_S, _PAD_FRACTION * (spans[:, 1] - spans[:, 0]))
    # A short stretch beside the burst is worth more than its distance: it makes the second side.
    before = np.minimum(pad, _PAD_SHARE * (spans[:, 0] - low))
    after = np.minimum(pad, _PAD_SHARE * (stop - spans[:, 1]))
    padded = union(np.column_stack([spans[:, 0] - before, spans[:, 1] + after]))
    free = outside(padded, max(low, first - reach), min(stop, last + reach))
    free = free[free[:, 1] - free[:, 0] >= min(_LEAST_FREE_S, last - first)]
    if len(free) == 0:
        free = outside(spans, low, stop)
    return free if len(free) else union([(low, stop)])
