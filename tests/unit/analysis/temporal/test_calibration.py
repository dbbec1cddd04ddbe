"""The error that undetected tails leave shrinks with brightness and is never nothing."""

import itertools

import numpy as np
import pytest

from eclgrmd.analysis.temporal.calibration import undetected_error


@pytest.mark.parametrize("fraction", [0.9, 0.5])
def test_it_falls_with_the_significance(fraction: float) -> None:
    errors = [undetected_error(fraction, sigma) for sigma in np.geomspace(5.0, 1000.0, 50)]
    assert all(a >= b > 0.0 for a, b in itertools.pairwise(errors))


def test_an_unknown_significance_counts_as_the_faintest() -> None:
    assert undetected_error(0.9, None) == undetected_error(0.9, 3.0) == pytest.approx(0.81)


def test_t50_suffers_less_than_t90() -> None:
    for sigma in (10.0, 30.0, 100.0, 500.0):
        assert undetected_error(0.5, sigma) < undetected_error(0.9, sigma)
