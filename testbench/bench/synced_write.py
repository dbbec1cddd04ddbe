"""The worker's part of the floor: a file that is safely on disk."""

import os
from pathlib import Path

__all__ = ["write_synced"]


def write_synced(path: str) -> None:
    """Write a small file; sync it and its folder."""
    with Path(path).open("wb") as file:
        file.write(bytes(2000))
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(Path(path).parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
