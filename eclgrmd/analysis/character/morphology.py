"""Morphology of a light curve: episodes and peaks, and a sentence for a circular."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.model.intervals import Interval
from eclgrmd.model.observation import Floats
from eclgrmd.model.result import Morphology, MorphologyName

from .series import Sum
from .significance import sigma_of

__all__ = ["Blocks", "blocks_of", "describe_shape"]

Bools = NDArray[np.bool_]

_ACTIVE_SIGMA = 3.0
"""Significance from which a block belongs to an episode; a choice."""
_PEAK_SIGMA = 5.0
"""Significance of a peak above the valleys on both sides; a choice."""
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """The b adjacent Bayesian blocks inside a burst."""

    edges_s: Floats
    """Edges, seconds after t0, shape (b + 1,)."""
    rate: Floats
    """Net rate, counts/s, shape (b,)."""
    error: Floats
    """1-sigma error of `rate`, shape (b,)."""
    sigma: Floats
    """Significance of the excess of each block, shape (b,)."""


def blocks_of(measurement: DurationMeasurement) -> Blocks:
    """Return the blocks inside T100, with errors and significances."""
    edges, curve = measurement.block_edges_s, measurement.curve
    low, high = measurement.t100_s or (np.inf, -np.inf)
    bounds = np.searchsorted(curve.start_s, edges - 1e-9)
    stop = curve.stop_s[bounds[1:] - 1]  # earlier than the next edge if a gap follows
    wanted = np.flatnonzero((edges[:-1] >= low - 1e-9) & (stop <= high + 1e-9))
    first, last = bounds[wanted], bounds[wanted + 1]
    variance = curve.counts if curve.error is None else np.square(curve.error)
    sums = [
        Sum(
            counts=float(curve.counts[a:b].sum()),
            variance=float(variance[a:b].sum()),
            background=float(measurement.background_counts[a:b].sum()),
            background_error=float(measurement.background_error_counts[a:b].sum()),
            live_s=float(curve.exposure_s[a:b].sum()),
            poisson=curve.error is None,
        )
        for a, b in zip(first, last, strict=True)
    ]
    return Blocks(
        edges_s=np.append(edges[wanted], stop[wanted[-1]]) if len(wanted) else np.empty(0),
        rate=measurement.block_rates[wanted],
        error=np.array([np.sqrt(max(s.variance, 1.0)) / s.live_s for s in sums]),
        sigma=np.array([sigma_of(s) for s in sums]),
    )


def describe_shape(blocks: Blocks) -> Morphology | None:
    """Return the episodes and peaks of a light curve, with a sentence that describes them.

    Episodes are runs of blocks with an excess of at least 3 sigma. Between two episodes lies at
    least one block consistent with the background (quiescence). The main episode contains the
    highest rate. A precursor is an earlier episode with a lower peak rate and fewer counts, as
    defined by Koshut et al. 1995 (ApJ 452, 145) but without a condition on the length of the
    quiescence. Peaks are blocks that exceed the lowest blocks on both sides, up to the next higher
    peak, by 5 sigma (the peak finding of Li & Fenimore 1996, ApJ 469, L115, applied to blocks).

    Returns
    -------
    Morphology | None
        None if no block is significant.
    """
    active = blocks.sigma >= _ACTIVE_SIGMA
    if not active.any():
        return None
    runs = _runs(active)
    heights = [float(blocks.rate[a:b].max()) for a, b in runs]
    counts = [float((blocks.rate * np.diff(blocks.edges_s))[a:b].sum()) for a, b in runs]
    main = int(np.argmax(heights))
    peaks = [k for k in range(len(blocks.rate)) if _is_peak(blocks, k)]
    early = [k for k in range(main) if counts[k] < counts[main]]
    name = _name(len(runs), len(peaks), precursors=len(early) == main > 0 and main == len(runs) - 1)
    return Morphology(
        name=name,
        episodes_s=tuple(_span(blocks.edges_s, a, b) for a, b in runs),
        main_episode=main,
        peaks_s=tuple(_span(blocks.edges_s, k, k + 1) for k in peaks),
        sentence=_sentence(name, blocks, runs, main, len(peaks)),
    )


def _runs(active: Bools) -> list[tuple[int, int]]:
    """Return the first block and the one after the last of each run of active blocks."""
    steps = np.diff(np.concatenate([[0], active.astype(np.int64), [0]]))
    pairs = zip(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1), strict=True)
    return [(int(a), int(b)) for a, b in pairs]


def _is_peak(blocks: Blocks, k: int) -> bool:
    """Return True if a block exceeds the valleys on both sides, or the background, by 5 sigma."""
    for side in (range(k - 1, -1, -1), range(k + 1, len(blocks.rate))):
        valley, error = 0.0, 0.0
        lowest = np.inf
        for j in side:
            if blocks.rate[j] > blocks.rate[k] or (blocks.rate[j] == blocks.rate[k] and j < k):
                valley, error = lowest, error if np.isfinite(lowest) else 0.0
                break
            if blocks.rate[j] < lowest:
                lowest, error = float(blocks.rate[j]), float(blocks.error[j])
        else:
            valley, error = 0.0, 0.0
        if not blocks.rate[k] - valley >= _PEAK_SIGMA * np.hypot(blocks.error[k], error):
            return False
    return True


def _name(episodes: int, peaks: int, *, precursors: bool) -> MorphologyName:
    if precursors:
        return "precursor plus main episode"
    if episodes > 1:
        return "several episodes"
    return "several peaks" if peaks > 1 else "single pulse"


def _span(edges_s: Floats, first: int, last: int) -> Interval:
    return float(edges_s[first]), float(edges_s[last])


def _sentence(
    name: MorphologyName, blocks: Blocks, runs: list[tuple[int, int]], main: int, peaks: int
) -> str:
    start, stop = _span(blocks.edges_s, *runs[main])
    begin, end = _at(start), _at(stop)
    match name:
        case "single pulse":
            return f"The light curve shows a single pulse from {begin} to {end}."
        case "several peaks":
            return (
                f"The light curve shows {_number(peaks)} overlapping peaks from {begin} to {end}."
            )
        case "precursor plus main episode":
            first = _span(blocks.edges_s, *runs[0])
            before = "a precursor" if main == 1 else f"{_number(main)} precursors"
            return (
                f"The light curve shows {before} starting at {_at(first[0])}, followed after a "
                f"quiescence by the main episode from {begin} to {end}."
            )
        case "several episodes":
            return (
                f"The light curve shows {_number(len(runs))} episodes separated by quiescence, the "
                f"brightest from {begin} to {end}."
            )


def _at(time_s: float) -> str:
    digits = 2 if abs(time_s) < 10.0 else 1
    return f"T0{time_s:+.{digits}f} s"


def _number(value: int) -> str:
    return _NUMBERS[value] if value < len(_NUMBERS) else str(value)
