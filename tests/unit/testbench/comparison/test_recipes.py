"""The catalogues' recipes for durations, on curves whose answer is known."""

from types import SimpleNamespace

import numpy as np
import pytest

from testbench.comparison.recipes import plateau_widths, widths_between

AROUND = ((-90.0, -20.0), (150.0, 190.0))


def found(net: np.ndarray) -> SimpleNamespace:
    """A light curve of 1 s bins from -100 to 200 s over a background of 500 counts/s."""
    start = np.arange(-100.0, 200.0)
    curve = SimpleNamespace(start_s=start, stop_s=start + 1.0, counts=500.0 + net)
    return SimpleNamespace(curve=curve, background_counts=np.full(len(start), 500.0))


def steady(start: int, stop: int) -> np.ndarray:
    net = np.zeros(300)
    net[100 + start : 100 + stop] = 40.0
    return net


def test_a_steady_burst_lasts_nine_tenths_and_half_of_its_time() -> None:
    assert plateau_widths(found(steady(0, 100)), AROUND) == pytest.approx((90.0, 50.0))


def test_plateaus_hold_what_lies_between_the_intervals_and_nothing_else() -> None:
    net = steady(0, 20) + steady(100, 120)
    assert plateau_widths(found(net), AROUND) == pytest.approx((116.0, 100.0))
    near = ((-90.0, -20.0), (40.0, 90.0))
    assert plateau_widths(found(net), near) == pytest.approx((18.0, 10.0))


def test_what_lies_outside_the_given_times_does_not_count() -> None:
    assert widths_between(found(steady(0, 100)), 20.0, 60.0) == pytest.approx((36.0, 20.0))


def test_a_level_that_is_passed_again_is_read_in_the_middle() -> None:
    net = steady(0, 100)
    net[106], net[150] = -80.0, 160.0
    # 5 % are passed at 5, 6.5 and 8 s
    assert plateau_widths(found(net), AROUND) == pytest.approx((95.0 - 6.5, 75.0 - 25.0 - 3.0))


def test_one_interval_or_no_rise_gives_nothing() -> None:
    assert plateau_widths(found(steady(0, 100)), AROUND[:1]) is None
    assert plateau_widths(found(-steady(0, 100)), AROUND) is None
    assert widths_between(found(steady(0, 100)), 120.0, 140.0) is None
