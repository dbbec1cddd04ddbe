"""Bands consist of each detector's own channels and are named by their edges."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from eclgrmd.analysis.burst import analyse, measure
from eclgrmd.analysis.character import describe
from eclgrmd.analysis.spectral import photon_density
from eclgrmd.model.configuration.sections import DurationChoice, TaskConfiguration
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId, Instrument
from eclgrmd.model.observation import (
    Channels,
    Floats,
    History,
    LightCurve,
    Observation,
    Response,
)
from eclgrmd.model.result import Result
from eclgrmd.model.task import TaskType
from eclgrmd.products.result import encode, result_of
from tests.support.present import present

QUICK = TaskConfiguration(duration=DurationChoice(bootstrap=100, resegment=False))
START_S = np.arange(-60.0, 100.0, 0.256)
CPL = np.array([0.06, -0.8, 250.0])
LASTS_S = 8.0


def channels(*edges_kev: float) -> Channels:
    edges = np.array(edges_kev)
    return Channels(np.arange(len(edges) - 1), edges[:-1], edges[1:])


EIGHT = (4.6, 11.3, 26.8, 49.6, 101.0, 293.0, 538.0, 985.0, 2000.0)


@pytest.mark.parametrize(
    ("edges_kev", "band_kev", "chosen"),
    [
        (EIGHT, (50.0, 300.0), [3, 4]),
        (EIGHT, (10.0, 50.0), [1, 2]),
        ((4.8, 11.9, 28.1, 52.1, 106.0, 307.7, 565.0), (50.0, 300.0), [3, 4]),  # gain 5 % higher
        ((20.0, 80.0, 300.0, 1200.0), (50.0, 300.0), [1]),
        ((25.0, 50.0, 100.0, 300.0), (50.0, 300.0), [1, 2]),
        ((0.0, 15.0, 25.0, 50.0), (15.0, 50.0), [1, 2]),
        ((4.0, 60.0, 120.00001), (4.0, 120.0), [0, 1]),  # an edge rounded beyond the band
        ((8.0, 900.0), (1000.0, 2000.0), []),
        ((25.0, 100.0, 200.0), (25.0, 50.0), []),  # one half in each of two bands: in neither
        (EIGHT, (60.0, 70.0), []),  # less than half of the only channel
        ((10.0, 10.0, 20.0, np.inf), (10.0, 1000.0), [1, 2]),  # no width, no upper limit
    ],
)
def test_a_band_is_made_of_the_channels_that_lie_in_it_by_more_than_half(
    edges_kev: tuple[float, ...], band_kev: tuple[float, float], chosen: list[int]
) -> None:
    assert np.flatnonzero(channels(*edges_kev).nearest(*band_kev)).tolist() == chosen


def response_of(detector: str, own: Channels) -> Response:
    """Return the response of a detector of 100 cm2 with an energy resolution of about 11 %."""
    energy = np.geomspace(5.0, 4000.0, 201)
    middle = np.sqrt(energy[1:] * energy[:-1])
    edges = np.append(own.e_min_kev, own.e_max_kev[-1])
    below = 1.0 / (1.0 + np.exp(-(np.log(edges) - np.log(middle)[:, None]) / 0.06))
    matrix = 100.0 * np.diff(below, axis=1)
    return Response(Instrument.GBM, detector, energy[:-1], energy[1:], matrix, own)


def history_of(response: Response, seed: int) -> History:
    """Draw a history of a cutoff power law that lasts 8 s, over a background."""
    energy = np.sqrt(response.energy_low_kev * response.energy_high_kev)
    width = response.energy_high_kev - response.energy_low_kev
    rate = (photon_density("cpl", CPL, energy) * width) @ response.matrix_cm2
    on = np.clip(np.minimum(START_S + 0.256, LASTS_S) - np.maximum(START_S, 0.0), 0.0, None)
    expected = on[:, None] * rate + 0.256 * 40.0
    return History(
        Instrument.GBM,
        response.detector,
        START_S,
        START_S + 0.256,
        np.random.default_rng(seed).poisson(expected).astype(float),
        np.full(len(START_S), 0.256),
        response.channels,
    )


def seen_by(edges: dict[str, tuple[float, ...]]) -> Observation:
    responses = tuple(response_of(name, channels(*own)) for name, own in edges.items())
    histories = tuple(history_of(r, seed) for seed, r in enumerate(responses))
    return Observation(BurstId("b"), "", 0.0, histories=histories, responses=responses)


def photons(low_kev: float, high_kev: float) -> float:
    """Return the photons/cm2 of the burst in a band, by the trapezoidal rule."""
    energy = np.linspace(low_kev, high_kev, 20_001)
    return LASTS_S * float(np.trapezoid(photon_density("cpl", CPL, energy), energy))


def shifted(factor: float) -> tuple[float, ...]:
    return tuple(factor * edge for edge in EIGHT)


@pytest.mark.parametrize(
    "edges",
    [
        {"n0": (*EIGHT[:3], 54.0, 104.0, 284.0, *EIGHT[6:]), "n1": EIGHT, "n2": shifted(1.03)},
        {"n3": shifted(1.012), "n4": shifted(1.05), "n5": shifted(0.96)},
        {"n0": EIGHT, "n1": (8.0, 40.0, 60.0, 90.0, 150.0, 280.0, 900.0)},
    ],
)
def test_photons_of_detectors_with_other_edges_are_those_of_the_burst(
    edges: dict[str, tuple[float, ...]],
) -> None:
    of = seen_by(edges)
    [found] = present(analyse(of, QUICK, TaskType.TEMPORAL).temporal).durations
    assert found.detectors == tuple(edges)
    photon, (low_kev, high_kev) = present(found.photon_fluence), present(found.band_kev)
    assert photon.band_kev == (max(low_kev, 50.0), min(high_kev, 300.0))
    # 3 sigma of some 10,000 counts, and of the fitted shape
    assert photon.fluence.value == pytest.approx(photons(*photon.band_kev), rel=0.05)


def test_a_detector_that_counts_another_band_is_named() -> None:
    of = seen_by({"n0": EIGHT, "n1": (8.0, 30.0, 70.0, 280.0, 900.0)})
    found = measure(of, QUICK).durations[0]
    assert found.band_kev == (49.6, 293.0)
    assert "n1: band 70-280 instead of 50-300 keV" in texts(found.flags)
    assert not any(flag.startswith("n0") for flag in texts(found.flags))


def test_hardness_and_lag_name_the_edges_that_were_counted() -> None:
    of = seen_by({"n6": EIGHT})
    beside = present(describe(of, measure(of, QUICK).durations[0], QUICK))
    for found in (beside.hardness, beside.lag):
        assert found is not None
        assert (found.soft_band_kev, found.hard_band_kev) == ((11.3, 49.6), (49.6, 293.0))
        assert "n6: band 11.3-49.6 instead of 10-50 keV" in texts(found.flags)
    response = of.responses[0]
    energy = np.sqrt(response.energy_low_kev * response.energy_high_kev)
    width = response.energy_high_kev - response.energy_low_kev
    rate: Floats = (photon_density("cpl", CPL, energy) * width) @ response.matrix_cm2
    true = rate[3:5].sum() / rate[1:3].sum()
    assert beside.hardness is not None
    assert beside.hardness.ratio.value == pytest.approx(true, abs=0.1)


def test_a_channel_wider_than_both_bands_is_in_neither() -> None:
    of = seen_by({"n6": (8.0, 400.0, 2000.0)})
    configuration = msgspec.structs.replace(
        QUICK, duration=DurationChoice(bootstrap=100, band_kev=(8.0, 400.0))
    )
    beside = present(describe(of, measure(of, configuration).durations[0], configuration))
    assert (beside.hardness, beside.lag) == (None, None)
    assert "no data in the soft or the hard band" in texts(beside.flags)


def test_a_light_curve_without_band_gives_a_result_that_says_so() -> None:
    rng = np.random.default_rng(81)
    rate = 150.0 + np.where((START_S > 0.0) & (START_S < LASTS_S), 400.0, 0.0)
    curve = LightCurve(
        Instrument.KONUS,
        ("KW",),
        None,
        START_S,
        START_S + 0.256,
        rng.poisson(0.256 * rate).astype(float),
        np.full(len(START_S), 0.256),
    )
    of = Observation(BurstId("b"), "", 0.0, light_curves=(curve, replace(curve)))
    analysis = analyse(of, QUICK, TaskType.TEMPORAL)
    result = msgspec.json.decode(encode(result_of(analysis, QUICK, ())), type=Result)
    [duration] = result.durations
    assert duration.band_kev is None
    assert "band unknown" in texts(duration.flags)
    # the same curve twice is one curve, not a sum
    assert duration.net_counts is not None
    assert duration.net_counts.value == pytest.approx(400.0 * LASTS_S, rel=0.1)
    assert duration.t90.value_s == pytest.approx(0.9 * LASTS_S, abs=0.6)
