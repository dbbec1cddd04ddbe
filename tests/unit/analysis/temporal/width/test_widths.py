"""A width from crossing times and the deviations of replicas."""

import numpy as np
import pytest

from eclgrmd.analysis.temporal.width.calibration import NOTHING
from eclgrmd.analysis.temporal.width.widths import _width

TIMES_S = np.array([0.0, 10.0])
NOISE_S = np.column_stack([np.zeros(1000), np.linspace(-1.0, 1.0, 1000)])


def test_emission_that_was_not_found_widens_the_error_and_corrects_nothing() -> None:
    hidden_s = np.zeros((1000, 2))
    hidden_s[::3, 1] = 20.0
    plain = _width(TIMES_S, NOISE_S, np.zeros((1000, 2)), NOTHING)
    wider = _width(TIMES_S, NOISE_S, hidden_s, NOTHING)
    assert plain.value_s == wider.value_s == pytest.approx(10.0)
    assert plain.err_plus_s == pytest.approx(0.683, abs=0.01)
    assert wider.err_plus_s is not None
    assert wider.err_plus_s > 15.0
    assert wider.stop_err_plus_s == pytest.approx(wider.err_plus_s)
    assert wider.err_minus_s is not None
    assert plain.err_minus_s is not None
    assert 0.0 <= wider.err_minus_s <= plain.err_minus_s


def test_the_median_deviation_is_corrected() -> None:
    late = NOISE_S + np.array([0.0, 0.5])
    found = _width(TIMES_S, late, np.zeros((1000, 2)), NOTHING)
    assert found.value_s == pytest.approx(9.5)
    assert found.err_plus_s == pytest.approx(0.683, abs=0.01)
