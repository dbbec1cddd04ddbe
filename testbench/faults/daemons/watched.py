"""`eclgrmd serve` that notes when a task runs twice at the same time; only the testbench starts it.

Each analysis holds a file lock. The kernel releases it when the process ends, however it ends.
"""

import sys

import eclgrmd.tasks.work
from eclgrmd.cli import main

from .replacing import replace
from .watched_analysis import analyse

__all__: list[str] = []

if __name__ == "__main__":
    replace(eclgrmd.tasks.work, analyse=analyse)
    sys.exit(main())
