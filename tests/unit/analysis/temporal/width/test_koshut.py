import numpy as np
import pytest

from eclgrmd.analysis.burst import measure
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from tests.unit.analysis.temporal.simulated import Pulse, light_curve, observation

QUICK = TaskConfiguration(duration=DurationChoice(bootstrap=100, character=False))


def test_the_analytic_error_is_the_scatter_of_repeated_measurements() -> None:
    pulse, widths, errors = Pulse(counts=20_000.0), [], []
    for seed in range(60):
        curve = light_curve(pulse, np.random.default_rng(seed))
        found = measure(observation(curves=(curve,)), QUICK).durations[0].t50
        assert found.value_s is not None
        assert found.koshut_error_s is not None
        widths.append(found.value_s)
        errors.append(found.koshut_error_s)
    assert np.median(errors) == pytest.approx(np.std(widths), rel=0.3)


def test_four_times_the_counts_halve_the_analytic_error() -> None:
    def error(counts: float) -> float:
        errors = []
        for seed in range(7):
            curve = light_curve(Pulse(counts=counts), np.random.default_rng(seed), rate=10.0)
            found = measure(observation(curves=(curve,)), QUICK).durations[0].t50.koshut_error_s
            assert found is not None
            errors.append(found)
        return float(np.median(errors))

    assert error(40_000.0) / error(10_000.0) == pytest.approx(0.5, rel=0.15)
