"""Bins that end at the change points of events."""

from dataclasses import replace

import numpy as np
import pytest

from eclgrmd.analysis.burst import measure
from eclgrmd.analysis.temporal.search.event_edges import change_points, snapped
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.observation import EventList
from tests.unit.analysis.temporal.simulated import Pulse, events, observation

QUICK = TaskConfiguration(duration=DurationChoice(bootstrap=100, character=False))


def stepped(rng: np.random.Generator) -> EventList:
    """Return events at 500 Hz, and at 5000 Hz from 2.0 to 3.0 s."""
    low = rng.uniform(-20.0, 20.0, rng.poisson(500 * 40))
    high = rng.uniform(2.0, 3.0, rng.poisson(4500))
    plain = events(Pulse(counts=1.0), rng, gti_s=((-20.0, 20.0),))
    time = np.sort(np.concatenate([low, high]))
    return replace(plain, time_s=time, channel=np.zeros(len(time), dtype=np.int16))


def test_steps_are_found_to_the_precision_of_a_few_events() -> None:
    points = change_points([stepped(np.random.default_rng(1))], (-5.0, 10.0), None, 0.01)
    assert points == pytest.approx([2.0, 3.0], abs=0.003)


def test_detectors_are_segmented_together() -> None:
    rng = np.random.default_rng(2)
    points = change_points([stepped(rng), stepped(rng)], (-5.0, 10.0), None, 0.01)
    assert points == pytest.approx([2.0, 3.0], abs=0.002)


def test_a_window_that_was_not_seen_throughout_has_no_change_points() -> None:
    lists = [stepped(np.random.default_rng(3))]
    assert len(change_points(lists, (-25.0, 10.0), None, 0.01)) == 0


def test_snapped_edges_hold_the_points_and_stay_sorted() -> None:
    rng = np.random.default_rng(4)
    edges = np.arange(0.0, 10.0, 0.5)
    for _ in range(200):
        points = np.sort(rng.uniform(-1.0, 11.0, rng.integers(0, 5)))
        moved = snapped(edges, points)
        assert np.all(np.diff(moved) > 0.0)
        inner = points[(points > 0.5) & (points < 9.0)]
        assert np.all(np.isin(inner, moved))
        if len(inner) < 2 or np.diff(inner).min() > 1.0:
            assert len(moved) == len(edges)


def test_the_burst_of_a_measurement_starts_and_ends_between_bins() -> None:
    found = measure(observation(stepped(np.random.default_rng(5))), QUICK).durations[0]
    assert found.t100_s == pytest.approx((2.0, 3.0), abs=0.003)


def test_a_spike_shorter_than_a_bin_before_long_emission_keeps_its_width() -> None:
    rng = np.random.default_rng(6)
    spike, later = rng.uniform(0.05, 0.09, 6000), rng.uniform(5.0, 45.0, 1500)
    background = rng.uniform(-100.0, 200.0, rng.poisson(300.0 * 300))
    plain = events(Pulse(counts=1.0), rng, gti_s=((-100.0, 200.0),))
    time = np.sort(np.concatenate([spike, later, background]))
    data = replace(plain, time_s=time, channel=np.zeros(len(time), dtype=np.int16))
    found = measure(observation(data), QUICK).durations[0]
    # 5 % of 7,500 counts have arrived after 375 / 6,000 of the spike, 25 to 75 % inside it
    assert found.t90.start_s == pytest.approx(0.05 + 0.04 * 375 / 6000, abs=0.003)
    assert found.t50.value_s == pytest.approx(0.04 * (5625 - 1875) / 6000, abs=0.003)
    assert found.t90.value_s == pytest.approx(35.0, abs=3.0)
