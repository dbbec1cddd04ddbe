"""Reads references: published values of each burst, and the names of its files."""

from pathlib import Path

import msgspec

from .case import Reference

__all__ = ["ReferencesError", "read_references"]


class ReferencesError(Exception):
    """Raised when a file of references cannot be used; the text says why."""


def read_references(path: Path) -> list[Reference]:
    """Read a file of references.

    Raises
    ------
    ReferencesError
        If it is missing, not JSON, or not a list of entries with `id` and `files`.
    """
    try:
        entries = msgspec.json.decode(path.read_bytes(), type=list[Reference])
    except OSError as error:
        raise ReferencesError(f"{path}: {error.strerror}: give --references FILE") from error
    except msgspec.DecodeError as error:
        raise ReferencesError(f"{path}: {error}: must be a JSON list of objects") from error
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry.get("id"), str) or not _names(entry.get("files")):
            raise ReferencesError(
                f"{path}: entry {number} must have an id and a list of files, as paths in the data"
            )
    return entries


def _names(files: object) -> bool:
    return isinstance(files, list) and all(isinstance(name, str) for name in files)
