"""What a worker of the bare chain does: it leaves a file safely on disk."""

import os
from pathlib import Path

__all__ = ["write_synced"]


def write_synced(path: str) -> None:
    """Write a small file, and sync it and its folder."""
    with Path(path).open("wb") as file:
        file.write(bytes(2000))
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(Path(path).parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
