"""The statistics agree with their definition, maximised over the background by brute force."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import xlogy

from eclgrmd.analysis.spectral.fit.statistics import (
    CHI2,
    PGSTAT,
    WSTAT,
    channel_statistic,
    sum_statistic,
)

COUNTS = [0.0, 1.0, 7.0, 250.0, 1e6]
SOURCES = [1e-8, 0.3, 9.0, 400.0, 9e5]
BACKGROUNDS = [0.0, 0.4, 12.0, 5e4]


def deviance(n: float, mu: float) -> float:
    return float(mu - n + xlogy(n, n) - xlogy(n, max(mu, 1e-300)))


def lowest(function: Callable[[float], float], guesses: Sequence[float]) -> float:
    """Return the lowest value, searched in each decade: slow but reliable."""
    top = max(guesses) * 4 + 10
    edges = np.concatenate([[0.0], np.geomspace(1e-9, top, 60)])
    best = function(0.0)
    for a, b in pairwise(edges):
        best = min(best, minimize_scalar(function, bounds=(a, b), method="bounded").fun)
    return best


@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("s", SOURCES)
@pytest.mark.parametrize(("b", "sigma"), [(0.4, 0.2), (12.0, 1.5), (12.0, 40.0), (5e4, 90.0)])
def test_pgstat_is_the_likelihood_maximised_over_the_background(
    n: float, s: float, b: float, sigma: float
) -> None:
    def joint(mu_b: float) -> float:
        return 2 * deviance(n, s + mu_b) + ((mu_b - b) / sigma) ** 2

    value, _, _ = channel_statistic(PGSTAT, n, s, b, sigma**2)
    assert value == pytest.approx(lowest(joint, [n, b, sigma]), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("n", COUNTS[:4])
@pytest.mark.parametrize("s", SOURCES[:4])
@pytest.mark.parametrize(("off", "scale"), [(0.0, 0.5), (3.0, 0.2), (40.0, 2.0)])
def test_wstat_is_the_likelihood_maximised_over_the_background(
    n: float, s: float, off: float, scale: float
) -> None:
    def joint(mu_b: float) -> float:
        return 2 * deviance(n, s + mu_b) + 2 * deviance(off, mu_b / scale)

    value, _, _ = channel_statistic(WSTAT, n, s, off * scale, scale)
    assert value == pytest.approx(lowest(joint, [n, off * scale]), rel=1e-6, abs=1e-5)


@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("s", SOURCES)
def test_a_background_without_error_is_known_exactly(n: float, s: float) -> None:
    value, _, _ = channel_statistic(PGSTAT, n, s, 12.0, 0.0)
    assert value == pytest.approx(2 * deviance(n, s + 12.0), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("b", BACKGROUNDS)
@pytest.mark.parametrize("n", COUNTS)
def test_pgstat_tends_to_cstat_as_the_background_error_vanishes(n: float, b: float) -> None:
    small, _, _ = channel_statistic(PGSTAT, n, 9.0, b, 1e-14)
    exact, _, _ = channel_statistic(PGSTAT, n, 9.0, b, 0.0)
    assert small == pytest.approx(exact, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize(
    ("s", "b", "variance", "expected"),
    [
        # XSPEC manual, appendix B: no source counts, background above and below its variance
        (2.0, 9.0, 4.0, 2 * (2.0 + 9.0 - 4.0 / 2)),
        (2.0, 1.0, 4.0, 2 * (2.0 + 1.0 / (2 * 4.0))),
    ],
)
def test_pgstat_without_counts_has_the_limits_of_the_manual(
    s: float, b: float, variance: float, expected: float
) -> None:
    assert channel_statistic(PGSTAT, 0.0, s, b, variance)[0] == pytest.approx(expected)


def test_wstat_without_counts_has_the_limits_of_the_manual() -> None:
    scale, s = 0.5, 3.0  # ts = 1, tb = 2
    none = channel_statistic(WSTAT, 0.0, s, 8.0 * scale, scale)[0]
    assert none == pytest.approx(2 * (s - 8.0 * np.log(2 / 3)))
    no_background = channel_statistic(WSTAT, 2.0, s, 0.0, scale)[0]
    assert no_background == pytest.approx(2 * (s + 2.0 * (np.log(2.0) - np.log(s) - 1)))
    faint = channel_statistic(WSTAT, 9.0, 1.0, 0.0, scale)[0]
    assert faint == pytest.approx(2 * (-2.0 * 1.0 - 9.0 * np.log(1 / 3)))


@pytest.mark.parametrize("kind", [PGSTAT, WSTAT, CHI2])
@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("s", [0.3, 9.0, 400.0])
def test_the_slope_is_the_derivative(kind: int, n: float, s: float) -> None:
    h = 1e-5 * s
    up = channel_statistic(kind, n, s + h, 12.0, 2.0)[0]
    down = channel_statistic(kind, n, s - h, 12.0, 2.0)[0]
    _, slope, curve = channel_statistic(kind, n, s, 12.0, 2.0)
    rounding = 1e-14 * abs(up) / h
    assert slope == pytest.approx((up - down) / (2 * h), rel=1e-4, abs=1e-5 + rounding)
    assert curve > 0.0


@pytest.mark.parametrize("kind", [PGSTAT, WSTAT, CHI2])
def test_many_channels_together_give_the_sum_of_each_one(kind: int) -> None:
    n, s, b = (a.ravel() for a in np.meshgrid(COUNTS, SOURCES, [0.0, 12.0, 5e4]))
    spread = np.resize([0.7, 3.0, 90.0], n.size)
    spread[5:9] = spread[5:9] if kind != PGSTAT else 0.0
    each = [channel_statistic(kind, *values) for values in zip(n, s, b, spread, strict=True)]
    slope, curve = np.empty(n.size), np.empty(n.size)
    value = sum_statistic(kind, n, s.copy(), b, spread, slope, curve)
    assert value == pytest.approx(sum(v for v, _, _ in each), rel=1e-12)
    assert slope == pytest.approx([v for _, v, _ in each], rel=1e-9, abs=1e-12)
    assert curve == pytest.approx([v for _, _, v in each], rel=1e-9)


def test_chi_square_is_the_squared_residual_over_the_variance() -> None:
    value, _, _ = channel_statistic(CHI2, 20.0, 5.0, 10.0, 25.0)
    assert value == pytest.approx(1.0)
