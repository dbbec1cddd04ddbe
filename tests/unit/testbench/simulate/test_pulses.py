import numpy as np
import pytest
from scipy.stats import kstest

from testbench.simulate.physics.pulses import Pulse, arrived, draw_times, holding_interval, stretch
from tests.unit.testbench.simulate import naive

PULSES = (Pulse(-1.0, 3.0, 6.0), Pulse(12.0, 0.2, 1.0, 0.5))
HUNDRED = np.array([100.0])


@pytest.mark.parametrize("pulse", [*PULSES, Pulse(0.0, 0.02, 0.04), Pulse(3.0, 20.0, 8.0)])
def test_the_share_that_arrived_is_the_integral_of_the_pulse(pulse: Pulse) -> None:
    times = pulse.start_s + np.array([0.3, 1.0, 2.5, 6.0]) * np.sqrt(pulse.rise_s * pulse.decay_s)
    expected = [naive.arrived(pulse, t) for t in times]
    np.testing.assert_allclose(arrived((pulse,), 0.4, HUNDRED, times)[0], expected, atol=3e-6)


def test_all_photons_of_every_energy_arrive() -> None:
    shares = arrived(PULSES, 0.4, np.array([4.0, 100.0, 5000.0]), np.array([-1.0, 1e5]))
    np.testing.assert_allclose(shares, [[0, 1]] * 3, atol=1e-12)


def test_pulses_are_longer_at_low_energy_by_the_power_of_the_index() -> None:
    assert stretch(np.array([10.0]), 0.4)[0] == pytest.approx(10**0.4)
    late, early = Pulse(5.0, 1.0, 2.0), 5.0
    at_ten = arrived((late,), 0.4, np.array([10.0]), early + 10**0.4 * np.array([1.0, 3.0]))
    at_hundred = arrived((late,), 0.4, HUNDRED, early + np.array([1.0, 3.0]))
    np.testing.assert_allclose(at_ten, at_hundred, atol=1e-12)


def test_drawn_times_follow_the_pulses() -> None:
    rng = np.random.default_rng(5)
    times = draw_times(rng, PULSES, 0.4, np.full(20_000, 30.0))
    curve = kstest(times, lambda t: arrived(PULSES, 0.4, np.array([30.0]), np.asarray(t))[0])
    assert curve.pvalue > 1e-3


def test_the_holding_interval_has_nearly_all_photons_that_detectors_see() -> None:
    interval = holding_interval(PULSES, 0.4)
    shares = arrived(PULSES, 0.4, np.array([8.0, 15.0, 100.0]), np.array(interval))
    assert (shares[:, 1] - shares[:, 0] > 0.99).all()
