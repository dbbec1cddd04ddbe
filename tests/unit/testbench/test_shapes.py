"""Tests of the bursts that the coverage study by shape simulates."""

import numpy as np
import pytest

from testbench.accuracy.shape_bursts import (
    BACKGROUNDS,
    SHAPES,
    Background,
    interpolated,
    kind_of,
    simulate,
)
from testbench.accuracy.shapes import table
from testbench.accuracy.temporal import Truth

SEEDS = range(len(SHAPES) * len(BACKGROUNDS))


def seeds_of(*, shape: str | None = None, background: str | None = None) -> list[int]:
    """Return a few seeds of a shape or kind of background."""
    kinds = {seed: kind_of(seed) for seed in range(3 * len(SEEDS))}
    return [
        s for s, kind in kinds.items() if shape in {None, kind[0]} and background in {None, kind[1]}
    ]


def test_every_pair_of_shape_and_background_is_equally_frequent() -> None:
    assert {kind_of(seed) for seed in SEEDS} == {(s, b) for s in SHAPES for b in BACKGROUNDS}


def test_one_seed_always_makes_the_same_burst() -> None:
    first, again = simulate(5), simulate(5)
    assert np.array_equal(first.data.events[0].time_s, again.data.events[0].time_s)
    assert first.truth.width(0.9) == again.truth.width(0.9)


@pytest.mark.parametrize("shape", SHAPES)
def test_true_widths_are_those_of_a_large_sample(shape: str) -> None:
    truth = SHAPES[shape](np.random.default_rng(3))
    sample = np.interp(np.random.default_rng(4).random(400_000), truth.fraction, truth.time_s)
    for fraction in (0.5, 0.9):
        low, high = np.quantile(sample, [0.5 - fraction / 2, 0.5 + fraction / 2])
        assert truth.width(fraction) == pytest.approx(high - low, rel=0.02)


@pytest.mark.parametrize("seed", range(20))
def test_shapes_have_the_lengths_they_are_named_for(seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert SHAPES["short"](rng).width(0.9) < 2.0
    for shape in ("fading pulse", "sharp end", "several pulses"):
        assert SHAPES[shape](rng).width(0.9) >= 2.0
    assert SHAPES["extended"](rng).width(0.9) > 5.0
    quiet = SHAPES["precursor"](rng)
    pause = np.diff(np.interp([0.02, 0.35], quiet.fraction, quiet.time_s))[0]
    assert pause > 0.0


def test_a_parabola_has_its_mean_rate_over_the_data() -> None:
    background = Background(1000.0, -100.0, 300.0, slope=0.15, bend=-0.1)
    time = background.draw(np.random.default_rng(1))
    assert len(time) == pytest.approx(1000.0 * 400.0, abs=5.0 * np.sqrt(4e5))
    assert time.min() >= -100.0
    assert time.max() <= 300.0


def test_a_wave_has_its_mean_rate_over_a_period_and_its_amplitude() -> None:
    background = Background(500.0, 0.0, 5000.0, amplitude=0.4, period_s=5000.0)
    time = background.draw(np.random.default_rng(2))
    halves = np.histogram(time, [0.0, 2500.0, 5000.0])[0] / 2500.0
    # the mean of a sine over its positive half is 2 / pi
    change = 0.4 * 2.0 / np.pi
    assert halves == pytest.approx([500.0 * (1.0 + change), 500.0 * (1.0 - change)], rel=0.005)


@pytest.mark.parametrize("seed", seeds_of(background="orbital"))
def test_orbital_background_reaches_from_500_s_before_to_1000_s_after(seed: int) -> None:
    burst = simulate(seed)
    assert burst.data.events[0].gti_s.tolist() == [[-500.0, 1000.0]]
    assert 5000.0 <= burst.background.period_s <= 6000.0
    assert 0.1 <= burst.background.amplitude <= 0.4


@pytest.mark.parametrize("seed", seeds_of(background="one-sided"))
def test_one_sided_data_begin_just_before_or_end_just_after_the_burst(seed: int) -> None:
    burst = simulate(seed)
    [[low, high]] = burst.data.events[0].gti_s
    end = np.interp(0.999, burst.truth.fraction, burst.truth.time_s)
    begins, ends = -1.0 <= low <= 0.0, end <= high <= end + 1.0
    assert begins != ends
    assert high == burst.background.high_s if begins else low == burst.background.low_s


@pytest.mark.parametrize("seed", seeds_of(background="gaps"))
def test_gaps_have_no_events(seed: int) -> None:
    events = simulate(seed).data.events[0]
    gaps = np.column_stack([events.gti_s[:-1, 1], events.gti_s[1:, 0]])
    assert 1 <= len(gaps) <= 3
    assert (np.diff(gaps, axis=1) <= 180.0).all()
    for low, high in gaps:
        assert not ((events.time_s > low) & (events.time_s < high)).any()


@pytest.mark.parametrize("seed", seeds_of(background="flat"))
def test_signal_to_noise_is_that_of_the_counts_in_t90(seed: int) -> None:
    burst = simulate(seed)
    low, high = np.interp([0.05, 0.95], burst.truth.fraction, burst.truth.time_s)
    time = burst.data.events[0].time_s
    inside = np.count_nonzero((time > low) & (time < high))
    edges = np.linspace(low, high, 200)
    under = burst.background.rate(edges).mean() * (high - low)
    # 90 % of the burst's counts lie in T90
    counts = (inside - under) / 0.9
    expected = counts / np.sqrt(counts + under)
    assert 8.0 <= burst.signal_to_noise <= 300.0
    assert burst.signal_to_noise == pytest.approx(expected, abs=6.0)


def test_a_gap_is_interpolated_in_the_truth() -> None:
    constant = Truth(np.linspace(0.0, 10.0, 1001), np.linspace(0.0, 1.0, 1001), 0)
    hidden = interpolated(constant, np.array([[-5.0, 4.0], [7.0, 20.0]]))
    assert hidden.width(0.9) == pytest.approx(9.0)
    late = interpolated(constant, np.array([[-5.0, 9.9], [12.0, 20.0]]))
    assert late.width(0.9) == pytest.approx(9.0)
    # 80 % of the counts before 2 s, the rest from 8 s on: a gap from 2 to 8 s fills with the mean
    # of 0.4 and 0.1 per second
    uneven = Truth(np.array([0.0, 2.0, 8.0, 10.0]), np.array([0.0, 0.8, 0.8, 1.0]), 0)
    filled = interpolated(uneven, np.array([[-5.0, 2.0], [8.0, 20.0]]))
    assert filled.fraction.tolist() == pytest.approx([0.0, 0.32, 0.92, 1.0])


def test_the_table_counts_what_the_intervals_hold() -> None:
    def record(seed: int, value: float) -> dict[str, float | None]:
        width = {"_true": 10.0, "": value, "_minus": 1.0, "_plus": 1.0, "_low": 8.0, "_high": 12.5}
        both = {name + key: each for name in ("t90", "t50") for key, each in width.items()}
        return {"seed": seed, "signal_to_noise": 50.0, "flagged": 0.0, **both}

    text = table([record(0, 10.0), record(len(SEEDS), 14.0)])
    [line] = [each for each in text.splitlines() if each.startswith("fading pulse    flat")]
    assert line.split()[3:6] == ["2", "0.50", "1.00"]
