"""Episodes that come from another direction than the burst."""

from dataclasses import replace

import numpy as np

from eclgrmd.analysis.temporal.curve.curves import bin_events
from eclgrmd.analysis.temporal.search.directions import other_sources
from eclgrmd.analysis.temporal.search.find import FoundBurst, find_bursts
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.flags import FlagCode
from eclgrmd.model.intervals import Interval, union
from eclgrmd.model.observation import Observation
from tests.unit.analysis.temporal.simulated import Pulse, events, observation

BURST = Pulse(start_s=0.0, counts=6_000.0)
SHARES = (1.0, 0.5, 0.1)
"""Part of the burst's counts that each detector sees."""


def seen(
    other: Pulse, shares: tuple[float, ...], configuration: TaskConfiguration | None = None
) -> FoundBurst:
    """Return what is found of a burst and of another source with its own shares of detectors."""
    rng = np.random.default_rng(3)
    lists = []
    for k, (of_burst, of_other) in enumerate(zip(SHARES, shares, strict=True)):
        name = f"GRD0{k + 1}"
        burst = events(replace(BURST, counts=of_burst * BURST.counts), rng, detector=name)
        rest = events(replace(other, counts=of_other * other.counts), rng, detector=name, rate=0.0)
        order = np.argsort(np.concatenate([burst.time_s, rest.time_s]), kind="stable")
        lists.append(
            replace(
                burst,
                time_s=np.concatenate([burst.time_s, rest.time_s])[order],
                channel=np.concatenate([burst.channel, rest.channel])[order],
            )
        )
    return find_bursts(observation(*lists), configuration or TaskConfiguration()).instruments[0]


def observed(found: FoundBurst, span_s: Interval) -> bool:
    """Return whether a light curve has bins in an interval."""
    return bool(((found.curve.start_s >= span_s[0]) & (found.curve.stop_s <= span_s[1])).any())


def codes(found: FoundBurst) -> set[FlagCode]:
    return {flag.code for flag in found.curve.flags}


KEEP = TaskConfiguration(duration=DurationChoice(other_sources="keep"))
FLARE = Pulse(start_s=80.0, rise_s=3.0, fall_s=4.0, counts=4_000.0)


def test_another_source_is_left_out_and_named() -> None:
    found = seen(FLARE, (0.1, 0.3, 1.0))
    assert found.t100_s is not None
    assert found.t100_s[1] < 60.0
    [flag] = [flag for flag in found.curve.flags if flag.code is FlagCode.OTHER_SOURCE]
    assert flag.subject.startswith("7")
    assert not observed(found, (81.0, 90.0))
    background = found.finding.background
    assert background is not None
    assert not ((background.intervals_s[:, 0] < 90.0) & (background.intervals_s[:, 1] > 81.0)).any()


def test_an_episode_of_the_same_source_stays() -> None:
    found = seen(FLARE, SHARES)
    assert found.t100_s is not None
    assert found.t100_s[1] > 84.0
    assert FlagCode.OTHER_SOURCE not in codes(found)


def test_a_change_of_shares_that_spectra_cause_is_no_other_source() -> None:
    found = seen(replace(FLARE, counts=20_000.0), (1.0, 0.62, 0.13))
    assert found.t100_s is not None
    assert found.t100_s[1] > 84.0
    assert FlagCode.OTHER_SOURCE not in codes(found)


def test_the_configuration_keeps_another_source() -> None:
    found = seen(FLARE, (0.1, 0.3, 1.0), KEEP)
    assert found.t100_s is not None
    assert found.t100_s[1] > 84.0
    assert observed(found, (81.0, 90.0))


def test_one_detector_shows_no_direction() -> None:
    rng = np.random.default_rng(4)
    alone: Observation = observation(events(BURST, rng))
    found = find_bursts(alone, TaskConfiguration()).instruments[0]
    assert FlagCode.OTHER_SOURCE not in codes(found)


def test_episodes_with_a_slew_between_them_are_not_compared() -> None:
    found = seen(FLARE, (0.1, 0.3, 1.0), KEEP)
    rng = np.random.default_rng(5)
    detectors = [
        bin_events([events(replace(BURST, counts=counts), rng)], np.arange(-50.0, 150.0), None)
        for counts in (6_000.0, 3_000.0, 500.0, 100.0)
    ]
    flare = [
        replace(curve, counts=curve.counts + more * ((curve.start_s >= 80) & (curve.stop_s < 90)))
        for curve, more in zip(detectors, (10.0, 20.0, 300.0, 400.0), strict=True)
    ]
    [source] = other_sources(found.curve, found.finding, flare, union([]))
    assert source.time_s[0] < 80.0
    assert source.time_s[1] > 84.0
    assert not other_sources(found.curve, found.finding, flare, union([(60.0, 70.0)]))
