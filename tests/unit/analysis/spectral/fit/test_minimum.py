"""Fits agree with optima of other programs and with simulated truth."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from eclgrmd.analysis.spectral.fit.minimum import find_minimum, fit_with_edges, migrad
from eclgrmd.analysis.spectral.fit.models import photon_model
from eclgrmd.analysis.spectral.fit.problem import Measured, Problem, make_problem, measured
from eclgrmd.formats.observation.assemble import read_observation
from eclgrmd.model.names import BurstId
from eclgrmd.model.observation import Floats, Spectrum
from tests.support.bursts.toy_spectra import BAND_TRUTH, simulate, toy_response
from tests.support.present import present


def problem_of(spectra: Sequence[Spectrum], *, area_groups: Sequence[str] | None = None) -> Problem:
    everything = [measured(s, np.ones(len(s.counts), dtype=bool), "auto") for s in spectra]
    return make_problem(photon_model("band"), everything, area_groups=area_groups)


def external(problem: Problem, theta: Floats) -> Floats:
    return problem.model.external(theta[: len(problem.model.low)])


@pytest.fixture
def reference(shared_data: Path) -> Callable[[str], tuple[Spectrum, ...]]:
    def read(name: str) -> tuple[Spectrum, ...]:
        folder = shared_data / "reference-fits" / name
        return read_observation(sorted(folder.iterdir()), burst_id=BurstId(name)).spectra

    return read


class Optimum(NamedTuple):
    """The best fit of a Band function by other programs."""

    statistic: float
    values: list[float]
    symmetric: list[float]
    asymmetric: list[tuple[float | None, float]]


# shared/data/reference-fits/README.md: five codes agree
KNOWN = {
    "nai3": Optimum(
        369.3902,
        [0.0376418, -0.86493, 253.58, -1.9325],
        [0.00238, 0.0361, 23.7, 0.138],
        [(0.00246, 0.00257), (0.0380, 0.0372), (22.8, 29.2), (0.247, 0.117)],
    ),
    "svom4": Optimum(
        506.2531,
        [0.0342865, -0.90356, 310.93, -2.6189],
        [0.00081, 0.0124, 12.7, 0.342],
        [(0.00083, 0.00083), (0.0127, 0.0124), (12.4, 14.0), (None, 0.248)],
    ),
}


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_the_known_optimum_and_its_errors_are_found(
    reference: Callable[[str], tuple[Spectrum, ...]], name: str
) -> None:
    statistic, values, symmetric, asymmetric = KNOWN[name]
    problem = problem_of(reference(name))
    minimum, edges = fit_with_edges(problem, find_minimum(problem))
    best = external(problem, minimum.theta)
    assert minimum.converged
    assert minimum.statistic == pytest.approx(statistic, abs=1e-3)
    assert best == pytest.approx(values, rel=2e-4)
    scale = [r.stretch(x) for r, x in zip(problem.rules, minimum.theta, strict=True)]
    assert np.sqrt(np.diag(minimum.covariance)) * scale == pytest.approx(symmetric, rel=0.03)
    low, high = best - external(problem, edges.low), external(problem, edges.high) - best
    for k, (down, up) in enumerate(asymmetric):
        assert high[k] == pytest.approx(up, rel=0.02)
        if down is not None:
            assert low[k] == pytest.approx(down, rel=0.02)


def test_scoring_and_migrad_find_the_same_minimum() -> None:
    rng = np.random.default_rng(3)
    for _ in range(10):
        problem = problem_of([simulate(rng, toy_response("n0"))])
        ours = find_minimum(problem)
        _, statistic, valid = migrad(problem, ours.theta + 0.05)
        assert valid
        assert ours.converged
        assert ours.statistic <= statistic + 1e-3


def test_profile_edges_are_where_the_refitted_statistic_has_risen_by_one() -> None:
    problem = problem_of([simulate(np.random.default_rng(4), toy_response("n0"), exposure_s=40.0)])
    minimum, edges = fit_with_edges(problem, find_minimum(problem))
    for k in range(4):
        for edge in (edges.low[k], edges.high[k]):
            fixed = problem.box.fixed.copy()
            fixed[k] = 1.0
            start = minimum.theta.copy()
            start[k] = edge
            held = problem.__class__(
                problem.model,
                problem.spectra,
                problem.likelihood,
                problem.box._replace(fixed=fixed),
                problem.area_places,
            )
            _, statistic, _ = migrad(held, start)
            assert statistic - minimum.statistic == pytest.approx(1.0, abs=0.03)


def test_pulls_of_simulated_bursts_are_standard_normal() -> None:
    response, rng = toy_response("n0"), np.random.default_rng(5)
    truth, pulls = photon_model("band").internal(BAND_TRUTH), []
    for _ in range(150):
        problem = problem_of([simulate(rng, response, exposure_s=60.0)])
        minimum = find_minimum(problem)
        assert minimum.converged
        pulls.append((minimum.theta - truth) / np.sqrt(np.diag(minimum.covariance)))
    assert np.median(pulls, axis=0) == pytest.approx(0.0, abs=0.3)
    assert np.mean(np.abs(pulls) < 1.0, axis=0) == pytest.approx(0.683, abs=0.1)


def test_a_steep_beta_without_information_is_an_honest_upper_limit() -> None:
    cutoff = np.array([0.03, -0.9, 100.0, -9.9])
    spectrum = simulate(np.random.default_rng(6), toy_response("n0"), values=cutoff)
    problem = problem_of([spectrum])
    _, edges = fit_with_edges(problem, find_minimum(problem))
    assert np.isnan(edges.low[3])
    assert -10 < -1 / edges.high[3] < -2.2


def test_an_area_constant_is_recovered() -> None:
    rng = np.random.default_rng(7)
    first = simulate(rng, toy_response("n0"), exposure_s=50.0)
    weak = simulate(rng, toy_response("n1", area_cm2=80.0), exposure_s=50.0)
    told = type(weak)(
        weak.instrument, "n1", 0.0, 50.0, weak.counts, 50.0, weak.background,
        toy_response("n1"), weak.channels,
    )  # fmt: skip
    problem = problem_of([first, told], area_groups=["n0", "n1"])
    minimum = find_minimum(problem)
    sigma = np.sqrt(minimum.covariance[4, 4])
    assert np.exp(minimum.theta[4]) == pytest.approx(0.8, abs=3 * sigma)
    assert sigma < 0.05


class TestAgainstXspec:
    """Comparison with the XSPEC sessions and logs in `references.json`."""

    def test_konus_band_chi_square(self, shared_data: Path) -> None:
        folder = shared_data / "konus-gbm-asim" / "GRB181222B" / "Interval1"
        names = ("KW_1_sp1_5_gr20.pha", "KW_2_sp1_5_gr20.pha")
        spectra = read_observation([folder / n for n in names], burst_id=BurstId("x")).spectra
        # KW_fit_ngrbep.xcm: ignore 1:45-59 2:1-2, counted in groups
        ignored = (range(45, 60), range(1, 3))
        parts = [
            measured(s, ~np.isin(group_numbers(s), list(bad)), "chi2")
            for s, bad in zip(spectra, ignored, strict=True)
        ]
        assert [len(p.counts) for p in parts] == [44, 17]
        problem = make_problem(photon_model("band"), parts)
        minimum = find_minimum(problem)
        k, alpha, epeak, beta = external(problem, minimum.theta)
        assert (k, epeak) == pytest.approx((1.09795, 368.128), rel=3e-3)
        assert alpha == pytest.approx(-0.519707, abs=3e-3)
        assert beta == pytest.approx(-2.97682, abs=1e-2)

    @pytest.mark.parametrize(
        ("row", "alpha", "epeak", "statistic"),
        [
            (1, 0.829743, 156.865, 436.7),
            (2, 0.419357, 180.795, 544.2),
            (3, 0.239926, 180.868, 526.3),
            (10, 0.130308, 89.9406, 520.7),
        ],
    )
    def test_time_resolved_band_pgstat(
        self, shared_data: Path, row: int, alpha: float, epeak: float, statistic: float
    ) -> None:
        folder = shared_data / "fermi-gbm" / "bn220426285"
        files = [p for p in folder.iterdir() if p.suffix in {".pha", ".bak", ".rsp"}]
        spectra = read_observation(files, burst_id=BurstId("bn220426285")).spectra
        start = sorted({s.start_s for s in spectra})[row - 1]
        rows = [s for s in spectra if s.start_s == start]
        assert len(rows) == 4
        used = np.ones(128, dtype=bool)
        used[:10], used[29:40] = False, False
        parts = [measured(s, used, "auto") for s in rows]
        problem = make_problem(photon_model("band"), parts, area_groups=["n0", "n1", "n2", "na"])
        minimum = find_minimum(problem)
        best = external(problem, minimum.theta)
        assert best[1] == pytest.approx(alpha, abs=0.03)
        assert best[2] == pytest.approx(epeak, rel=0.005)
        assert minimum.statistic == pytest.approx(statistic, abs=0.1)

    def test_bayspec_cutoff_power_law(self, shared_data: Path) -> None:
        folder = shared_data / "fermi-gbm" / "bayspec-10s"
        spectra = {s.detector: s for s in read_bayspec(folder)}
        problem = make_problem(photon_model("cpl"), list(spectra.values()))
        minimum = find_minimum(problem)
        k, alpha, epeak = external(problem, minimum.theta)
        assert minimum.statistic == pytest.approx(554.717, abs=0.02)
        assert alpha == pytest.approx(-1.561, abs=2e-3)
        assert np.log10(epeak) == pytest.approx(2.33, abs=3e-3)
        assert np.log10(k) - 2 * alpha == pytest.approx(2.352, abs=3e-3)


def read_bayspec(folder: Path) -> Iterator[Measured]:
    for name, band in (("me", (8.0, 900.0)), ("he", (300.0, 38000.0))):
        files = [folder / f"{name}.{end}" for end in ("src", "bkg", "rsp")]
        (spectrum,) = read_observation(files, burst_id=BurstId("x")).spectra
        part = measured(spectrum, present(spectrum.response).channels.inside(*band), "pgstat")
        yield type(part)(
            name, part.statistic, part.kind, part.counts, part.background, part.spread,
            part.response,
        )  # fmt: skip


def group_numbers(spectrum: Spectrum) -> NDArray[np.int64]:
    """Return the group of each channel, numbered from 1 as in XSPEC."""
    return np.cumsum(present(spectrum.grouping) != -1)
