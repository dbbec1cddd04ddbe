import numpy as np
import pytest
from msgspec.structs import replace
from scipy.stats import chi2

from testbench.simulate.binning import light_curve, spectrum
from testbench.simulate.burst import Trap
from testbench.simulate.bursts import burst_named
from testbench.simulate.observation import simulate_binned, simulate_observation
from testbench.simulate.physics.detectors import detectors_of
from testbench.simulate.physics.photons import draw_photons, generator
from testbench.simulate.population import random_burst
from testbench.simulate.truth import truth_of
from tests.support.present import present

SHORT = burst_named("short")


def test_an_observation_has_events_and_responses_of_all_detectors() -> None:
    observation = simulate_observation(SHORT, 1)
    names = ["ECL", "GRD01", "GRD02", "GRD03"]
    assert [e.detector for e in observation.events] == names
    assert [r.detector for r in observation.responses] == names
    for events in observation.events:
        assert (np.diff(events.time_s) >= 0).all()
        assert events.gti_s.tolist() == [list(SHORT.window_s)]
    assert observation.t0_utc == "2026-11-03T17:40:02.500000Z"


def test_instruments_without_data_are_left_out() -> None:
    hard = simulate_observation(burst_named("hard"), 1)
    assert [e.detector for e in hard.events] == ["GRD01", "GRD02", "GRD03"]
    soft = simulate_binned(burst_named("soft"), 1)
    assert [s.detector for s in soft.spectra] == ["ECL"]


def test_the_same_seed_gives_the_same_observation() -> None:
    first, again, other = (simulate_observation(SHORT, seed) for seed in (4, 4, 5))
    assert (first.events[2].time_s == again.events[2].time_s).all()
    assert first.events[2].time_s.size != other.events[2].time_s.size


def test_dead_time_of_events_that_are_not_good_is_shared_by_the_good_ones() -> None:
    assert 8e-6 < simulate_observation(SHORT, 1).events[1].dead_time_s < 8.4e-6


@pytest.mark.parametrize("name", ["short", "gap"])
def test_binned_light_curves_scatter_like_those_of_photons(name: str) -> None:
    burst = replace(burst_named(name), window_s=(-10.0, 20.0))
    curve = simulate_binned(burst, 1, 0.064).light_curves[1]
    grm = [d for d in detectors_of(burst) if d.instrument == "GRM"]
    recorded = tuple((d, draw_photons(burst, d, generator(2, burst, d.name))) for d in grm)
    other = light_curve(burst, recorded, present(curve.band_kev), 0.064)
    assert (curve.start_s == other.start_s).all()
    corrected = other.counts * (other.stop_s - other.start_s) / other.exposure_s
    deviation = ((curve.counts - corrected) ** 2 / (curve.counts + corrected)).sum()
    assert 1e-4 < chi2.sf(deviation, curve.counts.size) < 1 - 1e-4


def test_light_curve_bins_lie_in_good_time_with_an_edge_at_t0() -> None:
    curve = simulate_binned(burst_named("gap"), 1).light_curves[0]
    inside = (curve.start_s < 12.0) & (curve.stop_s > 7.0)
    assert not inside.any()
    assert np.min(np.abs(curve.start_s)) == 0.0


def test_ready_made_spectra_subtract_to_the_expected_counts() -> None:
    burst = burst_named("long")
    detector = detectors_of(burst)[1]
    rng = generator(9, burst, "test")
    photons = draw_photons(burst, detector, rng)
    made = spectrum(burst, detector, photons, rng)
    background = present(made.background)
    net = made.counts - background.counts
    error = np.sqrt(made.counts + present(background.error) ** 2)
    live = present(truth_of(burst).spectrum).live_s
    expected = detector.photon_counts(burst).sum(axis=0) * made.exposure_s / live
    used = made.counts > 20
    deviation = (((net - expected) / error)[used] ** 2).sum()
    assert chi2.sf(deviation, used.sum()) > 1e-3
    assert present(made.good).sum() == 256


def test_exposure_of_a_spectrum_is_the_live_time_that_the_burst_had() -> None:
    burst = burst_named("very-bright")
    detector = detectors_of(burst)[1]
    rng = generator(9, burst, "test")
    photons = draw_photons(burst, detector, rng)
    made = spectrum(burst, detector, photons, rng)
    start, stop = burst.interval_s
    edges = np.arange(start, stop + 0.01, 0.1)
    recorded = np.histogram(photons.time_s, edges)[0]
    live = 1 - 8e-6 * recorded / 0.1
    net = recorded / live - 0.1 * 1430.0
    assert made.exposure_s == pytest.approx(
        (stop - start) * np.average(live, weights=net), rel=2e-3
    )
    assert made.exposure_s < 0.9 * (stop - start)
    assert present(made.background).counts.sum() == pytest.approx(
        detector.background.counts(np.array([burst.interval_s])).sum() * live.mean(), rel=5e-3
    )


def test_traps_that_change_photons_are_in_observations_too() -> None:
    burst = replace(SHORT, traps=(Trap.SAA,))
    observation = simulate_observation(burst, 1)
    assert all(e.time_s[-1] < 1.0 for e in observation.events)


@pytest.mark.parametrize("seed", range(8))
def test_random_bursts_fit_their_window_and_have_a_truth(seed: int) -> None:
    burst = random_burst(seed)
    assert burst == random_burst(seed)
    truth = truth_of(burst)
    assert truth.flags == ()
    assert burst.window_s[0] < burst.interval_s[0] - 30
    assert burst.window_s[1] > burst.interval_s[1] + 30
    assert all(d.t90.value_s > 0.02 for d in truth.durations)
    assert present(truth.spectrum).whole_fluence_erg_cm2 == burst.fluence_erg_cm2
