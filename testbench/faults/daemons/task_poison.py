"""`eclgrmd serve` for tasks that are poison to their workers; only the testbench starts it."""

import sys
from typing import Any, cast

import eclgrmd.tasks.runner
from eclgrmd.cli import main

from .task_poison_analysis import analyse

__all__: list[str] = []

if __name__ == "__main__":
    cast(Any, eclgrmd.tasks.runner).analyse = analyse
    sys.exit(main())
