"""GRM files: hourly events of the three detectors, with channels and good time intervals."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels, Floats
from testbench.simulate.burst import Burst, Trap
from testbench.simulate.physics.detectors import Detector
from testbench.simulate.physics.photons import Kind, Photons
from testbench.simulate.traps import GAIN_SEAM, unsorted

from .headers import ebounds, intervals, mission_keywords, table, write_fits

__all__ = ["grm_event_name", "write_grm_events"]

_ROW = [
    ("TIME", ">f8"), ("PI", ">i2"), ("GAIN_TYPE", "u1"), ("DEAD_TIME", ">f4"), ("EVT_TYPE", "u1"),
    ("ANTI_COIN", "u1"), ("FLAG", "u1"),
]  # fmt: skip
_HOUR_S = 3600.0
"""Time that one GRM event file covers, seconds."""

Recorded = tuple[Detector, Photons]


def grm_event_name(hour: int, version: int) -> str:
    """Return the name of the event file of an hour, counted from 2017-01-01T00 UTC."""
    start = datetime(2017, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
    return f"svom_grm_evt_{start:%y%m%d_%H}_v{version:02d}.fits"


def write_grm_events(
    folder: Path, burst: Burst, recorded: tuple[Recorded, ...], rng: np.random.Generator
) -> tuple[Path, ...]:
    """Write an event file for each hour that has data.

    With `Trap.VERSIONS` each is version 2, and a version 1 with every second event is written, too.
    """
    tables = [_rows(burst, detector, photons, rng) for detector, photons in recorded]
    channels = recorded[0][0].response.channels
    paths = []
    for hour, good in _hours(burst):
        part = [rows[(rows["TIME"] // _HOUR_S).astype(np.int64) == hour] for rows in tables]
        if Trap.VERSIONS in burst.traps:
            paths.append(_write(folder, burst, channels, hour, good, 1, [r[::2] for r in part]))
        version = 2 if Trap.VERSIONS in burst.traps else 1
        paths.append(_write(folder, burst, channels, hour, good, version, part))
    return tuple(paths)


def _hours(burst: Burst) -> Iterator[tuple[int, Floats]]:
    """Yield each hour that has good time, with its good time intervals in mission time."""
    met_s = burst.good_s() + burst.t0_met_s
    for hour in range(int(met_s[0, 0] // _HOUR_S), int(met_s[-1, 1] // _HOUR_S) + 1):
        good = np.clip(met_s, hour * _HOUR_S, (hour + 1) * _HOUR_S)
        good = good[good[:, 1] > good[:, 0]]
        if len(good):
            yield hour, good


def _write(
    folder: Path,
    burst: Burst,
    channels: Channels,
    hour: int,
    good_met_s: Floats,
    version: int,
    tables: list[NDArray[np.void]],
) -> Path:
    keywords = mission_keywords(burst, Instrument.GRM, "GRM-EVT", version)
    keywords |= {"TSTART": float(good_met_s[0, 0]), "TSTOP": float(good_met_s[-1, 1])}
    if Trap.NO_TRIGGER in burst.traps:
        del keywords["TRIGTIME"]
    extensions = [ebounds(channels, keywords), intervals("GTI", good_met_s, keywords)]
    for index, rows in enumerate(tables, start=1):
        own: dict[str, Any] = {
            "HDUCLASS": "OGIP", "HDUCLAS1": "EVENTS", "DETNAM": f"GRD{index:02d}",
        }  # fmt: skip
        units = {"TIME": "s", "DEAD_TIME": "us"}
        extensions.append(table(f"EVENTS{index:02d}", rows, units, keywords | own))
    return write_fits(folder / grm_event_name(hour, version), keywords, extensions)


def _rows(
    burst: Burst, detector: Detector, photons: Photons, rng: np.random.Generator
) -> NDArray[np.void]:
    rows = np.zeros(photons.time_s.size, dtype=_ROW)
    rows["TIME"] = photons.time_s + burst.t0_met_s
    rows["PI"] = photons.channel
    rows["GAIN_TYPE"] = photons.channel >= GAIN_SEAM
    rows["DEAD_TIME"] = detector.dead_time_s * 1e6
    rows["EVT_TYPE"] = photons.kind == Kind.CALIBRATION
    rows["ANTI_COIN"] = photons.kind == Kind.VETOED
    return rows[unsorted(rows.size, rng)] if Trap.UNSORTED in burst.traps else rows
