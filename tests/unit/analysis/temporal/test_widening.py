"""The derivation of the factors on errors finds what was put in."""

import numpy as np
import pytest

from testbench.accuracy.widening import derive


def test_the_factors_of_errors_that_are_too_small_are_found() -> None:
    rng = np.random.default_rng(1)
    deviation = rng.standard_normal(20_000)
    found = 10.0 - np.where(deviation > 0.0, 3.0, 2.0) * deviation
    ones = np.ones(20_000)
    down, up = derive(10.0 * ones, found, ones, ones)
    assert up == pytest.approx(3.0, rel=0.05)
    assert down == pytest.approx(2.0, rel=0.05)
