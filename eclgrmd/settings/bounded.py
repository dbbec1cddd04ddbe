"""Reading of small files: configuration and secrets."""

from pathlib import Path

from eclgrmd.errors import InputError

__all__ = ["read_small_file"]

_LARGEST_BYTES = 1_000_000
"""Largest file that is read; `etc/task.yaml`, with all keys, has 6 kB."""


def read_small_file(path: Path) -> bytes:
    """Return the content of a file; one without end, such as a device, is read no further.

    Raises
    ------
    InputError
        If it has more than 1 MB.
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(_LARGEST_BYTES + 1)
    if len(content) > _LARGEST_BYTES:
        raise InputError(f"{path}: too large: it must have at most 1 MB")
    return content
