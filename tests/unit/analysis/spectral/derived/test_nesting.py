"""A model is never worse than its special cases, and poor fits are flagged."""

from dataclasses import replace
from itertools import permutations
from typing import get_args

import numpy as np
import pytest

from eclgrmd.analysis.spectral.derived.comparison import contains
from eclgrmd.analysis.spectral.derived.nesting import special_cases
from eclgrmd.analysis.spectral.fit.models import photon_density, photon_model
from eclgrmd.analysis.spectral.fit_interval import fit_spectra
from eclgrmd.analysis.spectral.spectra.intervals import SpectrumInterval
from eclgrmd.model.configuration.sections import ModelName, SpectralChoice, StatisticName
from eclgrmd.model.flags import texts
from eclgrmd.model.observation import Background, Spectrum
from tests.support.bursts.toy_spectra import expected_counts, toy_response
from tests.support.present import present

MODELS = get_args(ModelName)
WHOLE = SpectrumInterval(0.0, 20.0, "file")
SIMPLE = {
    "pl": [0.02, -1.7],
    "cpl": [0.05, -0.6, 150.0],
    "ottb": [0.05, 30.0],
    "bb": [1e-4, 20.0],
    "band": [0.05, -0.6, 150.0, -2.3],
}
PAIRS = [(a, b) for a, b in permutations(MODELS, 2) if contains(a, b)]


@pytest.mark.parametrize(("richer", "simpler"), PAIRS)
def test_a_special_case_is_the_simpler_model(richer: str, simpler: str) -> None:
    parts = simpler.split("+")
    values = np.concatenate([SIMPLE[part] for part in parts])
    energy = np.geomspace(8.0, 1000.0, 60)
    model, other = photon_model(richer), photon_model(simpler)
    wanted = photon_density(simpler, values, energy)
    starts = special_cases(model, other, np.append(other.internal(values), 0.3))
    assert starts
    best = min(
        float(np.abs(photon_density(richer, model.external(s[:-1]), energy) / wanted - 1.0).max())
        for s in starts
    )
    assert best < 1e-5
    assert {s[-1] for s in starts} == {0.3}  # the area constant is kept


def made(
    seed: int, model: str, values: list[float], *, line: float = 0.0, scale: float = 1.0
) -> Spectrum:
    """Draw a spectrum with `line` times its counts added in three channels, and its area scaled."""
    rng, response = np.random.default_rng(seed), toy_response("n0")
    source = scale * expected_counts(response, model, np.array(values), 20.0)
    source[10:13] += line * source.sum()
    level = np.full(len(source), 60.0)
    return Spectrum(
        response.instrument, "n0", 0.0, 20.0, rng.poisson(source + level).astype(float), 20.0,
        Background(rng.normal(level, 3.0), np.full(len(level), 3.0)), response, response.channels,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("model", "values"),
    [
        ("pl", [0.02, -1.7]),
        ("pl", [0.02, -2.5]),  # steeper than a cutoff power law may be
        ("pl", [0.002, -4.0]),
        ("pl", [1e-5, -7.0]),  # steeper than any bent model may be
        ("pl", [1e-3, 0.5]),
        ("cpl", [0.05, 3.0, 60.0]),
        ("cpl", [0.05, -1.0, 50_000.0]),
        ("bb", [1e-6, 300.0]),
        ("ottb", [0.05, 20.0]),
        ("bpl", [0.02, -2.5, 80.0, -0.6]),  # harder above its break
        ("pl", [1e-9, -2.0]),  # nothing
    ],
)
@pytest.mark.parametrize("trouble", ["none", "line", "areas"])
def test_no_model_is_worse_than_its_special_case(
    model: str, values: list[float], trouble: str
) -> None:
    spectra = [made(5, model, values, line=float(trouble == "line"))]
    if trouble == "areas":
        spectra.append(replace(made(6, model, values, scale=3.0), detector="n1"))
    fits = fit_spectra(spectra, WHOLE, SpectralChoice(models=MODELS, goodness_spectra=0)).models
    found = {fit.name: present(fit.statistic_value) for fit in fits}
    worse = {
        (richer, simpler): (found[richer], found[simpler])
        for richer, simpler in PAIRS
        if found[richer] > found[simpler] + 1e-3 + 1e-9 * found[simpler]
    }
    assert worse == {}


def test_a_parameter_beyond_its_limits_has_no_error() -> None:
    choice = SpectralChoice(models=("cpl", "pl"), goodness_spectra=0)
    cpl, pl = fit_spectra([made(7, "pl", [0.02, -2.5])], WHOLE, choice).models
    values = cpl.parameters
    assert values["alpha"].value == pytest.approx(pl.parameters["index"].value, abs=1e-4)
    for name in ("alpha", "epeak_kev"):
        assert values[name].at_limit
        assert (values[name].err_minus, values[name].err_plus) == (None, None)
        assert values[name].err_symmetric is None
        assert f"{name} at its limit" in texts(cpl.flags)
    assert cpl.dof == pl.dof - 1
    assert values["amplitude"].err_plus is not None


@pytest.mark.parametrize("goodness", [0, 50])
@pytest.mark.parametrize("statistic", ["pgstat", "chi2"])
def test_a_poor_fit_is_flagged_and_no_model_is_preferred(
    statistic: StatisticName, goodness: int
) -> None:
    spectra = [made(8, "pl", [0.02, -1.7], line=1.0)]
    choice = SpectralChoice(models=("cpl", "pl"), statistic=statistic, goodness_spectra=goodness)
    interval = fit_spectra(spectra, WHOLE, choice)
    assert interval.preferred == "none fits"
    assert "none fits: all models are poor fits" in texts(interval.flags)
    for fit in interval.models:
        start = f"poor fit: {statistic.upper()} {fit.statistic_value:.4g} for {fit.dof} dof"
        assert fit.poor_fit
        assert any(text.startswith(start) for text in texts(fit.flags))
        assert not fit.preferred
        assert fit.reason.startswith("none fits; ")


@pytest.mark.parametrize("goodness", [0, 50])
@pytest.mark.parametrize("statistic", ["pgstat", "chi2"])
def test_a_good_fit_is_not_called_poor(statistic: StatisticName, goodness: int) -> None:
    choice = SpectralChoice(models=("pl",), statistic=statistic, goodness_spectra=goodness)
    intervals = [
        fit_spectra([made(seed, "pl", [0.02, -1.7])], WHOLE, choice) for seed in range(20, 40)
    ]
    assert [i.preferred for i in intervals] == ["pl"] * 20


def test_a_model_that_fits_is_preferred_to_a_simpler_poor_one() -> None:
    choice = SpectralChoice(models=("pl", "cpl"), goodness_spectra=50)
    interval = fit_spectra([made(9, "cpl", [0.5, -0.5, 100.0])], WHOLE, choice)
    assert interval.preferred == "cpl"
    pl, cpl = interval.models
    assert pl.poor_fit
    assert not cpl.poor_fit
    assert pl.reason == "a poor fit, unlike that of cpl"
    assert cpl.reason == "the only model that fits"
