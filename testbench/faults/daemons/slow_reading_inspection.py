"""Readers that hang on files and notices named `hangs`."""

import time
from typing import Any

from eclgrmd.ingest import worker_functions
from eclgrmd.model.quicklook.notice import Notice

__all__ = ["inspect", "read_notice"]


def inspect(path: str, name: str, reserve_bytes: int) -> dict[str, Any]:
    """Inspect a file, or hang."""
    if name.startswith("hangs"):
        time.sleep(3600)
    return worker_functions.inspect(path, name, reserve_bytes)


def read_notice(payload: bytes) -> Notice:
    """Read a notice, or hang."""
    if b"hangs" in payload:
        time.sleep(3600)
    return worker_functions.read_notice(payload)
