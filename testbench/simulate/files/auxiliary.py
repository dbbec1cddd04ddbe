"""Auxiliary files: attitude and orbit of the satellite."""

from pathlib import Path

import numpy as np

from eclgrmd.model.names import Instrument
from testbench.simulate.burst import Burst
from testbench.simulate.physics.detectors import satellite_of

from .headers import mission_keywords, table, write_fits

__all__ = ["write_attitude", "write_orbit"]

_STEP_S = 1.0
"""Time between rows, seconds."""


def write_attitude(folder: Path, burst: Burst) -> Path:
    """Write the constant quaternions of a satellite that does not move."""
    time = np.arange(*burst.window_s, _STEP_S) + burst.t0_met_s
    rows = np.zeros(time.size, dtype=[("TIME", ">f8"), ("QPARAM", ">f8", (4,))])
    satellite = satellite_of(burst)
    rows["TIME"] = time
    rows["QPARAM"] = (0.0, 0.0, 0.0, 1.0) if satellite is None else satellite.quaternion
    keywords = mission_keywords(burst, Instrument.ECLAIRS, "ATT")
    path = folder / f"svom-att_{burst.burst_id}.fits"
    return write_fits(path, keywords, [table("ATTITUDE", rows, {"TIME": "s"}, keywords)])


def write_orbit(folder: Path, burst: Burst) -> Path:
    """Write positions on a circular orbit, in km."""
    time = np.arange(*burst.window_s, _STEP_S)
    rows = np.zeros(time.size, dtype=[("TIME", ">f8"), ("POSITION", ">f8", (3,))])
    rows["TIME"] = time + burst.t0_met_s
    satellite = satellite_of(burst)
    if satellite is not None:
        rows["POSITION"] = satellite.position_km(time)
    keywords = mission_keywords(burst, Instrument.ECLAIRS, "ORB")
    units = {"TIME": "s", "POSITION": "km"}
    path = folder / f"svom-orb_{burst.burst_id}.fits"
    return write_fits(path, keywords, [table("ORBIT", rows, units, keywords)])
