"""The effects of undetected emission decrease with brightness."""

import itertools

import numpy as np
import pytest

from eclgrmd.analysis.temporal.width.calibration import unknown_of
from testbench.accuracy.undetected import relative_error


@pytest.mark.parametrize("searched", [True, False])
def test_it_falls_with_the_significance(searched: bool) -> None:
    errors = [unknown_of(sigma, searched=searched) for sigma in np.geomspace(5.0, 1000.0, 50)]
    for one, other in itertools.pairwise(errors):
        for brighter, fainter in zip(other, one, strict=True):
            assert all(0.0 <= b <= f for b, f in zip(brighter, fainter, strict=True))


def test_an_unknown_significance_counts_as_the_faintest() -> None:
    for searched in (True, False):
        assert unknown_of(None, searched=searched) == unknown_of(3.0, searched=searched)


@pytest.mark.parametrize("searched", [True, False])
def test_t50_suffers_less_than_t90(searched: bool) -> None:
    for sigma in (10.0, 30.0, 100.0, 200.0):
        t90, t50 = unknown_of(sigma, searched=searched)
        assert t50.up < t90.up


def test_the_error_that_is_missing_is_derived() -> None:
    rng = np.random.default_rng(1)
    found = np.full(20_000, 10.0)
    deviation = 3.0 * rng.standard_normal(20_000)
    replicas = np.full(20_000, 1.8)
    assert relative_error(deviation, replicas, found) == pytest.approx(0.24, rel=0.05)
    assert relative_error(deviation, np.full(20_000, 3.1), found) == 0.0
