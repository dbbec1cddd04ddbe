"""The light curves inside a report, read from the FITS files of the run."""

import io
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

__all__ = ["curves_of"]

_FILE = re.compile(r"(?P<instrument>.+)-LC-(?!BLOCKS)[0-9A-Z]+\.fits")
"""Names of light curves with bins of one width."""
_MOST_BINS = 4000
"""Most bins of a light curve in a report; more are summed."""

Floats = NDArray[np.float64]


def curves_of(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """Return the finest light curve of each instrument as plain values.

    Each has `instrument`, `start` and `stop` of the bins (seconds after t0), `live` (seconds) and
    `bands`, a list with `kev`, `counts` and `background` (counts, or null) of each energy band.
    """
    finest: dict[str, list[Any]] = {}
    for name, content in sorted(files.items()):
        match = _FILE.fullmatch(name)
        if match is None:
            continue
        tables = _tables(content)
        if tables and len(tables[0][1]) > len(finest.get(match["instrument"], [(0, ())])[0][1]):
            finest[match["instrument"]] = tables
    return [_curve(name, tables) for name, tables in finest.items()]


def _tables(content: bytes) -> list[tuple[Any, Any]]:
    """Return header and rows of each light curve in a file."""
    with fits.open(io.BytesIO(content), memmap=False) as hdus:
        return [(hdu.header, np.array(hdu.data)) for hdu in hdus if hdu.name == "RATE"]


def _curve(instrument: str, tables: list[tuple[Any, Any]]) -> dict[str, Any]:
    header, rows = tables[0]
    # `np.array` drops TZERO: stored times are seconds after t0.
    start, width = np.asarray(rows["TIME"], np.float64), np.asarray(rows["TIMEDEL"], np.float64)
    first = np.arange(0, len(start), -(-len(start) // _MOST_BINS))
    last = np.append(first[1:], len(start)) - 1
    live = np.asarray(rows["FRACEXP"], np.float64) * width
    return {
        "instrument": instrument,
        "detectors": str(header.get("DETNAM", "")),
        "start": _rounded(start[first], 6),
        "stop": _rounded((start + width)[last], 6),
        "live": _rounded(np.add.reduceat(live, first), 6),
        "bands": [_band(*each, live, first) for each in tables],
    }


def _band(header: Any, rows: Any, live: Floats, first: NDArray[np.int64]) -> dict[str, Any]:
    background = None
    if "BACKV" in rows.dtype.names:
        expected = np.nan_to_num(np.asarray(rows["BACKV"], np.float64) * live)
        background = _rounded(np.add.reduceat(expected, first), 3)
    counts = np.add.reduceat(np.nan_to_num(np.asarray(rows["COUNTS"], np.float64)), first)
    kev = [header["E_MIN"], header["E_MAX"]] if "E_MIN" in header else None
    return {"kev": kev, "counts": _rounded(counts, 3), "background": background}


def _rounded(values: Floats, digits: int) -> list[float]:
    return [int(each) if each == int(each) else each for each in values.round(digits).tolist()]
