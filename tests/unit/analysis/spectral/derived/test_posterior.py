"""The posterior agrees with integration over a grid, and with the Gaussian limit."""

import numpy as np
import pytest

from eclgrmd.analysis.spectral.derived.posterior import sample_posterior
from eclgrmd.analysis.spectral.fit.minimum import Minimum, find_minimum
from eclgrmd.analysis.spectral.fit.models import photon_model
from eclgrmd.analysis.spectral.fit.problem import Measured, make_problem, measured
from eclgrmd.analysis.spectral.results import PosteriorSamples
from eclgrmd.model.observation import Floats, Spectrum
from testbench.bench.plain_numpy import pgstat_of
from tests.support.bursts.toy_spectra import simulate, toy_response


def reduced(spectrum: Spectrum) -> Measured:
    return measured(spectrum, np.ones(len(spectrum.counts), dtype=bool), "auto")


def posterior_of(part: Measured, number: int, seed: int = 7) -> tuple[PosteriorSamples, Minimum]:
    problem = make_problem(photon_model("pl"), [part])
    minimum = find_minimum(problem)
    return sample_posterior(problem, minimum, number, np.random.default_rng(seed)), minimum


def power_law_photons(part: Measured, amplitude: float, index: float) -> Floats:
    """Return the analytic integral of amplitude (E / 100 keV)^index over the photon bins."""
    high, low = part.response.energy_high_kev / 100.0, part.response.energy_low_kev / 100.0
    return amplitude * 100.0 * (high ** (index + 1.0) - low ** (index + 1.0)) / (index + 1.0)


def integrated(
    part: Measured, log_amplitudes: Floats, indices: Floats
) -> list[tuple[float, float]]:
    """Return mean and deviation of both parameters, uniform prior in ln(amplitude) and index."""
    source = np.array(
        [
            [power_law_photons(part, np.exp(a), g) @ part.response.matrix for g in indices]
            for a in log_amplitudes
        ]
    )
    statistic = pgstat_of(part, source)
    weight = np.exp(-0.5 * (statistic - statistic.min()))
    weight /= weight.sum()
    # the grid contains the whole posterior
    assert weight[[0, -1]].sum() + weight[:, [0, -1]].sum() < 1e-3
    moments = []
    for axis, values in ((1, log_amplitudes), (0, indices)):
        share = weight.sum(axis=axis)
        mean = float(share @ values)
        moments.append((mean, float(np.sqrt(share @ (values - mean) ** 2))))
    return moments


def test_a_faint_burst_has_the_posterior_that_a_grid_gives() -> None:
    truth = np.array([0.004, -1.5])
    part = reduced(simulate(np.random.default_rng(51), toy_response("n0"), "pl", truth))
    posterior, minimum = posterior_of(part, 8000)
    assert posterior.converged
    assert tuple(posterior.parameters) == ("amplitude", "index")
    width = np.sqrt(np.diag(minimum.covariance))
    log_amplitudes = minimum.theta[0] + np.linspace(-9.0, 5.0, 111) * width[0]
    indices = minimum.theta[1] + np.linspace(-6.0, 6.0, 111) * width[1]
    samples = np.column_stack([np.log(posterior.chain[:, 0]), posterior.chain[:, 1]])
    for column, (mean, std) in zip(
        samples.T, integrated(part, log_amplitudes, indices), strict=True
    ):
        # 8,000 samples: 0.011 and 0.8 % of the width
        assert column.mean() == pytest.approx(mean, abs=0.06 * std)
        assert column.std() == pytest.approx(std, rel=0.05)


def test_a_bright_burst_has_the_posterior_of_its_covariance() -> None:
    truth = np.array([0.03, -1.5])
    spectrum = simulate(
        np.random.default_rng(52), toy_response("n0"), "pl", truth, exposure_s=200.0
    )
    posterior, minimum = posterior_of(reduced(spectrum), 4000)
    samples = np.column_stack([np.log(posterior.chain[:, 0]), posterior.chain[:, 1]])
    width = np.sqrt(np.diag(minimum.covariance))
    assert samples.mean(axis=0) == pytest.approx(minimum.theta, abs=0.08 * width.min())
    assert np.cov(samples.T) / np.outer(width, width) == pytest.approx(
        minimum.covariance / np.outer(width, width), abs=0.08
    )


def test_the_same_seed_gives_the_same_samples() -> None:
    part = reduced(
        simulate(np.random.default_rng(53), toy_response("n0"), "pl", np.array([0.03, -1.5]))
    )
    first, second, other = (posterior_of(part, 100, seed)[0].chain for seed in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)
