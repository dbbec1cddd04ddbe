"""`eclgrmd serve` whose workers crash or hang on certain tasks; only the testbench starts it."""

import sys

import eclgrmd.tasks.work
from eclgrmd.cli import main

from .replacing import replace
from .task_poison_analysis import analyse

__all__: list[str] = []

if __name__ == "__main__":
    replace(eclgrmd.tasks.work, analyse=analyse)
    sys.exit(main())
