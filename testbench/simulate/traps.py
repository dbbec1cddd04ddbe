"""The oddities of real files, each behind a switch (`burst.Trap`).

Some change the burst before it is simulated (`prepare`), some the photons of a detector
(`spoil`), some only the order or the value of the times in a file (`unsorted`, `stepping`);
the rest concerns headers and file names and is done where files are written.
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
    "prepare",
    "spoil",
    "stepping",
    "undeclared_gap",
    "unsorted",
]

GAIN_SEAM = 128
"""First GRM channel of the low gain."""
DEPLETED_CHANNELS = (127, 128, 129)
UNDECLARED_GAP_S = 0.6
_DEPLETED_SHARE = 0.2
_COVERED = 0.1
"""Share of the data at whose end the Earth fills the view."""
_PEAK_BINS = 400
_CHUNK = 64
_STEP_EVERY = 997


def prepare(burst: Burst) -> Burst:
    """Put the traps that change the burst itself into its recipe."""
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
    """Give the peak rate that hits the GRM detector best lit, in units of 1 / dead time."""
    edges = np.linspace(*burst.interval_s, _PEAK_BINS + 1)
    bins = np.column_stack([edges[:-1], edges[1:]])
    return max(
        float(np.max(expected_curve(burst, (each,), bins) / np.diff(edges))) * each.dead_time_s
        for each in detectors_of(burst)
        if each.instrument == Instrument.GRM
    )


def spoil(photons: Photons, burst: Burst, detector: Detector, rng: np.random.Generator) -> Photons:
    """Take photons away that the GRM loses without saying so."""
    if detector.instrument != Instrument.GRM:
        return photons
    kept = np.ones(photons.time_s.size, dtype=np.bool_)
    if Trap.UNDECLARED_GAP in burst.traps:
        start, stop = undeclared_gap(burst)
        kept &= (photons.time_s < start) | (photons.time_s >= stop)
    if Trap.DEPLETED in burst.traps:
        lucky = rng.random(kept.size) < _DEPLETED_SHARE
        kept &= lucky | ~np.isin(photons.channel, DEPLETED_CHANNELS)
    return photons.only(kept)


def undeclared_gap(burst: Burst) -> tuple[float, float]:
    """Start and stop of the gap that no good time interval tells of."""
    start, stop = burst.interval_s
    gap = round(start + 0.6 * (stop - start), 3)
    return gap, gap + UNDECLARED_GAP_S


def unsorted(number: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Order in which a file holds its events: chunks of 64 change places with their neighbours."""
    order = np.arange(number)
    chunks = [order[i : i + _CHUNK] for i in range(0, number, _CHUNK)]
    for i in np.flatnonzero(rng.random(len(chunks) - 1) < 0.1) if len(chunks) > 1 else ():
        chunks[i], chunks[i + 1] = chunks[i + 1], chunks[i]
    return np.concatenate(chunks) if chunks else order


def stepping(time_s: Floats) -> Floats:
    """Let every 997th time lie 40 us before the one that precedes it."""
    stepped = time_s.copy()
    which = np.arange(_STEP_EVERY, time_s.size, _STEP_EVERY)
    stepped[which] = time_s[which - 1] - 40e-6
    return stepped
