"""Configured windows about as short as a bin, inside and beside the burst."""

import numpy as np
import pytest

from eclgrmd.analysis.burst import measure
from eclgrmd.errors import InputError
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.observation import Observation
from tests.unit.analysis.temporal.simulated import Pulse, events, light_curve, observation


def searched(low: float, high: float, bin_s: float | None = None) -> TaskConfiguration:
    """Return a configuration that searches a window."""
    choice = DurationChoice(t_min_s=low, t_max_s=high, bin_s=bin_s, bootstrap=100, character=False)
    return TaskConfiguration(duration=choice)


def of_bins() -> Observation:
    return observation(curves=(light_curve(Pulse(), np.random.default_rng(1)),))


def of_events() -> Observation:
    return observation(events(Pulse(), np.random.default_rng(2)))


@pytest.mark.parametrize("width_s", [0.001, 0.03, 0.06])
def test_a_window_without_a_whole_bin_is_refused_with_the_width_of_the_bins(width_s: float) -> None:
    low = -50.0 + 860 * 0.064 + 0.002
    with pytest.raises(InputError, match=r"no time bin .* 0\.064 s wide.* widen duration\.t_min_s"):
        measure(of_bins(), searched(low, low + width_s))


def test_t100_holds_the_whole_bins_of_the_burst_in_the_window() -> None:
    edges = np.arange(-50.0, 150.0, 0.064)
    low, high = float(edges[860]) - 0.01, float(edges[864]) + 0.05
    found = measure(of_bins(), searched(low, high)).durations[0]
    assert found.t100_s == pytest.approx((edges[860], edges[864]))


def test_a_window_that_only_cuts_a_bin_of_the_burst_has_no_burst() -> None:
    edges = np.arange(-50.0, 150.0, 0.064)
    pulse = Pulse(start_s=float(edges[800]), rise_s=0.001)
    data = observation(curves=(light_curve(pulse, np.random.default_rng(3)),))
    found = measure(data, searched(-20.0, float(edges[800]) + 0.03)).durations[0]
    assert found.t100_s is None


@pytest.mark.parametrize("width_s", [0.05, 0.5])
def test_events_get_bins_that_fit_into_a_short_window(width_s: float) -> None:
    found = measure(of_events(), searched(3.01, 3.01 + width_s)).durations[0]
    assert found.t100_s == pytest.approx((3.01, 3.01 + width_s), abs=0.1 * width_s)
    assert found.t90.value_s is not None


def test_a_configured_width_of_bins_is_kept() -> None:
    with pytest.raises(InputError, match=r"0\.064 s wide"):
        measure(of_events(), searched(3.01, 3.02, bin_s=0.064))
