"""ECLAIRs files: calibrated events (ECL-EVT-CAL) and their good time intervals."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.names import Instrument

from .burst import Burst, Trap
from .detectors import Detector
from .mission import ebounds, intervals, mission_keywords, table, write_fits
from .photons import Photons
from .traps import stepping

__all__ = ["write_eclairs_events", "write_eclairs_gti"]

_ROW = [
    ("TIME", ">f8"), ("JDET", "u1"), ("IDET", "u1"), ("PHA", ">i2"), ("PI", ">i2"), ("FLAG", "u1"),
]  # fmt: skip
_PIXELS = 80
_CRITERIA = ("NSA", "STA", "TLM", "NEO", "PEO", "TEO")


def write_eclairs_events(
    folder: Path, burst: Burst, detector: Detector, photons: Photons, rng: np.random.Generator
) -> Path:
    """Write the event file; PI is the number of the channel, as EBOUNDS beside it has it."""
    keywords = mission_keywords(burst, Instrument.ECLAIRS, "ECL-EVT-CAL")
    events = table("EVENTS", _rows(burst, photons, rng), {"TIME": "s"}, keywords | _event_class())
    path = folder / f"ecl-evt-cal_{burst.burst_id}.fits"
    return write_fits(path, keywords, [events, ebounds(detector.response.channels, keywords)])


def write_eclairs_gti(folder: Path, burst: Burst) -> Path:
    """Write one extension a criterion; the user intersects NSA, STA and TLM.

    The Earth is in part of the field of view all the time: PEO holds everything, NEO and TEO
    (no Earth, Earth everywhere) nothing.
    """
    keywords = mission_keywords(burst, Instrument.ECLAIRS, "ECL-GTI-CAL")
    tables = []
    for criterion in _CRITERIA:
        good = burst.good_by(criterion) + burst.t0_met_s
        if criterion in ("NEO", "TEO"):
            good = np.empty((0, 2))
        tables.append(intervals(f"GTICAL-{criterion}", good, keywords))
    return write_fits(folder / f"ecl-gti-cal_{burst.burst_id}.fits", keywords, tables)


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
