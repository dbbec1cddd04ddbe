"""Slow emission after a burst, told from a background that varies."""

import numpy as np
import pytest

from eclgrmd.analysis.temporal.search.decay import Decay, fit_decay
from eclgrmd.analysis.temporal.search.find import find_in
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Floats, LightCurve

START = np.arange(-300.0, 500.0)
FREE = np.array([[-200.0, -1.0], [1.0, 200.0]])
ORBIT = 300.0 * (1.0 + 0.3 * np.sin(2.0 * np.pi * START / 5600.0))
BURST_COUNTS = 3000.0


def light_curve(rate: Floats, seed: int) -> LightCurve:
    """Return Poisson counts in bins of 1 s."""
    return LightCurve(
        instrument=Instrument.OTHER,
        detectors=("D",),
        band_kev=None,
        start_s=START,
        stop_s=START + 1.0,
        counts=np.random.default_rng(seed).poisson(rate).astype(float),
        exposure_s=np.ones(len(START)),
    )


def compared(rate: Floats, seed: int, free_s: Floats = FREE) -> Decay:
    return fit_decay(light_curve(rate, seed), ORBIT, free_s, (-1.0, 1.0), BURST_COUNTS)


def decay(counts: float, tau_s: float) -> Floats:
    return np.where(START >= 1.0, counts / tau_s * np.exp(-(START - 1.0) / tau_s), 0.0)


@pytest.mark.parametrize("seed", range(5))
def test_a_decay_is_found_with_its_counts(seed: int) -> None:
    found = compared(ORBIT + decay(1500.0, 16.0), seed)
    assert found.chance > 0.9
    assert 8.0 <= found.tau_s <= 32.0
    best = int(np.argmax(found.weights))
    assert abs(found.counts[best] - 1500.0) < 4.0 * found.errors[best]


@pytest.mark.parametrize("counts", [2e4, 1e6])
def test_a_decay_of_any_brightness_is_found_with_finite_numbers(counts: float) -> None:
    found = compared(ORBIT + decay(counts, 16.0), 1)
    assert found.chance == pytest.approx(1.0)
    assert 7.9 <= found.tau_s <= 16.1
    assert found.weights.sum() == pytest.approx(1.0)
    assert found.counts_limit is not None
    assert found.counts_limit > counts


def test_a_background_that_varies_is_seldom_taken_for_a_decay() -> None:
    found = [compared(ORBIT, seed).chance for seed in range(40)]
    assert np.mean(np.array(found) > 0.5) <= 0.05
    wave = ORBIT + 30.0 * np.sin(2.0 * np.pi * START / 300.0 + 2.0)
    assert np.mean([compared(wave, seed).chance > 0.5 for seed in range(10)]) <= 0.1


def test_an_excess_before_the_burst_is_no_decay() -> None:
    assert compared(ORBIT + decay(1500.0, 16.0)[::-1], 1).chance < 0.1


def test_the_limit_holds_the_counts_that_are_there() -> None:
    limits = [compared(ORBIT + decay(300.0, 16.0), seed).counts_limit for seed in range(20)]
    assert sum(limit is not None and limit > 300.0 for limit in limits) >= 19


def test_nothing_is_compared_on_one_side() -> None:
    found = compared(ORBIT, 1, FREE[1:])
    assert found.counts_limit is None
    assert found.chance == 0.0


@pytest.mark.parametrize("seed", range(5))
def test_slow_emission_after_a_spike_belongs_to_the_burst(seed: int) -> None:
    spike = np.where(np.abs(START) < 1.0, 1500.0, 0.0)
    found = find_in(light_curve(ORBIT + spike + decay(1800.0, 30.0), seed), TaskConfiguration())
    assert found.t100_s is not None
    assert found.t100_s[1] > 20.0


def test_a_decay_that_the_tail_covers_is_left_to_it() -> None:
    found = compared(ORBIT + decay(1500.0, 16.0), 1)
    slow = found.slower_than(20.0)
    part = found.weights[found.taus_s > 20.0].sum()
    assert slow.taus_s.tolist() == pytest.approx([32.0, 64.0])
    assert slow.chance == pytest.approx(found.chance * part)
    assert slow.weights.sum() == pytest.approx(1.0)
    assert found.slower_than(1.0).chance == pytest.approx(found.chance)
    assert found.slower_than(100.0).counts_limit is None
