"""Small FITS files with the shapes and the traps of the missions, made by astropy."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from unit.formats.values import T0_MET_S

SVOM = {
    "TELESCOP": "SVOM",
    "MJDREFI": 57754,
    "MJDREFF": 0.000800740741,
    "TIMESYS": "TT",
    "TRIGTIME": T0_MET_S,
}

Columns = Sequence[tuple[str, str, Any]]
MakeTable = Callable[..., fits.BinTableHDU]
MakeFile = Callable[..., Path]


def table(name: str, columns: Columns, **header: object) -> fits.BinTableHDU:
    made = [fits.Column(name=key, format=form, array=values) for key, form, values in columns]
    hdu = fits.BinTableHDU.from_columns(made, name=name)
    for key, value in header.items():
        hdu.header[key.replace("_", "-") if key.startswith("DATE") else key] = value
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


@pytest.fixture
def make_table() -> MakeTable:
    return table


@pytest.fixture
def make_bounds() -> MakeTable:
    return bounds


@pytest.fixture
def make_gti() -> MakeTable:
    return gti


@pytest.fixture
def make_file(tmp_path: Path) -> MakeFile:
    """Write a file of these tables; primary keywords as keyword arguments."""

    def write(name: str, *tables: fits.BinTableHDU, **header: object) -> Path:
        primary = fits.PrimaryHDU()
        for key, value in header.items():
            primary.header[key] = value
        path = tmp_path / name
        fits.HDUList([primary, *tables]).writeto(path)
        return path

    return write


@pytest.fixture
def make_eclairs(make_file: MakeFile) -> Callable[..., Path]:
    """Write an ECLAIRs event file: times in seconds after t0, PI."""

    def write(name: str, time_s: Any, pi: Any = None, *more: fits.BinTableHDU) -> Path:
        time_s = np.asarray(time_s, dtype=float)
        n = len(time_s)
        events = table(
            "ECL-EVT-CAL",
            [
                ("TIME", "D", time_s + T0_MET_S),
                ("JDET", "B", np.zeros(n)),
                ("IDET", "B", np.zeros(n)),
                ("PHA", "I", np.zeros(n)),
                ("PI", "I", np.zeros(n) if pi is None else pi),
                ("FLAG", "B", np.zeros(n)),
            ],
        )
        return make_file(name, events, *more, **SVOM, INSTRUME="ECLAIRS")

    return write


@pytest.fixture
def make_grm(make_file: MakeFile) -> Callable[..., Path]:
    """Write an hour of GRM: for each detector the columns that matter, as a dict."""

    def write(
        name: str, detectors: Sequence[dict[str, Any]], intervals_s: Sequence[tuple[float, float]]
    ) -> Path:
        tables = [bounds(259), gti(intervals_s)]
        for number, columns in enumerate(detectors, start=1):
            time_s = np.asarray(columns["time_s"], dtype=float)
            n = len(time_s)
            zero = np.zeros(n)
            tables.append(
                table(
                    f"EVENTS0{number}",
                    [
                        ("TIME", "D", time_s + T0_MET_S),
                        ("PI", "I", columns.get("pi", zero)),
                        ("GAIN_TYPE", "B", zero),
                        ("DEAD_TIME", "E", columns.get("dead_time_us", zero + 8.0)),
                        ("EVT_TYPE", "B", columns.get("evt_type", zero)),
                        ("ANTI_COIN", "B", columns.get("anti_coin", zero)),
                        ("FLAG", "B", zero),
                    ],
                )
            )
        return make_file(name, *tables, **SVOM, INSTRUME="GRM")

    return write


@pytest.fixture
def poisson_times() -> Callable[..., np.ndarray[Any, Any]]:
    """Draw sorted times of a constant rate between two moments."""

    def draw(rate: float, start_s: float, stop_s: float, seed: int = 1) -> np.ndarray[Any, Any]:
        n = round(rate * (stop_s - start_s))
        return np.sort(np.random.default_rng(seed).uniform(start_s, stop_s, n))

    return draw
