import numpy as np
import pytest

from eclgrmd.analysis.character.significance import detector_significance
from tests.support.present import present
from tests.unit.analysis.character.simulated_curves import centres, edges, net_curve


def test_without_a_burst_the_significance_is_a_standard_normal_number() -> None:
    rng = np.random.default_rng(1)
    at = edges(0.0, 2.0, 0.1)
    sigma = []
    for _ in range(500):
        rate = rng.normal(400.0, 10.0)  # the fit of the background is off by its error
        counts = rng.poisson(np.full(20, 400.0 * 0.1))
        found = detector_significance("GRD01", net_curve(counts, at, rate, 10.0), (0.0, 2.0))
        sigma.append(present(present(found).sigma))
    assert abs(np.mean(sigma)) < 0.15
    assert np.std(sigma) == pytest.approx(1.0, abs=0.1)


def test_the_best_window_is_the_one_with_the_pulse() -> None:
    at = edges(-10.0, 10.0, 0.064)
    rate = np.where(np.abs(centres(at) - 2.0) < 0.5, 600.0, 0.0) + 300.0
    counts = np.random.default_rng(2).poisson(rate * 0.064)
    found = detector_significance("GRD01", net_curve(counts, at, 300.0, 2.0), (-9.0, 9.0))
    assert found is not None
    assert present(found.best_sigma) > 1.5 * present(found.sigma)
    assert found.best_interval_s[0] == pytest.approx(1.5, abs=0.3)
    assert found.best_interval_s[1] == pytest.approx(2.5, abs=0.3)


def test_gaussian_counts_give_the_ratio_of_excess_to_error() -> None:
    at = edges(0.0, 1.0, 0.1)
    curve = net_curve(np.full(10, 2.0), at, 0.0, 0.0, np.full(10, 1.0))
    found = detector_significance("BAT", curve, (0.0, 1.0))
    assert found is not None
    assert found.sigma == pytest.approx(20.0 / np.sqrt(10.0))


def test_an_interval_without_bins_has_no_significance() -> None:
    at = edges(0.0, 1.0, 0.1)
    assert detector_significance("GRD01", net_curve(np.ones(10), at, 1.0), (5.0, 6.0)) is None
