"""`eclgrmd serve` whose analyses are next to nothing: what is left is the daemon's own work."""

import sys
from typing import Any, cast

import eclgrmd.tasks.runner
from eclgrmd.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    # By name: the numerics that it imports are for the workers alone.
    cast(Any, eclgrmd.tasks.runner).analyse = "testbench.bench.smallest_analysis:analyse"
    sys.exit(main())
