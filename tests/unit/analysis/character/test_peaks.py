import numpy as np
import pytest

from eclgrmd.analysis.character.peaks import peak_rate
from eclgrmd.model.flags import texts
from eclgrmd.model.result import PeakRate
from tests.unit.analysis.character.simulated_curves import centres, edges, net_curve, norris


def truth(time: np.ndarray) -> np.ndarray:
    return 2000.0 * norris(time, 0.0, 0.3, 0.8)


def simulated(seed: int, scale: float) -> PeakRate:
    at = edges(-1.0, 8.0, scale / 16)
    rng = np.random.default_rng(seed)
    counts = rng.poisson((truth(centres(at)) + 900.0) * scale / 16)
    return peak_rate(net_curve(counts, at, rng.normal(900.0, 5.0), 5.0), scale, seed)


@pytest.mark.parametrize("scale", [0.064, 0.256])
def test_less_its_bias_the_peak_rate_covers_the_true_one(scale: float) -> None:
    fine = centres(edges(-1.0, 8.0, scale / 16))
    true = float(np.convolve(truth(fine), np.full(16, 1 / 16), mode="valid").max())
    raw, inside, cases, errors = [], 0, 100, []
    for seed in range(cases):
        found = simulated(seed, scale)
        rate = found.rate_counts_per_s
        assert rate.value is not None
        assert rate.err_minus is not None
        assert rate.err_plus is not None
        assert found.bias_counts_per_s is not None
        own = rate.value - found.bias_counts_per_s
        raw.append((rate.value - true, own - true))
        errors.append(0.5 * (rate.err_minus + rate.err_plus))
        inside += own - rate.err_minus <= true <= own + rate.err_plus
    raised, corrected = np.mean(raw, axis=0)
    assert raised > 0.0
    most = 0.2 * raised if scale < 0.1 else min(0.75 * raised, 0.5 * np.mean(errors))
    assert abs(corrected) < most
    assert inside / cases == pytest.approx(0.683, abs=0.13)  # 2.8 sigma of the binomial


@pytest.mark.parametrize(("scale", "height"), [(0.064, 250.0), (0.256, 250.0), (1.0, 250.0)])
def test_a_faint_peak_is_covered(scale: float, height: float) -> None:
    at = edges(-1.0, 6.0, scale / 16)
    rate = height * norris(centres(at), 0.0, 0.8, 1.5)
    true = float(np.convolve(rate, np.full(16, 1 / 16), mode="valid").max())
    inside, cases = 0, 60
    for seed in range(cases):
        rng = np.random.default_rng(seed)
        counts = rng.poisson((rate + 900.0) * scale / 16)
        found = peak_rate(net_curve(counts, at, rng.normal(900.0, 4.0), 4.0), scale, seed)
        value, bias = found.rate_counts_per_s, found.bias_counts_per_s
        assert value.value is not None
        assert value.err_minus is not None
        assert value.err_plus is not None
        assert bias is not None
        own = value.value - bias
        inside += own - value.err_minus <= true <= own + value.err_plus
    assert inside / cases > 0.683 - 3.0 * np.sqrt(0.683 * 0.317 / cases)


def test_gaussian_errors_are_those_of_the_counts() -> None:
    at = edges(-1.0, 8.0, 0.016)
    expected = (truth(centres(at)) + 900.0) * 0.016
    poisson = np.random.default_rng(7).poisson(expected).astype(float)
    rate = [
        peak_rate(net_curve(poisson, at, 900.0, error=error), 0.256, 1).rate_counts_per_s
        for error in (None, np.sqrt(expected))
    ]
    assert rate[0].value == rate[1].value
    assert rate[0].err_plus is not None
    assert rate[1].err_plus == pytest.approx(rate[0].err_plus, rel=0.3)


def test_one_seed_gives_one_result() -> None:
    assert simulated(3, 0.256) == simulated(3, 0.256)


def test_the_window_lies_at_the_peak() -> None:
    found = simulated(1, 0.256)
    assert found.interval_s is not None
    assert found.interval_s[0] < np.sqrt(0.3 * 0.8) + 0.2
    assert found.interval_s[1] > np.sqrt(0.3 * 0.8) - 0.2
    assert found.interval_s[1] - found.interval_s[0] == pytest.approx(0.256)


def test_bins_wider_than_the_window_give_no_peak_rate() -> None:
    at = edges(-1.0, 8.0, 1.0)
    found = peak_rate(net_curve(np.full(9, 900.0), at, 900.0), 0.064, 0)
    assert (found.rate_counts_per_s.value, texts(found.flags)) == (None, ("bins too wide",))


def test_no_window_spans_a_gap() -> None:
    at = edges(0.0, 8.0, 0.016)
    counts = np.where(np.arange(500) % 2 == 0, 100.0, 0.0)
    whole = net_curve(counts, at, 0.0)
    kept = np.arange(500) % 3 != 0
    curve = whole.curve
    pieces = type(curve)(
        curve.instrument,
        curve.detectors,
        curve.band_kev,
        curve.start_s[kept],
        curve.stop_s[kept],
        curve.counts[kept],
        curve.exposure_s[kept],
    )
    found = peak_rate(type(whole)(pieces, whole.fit), 0.064, 0)
    assert texts(found.flags) == ("no window without gap",)
