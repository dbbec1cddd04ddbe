"""`eclgrmd serve` that hangs on files and notices named `hangs`; only the testbench starts it."""

import sys

import eclgrmd.ingest.packets
import eclgrmd.ingest.receive
from eclgrmd.cli import main

from .replacing import replace
from .slow_reading_inspection import inspect, read_notice

__all__: list[str] = []

_NO_LIMIT_S = 3600.0
"""Limit of an inspection that no test reaches, seconds."""

if __name__ == "__main__":
    replace(
        eclgrmd.ingest.receive,
        inspect=inspect,
        _INSPECTION_BASE_S=_NO_LIMIT_S,
        _INSPECTION_LIMIT_S=_NO_LIMIT_S,
    )
    replace(eclgrmd.ingest.packets, read_notice=read_notice, _READING_LIMIT_S=_NO_LIMIT_S)
    sys.exit(main())
