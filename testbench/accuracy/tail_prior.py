"""Measures the tails of simulated bursts outside their blocks: the prior of tails.

For bursts of the coverage study, at either edge of T100: the true rate in units of the mean rate of
the block there (amplitude), and the counts beyond the edge in units of that rate and of the length
of T100 (tau).

Usage: python -m testbench accuracy/tail_prior [--bursts N] [--first SEED]
"""

import itertools
import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eclgrmd.analysis.temporal.search.find import find_bursts
from eclgrmd.model.configuration.sections import TaskConfiguration
from testbench.command_line import command_parser

from .temporal import simulate

__all__ = ["tails_of_burst"]

Floats = NDArray[np.float64]
_EDGES = (0.0, 20.0, 40.0, 100.0, np.inf)
"""Edges of the ranges of significance in the table, sigma."""
_LEVELS = (5.0, 16.0, 50.0, 84.0, 95.0)
"""Percentiles in the table: the median, and 68 and 90 % around it."""
_EVERY = 50
"""Bursts between two progress messages."""


def tails_of_burst(seed: int) -> Floats | None:
    """Return the tails of a burst on both sides, or None if no burst is found.

    Shape (6,): significance, pulses, and amplitude and tau before and after the burst. An amplitude
    is 0 if nothing is left.
    """
    truth, counts, data = simulate(seed)
    found = find_bursts(data, TaskConfiguration()).instruments[0]
    if found.t100_s is None or found.significance is None:
        return None
    curve, finding = found.curve, found.finding
    extent_s = found.t100_s[1] - found.t100_s[0]
    net = np.add.reduceat(curve.counts - finding.expected, finding.starts)
    rates = (net / np.add.reduceat(curve.exposure_s, finding.starts))[finding.burst]
    true_rate = np.gradient(truth.fraction, truth.time_s) * counts
    row = [found.significance, float(truth.pulses)]
    for side, (at_s, block) in enumerate(zip(found.t100_s, rates[[0, -1]], strict=True)):
        inside = float(np.interp(at_s, truth.time_s, truth.fraction))
        rate = float(np.interp(at_s, truth.time_s, true_rate))
        beyond = counts * (1.0 - inside if side else inside)
        row += [rate / block, beyond / rate / extent_s] if rate > 0.0 else [0.0, 0.0]
    return np.array(row)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print percentiles of amplitudes and taus by significance."""
    parser = command_parser("accuracy/tail_prior", __doc__)
    parser.add_argument(
        "--bursts", type=int, default=500, help="number of bursts; default: %(default)s"
    )
    parser.add_argument(
        "--first", type=int, default=31_000, help="seed of the first burst; default: %(default)s"
    )
    options = parser.parse_args(arguments)
    rows = []
    for k in range(options.bursts):
        rows.append(tails_of_burst(options.first + k))
        if (k + 1) % _EVERY == 0:
            print(f"\r{k + 1} of {options.bursts} bursts", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    values = np.array([row for row in rows if row is not None])
    for low, high in itertools.pairwise(_EDGES):
        for name, sharp in (("fading", values[:, 1] > 0), ("sharp end", values[:, 1] == 0)):
            part = values[(values[:, 0] >= low) & (values[:, 0] < high) & sharp]
            for column, side in ((2, "before"), (4, "after")):
                left = part[part[:, column] > 1e-6]
                if len(left) == 0:
                    continue
                percent = np.percentile(left[:, column : column + 2], _LEVELS, axis=0).T
                columns = "  ".join(" ".join(f"{v:6.3f}" for v in row) for row in percent)
                print(f"{low:4.0f} to {high:4.0f} {name:9} {side:6} {len(left):4}  {columns}")
    print("percentiles 5, 16, 50, 84, 95 of amplitude and of tau")
    return 0


if __name__ == "__main__":
    sys.exit(main())
