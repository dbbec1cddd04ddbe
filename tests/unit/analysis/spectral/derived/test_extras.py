"""Goodness of fit, rest-frame energies, and flags for the origin of errors."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from astropy.cosmology import Planck18
from scipy.integrate import quad

from eclgrmd.analysis.burst import fit_burst
from eclgrmd.analysis.spectral.derived import flux
from eclgrmd.analysis.spectral.results import IntervalFits, SpectralFit
from eclgrmd.model.configuration.sections import SpectralChoice, TaskConfiguration
from eclgrmd.model.flags import texts
from eclgrmd.model.names import BurstId
from eclgrmd.model.observation import Observation, Spectrum
from tests.support.bursts.toy_spectra import simulate, toy_response
from tests.support.present import present


def first_fit(spectrum: Spectrum, choice: SpectralChoice) -> SpectralFit:
    observation = Observation(BurstId("b"), "", 0.0, spectra=(spectrum,))
    configuration = TaskConfiguration(spectral=choice)
    return fit_burst(observation, None, configuration).intervals[0].models[0]


def test_a_right_model_is_good_and_a_wrong_one_is_not() -> None:
    spectrum = simulate(np.random.default_rng(31), toy_response("n0"), exposure_s=40.0)
    right, wrong = (
        present(first_fit(spectrum, SpectralChoice(models=(model,), goodness_spectra=100)).goodness)
        for model in ("band", "pl")
    )
    assert present(right.p_value) > 0.02
    assert wrong.p_value == pytest.approx(1 / 101)
    # PGSTAT of a right model is near its channels less parameters, with the width of chi-square
    assert right.statistic_mean == pytest.approx(60, abs=12)
    assert right.statistic_std == pytest.approx(np.sqrt(2 * 60), rel=0.35)


def test_eiso_is_the_fluence_over_the_sphere() -> None:
    spectrum = simulate(np.random.default_rng(32), toy_response("n0"), exposure_s=40.0)
    z = 1.5
    fit = first_fit(
        spectrum,
        SpectralChoice(models=("band",), redshift=z, flux_bands_kev=((1 / 2.5, 1e4 / 2.5),)),
    )
    (rest,) = fit.rest_frame
    distance_cm = Planck18.luminosity_distance(z).to_value("cm")
    fluence = present(fit.fluence_erg[0].value)
    assert rest.eiso_erg.value == pytest.approx(
        4 * np.pi * distance_cm**2 * fluence / (1 + z), rel=1e-6
    )
    assert rest.liso_erg_s.value == pytest.approx(present(rest.eiso_erg.value) * (1 + z) / 40.0)
    epeak = fit.parameters["epeak_kev"]
    assert rest.epeak_kev.value == pytest.approx(2.5 * present(epeak.value))
    assert rest.epeak_kev.err_plus == pytest.approx(2.5 * present(epeak.err_plus))


def test_extras_are_only_made_when_asked_for() -> None:
    spectrum = simulate(np.random.default_rng(33), toy_response("n0"))
    fit = first_fit(replace(spectrum), SpectralChoice(models=("cpl",), goodness_spectra=0))
    assert fit.goodness is None
    assert fit.posterior is None


def eiso_by_hand(
    z: float, duration_s: float, amplitude: float, alpha: float, epeak_kev: float, beta: float
) -> float:
    """Return Eiso, erg, of a Band spectrum in a flat universe of matter and dark energy."""
    hubble_km_s_mpc, matter, mpc_cm, erg_per_kev = 67.66, 0.3111, 3.0857e24, 1.602177e-9
    path, _ = quad(lambda x: (matter * (1 + x) ** 3 + 1 - matter) ** -0.5, 0.0, z)
    distance_cm = (1 + z) * float(path) * 299792.458 / hubble_km_s_mpc * mpc_cm
    folding_kev = epeak_kev / (2 + alpha)
    bend_kev = (alpha - beta) * folding_kev

    def energy_density(energy_kev: float) -> float:
        if energy_kev < bend_kev:
            shape = math.pow(energy_kev / 100, alpha) * math.exp(-energy_kev / folding_kev)
        else:
            joint = math.pow(bend_kev / 100, alpha - beta) * math.exp(beta - alpha)
            shape = joint * math.pow(energy_kev / 100, beta)
        return energy_kev * amplitude * shape

    low, high = 1 / (1 + z), 1e4 / (1 + z)
    edges = [low, min(max(bend_kev, low), high), high]
    flux_kev = sum(float(quad(energy_density, a, b, limit=200)[0]) for a, b in pairwise(edges))
    return 4 * math.pi * distance_cm**2 * flux_kev * erg_per_kev * duration_s / (1 + z)


def test_without_a_redshift_there_is_a_table_of_energies() -> None:
    spectrum = simulate(np.random.default_rng(34), toy_response("n0"), exposure_s=40.0)
    fit = first_fit(spectrum, SpectralChoice(models=("band",)))
    values = [present(p.value) for p in fit.parameters.values()]
    assert (fit.rest_frame[0].redshift, fit.rest_frame[-1].redshift) == (0.1, 10.0)
    for row in fit.rest_frame:
        assert row.assumed
        assert "Planck" in row.cosmology
        # radiation and the mass of neutrinos, which are left out by hand, change 0.4 % at z = 10
        assert row.eiso_erg.value == pytest.approx(
            eiso_by_hand(row.redshift, 40.0, *values), rel=6e-3
        )
        assert row.epeak_kev.value == pytest.approx((1 + row.redshift) * values[2])


def test_errors_of_a_flux_whose_profile_cannot_be_traced_are_flagged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spectrum = simulate(np.random.default_rng(35), toy_response("n0"), exposure_s=100.0)
    choice = SpectralChoice(models=("band",), flux_bands_kev=((10.0, 1000.0),))
    traced = first_fit(spectrum, choice)
    monkeypatch.setattr(flux, "_edge", lambda *_: None)
    untraced = first_fit(spectrum, choice)
    assert "flux errors from covariance" not in texts(traced.flags)
    assert "flux errors from covariance" in texts(untraced.flags)
    exact, rough = traced.flux[0].energy_erg, untraced.flux[0].energy_erg
    assert rough.value == exact.value
    assert rough.err_minus == rough.err_plus
    # the likelihood of a bright burst is nearly Gaussian
    assert rough.err_plus == pytest.approx(
        0.5 * (present(exact.err_minus) + present(exact.err_plus)), rel=0.1
    )


UNUSED = "n0: systematic errors count only in chi2"
POWER_LAW = SpectralChoice(models=("pl",))


def interval_of(spectrum: Spectrum, choice: SpectralChoice = POWER_LAW) -> IntervalFits:
    observation = Observation(BurstId("b"), "", 0.0, spectra=(spectrum,))
    configuration = TaskConfiguration(spectral=choice)
    return fit_burst(observation, None, configuration).intervals[0]


def test_systematic_errors_are_flagged_where_the_statistic_has_no_place_for_them() -> None:
    plain = simulate(
        np.random.default_rng(36), toy_response("n0"), "pl", np.array([0.03, -1.5]), exposure_s=60.0
    )
    doubtful = replace(plain, systematic=np.full(64, 0.1))
    without, unused = interval_of(plain), interval_of(doubtful)
    assert UNUSED not in texts(without.flags)
    assert UNUSED in texts(unused.flags)
    assert unused.models[0].statistic_value == without.models[0].statistic_value


def test_chi_square_uses_systematic_errors() -> None:
    plain = simulate(
        np.random.default_rng(37), toy_response("n0"), "pl", np.array([0.03, -1.5]), exposure_s=60.0
    )
    doubtful = replace(plain, systematic=np.full(64, 0.1))
    without, used = (
        interval_of(s, SpectralChoice(models=("pl",), statistic="chi2")) for s in (plain, doubtful)
    )
    assert UNUSED not in texts(used.flags)
    index = [present(i.models[0].parameters["index"].err_plus) for i in (without, used)]
    assert index[1] > 1.2 * index[0]


def test_systematic_errors_of_channels_that_are_not_fitted_are_not_flagged() -> None:
    spectrum = simulate(np.random.default_rng(38), toy_response("n0"))
    systematic = np.zeros(64)
    systematic[0] = 0.1
    choice = SpectralChoice(models=("pl",), energy_kev={"GBM": (50.0, 900.0)})
    interval = interval_of(replace(spectrum, systematic=systematic), choice)
    assert not interval.used[0][0]
    assert UNUSED not in texts(interval.flags)
