"""Slow emission that no block shows is reported with the durations."""

import numpy as np
import pytest
from msgspec.structs import replace

from eclgrmd.analysis.temporal.results import DurationMeasurement
from eclgrmd.analysis.temporal.search.rounds import find_burst
from eclgrmd.analysis.temporal.width.durations import measure_found
from eclgrmd.model.configuration.sections import TaskConfiguration
from eclgrmd.model.flags import FlagCode
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import LightCurve

START = np.arange(-300.0, 300.0)
WINDOW_S = (-100.0, 1.0)
"""Searched time; no block after the burst belongs to it."""
SLOW_COUNTS = 1500.0
SEEDS = range(6)


def measured(slow_counts: float, seed: int, start: np.ndarray = START) -> DurationMeasurement:
    """Measure a burst of 1 s that ends at 1 s, with a decay of 16 s after it."""
    after_s = np.maximum(start - 1.0, 0.0)
    slow = np.where(start >= 1.0, np.exp(-after_s / 16.0) - np.exp(-(after_s + 1.0) / 16.0), 0.0)
    rate = 300.0 + np.where(start == 0.0, 3000.0, 0.0) + slow_counts * slow
    curve = LightCurve(
        instrument=Instrument.OTHER,
        detectors=("D",),
        band_kev=None,
        start_s=start,
        stop_s=start + 1.0,
        counts=np.random.default_rng(seed).poisson(rate).astype(float),
        exposure_s=np.ones(len(start)),
    )
    choice = TaskConfiguration()
    choice = replace(choice, duration=replace(choice.duration, bootstrap=100))
    finding = find_burst(curve, choice.background, WINDOW_S, choice.duration.false_alarm)
    found = measure_found(curve, finding, WINDOW_S, choice, alternatives=False)
    assert found.t100_s == (0.0, 1.0)
    return found


def slow_flags(found: DurationMeasurement) -> list[str]:
    return [str(flag) for flag in found.flags if flag.code is FlagCode.SLOW_EMISSION]


def test_a_slow_decay_is_flagged_with_a_limit_above_its_counts() -> None:
    for seed in SEEDS:
        found = measured(SLOW_COUNTS, seed)
        assert found.slow_chance is not None
        assert found.slow_counts_limit is not None
        assert found.slow_chance >= 0.2
        assert found.slow_counts_limit > SLOW_COUNTS
        (sentence,) = slow_flags(found)
        assert f"up to {found.slow_counts_limit:.3g} counts" in sentence


def test_a_possible_slow_decay_lengthens_the_error_upwards() -> None:
    ratios = []
    for seed in SEEDS:
        with_decay, without = measured(SLOW_COUNTS, seed).t90, measured(0.0, seed).t90
        assert with_decay.interval95_s is not None
        assert without.interval95_s is not None
        ratios.append(with_decay.interval95_s[1] / without.interval95_s[1])
    assert np.median(ratios) > 2.0


def test_a_flat_background_after_the_burst_is_not_flagged() -> None:
    found = [measured(0.0, seed) for seed in SEEDS]
    quiet = [each for each in found if not slow_flags(each)]
    assert len(quiet) >= len(found) - 1
    for each in quiet:
        assert each.slow_chance is not None
        assert each.slow_chance < 0.2


@pytest.mark.parametrize("slow_counts", [0.0, SLOW_COUNTS])
def test_with_background_on_one_side_nothing_is_compared(slow_counts: float) -> None:
    found = measured(slow_counts, 1, START[START >= 0.0])
    assert (found.slow_chance, found.slow_counts_limit) == (None, None)
    assert slow_flags(found) == []
