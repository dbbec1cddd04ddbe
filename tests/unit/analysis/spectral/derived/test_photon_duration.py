"""Photon durations of simulated bursts with known photon flux and spectral evolution."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from eclgrmd.analysis.burst import measure
from eclgrmd.analysis.spectral import photon_density, photon_durations
from eclgrmd.analysis.spectral.derived.conversion import cut_burst
from eclgrmd.analysis.temporal.results import DurationMeasurement, PhotonDuration
from eclgrmd.formats import read_observation
from eclgrmd.model.configuration.sections import (
    BackgroundChoice,
    DurationChoice,
    MethodName,
    TaskConfiguration,
)
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import EventList, Floats, Observation, Response
from tests.support.bursts.toy_spectra import expected_counts, toy_response
from tests.support.present import present

QUICK = TaskConfiguration(duration=DurationChoice(bootstrap=300))
BAND_KEV = (50.0, 300.0)
EDGES_S = np.array([0.0, 6.0, 14.0, 36.0])
SPECTRA = (
    np.array([0.04, -0.3, 900.0]),
    np.array([0.04, -0.8, 300.0]),
    np.array([0.06, -1.1, 60.0]),
)
"""Cutoff power laws, one after the other: the photons of the hard ones leave more counts."""
RATE = 8.0


def flux(values: Floats, low_kev: float, high_kev: float) -> float:
    """Return photons/cm2/s in a band, by the trapezoidal rule."""
    energy = np.linspace(low_kev, high_kev, 20_001)
    return float(np.trapezoid(photon_density("cpl", values, energy), energy))


def crossing_times(rates: Floats) -> Floats:
    """Return the times of 5, 25, 75 and 95 % of the total for constant rates between edges."""
    cumulative = np.concatenate([[0.0], np.cumsum(rates * np.diff(EDGES_S))])
    shares = np.array([0.05, 0.25, 0.75, 0.95])
    times: Floats = np.interp(shares * cumulative[-1], cumulative, EDGES_S)
    return times


def leaky_response() -> Response:
    """Return a response in which some photons deposit only part of their energy."""
    response = toy_response()
    middle = np.sqrt(response.energy_low_kev * response.energy_high_kev)
    below = response.channels.e_max_kev < middle[:, None]
    leak = 60.0 * below / np.maximum(below.sum(axis=1, keepdims=True), 1)
    return replace(response, matrix_cm2=response.matrix_cm2 + leak)


def draw(seed: int) -> Observation:
    """Draw the events of a burst in a detector, from -60 to 120 s."""
    rng, response = np.random.default_rng(seed), leaky_response()
    times, channels = [], []
    for start, stop, values in zip(EDGES_S[:-1], EDGES_S[1:], SPECTRA, strict=True):
        counts = rng.poisson(expected_counts(response, "cpl", values, stop - start))
        channels.append(np.repeat(np.arange(64), counts))
        times.append(rng.uniform(start, stop, counts.sum()))
    noise = rng.poisson(np.full(64, RATE * 180.0))
    channels.append(np.repeat(np.arange(64), noise))
    times.append(rng.uniform(-60.0, 120.0, noise.sum()))
    time, channel = np.concatenate(times), np.concatenate(channels)
    order = np.argsort(time)
    events = EventList(
        Instrument.GBM,
        "n0",
        time[order],
        channel[order].astype(np.int16),
        response.channels,
        np.array([[-60.0, 120.0]]),
    )
    return Observation(BurstId("b"), "", 0.0, events=(events,), responses=(response,))


def measured(seed: int) -> tuple[DurationMeasurement, PhotonDuration]:
    observation = draw(seed)
    analysis = measure(observation, QUICK)
    [photon] = photon_durations(observation, analysis, QUICK)
    assert photon is not None
    return analysis.durations[0], photon


@pytest.fixture(scope="module")
def many() -> list[tuple[DurationMeasurement, PhotonDuration]]:
    return [measured(seed) for seed in range(12)]


def truth(found: PhotonDuration) -> tuple[float, float, float]:
    """Return the true T90, T50 and photons/cm2 in the measured band."""
    rates = np.array([flux(values, *found.band_kev) for values in SPECTRA])
    times = crossing_times(rates)
    fluence = float((rates * np.diff(EDGES_S)).sum())
    return times[3] - times[0], times[2] - times[1], fluence


def test_photon_durations_hold_the_truth_as_often_as_their_errors_say(
    many: list[tuple[DurationMeasurement, PhotonDuration]],
) -> None:
    for pick in (0, 1):
        pulls = []
        for _, photon in many:
            width, true = (photon.t90, photon.t50)[pick], truth(photon)[pick]
            off = present(width.value_s) - true
            pulls.append(off / present(width.err_minus_s if off > 0 else width.err_plus_s))
        # 12 pulls of unit spread: mean 0 +- 0.29, spread 1 +- 0.2; the error of T90 allows for
        # undetected tails, which a burst that ends as sharply as this one has not
        assert abs(np.mean(pulls)) < 1.2
        assert (0.3, 0.4)[pick] < np.sqrt(np.mean(np.square(pulls))) < 1.8


def test_the_photon_fluence_is_that_of_the_truth(
    many: list[tuple[DurationMeasurement, PhotonDuration]],
) -> None:
    pulls = [
        (present(p.fluence.value) - truth(p)[2]) / present(p.fluence.err_plus) for _, p in many
    ]
    assert abs(np.mean(pulls)) < 1.2


def test_counts_of_a_burst_that_softens_give_another_duration_than_photons(
    many: list[tuple[DurationMeasurement, PhotonDuration]],
) -> None:
    """The hard first part has a larger fraction of the counts than of the photons."""
    counts = np.mean([found.t50.value_s for found, _ in many])
    photons = np.mean([photon.t50.value_s for _, photon in many])
    response = leaky_response()
    rates = [expected_counts(response, "cpl", values, 1.0) for values in SPECTRA]
    inside = response.channels.nearest(*BAND_KEV)
    times = crossing_times(np.array([rate[inside].sum() for rate in rates]))
    true = truth(many[0][1])[1]
    assert counts == pytest.approx(times[2] - times[1], rel=0.05)
    assert photons == pytest.approx(true, rel=0.05)
    assert true > 1.1 * (times[2] - times[1])


def test_intervals_hold_enough_signal_and_all_of_the_burst(
    many: list[tuple[DurationMeasurement, PhotonDuration]],
) -> None:
    found, photon = many[0]
    assert found.t100_s is not None
    assert (photon.intervals_s[0], photon.intervals_s[-1]) == found.t100_s
    assert np.all(np.diff(photon.intervals_s) > 0)
    assert len(photon.photons_per_count) == len(photon.intervals_s) - 1 >= 3
    assert np.all(np.array(photon.relative_errors) < 0.1)


def test_a_faint_burst_is_one_interval(
    many: list[tuple[DurationMeasurement, PhotonDuration]],
) -> None:
    found, _ = many[0]
    assert found.t100_s is not None
    faint = structs.replace(found, background_counts=found.curve.counts - 0.01)
    assert cut_burst(faint, found.t100_s).tolist() == list(found.t100_s)


def test_without_a_response_there_are_no_photons() -> None:
    observation = replace(draw(0), responses=())
    assert photon_durations(observation, measure(observation, QUICK), QUICK) == (None,)


@pytest.mark.data
@pytest.mark.parametrize("method", ["blocks", "gbm_catalogue"])
def test_a_burst_of_the_gbm_catalogue_has_its_photon_durations(
    method: MethodName, shared_data: Path
) -> None:
    """GRB 080916C: T90 62.977 s, T50 32.000 s from 6.656 s; tolerances of the reference entry.

    The intervals are those of the catalogue.
    """
    folder = shared_data / "fermi-gbm" / "bn080916009"
    names = (
        "glg_tte_n3_bn080916009_v01.fit.gz",
        "glg_tte_b0_bn080916009_v01.fit.gz",
        "glg_cspec_n3_bn080916009_v00.rsp2",
        "glg_cspec_b0_bn080916009_v00.rsp2",
    )
    observation = read_observation([folder / name for name in names], burst_id=BurstId("b"))
    configuration = structs.replace(QUICK, duration=DurationChoice(method=method, bootstrap=300))
    if method == "gbm_catalogue":
        background = BackgroundChoice("intervals", ((-40.1, -6.25), (105.21, 146.35)), order=2)
        configuration = structs.replace(configuration, background=background)
    [photon] = photon_durations(observation, measure(observation, configuration), configuration)
    assert photon is not None
    assert photon.t90.value_s == pytest.approx(62.9768, abs=2.5)
    assert photon.t50.value_s == pytest.approx(32.0004, abs=1.0)
    assert photon.t50.start_s == pytest.approx(6.65606, abs=1.0)
    assert (photon.t90.interval95_s is None) == (method == "gbm_catalogue")
