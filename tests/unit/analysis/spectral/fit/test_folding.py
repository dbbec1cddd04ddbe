"""Folding agrees with the matrix product, and derivatives agree with finite differences."""

from collections.abc import Sequence

import numpy as np
import pytest

from eclgrmd.analysis.spectral.fit.folding import Matrix, fold, make_folding
from eclgrmd.analysis.spectral.fit.likelihood import evaluate, source_counts, workspace
from eclgrmd.analysis.spectral.fit.models import photon_model
from eclgrmd.analysis.spectral.fit.problem import Problem, make_problem, measured
from eclgrmd.model.observation import Floats, Spectrum
from tests.support.bursts.toy_spectra import BAND_TRUTH, expected_counts, simulate, toy_response
from tests.support.present import present


@pytest.fixture
def spectra() -> list[Spectrum]:
    rng = np.random.default_rng(1)
    return [simulate(rng, toy_response("n0")), simulate(rng, toy_response("b0", bins=90))]


def problem_of(
    spectra: Sequence[Spectrum], name: str = "band", area_groups: Sequence[str] | None = None
) -> Problem:
    everything = [measured(s, np.ones(len(s.counts), dtype=bool), "auto") for s in spectra]
    return make_problem(photon_model(name), everything, area_groups=area_groups)


def test_folded_counts_are_those_of_the_slow_dense_way(spectra: list[Spectrum]) -> None:
    problem = problem_of(spectra)
    theta = problem.model.internal(BAND_TRUTH)
    ours = source_counts(problem.likelihood, theta, workspace(problem.likelihood, 4))
    slow = [expected_counts(present(s.response), "band", BAND_TRUTH, s.exposure_s) for s in spectra]
    assert ours == pytest.approx(np.concatenate(slow), rel=1e-4)


@pytest.mark.parametrize("channels", [1, 2, 5, 64])
@pytest.mark.parametrize("rows", [1, 3, 4, 6])
def test_pairs_fold_like_the_dense_product(channels: int, rows: int) -> None:
    rng = np.random.default_rng(channels)
    matrices = []
    for bins in (30, 17, 30):
        dense = rng.random((bins, channels)) * (rng.random((bins, channels)) < 0.3)
        dense[:, channels // 2] = 0.0
        edges = np.geomspace(5.0, 500.0, bins + 1)
        matrices.append(Matrix(edges[:-1], edges[1:], dense))
    folding = make_folding(matrices)
    assert folding.edges.shape == (2, 47)
    photons, out = rng.random((rows, 47)), np.full((rows, 3 * channels), np.nan)
    fold(folding, photons, out)
    parts = (photons[:, :30], photons[:, 30:], photons[:, :30])
    products = [p @ m.matrix for p, m in zip(parts, matrices, strict=True)]
    assert out == pytest.approx(np.concatenate(products, axis=1), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", ["band", "cpl", "pl", "sbpl", "bpl", "bb", "ottb", "band+bb"])
def test_the_gradient_of_the_statistic_is_its_derivative(
    spectra: list[Spectrum], name: str
) -> None:
    problem = problem_of(spectra, name, area_groups=list("abc"[: len(spectra)]))
    values = {"amplitude": 0.02, "alpha": -0.8, "beta": -2.3, "index": -1.7, "amplitude_bb": 1e-4}
    shape = [values.get(p, 150.0) for p in problem.model.names]
    theta = np.append(problem.model.internal(np.array(shape)), 0.07)
    work = workspace(problem.likelihood, len(theta))
    evaluate(problem.likelihood, theta, work)
    gradient = work.gradient.copy()
    for k in range(len(theta)):
        h = np.zeros_like(theta)
        h[k] = 1e-5
        slope = (problem.statistic(theta + h) - problem.statistic(theta - h)) / 2e-5
        assert gradient[k] == pytest.approx(slope, rel=1e-4, abs=1e-3)


def test_the_fisher_matrix_is_the_mean_square_of_the_gradient() -> None:
    response = toy_response("n0")
    theta = photon_model("band").internal(BAND_TRUTH)
    rng = np.random.default_rng(2)

    def derivatives() -> tuple[Floats, Floats]:
        problem = problem_of([simulate(rng, response, exposure_s=30.0)])
        work = workspace(problem.likelihood, 4)
        evaluate(problem.likelihood, theta, work)
        return work.gradient, work.fisher

    gradients, fishers = zip(*(derivatives() for _ in range(600)), strict=True)
    # statistic = -2 ln L: E[g g^T] = 2 E[second derivative]
    mean_square = np.mean([np.outer(g, g) for g in gradients], axis=0)
    assert np.diag(fishers[-1]) == pytest.approx(0.5 * np.diag(mean_square), rel=0.25)
