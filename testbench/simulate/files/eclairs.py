"""ECLAIRs files: calibrated events (ECL-EVT-CAL) and their good time intervals."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats
from testbench.simulate.burst import Burst, Trap
from testbench.simulate.physics.detectors import Detector
from testbench.simulate.physics.photons import Photons
from testbench.simulate.traps import stepping

from .headers import ebounds, intervals, mission_keywords, table, write_fits

__all__ = ["write_eclairs_events", "write_eclairs_gti"]

_ROW = [
    ("TIME", ">f8"), ("JDET", "u1"), ("IDET", "u1"), ("PHA", ">i2"), ("PI", ">i2"), ("FLAG", "u1"),
]  # fmt: skip
_PIXELS = 80
"""Pixels of ECLAIRs per side."""
_CRITERIA = ("NSA", "STA", "TLM", "NEO", "PEO", "TEO")


def write_eclairs_events(
    folder: Path, burst: Burst, detector: Detector, photons: Photons, rng: np.random.Generator
) -> Path:
    """Write the event file; PI is the channel number of the EBOUNDS table in the same file."""
    keywords = mission_keywords(burst, Instrument.ECLAIRS, "ECL-EVT-CAL")
    events = table("EVENTS", _rows(burst, photons, rng), {"TIME": "s"}, keywords | _event_class())
    path = folder / f"ecl-evt-cal_{burst.burst_id}.fits"
    return write_fits(path, keywords, [events, ebounds(detector.response.channels, keywords)])


def write_eclairs_gti(folder: Path, burst: Burst) -> Path:
    """Write one extension per criterion; users intersect NSA, STA and TLM.

    NEO, PEO and TEO (no, partial, only Earth in view) divide all time among them. Without
    `Trap.EARTH` the Earth is in part of the view all the time.
    """
    keywords = mission_keywords(burst, Instrument.ECLAIRS, "ECL-GTI-CAL")
    earth = _earth(burst)
    tables = []
    for criterion in _CRITERIA:
        good = earth.get(criterion, burst.good_by(criterion)) + burst.t0_met_s
        tables.append(intervals(f"GTICAL-{criterion}", good, keywords))
    return write_fits(folder / f"ecl-gti-cal_{burst.burst_id}.fits", keywords, tables)


def _earth(burst: Burst) -> dict[str, Floats]:
    start, stop = burst.window_s
    covered = [(cut.start_s, cut.stop_s) for cut in burst.cuts if cut.cause == "TEO"]
    begin = covered[0][0] if covered else stop
    enters = 0.5 * (start + burst.interval_s[0]) if Trap.EARTH in burst.traps else start
    parts = {"NEO": [(start, enters)], "PEO": [(enters, begin)], "TEO": [(begin, stop)]}
    return {
        name: np.array([(a, b) for a, b in part if b > a], dtype=np.float64).reshape(-1, 2)
        for name, part in parts.items()
    }


def _event_class() -> dict[str, str]:
    return {"HDUCLASS": "OGIP", "HDUCLAS1": "EVENTS", "DETNAM": "ECL"}


def _rows(burst: Burst, photons: Photons, rng: np.random.Generator) -> NDArray[np.void]:
    time = photons.time_s + burst.t0_met_s
    rows = np.zeros(time.size, dtype=_ROW)
    rows["TIME"] = stepping(time) if Trap.TIME_STEPS in burst.traps else time
    pixel = rng.integers(0, _PIXELS * _PIXELS, size=time.size, dtype=np.int16)
    rows["JDET"], rows["IDET"] = np.divmod(pixel, _PIXELS)
    rows["PI"] = photons.channel
    rows["PHA"] = 3 * photons.channel + pixel % 3
    return rows
