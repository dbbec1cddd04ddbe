"""Channels and descriptions of event files, and flags about what is left out."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eclgrmd.errors import InputError
from eclgrmd.formats import inspect_file, read_observation
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId, FileKind
from eclgrmd.model.observation import EventList, Observation
from tests.unit.formats.tables import Make, bounds, gti, table
from tests.unit.formats.values import T0_MET_S

BURST = BurstId("sb26010101")


def read(*paths: Path, **options: Any) -> Observation:
    return read_observation(paths, burst_id=BURST, **options)


def only(observation: Observation) -> EventList:
    (events,) = observation.events
    return events


def test_energies_may_be_in_mev_and_channel_numbers_have_holes(make_file: Make) -> None:
    energies = table(
        "EBOUNDS",
        [("CHANNEL", "I", [7, 2, 5]), ("E_MIN", "E", [3, 1, 2]), ("E_MAX", "E", [4, 2, 3])],
        TUNIT2="MeV", TUNIT3="MeV",
    )  # fmt: skip
    made = table("EVENTS", [("TIME", "D", [0.0, 1.0, 2.0, 3.0]), ("PI", "I", [7, 2, 3, 5])])
    events = only(read(make_file("x.fits", made, energies)))
    assert events.channels is not None
    assert events.channels.number.tolist() == [2, 5, 7]
    assert events.channels.e_min_kev.tolist() == [1000.0, 2000.0, 3000.0]
    assert events.channel.tolist() == [2, 0, 1]
    assert events.time_s.tolist() == [0.0, 1.0, 3.0]
    assert texts(events.flags) == ("events without channel dropped: 1",)


@pytest.mark.parametrize(
    ("energies", "sentence"),
    [
        ({"CHANNEL": [1, 1], "E_MIN": [1, 2], "E_MAX": [2, 3]}, "has a channel twice"),
        ({"CHANNEL": [1, 2], "E_MIN": [1, 5], "E_MAX": [2, 3]}, "must not be below E_MIN"),
        ({"CHANNEL": [1, 2], "E_MIN": [1, np.nan], "E_MAX": [2, 3]}, "E_MIN holds NaN"),
    ],
)
def test_impossible_energies_are_refused(
    make_file: Make, energies: dict[str, Any], sentence: str
) -> None:
    made = table("EBOUNDS", [(key, "E", values) for key, values in energies.items()])
    events = table("EVENTS", [("TIME", "D", [0.0]), ("PI", "I", [1])])
    with pytest.raises(InputError, match=sentence):
        read(make_file("x.fits", events, made))


def test_files_of_a_detector_with_different_channels_contradict_each_other(
    make_file: Make,
) -> None:
    header = {"TELESCOP": "GLAST", "INSTRUME": "GBM", "DETNAM": "NAI_01"}
    paths = [
        make_file(
            f"{n}.fits",
            table("EVENTS", [("TIME", "D", [float(n)]), ("PHA", "I", [1])]),
            bounds(n),
            **header,
        )
        for n in (8, 128)
    ]
    with pytest.raises(InputError, match="two files of n1 have different energy channels"):
        read(*paths)


def test_good_times_in_a_file_alone_are_described(make_file: Make) -> None:
    path = make_file(
        "gti.fits", gti([(-10.0, 6.0)], name="GTICAL-NSA"), gti([(-8.0, 9.0)], name="GTICAL-STA"),
        TELESCOP="SVOM", INSTRUME="ECLAIRS",
    )  # fmt: skip
    description = inspect_file(path)
    assert (description.kind, description.rows) == (FileKind.GTI, 2)
    assert description.t_start_met_s == pytest.approx(T0_MET_S - 10.0)
    assert description.t_stop_met_s == pytest.approx(T0_MET_S + 9.0)


def test_an_hour_of_grm_is_described(make_grm: Make) -> None:
    path = make_grm(
        "svom_grm_evt_260705_05_v07.fits",
        [{"time_s": [0.0, 1.0]}, {"time_s": []}, {"time_s": [-5.0]}],
        [(-10.0, 10.0)],
    )
    description = inspect_file(path)
    assert description.kind is FileKind.EVENTS
    assert description.detectors == ("GRD01", "GRD03")
    assert (description.rows, description.channels, description.version) == (3, 259, 7)
    assert description.trigger_met_s == T0_MET_S
    assert description.t_start_met_s == T0_MET_S - 5.0


def test_attitude_and_orbit_are_left_out(make_eclairs: Make, make_file: Make) -> None:
    made = table("ATTITUDE", [("TIME", "D", [1.0])])
    path = make_file("att.fits", made, TELESCOP="SVOM", INSTRUME="ECLAIRS")
    observation = read(make_eclairs("ecl.fits", [0.0]), path)
    assert texts(observation.flags) == (
        "left out: att.fits is attitude or orbit (ATTITUDE): not used",
    )
