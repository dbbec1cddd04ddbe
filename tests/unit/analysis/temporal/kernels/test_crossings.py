"""Errors of crossing times, reversed in the fraction instead of in time."""

import numpy as np
import pytest

from eclgrmd.analysis.temporal.kernels.crossings import FRACTIONS, deviations

TIME = np.array([0.0, 10.0, 30.0, 40.0])
TWO_EPISODES = np.array([0.0, 50.0, 50.0, 100.0])
"""A quiet time from 10 to 30 s, at half of the counts."""


def truth_of(found_s: float, fraction: float, curve: np.ndarray, time_s: np.ndarray) -> float:
    """Return the time of the truth for a measurement at the true crossing, by one replica."""
    at = np.interp(fraction, curve / curve[-1], time_s)
    moved = deviations(time_s, curve, np.array([found_s]), np.array([fraction]))
    return float(at - moved[0])


def test_on_a_straight_curve_an_error_is_reversed_in_time() -> None:
    time = np.linspace(0.0, 10.0, 11)
    moved = deviations(time, time * 7.0, np.array([4.0, 8.0]), np.array([0.5, 0.75]))
    assert moved == pytest.approx([-1.0, 0.5])


def test_the_truth_may_lie_beyond_a_quiet_time() -> None:
    # 49 % is found at 48 %: the truth may be 50 % or more, on the other side of the quiet time
    assert truth_of(9.4, 0.49, TWO_EPISODES, TIME) > 30.0
    assert truth_of(9.6, 0.49, TWO_EPISODES, TIME) == pytest.approx(20.0)


def test_a_measurement_beyond_a_quiet_time_has_its_truth_close_before() -> None:
    # in time the error would be reversed to 20 s before the first episode ends
    assert truth_of(30.2, 0.49, TWO_EPISODES, TIME) == pytest.approx(9.4)


def test_what_is_found_outside_the_burst_stays_finite() -> None:
    moved = deviations(TIME, TWO_EPISODES, np.array([-5.0, 400.0]), np.array([0.25, 0.95]))
    assert np.isfinite(moved).all()


@pytest.mark.parametrize(
    ("fraction", "found_s", "error_s"),
    [
        (0.49, 9.4, 9.8 - 30.2),  # 2 % of the counts early: 51 % lie beyond the quiet time
        (0.51, 30.6, 30.2 - 9.8),
        (0.48, 20.0, 9.6 - 9.2),  # 2 % late, anywhere in the quiet time
        (0.52, 12.0, 30.4 - 30.8),
        (0.05, 0.0, 1.0 - 2.0),
        (0.05, 5.0, 1.0 - 0.04),  # 20 % late: its opposite, -15 %, is limited to 0.2 %
        (0.95, 35.0, 39.0 - 39.96),
    ],
)
def test_an_error_is_that_of_the_opposite_fraction(
    fraction: float, found_s: float, error_s: float
) -> None:
    for start in (0.0, 300.0):
        curve = start + TWO_EPISODES
        moved = deviations(TIME, curve, np.array([found_s]), np.array([fraction]))
        assert moved == pytest.approx([error_s])


def test_a_curve_need_not_start_at_zero() -> None:
    time = np.linspace(5.0, 15.0, 11)
    found = np.array([5.2, 8.0, 12.0, 14.8])
    moved = deviations(time, 40.0 + 7.0 * time, found, FRACTIONS)
    assert moved == pytest.approx(found - (5.0 + 10.0 * FRACTIONS))
