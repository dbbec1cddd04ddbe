"""Goodness of fit and energies in the burst's frame."""

from dataclasses import replace

import numpy as np
import pytest
from astropy.cosmology import Planck18

from eclgrmd.analysis.spectral import fit_burst
from eclgrmd.model.configuration import SpectralChoice, TaskConfiguration
from eclgrmd.model.names import BurstId
from eclgrmd.model.observation import Observation

from .conftest import toy_response


def first_fit(spectrum, **parts):
    observation = Observation(BurstId("b"), "", 0.0, spectra=(spectrum,))
    configuration = TaskConfiguration(spectral=SpectralChoice(**parts))
    return fit_burst(observation, None, configuration).intervals[0].fits[0]


def test_a_right_model_is_good_and_a_wrong_one_is_not(simulate):
    spectrum = simulate(np.random.default_rng(31), toy_response("n0"), exposure_s=40.0)
    right = first_fit(spectrum, models=("band",), goodness_spectra=100).goodness
    wrong = first_fit(spectrum, models=("pl",), goodness_spectra=100).goodness
    assert right.p_value > 0.02
    assert wrong.p_value == pytest.approx(1 / 101)
    # PGSTAT of a right model is near its channels less parameters, with the width of chi-square
    assert right.statistic_mean == pytest.approx(60, abs=12)
    assert right.statistic_std == pytest.approx(np.sqrt(2 * 60), rel=0.35)


def test_eiso_is_the_fluence_over_the_sphere(simulate):
    spectrum = simulate(np.random.default_rng(32), toy_response("n0"), exposure_s=40.0)
    z = 1.5
    fit = first_fit(spectrum, models=("band",), redshift=z, flux_bands_kev=((1 / 2.5, 1e4 / 2.5),))
    (rest,) = fit.rest_frame
    distance_cm = Planck18.luminosity_distance(z).to_value("cm")
    fluence = fit.fluences[0].energy_erg.value
    assert rest.eiso_erg.value == pytest.approx(
        4 * np.pi * distance_cm**2 * fluence / (1 + z), rel=1e-6
    )
    assert rest.liso_erg_s.value == pytest.approx(rest.eiso_erg.value * (1 + z) / 40.0)
    epeak = next(p for p in fit.parameters if p.name == "epeak_kev")
    assert rest.epeak_kev.value == pytest.approx(2.5 * epeak.value)
    assert rest.epeak_kev.err_plus == pytest.approx(2.5 * epeak.err_plus)


def test_extras_are_only_made_when_asked_for(simulate):
    spectrum = simulate(np.random.default_rng(33), toy_response("n0"))
    fit = first_fit(replace(spectrum), models=("cpl",), goodness_spectra=0)
    assert fit.goodness is None
    assert fit.posterior is None
