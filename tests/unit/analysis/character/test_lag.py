import numpy as np
import pytest

from eclgrmd.analysis.character.lag import spectral_lag
from eclgrmd.model.flags import texts
from eclgrmd.model.result import SpectralLag
from tests.unit.analysis.character.simulated_curves import centres, edges, net_curve, norris

BIN_S = 0.064
AT = edges(-4.0, 20.0, BIN_S)


def shape(time: np.ndarray) -> np.ndarray:
    return norris(time, 0.0, 1.0, 2.0) + 0.6 * norris(time, 4.0, 0.5, 1.0)


def measured(lag: float, peak: float, seed: int) -> SpectralLag:
    rng = np.random.default_rng(seed)
    hard = rng.poisson((peak * shape(centres(AT)) + 300.0) * BIN_S)
    soft = rng.poisson((peak * shape(centres(AT) - lag) + 300.0) * BIN_S)
    curves = net_curve(soft, AT, 300.0), net_curve(hard, AT, 300.0)
    return spectral_lag(*curves, (15.0, 50.0), (50.0, 300.0), seed)


@pytest.mark.parametrize("lag", [-0.5, 0.0, 0.8])
def test_a_strong_burst_gives_its_lag_with_the_sign_that_soft_comes_later(lag: float) -> None:
    found = measured(lag, 1e5, 1)
    assert found.lag_s.value == pytest.approx(lag, abs=0.02)
    assert found.correlation == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize(("lag", "peak"), [(0.1, 1500.0), (0.3, 300.0)])
def test_the_error_of_the_lag_is_its_scatter_and_covers(lag: float, peak: float) -> None:
    cases, inside, deviations, errors = 60, 0, [], []
    for seed in range(cases):
        found = measured(lag, peak, seed).lag_s
        assert found.value is not None
        assert found.err_minus is not None
        assert found.err_plus is not None
        deviations.append(found.value - lag)
        errors.append(0.5 * (found.err_minus + found.err_plus))
        inside += found.value - found.err_minus <= lag <= found.value + found.err_plus
    assert abs(np.mean(deviations)) < 0.4 * np.std(deviations)
    assert 0.8 < np.median(errors) / np.std(deviations) < 1.5
    assert inside / cases > 0.55  # conservative rather than too narrow


def test_noise_has_no_lag() -> None:
    found = measured(0.0, 0.0, 3)
    assert (found.lag_s.value, texts(found.flags)) == (None, ("no correlation",))
