"""Coverage study of errors from replicas that are segmented again.

Bursts and table are the same as in `temporal`.

Usage: python -m testbench accuracy/temporal_resegmented [--bursts N] [--first SEED] [--output FILE]
       [--table]
"""

import sys
from collections.abc import Sequence
from functools import partial

from testbench.checkout import CHECKOUT

from .study import run_study
from .temporal import measure_one, table


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study, or only print the table of the existing records."""
    again = partial(measure_one, resegment=True, replicas=100)
    output = CHECKOUT / "build" / "temporal-resegmented.jsonl"
    run_study(
        "accuracy/temporal_resegmented",
        __doc__,
        output,
        2000,
        again,
        table,
        arguments,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
