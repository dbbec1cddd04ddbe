"""Data that were written twice count once; data that are equal by chance count twice."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st

from eclgrmd.errors import InputError
from eclgrmd.formats import read_observation
from eclgrmd.formats.rows.repeats import singly, without_overlaps
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId
from eclgrmd.model.observation import Observation
from tests.unit.formats.tables import GBM, Make, bounds, table

T0 = 600_000_000.0
HEADER: dict[str, Any] = {**GBM, "MJDREFI": 51910, "TRIGTIME": T0}


def read(*paths: Path) -> Observation:
    return read_observation(paths, burst_id=BurstId("b"))


def drawn(n: int, step_s: float, seed: int = 1, channels: int = 8) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    time_s = np.sort(np.floor(rng.uniform(0.0, 50.0, n) / step_s) * step_s)
    return time_s, rng.integers(0, channels, n).astype(np.int16)


@pytest.mark.parametrize("copies", [2, 3])
@pytest.mark.parametrize("step_s", [2e-6, 0.1])
@pytest.mark.parametrize("block", [(0, 10_000), (3000, 5000)])
def test_a_block_of_events_that_was_written_again_is_found(
    copies: int, step_s: float, block: tuple[int, int]
) -> None:
    time_s, channel = drawn(10_000, step_s)
    begin, end = (int(np.searchsorted(time_s, time_s[min(i, 9999)])) for i in block)
    end = 10_000 if block[1] == 10_000 else end
    rows = np.concatenate([np.arange(10_000), *[np.arange(begin, end)] * (copies - 1)])
    order = np.argsort(time_s[rows], kind="stable")
    kept = singly(time_s[rows][order], channel[rows][order])
    # adjacent cells with an even number by chance may be taken for a part of the block
    assert 10_000 - kept.sum() == pytest.approx(0, abs=20)
    if step_s < 1e-3:
        assert time_s[rows][order][kept].tolist() == time_s.tolist()
        assert channel[rows][order][kept].tolist() == channel.tolist()


@pytest.mark.parametrize("n", [1000, 100_000])
@pytest.mark.parametrize("step_s", [2e-6, 1e-3, 0.1, 1.0])
@pytest.mark.parametrize("channels", [1, 128])
def test_coincidences_of_a_coarse_clock_are_no_copies(n: int, step_s: float, channels: int) -> None:
    time_s, channel = drawn(n, step_s, channels=channels)
    assert singly(time_s, channel).all()


def test_a_doubled_event_block_in_a_file_counts_once(make_file: Make) -> None:
    time_s, channel = drawn(4000, 2e-6, channels=4)
    rows = np.concatenate([np.arange(2500), np.arange(1500, 4000)])
    hdu = table("EVENTS", [("TIME", "D", time_s[rows] + T0), ("PHA", "I", channel[rows])])
    observation = read(make_file("x.fits", hdu, bounds(), **HEADER))
    (events,) = observation.events
    assert events.time_s == pytest.approx(time_s, abs=1e-6)
    assert "na: doubled events left out: 1000" in texts(observation.flags)


# Bins

bins = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 4), st.integers(0, 3)), min_size=1, max_size=25
)


@settings(max_examples=200)
@given(bins)
def test_bins_that_are_kept_do_not_overlap_and_are_as_many_as_can_be(
    made: list[tuple[int, int, int]],
) -> None:
    start = np.array([float(s) for s, _, _ in made])
    stop = start + np.array([float(w) for _, w, _ in made])
    values = np.array([[float(v)] for _, _, v in made])
    kept = without_overlaps(start, stop, values)
    rows = kept.rows
    assert (start[rows][1:] >= stop[rows][:-1]).all()
    assert len(rows) == most(list(zip(start, stop, strict=True)))
    lost = sum(int(flag.rsplit(": ")[1]) for flag in texts(kept.flags))
    assert lost + len(rows) == len(made)


def most(intervals: list[tuple[float, float]]) -> int:
    """Return the largest number of intervals that do not overlap, by exhaustive search."""
    best = {-1.0: 0}
    for end in sorted({stop for _, stop in intervals}):
        before = [start for start, stop in intervals if stop == end]
        ways = [1 + max(n for e, n in best.items() if e <= start) for start in before]
        best[end] = max(*best.values(), *ways)
    return max(best.values())


def history(counts: Any, start: Any, width: float = 1.0) -> fits.BinTableHDU:
    start = np.asarray(start, dtype=float)
    return table(
        "SPECTRUM",
        [
            ("TIME", "D", start + T0),
            ("ENDTIME", "D", start + T0 + width),
            ("COUNTS", "4J", np.asarray(counts)),
        ],
        HDUCLAS1="SPECTRUM",
    )


COUNTS = np.arange(80).reshape(20, 4)


def test_rows_written_again_count_once(make_file: Make) -> None:
    rows = np.concatenate([np.arange(12), np.arange(8, 20)])
    observation = read(make_file("x.pha", history(COUNTS[rows], rows), bounds(), **HEADER))
    (series,) = observation.histories
    assert series.start_s.tolist() == list(range(20))
    assert series.counts.tolist() == COUNTS.tolist()
    assert "na: doubled bins left out: 4" in texts(observation.flags)


def test_other_counts_in_the_same_bins_are_told_apart(make_file: Make) -> None:
    rows = np.concatenate([np.arange(20), np.arange(2)])
    counts = COUNTS[rows]
    counts[-1] += 1
    observation = read(make_file("x.pha", history(counts, rows), bounds(), **HEADER))
    assert observation.histories[0].counts.tolist() == COUNTS.tolist()
    assert "na: doubled bins left out: 1" in texts(observation.flags)
    assert "na: overlapping bins left out: 1" in texts(observation.flags)


def test_two_files_of_a_detector_are_one_series(make_file: Make) -> None:
    early = make_file("a.pha", history(COUNTS[:12], np.arange(12)), bounds(), **HEADER)
    late = make_file("b.pha", history(COUNTS[8:], np.arange(8, 20)), bounds(), **HEADER)
    observation = read(late, early)
    (series,) = observation.histories
    assert series.counts.tolist() == COUNTS.tolist()
    assert "na: doubled bins left out: 4" in texts(observation.flags)


def test_the_same_file_under_two_names_counts_once(make_file: Make, tmp_path: Path) -> None:
    header = {key: value for key, value in HEADER.items() if key != "DETNAM"}
    time_s, channel = drawn(100, 2e-6, channels=4)
    events = table("EVENTS", [("TIME", "D", time_s + T0), ("PHA", "I", channel)])
    curve = table(
        "RATE",
        [("TIME", "D", np.arange(40.0) + T0), ("COUNTS", "J", np.arange(40))],
        TIMEDEL=1.0,
    )
    for name, hdu in (("e", events), ("h", history(COUNTS, np.arange(20))), ("c", curve)):
        path = make_file(f"{name}.fits", hdu, bounds(), **header)
        twin = tmp_path / f"{name}_again.fits"
        shutil.copy(path, twin)
        observation = read(path, twin)
        parts = (*observation.events, *observation.histories, *observation.light_curves)
        assert len(parts) == 1
        assert f"left out: {twin.name} has the same data as {path.name}" in texts(observation.flags)


# Several detectors


def test_each_table_is_read_with_its_own_header(make_file: Make) -> None:
    times = {"G01": np.arange(0.0, 5.0), "G02": np.arange(1.0, 9.0)}
    edges = {"G01": bounds(4), "G02": bounds(8)}
    good = {"G01": (0.0, 10.0), "G02": (2.0, 6.5)}
    tables = []
    for name, time_s in times.items():
        rows = [("TIME", "D", time_s), ("PHA", "I", np.zeros(len(time_s)))]
        tables.append(table("EVENTS", rows, DETNAM=name, TIMEZERO=T0))
        gti = [("START", "D", [good[name][0]]), ("STOP", "D", [good[name][1]])]
        tables.append(table("GTI", gti, TIMEZERO=T0))
        edges[name].header["DETNAM"] = name
    header = {**HEADER, "INSTRUME": "GRDX"}
    del header["DETNAM"]
    observation = read(make_file("x.fits", *tables, *reversed(edges.values()), **header))
    first, second = observation.events
    assert (first.detector, second.detector) == ("G01", "G02")
    assert first.time_s.tolist() == [0, 1, 2, 3, 4]
    assert second.time_s.tolist() == [2, 3, 4, 5, 6]
    assert first.gti_s.tolist() == [[0.0, 10.0]]
    assert second.gti_s.tolist() == [[2.0, 6.5]]
    assert [len(e.channels.number) for e in (first, second) if e.channels] == [4, 8]


@pytest.mark.parametrize("kind", ["history", "light curve"])
@pytest.mark.parametrize("key", ["DETNAM", "INSTRUME"])
def test_each_of_several_series_is_read(make_file: Make, kind: str, key: str) -> None:
    tables = []
    for i, name in enumerate(("G01", "G02")):
        hdu = history(COUNTS + i, np.arange(20))
        if kind == "light curve":
            columns = [("TIME", "D", np.arange(20.0) + T0), ("COUNTS", "J", COUNTS[:, 0] + i)]
            hdu = table("RATE", columns, TIMEDEL=1.0)
        hdu.header[key] = name
        tables.append(hdu)
    header = {"TELESCOP": "X", "MJDREFI": 51910, "TRIGTIME": T0}
    observation = read(make_file("x.fits", *tables, bounds(), **header))
    if kind == "history":
        found = [(h.detector, float(h.counts[0, 0])) for h in observation.histories]
    else:
        found = [(c.detectors[0], float(c.counts[0])) for c in observation.light_curves]
    assert found == [("G01", 0.0), ("G02", 1.0)]


def test_a_detector_that_cannot_be_read_is_named(make_file: Make) -> None:
    good, bad = (
        table("EVENTS", [("TIME", "D", values), ("PHA", "I", [0, 1])], DETNAM=name)
        for name, values in (("G01", [T0, T0 + 1]), ("G02", [np.nan, np.nan]))
    )
    header = {key: value for key, value in HEADER.items() if key != "DETNAM"}
    observation = read(make_file("x.fits", good, bad, bounds(), **header))
    assert [events.detector for events in observation.events] == ["G01"]
    assert any(flag.startswith("left out: EVENTS of x.fits") for flag in texts(observation.flags))


# t0


@pytest.mark.parametrize(
    ("t0_s", "flag"),
    [
        (T0 + 5.0, ""),
        (T0 - 300.0, "t0 lies outside the data, by 300.000 s"),
        (T0 + 520.0, "t0 lies outside the data, by 500.000 s"),
    ],
)
def test_a_t0_just_outside_the_data_is_flagged(make_file: Make, t0_s: float, flag: str) -> None:
    header = {**HEADER, "TRIGTIME": t0_s}
    flags = texts(
        read(make_file("x.pha", history(COUNTS, np.arange(20)), bounds(), **header)).flags
    )
    assert [f for f in flags if f.startswith("t0")] == ([flag] if flag else [])


@pytest.mark.parametrize("t0_s", [0.0, 700.0, T0 - 2000.0, T0 + 1e5])
@pytest.mark.parametrize("kind", ["events", "history", "light curve"])
def test_a_t0_far_outside_the_data_is_refused(make_file: Make, t0_s: float, kind: str) -> None:
    second = np.arange(20.0) + T0
    made = {
        "events": table("EVENTS", [("TIME", "D", second), ("PHA", "I", np.zeros(20))]),
        "history": history(COUNTS, np.arange(20)),
        "light curve": table(
            "RATE", [("TIME", "D", second), ("COUNTS", "J", np.arange(20))], TIMEDEL=1.0, TIMEPIXR=0
        ),
    }
    header = {**HEADER, "TRIGTIME": t0_s}
    sentence = f"the data span 6000000.*, t0 = {t0_s:.3f} lies outside: give --trigger-time"
    path = make_file("x.fits", made[kind], bounds(), **header)
    with pytest.raises(InputError, match=sentence):
        read(path)
