"""The oddities of real files, each behind a switch (`burst.Trap`).

Some change the burst before it is simulated (`prepare`), some the events of a detector (`damage`),
some only the order or the value of the times in a file (`unsorted`, `stepping`). The others concern
headers and file names; the modules that write files apply them.
"""

import math

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats
from testbench.simulate.physics.detectors import Detector, detectors_of, expected_curve
from testbench.simulate.physics.photons import Photons

from .burst import Burst, Cut, Trap

__all__ = [
    "DEPLETED_CHANNELS",
    "GAIN_SEAM",
    "UNDECLARED_GAP_S",
    "damage",
    "prepare",
    "stepping",
    "undeclared_gap",
    "unsorted",
]

GAIN_SEAM = 128
"""First GRM channel of the low gain."""
DEPLETED_CHANNELS = (127, 128, 129)
"""GRM channels that lose counts."""
UNDECLARED_GAP_S = 0.6
"""Length of the undeclared gap, seconds."""
_DEPLETED_SHARE = 0.2
"""Part of the counts that depleted channels keep."""
_COVERED = 0.1
"""Part of the data, at their end, in which the Earth fills the view."""
_PEAK_BINS = 400
"""Bins in which the peak rate is looked for."""
_CHUNK = 64
"""Events that change places together."""
_STEP_EVERY = 997
"""Number of events from one backward step in time to the next."""


def prepare(burst: Burst) -> Burst:
    """Return the burst with those traps applied that change the burst itself."""
    if Trap.SAA in burst.traps and not any(cut.cause == "NSA" for cut in burst.cuts):
        start, stop = burst.interval_s
        entry = Cut(round(start + 0.2 * (stop - start), 3), burst.window_s[1], "NSA")
        burst = replace(burst, cuts=(*burst.cuts, entry))
    if Trap.EARTH in burst.traps and not any(cut.cause == "TEO" for cut in burst.cuts):
        start, stop = burst.window_s
        covered = Cut(round(stop - _COVERED * (stop - start), 3), stop, "TEO")
        burst = replace(burst, cuts=(*burst.cuts, covered))
    if Trap.HOUR in burst.traps:
        burst = replace(burst, t0_met_s=math.ceil(burst.t0_met_s / 3600.0) * 3600.0 - 3.0)
    if Trap.DEAD_TIME in burst.traps and burst.grm and burst.pulses:
        burst = replace(burst, fluence_erg_cm2=burst.fluence_erg_cm2 / _rate_times_dead_time(burst))
    return burst


def _rate_times_dead_time(burst: Burst) -> float:
    """Return the peak rate in the GRM detector with most counts, times its dead time."""
    edges = np.linspace(*burst.interval_s, _PEAK_BINS + 1)
    bins = np.column_stack([edges[:-1], edges[1:]])
    return max(
        float(np.max(expected_curve(burst, (each,), bins) / np.diff(edges))) * each.dead_time_s
        for each in detectors_of(burst)
        if each.instrument == Instrument.GRM
    )


def damage(photons: Photons, burst: Burst, detector: Detector, rng: np.random.Generator) -> Photons:
    """Remove the events that the GRM loses without declaring it."""
    if detector.instrument != Instrument.GRM:
        return photons
    kept = np.ones(photons.time_s.size, dtype=np.bool_)
    if Trap.UNDECLARED_GAP in burst.traps:
        start, stop = undeclared_gap(burst)
        kept &= (photons.time_s < start) | (photons.time_s >= stop)
    if Trap.DEPLETED in burst.traps:
        survives = rng.random(kept.size) < _DEPLETED_SHARE
        kept &= survives | ~np.isin(photons.channel, DEPLETED_CHANNELS)
    return photons.only(kept)


def undeclared_gap(burst: Burst) -> tuple[float, float]:
    """Return start and stop of the gap that no good time interval declares."""
    start, stop = burst.interval_s
    gap = round(start + 0.6 * (stop - start), 3)
    return gap, gap + UNDECLARED_GAP_S


def unsorted(number: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return an order of events in which some neighbouring chunks of 64 are swapped."""
    order = np.arange(number)
    chunks = [order[i : i + _CHUNK] for i in range(0, number, _CHUNK)]
    for i in np.flatnonzero(rng.random(len(chunks) - 1) < 0.1) if len(chunks) > 1 else ():
        chunks[i], chunks[i + 1] = chunks[i + 1], chunks[i]
    return np.concatenate(chunks) if chunks else order


def stepping(time_s: Floats) -> Floats:
    """Return times of which every 997th lies 40 us before its predecessor."""
    stepped = time_s.copy()
    which = np.arange(_STEP_EVERY, time_s.size, _STEP_EVERY)
    stepped[which] = time_s[which - 1] - 40e-6
    return stepped
