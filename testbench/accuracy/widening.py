"""Derives `WIDENING` of `eclgrmd.analysis.temporal.calibration` from records of a coverage study.

The factors on the spread of the replicas that leave the truth above and below the 68 % interval in
15.87 % of the bursts each. The factors in use are taken out of the records first.

Usage: python -m testbench.accuracy.widening RECORDS... (from temporal_resegmented)
"""

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.calibration import WIDENING

__all__ = ["derive"]

Floats = NDArray[np.float64]
_INSIDE = 0.84134


def derive(true: Floats, found: Floats, minus: Floats, plus: Floats) -> tuple[float, float]:
    """Give the factors on errors down and up.

    Parameters
    ----------
    true, found
        Durations, shape (n,).
    minus, plus
        Their errors without any factor, positive, shape (n,).
    """
    excess = true - found
    up = float(np.quantile(excess / np.maximum(plus, 1e-9), _INSIDE))
    down = float(np.quantile(-excess / np.maximum(minus, 1e-9), _INSIDE))
    return down, up


def main() -> None:
    """Print the derived factors beside those in use."""
    lines = [line for name in sys.argv[1:] for line in Path(name).read_text().splitlines()]
    records = [r for r in map(json.loads, lines) if r["t90"]]
    print(f"{len(records)} bursts: factors derived and in use")
    for name, fraction in (("t90", 0.9), ("t50", 0.5)):
        true, found, minus, plus = (
            np.array([r[f"{name}{what}"] for r in records])
            for what in ("_true", "", "_minus", "_plus")
        )
        used = WIDENING[fraction]
        down, up = derive(true, found, minus / used[0], plus / used[1])
        print(f"{name}  down {down:.2f} ({used[0]:.2f}), up {up:.2f} ({used[1]:.2f})")


if __name__ == "__main__":
    main()
