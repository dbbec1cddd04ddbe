"""Model comparison: information criteria, likelihood ratios and nested models."""

import numpy as np
import pytest

from eclgrmd.analysis.spectral.derived.comparison import (
    contains,
    information_criteria,
    with_likelihood_ratios,
)
from eclgrmd.analysis.spectral.fit_interval import fit_spectra
from eclgrmd.analysis.spectral.results import SpectralFit
from eclgrmd.analysis.spectral.spectra.intervals import SpectrumInterval
from eclgrmd.model.configuration.sections import SpectralChoice
from tests.support.bursts.toy_spectra import simulate, toy_response
from tests.support.present import present


def fit_of(name: str, statistic: float, dof: int) -> SpectralFit:
    return SpectralFit(name, False, statistic, dof, {}, (), (), (), folded=(), nufnu=None)


def ratio_of(drop: float, extra: int) -> float:
    fits = with_likelihood_ratios(
        (fit_of("band", 100.0, 60 - extra), fit_of("pl", 100.0 + drop, 60))
    )
    assert fits[1].likelihood_ratios == ()
    (ratio,) = fits[0].likelihood_ratios
    assert ratio.simpler == "pl"
    assert ratio.improvement == pytest.approx(drop)
    assert ratio.extra_parameters == extra
    return present(ratio.p_value)


@pytest.mark.parametrize(
    ("drop", "extra", "chance"),
    # quantiles of chi-square from printed tables
    [(3.841, 1, 0.05), (10.828, 1, 0.001), (5.991, 2, 0.05), (9.210, 2, 0.01), (0.0, 2, 1.0)],
)
def test_the_chance_of_a_drop_is_that_of_chi_square(drop: float, extra: int, chance: float) -> None:
    assert ratio_of(drop, extra) == pytest.approx(chance, rel=1e-3)


def test_a_richer_model_that_fits_worse_is_no_evidence() -> None:
    assert ratio_of(-0.3, 2) == 1.0


def test_models_of_as_many_parameters_are_not_compared() -> None:
    fits = with_likelihood_ratios((fit_of("cpl", 100.0, 57), fit_of("ottb", 104.0, 57)))
    assert fits[0].likelihood_ratios == ()


@pytest.mark.parametrize(
    ("richer", "simpler", "expected"),
    [
        ("band", "cpl", True),
        ("cpl", "band", False),
        ("band", "sbpl", False),
        ("band+bb", "band", True),
        ("band+bb", "cpl+bb", True),
        ("band+bb", "bb", True),
        ("cpl+bb", "bpl", False),
        ("band", "band", False),
    ],
)
def test_a_model_contains_the_ones_that_it_can_turn_into(
    richer: str, simpler: str, expected: bool
) -> None:
    assert contains(richer, simpler) is expected


def test_the_criteria_are_those_of_their_papers() -> None:
    # by hand: 100 + 2*3 + 2*3*4/(50-3-1), and 100 + 3 ln 50
    aic, bic = information_criteria(100.0, 3, 50)
    assert aic == pytest.approx(106.5217, abs=1e-4)
    assert bic == pytest.approx(111.7361, abs=1e-4)


def test_a_cutoff_is_preferred_to_a_power_law_only_where_there_is_one() -> None:
    rng, response = np.random.default_rng(41), toy_response("n0")
    bent = simulate(rng, response, "cpl", np.array([0.03, -0.9, 150.0]), exposure_s=40.0)
    straight = simulate(rng, response, "pl", np.array([0.03, -1.6]), exposure_s=40.0)
    chances = []
    for spectrum in (bent, straight):
        fits = fit_spectra(
            (spectrum,),
            SpectrumInterval(0.0, 40.0, "file"),
            SpectralChoice(models=("cpl", "pl"), flux_bands_kev=()),
        ).models
        (ratio,) = fits[0].likelihood_ratios
        assert ratio.improvement == pytest.approx(
            present(fits[1].statistic_value) - present(fits[0].statistic_value)
        )
        chances.append(present(ratio.p_value))
    assert chances[0] < 1e-6
    assert chances[1] > 0.01
