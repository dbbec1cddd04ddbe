"""Small FITS files with the shapes and the traps of the missions, made by astropy."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from tests.unit.formats.tables import GBM, SVOM, Make, bounds, gti, matrix, table
from tests.unit.formats.values import T0_MET_S


@pytest.fixture
def make_file(tmp_path: Path) -> Make:
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
def make_eclairs(make_file: Make) -> Callable[..., Path]:
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
def make_grm(make_file: Make) -> Callable[..., Path]:
    """Write an hour of GRM events; the relevant columns of each detector as a dict."""

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
    """Draw sorted times of a constant rate between two times."""

    def draw(rate: float, start_s: float, stop_s: float, seed: int = 1) -> np.ndarray[Any, Any]:
        n = round(rate * (stop_s - start_s))
        return np.sort(np.random.default_rng(seed).uniform(start_s, stop_s, n))

    return draw


@pytest.fixture
def make_pha(make_file: Make) -> Make:
    """Write a PHA type I file of n10; further columns as tuples, keywords as arguments."""

    def write(name: str, column: str, values: Any, *more: Any, **header: Any) -> Path:
        columns = [("CHANNEL", "I", np.arange(4)), (column, "D", values), *more]
        keywords = {"EXPOSURE": 2.0, "HDUCLAS1": "SPECTRUM", **header}
        return make_file(name, table("SPECTRUM", columns, **keywords), bounds(), **GBM)

    return write


@pytest.fixture
def make_rsp(make_file: Make) -> Make:
    """Write a response of n10: these matrices, or one of 3 x 4."""

    def write(name: str, *tables: Any) -> Path:
        tables = tables or (matrix(TLMIN4=0),)
        return make_file(name, bounds(), *tables, **GBM)

    return write
