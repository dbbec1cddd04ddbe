"""`eclgrmd serve` whose analyses are next to nothing: what is left is the daemon's own work."""

import sys
from typing import Any, cast

import eclgrmd.tasks.runner
from eclgrmd.cli import main

from .small_jobs import analyse

__all__: list[str] = []

if __name__ == "__main__":
    cast(Any, eclgrmd.tasks.runner).analyse = analyse
    sys.exit(main())
