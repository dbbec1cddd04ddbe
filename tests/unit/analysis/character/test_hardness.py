import numpy as np
import pytest
from scipy.stats import f, gamma

from eclgrmd.analysis.character.hardness import hardness_ratio
from eclgrmd.analysis.character.series import Sum
from eclgrmd.model.flags import texts
from eclgrmd.model.result import HardnessRatio

ONE_SIGMA = (0.158655, 0.5, 0.841345)


def poisson(counts: float, background: float, error: float) -> Sum:
    # a float as in an analysis; an int would cause another compilation
    return Sum(float(counts), float(counts), background, error, 1.0, poisson=True)


def ratio(soft: Sum, hard: Sum) -> HardnessRatio:
    return hardness_ratio(soft, hard, (15.0, 50.0), (50.0, 300.0), (0.0, 1.0))


@pytest.mark.parametrize("counts", [0, 1, 7, 400])
def test_without_background_the_posterior_is_a_gamma_distribution(counts: int) -> None:
    low, middle, high = gamma(counts + 1).ppf(ONE_SIGMA)
    found = ratio(poisson(counts, 0.0, 0.0), poisson(9, 0.0, 0.0)).soft_counts
    assert found.value == pytest.approx(middle, rel=0.01)
    assert found.err_minus == pytest.approx(middle - low, rel=0.02)
    assert found.err_plus == pytest.approx(high - middle, rel=0.02)


@pytest.mark.parametrize(("soft", "hard"), [(0, 3), (4, 2), (30, 50), (2000, 900)])
def test_without_background_the_ratio_follows_an_f_distribution(soft: int, hard: int) -> None:
    scale = (hard + 1) / (soft + 1)
    low, middle, high = scale * f(2 * (hard + 1), 2 * (soft + 1)).ppf(ONE_SIGMA)
    found = ratio(poisson(soft, 0.0, 0.0), poisson(hard, 0.0, 0.0))
    assert found.ratio.value == pytest.approx(middle, rel=0.02)
    assert found.ratio.err_minus == pytest.approx(middle - low, rel=0.04)
    assert found.ratio.err_plus == pytest.approx(high - middle, rel=0.04)
    assert found.difference.value == pytest.approx((middle - 1) / (middle + 1), abs=0.01)


def test_gaussian_bands_give_the_propagated_error() -> None:
    soft = Sum(100.0, 4.0, 0.0, 0.0, 1.0, poisson=False)
    hard = Sum(50.0, 1.0, 0.0, 0.0, 1.0, poisson=False)
    found = ratio(soft, hard).ratio
    assert found.value == pytest.approx(0.5, rel=0.005)
    assert found.err_plus == pytest.approx(0.5 * np.hypot(0.02, 0.02), rel=0.05)


@pytest.mark.parametrize(
    ("soft", "hard", "background"), [(6.0, 6.0, 2.0), (5.0, 15.0, 10.0), (300.0, 200.0, 500.0)]
)
def test_the_interval_holds_the_true_ratio_in_68_per_cent(
    soft: float, hard: float, background: float
) -> None:
    rng = np.random.default_rng(3)
    error = 0.3 * np.sqrt(background)
    cases, inside = 300, 0
    for _ in range(cases):
        fitted = np.maximum(rng.normal(background, error, 2), 0.0)
        found = ratio(
            poisson(rng.poisson(soft + background), float(fitted[0]), error),
            poisson(rng.poisson(hard + background), float(fitted[1]), error),
        ).ratio
        assert found.value is not None
        assert found.err_minus is not None
        assert found.err_plus is not None
        inside += found.value - found.err_minus <= hard / soft <= found.value + found.err_plus
    assert inside / cases == pytest.approx(0.683, abs=0.075)  # 2.8 sigma of the binomial


def test_a_band_without_excess_is_flagged() -> None:
    assert texts(ratio(poisson(10, 10.0, 1.0), poisson(90, 10.0, 1.0)).flags) == (
        "soft band not significant",
    )
