import itertools

import numpy as np
import pytest
from scipy.integrate import quad

from testbench.simulate.physics.spectra import PhotonSpectrum
from tests.unit.testbench.simulate import naive

EDGES = np.geomspace(4.0, 8000.0, 61)


@pytest.mark.parametrize(("epeak", "alpha", "beta"), [(180, -0.9, -2.4), (26, -1.0, -2.6)])
def test_photons_in_a_bin_are_the_integral_of_the_band_function(
    epeak: int, alpha: float, beta: float
) -> None:
    photons = PhotonSpectrum(epeak, alpha, beta).photons(EDGES[:-1], EDGES[1:])
    expected = [naive.photons_in(a, b, epeak, alpha, beta) for a, b in itertools.pairwise(EDGES)]
    np.testing.assert_allclose(photons, expected, rtol=1e-6)


def test_without_beta_the_spectrum_is_a_cutoff_power_law() -> None:
    spectrum = PhotonSpectrum(120.0, -1.1)
    energy = np.array([5.0, 120.0, 2000.0])
    expected = (energy / 100) ** -1.1 * np.exp(-energy * 0.9 / 120)
    np.testing.assert_allclose(spectrum.density(energy), expected)
    assert spectrum.model == "cpl"


def test_energy_of_a_band_peaks_in_e2n_at_epeak() -> None:
    spectrum = PhotonSpectrum(250.0, -0.8, -2.5)
    energy = np.geomspace(10, 1000, 100_001)
    assert energy[np.argmax(energy**2 * spectrum.density(energy))] == pytest.approx(250, rel=1e-3)


def test_energy_fluence_agrees_with_quadrature() -> None:
    spectrum = PhotonSpectrum(250.0, -0.8, -2.5)
    kev = quad(lambda e: e * naive.band(e, 250, -0.8, -2.5), 10, 1000, limit=200)[0]
    assert spectrum.energy_erg(10.0, 1000.0) == pytest.approx(kev * 1.602176634e-9, rel=1e-6)
