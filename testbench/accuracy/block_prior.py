"""Calibrate the prior of Bayesian blocks by simulation: writes the table that eclgrmd ships.

A series of constant rate is split at all as soon as the prior falls below its critical value: the
highest gain of log likelihood per change point over all partitions. The distribution of critical
values over simulated series gives the prior for any false-alarm probability. Every kind of series
(mean counts per cell, or Gaussian values) is summed up by a smooth function of ln(cells) and
-ln(false alarm).

Usage: python -m testbench.accuracy.block_prior [--cells TOTAL] [--check] [--output FILE]
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.blocks import Segmentation
from eclgrmd.analysis.temporal.prior import KINDS, basis, false_alarm_prior

Floats = NDArray[np.float64]

_SIZES = (10, 30, 100, 300, 1000, 3000, 10_000, 30_000)
_LEAST_COUNTS = 5
_PROBABILITIES = np.geomspace(0.3, 0.005, 12)


def flat_series(kind: str, cells: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Simulate counts and weights of a series without change, each of shape (cells,)."""
    if kind == "gauss":
        return rng.standard_normal(cells), np.ones(cells)
    if kind == "events":
        time = np.cumsum(rng.exponential(1.0, cells))
        edges = np.concatenate([[0.0], 0.5 * (time[1:] + time[:-1]), [time[-1]]])
        return np.ones(cells), np.maximum(np.diff(edges), 1e-12)
    return rng.poisson(float(kind), cells).astype(np.float64), np.ones(cells)


def critical_prior(count: Floats, weight: Floats, *, gaussian: bool) -> float:
    """Find the prior below which a series is split (1.5 if it is lower)."""
    prior = 1.5
    while True:
        segmentation = Segmentation(prior, gaussian=gaussian)
        segmentation.append(count, weight)
        changes = len(segmentation.starts) - 1
        if changes == 0:
            return prior
        gain = _whole(count, weight, gaussian=gaussian) - segmentation.cost + prior * (changes + 1)
        if gain / changes <= prior * (1.0 + 1e-9):
            return prior
        prior = gain / changes


def _whole(count: Floats, weight: Floats, *, gaussian: bool) -> float:
    """Cost of one block without its prior."""
    N, T = float(count.sum()), float(weight.sum())
    if gaussian:
        return -0.5 * N * N / T
    return N - N * float(np.log(N / T)) if N > 0 else 0.0


def critical_values(kind: str, cells: int, number: int, seed: int) -> Floats:
    """Critical priors of simulated flat series, sorted, shape (number,)."""
    rng = np.random.default_rng(seed)
    values = [
        critical_prior(*flat_series(kind, cells, rng), gaussian=kind == "gauss")
        for _ in range(number)
    ]
    return np.sort(np.array(values))


def calibrate(total_cells: int) -> dict[str, list[float]]:
    """Give the coefficients of each kind."""
    table = {}
    for kind in KINDS:
        rows, targets, errors = [], [], []
        for cells in _SIZES:
            mean = 1.0 if kind in {"gauss", "events"} else float(kind)
            if cells * mean < _LEAST_COUNTS:
                continue
            number = int(np.clip(total_cells / cells, 60, 1200))
            values = critical_values(kind, cells, number, seed=cells)
            for p in _PROBABILITIES:
                if p * number < 10:
                    continue
                rows.append(basis(cells, float(p)))
                targets.append(float(np.quantile(values, 1.0 - p)))
                errors.append(1.0 / np.sqrt(p * number))
            print(f"{kind:>7} {cells:>7} cells: {number} series", file=sys.stderr, flush=True)
        weights = 1.0 / np.array(errors)
        solution, *_ = np.linalg.lstsq(
            np.array(rows) * weights[:, None], np.array(targets) * weights, rcond=None
        )
        table[kind] = [round(float(x), 5) for x in solution]
    return table


def check(number: int) -> None:
    """Print the false-alarm rates that new simulations give."""
    print(f"{'kind':>7} {'cells':>7} {'asked':>7} {'found':>7} {'error':>7}")
    for kind in KINDS:
        for cells in (100, 1000, 10_000):
            mean = 1.0 if kind in {"gauss", "events"} else float(kind)
            if cells * mean < _LEAST_COUNTS:
                continue
            series = max(300, number // max(1, cells // 1000))
            values = critical_values(kind, cells, series, seed=10_000_000 + cells)
            for asked in (0.05, 0.01):
                counts = None if kind == "gauss" else mean
                prior = false_alarm_prior(cells, asked, counts, events=kind == "events")
                found = float(np.mean(values > prior))
                error = float(np.sqrt(asked / series))
                print(f"{kind:>7} {cells:>7} {asked:7.3f} {found:7.4f} {error:7.4f}", flush=True)


def main() -> None:
    """Run the calibration or its check."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cells", type=int, default=6_000_000, help="cells simulated per size")
    parser.add_argument("--check", action="store_true", help="test the table that is there")
    parser.add_argument("--series", type=int, default=20_000, help="series per row of the check")
    default = Path(__file__).parents[2] / "eclgrmd/analysis/temporal/block_prior.json"
    parser.add_argument("--output", type=Path, default=default)
    arguments = parser.parse_args()
    if arguments.check:
        check(arguments.series)
        return
    table = calibrate(arguments.cells)
    arguments.output.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
