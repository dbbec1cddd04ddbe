"""`eclgrmd serve` whose analyses each hold a lock: two runs of a task at a time are seen.

Only the testbench starts it. The kernel frees the lock of a process that ends, however it ends.
"""

import sys
from typing import Any, cast

import eclgrmd.tasks.runner
from eclgrmd.cli import main

from .watched_analysis import analyse

__all__: list[str] = []

if __name__ == "__main__":
    cast(Any, eclgrmd.tasks.runner).analyse = analyse
    sys.exit(main())
