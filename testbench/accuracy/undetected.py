"""Derives the tables of `calibration` of durations from the records of a coverage study.

For each range of significance it derives the median part of the duration that is lost. After a
correction for that it derives relative errors, down and up, which are added in quadrature to those
of the replicas: with them the truth lies below and above the 68 % interval in 15.87 % of the bursts
each, and below and above the 95 % interval in 2.275 %. What the present tables contributed to each
burst is removed first. Effects are those at the typical flatness of the end.

Usage: python -m testbench accuracy/undetected [--searched] RECORDS...
       (from testbench/accuracy/temporal --output; --searched: from temporal_resegmented)
"""

import itertools
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.width.calibration import (
    NOTHING,
    SIGMA,
    TYPICAL_FLATNESS,
    Undetected,
    Unknown,
    unknown_of,
)
from testbench.command_line import command_parser

from .study import Record

__all__ = ["relative_error"]

Floats = NDArray[np.float64]
_OUTSIDE = (0.1587, 0.1587, 0.02275, 0.02275)
"""Part of the truths that may lie outside each error: one-sided 1 and 2 sigma."""
_EDGES = (0.0, 11.0, 18.0, 32.0, 50.0, 85.0, 160.0, np.inf)
"""Edges of the ranges of significance, sigma, around those of the calibration."""
_TRIED = np.concatenate([[0.0], np.geomspace(1e-4, 20.0, 400)])
"""Relative errors that are tried."""


def relative_error(
    deviation: Floats, replicas: Floats, found: Floats, outside: float = 0.1587
) -> float:
    """Return the smallest relative error that leaves at most a given part of truths outside.

    Parameters
    ----------
    deviation
        Distance of the truth from the value, outwards, shape (n,).
    replicas
        Errors from replicas, shape (n,).
    found
        Measured values, or these times the factor of the flatness, shape (n,).
    outside
        Part of the truths that may lie outside.
    """
    for relative in _TRIED:
        if np.mean(deviation > np.hypot(replicas, relative * found)) <= outside:
            return float(relative)
    return float("inf")


def _derive(records: list[Record], name: str, typical: float) -> list[float]:
    found, true, minus, plus, low, high, flatness = (
        np.array([r[key] for r in records], dtype=float)
        for key in (
            *(f"{name}{what}" for what in ("", "_true", "_minus", "_plus", "_low", "_high")),
            f"{name}_flatness",
        )
    )
    used = np.array([[r[f"{name}_applied_{e}"] for e in Unknown._fields] for r in records], float)
    one = Undetected(Unknown(1.0, 1.0, 1.0, 1.0, 1.0), NOTHING, 0.0, typical)
    factor = np.array([one.at_flatness(flat).lost for flat in flatness])
    errors = np.column_stack([minus, plus, found - low, high - found])
    errors = np.sqrt(np.maximum(np.square(errors) - np.square(used[:, 1:] * found[:, None]), 0.0))
    found = found / (1.0 + used[:, 0])
    lost = max(0.0, float(np.median((true / found - 1.0) / factor)))
    found = found * (1.0 + lost * factor)
    outwards = np.column_stack([found - true, true - found, found - true, true - found])
    return [
        lost,
        *(
            relative_error(outwards[:, k], errors[:, k], factor * found, outside)
            for k, outside in enumerate(_OUTSIDE)
        ),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the derived errors and those in use."""
    parser = command_parser("accuracy/undetected", __doc__)
    parser.add_argument("--searched", action="store_true", help="replicas were segmented again")
    parser.add_argument("records", type=Path, nargs="+", help="records of accuracy/temporal")
    options = parser.parse_args(arguments)
    lines = [line for path in options.records for line in path.read_text().splitlines()]
    records: list[Record] = [r for r in map(json.loads, lines) if r["t90"]]
    searched: bool = options.searched
    print(f"{len(records)} bursts: derived and in use: lost, down, up, far down, far up")
    for fraction, name in enumerate(("t90", "t50")):
        for middle, (low, high) in zip(SIGMA, itertools.pairwise(_EDGES), strict=True):
            part = [r for r in records if low <= (r["significance"] or 0.0) < high]
            if not part:
                continue
            derived = "".join(f"{v:8.3f}" for v in _derive(part, name, TYPICAL_FLATNESS[fraction]))
            used = "".join(f"{v:8.3f}" for v in unknown_of(middle, searched=searched)[fraction])
            print(f"{name}  {low:4.0f} to {high:4.0f}{len(part):6}  {derived}  {used}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
