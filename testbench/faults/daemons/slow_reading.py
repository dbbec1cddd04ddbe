"""`eclgrmd serve` whose readers come to no end with what is named so; only tests start it."""

import sys
from typing import Any, cast

import eclgrmd.ingest.packets
import eclgrmd.ingest.receive
from eclgrmd.cli import main

from .slow_reading_inspection import inspect, read_notice

__all__: list[str] = []

_FOR_EVER_S = 3600.0

if __name__ == "__main__":
    receive, packets = cast(Any, eclgrmd.ingest.receive), cast(Any, eclgrmd.ingest.packets)
    receive.inspect, packets.read_notice = inspect, read_notice
    receive._INSPECTION_BASE_S = receive._INSPECTION_LIMIT_S = _FOR_EVER_S  # noqa: SLF001 - no end
    packets._READING_LIMIT_S = _FOR_EVER_S  # noqa: SLF001 - no end
    sys.exit(main())
