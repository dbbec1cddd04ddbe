"""Events with the times of readout frames: the frame is their resolution and not a gap."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eclgrmd.analysis.temporal.curve.bins import whole_frames
from eclgrmd.analysis.temporal.curve.curves import bin_events
from eclgrmd.formats import read_observation
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId
from eclgrmd.model.observation import EventList, Floats
from tests.unit.formats.tables import GBM, Make, bounds, table

T0 = 600_000_000.0
SPAN_S = (-20.0, 30.0)


def arrivals(rate: float, seed: int = 5) -> Floats:
    """Draw arrival times of a constant rate plus a pulse with ten times as many photons."""
    rng = np.random.default_rng(seed)
    n = rng.poisson(rate * (SPAN_S[1] - SPAN_S[0]))
    pulse = rng.normal(3.0, 1.0, rng.poisson(10.0 * rate))
    return np.sort(np.concatenate([rng.uniform(*SPAN_S, n), pulse]))


def written(make_file: Make, stamps: Floats, good: Any = (SPAN_S,), **header: Any) -> Path:
    hdu = table("EVENTS", [("TIME", "D", stamps + T0), ("PHA", "I", np.zeros(len(stamps)))])
    for key, value in header.items():
        hdu.header[key] = value
    start, stop = (np.array(good) + T0).T
    gti = table("GTI", [("START", "D", start), ("STOP", "D", stop)])
    return make_file("x.fits", hdu, bounds(), gti, **GBM, MJDREFI=51910, TRIGTIME=T0)


def read(path: Path) -> EventList:
    (events,) = read_observation([path], burst_id=BurstId("b")).events
    return events


@pytest.mark.parametrize("frame_s", [0.003, 0.01, 0.1, 1.2])
@pytest.mark.parametrize("rate", [40.0, 2000.0])
@pytest.mark.parametrize("told", [True, False])
def test_frames_are_found_and_no_gap_is_invented(
    make_file: Make, frame_s: float, rate: float, told: bool
) -> None:
    times = arrivals(rate)
    stamps = SPAN_S[0] + np.floor((times - SPAN_S[0]) / frame_s) * frame_s
    header = {"TIMEDEL": frame_s, "TIMEPIXR": 0.0} if told else {}
    events = read(written(make_file, stamps, **header))
    assert events.frame_s == pytest.approx(frame_s, rel=1e-6)
    assert events.gti_s == pytest.approx(np.array([SPAN_S]))
    assert "undeclared gap" not in texts(events.flags)
    assert f"times in frames of {frame_s:g} s" in texts(events.flags)
    assert events.time_s == pytest.approx(stamps + 0.5 * frame_s, abs=1e-5)


@pytest.mark.parametrize(("place", "offset"), [(0.0, 0.05), (0.5, 0.0), (1.0, -0.05)])
def test_a_stamp_lies_where_timepixr_says(make_file: Make, place: float, offset: float) -> None:
    stamps = -20.0 + np.floor((arrivals(100.0) + 20.0) / 0.1) * 0.1
    events = read(written(make_file, stamps, TIMEDEL=0.1, TIMEPIXR=place))
    inside = (stamps + offset >= SPAN_S[0]) & (stamps + offset <= SPAN_S[1])
    assert events.time_s == pytest.approx(stamps[inside] + offset, abs=1e-5)


def test_lost_frames_are_a_gap_of_whole_frames(make_file: Make) -> None:
    times = arrivals(100.0)
    times = times[(times < 10.0) | (times >= 17.0)]
    stamps = -20.0 + np.floor((times + 20.0) / 0.1) * 0.1
    events = read(written(make_file, stamps))
    assert events.gti_s == pytest.approx(np.array([[-20.0, 10.0], [17.0, 30.0]]), abs=0.11)
    edges = (events.gti_s.ravel() + 20.0) / 0.1
    assert edges == pytest.approx(np.rint(edges), abs=1e-3)
    assert "undeclared gap" in texts(events.flags)


@pytest.mark.parametrize("rate", [3.0, 100.0, 2000.0])
@pytest.mark.parametrize("header", [{}, {"TIMEDEL": 0.1}])
def test_times_of_their_own_are_in_no_frame(
    make_file: Make, rate: float, header: dict[str, float]
) -> None:
    times = arrivals(rate)
    events = read(written(make_file, times, **header))
    assert events.frame_s == 0.0
    assert events.time_s == pytest.approx(times, abs=1e-6)


def test_times_in_float32_are_in_frames_of_their_rounding(make_file: Make) -> None:
    times = (10.0 * arrivals(100.0) + T0).astype(np.float32)  # in steps of 64 s
    hdu = table("EVENTS", [("TIME", "E", times), ("PHA", "I", np.zeros(len(times)))])
    gti = table("GTI", [("START", "D", [T0 - 640.0]), ("STOP", "D", [T0 + 640.0])])
    path = make_file("x.fits", hdu, bounds(), gti, **GBM, MJDREFI=51910, TRIGTIME=T0)
    assert read(path).frame_s == 64.0


@pytest.mark.parametrize(("asked_s", "width_s"), [(0.064, 0.1), (0.1, 0.1), (0.25, 0.3)])
def test_bins_are_whole_frames(make_file: Make, asked_s: float, width_s: float) -> None:
    stamps = -20.0 + np.floor((arrivals(100.0) + 20.0) / 0.1) * 0.1
    events = read(written(make_file, stamps, TIMEDEL=0.1, TIMEPIXR=0.0))
    edges = whole_frames([events], *SPAN_S, asked_s)
    assert np.diff(edges) == pytest.approx(width_s)
    curve = bin_events([events], edges, None)
    right, _ = np.histogram(stamps + 0.01, edges)  # inside its frame, whatever is rounded
    kept = np.isin(edges[:-1], curve.start_s)
    assert curve.counts.tolist() == right[kept].tolist()
    assert len(curve.counts) >= len(right) - 2
