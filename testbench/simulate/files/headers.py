"""FITS headers as the mission writes them: instrument, times and burst."""

from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels
from testbench.simulate.burst import Burst, Trap
from testbench.simulate.truth import utc_of

__all__ = ["MJDREFF", "MJDREFI", "ebounds", "intervals", "mission_keywords", "table", "write_fits"]

MJDREFI = 57754
"""Whole days of the mission epoch 2017-01-01T00:00:00 UTC, MJD."""
MJDREFF = 0.000800740741
"""Mission epoch 2017-01-01T00:00:00 UTC in TT: 69.184 s, in days."""
_MJDREFF_ROUNDED = 0.00080074
"""The same value as some GRM files have it."""

Keywords = dict[str, Any]


def mission_keywords(burst: Burst, instrument: Instrument, card: str, version: int = 1) -> Keywords:
    """Return the keywords that every header of a file has."""
    start, stop = burst.window_s
    rounded = instrument == Instrument.GRM and Trap.MJDREFF in burst.traps
    return {
        "ORIGIN": "TESTBENCH",
        "TELESCOP": "SVOM",
        "INSTRUME": instrument.value,
        "CREATOR": "DC0-SIMULATOR",
        "CARD": card,
        "PROGRAM": "CoreProgram",
        "PRDM_VER": "1.0",
        "GLDM_VER": "1.0",
        "PROC_VER": version,
        "PIP_VER": "1.0",
        "DSTREAM": "XBand",
        "DATE": utc_of(burst.t0_met_s + 86400.0)[:19],
        "TIMEREF": "LOCAL",
        "TIMESYS": "TT",
        "TIMEUNIT": "s",
        "MJDREFI": MJDREFI,
        "MJDREFF": _MJDREFF_ROUNDED if rounded else MJDREFF,
        "TSTART": burst.t0_met_s + start,
        "TSTOP": burst.t0_met_s + stop,
        "TRIGTIME": burst.t0_met_s,
        "OBJECT": burst.burst_id,
        "OBS_ID": burst.burst_id.removeprefix("sb"),
        "BURST_ID": burst.burst_id,
    }


def table(
    name: str, rows: NDArray[Any], units: dict[str, str], keywords: Keywords
) -> fits.BinTableHDU:
    """Return a binary table with the rows of a structured array."""
    hdu = fits.BinTableHDU(data=rows, name=name)
    for index, column in enumerate(rows.dtype.names or (), start=1):
        if column in units:
            hdu.header[f"TUNIT{index}"] = units[column]
    hdu.header.update(keywords)
    return hdu


def ebounds(channels: Channels, keywords: Keywords) -> fits.BinTableHDU:
    """Return the EBOUNDS table."""
    rows = np.empty(
        channels.number.size, dtype=[("CHANNEL", ">i2"), ("E_MIN", ">f4"), ("E_MAX", ">f4")]
    )
    rows["CHANNEL"], rows["E_MIN"], rows["E_MAX"] = (
        channels.number, channels.e_min_kev, channels.e_max_kev,
    )  # fmt: skip
    own = {"HDUCLASS": "OGIP", "HDUCLAS1": "RESPONSE", "HDUCLAS2": "EBOUNDS"}
    size = {"DETCHANS": channels.number.size, "CHANTYPE": "PI"}
    return table("EBOUNDS", rows, {"E_MIN": "keV", "E_MAX": "keV"}, keywords | own | size)


def intervals(name: str, met_s: NDArray[np.float64], keywords: Keywords) -> fits.BinTableHDU:
    """Return a table of time intervals, shape (k, 2) in mission time."""
    rows = np.empty(len(met_s), dtype=[("START", ">f8"), ("STOP", ">f8")])
    rows["START"], rows["STOP"] = met_s[:, 0], met_s[:, 1]
    own = {"HDUCLASS": "OGIP", "HDUCLAS1": "GTI"}
    return table(name, rows, {"START": "s", "STOP": "s"}, keywords | own)


def write_fits(path: Path, keywords: Keywords, tables: list[fits.BinTableHDU]) -> Path:
    """Write a file with an empty primary array and return its path."""
    primary = fits.PrimaryHDU()
    primary.header.update(keywords)
    fits.HDUList([primary, *tables]).writeto(path, overwrite=True)
    return path
