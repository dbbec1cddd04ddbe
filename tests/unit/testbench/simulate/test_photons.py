import numpy as np
import pytest
from msgspec.structs import replace
from scipy.stats import chi2, kstest

from testbench.simulate.burst import Burst
from testbench.simulate.bursts import burst_named
from testbench.simulate.physics.detectors import (
    Detector,
    detectors_of,
    expected_curve,
    quick_curve,
)
from testbench.simulate.physics.photons import (
    Kind,
    Photons,
    draw_photons,
    generator,
    survivors,
)
from tests.unit.testbench.simulate import naive

LONG = burst_named("long")


def _drawn(burst: Burst, index: int, seed: int = 3) -> tuple[Detector, Photons]:
    detector = detectors_of(burst)[index]
    return detector, draw_photons(burst, detector, generator(seed, burst, detector.name))


@pytest.mark.parametrize("rate", [1e3, 3e4, 4e5])
def test_dead_time_loses_the_same_events_as_one_by_one(rate: float) -> None:
    time = np.cumsum(np.random.default_rng(1).exponential(1 / rate, 20_000))
    assert survivors(time, 8e-6).tolist() == naive.recorded(time, 8e-6)


@pytest.mark.parametrize("index", [0, 1, 3])
def test_counts_by_channel_agree_with_the_folded_model(index: int) -> None:
    burst = replace(LONG, width_index=0.0, window_s=(-20.0, 60.0))
    detector, photons = _drawn(burst, index)
    response = detector.response
    edges = zip(response.energy_low_kev, response.energy_high_kev, strict=True)
    photons_cm2 = np.array([naive.photons_in(a, b, 180, -0.9, -2.4) for a, b in edges])
    seconds = detector.background.relative(np.linspace(-20, 60, 80_001)).mean() * 80
    expected = burst.amplitude * photons_cm2 @ response.matrix_cm2
    expected += detector.background.per_channel_hz * seconds
    if detector.dead_time_s:  # of a few tenths of a per cent, nearly the same for all channels
        expected *= photons.good.time_s.size / expected.sum()
    counts = np.bincount(photons.good.channel, minlength=expected.size)
    used = expected > 10
    deviation = ((counts - expected)[used] ** 2 / expected[used]).sum()
    assert 1e-3 < chi2.sf(deviation, used.sum()) < 1 - 1e-3


def test_photons_arrive_when_the_expected_count_curve_says() -> None:
    detector, photons = _drawn(LONG, 0)
    edges = np.arange(-50.0, 100.5, 1.0)
    bins = np.stack([edges[:-1], edges[1:]], axis=1)
    expected = expected_curve(LONG, (detector,), bins)
    rate = detector.background.per_channel_hz.sum()
    expected += rate * detector.background.seconds(edges[:-1], edges[1:])
    counts = np.histogram(photons.time_s, edges)[0]
    deviation = ((counts - expected) ** 2 / expected).sum()
    assert 1e-3 < chi2.sf(deviation, expected.size) < 1 - 1e-3


def test_recorded_rate_of_a_bright_burst_is_what_dead_time_leaves() -> None:
    burst = burst_named("very-bright")
    detector, photons = _drawn(burst, 1)
    peak = np.array([[2.6, 3.0]])
    true = (
        expected_curve(burst, (detector,), peak).sum() + detector.background.counts(peak).sum() + 12
    )
    inside = (photons.time_s >= 2.6) & (photons.time_s < 3.0)
    expected = true / (1 + true / 0.4 * 8e-6)
    assert true / 0.4 > 20_000
    assert inside.sum() == pytest.approx(expected, abs=5 * np.sqrt(expected))


def test_background_alone_is_uniform_where_its_rate_is_constant() -> None:
    burst = replace(burst_named("no-burst"), drift=(0.0, 0.0))
    _, photons = _drawn(burst, 1)
    assert kstest((photons.time_s + 45) / 90, "uniform").pvalue > 1e-3


def test_no_photon_comes_in_a_cut() -> None:
    burst = burst_named("gap")
    for index in (0, 1):
        _, photons = _drawn(burst, index)
        assert not ((photons.time_s > 7.0) & (photons.time_s < 12.0)).any()


def test_every_grm_detector_records_events_that_are_not_good() -> None:
    _, photons = _drawn(LONG, 2)
    share = (photons.kind != Kind.GOOD).mean()
    assert 0.01 < share < 0.03
    assert (photons.channel[photons.kind == Kind.OVERFLOW] >= 256).all()
    assert (photons.good.channel < 256).all()


def test_the_same_seed_draws_the_same_photons_and_another_one_others() -> None:
    first, again, other = (_drawn(LONG, 1, seed)[1].time_s for seed in (7, 7, 8))
    assert (first == again).all()
    assert first.size != other.size


def test_the_quick_curve_is_that_of_each_energy() -> None:
    detectors = tuple(each for each in detectors_of(LONG) if each.name != "ECL")
    edges = np.arange(-5.0, 60.0, 0.064)
    bins = np.stack([edges[:-1], edges[1:]], axis=1)
    inside = detectors[0].response.channels.inside(15.0, 5000.0)
    exact = expected_curve(LONG, detectors, bins, inside)
    quick = quick_curve(LONG, detectors, bins, inside)
    assert quick.sum() == pytest.approx(exact.sum(), rel=1e-5)
    assert np.abs(quick - exact).max() < 1e-3 * exact.max()
