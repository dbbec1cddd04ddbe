"""Derives the table of `eclgrmd.analysis.temporal.calibration` from records of the coverage study.

For each range of significance: the relative error upwards that, added in quadrature to the
bootstrap's own, leaves the truth above the interval in 15.87 % of the bursts. The error that the
present table adds is taken out of the records first.

Usage: python -m testbench.accuracy.undetected RECORDS (from testbench/accuracy/temporal --output)
"""

import itertools
import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.calibration import undetected_error

Floats = NDArray[np.float64]
_ABOVE = 0.1587
_EDGES = (0.0, 10.0, 15.0, 20.0, 30.0, 40.0, 70.0, 100.0, 200.0, np.inf)
_TRIED = np.concatenate([[0.0], np.geomspace(1e-4, 20.0, 400)])


def relative_error(excess: Floats, bootstrap: Floats, found: Floats) -> float:
    """Give the smallest relative error that leaves at most 15.87 % of the truths above."""
    for relative in _TRIED:
        if np.mean(excess > np.hypot(bootstrap, relative * found)) <= _ABOVE:
            return float(relative)
    return float("inf")


def main() -> None:
    """Print the derived errors beside those in use."""
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    records = [r for r in map(json.loads, lines) if r["t90"]]
    sigma = np.array([r["significance"] for r in records])
    print(f"{len(records)} bursts\n{'':5}{'sigma':>14}{'n':>6}{'derived':>10}{'in use':>10}")
    for name, fraction in (("t90", 0.9), ("t50", 0.5)):
        found = np.array([r[name] for r in records])
        added = np.array([undetected_error(fraction, s) for s in sigma]) * found
        plus = np.array([r[f"{name}_plus"] for r in records])
        bootstrap = np.sqrt(np.maximum(plus**2 - added**2, 0.0))
        excess = np.array([r[f"{name}_true"] for r in records]) - found
        for low, high in itertools.pairwise(_EDGES):
            part = (sigma >= low) & (sigma < high)
            if not part.any():
                continue
            middle = float(np.median(sigma[part]))
            derived = relative_error(excess[part], bootstrap[part], found[part])
            used = undetected_error(fraction, middle)
            print(f"{name:5}{low:6.0f} to {high:4.0f}{part.sum():6}{derived:10.4f}{used:10.4f}")


if __name__ == "__main__":
    main()
