import numpy as np
import pytest

from eclgrmd.formats.rows.gaps import find_gaps, split_at_gaps


def constant(rate: float, stop_s: float, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return np.sort(generator.uniform(0.0, stop_s, round(rate * stop_s)))


@pytest.mark.parametrize("rate", [0.4, 0.7, 5.0, 300.0, 3000.0])
def test_a_constant_rate_has_no_gap(rate: float) -> None:
    found = [len(find_gaps(constant(rate, 300.0, seed), 0.0, 300.0)) for seed in range(10)]
    assert found == [0] * 10


def test_a_burst_of_fast_rise_and_fall_has_no_gap() -> None:
    generator = np.random.default_rng(3)
    burst = 100.0 + generator.exponential(0.05, 20_000) * generator.choice([-0.1, 1.0], 20_000)
    time_s = np.sort(np.concatenate([constant(1000.0, 200.0, 4), burst]))
    assert len(find_gaps(time_s, 0.0, 200.0)) == 0


@pytest.mark.parametrize("rate", [300.0, 1400.0, 3000.0])
def test_a_hole_of_0_6_seconds_is_found_to_the_event(rate: float) -> None:
    time_s = constant(rate, 200.0, 5)
    time_s = time_s[(time_s < 80.0) | (time_s > 80.6)]
    (gap,) = find_gaps(time_s, 0.0, 200.0)
    assert gap == pytest.approx([80.0, 80.6], abs=20 / rate)
    assert not ((time_s > gap[0]) & (time_s < gap[1])).any()


def test_a_gap_between_good_times_is_none() -> None:
    time_s = constant(1000.0, 100.0, 6)
    time_s = time_s[(time_s < 40.0) | (time_s > 60.0)]
    gti = np.array([[0.0, 40.0], [60.0, 100.0]])
    split, found = split_at_gaps(gti, time_s)
    assert not found
    assert split.tolist() == gti.tolist()


def test_good_times_are_split_at_a_gap() -> None:
    time_s = constant(1000.0, 100.0, 7)
    time_s = time_s[(time_s < 40.0) | (time_s > 40.6)]
    split, found = split_at_gaps(np.array([[0.0, 100.0]]), time_s)
    assert found
    assert split == pytest.approx(np.array([[0.0, 40.0], [40.6, 100.0]]), abs=0.02)


def test_data_that_begin_late_or_end_early_shorten_their_good_time() -> None:
    time_s = 10.0 + constant(1000.0, 50.0, 8)
    split, found = split_at_gaps(np.array([[0.0, 100.0]]), time_s)
    assert found
    assert split == pytest.approx(np.array([[10.0, 60.0]]), abs=0.02)


def test_a_hole_in_few_events_is_found() -> None:
    time_s = constant(0.5, 400.0, 9)
    time_s = time_s[(time_s < 150.0) | (time_s > 250.0)]
    (gap,) = find_gaps(time_s, 0.0, 400.0)
    assert gap == pytest.approx([150.0, 250.0], abs=10.0)


def test_more_holes_than_are_examined_at_first_are_all_found() -> None:
    time_s = constant(1000.0, 840.0, 10)
    time_s = time_s[time_s % 0.7 > 0.3]
    assert len(find_gaps(time_s, 0.0, 840.0)) == 1200
