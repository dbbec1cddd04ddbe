"""Speed of the spectral fits: one joint fit, its profile errors, a thousand fits, a whole burst.

Times are CPU times on one core. The data are the reference fits in `shared/data`, whose optimum is
known, or else simulated bursts. With --peers other codes fit the same files in the same run.

Usage: testbench/bench/spectral [--peers] [--json FILE]
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from eclgrmd.analysis.spectral import fit_spectra
from eclgrmd.analysis.spectral.fit.likelihood import source_counts, workspace
from eclgrmd.analysis.spectral.fit.minimum import find_minimum, fit_with_edges
from eclgrmd.analysis.spectral.fit.models import photon_model
from eclgrmd.analysis.spectral.fit.problem import Measured, Problem, make_problem, measured
from eclgrmd.analysis.spectral.fit.starts import make_templates
from eclgrmd.analysis.spectral.spectra.intervals import SpectrumInterval
from eclgrmd.formats.observation.assemble import read_observation
from eclgrmd.model.configuration.sections import SpectralChoice
from eclgrmd.model.names import BurstId
from eclgrmd.model.observation import Spectrum
from testbench.checkout import SHARED_DATA
from testbench.command_line import command_parser

from .peers import PeerRow, measure_peers, write_simulated
from .plain_numpy import fit_band

__all__ = ["main"]

REFERENCES = SHARED_DATA / "reference-fits"
REPEATS = 30
"""Runs of a fit, of which the fastest counts."""
MANY = 1000
"""Fits of simulated copies."""
BLOCKS = 20
"""Intervals of a resolved burst."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return 0 if no peer's optimum is better than ours."""
    parser = command_parser("bench/spectral", __doc__)
    parser.add_argument("--peers", action="store_true", help="also measure the codes in .peers/")
    parser.add_argument("--json", type=Path, help="also write the numbers to this file")
    options = parser.parse_args(arguments)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with TemporaryDirectory() as scratch:
        folders = _references() or write_simulated(Path(scratch))
        parts = {folder.name: _read(folder) for folder in folders}
        report = {name: measure(spectra) for name, spectra in parts.items()}
        fits = {name: (_all_channels(parts[name]), row) for name, row in report.items()}
        peers = measure_peers(folders, fits) if options.peers else {}
    text = json.dumps({"ours": report, "peers": peers} if peers else report, indent=2)
    print(text)
    if options.json is not None:
        options.json.write_text(text + "\n")
    return 0 if all(above < 1e-3 for above in _above(report, peers)) else 1


def _references() -> list[Path]:
    if not REFERENCES.is_dir():
        return []
    return [folder for folder in sorted(REFERENCES.iterdir()) if folder.is_dir()]


def _read(folder: Path) -> tuple[Spectrum, ...]:
    return read_observation(sorted(folder.iterdir()), burst_id=BurstId(folder.name)).spectra


def _all_channels(spectra: Sequence[Spectrum]) -> list[Measured]:
    return [measured(s, np.ones(len(s.counts), dtype=bool), "auto") for s in spectra]


def _above(
    report: dict[str, dict[str, float]], peers: dict[str, dict[str, PeerRow]]
) -> list[float]:
    """Return our statistic minus that of each peer that ran."""
    ran = [row["optimum_above_peer"] for peer in peers.values() for row in peer.values()]
    return [*(row["optimum_above_peer"] for row in report.values()), *ran]


def measure(spectra: Sequence[Spectrum]) -> dict[str, float]:
    """Measure one set of spectra; return times in milliseconds."""
    parts = _all_channels(spectra)
    problem = make_problem(photon_model("band"), parts)
    first = _once(lambda: find_minimum(problem))
    templates = make_templates(problem.model, problem.likelihood.folding)
    best = find_minimum(problem, templates=templates)
    fit = _best_of(lambda: find_minimum(problem, templates=templates), REPEATS)
    fit_with_edges(problem, best)
    profile = _best_of(lambda: fit_with_edges(problem, best), REPEATS)
    peer = _best_of(lambda: fit_band(parts), 3)
    peer_statistic = fit_band(parts)[0]
    return {
        "channels": problem.channels,
        "first_fit_ms": first,
        "prepare_ms": _best_of(lambda: make_problem(photon_model("band"), parts), 5),
        "fit_with_covariance_ms": fit,
        "fit_with_profile_errors_ms": fit + profile,
        "evaluations": best.evaluations,
        "statistic": best.statistic,
        "fits_1000_ms": _thousand(problem),
        "resolved_burst_ms": _resolved(spectra),
        "peer_numpy_migrad_hesse_ms": peer,
        "times_faster_than_peer": peer / fit,
        "optimum_above_peer": best.statistic - peer_statistic,
    }


def _thousand(problem: Problem) -> float:
    """Return the time to fit 1000 simulated copies of the same spectra, milliseconds."""
    templates = make_templates(problem.model, problem.likelihood.folding)
    best = find_minimum(problem, templates=templates)
    like = problem.likelihood
    level = source_counts(like, best.theta, workspace(like, problem.size)) + like.background
    rng = np.random.default_rng(1)
    copies = [rng.poisson(level).astype(np.float64) for _ in range(MANY)]

    def fit_all() -> None:
        for counts in copies:
            find_minimum(problem.with_counts(counts, like.background), templates=templates)

    return _once(fit_all)


def _resolved(spectra: Sequence[Spectrum]) -> float:
    """Return the time to fit Band and cutoff power law, with errors, to many intervals, ms."""
    choice = SpectralChoice(models=("band", "cpl"))
    interval = SpectrumInterval(0.0, 10.0, "block")
    fit_spectra(spectra, interval, choice)

    def fit_all() -> None:
        for _ in range(BLOCKS):
            fit_spectra(spectra, interval, choice)

    return _once(fit_all)


def _once(function: Callable[[], object]) -> float:
    start = time.process_time()
    function()
    return 1e3 * (time.process_time() - start)


def _best_of(function: Callable[[], object], repeats: int) -> float:
    return min(_once(function) for _ in range(repeats))


if __name__ == "__main__":
    sys.exit(main())
