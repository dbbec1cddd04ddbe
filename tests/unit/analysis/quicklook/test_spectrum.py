"""The fit of a coarse spectrum of a few bands finds the simulated peak energy."""

import numpy as np
import pytest

from eclgrmd.analysis.quicklook.burst import GrowingBurst
from eclgrmd.analysis.quicklook.histories import response_in_bands
from eclgrmd.model.flags import texts
from eclgrmd.model.names import Instrument
from eclgrmd.model.observation import Channels, Response
from testbench.quicklook.counts import FineCounts
from testbench.quicklook.sequence import make_sequence

BANDS = ((8.54, 17.08), (17.08, 51.24), (51.24, 264.7), (264.7, 5000.0))
EDGES = np.array(BANDS)
CHANNELS = Channels(np.arange(4), EDGES[:, 0], EDGES[:, 1])


def diagonal(detector: str) -> Response:
    """Return a response of 100 cm2 with perfect energy resolution."""
    edges = np.geomspace(8.54, 5000.0, 201)
    low, high = edges[:-1], edges[1:]
    channels = Channels(np.arange(200), low, high)
    return Response(Instrument.GRM, detector, low, high, 100.0 * np.eye(200), channels)


def test_channels_are_summed_over_bands() -> None:
    response = diagonal("GRD01")
    folded = response_in_bands(response, CHANNELS)
    assert folded.matrix_cm2.shape == (200, 4)
    assert folded.matrix_cm2.sum() == pytest.approx(response.matrix_cm2.sum())


def test_the_peak_energy_is_found() -> None:
    detectors = ("GRD01", "GRD02")
    response = diagonal("GRD01")
    energy = np.sqrt(response.energy_low_kev * response.energy_high_kev)
    width = response.energy_high_kev - response.energy_low_kev
    alpha, epeak = -0.8, 200.0
    photons = 0.02 * (energy / 100.0) ** alpha * np.exp(-(2.0 + alpha) * energy / epeak) * width
    folded = photons @ response_in_bands(response, CHANNELS).matrix_cm2
    edges = np.arange(-1000, 2500) * 0.064
    on = ((edges >= 1.0) & (edges < 11.0))[:, None, None]
    expected = 0.064 * (100.0 + on * folded[None, None, :] * np.ones((1, 2, 1)))
    counts = np.random.default_rng(2).poisson(expected).astype(float)
    source = FineCounts(
        Instrument.GRM, detectors, BANDS, float(edges[0]), counts, np.ones(len(edges))
    )
    stream = GrowingBurst({name: diagonal(name) for name in detectors})
    for sent in make_sequence("sb26010101", 3.2e8, [source]):
        stream.add(sent.packet)
    found = stream.measure()
    assert found is not None
    assert found.spectrum is not None
    fitted = found.spectrum.models[0].parameters
    peak = fitted["epeak_kev"]
    assert peak.value is not None
    assert abs(peak.value - epeak) < 3.0 * max(peak.err_plus or 0.0, peak.err_minus or 0.0)
    assert max(peak.err_plus or 0.0, peak.err_minus or 0.0) < 50.0


def test_without_responses_a_flag_says_why_there_is_no_spectrum() -> None:
    counts = np.full((3500, 1, 4), 10.0)
    counts[1100:1300] += 40.0
    source = FineCounts(Instrument.GRM, ("GRD01",), BANDS, -64.0, counts, np.ones(3500))
    stream = GrowingBurst()
    for sent in make_sequence("sb26010101", 3.2e8, [source]):
        stream.add(sent.packet)
    found = stream.measure()
    assert found is not None
    assert found.spectrum is None
    assert texts(found.flags) == ("no spectrum: no response of these detectors",)
