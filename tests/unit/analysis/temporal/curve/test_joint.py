"""Detectors with different time bins are summed if these are fine enough for the burst."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from msgspec import convert

from eclgrmd.analysis.temporal.curve.joint import choose_for
from eclgrmd.analysis.temporal.search.find import FoundBurst, find_bursts
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import (
    BackgroundModel,
    Channels,
    EventList,
    Floats,
    History,
    Observation,
)

LOW, HIGH = -64.0, 128.0
CHANNELS = Channels(np.arange(2), np.array([50.0, 120.0]), np.array([120.0, 300.0]))
EVERY_KEV = (50.0, 300.0)


def times(seed: int, burst_s: float) -> Floats:
    """Draw times of 300 background counts/s and a burst of 900 counts/s from 0 s on."""
    rng = np.random.default_rng(seed)
    background = rng.uniform(LOW, HIGH, rng.poisson(300 * (HIGH - LOW)))
    burst = rng.uniform(0.0, burst_s, rng.poisson(900 * burst_s))
    return np.sort(np.concatenate([background, burst]))


def as_events(name: str, time_s: Floats, gti: tuple[float, float] = (LOW, HIGH)) -> EventList:
    inside = time_s[(time_s >= gti[0]) & (time_s < gti[1])]
    channel = (np.arange(len(inside)) % 2).astype(np.int16)
    return EventList(
        Instrument.GBM, name, inside, channel, CHANNELS, np.array([gti]), files=(f"{name}.fit",)
    )


def as_history(name: str, time_s: Floats, bin_s: float, file: str = "") -> History:
    edges = np.arange(LOW, HIGH + bin_s / 2, bin_s)
    counts = np.histogram(time_s, edges)[0].astype(float)
    halves = np.column_stack([np.floor(counts / 2), np.ceil(counts / 2)])
    start_s, stop_s = edges[:-1], edges[1:]
    return History(
        Instrument.GBM, name, start_s, stop_s, halves, stop_s - start_s, CHANNELS,
        files=(file or f"{name}.pha",),
    )  # fmt: skip


def observed(*data: EventList | History) -> Observation:
    return Observation(
        BurstId("b"),
        "",
        0.0,
        tuple(d for d in data if isinstance(d, EventList)),
        tuple(d for d in data if isinstance(d, History)),
    )


def found_in(*data: EventList | History, **keys: object) -> FoundBurst:
    (found,) = find_bursts(observed(*data), convert(keys, TaskConfiguration)).instruments
    return found


Second = Callable[[str, Floats], EventList | History]
SECONDS: dict[str, Second] = {
    "events": as_events,
    "finer bins": lambda name, time_s: as_history(name, time_s, 0.0625),
}


@pytest.mark.parametrize("second", SECONDS.values(), ids=SECONDS)
def test_bins_that_are_fine_enough_are_shared(second: Second) -> None:
    one, other = times(1, 20.0), times(2, 20.0)
    data = second("n1", one), as_history("n0", other, 0.25)
    found = found_in(*data)
    assert set(found.curve.detectors) == {"n0", "n1"}
    edges = np.append(found.curve.start_s, found.curve.stop_s[-1])
    assert np.diff(edges) == pytest.approx(0.25)
    both = np.concatenate([one, other])
    assert found.curve.counts.tolist() == np.histogram(both, edges)[0].tolist()
    alone = found_in(data[0])
    assert (found.significance or 0.0) > 1.2 * (alone.significance or 0.0)
    assert "summed with n0 in common bins of 0.25 s" in " ".join(texts(found.curve.flags))
    assert not [flag for flag in texts(found.curve.flags) if "not counted" in flag]


@pytest.mark.parametrize("second", SECONDS.values(), ids=SECONDS)
def test_bins_that_are_too_coarse_for_the_burst_are_not_shared(second: Second) -> None:
    data = second("n1", times(1, 4.0)), as_history("n0", times(2, 4.0), 0.25)
    found = found_in(*data)
    (detector,) = found.curve.detectors
    (other,) = {"n0", "n1"} - {detector}
    assert [flag for flag in texts(found.curve.flags) if flag.startswith(f"{other} not counted")]


def test_bins_that_do_not_fit_into_each_other_are_not_shared() -> None:
    data = as_history("n1", times(1, 20.0), 0.1), as_history("n0", times(2, 20.0), 0.25)
    assert len(found_in(*data).curve.detectors) == 1


def test_a_detector_that_saw_half_of_it_is_not_added() -> None:
    n1 = as_events("n1", times(1, 20.0))
    n0 = as_history("n0", times(2, 20.0), 0.25)
    part = n0.start_s < 8.0
    short = History(
        n0.instrument, "n0", n0.start_s[part], n0.stop_s[part], n0.counts[part],
        n0.exposure_s[part], CHANNELS, files=n0.files,
    )  # fmt: skip
    assert found_in(n1, short).curve.detectors == ("n1",)


def test_a_bgo_detector_is_not_added_to_others() -> None:
    found = found_in(as_events("n1", times(1, 20.0)), as_history("b0", times(2, 20.0), 0.25))
    assert found.curve.detectors == ("n1",)
    assert "b0 not counted: a BGO detector" in texts(found.curve.flags)


def test_bins_that_were_asked_for_are_kept() -> None:
    data = as_events("n1", times(1, 20.0)), as_history("n0", times(2, 20.0), 0.25)
    found = found_in(*data, duration={"bin_s": 0.125})
    assert found.curve.detectors == ("n1",)
    assert found.curve.start_s[1] - found.curve.start_s[0] == pytest.approx(0.125)


def test_later_steps_use_the_same_data_in_the_same_bins() -> None:
    data = as_events("n1", times(1, 20.0)), as_history("n0", times(2, 20.0), 0.25)
    found = found_in(*data)
    chosen = choose_for(observed(*data), found.curve)
    assert {h.detector for h in chosen.histories} == {"n0", "n1"}
    assert sum(h.counts.sum() for h in chosen.histories) == found.curve.counts.sum()
    assert all(h.start_s.tolist() == found.curve.start_s.tolist() for h in chosen.histories)


def test_a_background_file_without_the_other_detector_keeps_it_out() -> None:
    model = BackgroundModel(
        Instrument.GBM, "n1", CHANNELS, np.array([[LOW, HIGH]]), 0.0, 1.0,
        np.full((2, 1), 150.0), np.full((2, 1, 1), 0.4), np.zeros(2), 100, "b.fits",
    )  # fmt: skip
    data = as_events("n1", times(1, 20.0)), as_history("n0", times(2, 20.0), 0.25)
    observation = replace(observed(*data), background_models=(model,))
    configuration = convert({"background": {"mode": "file"}}, TaskConfiguration)
    (found,) = find_bursts(observation, configuration).instruments
    assert found.curve.detectors == ("n1",)
