"""Coverage study of the errors that come from replicas which are searched for the burst again.

The bursts and the table are those of `temporal_coverage`.

Usage: python -m testbench.accuracy.temporal_resegmented [--bursts N] [--first SEED] [--output FILE]
       [--table]
"""

from functools import partial
from pathlib import Path

from testbench.accuracy.study import run_study
from testbench.accuracy.temporal_coverage import measure_one, table


def main() -> None:
    """Run the study, or print the table of what is there."""
    about = (__doc__ or "").splitlines()[0]
    again = partial(measure_one, resegment=True, replicas=100)
    run_study(about, Path("build/temporal-resegmented.jsonl"), 2000, again, table)


if __name__ == "__main__":
    main()
