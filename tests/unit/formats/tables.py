"""Small FITS tables with the shapes of the missions, made by astropy."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from tests.unit.formats.values import T0_MET_S

Columns = Sequence[tuple[str, str, Any]]
Make = Callable[..., Path]
GBM = {"TELESCOP": "GLAST", "INSTRUME": "GBM", "DETNAM": "NAI_10"}
SVOM = {
    "TELESCOP": "SVOM",
    "MJDREFI": 57754,
    "MJDREFF": 0.000800740741,
    "TIMESYS": "TT",
    "TRIGTIME": T0_MET_S,
}


def table(name: str, columns: Columns, **header: object) -> fits.BinTableHDU:
    made = [fits.Column(name=key, format=form, array=values) for key, form, values in columns]
    hdu = fits.BinTableHDU.from_columns(made, name=name)
    for key, value in header.items():
        hdu.header[key] = value
    return hdu


def bounds(n: int = 4, first: int = 0) -> fits.BinTableHDU:
    edges = np.geomspace(10.0, 1000.0, n + 1)
    return table(
        "EBOUNDS",
        [
            ("CHANNEL", "I", np.arange(first, first + n)),
            ("E_MIN", "E", edges[:-1]),
            ("E_MAX", "E", edges[1:]),
        ],
    )


def gti(intervals_s: Sequence[tuple[float, float]], name: str = "GTI") -> fits.BinTableHDU:
    start, stop = np.array(intervals_s).T
    return table(
        name,
        [("START", "D", start + T0_MET_S), ("STOP", "D", stop + T0_MET_S)],
        HDUCLAS1="GTI",
    )


def matrix(
    rows: Any = None, first: Any = (0, 0, 0), name: str = "MATRIX", **header: Any
) -> fits.BinTableHDU:
    values = np.arange(12.0).reshape(3, 4) if rows is None else rows
    return table(
        name,
        [
            ("ENERG_LO", "E", [10.0, 20.0, 30.0]),
            ("ENERG_HI", "E", [20.0, 30.0, 40.0]),
            ("N_GRP", "I", [1, 1, 1]),
            ("F_CHAN", "I", first),
            ("N_CHAN", "I", [4, 4, 4]),
            ("MATRIX", "4E", values),
        ],
        **header,
    )


def three_matrices() -> list[fits.BinTableHDU]:
    return [
        matrix(np.full((3, 4), k), TLMIN4=0, TSTART=float(k), TSTOP=float(k + 1))
        for k in (0.0, 1.0, 2.0)
    ]


def type_two(n: int, **columns: Any) -> fits.BinTableHDU:
    return table(
        "SPECTRUM",
        [
            ("TSTART", "D", columns.get("start", np.arange(float(n)))),
            ("TELAPSE", "D", np.full(n, 0.5)),
            ("CHANNEL", "4I", np.tile(np.arange(1, 5), (n, 1))),
            ("COUNTS", "4J", np.arange(4 * n).reshape(n, 4)),
            ("EXPOSURE", "D", 0.4 + 0.01 * np.arange(n)),
            ("RESPFILE", "40A", columns.get("response", ["none"] * n)),
        ],
        HDUCLAS1="SPECTRUM", HDUCLAS2="TOTAL", HDUCLAS4="Type:II",
    )  # fmt: skip
