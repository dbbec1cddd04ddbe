"""The effects of undetected emission decrease with brightness."""

import itertools

import numpy as np
import pytest

from eclgrmd.analysis.temporal.kernels.crossings import crossing_times
from eclgrmd.analysis.temporal.width.calibration import (
    TYPICAL_FLATNESS,
    Undetected,
    Unknown,
    flatness_of,
    undetected_after,
    unknown_of,
)
from eclgrmd.analysis.temporal.width.ends import BurstEnd
from eclgrmd.analysis.temporal.width.widths import _BESIDE
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


TIME_S = np.linspace(0.0, 200.0, 20_001)
CURVES = {
    "constant": (np.minimum(TIME_S / 10.0, 1.0), 1.11, 2.0),
    "exponential": (1.0 - np.exp(-TIME_S / 10.0), 4.71, 3.69),
}
"""Curves with the flatness at the end of T90 and of T50."""


@pytest.mark.parametrize("name", CURVES)
def test_the_flatness_at_the_ends_is_as_documented(name: str) -> None:
    curve, *known = CURVES[name]
    low, high, early, late = crossing_times(TIME_S, curve, np.array([0.05, 0.95, 0.25, 0.75]))
    for beside, length_s, flatness in zip(_BESIDE, (high - low, late - early), known, strict=True):
        times_s = crossing_times(TIME_S, curve, beside)
        assert flatness_of(times_s, beside, length_s) == pytest.approx(flatness, abs=0.01)


def test_a_width_of_zero_has_a_flatness() -> None:
    assert flatness_of(np.array([1.0, 1.0]), np.array([0.9, 0.95]), 0.0) == 1.0


WHOLE, WEAK = Unknown(0.1, 0.2, 0.3, 0.4, 0.5), Unknown(1.0, 2.0, 3.0, 4.0, 5.0)


def test_the_effects_grow_with_the_flatness_up_to_a_limit() -> None:
    for typical in TYPICAL_FLATNESS:
        missed = Undetected(WHOLE, WHOLE, 1.0, typical)
        for ratio, factor in ((1.0, 1.0), (1.5, 1.5), (0.5, 0.5), (9.0, 2.0), (0.01, 0.25)):
            scaled = missed.at_flatness(ratio * typical)
            assert scaled == pytest.approx([factor * each for each in WHOLE])


def test_a_weak_end_counts_by_its_share_and_never_less_than_the_whole() -> None:
    for share, factor in ((1.0, 10.0), (0.25, 5.0), (0.04, 2.0), (0.0, 1.0)):
        missed = Undetected(WHOLE, WEAK, share, 4.0).at_flatness(4.0)
        assert missed == pytest.approx([factor * each for each in WHOLE])


def test_a_burst_of_one_episode_misses_what_the_tables_say() -> None:
    for sigma in (10.0, 50.0):
        for last in (None, BurstEnd(sigma, 1.0)):
            missed = undetected_after(sigma, last, searched=False)
            found = [each.at_flatness(each.typical) for each in missed]
            assert found == [pytest.approx(each) for each in unknown_of(sigma, searched=False)]
