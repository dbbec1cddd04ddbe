"""Every known trap of ECLAIRs and GRM files, in tiny files."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eclgrmd.errors import InputError
from eclgrmd.formats import read_observation
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import EventList, Observation
from tests.unit.formats.tables import Make, bounds, gti, table

BURST = BurstId("sb26010101")


def read(*paths: Path, **options: Any) -> Observation:
    return read_observation(paths, burst_id=BURST, **options)


def only(observation: Observation) -> EventList:
    (events,) = observation.events
    return events


def test_eclairs_events_are_seconds_after_t0(make_eclairs: Make) -> None:
    observation = read(make_eclairs("ecl.fits", [-1.5, 0.0, 2.25], [7, 8, 1023]))
    events = only(observation)
    assert (events.instrument, events.detector) == (Instrument.ECLAIRS, "ECL")
    assert events.time_s.tolist() == [-1.5, 0.0, 2.25]
    assert events.channel.tolist() == [7, 8, 1023]
    assert events.channels is None
    # 2017-01-01 UTC + 300,000,000.25 s, no leap second since: 3472 days, 5 h 20 min
    assert observation.t0_utc == "2026-07-05T05:20:00.250000Z"


def test_steps_back_in_time_are_sorted_and_flagged(make_eclairs: Make) -> None:
    events = only(read(make_eclairs("ecl.fits", [0.0, 2.00005, 2.0, 3.0], [1, 2, 3, 4])))
    assert events.time_s == pytest.approx([0.0, 2.0, 2.00005, 3.0])
    assert events.channel.tolist() == [1, 3, 2, 4]
    assert "times sorted" in texts(events.flags)


def test_sorted_times_are_not_flagged(make_eclairs: Make) -> None:
    assert texts(only(read(make_eclairs("ecl.fits", [0.0, 1.0, 2.0]))).flags) == ()


def test_an_undeclared_gap_is_cut_out_of_the_good_times(
    make_eclairs: Make, poisson_times: Callable[..., np.ndarray]
) -> None:
    time_s = poisson_times(2000.0, -20.0, 20.0)
    time_s = time_s[(time_s < 3.0) | (time_s > 3.6)]
    events = only(read(make_eclairs("ecl.fits", time_s, None, gti([(-20.0, 20.0)]))))
    assert "undeclared gap" in texts(events.flags)
    assert events.gti_s == pytest.approx(np.array([[-20.0, 3.0], [3.6, 20.0]]), abs=0.01)
    assert len(events.time_s) == len(time_s)


def test_gti_criteria_of_another_file_are_intersected(
    make_eclairs: Make,
    make_file: Make,
) -> None:
    criteria = make_file(
        "gti.fits",
        gti([(-10.0, 6.0)], name="GTICAL-NSA"),
        gti([(-8.0, 10.0)], name="GTICAL-STA"),
        gti([(-10.0, -1.0), (1.0, 10.0)], name="GTICAL-TLM"),
        TELESCOP="SVOM",
        INSTRUME="ECLAIRS",
    )
    events = only(read(make_eclairs("ecl.fits", np.arange(-9.5, 10.0)), criteria))
    assert events.gti_s.tolist() == [[-8.0, -1.0], [1.0, 6.0]]
    assert events.time_s.tolist() == [*np.arange(-7.5, -1.0), *np.arange(1.5, 6.0)]
    assert "events outside good times dropped" in texts(events.flags)


def test_no_and_partial_earth_are_united_and_total_earth_is_left_out(
    make_eclairs: Make,
    make_file: Make,
) -> None:
    criteria = make_file(
        "gti.fits",
        gti([(-10.0, 10.0)], name="GTICAL-NSA"),
        gti([(-10.0, 0.0)], name="GTICAL-NEO"),
        gti([(0.0, 5.0)], name="GTICAL-PEO"),
        gti([(5.0, 10.0)], name="GTICAL-TEO"),
        TELESCOP="SVOM",
        INSTRUME="ECLAIRS",
    )
    events = only(read(make_eclairs("ecl.fits", np.arange(-9.5, 10.0)), criteria))
    assert events.gti_s.tolist() == [[-9.5, 5.0]]  # without events it has no good times of its own


def test_only_good_grm_events_are_kept_and_all_dead_time_is_counted(make_grm: Make) -> None:
    detector = {
        "time_s": np.arange(6.0),
        "pi": [0, 255, 256, 10, 10, 10],
        "evt_type": [0, 0, 0, 1, 0, 0],
        "anti_coin": [0, 0, 0, 0, 1, 0],
        "dead_time_us": [4.0, 8.0, 8.0, 8.0, 8.0, 4.0],
    }
    events = only(read(make_grm("svom_grm_evt_260705_05_v01.fits", [detector], [(-1.0, 10.0)])))
    assert (events.instrument, events.detector) == (Instrument.GRM, "GRD01")
    assert events.time_s.tolist() == [0.0, 1.0, 5.0]
    assert events.channel.tolist() == [0, 255, 10]
    assert events.channels is not None
    assert len(events.channels.number) == 259
    assert events.dead_time_s == pytest.approx(40e-6 / 3)


def test_the_three_detectors_of_grm_are_with_unique_detectors(make_grm: Make) -> None:
    path = make_grm(
        "svom_grm_evt_260705_05_v01.fits",
        [{"time_s": [0.5] * n} for n in (1, 2, 3)],
        [(0.0, 1.0)],
    )
    counts = {e.detector: len(e.time_s) for e in read(path).events}
    assert counts == {"GRD01": 1, "GRD02": 2, "GRD03": 3}
    assert [e.detector for e in read(path, detectors=["GRD02"]).events] == ["GRD02"]
    partly = read(path, detectors=["grd02", "n7", "n9"])
    assert "no data of n7, n9, which the configuration names" in texts(partly.flags)
    assert not any("configuration" in flag for flag in texts(read(path, detectors=["GRM"]).flags))
    with pytest.raises(InputError, match="no data of n3: the files have GRD01, GRD02, GRD03"):
        read(path, detectors=["n3"])


def test_a_burst_across_the_hour_is_joined(make_grm: Make) -> None:
    before = make_grm(
        "svom_grm_evt_260705_05_v01.fits", [{"time_s": [-2.0, -1.0, -0.5]}], [(-10.0, 0.0)]
    )
    after = make_grm("svom_grm_evt_260705_06_v01.fits", [{"time_s": [0.5, 1.0]}], [(0.0, 10.0)])
    events = only(read(after, before))
    assert events.time_s.tolist() == [-2.0, -1.0, -0.5, 0.5, 1.0]
    assert events.gti_s.tolist() == [[-10.0, 10.0]]


def test_of_two_versions_of_an_hour_the_higher_one_is_read(make_grm: Make) -> None:
    old = make_grm("svom_grm_evt_260705_05_v02.fits", [{"time_s": [1.0]}], [(0.0, 10.0)])
    new = make_grm("svom_grm_evt_260705_05_v10.fits", [{"time_s": [1.0, 2.0]}], [(0.0, 10.0)])
    for paths in ((old, new), (new, old)):
        observation = read(*paths)
        assert only(observation).time_s.tolist() == [1.0, 2.0]
        assert texts(observation.flags) == (f"left out: {old.name} is superseded by {new.name}",)


def test_the_same_file_given_twice_counts_once(make_grm: Make) -> None:
    path = make_grm("svom_grm_evt_260705_05_v02.fits", [{"time_s": [1.0]}], [(0.0, 10.0)])
    assert only(read(path, path)).time_s.tolist() == [1.0]


def test_where_two_files_overlap_the_events_count_once(make_grm: Make) -> None:
    one = make_grm("a.fits", [{"time_s": [1.0, 2.0, 3.0]}], [(0.0, 3.5)])
    two = make_grm("b.fits", [{"time_s": [2.0, 3.0, 4.0]}], [(1.5, 5.0)])
    events = only(read(one, two))
    assert events.time_s.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert events.gti_s.tolist() == [[0.0, 5.0]]
    assert "overlapping files: 2 events left out" in texts(events.flags)


def test_mjdreff_rounded_differently_moves_nothing(
    make_grm: Make,
    make_eclairs: Make,
    make_file: Make,
) -> None:
    rounded = table("EVENTS", [("TIME", "D", [300_000_001.25]), ("PI", "I", [3])])
    other = make_file(
        "x.fits",
        rounded,
        TELESCOP="X",
        INSTRUME="Y",
        MJDREFI=57754,
        MJDREFF=0.0008007,
        TIMESYS="TT",
    )
    observation = read(make_eclairs("ecl.fits", [0.0]), other)
    assert observation.events[1].time_s.tolist() == [1.0]


def test_files_of_different_missions_meet_in_one_clock(
    make_eclairs: Make,
    make_file: Make,
) -> None:
    # 2001-01-01 to 2017-01-01: 5844 days of UTC and 5 leap seconds (2005, 2008, 2012, 2015, 2016)
    met_s = 300_000_000.25 + 5844 * 86400.0 + 5.0
    events = table("EVENTS", [("TIME", "D", [met_s + 2.0]), ("PHA", "I", [3])])
    fermi = make_file(
        "tte.fits", events, TELESCOP="GLAST", INSTRUME="GBM", DETNAM="NAI_03",
        MJDREFI=51910, MJDREFF=7.428703703703703e-4, TIMESYS="TT", TRIGTIME=met_s,
    )  # fmt: skip
    observation = read(make_eclairs("ecl.fits", [0.0]), fermi)
    assert observation.events[1].time_s == pytest.approx([2.0], abs=1e-5)


def test_a_window_reads_only_what_lies_in_it(make_grm: Make) -> None:
    path = make_grm("a.fits", [{"time_s": np.arange(-50.0, 50.0)}], [(-60.0, 60.0)])
    events = only(read(path, window_s=(-2.5, 3.5)))
    assert events.time_s.tolist() == [-2.0, -1.0, 0.0, 1.0, 2.0, 3.0]
    assert events.gti_s.tolist() == [[-2.5, 3.5]]


def test_a_detector_without_events_in_the_window_is_left_out(make_grm: Make) -> None:
    path = make_grm("a.fits", [{"time_s": [0.0]}, {"time_s": [40.0]}], [(-60.0, 60.0)])
    observation = read(path, window_s=(-2.5, 3.5))
    assert [e.detector for e in observation.events] == ["GRD01"]
    assert texts(observation.flags) == ("left out: GRD02 has no good event",)


def test_the_trigger_time_given_wins(make_eclairs: Make) -> None:
    path = make_eclairs("ecl.fits", [1.0])
    observation = read(path, trigger_time_s=300_000_000.0)
    assert only(observation).time_s.tolist() == [1.25]
    assert observation.t0_met_s == 300_000_000.0


def test_without_a_trigger_time_the_start_of_data_is_t0_and_flagged(
    make_file: Make,
) -> None:
    events = table("EVENTS", [("TIME", "D", [3e8 + 1.0, 3e8]), ("PI", "I", [3, 4])])
    path = make_file("x.fits", events, TELESCOP="SVOM", INSTRUME="GRM", MJDREFI=57754, MJDREFF=0.0)
    observation = read(path)
    assert observation.t0_met_s == 3e8
    assert only(observation).time_s.tolist() == [0.0, 1.0]
    assert "t0 is start of data" in texts(observation.flags)


def test_compressed_files_are_read_whatever_their_name(make_eclairs: Make) -> None:
    plain = make_eclairs("ecl.fits", [0.0, 1.0])
    packed = plain.with_name("no-suffix")
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert only(read(packed)).time_s.tolist() == [0.0, 1.0]


def test_events_take_the_channels_of_their_response(
    make_eclairs: Make,
    make_file: Make,
) -> None:
    matrix = table(
        "SPECRESP MATRIX",
        [
            ("ENERG_LO", "E", [10.0]),
            ("ENERG_HI", "E", [20.0]),
            ("N_GRP", "I", [1]),
            ("F_CHAN", "I", [1]),
            ("N_CHAN", "I", [4]),
            ("MATRIX", "4E", [[1.0, 2.0, 3.0, 4.0]]),
        ],
    )
    response = make_file("ecl.rsp", matrix, bounds(4, 1), TELESCOP="SVOM", INSTRUME="ECL")
    events = only(read(make_eclairs("ecl.fits", [0.0, 1.0, 2.0], [1, 4, 9]), response))
    assert events.channels is not None
    assert events.channel.tolist() == [0, 3]
    assert events.time_s.tolist() == [0.0, 1.0]
