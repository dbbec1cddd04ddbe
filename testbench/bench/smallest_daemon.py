"""`eclgrmd serve` whose analyses do next to nothing, so that only the daemon's own work is left."""

import sys

import eclgrmd.tasks.work
from eclgrmd.cli import main
from testbench.faults.daemons.replacing import replace

__all__: list[str] = []

if __name__ == "__main__":
    # A string: the numerics that the module imports belong in the workers alone.
    replace(eclgrmd.tasks.work, analyse="testbench.bench.smallest_analysis:analyse")
    sys.exit(main())
