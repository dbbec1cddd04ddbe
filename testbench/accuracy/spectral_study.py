"""Coverage and robustness of the Band fits, burst by burst; an interrupted study goes on."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eclgrmd.analysis.spectral.minimum import find_minimum, fit_with_edges, migrad
from eclgrmd.analysis.spectral.problem import Problem
from eclgrmd.analysis.spectral.starts import Templates, make_templates, starting_points
from eclgrmd.model.observation import Floats

from .spectral_bursts import draw_burst

__all__ = ["main", "study_burst", "summary"]

NAMES = ("amplitude", "alpha", "epeak_kev", "beta")
WELL_DETERMINED = 30.0
"""Significance from which all four parameters can be measured."""
SAME = 1e-2
"""Difference of the statistic below which two minima are the same."""
KEPT = Path.home() / ".cache" / "eclgrmd" / "accuracy-spectral.jsonl"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study; 0 if coverage and robustness are as they shall be."""
    options = _parser().parse_args(arguments)
    options.keep.parent.mkdir(parents=True, exist_ok=True)
    known = _read(options.keep)
    with options.keep.open("a") as kept:
        for seed in range(options.bursts):
            if seed not in known:
                known[seed] = study_burst(seed)
                kept.write(json.dumps({"seed": seed, **known[seed]}) + "\n")
                kept.flush()
            _progress(seed + 1, options.bursts)
    found = summary([known[seed] for seed in range(options.bursts)])
    print(json.dumps(found, indent=2))
    return 0 if found["passed"] else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="testbench/accuracy/spectral", description=__doc__)
    parser.add_argument("--bursts", type=int, default=2000, help="bursts to simulate (2000)")
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


def study_burst(seed: int) -> dict[str, object]:
    """Simulate a burst, fit it, and compare with the truth and with a search by brute force."""
    burst = draw_burst(seed)
    problem = burst.problem()
    templates = make_templates(problem.model, problem.likelihood.folding)
    rng = np.random.default_rng([seed, 1])
    ours = find_minimum(problem, templates=templates)
    lone = find_minimum(problem, starts=_random_starts(problem, rng, 1))
    best = min(ours.statistic, lone.statistic, _brute_force(problem, templates, rng))
    final, edges = fit_with_edges(problem, ours)
    truth = problem.model.internal(burst.truth)
    low = np.where(np.isnan(edges.low), problem.box.low, edges.low)
    high = np.where(np.isnan(edges.high), problem.box.high, edges.high)
    return {
        "significance": burst.significance,
        "inside": [bool(x) for x in (low <= truth) & (truth <= high)],
        "bounded": [bool(x) for x in ~(np.isnan(edges.low) | np.isnan(edges.high))],
        "above_best": float(ours.statistic - best),
        "final_above_best": float(final.statistic - best),
        "random_start_above_best": float(lone.statistic - best),
        "converged": bool(ours.converged),
        "evaluations": int(ours.evaluations),
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


def _brute_force(problem: Problem, templates: Templates, rng: np.random.Generator) -> float:
    """Search from every scale and from random places, one by one, and from the best by MIGRAD."""
    size = problem.size
    scales = starting_points(templates, problem.likelihood, size, 9)
    starts = np.concatenate([scales, _random_starts(problem, rng, 12)])
    found = [find_minimum(problem, starts=start[None, :]) for start in starts]
    best = min(found, key=lambda minimum: minimum.statistic)
    return min(best.statistic, migrad(problem, best.theta + 0.02)[1])


def summary(rows: Sequence[dict[str, object]]) -> dict[str, object]:
    """Sum the study up; coverage is that of bursts bright enough to measure all parameters."""
    bright = [row for row in rows if float(str(row["significance"])) >= WELL_DETERMINED]
    coverage = _shares(bright, "inside")
    reached = {
        key: _share_reached(rows, key)
        for key in ("above_best", "final_above_best", "random_start_above_best")
    }
    right = all(abs(share - 0.6827) <= 0.03 for share in coverage.values())
    return {
        "bursts": len(rows),
        "bright": len(bright),
        "coverage_68": coverage,
        "coverage_68_all": _shares(rows, "inside"),
        "bounded_both_sides": _shares(bright, "bounded"),
        "global_optimum": reached["above_best"],
        "global_optimum_after_profiles": reached["final_above_best"],
        "global_optimum_from_one_random_start": reached["random_start_above_best"],
        "converged": float(np.mean([bool(row["converged"]) for row in rows])),
        "evaluations_median": float(np.median([int(str(row["evaluations"])) for row in rows])),
        "passed": right and reached["above_best"] >= 0.995,
    }


def _shares(rows: Sequence[dict[str, object]], key: str) -> dict[str, float]:
    if not rows:
        return {}
    share = np.mean([np.asarray(row[key], dtype=bool) for row in rows], axis=0)
    return dict(zip(NAMES, share.round(4).tolist(), strict=True))


def _share_reached(rows: Sequence[dict[str, object]], key: str) -> float:
    return float(np.mean([float(str(row[key])) < SAME for row in rows]))


if __name__ == "__main__":
    raise SystemExit(main())
