"""Calibrates the prior of Bayesian blocks by simulation; writes the table that eclgrmd uses.

A series of constant rate is split as soon as the prior falls below its critical value: the highest
gain of log likelihood per change point over all partitions. The distribution of critical values
over simulated series gives the prior for any false-alarm probability.

For short series, and those of few counts, the upper 15 % of the distribution are fitted by a tail
whose hazard grows linearly. Long series are fitted together, all lengths at once, by two kinds of
splits: single change points near the ends, whose number hardly grows with length, and pairs of
change points anywhere, whose number is proportional to the number of cells. Both fits maximise the
likelihood of all values in the tail, so that 1 % is known better than from the few series beyond
it.

Usage: python -m testbench accuracy/block_prior [--kinds KIND...] [--cells TOTAL] [--output FILE]
                                              [--keep FOLDER]
       python -m testbench accuracy/block_prior --check [--kinds KIND...] [--sizes CELLS...]
                                              [--cells TOTAL]
"""

import json
import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize

from eclgrmd.analysis.temporal.blocks import Segmentation
from eclgrmd.analysis.temporal.search.prior import FALSE_ALARMS, KINDS, false_alarm_prior
from testbench.checkout import CHECKOUT
from testbench.command_line import command_parser

Floats = NDArray[np.float64]

_SHORT = (10, 20, 50)
"""Numbers of cells that are calibrated one by one."""
_LONG = (100, 300, 1000, 3000, 10_000)
"""Numbers of cells that are calibrated together."""
_TABLED = (100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 100_000, 1_000_000)
"""Numbers of cells in the table, for long series."""
_LEAST_COUNTS = 5
"""Series with fewer expected counts are not calibrated."""
_FEW_COUNTS = 20
"""Series with fewer expected counts are calibrated one by one."""
_MOST_SERIES = 40_000
"""Largest number of simulated series per row."""
_MORE = {_LONG[-1]: 5}
"""Factor by which more of the longest series are drawn: longer ones are extrapolated."""
_TAIL = 0.15
"""Part of the critical values that the fit of one length uses."""
_POOLED = 0.3
"""Part of the critical values that the fit of all long series uses."""
_PATIENCE = {"maxiter": 4000, "maxfev": 4000, "xatol": 1e-4, "fatol": 1e-3}
"""Options of the Nelder-Mead search."""
_CHECKED_KINDS = ("events", "0.1", "0.3", "0.5", "1", "2", "10", "60", "gauss")
_CHECKED_SIZES = (100, 300, 1000, 3000, 10_000)
"""Numbers of cells that a check simulates."""
_CHECKED = (0.05, 0.01)
"""False-alarm probabilities that a check compares."""


def flat_series(kind: str, cells: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return counts and weights of a simulated series without change, each of shape (cells,)."""
    if kind == "gauss":
        return rng.standard_normal(cells), np.ones(cells)
    if kind == "events":
        pause = rng.standard_exponential(cells + 1)
        pause[1:-1] *= 0.5
        return np.ones(cells), np.maximum(pause[:-1] + pause[1:], 1e-12)
    return rng.poisson(float(kind), cells).astype(np.float64), np.ones(cells)


def critical_prior(count: Floats, weight: Floats, least: float, *, gaussian: bool) -> float:
    """Return the prior below which a series is split, or `least` if that is higher."""
    prior = least
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
    """Return the cost of one block without its prior."""
    N, T = float(count.sum()), float(weight.sum())
    if gaussian:
        return -0.5 * N * N / T
    return N - N * float(np.log(N / T)) if N > 0 else 0.0


def critical_values(kind: str, cells: int, number: int) -> Floats:
    """Return the highest 40 % of the critical priors of simulated flat series, sorted."""
    rng = np.random.default_rng((cells, KINDS.index(kind)))
    gaussian = kind == "gauss"

    def values(series: int, least: float) -> Floats:
        drawn = (flat_series(kind, cells, rng) for _ in range(series))
        return np.array([critical_prior(*each, least, gaussian=gaussian) for each in drawn])

    guess = 0.3 + 0.5 * float(np.log(cells))
    least = float(np.quantile(values(max(20, min(200, number // 20)), guess), 0.6))
    return np.sort(values(number, least))


def tail_quantiles(values: Floats) -> list[float]:
    """Return the prior for each of `FALSE_ALARMS`, from sorted critical values."""
    start = float(np.quantile(values, 1.0 - _TAIL))
    beyond = values[values > start] - start
    share = len(beyond) / len(values)

    def minus_log_likelihood(logs: Floats) -> float:
        hazard, growth = np.exp(logs)
        density = np.log(hazard + growth * beyond)
        return float((hazard * beyond + 0.5 * growth * beyond**2 - density).sum())

    first = np.log([1.0 / beyond.mean(), 0.1])
    hazard, growth = np.exp(minimize(minus_log_likelihood, first, method="Nelder-Mead").x)
    priors = []
    for p in FALSE_ALARMS:
        if p >= share:
            priors.append(float(np.quantile(values, 1.0 - p)))
            continue
        depth = np.log(share / p)
        priors.append(start + 2.0 * depth / (hazard + np.sqrt(hazard**2 + 2.0 * growth * depth)))
    return [round(prior, 4) for prior in priors]


def long_quantiles(values: dict[int, Floats]) -> dict[int, list[float]]:
    """Return the priors by number of cells, from sorted critical values by number of cells."""
    start = {cells: float(np.quantile(each, 1.0 - _POOLED)) for cells, each in values.items()}
    beyond = {cells: each[each > start[cells]] for cells, each in values.items()}

    def minus_log_likelihood(x: Floats) -> float:
        total = 0.0
        for cells, tail in beyond.items():
            rate, slope = _rate(x, cells, tail)
            if np.any(slope >= 0.0):
                return 1e12
            below = len(values[cells]) - len(tail)
            total += below * float(_rate(x, cells, np.array([start[cells]]))[0][0])
            total += float((rate - np.log(-slope)).sum())
        return total

    first = np.array([-3.0, -1.0, 0.0, 0.5, -9.0, -1.8, 0.0])
    fit = minimize(minus_log_likelihood, first, method="Nelder-Mead", options=_PATIENCE)
    fit = minimize(minus_log_likelihood, fit.x, method="Nelder-Mead", options=_PATIENCE)

    def prior(cells: int, p: float) -> float:
        wanted = -np.log1p(-p)
        return float(brentq(lambda c: _rate(fit.x, cells, np.array([c]))[0][0] - wanted, 1.5, 40.0))

    return {n: [round(prior(n, p), 4) for p in FALSE_ALARMS] for n in _TABLED}


def _rate(x: Floats, cells: int, c: Floats) -> tuple[Floats, Floats]:
    """Return the expected number of splits at a prior c, shape (n,), and its derivative."""
    y = c - 5.0
    ends = np.exp(x[0] + x[1] * y + x[2] * y**2 + x[3] * np.log(np.log(cells)))
    pairs = cells * np.exp(x[4] + x[5] * y + x[6] * y**2)
    return ends + pairs, ends * (x[1] + 2.0 * x[2] * y) + pairs * (x[5] + 2.0 * x[6] * y)


def calibrate(kind: str, total_cells: int, keep: Path | None) -> dict[str, list[float]]:
    """Return the priors of a kind of series by number of cells."""
    values = {}
    for cells in (*_SHORT, *_LONG):
        if _enough(kind, cells):
            number = _series(total_cells * _MORE.get(cells, 1), cells)
            path = None if keep is None else keep / f"{kind}-{cells}-{number}.npy"
            if path is not None and path.exists():
                values[cells] = np.load(path)
                continue
            values[cells] = critical_values(kind, cells, number)
            if path is not None:
                np.save(path, values[cells])
            print(f"{kind:>7} {cells:>7} cells: {number} series", file=sys.stderr, flush=True)
    alone = [cells for cells in values if cells in _SHORT or not _enough(kind, cells, _FEW_COUNTS)]
    short = {cells: tail_quantiles(values[cells]) for cells in alone}
    long = long_quantiles({cells: values[cells] for cells in _LONG if cells in values})
    return {str(cells): priors for cells, priors in sorted((long | short).items())}


def _series(total_cells: int, cells: int) -> int:
    return min(_MOST_SERIES, total_cells // cells)


def _enough(kind: str, cells: int, counts: float = _LEAST_COUNTS) -> bool:
    return kind in {"gauss", "events"} or cells * float(kind) >= counts


def false_alarms(kind: str, cells: int, number: int) -> Floats:
    """Return how many series of constant rate are split, for each of `_CHECKED`."""
    rng = np.random.default_rng((cells, 77, _CHECKED_KINDS.index(kind)))
    gaussian, events = kind == "gauss", kind == "events"
    mean = None if gaussian or events else float(kind)
    priors = [false_alarm_prior(cells, asked, mean, events=events) for asked in _CHECKED]
    split = np.zeros(len(_CHECKED))
    for _ in range(number):
        series = flat_series(kind, cells, rng)
        for k, prior in enumerate(priors):
            segmentation = Segmentation(prior, gaussian=gaussian)
            segmentation.append(*series)
            if len(segmentation.starts) == 1:
                break
            split[k] += 1
    return split


def check(kinds: Sequence[str], sizes: Sequence[int], total_cells: int) -> None:
    """Print the false-alarm rates of new simulations, also between tabled cells and counts."""
    print(f"{'kind':>7} {'cells':>7} {'series':>7} {'asked':>7} {'found/asked':>12} {'error':>7}")
    ratios = []
    for cells, kind in product(sizes, kinds):
        if not _enough(kind, cells):
            continue
        number = _series(total_cells, cells)
        split = false_alarms(kind, cells, number)
        for asked, found in zip(_CHECKED, split / number, strict=True):
            error = float(np.sqrt((1.0 - asked) / (asked * number)))
            ratios.append((asked, found / asked, error))
            print(
                f"{kind:>7} {cells:>7} {number:>7} {asked:7.2f} {found / asked:12.3f} {error:7.3f}",
                flush=True,
            )
    for asked in _CHECKED:
        part = [(ratio, error) for p, ratio, error in ratios if p == asked]
        weight = np.array([error for _, error in part]) ** -2.0
        mean = float(np.dot([ratio for ratio, _ in part], weight) / weight.sum())
        off = sum(abs(ratio - 1.0) > 0.1 + 2.0 * error for ratio, error in part)
        print(
            f"asked {asked}: {mean:.3f} +- {weight.sum() ** -0.5:.3f} times in the mean; "
            f"{off} of {len(part)} off by more than 10 % (beyond 2 sigma of the check)"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the calibration or its check."""
    parser = command_parser("accuracy/block_prior", __doc__)
    parser.add_argument("--cells", type=int, default=12_000_000, help="cells simulated per row")
    parser.add_argument("--check", action="store_true", help="check the existing table")
    parser.add_argument("--kinds", nargs="+", help="kinds to calibrate; others stay as they are")
    parser.add_argument(
        "--sizes", nargs="+", type=int, default=_CHECKED_SIZES, help="numbers of cells to test"
    )
    default = CHECKOUT / "eclgrmd/analysis/temporal/search/block_prior.json"
    parser.add_argument("--output", type=Path, default=default)
    parser.add_argument("--keep", type=Path, help="folder of simulated values, to resume from")
    options = parser.parse_args(arguments)
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
    if options.check:
        check(options.kinds or _CHECKED_KINDS, options.sizes, options.cells)
        return 0
    path = options.output
    table = json.loads(path.read_text()) if path.exists() else {}
    for kind in options.kinds or KINDS:
        table[kind] = calibrate(kind, options.cells, options.keep)
        path.write_text(json.dumps(table).replace("}, ", "},\n").replace("], ", "],\n ") + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
