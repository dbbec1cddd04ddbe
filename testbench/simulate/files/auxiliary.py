"""Auxiliary files: attitude and orbit of the satellite."""

from pathlib import Path

import numpy as np

from eclgrmd.model.names import Instrument
from testbench.simulate.burst import Burst
from testbench.simulate.physics.backgrounds import ORBIT_S

from .headers import mission_keywords, table, write_fits

__all__ = ["write_attitude", "write_orbit"]

_STEP_S = 1.0
"""Time between rows, seconds."""
_RADIUS_KM = 6371.0 + 620.0
"""Mean radius of the Earth and altitude of the orbit."""
_INCLINATION = np.radians(29.0)
"""Inclination of the orbit, radians."""


def write_attitude(folder: Path, burst: Burst) -> Path:
    """Write the constant quaternions of a satellite that does not move."""
    time = np.arange(*burst.window_s, _STEP_S) + burst.t0_met_s
    rows = np.zeros(time.size, dtype=[("TIME", ">f8"), ("QPARAM", ">f8", (4,))])
    rows["TIME"], rows["QPARAM"][:, 3] = time, 1.0
    keywords = mission_keywords(burst, Instrument.ECLAIRS, "ATT")
    path = folder / f"svom-att_{burst.burst_id}.fits"
    return write_fits(path, keywords, [table("ATTITUDE", rows, {"TIME": "s"}, keywords)])


def write_orbit(folder: Path, burst: Burst) -> Path:
    """Write positions on a circular orbit, in km."""
    time = np.arange(*burst.window_s, _STEP_S)
    phase = 2.0 * np.pi * time / ORBIT_S
    rows = np.zeros(time.size, dtype=[("TIME", ">f8"), ("POSITION", ">f8", (3,))])
    rows["TIME"] = time + burst.t0_met_s
    rows["POSITION"] = _RADIUS_KM * np.stack(
        [
            np.cos(phase),
            np.sin(phase) * np.cos(_INCLINATION),
            np.sin(phase) * np.sin(_INCLINATION),
        ],
        axis=1,
    )
    keywords = mission_keywords(burst, Instrument.ECLAIRS, "ORB")
    units = {"TIME": "s", "POSITION": "km"}
    path = folder / f"svom-orb_{burst.burst_id}.fits"
    return write_fits(path, keywords, [table("ORBIT", rows, units, keywords)])
