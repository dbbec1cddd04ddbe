"""Binned data of the days before and after a burst, as GBM has them in daily files."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from eclgrmd.errors import InputError
from eclgrmd.formats import read_observation
from eclgrmd.model.names import BurstId
from tests.unit.formats.tables import GBM, Make, bounds, table

T0_MET_S = 400_000_000.0
CLOCK = {"MJDREFI": 51910, "MJDREFF": 7.428703703703703e-4, "TIMESYS": "TT", **GBM}
DAY_S = 86_400.0
WINDOW_S = (-600.0, 1100.0)


def spectra(start_s: np.ndarray, width_s: float, rate: float) -> fits.BinTableHDU:
    counts = np.full((len(start_s), 4), rate * width_s)
    return table(
        "SPECTRUM",
        [
            ("TIME", "D", start_s + T0_MET_S),
            ("ENDTIME", "D", start_s + width_s + T0_MET_S),
            ("EXPOSURE", "E", np.full(len(start_s), width_s)),
            ("COUNTS", "4J", counts),
        ],
        HDUCLAS1="SPECTRUM",
        HDUCLAS4="TYPE:II",
    )


def trigger_file(make_file: Make) -> Path:
    start = np.arange(-100.0, 200.0, 2.0)
    return make_file("burst.pha", spectra(start, 2.0, 30.0), bounds(4), TRIGTIME=T0_MET_S, **CLOCK)


def day_file(make_file: Make, day: float, rate: float, gap: bool = False) -> Path:
    """Write a day of bins of 8 s that starts `day` days after half a day before t0."""
    start = (day - 0.5) * DAY_S + np.arange(0.0, DAY_S, 8.0)
    if gap:
        start = start[(start % 6400.0) > 640.0]
    return make_file(f"day{day:+}.pha", spectra(start, 8.0, rate), bounds(4), **CLOCK)


def test_data_of_other_days_are_set_apart_in_wide_bins(make_file: Make) -> None:
    paths = [
        trigger_file(make_file),
        day_file(make_file, -2.0, 10.0),
        day_file(make_file, 2.0, 20.0, gap=True),
    ]
    found = read_observation(paths, burst_id=BurstId("b"), window_s=WINDOW_S)
    (near,) = found.histories
    assert (near.start_s[0], near.stop_s[-1]) == (-100.0, 200.0)
    (far,) = found.other_orbits
    # a day and a half to 182,000 s on either side, less a tenth for the gaps
    assert len(far.start_s) == pytest.approx(2 * 0.95 * 52_400.0 / 64.0, rel=0.02)
    width = far.stop_s - far.start_s
    assert width.max() == pytest.approx(64.0)
    assert width.min() >= 0.9 * 64.0
    assert far.exposure_s == pytest.approx(width)
    rate = far.counts / far.exposure_s[:, None]
    assert rate[far.start_s < 0.0] == pytest.approx(10.0)
    assert rate[far.start_s > 0.0] == pytest.approx(20.0)
    # the gaps of 640 s are in no bin
    late = far.start_s[far.start_s > 0.0]
    assert np.diff(late).max() > 640.0


def test_without_a_window_all_bins_are_data(make_file: Make) -> None:
    paths = [trigger_file(make_file), day_file(make_file, -1.0, 10.0)]
    found = read_observation(paths, burst_id=BurstId("b"))
    assert found.other_orbits == ()
    assert found.histories[0].start_s[0] == pytest.approx(-1.5 * DAY_S)


@pytest.mark.parametrize("day", [-5.0, 4.0])
def test_data_of_days_further_away_are_of_another_burst(make_file: Make, day: float) -> None:
    paths = [trigger_file(make_file), day_file(make_file, day, 10.0)]
    with pytest.raises(InputError, match="of different bursts"):
        read_observation(paths, burst_id=BurstId("b"), window_s=WINDOW_S)
