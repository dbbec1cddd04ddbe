"""Coverage and robustness of Band fits to simulated bursts; an interrupted study resumes."""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eclgrmd.analysis.spectral.derived.flux import ERG_PER_KEV, band_flux
from eclgrmd.analysis.spectral.fit.minimum import Minimum, find_minimum, fit_with_edges
from eclgrmd.analysis.spectral.fit.problem import Problem
from eclgrmd.analysis.spectral.fit.search import search
from eclgrmd.model.configuration.sections import SpectralChoice
from eclgrmd.model.observation import Floats
from testbench.bench.plain_numpy import band_photons
from testbench.command_line import command_parser

from .spectral_brute_force import lowest_statistic
from .spectral_bursts import draw_burst

__all__ = ["main", "study_burst", "study_starts", "summary"]

NAMES = ("amplitude", "alpha", "epeak_kev", "beta")
BANDS_KEV = SpectralChoice().flux_bands_kev
WELL_DETERMINED = 30.0
"""Significance above which all four parameters can be measured, sigma."""
SAME = 1e-2
"""Difference of the statistic below which two minima are the same."""
BRIGHT_SEED = 1
"""Seed of a burst of 169 sigma."""
KEPT = Path.home() / ".cache" / "eclgrmd" / "accuracy-spectral.jsonl"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study; return 0 if coverage and robustness meet the requirements."""
    options = _parser().parse_args(arguments)
    options.keep.parent.mkdir(parents=True, exist_ok=True)
    known = _read(options.keep)
    with options.keep.open("a") as kept:
        for seed in range(options.bursts):
            if seed not in known:
                known[seed] = study_burst(seed, check=seed < options.checked)
                kept.write(json.dumps({"seed": seed, **known[seed]}) + "\n")
                kept.flush()
            _progress(seed + 1, options.bursts)
    found = summary([known[seed] for seed in range(options.bursts)])
    found["starts"] = starts = study_starts(options.starts)
    print(json.dumps(found, indent=2))
    return 0 if found["passed"] and float(str(starts["reached_by_fits"])) >= 0.995 else 1


def _parser() -> argparse.ArgumentParser:
    parser = command_parser("accuracy/spectral", __doc__)
    parser.add_argument("--bursts", type=int, default=2000, help="bursts to simulate (2000)")
    parser.add_argument(
        "--checked", type=int, default=1000, help="of them compared with brute force (1000)"
    )
    parser.add_argument("--starts", type=int, default=1000, help="random starts (1000)")
    parser.add_argument("--keep", type=Path, default=KEPT, help=f"results so far ({KEPT})")
    return parser


def _read(path: Path) -> dict[int, dict[str, object]]:
    if not path.exists():
        return {}
    rows = [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]
    return {row.pop("seed"): row for row in rows}


def _progress(done: int, total: int) -> None:
    end = "\n" if done == total else ""
    print(f"\r{done} of {total} bursts", end=end, file=sys.stderr, flush=True)


def study_burst(seed: int, *, check: bool) -> dict[str, object]:
    """Simulate and fit a burst; compare with the truth and with the brute-force optimum."""
    burst = draw_burst(seed)
    problem = burst.problem()
    ours = find_minimum(problem)
    best = min(ours.statistic, lowest_statistic(problem)) if check else math.nan
    final, edges = fit_with_edges(problem, ours)
    truth = problem.model.internal(burst.truth)
    low = np.where(np.isnan(edges.low), problem.box.low, edges.low)
    high = np.where(np.isnan(edges.high), problem.box.high, edges.high)
    return {
        "significance": burst.significance,
        "inside": [bool(x) for x in (low <= truth) & (truth <= high)],
        "bounded": [bool(x) for x in ~(np.isnan(edges.low) | np.isnan(edges.high))],
        "flux_inside": _fluxes_inside(problem, final, burst.truth),
        "above_best": ours.statistic - best if check else None,
        "final_above_best": final.statistic - best if check else None,
        "converged": bool(ours.converged),
        "evaluations": int(ours.evaluations),
    }


def _fluxes_inside(problem: Problem, minimum: Minimum, truth: Floats) -> list[bool]:
    """Return for each band whether the interval of the energy flux includes the true one."""
    inside = []
    for low, high in BANDS_KEV:
        edges = np.geomspace(low, high, 1001)
        photons = band_photons(edges[:-1], edges[1:], *truth.tolist())
        true = ERG_PER_KEV * float(photons @ np.sqrt(edges[:-1] * edges[1:]))
        found, _ = band_flux(problem, minimum, (low, high), energy=True)
        value, down, up = found.value or 0.0, found.err_minus or 0.0, found.err_plus or 0.0
        inside.append(value - down <= true <= value + up)
    return inside


def study_starts(number: int) -> dict[str, object]:
    """Fit one bright burst from many random starts.

    Each start is tried alone, and then together with the starts of the grid, as in a real fit.
    """
    problem = draw_burst(BRIGHT_SEED).problem()
    best = lowest_statistic(problem)
    rng = np.random.default_rng(2)
    alone, fitted = [], []
    for start in _random_starts(problem, rng, number):
        clipped = np.clip(start, problem.box.low, problem.box.high)[None, :]
        alone.append(search(problem.likelihood, problem.box, clipped, 1e-6)[1] - best)
        fitted.append(find_minimum(problem, starts=start[None, :]).statistic - best)
    return {
        "random_starts": number,
        "reached_alone": float(np.mean(np.array(alone) < SAME)),
        "reached_by_fits": float(np.mean(np.array(fitted) < SAME)),
    }


def _random_starts(problem: Problem, rng: np.random.Generator, number: int) -> Floats:
    """Draw starts: Epeak over the whole band, indices over their usual range, any brightness."""
    starts = []
    for _ in range(number):
        values = [
            10 ** rng.uniform(-3.0, 0.0),
            rng.uniform(-1.8, 0.5),
            10 ** rng.uniform(1.2, 3.5),
            rng.uniform(-5.0, -1.9),
        ]
        starts.append(problem.model.internal(np.array(values)))
    return np.array(starts)


def summary(rows: Sequence[dict[str, object]]) -> dict[str, object]:
    """Return the summary; coverage is that of bursts bright enough to measure all parameters.

    Intervals that reach the limit of their parameter are included.
    """
    bright = [row for row in rows if float(str(row["significance"])) >= WELL_DETERMINED]
    inside = np.array([row["inside"] for row in bright], dtype=bool)
    bounded = np.array([row["bounded"] for row in bright], dtype=bool)
    fluxes = np.array([row["flux_inside"] for row in bright], dtype=bool).mean(axis=0)
    checked = [row for row in rows if row["above_best"] is not None]
    reached = {key: _share_reached(checked, key) for key in ("above_best", "final_above_best")}
    shares = np.concatenate([inside.mean(axis=0), fluxes])
    right = bool((np.abs(shares - 0.6827) <= 0.03).all())
    return {
        "bursts": len(rows),
        "bright": len(bright),
        "compared_with_brute_force": len(checked),
        "coverage": _named(inside.mean(axis=0)),
        "coverage_all_bursts": _named(
            np.array([row["inside"] for row in rows], dtype=bool).mean(axis=0)
        ),
        "bounded_both_sides": _named(bounded.mean(axis=0)),
        "coverage_of_bounded": _named((inside & bounded).sum(axis=0) / bounded.sum(axis=0)),
        "coverage_of_fluxes": {
            f"{low:g}-{high:g} keV": round(float(share), 4)
            for (low, high), share in zip(BANDS_KEV, fluxes, strict=True)
        },
        "global_optimum": reached["above_best"],
        "global_optimum_after_profiles": reached["final_above_best"],
        "converged": float(np.mean([bool(row["converged"]) for row in rows])),
        "evaluations_median": float(np.median([int(str(row["evaluations"])) for row in rows])),
        "passed": right and reached["above_best"] >= 0.995,
    }


def _named(shares: Floats) -> dict[str, float]:
    return dict(zip(NAMES, np.asarray(shares).round(4).tolist(), strict=True))


def _share_reached(rows: Sequence[dict[str, object]], key: str) -> float:
    return float(np.mean([float(str(row[key])) < SAME for row in rows]))


if __name__ == "__main__":
    sys.exit(main())
