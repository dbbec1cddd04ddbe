"""Tests of the bursts that the coverage study of photon durations simulates."""

import numpy as np
import pytest

from testbench.accuracy.photons import measure_one, simulate


def test_one_seed_always_makes_the_same_burst() -> None:
    first, again = simulate(5), simulate(5)
    assert np.array_equal(first.data.events[0].time_s, again.data.events[0].time_s)
    assert first.truth.width(0.9) == again.truth.width(0.9)


@pytest.mark.parametrize("seed", range(4))
def test_the_net_counts_of_the_band_have_the_stated_signal_to_noise(seed: int) -> None:
    burst = simulate(seed)
    [events] = burst.data.events
    assert events.channels is not None
    index = events.channel - events.channels.number[0]
    low, high = events.channels.e_min_kev[index], events.channels.e_max_kev[index]
    time = events.time_s[(low >= 50.0) & (high <= 300.0)]
    begin, end = burst.truth.time_s[[0, -1]]
    [[_, stop]] = events.gti_s
    quiet = (time < begin) | (time > end)
    rate = quiet.sum() / (60.0 + begin + stop - end)
    net = len(time) - rate * (60.0 + stop)
    under = rate * burst.truth.width(0.9)
    error = np.sqrt(len(time)) / np.sqrt(max(net + under, 1.0))
    expected = burst.signal_to_noise
    assert net / np.sqrt(max(net + under, 1.0)) == pytest.approx(expected, abs=5.0 * error)


def test_the_durations_of_a_bright_burst_are_near_the_truth() -> None:
    record = measure_one(2)
    for name in ("t90", "t50"):
        true, found = record[f"{name}_true"], record[name]
        assert true is not None
        assert found == pytest.approx(true, rel=0.1)
